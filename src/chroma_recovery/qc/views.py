"""One frame of a shot as it is measured: Source and Recovered side by side."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import cv2
import numpy as np

from ..engine.image import Pixels

__all__ = ["Views", "reduced"]


def _same(picture: Pixels) -> Pixels:
    return picture


@attrs.frozen(eq=False)
class Views:
    """Source and Recovered of one frame at full size.

    source, recovered: (height, width, 3) float32 R'G'B' as the graph's YCbCr domain encodes it (the sRGB curve on the
    working space's values), 0-1, top row first, the same crop and format. display: brings such pictures of any size to
    display R'G'B' (sRGB curve, Rec.709 primaries); nothing to do where they are that already.
    """

    frame: int
    source: Pixels = attrs.field(repr=False)
    recovered: Pixels = attrs.field(repr=False)
    display: Callable[[Pixels], Pixels] = attrs.field(default=_same, repr=False)


def reduced(picture: Pixels, width: int) -> Pixels:
    """A picture averaged down to a width in pixels; smaller ones stay."""
    if picture.shape[1] <= width:
        return picture
    height = max(2, round(picture.shape[0] * width / picture.shape[1]))
    small: Pixels = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
