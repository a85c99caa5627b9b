"""Chroma that was smeared so far that little of it is left at an edge: what the share that does not follow the Source
(:mod:`.edges`) cannot see, since a window without chroma contrast holds nothing to judge.

What contrast of chroma belongs at an edge is read from the frame itself: every Source colour is given some recovered
colour on average, most of it away from edges, and that map laid over the Source is as sharp as the Source.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from .shown import SOFT, Shown

__all__ = ["softness"]

CELL = np.array([12.0, 5.0, 5.0], np.float32)
"""Size of a cell of Source colours in L*, a*, b*."""

REACH = 4
"""Half the window in which contrasts are compared, in pixels."""

SOFTEST = 1.5
"""Gaussian against grain, in pixels, of a picture 480 across; SOFT at least."""

CHROMA = 4.0
"""Variance of expected (a*, b*) that a window needs."""

LEAST = 100
"""Pixels on such edges that a frame needs."""


_NUMBERED = np.array([[64.0 * 64, 64, 1, 32 * (64 * 64 + 64 + 1)]])
"""From a cell's place to its number, exact in float32."""


def softness(shown: Shown) -> float | None:
    """Share of the chroma contrast (a*, b*) at strong luma edges that is missing: 0 as sharp as the Source, 1 none;
    less than 0 where there is more. None where too few edges part colours."""
    spread = max(SOFT, SOFTEST * shown.source.shape[1] / 480)
    after = shown.recovered_lab[..., 1:]
    cells = shown.guide_lab / CELL
    np.floor(cells, out=cells)
    where = cv2.transform(cells, _NUMBERED).astype(np.intp).ravel()
    count = np.maximum(np.bincount(where), 1)
    variance: Any = 0.0
    shared: Any = 0.0
    for plane in (np.ascontiguousarray(after[..., n]) for n in (0, 1)):
        mapped = (np.bincount(where, plane.ravel()) / count)[where].reshape(plane.shape).astype(np.float32)
        expected, found = (cv2.GaussianBlur(p, (0, 0), spread) for p in (mapped, plane))
        middle = _mean(expected)
        variance = variance + _mean(expected * expected) - middle * middle
        shared = shared + _mean(expected * found) - middle * _mean(found)
    chosen = shown.edge & (variance > CHROMA)
    if np.count_nonzero(chosen) < LEAST:
        return None
    return 1 - float(shared[chosen].sum() / variance[chosen].sum())


def _mean(plane: Any) -> Any:
    return cv2.blur(plane, (2 * REACH + 1, 2 * REACH + 1), borderType=cv2.BORDER_REFLECT)
