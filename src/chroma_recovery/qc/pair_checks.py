"""Do the pairs of a training set agree: does each show the same picture on both sides, and the colours of the others?

One wrong pair teaches a wrong colour everywhere. It shows in two ways that need no truth: its Reference has other
edges than its Source, and what it says of each Source colour differs from what all other pairs say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.comparison import normalised
from ..engine.image import Pixels
from .change import lab_of
from .tracking import DARK
from .views import SMALL, reduced

__all__ = ["PairCheck", "PairChecks", "check_pairs"]

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


class PairChecks:
    """Takes pairs one by one and keeps of each a few numbers and a map of its colours (some 20 KB)."""

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._structures: list[float] = []
        self._colours: list[tuple[Any, Any, Any]] = []

    def add(self, number: int, source: Pixels, reference: Pixels) -> None:
        """Source and aligned Reference as display R'G'B' 0-1 of one size, of the picture area only."""
        small = [reduced(np.ascontiguousarray(p, np.float32), SMALL) for p in (source, reference)]
        self._numbers.append(number)
        self._structures.append(_agreement(*small))
        self._colours.append(_by_colour(lab_of(small[0]), lab_of(small[1])))

    def found(self) -> list[PairCheck]:
        """Each pair against the others. With fewer than three nothing can stand out: ratios are 1."""
        errors = _errors(self._colours)
        rows = list(zip(self._numbers, self._structures, errors, strict=True))
        if len(rows) < 3:
            return [PairCheck(n, s, 1.0, e, 1.0) for n, s, e in rows]
        usual = max(float(np.median(self._structures)), 0.05)
        usual_error = max(float(np.median(errors)), QUIET)
        return [PairCheck(n, s, s / usual, e, e / usual_error) for n, s, e in rows]


def check_pairs(pairs: Iterable[tuple[int, Pixels, Pixels]]) -> list[PairCheck]:
    """Each pair against the others. pairs: number, and pictures as :meth:`PairChecks.add` takes them."""
    checks = PairChecks()
    for number, source, reference in pairs:
        checks.add(number, source, reference)
    return checks.found()


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


def _errors(colours: Sequence[tuple[Any, Any, Any]]) -> list[float]:
    """By pair: median over its pixels of how far its colours lie from all other pairs' for the same Source colour."""
    if not colours:
        return []
    known = np.unique(np.concatenate([ids for ids, _, _ in colours]))
    weight, total = np.zeros(len(known)), np.zeros((len(known), 2))
    for ids, counts, sums in colours:
        at = np.searchsorted(known, ids)
        weight[at] += counts
        total[at] += sums
    found = []
    for ids, counts, sums in colours:
        at = np.searchsorted(known, ids)
        others = weight[at] - counts
        shared = others > 0.5  # pixels are whole: less is rounding
        if not shared.any():
            found.append(0.0)
            continue
        theirs = (total[at] - sums)[shared] / others[shared, None]
        apart = np.hypot(*(sums[shared] / counts[shared, None] - theirs).T)
        order = np.argsort(apart)
        passed = np.cumsum(counts[shared][order])
        found.append(float(apart[order][np.searchsorted(passed, passed[-1] / 2)]))
    return found
