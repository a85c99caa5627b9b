"""Which frames stand for a shot."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["some_of"]


def some_of(frames: Sequence[int]) -> list[int]:
    """First, middle and last."""
    return sorted({frames[0], frames[len(frames) // 2], frames[-1]})
