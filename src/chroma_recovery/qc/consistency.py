"""Colour Distribution Consistency (CDC), the published measure of video colourisation.

Jensen-Shannon divergence (natural logarithm) of the 256-cell histograms of R, G and B of frames ``t`` apart, averaged
over channels and frames for t = 1, 2 and 4, and over these three. Y. Liu, H. Zhao, K. C. K. Chan and others 2021,
"Temporally Consistent Video Colorization with Deep Feature Propagation and Self-regularization Learning"
(arXiv:2110.04562); used by the NTIRE 2023 challenge. It knows no motion, so it is read beside the Source's own.
Measured on display R'G'B' reduced to 480 pixels across.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from ..engine.image import Pixels
from .meter import Values
from .profile import Profile
from .results import Column, FrameRow, Measure
from .views import Views

__all__ = ["DILATIONS", "Consistency", "histograms", "jensen_shannon"]

DILATIONS = (1, 2, 4)
"""Distances in frames."""


class Consistency:
    """Columns ``CDC``, ``CDC Source``: the mean divergence from the frames 1, 2 and 4 before."""

    columns = (
        Column("CDC", "JS divergence", "mean Jensen-Shannon divergence from frames 1, 2, 4 before", "Q405"),
        Column("CDC Source", "JS divergence", "the same of the Source", "Q406"),
    )

    def __init__(self) -> None:
        self._latest: dict[str, deque[Any]] = {c.name: deque(maxlen=max(DILATIONS)) for c in self.columns}
        self._sums = {c.name: dict.fromkeys(DILATIONS, (0.0, 0)) for c in self.columns}

    def see(self, views: Views) -> Values:
        """Numbers of one frame."""
        found: Values = {}
        for name, picture in (("CDC", views.shown.recovered), ("CDC Source", views.shown.source)):
            now, latest, here = histograms(picture), self._latest[name], []
            for apart in DILATIONS:
                if len(latest) >= apart:
                    value = float(jensen_shannon(now, latest[-apart]).mean())
                    total, count = self._sums[name][apart]
                    self._sums[name][apart] = total + value, count + 1
                    here.append(value)
            latest.append(now)
            if here:
                found[name] = sum(here) / len(here)
        return found

    def finish(self, rows: list[FrameRow], profile: Profile) -> list[Measure]:
        """CDC of Recovered and of the Source, as published."""
        found = []
        for column in self.columns:
            means = [total / count for total, count in self._sums[column.name].values() if count]
            if means:
                found.append(profile.measure(column.code, sum(means) / len(means)))
        return found


def histograms(display: Pixels) -> Any:
    """(3, 256) shares of the 8-bit codes of R, G, B."""
    codes = (np.clip(display, 0, 1) * 255 + 0.5).astype(np.uint8)
    counts = [np.bincount(codes[..., n].ravel(), minlength=256) for n in range(3)]
    return np.stack(counts) / codes[..., 0].size


def jensen_shannon(one: Any, other: Any) -> Any:
    """Divergence of distributions along the last axis, 0 to ln 2."""
    middle = (one + other) / 2

    def part(p: Any) -> Any:
        ratio = np.divide(p, middle, out=np.ones_like(p), where=p > 0)
        return (p * np.log(ratio)).sum(axis=-1)

    return (part(one) + part(other)) / 2
