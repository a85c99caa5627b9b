"""Colour over time in one region: nine quarters of the frame, overlapping by half, each against the whole frame.

A tint or flicker that covers a quarter of the picture hardly moves the colour of the frame. As in :mod:`.steadiness`
two views have to agree, and the smaller counts: how a region's colours changed from frame to frame beyond what the
whole frame did and the Source's own changes explain, and how far the recovered colour of a region lies from what the
shot makes of the same Source colours elsewhere, against the other regions of that frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..engine.image import Pixels
from .change import Floats
from .profile import Profile
from .results import Column, FrameRow, Measure
from .tracking import DARK, NAMES, QUARTERS, Step

__all__ = ["Regions"]

TILES = 4
"""Tiles across and down; a region is two by two of them."""

CELL = np.array([12.0, 5.0, 5.0], np.float32)
"""Size of a cell of Source colours in L*, a*, b*."""

LEAST = 0.1
"""Share of a region's pixels that has to be light enough."""

RIDGE = 0.05
"""Squared change of the Source (L*a*b*) that is taken for noise."""


class Regions:
    """Columns ``region flicker`` and ``region drift``. Keeps some 10 KB of each frame."""

    columns = (
        Column(
            "region flicker",
            "dE",
            "largest distance of a quarter's colour, less the frame's, from the median of the five frames around it",
            "Q407",
        ),
        Column(
            "region drift",
            "dE",
            "largest distance of a quarter's smoothed colour, less the frame's, from its median over the shot",
            "Q408",
        ),
    )

    def __init__(self) -> None:
        self._steps: list[Floats | None] = []
        self._tiles: list[tuple[Any, Any, Any]] = []
        self._pixels = 1

    def add(self, step: Step | None, source: Pixels, recovered: Pixels) -> None:
        """The next frame, both L*a*b*."""
        self._steps.append(None if step is None else step.regions)
        height, width = source.shape[:2]
        self._pixels = height * width
        down = np.minimum(np.arange(height) * TILES // height, TILES - 1)
        across = np.minimum(np.arange(width) * TILES // width, TILES - 1)
        tile = (down[:, None] * TILES + across[None]).astype(np.int64)
        light = source[..., 0] > DARK
        cell = np.floor(source[light] / CELL).astype(np.int64) + 32
        names = ((cell[:, 0] * 64 + cell[:, 1]) * 64 + cell[:, 2]) * TILES**2 + tile[light]
        ids, where = np.unique(names, return_inverse=True)
        where = where.ravel()
        sums = np.stack([np.bincount(where, recovered[light][:, n]) for n in (1, 2)], -1)
        counts = np.bincount(where, minlength=len(ids))
        self._tiles.append((ids.astype(np.int32), counts.astype(np.float32), sums.astype(np.float32)))

    def finish(self, rows: list[FrameRow], profile: Profile, seen: Any) -> list[Measure]:
        """Fill in the columns and judge the shot. seen: per frame, whether it shows anything."""
        views = self._followed(), self._mapped()
        found = []
        for column, how in zip(self.columns, (_unlike_neighbours, _unlike_the_shot), strict=True):
            sizes = np.minimum(*(np.hypot(*np.moveaxis(how(v), -1, 0)) for v in views)) * seen[:, None]
            for row, values in zip(rows, sizes, strict=True):
                if isinstance(row.values, dict):
                    row.values[column.name] = float(values.max())
            at, region = np.unravel_index(int(sizes.argmax()), sizes.shape)
            worst = float(sizes[at, region])
            where = f"largest at frame {rows[at].frame}, {NAMES[region]}" if worst > 0 else ""
            found.append(profile.measure(column.code, worst, where))
        return found

    def _followed(self) -> Floats:
        """Sum of what each region changed beyond the frame and the Source (frames, regions, 2)."""
        changes = np.full((len(self._steps), len(QUARTERS), 5), np.nan)
        for n, step in enumerate(self._steps):
            if step is not None:
                changes[n] = step
        known = ~np.isnan(changes[..., 0])
        result = np.zeros((*known.shape, 2))
        if known.sum() > 5:
            effects, causes = changes[known][:, :2], changes[known][:, 2:]
            normal = causes.T @ causes + np.eye(3) * RIDGE * len(causes)
            result[known] = effects - causes @ np.linalg.solve(normal, causes.T @ effects)
        return np.cumsum(result, axis=0)

    def _mapped(self) -> Floats:
        """How far each region departs from the shot's colours, less the middle of all regions (frames, regions, 2)."""
        cells = TILES**2
        known = np.unique(np.concatenate([ids // cells for ids, _, _ in self._tiles]))
        weight, total = np.zeros(len(known)), np.zeros((len(known), 2))
        for ids, counts, sums in self._tiles:
            at = np.searchsorted(known, ids // cells)
            np.add.at(weight, at, counts)
            np.add.at(total, at, sums)
        usual = total / np.maximum(weight, 1)[:, None]
        result = np.full((len(self._tiles), len(QUARTERS), 2), np.nan)
        for n, (ids, counts, sums) in enumerate(self._tiles):
            departed = sums - counts[:, None] * usual[np.searchsorted(known, ids // cells)]
            by_tile = [np.bincount(ids % cells, v, cells) for v in (counts, departed[:, 0], departed[:, 1])]
            for k, tiles in enumerate(_tiles_of_regions()):
                number, a, b = (float(v[tiles].sum()) for v in by_tile)
                if number > LEAST * self._pixels / 4:
                    result[n, k] = a / number, b / number
        for n in range(1, len(result)):  # what shows nothing stays where it was
            result[n] = np.where(np.isnan(result[n]), result[n - 1], result[n])
        result = np.nan_to_num(result)
        return np.asarray(result - np.median(result, axis=1, keepdims=True), np.float64)


def _tiles_of_regions() -> Iterator[list[int]]:
    for down, across in QUARTERS:
        yield [(down + y) * TILES + across + x for y in (0, 1) for x in (0, 1)]


def _medians(path: Floats, reach: int) -> Floats:
    reach = min(reach, len(path) - 1)
    padded = np.pad(path, ((reach, reach), (0, 0), (0, 0)), mode="reflect") if reach else path
    around: Sequence[Any] = [padded[n : n + len(path)] for n in range(2 * reach + 1)]
    return np.asarray(np.median(np.stack(around), axis=0), np.float64)


def _unlike_neighbours(path: Floats) -> Floats:
    return path - _medians(path, 2)


def _unlike_the_shot(path: Floats) -> Floats:
    smooth = _medians(path, 3)
    return np.asarray(smooth - np.median(smooth, axis=0), np.float64)
