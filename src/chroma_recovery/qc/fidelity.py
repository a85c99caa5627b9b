"""Luma identity and range of delivered frames, at full resolution."""

from __future__ import annotations

import cv2
import numpy as np

from ..engine.image import Pixels
from .meter import Values
from .profile import Profile
from .results import Column, FrameRow, Measure
from .views import Views

__all__ = ["Fidelity"]

SLACK = 0.002
"""How far outside 0-1 a value counts as outside: about one step of half floats at 1, and of lossy compression."""

BINS = 4096
"""Cells of |dY| 0-1 from which its percentiles are read; the cell's upper edge counts, so 1/4096 at most too much."""


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
        away = cv2.absdiff(views.luma, views.source_luma)
        most = float(cv2.minMaxLoc(away)[1])
        counts = cv2.calcHist([away], [0], None, [BINS], [0.0, 1.0]).ravel()
        counts[-1] += away.size - counts.sum(dtype=np.float64)  # what is more than 1 apart
        at = int(np.searchsorted(np.cumsum(counts, dtype=np.float64), 0.999 * away.size))
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
    least, most, _, _ = cv2.minMaxLoc(picture.reshape(picture.shape[0], -1))
    if least >= -SLACK and most <= 1 + SLACK:
        return 0.0, 0.0
    count = picture.shape[0] * picture.shape[1]
    high, low = 1e9, -1e9
    not_below = cv2.countNonZero(cv2.inRange(picture, (-SLACK,) * 3, (high,) * 3))
    not_above = cv2.countNonZero(cv2.inRange(picture, (low,) * 3, (1 + SLACK,) * 3))
    return 1 - not_below / count, 1 - not_above / count
