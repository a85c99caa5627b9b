"""Luma identity and range of delivered frames, at full resolution."""

from __future__ import annotations

import numpy as np

from .meter import Values
from .profile import Profile
from .results import Column, FrameRow, Measure
from .scan import BINS
from .views import Views

__all__ = ["Fidelity"]


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
        """Numbers of one frame. A percentile is the upper edge of its cell of |dY|, at most 1/BINS too much."""
        full = views.full
        at = int(np.searchsorted(np.cumsum(full.apart), 0.999 * full.pixels))
        below, above = (v / full.pixels for v in full.outside)
        below_source, above_source = (v / full.pixels for v in full.source_outside)
        return {
            "dY p99.9": min((at + 1) / BINS, full.most),
            "dY max": full.most,
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
