"""Do the pairs of a training set agree: does each show the same picture on both sides, and the colours of the others?

One wrong pair teaches a wrong colour everywhere. It shows in two ways that need no truth: its Reference has other
edges than its Source, and what it says of each Source colour differs from what all other pairs say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.comparison import normalised
from ..engine.image import Pixels
from .change import lab_of
from .tracking import DARK
from .views import reduced

__all__ = ["PairCheck", "check_pairs"]

WIDTH = 480
"""Pixels across at which pairs are compared."""

CELL = np.array([10.0, 4.0, 4.0], np.float32)
"""Size of a cell of Source colours in L*, a*, b*."""

QUIET = 1.5
"""dE below which pairs agree as well as frames of one shot do, whatever the others' error."""


@attrs.frozen
class PairCheck:
    """One pair among the others. structure: correlation of local contrast of the two sides, -1..1. structure_share: the
    same relative to the median pair. error: dE in (a*, b*), median over the Source's colours, against the map of the
    other pairs. error_ratio: the same relative to the median pair."""

    number: int
    structure: float
    structure_share: float
    error: float
    error_ratio: float


def check_pairs(pairs: Sequence[tuple[int, Pixels, Pixels]]) -> list[PairCheck]:
    """Each pair against the others. pairs: number, Source and aligned Reference as display R'G'B' 0-1 of one size, of
    the picture area only. With fewer than three pairs nothing can stand out: ratios are 1."""
    numbers, structures, colours = [], [], []
    for number, source, reference in pairs:
        small = [reduced(np.ascontiguousarray(p, np.float32), WIDTH) for p in (source, reference)]
        numbers.append(number)
        structures.append(_agreement(*small))
        colours.append(_by_colour(lab_of(small[0]), lab_of(small[1])))
    errors = [_error(n, colours) for n in range(len(colours))]
    if len(numbers) < 3:
        return [PairCheck(n, s, 1.0, e, 1.0) for n, s, e in zip(numbers, structures, errors, strict=True)]
    usual = max(float(np.median(structures)), 0.05)
    usual_error = max(float(np.median(errors)), QUIET)
    return [
        PairCheck(n, s, s / usual, e, e / usual_error)
        for n, s, e in zip(numbers, structures, errors, strict=True)
    ]


def _agreement(source: Pixels, reference: Pixels) -> float:
    """Correlation of the local contrast of luma."""
    one, other = (normalised(_luma(p), 4.0) for p in (source, reference))
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).mean() / (one.std() * other.std() + 1e-9))


def _luma(picture: Pixels) -> Pixels:
    luma = np.clip(picture, 0, 1).mean(axis=-1)
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), 1.0), np.float32)


def _by_colour(source: Pixels, reference: Pixels) -> tuple[Any, Any, Any]:
    """Cells of Source colour, how many pixels, sums of the Reference's a*, b*."""
    light = source[..., 0] > DARK
    if not light.any():
        return np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 2))
    cell = np.floor(source[light] / CELL).astype(np.int64) + 64
    ids, where = np.unique((cell[:, 0] * 128 + cell[:, 1]) * 128 + cell[:, 2], return_inverse=True)
    where = where.ravel()
    sums = np.stack([np.bincount(where, reference[light][:, n]) for n in (1, 2)], -1)
    return ids, np.bincount(where).astype(np.float64), sums


def _error(n: int, colours: Sequence[tuple[Any, Any, Any]]) -> float:
    """Median over the pixels of pair n of how far its colours lie from the other pairs' for the same Source colour."""
    ids, counts, sums = colours[n]
    others = [c for m, c in enumerate(colours) if m != n]
    if not len(ids) or not others:
        return 0.0
    weight, total = np.zeros(len(ids)), np.zeros((len(ids), 2))
    for theirs, number, sum_ in others:
        at = np.searchsorted(theirs, ids)
        there = at < len(theirs)
        there[there] &= theirs[at[there]] == ids[there]
        weight[there] += number[at[there]]
        total[there] += sum_[at[there]]
    known = weight > 0
    if not known.any():
        return 0.0
    apart = np.hypot(*(sums[known] / counts[known, None] - total[known] / weight[known, None]).T)
    order = np.argsort(apart)
    passed = np.cumsum(counts[known][order])
    return float(apart[order][np.searchsorted(passed, passed[-1] / 2)])
