"""What differs between two graphs, in words of nodes and knobs. Places on the canvas do not count."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from .graph import Graph
from .knobs import Curve, Expression, KnobValue
from .node import Node

__all__ = ["Change", "changes", "shown"]

LOOKS = frozenset(
    (
        "note_font",
        "note_font_size",
        "note_font_color",
        "tile_color",
        "gl_color",
        "bdwidth",
        "bdheight",
        "z_order",
    )
)
"""Knobs that only change how a node is drawn."""

MARKS = frozenset(("cr_id", "cr_built"))
"""Our own hidden records of how a node was built."""

MOST_SHOWN = 120
"""Characters of a value that are shown."""


@attrs.frozen
class Change:
    """One difference. node: empty for project settings. knob: empty for a node that is there on one side only, and
    ``input 2`` for a pipe. before, after: values as text, empty where there is none.
    """

    node: str
    knob: str
    before: str
    after: str

    @property
    def place(self) -> str:
        """``node.knob``."""
        return f"{self.node or 'Root'}.{self.knob}" if self.knob else self.node

    def __str__(self) -> str:
        if not self.knob:
            return f"{self.node}: new ({self.after})" if self.after else f"{self.node}: gone ({self.before})"
        return f"{self.place}: {self.before or 'not set'} -> {self.after or 'not set'}"


def changes(first: Graph, second: Graph, *, notes: bool = False) -> list[Change]:
    """Project settings first, then nodes in script order. notes: also StickyNotes, Backdrops and labels."""
    found = list(_knobs("", first.root, second.root))
    if first.nuke != second.nuke:
        found.insert(0, Change("", "version", str(first.nuke), str(second.nuke)))
    names = [n.name for n in first] + [n.name for n in second if n.name not in first.nodes]
    for name in names:
        before, after = first.nodes.get(name), second.nodes.get(name)
        node = before or after
        if node is None or (not notes and node.cls in ("StickyNote", "BackdropNode")):
            continue
        if before is None or after is None or before.cls != after.cls:
            found.append(Change(name, "", before.cls if before else "", after.cls if after else ""))
        else:
            found += [c for c in _node(before, after) if notes or c.knob != "label"]
    return found


def _node(before: Node, after: Node) -> Iterator[Change]:
    yield from _knobs(before.name, before.knobs, after.knobs)
    own = ({k.name: k.value for k in node.user_knobs if k.value is not None} for node in (before, after))
    yield from _knobs(before.name, *own)
    pipes = before.inputs, after.inputs
    for n in range(max(map(len, pipes))):
        was, now = (p[n] if n < len(p) else None for p in pipes)
        if was != now:
            yield Change(before.name, f"input {n}", was or "", now or "")
    if before.mask != after.mask:
        yield Change(before.name, "mask", before.mask or "", after.mask or "")


def _knobs(node: str, before: dict[str, KnobValue], after: dict[str, KnobValue]) -> Iterator[Change]:
    for knob in [*before, *(k for k in after if k not in before)]:
        if knob in LOOKS or knob in MARKS or before.get(knob) == after.get(knob):
            continue
        yield Change(node, knob, shown(before.get(knob)), shown(after.get(knob)))


def shown(value: KnobValue | None) -> str:
    """A knob's value on one short line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        text = "{" + " ".join(shown(v) for v in value) + "}"
    elif isinstance(value, Curve):
        text = "keys " + ", ".join(f"{k.frame:g}: {k.value:g}" for k in value.keys)
    elif isinstance(value, Expression):
        text = f"= {value.text}"
    else:
        text = str(getattr(value, "text", getattr(value, "word", value)))
    text = " ".join(text.split())
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 3] + "..."
