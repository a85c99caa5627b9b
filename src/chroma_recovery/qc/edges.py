"""Chroma where luma has edges, and chroma in smooth areas: bleed and banding.

Both are judged against the Source, whose geometry is right even where its colour is gone.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from ..engine.image import Pixels
from .meter import Values
from .profile import Profile
from .results import Column, FrameRow, Measure
from .shown import SOFT, Shown
from .softness import softness
from .views import Views

__all__ = ["Edges", "banding", "bleed"]

REACH = 4
"""Half the window, in pixels at 480 across, in which recovered chroma has to follow the Source."""

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
        spread = bleed(views.shown)
        if spread is not None:
            found["bleed"] = spread
        soft = softness(views.shown)
        if soft is not None:
            found["soft chroma"] = soft
        stepped = banding(views.shown)
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


def bleed(shown: Shown) -> float | None:
    """Share 0-1 of the variance of recovered (a*, b*) around strong luma edges that no linear function of the Source's
    R'G'B' within a 9x9 window explains. Chroma that was smeared or moved across an edge does not follow the Source
    there, chroma that is merely another colour does. None where there are too few edges with colour. The local linear
    model is that of the guided filter (K. He and others 2010).
    """
    guide, edge = shown.guide, shown.edge
    lab = cv2.GaussianBlur(shown.recovered_lab, (0, 0), SOFT)
    if np.count_nonzero(edge) < LEAST:
        return None
    planes = [np.ascontiguousarray(p) for p in (*np.moveaxis(guide, -1, 0), lab[..., 1], lab[..., 2])]
    places = np.flatnonzero(edge)

    def mean(plane: Any) -> Any:
        return np.take(_mean(plane), places)

    means = [mean(p).astype(np.float64) for p in planes]

    def together(i: int, j: int) -> Any:
        return mean(planes[i] * planes[j]) - means[i] * means[j]

    normal = {(i, j): together(i, j) + (1e-7 if i == j else 0.0) for i in range(3) for j in range(i, 3)}
    explained = np.stack([_explained(normal, [together(i, k) for i in range(3)]) for k in (3, 4)], -1)
    variance = np.stack([np.maximum(together(k, k), 0) for k in (3, 4)], -1)
    left, whole = np.maximum(variance - explained, 0).sum(axis=-1), variance.sum(axis=-1)
    coloured = whole > CHROMA
    if np.count_nonzero(coloured) < LEAST:
        return None
    return float(left[coloured].sum() / whole[coloured].sum())


def _explained(a: dict[tuple[int, int], Any], s: list[Any]) -> Any:
    """s' A^-1 s of many symmetric 3x3 matrices, by square roots (Cholesky) written out."""
    first, second = a[0, 1] / a[0, 0], a[0, 2] / a[0, 0]
    middle = a[1, 1] - first * a[0, 1]
    third = (a[1, 2] - second * a[0, 1]) / middle
    last = a[2, 2] - second * a[0, 2] - third * third * middle
    one = s[1] - first * s[0]
    two = s[2] - second * s[0] - third * one
    return s[0] * s[0] / a[0, 0] + one * one / middle + two * two / last


def _mean(plane: Any) -> Any:
    return cv2.blur(plane, (2 * REACH + 1, 2 * REACH + 1), borderType=cv2.BORDER_REFLECT)


def banding(shown: Shown) -> float | None:
    """Share 0-1 of smooth runs (16 pixels along rows and columns, L* of the Source within 8) in which a* or b* of
    Recovered changes by 2.5 to 10 in a few steps while the Source changes evenly. Evenness is the participation ratio
    of the steps, ``(sum |g|)^2 / (n sum g^2)``: 1 for a ramp, 0.64 for grain, k/n for k steps. None where fewer than
    5 % of the picture is smooth.
    """
    smooth_runs = stepped = runs = 0
    for upright in (False, True):
        before, after = (_runs(lab, upright) for lab in (shown.source_lab, shown.recovered_lab))
        light = np.ascontiguousarray(before[..., 0])
        smooth = (_extent(light) < 8) & (light.mean(axis=0) > 12)
        smooth_runs += 2 * int(np.count_nonzero(smooth))
        runs += 2 * smooth.size
        change = _extent(np.ascontiguousarray(after[..., 1:]))
        visible = (change > VISIBLE) & (change < LARGEST) & smooth[..., None]
        seen = visible.any(axis=-1)  # only these can count
        stepping = _evenness(after[:, seen][..., 1:])
        hit = visible[seen] & (stepping < 0.25) & (_evenness(before[:, seen]).min(axis=-1) > 0.45)[..., None]
        stepped += int(np.count_nonzero(hit))
    return stepped / smooth_runs if smooth_runs > 0.05 * runs else None


def _runs(lab: Pixels, upright: bool) -> Any:
    """(RUN, lines, runs, channels), a view: laid out like this, sums along the first axis are the quick ones."""
    lines = lab.swapaxes(0, 1) if upright else lab
    count = lines.shape[1] // RUN
    cut = lines[:, : count * RUN].reshape(lines.shape[0], count, RUN, lab.shape[-1])
    return cut.transpose(2, 0, 1, 3)


def _extent(runs: Any) -> Any:
    return runs.max(axis=0) - runs.min(axis=0)


def _evenness(runs: Any) -> Any:
    steps = np.abs(np.diff(runs, axis=0))
    return steps.sum(axis=0) ** 2 / ((RUN - 1) * (steps * steps).sum(axis=0) + 1e-9)
