"""How much each frame of a shot flickers: one factor per channel, measured on the Source alone.

Dyes that are nearly gone are amplified, and so is every small change of printing light or scanner from frame to
frame. Pictures are compared at low resolution as logarithms of encoded values plus OFFSET, where such a change is the
same number everywhere: sRGB encoding is a power of the light plus that offset. Each frame is compared with the REACH
after it; what most pixels of two frames differ by is taken, whatever moves among them. All comparisons together give
one curve per channel, and what that curve departs from a straight line fitted around each frame is flicker. Fades,
pans and slow changes of light are straight enough to stay. Frames too unlike are not compared, which is
how a cut ends the curve.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
from scipy.linalg import solveh_banded

__all__ = ["OFFSET", "Comparisons", "flicker"]

OFFSET = 0.055
"""Of the sRGB encoding."""

REACH = 3
"""Frames that each one is compared with."""

WINDOW = 12
"""Frames on either side that the straight line is fitted to."""

LEAST = 5
"""Frames that must hang together to tell flicker from anything."""

STEP = 0.15
"""A greater change is none of flicker's: about 0.15 in density."""

UNLIKE = 0.12
"""Two frames whose pixels typically depart that much from the common change show different things."""

DARK, BRIGHT = 0.02, 0.98
"""Encoded values beyond which pixels are clipped, or nothing but noise."""

SHARE = 0.05
"""Of the pixels must be between those."""

Array = npt.NDArray[np.float64]


def _shift(a: Array, b: Array) -> tuple[int, int]:
    """Whole columns and rows that the picture moved by from a to b, both (h, w, 3); 0, 0 where that is not clear."""
    one, two = (np.ascontiguousarray(np.nan_to_num(p, nan=float(np.log(OFFSET))).mean(2)) for p in (a, b))
    if min(one.shape) < 16 or one.std() < 1e-3 or two.std() < 1e-3:
        return 0, 0
    (x, y), _ = cv2.phaseCorrelate(one, two, cv2.createHanningWindow(one.shape[::-1], cv2.CV_64F))
    x, y = round(x), round(y)
    return (x, y) if abs(x) < one.shape[1] // 3 and abs(y) < one.shape[0] // 3 else (0, 0)


def _compared(a: Array, b: Array) -> Array | None:
    """What most pixels differ by: (h, w, 3) each, with NaN where nothing can be said -> (3,), or None."""
    height, width = a.shape[:2]
    best: tuple[float, Array, Array] | None = None
    for x, y in dict.fromkeys([(0, 0), _shift(a, b)]):
        mine = a[max(-y, 0) : height - max(y, 0), max(-x, 0) : width - max(x, 0)]
        theirs = b[max(y, 0) : height - max(-y, 0), max(x, 0) : width - max(-x, 0)]
        away = (mine - theirs).reshape(-1, 3)
        known = np.isfinite(away).all(1)
        if known.mean() < SHARE:
            continue
        away = away[known]
        change: Array = np.median(away, 0)
        far = np.abs(away - change).max(1)
        usual = float(np.median(far))
        if best is None or usual < best[0]:
            best = usual, away, far
    if best is None or best[0] > UNLIKE:
        return None
    usual, away, far = best
    for _ in range(4):
        weight = (1 + (far / max(usual, 0.003)) ** 2) ** -2
        change = (weight[:, None] * away).sum(0) / weight.sum()
        far = np.abs(away - change).max(1)
        usual = float(np.median(far))
    return change if float(np.abs(change).max()) < STEP else None


class Comparisons:
    """Takes the frames of a shot one after the other; holds REACH of them and a few numbers per frame."""

    def __init__(self) -> None:
        self._last: list[tuple[int, Array]] = []
        self._found: list[tuple[int, int, Array]] = []
        self._frames: list[int] = []

    def add(self, frame: int, encoded: npt.NDArray[np.float32]) -> None:
        """encoded: (h, w, 3), a small version of the frame, encoded values. Frames come in rising order."""
        small = encoded.astype(np.float64)
        fine = (small.min(2) > DARK) & (small.max(2) < BRIGHT)  # false for NaN
        picture = np.full_like(small, np.nan)
        picture[fine] = np.log(small[fine] + OFFSET)
        number = len(self._frames)
        for other, before in self._last:
            if before.shape == picture.shape and (change := _compared(before, picture)) is not None:
                self._found.append((other, number, change))
        self._last = [*self._last, (number, picture)][-REACH:]
        self._frames.append(frame)

    def factors(self) -> dict[int, Array]:
        """By frame, what the encoded values plus OFFSET are to be multiplied with, one number per channel."""
        whole = np.zeros((len(self._frames), 3))
        for group in _groups(len(self._frames), self._found):
            inside = [(a - group[0], b - group[0], d) for a, b, d in self._found if a in group]
            whole[group.start : group.stop] = flicker(_curve(len(group), inside))
        return {frame: np.exp(-whole[k]) for k, frame in enumerate(self._frames)}


def _groups(count: int, found: list[tuple[int, int, Array]]) -> list[range]:
    """Runs of at least LEAST frames without a gap that no comparison bridges."""
    bridged = np.zeros(max(count - 1, 0), bool)
    for a, b, _ in found:
        bridged[a:b] = True
    ends = [-1, *np.flatnonzero(~bridged).tolist(), count - 1]
    runs = [range(a + 1, b + 1) for a, b in pairwise(ends)]
    return [r for r in runs if len(r) >= LEAST]


def _curve(count: int, found: list[tuple[int, int, Array]]) -> Array:
    """Least squares: (count, 3) whose differences are those found, nearer frames counting more."""
    matrix, right = np.zeros((REACH + 1, count)), np.zeros((count, 3))
    matrix[0] = 1e-9
    for a, b, change in found:
        weight = 1 / (b - a)
        matrix[0, [a, b]] += weight
        matrix[b - a, a] -= weight
        right[a] += weight * change
        right[b] -= weight * change
    return np.asarray(solveh_banded(matrix, right, lower=True), np.float64)


def flicker(curve: Array) -> Array:
    """What a curve (n, 3) departs from the straight lines around each of its points; points far off count less."""
    count = len(curve)
    away = np.arange(-WINDOW, WINDOW + 1)
    at = np.arange(count)[:, None] + away
    near = (1 - (np.abs(away) / (WINDOW + 1)) ** 3) ** 3 * ((at >= 0) & (at < count))
    at = at.clip(0, count - 1)
    trusted = np.ones_like(curve)
    for _ in range(3):
        weight = near[..., None] * trusted[at]
        x = away[:, None].astype(np.float64)
        s0, s1, s2 = weight.sum(1), (weight * x).sum(1), (weight * x * x).sum(1)
        t0, t1 = (weight * curve[at]).sum(1), (weight * x * curve[at]).sum(1)
        left = curve - (s2 * t0 - s1 * t1) / np.maximum(s0 * s2 - s1 * s1, 1e-12)
        usual = 1.4826 * np.median(np.abs(left), 0) + 1e-5
        trusted = 1 / (1 + (left / (4 * usual)) ** 2)
    return np.asarray(left, np.float64)
