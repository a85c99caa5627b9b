"""YAML text to a plain tree of scalars, lists and mappings that know where they stand.

Only the syntax of YAML is used, none of its implicit types: a scalar is the text that was typed. Tags,
anchors, aliases, merge keys and several documents are refused, so a preset can neither make objects nor
grow when read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import attrs
import yaml

from ..errors import PresetError, Problem
from .places import Findings, Place, Spot, Text

__all__ = ["Entry", "ListNode", "MapNode", "Node", "Refused", "Scalar", "parse"]

DEEPEST = 12
"""Nesting that is read; the model needs four levels."""


@attrs.frozen(eq=False)
class Scalar:
    """Text as typed (escapes of quoted text undone); ``plain`` if it has no quotes and is no block."""

    text: str
    plain: bool
    spot: Spot


@attrs.frozen(eq=False)
class ListNode:
    """A list."""

    items: tuple[Node, ...]
    spot: Spot


@attrs.frozen(eq=False)
class Refused(ListNode):
    """In place of an alias; whatever it stood for has been reported already."""


@attrs.frozen(eq=False)
class Entry:
    """One key of a mapping with its value."""

    key: Scalar
    value: Node


@attrs.frozen(eq=False)
class MapNode:
    """Keys in the order typed, each once."""

    entries: dict[str, Entry]
    spot: Spot


Node: TypeAlias = "Scalar | ListNode | MapNode"


def parse(source: Text, findings: Findings) -> Node | None:
    """The tree of a text; None if it holds nothing. Refused features and double keys are added to
    ``findings``.

    Raises PresetError (CR103) at a syntax error, (CR104) at nesting deeper than DEEPEST, (CR199) at too
    many problems.
    """
    try:
        return _Reader(source, findings).document()
    except yaml.YAMLError as error:
        raise PresetError((*findings.sorted(), _syntax(source, error))) from error
    except (OverflowError, IndexError, RecursionError) as error:  # malformed escapes
        raise PresetError(Problem("CR103", source.name, f"not YAML: {error}")) from error


def _syntax(source: Text, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or error).split("\n")[0]
    if mark is None:
        return Problem("CR103", source.name, f"not YAML: {said}")
    line, column = mark.line + 1, mark.column + 1
    hint = ""
    text = source.lines[mark.line] if mark.line < len(source.lines) else ""
    if "\\t" in said or "\t" in text[: mark.column + 1]:
        hint = "indent with blanks, not tabs"
    elif "mapping values are not allowed" in said:
        hint = "put text that holds ': ' in quotes, and check the indentation"
    elif "could not find expected ':'" in said:
        hint = "a key needs ': ' behind it"
    elif "cannot start any token" in said:
        hint = "put text that begins with such a character in quotes"
    place = str(Place(source.name, line, column))
    return Problem("CR103", place, f"not YAML: {said}", hint, source.excerpt(line, column))


class _Reader:
    def __init__(self, source: Text, findings: Findings) -> None:
        self.source = source
        self.findings = findings
        self.events: Iterator[yaml.Event] = yaml.parse(source.text, Loader=yaml.SafeLoader)

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "a second document begins here", "keep one preset per file")
                    break
                root = self._node(next(self.events), 0)
        if isinstance(root, Scalar) and root.plain and not root.text:
            return None
        return root

    def _spot(self, event: yaml.Event, length: int = 1) -> Spot:
        mark = event.start_mark
        assert mark is not None  # noqa: S101 - PyYAML sets it on every event that it parses
        return Spot(self.source, mark.line + 1, mark.column + 1, max(1, length))

    def _refuse(self, event: yaml.Event, message: str, hint: str) -> None:
        self.findings.add("CR104", self._spot(event), message, hint)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > DEEPEST:
            self._refuse(event, f"nested deeper than {DEEPEST} levels", "a preset needs four")
            raise PresetError(self.findings.sorted())
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        instead = "write the value out, or use extends"
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"alias {_shown(f'*{anchor}')} is refused", instead)
            return Refused((), self._spot(event))
        if anchor:
            self._refuse(event, f"anchor {_shown(f'&{anchor}')} is refused", instead)
        if tag:
            self._refuse(
                event, f"YAML tag {_shown(tag)} is refused", "delete it; a preset holds plain values"
            )
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, event.style is None, self._spot(event, _length(event)))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth)
        return self._map(event, depth)

    def _list(self, start: yaml.Event, depth: int) -> ListNode:
        items = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, depth + 1))
        return ListNode(tuple(items), self._spot(start))

    def _map(self, start: yaml.Event, depth: int) -> MapNode:
        entries: dict[str, Entry] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            value = self._node(next(self.events), depth + 1)
            if isinstance(key, Refused):
                continue
            if not isinstance(key, Scalar):
                self._refuse(event, "a key must be one word", "")
            elif key.plain and key.text == "<<":
                self._refuse(event, "merge key '<<' is refused", "write the values out, or use extends")
            elif key.text in entries:
                first = entries[key.text].key.spot
                hint = f"the first is in line {first.line}, column {first.column}; keep one"
                self.findings.add("CR106", key.spot, f"key {_shown(key.text)} is here a second time", hint)
            else:
                entries[key.text] = Entry(key, value)
        return MapNode(entries, self._spot(start))


def _length(event: yaml.ScalarEvent) -> int:
    """Columns of a scalar on one line, 1 for a longer one."""
    start, end = event.start_mark, event.end_mark
    if start is None or end is None or start.line != end.line:
        return 1
    return end.column - start.column


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
