"""Luma identity and range of delivered frames, at full resolution."""

from __future__ import annotations

import numpy as np

from ..colour.ycbcr import KB, KG, KR, LUMA_SCALE
from ..engine.image import Pixels
from .meter import Values
from .profile import Profile
from .results import Column, FrameRow, Measure
from .views import Views

__all__ = ["Fidelity", "luma_of"]

SLACK = 0.002
"""How far outside 0-1 a value counts as outside: about one step of half floats at 1, and of lossy compression."""

BINS = 4096
"""Cells of |dY| 0-1 from which its percentiles are read; the cell's upper edge counts, so 1/4096 at most too much."""


def luma_of(picture: Pixels) -> Pixels:
    """Y of the YCbCr domain without its offset, (height, width) float32, 0-219/255 for R'G'B' in 0-1."""
    weights = np.array([KR, KG, KB], np.float32) * np.float32(LUMA_SCALE)
    luma: Pixels = picture @ weights
    return luma


class Fidelity:
    """Columns ``dY p99.9``, ``dY max``, ``below 0``, ``above 1``."""

    columns = (
        Column(
            "dY p99.9",
            "|dY|",
            "99.9th percentile over pixels of |Y Recovered - Y Source|, YCbCr domain",
            "Q104",
        ),
        Column("dY max", "|dY|", "largest |Y Recovered - Y Source| of any pixel, YCbCr domain", "Q105"),
        Column(
            "below 0",
            "share",
            "pixels with a channel below 0 beyond the Source's share, YCbCr domain",
            "Q111",
        ),
        Column(
            "above 1",
            "share",
            "pixels with a channel above 1 beyond the Source's share, YCbCr domain",
            "Q112",
        ),
    )

    def see(self, views: Views) -> Values:
        """Numbers of one frame."""
        away = np.abs(luma_of(views.recovered - views.source))
        most = float(away.max())
        counts = np.bincount(np.minimum((away.ravel() * BINS).astype(np.int32), BINS - 1), minlength=BINS)
        at = int(np.searchsorted(np.cumsum(counts), 0.999 * away.size))
        below, above = _outside(views.recovered)
        below_source, above_source = _outside(views.source)
        return {
            "dY p99.9": min((at + 1) / BINS, most),
            "dY max": most,
            "below 0": max(0.0, below - below_source),
            "above 1": max(0.0, above - above_source),
        }

    def finish(self, rows: list[FrameRow], profile: Profile) -> list[Measure]:
        """The worst frame of each."""
        worst = {c.name: max((r.values[c.name], r.frame) for r in rows) for c in self.columns}
        return [
            profile.measure(c.code, value, f"worst in frame {frame}")
            if value
            else profile.measure(c.code, value)
            for c in self.columns
            for value, frame in [worst[c.name]]
        ]


def _outside(picture: Pixels) -> tuple[float, float]:
    low, high = picture.min(axis=-1), picture.max(axis=-1)
    return float(np.mean(low < -SLACK)), float(np.mean(high > 1 + SLACK))
