"""Our nodes in the open script, exchanged for new ones: deleted, pasted, put in place, and connected again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import NukeError
from ..graph.graph import Graph
from ..nk import write
from .artist_reads import wires
from .hands import Hands, LiveNode
from .placing import offset
from .rebuild import Outside, marks_of, outside, successors

__all__ = ["Replacement"]


class Replacement:
    """nuke: the module. hands: how nodes are reached in this edition. gui: whether there is a node graph to look at."""

    def __init__(self, nuke: Any, hands: Hands, *, gui: bool) -> None:
        self.nuke = nuke
        self.hands = hands
        self.gui = gui

    def replace(
        self,
        wanted: Graph,
        nodes: Sequence[LiveNode],
        ours: Sequence[LiveNode],
        links: Mapping[tuple[str, int], Any],
    ) -> list[LiveNode]:
        """Delete our old nodes, paste the new ones, put them in place, and connect them as the old ones were."""
        lost = outside(nodes, ours)
        mine = {n.handle for n in ours}
        others = [n for n in nodes if n.handle not in mine]
        shift = self._shift(wanted, ours, others)
        for node in wanted:
            node.xpos, node.ypos = node.xpos + shift[0], node.ypos + shift[1]
        text = write(wanted, header=False)
        self.hands.delete([n.handle for n in ours])
        try:
            pasted = set(self.hands.paste(text))
        except RuntimeError as error:
            raise NukeError.at(
                "CR902", "", f"Nuke does not take the nodes: {error}", "nothing was changed"
            ) from error
        after = [n for n in self.hands.nodes() if n.handle in pasted]
        self._settle(wanted, after)
        self._connect(lost, successors(ours, after), mine, links, after)
        if self.gui:
            self.nuke.zoomToFitSelected()
        return after

    def _shift(self, wanted: Graph, ours: Sequence[LiveNode], others: Sequence[LiveNode]) -> tuple[int, int]:
        """A rebuild stays where it was; a new group goes where the artist looks."""
        marks = {mark: name for name, mark in marks_of(wanted).items() if wanted[name].clone_of is None}
        for live in sorted(ours, key=lambda n: not n.mark.rpartition("/")[2].startswith("Title_")):
            name = marks.get(live.mark)
            if name is not None:
                return live.x - wanted[name].xpos, live.y - wanted[name].ypos
        chosen = set(self.hands.selected())
        centre = None
        if self.gui:
            x, y = self.nuke.center()
            centre = (round(x), round(y))
        return offset(wanted, others, [n for n in others if n.handle in chosen], centre)

    def _settle(self, wanted: Graph, after: Sequence[LiveNode]) -> None:
        """Nuke puts pasted nodes where it likes; move them back together."""
        marks = {mark: name for name, mark in marks_of(wanted).items() if wanted[name].clone_of is None}
        once = [n for n in after if sum(o.mark == n.mark for o in after) == 1 and n.mark in marks]
        if not once:
            return
        first = wanted[marks[once[0].mark]]
        dx, dy = first.xpos - once[0].x, first.ypos - once[0].y
        if dx or dy:
            for node in after:
                self.hands.move(node.handle, node.x + dx, node.y + dy)

    def _connect(
        self,
        lost: Outside,
        new: Mapping[Any, Any],
        mine: set[Any],
        links: Mapping[tuple[str, int], Any],
        after: Sequence[LiveNode],
    ) -> None:
        for old, pipe, other in lost.into_ours:
            if old in new:
                self.hands.connect(new[old], pipe, other)
        for theirs, pipe, old in lost.from_ours:
            if old in new:
                self.hands.connect(theirs, pipe, new[old])
        for handle, pipe, other in wires(links, after):
            self.hands.connect(handle, pipe, other)
