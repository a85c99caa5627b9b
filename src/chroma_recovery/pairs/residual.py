"""What is left between an aligned pair, in numbers: judged on edges, in pixels of a 1080-line picture."""

from __future__ import annotations

import attrs
import numpy as np

from .tiles import Tiles

__all__ = ["EDGE", "LINES", "Residual", "measure"]

LINES = 1080
"""Lines of the picture in whose pixels residuals are told, whatever the files' size."""

EDGE = 0.25
"""A tile holds an edge if its displacement across that edge is known to this many pixels or better."""


@attrs.frozen
class Residual:
    """p50, p95: distance across edges. p99: the same for the worst one in a hundred. border: p95 in the outer ring of
    the picture, which is where it shimmers. agreement: median share of the Source's local contrast that the Reference
    explains, 0..1. apart: share of structured tiles where the two show different things. clump: largest number of such
    tiles side by side. moved: largest clump of tiles that are displaced by more than a pixel. tiles: how many
    tiles hold an edge. covered: their share of all tiles."""

    p50: float
    p95: float
    p99: float
    border: float
    agreement: float
    apart: float
    clump: int
    moved: int
    tiles: int
    covered: float


def measure(tiles: Tiles, size: tuple[int, int], tile: int) -> Residual:
    """size: width and height of the working picture in which the tiles lie."""
    if not len(tiles):
        return Residual(99.0, 99.0, 99.0, 99.0, 0.0, 1.0, 0, 0, 0, 0.0)
    unit = LINES / size[1]
    structured = tiles.contrast > max(0.012, 0.35 * float(np.percentile(tiles.contrast, 75)))
    edges = (tiles.deviation() < EDGE) & (tiles.agreement > 0.2)
    apart = (structured & (tiles.agreement < 0.35)) | _one_sided(tiles)
    away = np.abs(tiles.across()) * unit
    far = edges & (away > 1.0 + 3 * tiles.deviation() * unit)
    count = int(edges.sum())
    x, y = tiles.centre.T
    ring = edges & (
        (x < x.min() + 1.5 * tile)
        | (x > x.max() - 1.5 * tile)
        | (y < y.min() + 1.5 * tile)
        | (y > y.max() - 1.5 * tile)
    )
    p50, p95, p99 = (
        (float(v) for v in np.percentile(away[edges], (50, 95, 99))) if count else (99.0, 99.0, 99.0)
    )
    return Residual(
        p50,
        p95,
        p99,
        float(np.percentile(away[ring], 95)) if ring.sum() >= 5 else p95,
        float(np.median(tiles.agreement[structured])) if structured.any() else 0.0,
        float(apart.sum() / max(1, structured.sum())),
        _clump(tiles, apart, tile),
        _clump(tiles, far, tile),
        count,
        count / len(tiles),
    )


def _one_sided(tiles: Tiles) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tiles where the Reference has strong contrast and the Source nearly none of it."""
    usual = float(np.median(tiles.contrast / np.maximum(tiles.other, 1e-4)))
    strong = tiles.other > max(0.08, 2 * float(np.median(tiles.other)))
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = strong & (tiles.contrast < 0.2 * usual * tiles.other)
    return found


def _clump(tiles: Tiles, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]], tile: int) -> int:
    """Size of the largest group of chosen tiles that touch, corners included."""
    left = {(int(x), int(y)) for x, y in np.floor(tiles.centre[chosen] / tile)}
    largest = 0
    while left:
        front, size = [left.pop()], 0
        while front:
            x, y = front.pop()
            size += 1
            near = {(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            front += near
        largest = max(largest, size)
    return largest
