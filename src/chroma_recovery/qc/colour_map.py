"""What colour the Recovered frames give to each colour of the Source, over the whole shot; and how far each frame
departs from that.

A recovery makes of one Source colour one recovered colour. Where a frame gives others than the rest of the shot do,
the recovery changed, whatever moved, appeared or was cut to.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.image import Pixels
from .change import Floats, fit_change
from .tracking import DARK, FLAT, skin_of

__all__ = ["ColourMap"]

CELL = np.array([8.0, 2.5, 2.5], np.float32)
"""Size of a cell of Source colours in L*, a*, b*."""

LEAST = 5
"""Cells that a frame needs."""


class ColourMap:
    """Sums of recovered colour by cell of Source colour, one set per frame (about 3 KB each)."""

    def __init__(self) -> None:
        self._frames: list[tuple[Any, Any, Any]] = []

    def add(self, source: Pixels, recovered: Pixels) -> None:
        """The next frame, both L*a*b*."""
        light = source[..., 0] > DARK
        if float(source[..., 0].std()) < FLAT or not light.any():
            self._frames.append(
                (np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros((0, 3), np.float32))
            )
            return
        cell = np.floor(source[light] / CELL).astype(np.int32) + 64
        ids, where = np.unique((cell[:, 0] * 128 + cell[:, 1]) * 128 + cell[:, 2], return_inverse=True)
        where = where.ravel()
        counts = np.bincount(where)
        sums = np.stack([np.bincount(where, recovered[light][:, n]) for n in range(3)], -1)
        self._frames.append((ids.astype(np.int32), counts.astype(np.float32), sums.astype(np.float32)))

    def departures(self) -> tuple[Floats, Floats]:
        """Per frame: the change of colour against the whole shot (frames, 4), and the same of skin (frames, 2) in a*,
        b*; NaN where a frame shows too little."""
        known = (
            np.unique(np.concatenate([f[0] for f in self._frames])) if self._frames else np.zeros(0, np.int32)
        )
        weight, total = np.zeros(len(known)), np.zeros((len(known), 3))
        for ids, counts, sums in self._frames:
            at = np.searchsorted(known, ids)
            weight[at] += counts
            total[at] += sums
        usual = total / np.maximum(weight, 1)[:, None]
        skin = skin_of(usual)
        changes = np.full((len(self._frames), 4), np.nan)
        of_skin = np.full((len(self._frames), 2), np.nan)
        for n, (ids, counts, sums) in enumerate(self._frames):
            if len(ids) < LEAST:
                continue
            at = np.searchsorted(known, ids)
            moved = (sums / counts[:, None] - usual[at])[:, 1:]
            changes[n] = fit_change(usual[at][:, 1:], moved, counts)
            if counts[skin[at]].sum() > 0.01 * counts.sum():
                of_skin[n] = np.average(moved[skin[at]], axis=0, weights=counts[skin[at]])
        return changes, of_skin
