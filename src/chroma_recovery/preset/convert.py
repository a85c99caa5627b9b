"""A tree of nodes to the model, driven by the model's own fields; every mistake is noted, none is corrected
silently.

A scalar is read by its text and by the field it is for: ``NO`` and ``12:30`` are texts where text is wanted
and an error where a number is wanted. What could not be read is filled with a neutral value and its field
path is kept in ``broken``, so that rules about other fields can still be checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from ..errors import did_you_mean
from .fields import Field, fields_of
from .nodes import Entry, ListNode, MapNode, Node, Refused, Scalar
from .places import Findings, Place, Spot
from .words import check_text

__all__ = ["Reading", "convert"]

_INT = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,14})\Z")
_FLOAT = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{0,30})?|\.[0-9]{1,30})\Z")
_LIKE_NUMBER = re.compile(r"[+-]?[0-9.][0-9a-fA-FxXoO_.,:+'eE -]*\Z")
_NOTHING = ("", "~", "null", "Null", "NULL")
_BOOLS = {"true": True, "false": False}
_LIKE_BOOL = {
    **dict.fromkeys(("yes", "on", "y", "1", "true"), "true"),
    **dict.fromkeys(("no", "off", "n", "0", "false"), "false"),
}
_WANTED = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}


@attrs.define
class Reading:
    """What converting found. origin: field path -> place of its value. broken: field paths that could not
    be read.
    """

    findings: Findings
    origin: dict[str, Place] = attrs.field(factory=dict)
    spots: dict[str, Spot] = attrs.field(factory=dict)
    broken: set[str] = attrs.field(factory=set)

    def wrong(self, code: str, spot: Spot, path: str, message: str, hint: str = "") -> None:
        """Note a mistake in the value of a field."""
        self.broken.add(path)
        self.findings.add(code, spot, f"{path}: {message}" if path else message, hint)

    def said(self, path: str, spot: Spot) -> None:
        """Note where a field's value stands."""
        self.origin[path] = spot.place
        self.spots[path] = spot


def convert(cls: type[Any], node: MapNode, reading: Reading, path: str = "", key: Spot | None = None) -> Any:
    """An instance of a model class; see the module's text for what happens to mistakes."""
    fields = fields_of(cls)
    values: dict[str, Any] = {}
    for name, entry in node.entries.items():
        if name not in fields:
            spot = entry.key.spot
            here = f"{path}." if path else ""
            known = [*fields, *(() if path else ("extends",))]
            hint = did_you_mean(name, known) or "known here: " + ", ".join(known)
            if " " in name and _is_nothing(entry.value):
                hint = "text that holds a comma needs quotes"
            reading.findings.add("CR107", spot, f"{here}{_word(name)}: unknown key", hint)
            continue
        where = f"{path}.{name}" if path else name
        reading.said(where, entry.value.spot)
        values[name] = _value(fields[name], entry.value, reading, where, entry.key.spot)
    missing = [f for f in fields.values() if f.required and f.name not in values]
    for field in missing:
        where = f"{path}.{field.name}" if path else field.name
        example = field.limits.get("example")
        hint = f"for example {field.name}: {example}" if example is not None else ""
        reading.wrong("CR108", key or node.spot, where, f"must be given: {field.help}", hint)
        values[field.name] = _neutral(field)
    return cls(**values)


def _neutral(field: Field) -> Any:
    """A stand-in for a value that could not be read."""
    if not field.required:
        return field.default
    if field.kind == "model" and field.model is not None:
        return field.model(**{f.name: _neutral(f) for f in fields_of(field.model).values()})
    return {"str": "", "int": 0, "float": 0.0, "bool": False}.get(field.kind, ())


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text in _NOTHING


def _value(field: Field, node: Node, reading: Reading, path: str, key: Spot) -> Any:
    if isinstance(node, Refused):
        reading.broken.add(path)
        return _neutral(field)
    if field.optional and _is_nothing(node):
        return None
    if not field.required and field.limits.get("form") == "path" and _is_nothing(node):
        return field.default  # no file is called null; other texts are what was typed
    if field.kind == "model":
        return _model(field, node, reading, path, key)
    if field.kind in ("numbers", "models"):
        return _list(field, node, reading, path)
    if not isinstance(node, Scalar):
        shape = "a list" if isinstance(node, ListNode) else "a mapping"
        reading.wrong("CR105", node.spot, path, f"needs {_WANTED[field.kind]}, got {shape}")
        return _neutral(field)
    return _scalar(field, node, reading, path)


def _model(field: Field, node: Node, reading: Reading, path: str, key: Spot) -> Any:
    assert field.model is not None  # noqa: S101 - by the field's kind
    if _is_nothing(node):  # every line below the key is commented out
        node = MapNode({}, key)
    if not isinstance(node, MapNode):
        got = f"the text {_quoted(node)}" if isinstance(node, Scalar) else "a list"
        reading.wrong(
            "CR105",
            node.spot,
            path,
            f"needs a mapping, got {got}",
            "its keys: " + ", ".join(fields_of(field.model)),
        )
        return _neutral(field)
    return convert(field.model, node, reading, path, key)


def _list(field: Field, node: Node, reading: Reading, path: str) -> Any:
    if not isinstance(node, ListNode):
        got = "a mapping" if isinstance(node, MapNode) else _quoted(node)
        reading.wrong(
            "CR105", node.spot, path, f"needs a list, got {got}", "write [..., ...] or one '- ' per line"
        )
        return _neutral(field)
    size = field.limits.get("size")
    if size is not None and len(node.items) != size:
        reading.wrong("CR112", node.spot, path, f"needs {size} numbers, got {len(node.items)}", field.help)
        return _neutral(field)
    found = []
    for number, item in enumerate(node.items):
        where = f"{path}[{number}]"
        reading.said(where, item.spot)
        found.append(_item(field, item, reading, where))
    return tuple(found)


def _item(field: Field, node: Node, reading: Reading, path: str) -> Any:
    if field.model is None:
        number = Field(field.name, "float", False, True, None, None, {**field.limits, "size": None})
        return _value(number, node, reading, path, node.spot)
    item = Field(field.name, "model", False, True, None, field.model, field.limits)
    shorthand = field.limits.get("shorthand")
    if shorthand and isinstance(node, Scalar):
        where = f"{path}.{shorthand}"
        entry = Entry(Scalar(shorthand, True, node.spot), node)
        reading.said(where, node.spot)
        return convert(field.model, MapNode({shorthand: entry}, node.spot), reading, path, node.spot)
    return _value(item, node, reading, path, node.spot)


def _word(name: str) -> str:
    """A key for an error line: as it is if that is safe to print, cut if it is long."""
    short = name if len(name) <= 60 else name[:57] + "..."
    return short if short.isprintable() and short else repr(short)


def _quoted(node: Scalar) -> str:
    text = node.text if len(node.text) <= 60 else node.text[:57] + "..."
    return repr(text) if text or not node.plain else "nothing"


def _scalar(field: Field, node: Scalar, reading: Reading, path: str) -> Any:
    if field.kind == "str":
        return _text(field, node, reading, path)
    text = node.text
    if not node.plain and (_FLOAT.match(text) or text in _BOOLS):
        reading.wrong(
            "CR109",
            node.spot,
            path,
            f"needs {_WANTED[field.kind]}, got the quoted text {_quoted(node)}",
            "remove the quotes",
        )
        return _neutral(field)
    value: Any = None
    if field.kind == "bool":
        value = _BOOLS.get(text) if node.plain else None
    elif node.plain and field.kind == "int" and _INT.match(text):
        value = int(text)
    elif node.plain and field.kind == "float" and _FLOAT.match(text):
        value = float(text)
    if value is None:
        reading.wrong(
            "CR109",
            node.spot,
            path,
            f"needs {_WANTED[field.kind]}, got {_quoted(node)}",
            _number_hint(field, text),
        )
        return _neutral(field)
    if not _allowed(field, value, node, reading, path):
        return _neutral(field)
    return value


def _number_hint(field: Field, text: str) -> str:
    if field.kind == "bool":
        meant = _LIKE_BOOL.get(text.casefold())
        return f"write {meant}" if meant else "write true or false"
    plain = text.replace("_", "").replace(",", "").replace(" ", "")
    if field.kind == "int" and _FLOAT.match(text) and float(text) == int(float(text)):
        return f"write {int(float(text))}"
    if re.fullmatch(r"[+-]?0[0-9]+", text):
        return f"write {int(text)}, without zeros in front"
    if _INT.match(plain) and plain != text:
        return f"write {plain}, digits only"
    if _LIKE_NUMBER.match(text) or text.casefold().lstrip("+-") in (".inf", ".nan"):
        return (
            "write it with digits"
            + (" and a point" if field.kind == "float" else "")
            + ", such as "
            + _sample(field)
        )
    return f"for example {_sample(field)}"


def _sample(field: Field) -> str:
    example = field.limits.get("example", field.default)
    if isinstance(example, (int, float)) and not isinstance(example, bool):
        return f"{example:f}".rstrip("0").rstrip(".") if isinstance(example, float) else str(example)
    choices = field.limits.get("choices")
    return str(choices[0]) if choices else "24"


def _allowed(field: Field, value: Any, node: Scalar, reading: Reading, path: str) -> bool:
    limits: Mapping[str, Any] = field.limits
    choices = limits.get("choices")
    if choices and value not in choices:
        names = [str(c) for c in choices]
        near = did_you_mean(str(value), names) if field.kind == "str" else _nearest(value, choices)
        allowed = " or ".join(names) if len(names) < 3 else ", ".join(names[:-1]) + " or " + names[-1]
        reading.wrong("CR110", node.spot, path, f"must be {allowed}, got {_quoted(node)}", near)
        return False
    if "low" in limits and not limits["low"] <= value <= limits["high"]:  # the model always gives both
        low, high = limits["low"], limits["high"]
        unit = f" {limits['unit']}" if limits.get("unit") else ""
        span = f"{_plain(low)} to {_plain(high)}{unit}"
        reading.wrong("CR111", node.spot, path, f"must be {span}, got {_quoted(node)[1:-1]}")
        return False
    return True


def _nearest(value: float, choices: tuple[float, ...]) -> str:
    near = min(choices, key=lambda c: abs(c - value))
    return f"did you mean {near}?"


def _plain(value: float) -> str:
    return f"{value:.12f}".rstrip("0").rstrip(".")


def _text(field: Field, node: Scalar, reading: Reading, path: str) -> Any:
    trouble = check_text(node.text, str(field.limits.get("form", "line")))
    if trouble is not None:
        reading.wrong(trouble[0], node.spot, path, trouble[1], trouble[2])
        return _neutral(field)
    pattern = field.limits.get("pattern")
    if pattern and not re.fullmatch(pattern, node.text):
        reading.wrong(
            "CR113",
            node.spot,
            path,
            f"{_quoted(node)} is not allowed: {field.help}",
            f"for example {field.limits.get('example', '')}",
        )
        return _neutral(field)
    return node.text if _allowed(field, node.text, node, reading, path) else _neutral(field)
