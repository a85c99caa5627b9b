"""Where a new group of nodes goes: where the artist looks, and never on top of what is there. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..graph.graph import Graph
from ..graph.layout import Box, bounds, box_of
from .hands import LiveNode

__all__ = ["offset"]

APART = 300
"""Free pixels between the artist's nodes and ours."""
SIZE = (110, 110)
"""Room taken for an artist's node; backdrops are counted by their corner."""


def offset(
    graph: Graph, others: Sequence[LiveNode], selected: Sequence[LiveNode], centre: tuple[int, int] | None
) -> tuple[int, int]:
    """How far to shift the graph. others: the artist's nodes. centre: middle of the visible node graph, if known.

    An empty script keeps the graph's own places, so it is the very script that the command writes.
    """
    if not others:
        return 0, 0
    area = bounds(box_of(graph, name) for name in graph.nodes)
    taken = [_room(node) for node in others]
    if selected:
        near = bounds([_room(node) for node in selected])
        corner = (near.r + APART, near.y)
    elif centre is not None:
        corner = (centre[0] - area.width // 2, centre[1] - area.height // 2)
    else:
        everything = bounds(taken)
        corner = (everything.r + APART, everything.y)
    place = Box(corner[0], corner[1], corner[0] + area.width, corner[1] + area.height)
    if any(place.grown(APART // 3).meets(box) for box in taken):
        corner = (bounds(taken).r + APART, corner[1])
    return round(corner[0]) - area.x, round(corner[1]) - area.y


def _room(node: LiveNode) -> Box:
    return Box(node.x, node.y, node.x + SIZE[0], node.y + SIZE[1])
