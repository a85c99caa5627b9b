"""Where the two sides of a pair show different things, place by place: how a Reference of another moment is told.

A wrong moment that could be laid over the Source differs from it only where something moved, which no mean over the
picture shows. So the picture is cut into tiles, and in each the Source's brightness is explained by what may lawfully
differ: a constant and a slope (uneven fading), the Reference's three channels (faded dyes weigh them anew) and its
gradients (a rest of misalignment; B. Lucas and T. Kanade 1981). What stays unexplained, as a share of the tile's own
contrast, is small for the right frame whatever its colours are.
"""

from __future__ import annotations

from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from ..engine.image import Pixels
from .views import SMALL, reduced

__all__ = ["PairPlaces", "PlacesOf", "marked", "unexplained"]

Floats = npt.NDArray[np.float32]

TILES, SMALLEST = 20, 24
"""Tiles across the picture, and pixels that one has at least."""

SOFT = 0.9
"""Gaussian against grain, in pixels."""

FAINT = 0.001
"""Variance of brightness (0-1) beside which a tile's own counts: what is fainter can hardly be told from grain."""

WORST = 98
"""Percentile over the tiles: one tile in fifty, about a person in a street."""

MOST_USUAL = 0.25
"""Share that the median pair may leave unexplained; where all pairs leave more, all of them are wrong."""

BLACK = 0.05
"""Code value (0-1) up to which an edge of the Reference may be a border."""

SEEN = 0.7
"""Share of a tile in which the Reference has to hold picture."""


@attrs.frozen(eq=False)
class PlacesOf:
    """One pair. number: of the pair. tiles: (rows, columns) unexplained share 0-1, NaN where the Reference holds no
    picture. worst: its 98th percentile. beyond: the same beyond what the median pair leaves."""

    number: int
    tiles: Floats
    worst: float
    beyond: float


class PairPlaces:
    """Takes pairs one by one and keeps of each a few hundred numbers."""

    def __init__(self) -> None:
        self._tiles: list[tuple[int, Floats]] = []

    def add(self, number: int, source: Pixels, reference: Pixels) -> None:
        """Source and aligned Reference as display R'G'B' 0-1 of one size, of the picture area only."""
        self._tiles.append((number, unexplained(source, reference)))

    def found(self) -> list[PlacesOf]:
        """Each pair against the others, in the order in which they came."""
        worst = [_worst(tiles) for _, tiles in self._tiles]
        usual = min(float(np.median(worst)), MOST_USUAL) if worst else 0.0
        return [
            PlacesOf(n, tiles, value, max(value - usual, 0.0))
            for (n, tiles), value in zip(self._tiles, worst, strict=True)
        ]


def unexplained(source: Pixels, reference: Pixels) -> Floats:
    """(rows, columns) share 0-1 of the Source's local contrast that the Reference does not explain; NaN where the
    Reference holds no picture. Both display R'G'B' 0-1 of one size, the Reference aligned."""
    pair = [reduced(np.ascontiguousarray(p, np.float32), SMALL) for p in (source, reference)]
    height, width = pair[0].shape[:2]
    side = max(SMALLEST, round(width / TILES))
    rows, columns = max(1, height // side), max(1, width // side)
    high, wide = min(side, height), min(side, width)
    held = _held(pair[1])
    one, other = (cv2.GaussianBlur(np.clip(p, 0, 1), (0, 0), SOFT) for p in pair)
    grey = other.mean(axis=-1)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, x, 1 - x, ksize=3, scale=1 / 8) for x in (1, 0))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / 100
    planes = np.dstack([other, across, down, x, y, one.mean(axis=-1), held])

    def cut(plane: Any) -> Any:
        part = plane[: rows * high, : columns * wide]
        return (
            part.reshape(rows, high, columns, wide, -1)
            .swapaxes(1, 2)
            .reshape(rows * columns, high * wide, -1)
        )

    tiles = cut(planes).astype(np.float64)
    weight = tiles[..., -1:]
    count = weight.sum(axis=1)
    values = tiles[..., :-1]
    values = (values - (values * weight).sum(axis=1, keepdims=True) / np.maximum(count, 1)[:, None]) * weight
    products = values.swapaxes(1, 2) @ values / np.maximum(count, 1)[:, None]
    normal, shared, own = products[:, :7, :7].copy(), products[:, :7, 7], products[:, 7, 7]
    ridge = 1e-3 * np.trace(normal[:, :3, :3], axis1=1, axis2=2) / 3 + 1e-8
    normal[:, range(3), range(3)] += ridge[:, None]
    normal[:, range(3, 7), range(3, 7)] += 1e-7
    weights = np.linalg.solve(normal, shared[..., None])[..., 0]
    left = (
        own
        - 2 * (weights * shared).sum(-1)
        + np.einsum("ni,nij,nj->n", weights, products[:, :7, :7], weights)
    )
    share = np.clip(left, 0, None) / (own + FAINT)
    share[count[:, 0] < SEEN * high * wide] = np.nan
    return np.asarray(share.reshape(rows, columns), np.float32)


def _held(reference: Pixels) -> Any:
    """Where the Reference holds picture: not in black that reaches in from an edge, as borders and what alignment left
    uncovered do."""
    black = np.pad(np.asarray(reference.max(axis=-1) < BLACK, np.uint8), 1, constant_values=1)
    _, parts = cv2.connectedComponents(black, connectivity=4)
    held = np.asarray(parts[1:-1, 1:-1] != parts[0, 0], np.uint8)
    return cv2.erode(held, np.ones((7, 7), np.uint8), borderValue=1)


def _worst(tiles: Floats) -> float:
    known = tiles[~np.isnan(tiles)]
    return float(np.percentile(known, WORST)) if known.size else 1.0


def marked(picture: Pixels, tiles: Floats, limit: float) -> Pixels:
    """The picture dimmed, but for the tiles whose unexplained share is beyond a limit, which are framed in red."""
    height, width = picture.shape[:2]
    rows, columns = tiles.shape
    shown = np.asarray(np.clip(picture, 0, 1) * np.float32(0.45), np.float32)
    lines = max(1, width // 400)
    for row, column in np.argwhere(np.nan_to_num(tiles) > limit):
        top, bottom = (round(n * height / rows) for n in (row, row + 1))
        left, right = (round(n * width / columns) for n in (column, column + 1))
        shown[top:bottom, left:right] = np.clip(picture[top:bottom, left:right], 0, 1)
        cv2.rectangle(shown, (left, top), (right - 1, bottom - 1), (1.0, 0.25, 0.2), lines)
    return shown
