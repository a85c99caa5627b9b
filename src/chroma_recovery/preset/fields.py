"""The model's fields as the reader and the reference see them: type, limits, default, taken from the attrs
classes.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from .model import Preset

__all__ = ["Field", "fields_of", "walk"]


@attrs.frozen
class Field:
    """One field of the model.

    kind: ``str``, ``int``, ``float``, ``bool``, ``model`` (a mapping), ``numbers`` (a list of numbers) or
    ``models`` (a list of mappings). model: class of a mapping or of a list's items. optional: None is a
    value. required: no default. default: its value (None if required). limits: the metadata, see
    ``model.py``.
    """

    name: str
    kind: str
    optional: bool
    required: bool
    default: Any
    model: type[Any] | None
    limits: Mapping[str, Any]

    @property
    def help(self) -> str:
        return str(self.limits["help"])


_KNOWN: dict[type[Any], Mapping[str, Field]] = {}


def fields_of(cls: type[Any]) -> Mapping[str, Field]:
    """Fields of a model class by name, in order."""
    if cls not in _KNOWN:
        hints = get_type_hints(cls)
        _KNOWN[cls] = {a.name: _field(a, hints[a.name]) for a in attrs.fields(cls)}
    return _KNOWN[cls]


def _field(attribute: attrs.Attribute[Any], hint: Any) -> Field:
    optional = False
    if get_origin(hint) in (Union, types.UnionType):
        rest = [t for t in get_args(hint) if t is not type(None)]
        optional, hint = True, rest[0]
    model: type[Any] | None = None
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        kind = "models" if attrs.has(item) else "numbers"
        model = item if attrs.has(item) else None
    elif attrs.has(hint):
        kind, model = "model", hint
    else:
        kind = hint.__name__
    default: Any = attribute.default
    required = default is attrs.NOTHING
    if required:
        default = None
    elif isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = default.factory()
    return Field(attribute.name, kind, optional, required, default, model, attribute.metadata)


def walk(cls: type[Any] = Preset, prefix: str = "") -> list[tuple[str, Field]]:
    """Every field below a class, depth first, as (dotted path, field); items of a list are ``name[]``."""
    found: list[tuple[str, Field]] = []
    for name, field in fields_of(cls).items():
        path = f"{prefix}{name}"
        found.append((path, field))
        if field.model is not None:
            found += walk(field.model, f"{path}[]." if field.kind == "models" else f"{path}.")
    return found
