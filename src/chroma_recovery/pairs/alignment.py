"""Lays the Reference of a pair over its Source: solved small, refined to a few hundredths of a pixel, and turned into
what the graph can hold, keys of a Transform.

Working pictures are 1280 pixels wide at most: faded film and video references hold nothing finer that would place them
better, and a 4K pair is solved in about a second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import attrs
import cv2
import numpy as np
from scipy.optimize import least_squares

from ..engine.comparison import Mask, Matrix, brightness
from ..engine.image import Pixels
from ..engine.registration import Motions, RegistrationError, register
from .clips import area_scaled, pixel_map
from .refinement import laid_over, refined
from .residual import Residual, measure
from .tiles import displacements, perceptual

__all__ = [
    "FAST",
    "WORK",
    "Aligned",
    "Key",
    "Side",
    "align",
    "best_partner",
    "key_of",
    "region_of",
    "residual_of",
]

WORK, FAST, COARSE = 1280, 640, 640
"""Widths of the working pictures for the last refinement, for comparing neighbours and for the first solve."""

TILE = 32
"""Side of a tile when neighbours are compared; else a tile is 1/32 of the width."""


@attrs.frozen(eq=False)
class Side:
    """One picture of a pair at working size. picture: display-encoded R'G'B'. live: where it shows picture. full:
    width and height of the frame."""

    picture: Pixels
    live: Mask
    full: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.shape[1], self.picture.shape[0]

    def at(self, width: int) -> Side:
        """The same, smaller."""
        if self.picture.shape[1] <= width:
            return self
        small = area_scaled(self.picture, width)
        size = (small.shape[1], small.shape[0])
        live: Any = cv2.resize(self.live.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        return Side(small, live > 0.99, self.full)

    def to_full(self) -> Matrix:
        """3x3 from working pixels to pixels of the frame."""
        found: Matrix = pixel_map(self.full, self.size)
        return found


@attrs.frozen(eq=False)
class Aligned:
    """matrix: 3x3 from pixels of the Source's frame to pixels of the Reference's, centres at whole numbers, y down.
    residual: what is left. automatic: the same for the plain global solve, which is what F_Align does in this engine;
    None if the pair was solved from a neighbour's map. score: correlation of the solve, None likewise."""

    matrix: Matrix
    residual: Residual
    automatic: Residual | None = None
    score: float | None = None


@attrs.frozen
class Key:
    """Keys of a Transform on the Reference, in Nuke's coordinates about the centre of the Source's format. off: largest
    distance, in pixels of the Source, between where it and the solved map take the live area."""

    translate: tuple[float, float]
    scale: tuple[float, float]
    rotate: float
    off: float


def align(
    source: Side, reference: Side, *, start: Matrix | None = None, motions: Motions | None = None
) -> Aligned:
    """Solve one pair. start: the map of a neighbour, in full pixels; it is only refined, and solved anew where
    that does not hold. Raises RegistrationError: nothing to compare, no agreement, or an implausible map."""
    motions = motions or Motions()
    if start is not None:
        matrix = _refined(source, reference, start, motions)
        left = residual_of(source, reference, matrix)
        if left.agreement > 0.6 and left.p95 < 1.0 and left.tiles >= 30:
            return Aligned(matrix, left)
    a, b = source.at(COARSE), reference.at(COARSE)
    found = register(brightness(_linear(a.picture)), _linear(b.picture), a.live, motions)
    solved = b.to_full() @ found.matrix @ np.linalg.inv(a.to_full())
    solved = solved / solved[2, 2]
    automatic = residual_of(source, reference, solved)
    matrix = _refined(source, reference, solved, motions)
    left = residual_of(source, reference, matrix)
    if (left.p95, -left.agreement) > (automatic.p95 + 0.05, 0.0):
        matrix, left = solved, automatic
    return Aligned(matrix, left, automatic, found.score)


def residual_of(source: Side, reference: Side, matrix: Matrix, *, width: int = WORK) -> Residual:
    """What a map leaves, see ``residual.measure``. matrix: in full pixels."""
    a, b = source.at(width), reference.at(width)
    local = np.linalg.inv(b.to_full()) @ matrix @ a.to_full()
    tile = max(20, a.size[0] // 32)
    pictures = perceptual(a.picture), laid_over(perceptual(b.picture), local, a.size)
    cover = laid_over(b.live.astype(np.float32), local, a.size) > 0.99
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
        planes = perceptual(a.picture), perceptual(b.picture)
        local = refined(*planes, local, a.live, b.live, motions or Motions(), rounds=2)
        cover = laid_over(b.live.astype(np.float32), local, a.size) > 0.99
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


def key_of(matrix: Matrix, source_size: tuple[int, int], reference_size: tuple[int, int]) -> Key:
    """The Transform that comes nearest to a map: translate, rotate, scale x and y about the centre of the Source's
    format, least squares over the picture. Sizes are (width, height) of the frames."""
    (w, h), (rw, rh) = source_size, reference_size
    forward = _flip(h) @ np.linalg.inv(matrix) @ np.linalg.inv(_flip(rh))
    xs, ys = np.meshgrid(np.linspace(0.04, 0.96, 9) * rw, np.linspace(0.04, 0.96, 7) * rh)
    points = np.stack([xs.ravel(), ys.ravel()], 1)
    aims = cv2.perspectiveTransform(points[None], forward)[0]
    centre = np.array([w / 2, h / 2])

    def moved(p: Any) -> Any:
        cos, sin = math.cos(p[4]), math.sin(p[4])
        local = (points - centre) * p[2:4]
        turned = np.stack([cos * local[:, 0] - sin * local[:, 1], sin * local[:, 0] + cos * local[:, 1]], 1)
        return turned + centre + p[:2]

    start = np.array([0.0, 0.0, w / rw, h / rh, 0.0])
    unit = np.array([1.0, 1.0, 1 / w, 1 / w, 1 / w])
    solved = least_squares(lambda p: (moved(p) - aims).ravel(), start, x_scale=unit).x
    off = float(np.linalg.norm(moved(solved) - aims, axis=1).max())
    x, y, sx, sy, angle = (float(v) for v in solved)
    return Key(
        (round(x, 3), round(y, 3)), (round(sx, 6), round(sy, 6)), round(math.degrees(angle), 5), round(off, 3)
    )


def matrix_of(key: Key, source_size: tuple[int, int], reference_size: tuple[int, int]) -> Matrix:
    """The map of a Transform with these keys, as ``Aligned.matrix`` has it."""
    (w, h), (_, rh) = source_size, reference_size
    angle = math.radians(key.rotate)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) @ np.diag(
        key.scale
    )
    centre = np.array([w / 2, h / 2])
    forward = np.eye(3)
    forward[:2, :2], forward[:2, 2] = turn, centre + np.array(key.translate) - turn @ centre
    found = np.linalg.inv(np.linalg.inv(_flip(h)) @ forward @ _flip(rh))
    result: Matrix = found / found[2, 2]
    return result


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
    for width in (FAST, WORK):
        a, b = source.at(width), reference.at(width)
        local = np.linalg.inv(b.to_full()) @ matrix @ a.to_full()
        local = refined(
            perceptual(a.picture),
            perceptual(b.picture),
            local,
            a.live,
            b.live,
            motions,
            rounds=2 if width == FAST else 3,
        )
        matrix = b.to_full() @ local @ np.linalg.inv(a.to_full())
    result: Matrix = matrix / matrix[2, 2]
    return result


def _linear(picture: Pixels) -> Pixels:
    return np.asarray(np.clip(picture, 0, 1) ** 2.2, np.float32)


def _flip(height: int) -> Matrix:
    """Pixel indices, y down, to Nuke's coordinates."""
    return np.array([[1.0, 0.0, 0.5], [0.0, -1.0, height - 0.5], [0.0, 0.0, 1.0]])


__all__ += ["RegistrationError", "implausible", "matrix_of"]
