"""How the model says what a field means; see ``model.py`` for the metadata."""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

__all__ = ["part", "said"]

T = TypeVar("T")


def said(meaning: str, default: Any = attrs.NOTHING, **limits: Any) -> Any:
    """A field: what it means, its default, its limits."""
    return attrs.field(default=default, metadata={"help": meaning, **limits})


def part(cls: type[T], meaning: str) -> Any:
    """A nested mapping that may be left out."""
    return attrs.field(factory=cls, metadata={"help": meaning})
