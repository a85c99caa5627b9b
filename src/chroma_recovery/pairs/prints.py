"""Small prints of frames: their local contrast, by which moments are told apart whatever the colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np

from ..engine.comparison import normalised
from ..engine.image import Pixels

__all__ = ["PRINT", "print_of", "similarities"]

PRINT = (128, 72)
"""Width and height of a print."""

ROAM = (8, 5)
"""Pixels of a print that framing may differ by, each way: 6 % of the frame."""


def print_of(picture: Pixels) -> Pixels:
    """(72, 128) local contrast of a picture of any size."""
    small: Any = cv2.resize(picture.mean(-1), PRINT, interpolation=cv2.INTER_AREA)
    return normalised(np.sqrt(np.maximum(small, 0)).astype(np.float32), 6.0)


def similarities(one: Pixels, others: Iterable[Pixels], *, roam: bool = True) -> Any:
    """Best correlation of the middle of ``one`` anywhere near the same place in each of the others, -1..1; at the same
    place alone if it may not roam."""
    if not roam:
        x, y = ROAM
        return np.array([np.corrcoef(one[y:-y, x:-x].ravel(), o[y:-y, x:-x].ravel())[0, 1] for o in others])
    x, y = ROAM
    x, y = x + 4, y + 3  # letterboxes and overscan stay out
    middle = one[y:-y, x:-x]
    found = []
    for other in others:
        near = other[3:-3, 4:-4]
        found.append(float(cv2.matchTemplate(near, middle, cv2.TM_CCOEFF_NORMED).max()))
    return np.array(found)
