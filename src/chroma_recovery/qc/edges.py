"""Chroma where luma has edges, and chroma in smooth areas: bleed and banding.

Both are judged against the Source, whose geometry is right even where its colour is gone.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from ..engine.image import Pixels
from .change import lab_of
from .meter import Values
from .profile import Profile
from .results import Column, FrameRow, Measure
from .softness import softness, strong_edges
from .views import Views

__all__ = ["Edges", "banding", "bleed"]

REACH = 4
"""Half the window, in pixels at 480 across, in which recovered chroma has to follow the Source."""

SOFT = 0.8
"""Gaussian that takes the finest grain away first, in pixels."""

CHROMA = 9.0
"""Variance of (a*, b*) that a window needs: less holds no colour that could bleed."""

LEAST = 400
"""Pixels on edges that a frame needs."""

RUN = 16
"""Pixels of a run in which steps are looked for."""

VISIBLE, LARGEST = 2.5, 10.0
"""Change of a* or b* along a run: less is what 8-bit chroma does, more is an object's edge."""


class Edges:
    """Columns ``bleed``, ``soft chroma``, ``banding``."""

    columns = (
        Column("bleed", "share", "chroma variance at luma edges that does not follow the Source", "Q501"),
        Column("soft chroma", "share", "chroma contrast at luma edges that is missing", "Q503"),
        Column(
            "banding", "share", "smooth runs whose chroma goes in steps where the Source does not", "Q502"
        ),
    )

    def see(self, views: Views) -> Values:
        """Numbers of one frame."""
        found: Values = {}
        spread = bleed(views.shown_source, views.shown_recovered)
        if spread is not None:
            found["bleed"] = spread
        soft = softness(views.shown_source, views.shown_recovered)
        if soft is not None:
            found["soft chroma"] = soft
        stepped = banding(views.shown_source, views.shown_recovered)
        if stepped is not None:
            found["banding"] = stepped
        return found

    def finish(self, rows: list[FrameRow], profile: Profile) -> list[Measure]:
        """95th percentile over the frames."""
        found = []
        for column in self.columns:
            values = [r.values[column.name] for r in rows if column.name in r.values]
            if values:
                found.append(profile.measure(column.code, float(np.percentile(values, 95))))
        return found


def bleed(source: Pixels, recovered: Pixels) -> float | None:
    """Share 0-1 of the variance of recovered (a*, b*) around strong luma edges that no linear function of the Source's
    R'G'B' within a 9x9 window explains; both display R'G'B'. Chroma that was smeared or moved across an edge does not
    follow the Source there, chroma that is merely another colour does. None where there are too few edges with colour.
    The local linear model is that of the guided filter (K. He and others 2010).
    """
    guide = cv2.GaussianBlur(source, (0, 0), SOFT)
    lab = cv2.GaussianBlur(lab_of(recovered), (0, 0), SOFT)
    light = lab_of(guide)[..., 0]
    edge = strong_edges(light)
    if np.count_nonzero(edge) < LEAST:
        return None
    planes = [guide[..., n] for n in range(3)] + [lab[..., n] for n in (1, 2)]
    means = [_mean(p)[edge].astype(np.float64) for p in planes]

    def together(i: int, j: int) -> Any:
        return _mean(planes[i] * planes[j])[edge] - means[i] * means[j]

    normal = np.empty((int(np.count_nonzero(edge)), 3, 3))
    for i in range(3):
        for j in range(i, 3):
            normal[:, i, j] = normal[:, j, i] = together(i, j)
    normal += np.eye(3) * 1e-7
    left, whole = np.zeros(len(normal)), np.zeros(len(normal))
    for k in (3, 4):
        variance = np.maximum(together(k, k), 0)
        shared = np.stack([together(i, k) for i in range(3)], -1)
        weights = np.linalg.solve(normal, shared[..., None])[..., 0]
        left += np.maximum(variance - (weights * shared).sum(-1), 0)
        whole += variance
    coloured = whole > CHROMA
    if np.count_nonzero(coloured) < LEAST:
        return None
    return float(left[coloured].sum() / whole[coloured].sum())


def _mean(plane: Any) -> Any:
    return cv2.blur(plane, (2 * REACH + 1, 2 * REACH + 1), borderType=cv2.BORDER_REFLECT)


def banding(source: Pixels, recovered: Pixels) -> float | None:
    """Share 0-1 of smooth runs (16 pixels along rows and columns, L* of the Source within 8) in which a* or b* of
    Recovered changes by 2.5 to 10 in a few steps while the Source changes evenly; both display R'G'B'. Evenness is the
    participation ratio of the steps, ``(sum |g|)^2 / (n sum g^2)``: 1 for a ramp, 0.64 for grain, k/n for k steps.
    None where fewer than 5 % of the picture is smooth.
    """
    smooth_runs = stepped = runs = 0
    labs = [lab_of(p) for p in (source, recovered)]
    for upright in (False, True):
        before, after = (_runs(lab, upright) for lab in labs)
        even, extent = _evenness(before)
        stepping, change = _evenness(after[..., 1:])
        smooth = (extent[..., 0] < 8) & (before[..., 0].mean(axis=0) > 12)
        visible = (change > VISIBLE) & (change < LARGEST)
        hit = visible & (stepping < 0.25) & (even.min(axis=-1) > 0.45)[..., None]
        stepped += int(np.count_nonzero(hit & smooth[..., None]))
        smooth_runs += 2 * int(np.count_nonzero(smooth))
        runs += 2 * smooth.size
    return stepped / smooth_runs if smooth_runs > 0.05 * runs else None


def _runs(lab: Pixels, upright: bool) -> Any:
    """(RUN, lines, runs, channels): sums along the first axis are the quick ones."""
    lines = lab.swapaxes(0, 1) if upright else lab
    count = lines.shape[1] // RUN
    cut = lines[:, : count * RUN].reshape(lines.shape[0], count, RUN, lab.shape[-1])
    return np.ascontiguousarray(cut.transpose(2, 0, 1, 3))


def _evenness(runs: Any) -> tuple[Any, Any]:
    steps = np.abs(np.diff(runs, axis=0))
    ratio = steps.sum(axis=0) ** 2 / ((RUN - 1) * (steps * steps).sum(axis=0) + 1e-9)
    return ratio, runs.max(axis=0) - runs.min(axis=0)
