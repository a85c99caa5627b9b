"""A preset with everything filled in: each value, and where it came from. Two presets, value by value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from .editing.spelling import spell_text
from .fields import Field, fields_of
from .load import Loaded
from .places import Place
from .reference import plain

__all__ = ["Difference", "Value", "differences", "resolved_text", "values"]

WIDEST = 58
"""Column of the remarks, unless a value is longer."""


@attrs.frozen
class Value:
    """One value. path: its field. place: where a file says it, None for a default."""

    path: str
    value: Any
    field: Field
    place: Place | None

    @property
    def spelled(self) -> str:
        """As a preset spells it."""
        return _spelled(self.value)

    @property
    def origin(self) -> str:
        """``file:line``, or ``default``."""
        return "default" if self.place is None else f"{self.place.file}:{self.place.line}"


@attrs.frozen
class Difference:
    """A value that two presets do not share; None on the side that lacks it."""

    path: str
    first: Value | None
    second: Value | None


def values(loaded: Loaded) -> list[Value]:
    """Every single value of a preset, in the order of the reference; lists of mappings item by item."""
    return list(_values(loaded.preset, "", loaded))


def _values(model: Any, prefix: str, loaded: Loaded) -> Iterator[Value]:
    for name, field in fields_of(type(model)).items():
        path = f"{prefix}{name}"
        value = getattr(model, name)
        if field.kind == "models" and value:
            for n, item in enumerate(value):
                yield from _values(item, f"{path}[{n}].", loaded)
        elif field.kind == "model" and value is not None:
            yield from _values(value, f"{path}.", loaded)
        else:
            yield Value(path, value, field, loaded.origin.get(path))


def _spelled(value: Any) -> str:
    if isinstance(value, str):
        return spell_text(value)
    return plain(value)


def resolved_text(loaded: Loaded, only: str = "") -> str:
    """The whole preset as YAML that extends nothing, with the origin of each value behind it.

    only: this field and what is below it. Paths in it start where those of the files that said them do.
    """
    found = [v for v in values(loaded) if not only or _below(v.path, only)]
    lines: list[str] = []
    open_parts: list[str] = []
    for value in found:
        *parts, name = value.path.split(".")
        shared = 0
        while shared < min(len(parts), len(open_parts)) and parts[shared] == open_parts[shared]:
            shared += 1
        dash = False
        for depth in range(shared, len(parts)):
            dash = _open(lines, parts, open_parts, depth)
        open_parts = parts
        pad = _pad(parts)
        lead = pad[:-2] + "- " if dash else pad
        lines.append(_remarked(f"{lead}{name}: {value.spelled}", value.origin))
    return "\n".join(lines) + "\n" if lines else ""


def _below(path: str, only: str) -> bool:
    return path == only or path.startswith((f"{only}.", f"{only}["))


def _pad(parts: list[str]) -> str:
    return "  " * sum(2 if "[" in part else 1 for part in parts)


def _open(lines: list[str], parts: list[str], before: list[str], depth: int) -> bool:
    """Begin a mapping, or an item of a list: its key is written with the first item. Whether it is an item."""
    part = parts[depth]
    name, _, number = part.partition("[")
    if not number:
        lines.append(f"{_pad(parts[:depth])}{part}:")
        return False
    begun = (
        depth < len(before) and before[:depth] == parts[:depth] and before[depth].partition("[")[0] == name
    )
    if not begun:
        lines.append(f"{_pad(parts[:depth])}{name}:")
    return depth == len(parts) - 1


def _remarked(line: str, remark: str) -> str:
    return f"{line.ljust(WIDEST)}  # {remark}"


def differences(first: Loaded, second: Loaded) -> list[Difference]:
    """Values that differ, in the order of the reference. Pairs are compared by their Source frame, keys by their
    pair: ``pairs[471].note``.
    """
    ours, theirs = _by_name(first), _by_name(second)
    _only_the_frame(ours, theirs)
    _only_the_frame(theirs, ours)
    names = list(ours) + [n for n in theirs if n not in ours]
    return [
        Difference(name, ours.get(name), theirs.get(name))
        for name in names
        if name not in ours or name not in theirs or ours[name].value != theirs[name].value
    ]


def _only_the_frame(ours: dict[str, Value], theirs: dict[str, Value]) -> None:
    """Leave one line, ``pairs[471]``, of a pair or key that only one side has."""
    for name in [n for n in ours if n.endswith(("].source", "].pair")) and n not in theirs]:
        item = name.rpartition(".")[0]
        frame = ours[name]
        for path in [n for n in ours if n.startswith(f"{item}.")]:
            del ours[path]
        ours[item] = frame


def _by_name(loaded: Loaded) -> dict[str, Value]:
    found = values(loaded)
    frames = {
        v.path.rpartition(".")[0]: v.value
        for v in found
        if v.path.endswith(("].source", "].pair")) and v.path.partition("[")[0] in _KEYED
    }
    named: dict[str, Value] = {}
    for value in found:
        owner, _, name = value.path.rpartition(".")
        path = value.path
        if owner in frames:
            path = f"{owner.partition('[')[0]}[{frames[owner]}].{name}"
        named[path] = value
    return named


_KEYED = ("pairs", "alignment.keys", "crop.keys")
