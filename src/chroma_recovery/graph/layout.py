"""Where nodes are drawn: their size, backdrops around them, and proof that nothing overlaps.

Nuke's node graph has x to the right and y downwards, in pixels at 100 % zoom; ``xpos``/``ypos`` are a
node's top left corner. Sizes are a cautious model (Nuke draws a plain node about 80 x 18, wider with a long
label): what does not overlap here does not overlap on screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from .graph import Graph
from .knobs import KnobValue
from .node import Node

__all__ = [
    "DOT",
    "DRAWN",
    "WIDTH",
    "Box",
    "backdrop",
    "bounds",
    "box_of",
    "columns_for",
    "move",
    "overlaps",
    "stretch",
]

WIDTH, HEIGHT = 100, 20
"""A plain node."""
DRAWN = 80
"""Width at which Nuke really draws a plain node: its pipes leave from the middle of that."""
DOT = 12
THUMBNAIL = (100, 90)
"""A node that shows a postage stamp: Read, PostageStamp."""
THUMBNAIL_CLASSES = ("Read", "PostageStamp")
FONT_SIZE = 11
FURNITURE = ("BackdropNode", "StickyNote")
"""Node classes that only decorate."""


@attrs.frozen
class Box:
    """A rectangle of the node graph: left, top, right, bottom; y grows downwards."""

    x: int
    y: int
    r: int
    b: int

    @property
    def width(self) -> int:
        return self.r - self.x

    @property
    def height(self) -> int:
        return self.b - self.y

    def meets(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return self.x < other.r and other.x < self.r and self.y < other.b and other.y < self.b

    def holds(self, other: Box) -> bool:
        return self.x <= other.x and self.y <= other.y and other.r <= self.r and other.b <= self.b

    def grown(self, by: int) -> Box:
        return Box(self.x - by, self.y - by, self.r + by, self.b + by)


def box_of(graph: Graph, name: str) -> Box:
    """The area a node covers. A clone has the label of its source."""
    node = graph[name]
    width, height = _size(node, graph.knobs(name))
    return Box(node.xpos, node.ypos, node.xpos + width, node.ypos + height)


def _size(node: Node, knobs: dict[str, KnobValue]) -> tuple[int, int]:
    if node.cls == "BackdropNode":
        return _whole(knobs.get("bdwidth"), 80), _whole(knobs.get("bdheight"), 80)
    font = _whole(knobs.get("note_font_size"), FONT_SIZE)
    label = knobs.get("label")
    lines = label.split("\n") if isinstance(label, str) and label else []
    text_width = max((len(line) for line in lines), default=0) * font * 65 // 100
    text_height = len(lines) * font * 13 // 10
    if node.cls == "StickyNote":
        return max(WIDTH, text_width + 20), max(HEIGHT, text_height + 16)
    if node.cls == "Dot":
        return DOT, DOT
    width, height = THUMBNAIL if node.cls in THUMBNAIL_CLASSES else (WIDTH, HEIGHT)
    name_width = len(node.clone_of or node.name) * FONT_SIZE * 6 // 10
    return max(width, text_width + 12, name_width + 12), height + text_height


def _whole(value: object, default: int) -> int:
    return int(value) if isinstance(value, (int, float)) else default


def bounds(boxes: Iterable[Box]) -> Box:
    """The smallest box around all; at least one is needed."""
    found = list(boxes)
    return Box(
        min(b.x for b in found), min(b.y for b in found), max(b.r for b in found), max(b.b for b in found)
    )


def move(graph: Graph, names: Iterable[str], dx: int, dy: int) -> None:
    """Shift nodes; whole pixels."""
    for name in names:
        node = graph[name]
        node.xpos += dx
        node.ypos += dy


def backdrop(
    graph: Graph,
    name: str,
    label: str,
    around: Sequence[Box],
    *,
    colour: int,
    padding: int = 40,
    font_size: int = 42,
    z_order: int = 1,
) -> str:
    """Add a BackdropNode around boxes, with room for its label above them, and return its name.

    colour: 0xRRGGBBAA. A higher z_order is drawn in front.
    """
    area = bounds(around).grown(padding)
    title = font_size * 13 // 10 + 10 if label else 0
    wide = max(area.width, len(label) * font_size * 7 // 10 + 20)
    knobs: dict[str, KnobValue] = {
        "tile_color": colour,
        "label": label,
        "note_font_size": font_size,
        "bdwidth": wide,
        "bdheight": area.height + title,
        "z_order": z_order,
    }
    return graph.add("BackdropNode", name, at=(area.x, area.y - title), knobs=knobs)


def stretch(graph: Graph, name: str, *, right: int | None = None, bottom: int | None = None) -> None:
    """Widen or lengthen a backdrop up to an edge; never shrinks it."""
    box, knobs = box_of(graph, name), graph[name].knobs
    if right is not None:
        knobs["bdwidth"] = max(box.width, right - box.x)
    if bottom is not None:
        knobs["bdheight"] = max(box.height, bottom - box.y)


def columns_for(count: int, *, most_in_a_row: int = 12) -> int:
    """How many columns a block of labelled nodes gets: one row while short, then a block somewhat wider
    than high."""
    if count <= most_in_a_row:
        return max(count, 1)
    columns = most_in_a_row
    while 2 * columns * columns < count:
        columns += 1
    return columns


def overlaps(graph: Graph) -> list[tuple[str, str]]:
    """Pairs of nodes that cover each other, backdrops left out; sorted by place. Quick for thousands of
    nodes."""
    boxes = sorted(
        ((box_of(graph, n.name), n.name) for n in graph if n.cls != "BackdropNode"),
        key=lambda pair: (pair[0].y, pair[0].x, pair[1]),
    )
    found: list[tuple[str, str]] = []
    live: list[tuple[Box, str]] = []
    for box, name in boxes:
        live = [(other, n) for other, n in live if other.b > box.y]
        found.extend((n, name) for other, n in live if other.meets(box))
        live.append((box, name))
    return found
