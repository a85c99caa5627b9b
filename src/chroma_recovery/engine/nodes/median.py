"""Median."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..call import MASKING, Call, NodeOp
from ..image import Image, Pixels

__all__ = ["MEDIAN", "median"]

LIMIT = 1 << 24
"""Window values sorted at once."""

BY_OPENCV = (3, 5)
"""Square windows whose median OpenCV takes of float32, edges repeated too: the same values, much sooner."""


def median(plane: Pixels, width: int, height: int) -> Pixels:
    """Median of a centred width x height window (odd numbers), edges repeated; plane (rows, columns), for windows
    that OpenCV does also (rows, columns, 3 or 4)."""
    if width == height and width in BY_OPENCV and plane.size:
        return np.asarray(cv2.medianBlur(np.ascontiguousarray(plane), width), np.float32)
    dx, dy = width // 2, height // 2
    padded = np.pad(plane, ((dy, dy), (dx, dx)), mode="edge")
    count = width * height
    out = np.empty_like(plane)
    step = max(1, LIMIT // (count * plane.shape[1]))
    for top in range(0, plane.shape[0], step):
        rows = min(step, plane.shape[0] - top)
        windows = sliding_window_view(padded[top : top + rows + 2 * dy], (height, width))
        flat = np.array(windows).reshape(rows * plane.shape[1], count)
        flat.partition(count // 2, axis=1)
        out[top : top + rows] = flat[:, count // 2].reshape(rows, -1)
    return out


def _filtered(call: Call) -> Image:
    image = call.input(0)
    names = call.channels("channels", image.channels)
    width, height = (2 * int(max(0.0, v) // 2) + 1 for v in call.vector("size", 2, (3.0, 3.0)))
    if max(width, height) > 101:
        call.refuse("size", f"{max(width, height)} is too large to evaluate", "stay at 100 or below")
    if not names or (width == 1 and height == 1):
        return image
    chosen = image.select(names)
    if width == height and width in BY_OPENCV and len(names) in (3, 4):
        made = median(chosen, width, height)
    else:
        made = np.stack([median(plane, width, height) for plane in np.moveaxis(chosen, -1, 0)], -1)
    return call.masked(image, image.with_channels(names, made))


MEDIAN = NodeOp(_filtered, MASKING | {"channels", "size", "ignore_top_line"})
"""``size`` is the width of the window, made odd by 2 floor(size / 2) + 1 so that the picture does not shift;
10 and 11 are the same. ``ignore_top_line`` (for interlaced video) is not evaluated: both settings use every
line."""
