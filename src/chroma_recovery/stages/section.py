"""Drawing board of one stage: nodes in vertical strands, notes, and a coloured backdrop around them all.

A stage is built at an origin of its own; when all stages stand, the pipeline moves each to its place.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..graph.graph import Graph
from ..graph.knobs import KnobValue
from ..graph.layout import DRAWN, WIDTH, Box, backdrop, bounds, box_of, move
from ..graph.node import UserKnob

__all__ = ["GAP", "STEP", "Section", "Strand"]

STEP = 220
"""Distance of two strands, pixels."""
GAP = 26
"""Free height between two nodes of a strand, pixels."""


@attrs.define(eq=False)
class Section:
    """What one stage adds to the graph. names: its working nodes. furniture: its notes and backdrops."""

    graph: Graph
    names: list[str] = attrs.field(factory=list)
    furniture: list[str] = attrs.field(factory=list)

    def strand(self, column: float, y: int = 0) -> Strand:
        """A vertical run of nodes; column in units of STEP."""
        return Strand(self, round(column * STEP), y)

    def note(
        self, name: str, text: str, x: int, y: int, *, font_size: int = 14, colour: int | None = None
    ) -> str:
        """A StickyNote."""
        knobs: dict[str, KnobValue] = {} if colour is None else {"tile_color": colour}
        knobs |= {"label": text, "note_font_size": font_size}
        self.furniture.append(self.graph.add("StickyNote", name, at=(x, y), knobs=knobs))
        return name

    def checklist(self, name: str, text: str, *, y: int = 0) -> str:
        """A large note right of everything placed so far."""
        return self.note(name, text, bounds(self.boxes()).r + 80, y, font_size=22)

    def boxes(self) -> list[Box]:
        return [box_of(self.graph, n) for n in (*self.names, *self.furniture)]

    def frame(self, name: str, label: str, colour: int, *, only: Sequence[str] = (), z_order: int = 1) -> str:
        """A backdrop around everything in the section, or around some of its nodes and notes."""
        around = [box_of(self.graph, n) for n in only] if only else self.boxes()
        self.furniture.append(backdrop(self.graph, name, label, around, colour=colour, z_order=z_order))
        return name

    def title(self, name: str, text: str) -> str:
        """The stage's title above its top left corner."""
        area = bounds(self.boxes())
        return self.note(name, text, area.x, area.y - 110, font_size=60)

    def move_to(self, *, left: int | None = None, right: int | None = None, top: int) -> Box:
        """Shift the whole section so that its left or right edge and its top lie where asked; the new
        area."""
        area = bounds(self.boxes())
        dx = left - area.x if left is not None else (right or 0) - area.r
        move(self.graph, (*self.names, *self.furniture), dx, top - area.y)
        return bounds(self.boxes())


@attrs.define
class Strand:
    """Nodes one below the other; each is fed by the one above unless it says otherwise."""

    section: Section
    x: int
    y: int
    last: str | None = None

    def node(
        self,
        cls: str,
        name: str,
        *,
        inputs: Sequence[str | None] | None = None,
        user_knobs: Sequence[UserKnob] = (),
        knobs: dict[str, KnobValue] | None = None,
        **more: KnobValue,
    ) -> str:
        """Add a node at the end of the strand."""
        wired = self._wired(inputs)
        self.section.graph.add(
            cls, name, inputs=wired, user_knobs=user_knobs, knobs={**(knobs or {}), **more}
        )
        return self._placed(name)

    def clone(self, source: str, *, inputs: Sequence[str | None] | None = None) -> str:
        """Add one more instance of a node."""
        return self._placed(self.section.graph.clone(source, inputs=self._wired(inputs)))

    def stamp(self, name: str, of: str, title: str) -> str:
        """A note with what is carried, and a PostageStamp with a hidden input below it."""
        note = self.section.note(f"Note_{name}", title, self.x, self.y, font_size=18)
        self._centre(note)
        self.y = box_of(self.section.graph, note).b + GAP // 2
        return self.node("PostageStamp", name, inputs=(of,), hide_input=True, postage_stamp=True)

    def skip(self, pixels: int) -> None:
        self.y += pixels

    def _wired(self, inputs: Sequence[str | None] | None) -> tuple[str | None, ...]:
        if inputs is not None:
            return tuple(inputs)
        return (self.last,) if self.last is not None else ()

    def _centre(self, name: str) -> None:
        """Put a node at the strand's end so that pipes run straight down."""
        node, box = self.section.graph[name], box_of(self.section.graph, name)
        plain = box.width == WIDTH
        node.xpos = self.x if plain else self.x + (DRAWN - box.width) // 2
        node.ypos = self.y

    def _placed(self, name: str) -> str:
        self._centre(name)
        self.section.names.append(name)
        self.last = name
        self.y = box_of(self.section.graph, name).b + GAP
        return name
