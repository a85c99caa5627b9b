"""Where a picture lies on the Source's full frame, found by walking up the graph.

Training sees the shared Crop of the pairs, inference the live area of the sequence: the same place of the
film has other pixel numbers there. The position input of the network therefore counts on the frame that the
Source's Read gives, whatever the Crops between.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs

from ..image import Box

if TYPE_CHECKING:
    from ..evaluate import Evaluator

__all__ = ["UNKNOWN", "Placement", "SourceArea", "placement", "source_area"]

_STAYING = """
Clamp Colorspace CopyBBox Dot FrameHold FrameRange Grade Inference Log2Lin MatchGrade Median Multiply NoOp
OCIOColorSpace OCIODisplay PostageStamp Remove Saturation Shuffle2 TimeOffset Viewer
"""

STAYING = frozenset(_STAYING.split())
"""Classes whose output has every pixel where input 0 has it."""

RETIMING = frozenset({"FrameHold", "FrameRange", "TimeOffset"})

STARTING = frozenset({"Read", "ColorBars", "CheckerBoard2", "Constant"})


@attrs.frozen
class Placement:
    """The picture's origin lies at (dx, dy) pixels, y up, of a Source frame of width x height pixels."""

    dx: float
    dy: float
    width: int
    height: int

    def where(self, box: Box) -> tuple[float, float, float, float, float]:
        """The network's position input for an array that covers ``box``, top row first."""
        x0 = (box.x + self.dx) * 2.0 / self.width - 1.0
        y0 = (box.t + self.dy) * 2.0 / self.height - 1.0
        return x0, 2.0 / self.width, y0, -2.0 / self.height, 1.0


UNKNOWN = (0.0, 0.0, 0.0, 0.0, 0.0)
"""Position input for a picture whose place is not known."""


@attrs.frozen
class SourceArea:
    """A picture of w x h pixels whose lower left corner lies at (x, y), y up, of a Source frame of width x height."""

    width: int
    height: int
    x: float
    y: float
    w: int
    h: int

    @property
    def placement(self) -> Placement:
        return Placement(self.x, self.y, self.width, self.height)

    @property
    def whole(self) -> bool:
        """Whether it is the full frame."""
        return (self.x, self.y, self.w, self.h) == (0.0, 0.0, self.width, self.height)

    @classmethod
    def from_json(cls, said: Any) -> SourceArea | None:
        """What a checkpoint says; None if that is nothing or makes no sense."""
        names = [f.name for f in attrs.fields(cls)]
        if not isinstance(said, dict) or set(said) != set(names):
            return None
        if any(type(said[k]) not in (int, float) or not math.isfinite(said[k]) for k in names):
            return None
        area = cls(*(said[k] if k in "xy" else int(said[k]) for k in names))
        sides = (area.width, area.height, area.w, area.h)
        far = max(abs(area.x), abs(area.y), *sides)
        return area if min(sides) >= 1 and far <= 1 << 20 else None


def source_area(
    pictures: Iterable[tuple[int, int, tuple[float, float, float, float, float]]],
) -> SourceArea | None:
    """The area that all pictures, (width, height, position input), share; None if they differ or one is not
    known."""
    found = {_area(*picture) for picture in pictures}
    return found.pop() if len(found) == 1 else None


def _area(w: int, h: int, where: tuple[float, float, float, float, float]) -> SourceArea | None:
    x0, dx, y0, dy, known = where
    if known <= 0 or dx <= 0 or dy >= 0:
        return None
    x, top = (x0 + 1.0) / dx, (y0 + 1.0) / -dy
    return SourceArea(round(2.0 / dx), round(-2.0 / dy), round(x, 3), round(top - h, 3), w, h)


def placement(evaluator: Evaluator, name: str, frame: int) -> Placement | None:
    """Place of a node's picture at a frame; None if a node on the way moves pixels by other than a Crop's
    reformat."""
    graph = evaluator.graph
    dx = dy = 0.0
    at: int | None = frame
    while True:
        node = graph[name]
        cls = node.cls
        if cls in STARTING:
            full = evaluator.format(name)
            return Placement(dx, dy, full.width, full.height)
        off = at is not None and evaluator.disabled(name, at)
        if cls == "Crop" and not off:
            box = _reformatting_box(evaluator, name, at)
            if box is None:
                return None
            dx, dy = dx + box[0], dy + box[1]
        elif cls == "AppendClip" and not off:
            found = _clip(evaluator, name, at)
            if found is None:
                return None
            name, at = found
            continue
        elif cls in RETIMING:
            at = _retimed(evaluator, name, at)
        elif cls not in STAYING and not off:
            return None
        if not node.inputs or node.inputs[0] is None:
            return None
        name = node.inputs[0]


def _reformatting_box(evaluator: Evaluator, name: str, frame: int | None) -> tuple[float, float] | None:
    call = evaluator.call(name, evaluator.range(name).first if frame is None else frame)
    if not call.flag("reformat"):
        return 0.0, 0.0
    x, y, *_ = call.vector("box", 4)
    return x, y


def _clip(evaluator: Evaluator, name: str, frame: int | None) -> tuple[str, int] | None:
    """The input of an AppendClip that shows at a frame, and the frame there."""
    if frame is None:
        return None
    start = evaluator.range(name).first
    for source in evaluator.graph[name].inputs:
        if source is None:
            continue
        span = evaluator.range(source)
        if frame < start + len(span):
            return source, span.first + max(frame - start, 0)
        start += len(span)
    return None


def _retimed(evaluator: Evaluator, name: str, frame: int | None) -> int | None:
    if frame is None or evaluator.graph[name].cls == "TimeOffset":
        return None
    call = evaluator.call(name, frame)
    held = [k for k in ("firstFrame", "first_frame") if call.is_set(k)]
    return call.integer(held[0]) if held and evaluator.graph[name].cls == "FrameHold" else frame
