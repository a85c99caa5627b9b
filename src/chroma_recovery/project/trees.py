"""Small trees made from rows, and trees as YAML text: shot lists and presets meet in the reader's own form."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from ..preset.nodes import Entry, ListNode, MapNode, Node, Scalar
from ..preset.places import Spot

__all__ = ["listed", "mapping", "scalar", "yaml_text"]

_SAFE = re.compile(r"[A-Za-z0-9/][A-Za-z0-9 ._/+-]*\Z")
_NOT_PLAIN = re.compile(r"(?i)(?:true|false|yes|no|on|off|y|n|null|~|[+-]?[0-9._]+|0x.*)\Z")


def scalar(value: object, spot: Spot) -> Scalar:
    """A value as if it were typed; texts that could be read as something else count as quoted."""
    if isinstance(value, bool):
        return Scalar("true" if value else "false", True, spot)
    if isinstance(value, float):
        return Scalar(f"{value:.12f}".rstrip("0").rstrip(".") if value else "0", True, spot)
    return Scalar(str(value), not isinstance(value, str), spot)


def mapping(values: Mapping[str, object], spot: Spot) -> MapNode:
    """Values, nested mappings and lists as a tree; None is left out."""
    entries = {
        key: Entry(Scalar(key, True, spot), _node(value, spot))
        for key, value in values.items()
        if value is not None
    }
    return MapNode(entries, spot)


def listed(values: Sequence[object], spot: Spot) -> ListNode:
    return ListNode(tuple(_node(v, spot) for v in values), spot)


def _node(value: object, spot: Spot) -> Node:
    if isinstance(value, (Scalar, ListNode, MapNode)):
        return value
    if isinstance(value, Mapping):
        return mapping(value, spot)
    if isinstance(value, (list, tuple)):
        return listed(value, spot)
    return scalar(value, spot)


def yaml_text(node: MapNode) -> str:
    """The tree as YAML that reads back to the same tree: mappings in blocks, short ones and numbers in line."""
    return "".join(f"{line}\n" for line in _lines(node, ""))


def _lines(node: MapNode, indent: str) -> list[str]:
    found: list[str] = []
    for name, entry in node.entries.items():
        value = entry.value
        if isinstance(value, MapNode) and value.entries and not _short(value):
            found += [f"{indent}{_word(name)}:", *_lines(value, indent + "  ")]
        elif isinstance(value, ListNode) and value.items and not _short(value):
            found.append(f"{indent}{_word(name)}:")
            found += [f"{indent}  - {_inline(item)}" for item in value.items]
        else:
            found.append(f"{indent}{_word(name)}: {_inline(value)}")
    return found


def _short(node: Node) -> bool:
    text = _inline(node)
    flat = isinstance(node, ListNode) and all(isinstance(i, Scalar) for i in node.items)
    return len(text) <= 80 if not flat else len(text) <= 100


def _inline(node: Node) -> str:
    if isinstance(node, Scalar):
        return _scalar(node)
    if isinstance(node, ListNode):
        return "[" + ", ".join(_inline(item) for item in node.items) + "]"
    return "{" + ", ".join(f"{_word(k)}: {_inline(e.value)}" for k, e in node.entries.items()) + "}"


def _scalar(node: Scalar) -> str:
    if node.plain and (_NOT_PLAIN.match(node.text) or _SAFE.match(node.text)):
        return node.text
    if node.plain and not node.text:
        return "null"
    if _SAFE.match(node.text) and not _NOT_PLAIN.match(node.text):
        return node.text.rstrip() if node.text == node.text.strip() else json.dumps(node.text)
    return json.dumps(node.text, ensure_ascii=True)


def _word(name: str) -> str:
    return (
        name
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name) and not _NOT_PLAIN.match(name)
        else json.dumps(name)
    )
