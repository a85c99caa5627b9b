"""The Source's brightness as one smooth function of the Reference's colour, over the whole picture.

A faded print answers the Reference by a curve, not by a line: its shadows are lifted, its lights are flat. On a soft
edge what a curve leaves over looks like a movement towards the darker or the brighter side, by half a pixel and more in
dark pictures. So the curve is measured first: a polynomial of the third degree of R, G, B, robustly fitted, because
what is on one side only is no part of it.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from ..engine.comparison import Mask
from ..engine.image import Pixels

__all__ = ["DEGREE", "toned"]

DEGREE = 3
ROUNDS = 4
LEAST = 400
"""Places, each of 8x8 pixels' worth, that a curve needs."""

_POWERS = [
    (i, j, k) for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i) for k in range(DEGREE + 1 - i - j)
]


def toned(fixed: Pixels, moved: Pixels, mask: Mask) -> Pixels:
    """(height, width) the Reference as bright as the Source shows its colours.

    fixed: the Source's brightness, (height, width). moved: the Reference laid over it, (height, width, 3). mask: where
    both show picture; outside it the result means nothing. The mean of the channels where too little is shown.
    """
    small = (max(1, fixed.shape[1] // 6), max(1, fixed.shape[0] // 6))
    colours: Any = cv2.resize(moved, small, interpolation=cv2.INTER_AREA).reshape(-1, 3)
    aim: Any = cv2.resize(fixed, small, interpolation=cv2.INTER_AREA).ravel()
    inside: Any = cv2.resize(mask.astype(np.float32), small, interpolation=cv2.INTER_AREA).ravel() > 0.99
    if inside.sum() < LEAST:
        return np.asarray(moved.mean(-1), np.float32)
    terms, aim = _terms(colours[inside].astype(np.float64)), aim[inside].astype(np.float64)
    trust, found = np.ones(len(aim)), np.zeros(len(_POWERS))
    for _ in range(ROUNDS):
        weighted = terms * trust[:, None]
        normal = weighted.T @ terms / len(aim) + 1e-6 * np.eye(len(found))
        found = np.linalg.solve(normal, weighted.T @ aim / len(aim))
        left = np.abs(aim - terms @ found)
        trust = 1 / np.maximum(1, left / (1.5 * 1.4826 * float(np.median(left)) + 1e-6))
    return _at(found, moved)


def _terms(colours: Any) -> Any:
    r, g, b = colours.T
    return np.stack([r**i * g**j * b**k for i, j, k in _POWERS], 1)


def _at(found: Any, picture: Pixels) -> Pixels:
    """The polynomial at every pixel, nested, so that no more than a few planes lie in memory."""
    share = dict(zip(_POWERS, found.astype(np.float32), strict=True))
    r, g, b = cv2.split(np.ascontiguousarray(picture, np.float32))
    total: Any = np.zeros_like(r)
    for i in range(DEGREE, -1, -1):
        middle: Any = np.zeros_like(r)
        for j in range(DEGREE - i, -1, -1):
            inner: Any = np.full_like(r, share[i, j, DEGREE - i - j])
            for k in range(DEGREE - i - j - 1, -1, -1):
                inner *= b
                inner += share[i, j, k]
            middle *= g
            middle += inner
        total *= r
        total += middle
    return np.asarray(total, np.float32)
