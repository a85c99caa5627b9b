"""Lays the Reference of a pair over its Source: solved small, refined to a few hundredths of a pixel, and turned into
what the graph can hold, keys of a Transform.

Working pictures have as many pixels as 960x540: faded film and video references hold nothing finer that would place
them better, and a 4K pair is solved and judged in about a second.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.comparison import Mask, Matrix, brightness
from ..engine.image import Pixels
from ..engine.registration import Motions, RegistrationError, register
from .clips import pixel_map
from .reading import WORK, area_scaled
from .refinement import covered, laid_over, refined
from .residual import Residual, measure
from .tiles import displacements, perceptual

__all__ = [
    "FAST",
    "WORK",
    "Aligned",
    "RegistrationError",
    "Side",
    "align",
    "as_f_align",
    "best_partner",
    "implausible",
    "region_of",
    "residual_of",
]

FAST, COARSE = 640, 480
"""Widths of the pictures for comparing neighbours and for the first solve."""

TILE = 32
"""Side of a tile when neighbours are compared; else a tile is 1/32 of the width."""


@attrs.frozen(eq=False)
class Side:
    """One picture of a pair at working size. picture: display-encoded R'G'B'. live: where it shows picture. full:
    width and height of the frame."""

    picture: Pixels
    live: Mask
    full: tuple[int, int]
    _made: dict[int, Any] = attrs.field(factory=dict, init=False, repr=False)

    @property
    def smooth(self) -> Pixels:
        """The picture for comparing, see ``tiles.perceptual``; made once."""
        if 0 not in self._made:
            self._made[0] = perceptual(self.picture)
        made: Pixels = self._made[0]
        return made

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.shape[1], self.picture.shape[0]

    def at(self, width: int) -> Side:
        """The same, smaller."""
        if self.picture.shape[1] <= width:
            return self
        if width not in self._made:
            small = area_scaled(self.picture, width)
            size = (small.shape[1], small.shape[0])
            live: Any = cv2.resize(self.live.astype(np.float32), size, interpolation=cv2.INTER_AREA)
            self._made[width] = Side(small, live > 0.99, self.full)
        made: Side = self._made[width]
        return made

    def under(self, reference: Side, matrix: Matrix) -> tuple[Pixels, Mask]:
        """The Reference's picture laid over this Source, and where it covers it; the last one is kept. matrix: in full
        pixels."""
        mark = matrix.tobytes()
        held = self._made.get(-1)
        if held is None or held[0] is not reference or held[1] != mark:
            local = np.linalg.inv(reference.to_full()) @ matrix @ self.to_full()
            picture = laid_over(reference.picture, local, self.size)
            held = self._made[-1] = reference, mark, picture, covered(reference.live, local, self.size)
        picture, cover = held[2:]
        return picture, cover

    def to_full(self) -> Matrix:
        """3x3 from working pixels to pixels of the frame."""
        found: Matrix = pixel_map(self.full, self.size)
        return found


@attrs.frozen(eq=False)
class Aligned:
    """matrix: 3x3 from pixels of the Source's frame to pixels of the Reference's, centres at whole numbers, y down.
    residual: what is left. solved: the map of the plain global solve, None if a neighbour's map was refined instead.
    score: correlation of that solve, None likewise."""

    matrix: Matrix
    residual: Residual
    solved: Matrix | None = None
    score: float | None = None


def align(
    source: Side, reference: Side, *, start: Matrix | None = None, motions: Motions | None = None
) -> Aligned:
    """Solve one pair. start: the map of a neighbour, in full pixels; it is only refined, and solved anew where
    that does not hold. Raises RegistrationError: nothing to compare, no agreement, or an implausible map."""
    motions = motions or Motions()
    if start is not None:
        matrix = _refined(source, reference, start, motions)
        left = residual_of(source, reference, matrix, width=FAST)
        if left.agreement > 0.6 and left.p95 < 1.0 and left.tiles >= 30:
            return Aligned(matrix, left)
    a, b = source.at(COARSE), reference.at(COARSE)
    found = register(brightness(_linear(a.picture)), _linear(b.picture), a.live, motions, accuracy=0.75)
    solved = b.to_full() @ found.matrix @ np.linalg.inv(a.to_full())
    solved = solved / solved[2, 2]
    automatic = residual_of(source, reference, solved, width=FAST)
    matrix = _refined(source, reference, solved, motions)
    left = residual_of(source, reference, matrix, width=FAST)
    if left.p50 > automatic.p50 + 0.02:  # the median: lettering and what moved lie beyond it, in either map
        matrix, left = solved, automatic
    return Aligned(matrix, left, solved, found.score)


def as_f_align(source: Side, reference: Side, box: tuple[int, int, int, int], start: Matrix) -> Matrix | None:
    """What this engine's F_Align finds with its region in the middle of ``box`` (left, top, right, bottom of the
    Source's working picture), at the size of the first solve; None where it finds nothing. start: a map near enough,
    in full pixels, which saves looking for one."""
    a, b = source.at(COARSE), reference.at(COARSE)
    by = a.size[0] / source.size[0]
    x, y, r, t = (round(by * v) for v in region_of(box))
    region = np.zeros_like(a.live)
    region[y:t, x:r] = True
    local = np.linalg.inv(b.to_full()) @ start @ a.to_full()
    try:
        found = register(
            brightness(_linear(a.picture)),
            _linear(b.picture),
            region,
            Motions(),
            accuracy=0.75,
            start=local / local[2, 2],
            features=False,
        )
    except RegistrationError:
        return None
    matrix = b.to_full() @ found.matrix @ np.linalg.inv(a.to_full())
    result: Matrix = matrix / matrix[2, 2]
    return result


def residual_of(source: Side, reference: Side, matrix: Matrix, *, width: int = WORK) -> Residual:
    """What a map leaves, see ``residual.measure``. matrix: in full pixels."""
    a, b = source.at(width), reference.at(width)
    local = np.linalg.inv(b.to_full()) @ matrix @ a.to_full()
    tile = max(20, a.size[0] // 32)
    pictures = a.smooth, laid_over(b.smooth, local, a.size)
    cover = covered(b.live, local, a.size)
    mask = cv2.erode((cover & a.live).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    return measure(displacements(*pictures, mask, tile=tile), a.size, tile)


def best_partner(
    source: Side, candidates: Iterable[tuple[int, Side]], matrix: Matrix, *, motions: Motions | None = None
) -> dict[int, tuple[float, Residual]]:
    """How badly each Reference frame fits: a cost by frame number, lower is better, and what is left. Each is aligned
    from ``matrix`` first, so that a pan is no advantage; what moves by itself decides."""
    found: dict[int, tuple[float, Residual]] = {}
    a = source.at(FAST)
    for frame, side in candidates:
        b = side.at(FAST)
        local = np.linalg.inv(b.to_full()) @ matrix @ a.to_full()
        planes = a.smooth, b.smooth
        local = refined(*planes, local, a.live, b.live, motions or Motions(), rounds=2)
        cover = covered(b.live, local, a.size)
        mask = cv2.erode((cover & a.live).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
        tiles = displacements(planes[0], laid_over(planes[1], local, a.size), mask, tile=TILE)
        weight = np.minimum(tiles.contrast, 0.1) ** 2
        unit = 1080 / a.size[1]
        sure = tiles.deviation() < 0.5
        away = np.where(sure, np.minimum(np.abs(tiles.across()) * unit, 3.0), 0.0)
        unexplained = float(((1 - tiles.agreement) * weight).sum() / max(weight.sum(), 1e-9))
        found[frame] = (
            unexplained + 0.3 * float((away * weight).sum() / max(weight.sum(), 1e-9)),
            measure(tiles, a.size, TILE),
        )
    return found


def region_of(live: tuple[int, int, int, int], margin: float = 0.08) -> tuple[float, float, float, float]:
    """A conservative analysis region for F_Align: the live area x, y, r, t less a share of each side."""
    x, y, r, t = live
    dx, dy = margin * (r - x), margin * (t - y)
    return round(x + dx, 1), round(y + dy, 1), round(r - dx, 1), round(t - dy, 1)


def implausible(matrices: dict[int, Matrix], size: tuple[int, int]) -> dict[int, str]:
    """Pairs of a shot whose map is far from the others': by pair, why. Gate weave and registration between frames of
    one shot and transfer stay small; 0.6 % of the height, or five times the usual spread, is not. size:
    the Source's."""
    if len(matrices) < 3:
        return {}
    w, h = size
    corners = np.array([[[0, 0], [w, 0], [w, h], [0, h], [w / 2, h / 2]]], np.float64)
    placed = {f: cv2.perspectiveTransform(corners, m)[0] for f, m in matrices.items()}
    middle = np.median(np.stack(list(placed.values())), axis=0)
    away = {f: float(np.linalg.norm(p - middle, axis=1).max()) for f, p in placed.items()}
    limit = max(0.006 * h, 5 * float(np.median(list(away.values()))))
    return {
        f: f"its alignment is {d:.1f} pixels from the other pairs' of the shot ({limit:.1f} would be usual)"
        for f, d in away.items()
        if d > limit
    }


def _refined(source: Side, reference: Side, matrix: Matrix, motions: Motions) -> Matrix:
    for width in (COARSE, WORK):
        a, b = source.at(width), reference.at(width)
        local = np.linalg.inv(b.to_full()) @ matrix @ a.to_full()
        local = refined(
            a.smooth,
            b.smooth,
            local,
            a.live,
            b.live,
            motions,
            rounds=2 if width == COARSE else 3,
        )
        matrix = b.to_full() @ local @ np.linalg.inv(a.to_full())
    result: Matrix = matrix / matrix[2, 2]
    return result


def _linear(picture: Pixels) -> Pixels:
    return np.asarray(np.clip(picture, 0, 1) ** 2.2, np.float32)
