"""One frame of a shot as it is measured: Source and Recovered side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import attrs
import cv2
import numpy as np

from ..colour.ycbcr import KB, KG, KR, LUMA_SCALE
from ..engine.image import Pixels

__all__ = ["SMALL", "Views", "luma_of", "reduced"]

SMALL = 480
"""Pixels across of the pictures in which colour within a frame is measured."""


def _same(picture: Pixels) -> Pixels:
    return picture


@attrs.frozen(eq=False, slots=False)
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

    @cached_property
    def luma(self) -> Pixels:
        """Y of Recovered, as :func:`luma_of`."""
        return luma_of(self.recovered)

    @cached_property
    def source_luma(self) -> Pixels:
        """Y of the Source, as :func:`luma_of`."""
        return luma_of(self.source)

    @cached_property
    def small_recovered(self) -> Pixels:
        """Recovered, encoded as given, at most :data:`SMALL` pixels across."""
        return reduced(self.recovered, SMALL)

    @cached_property
    def shown_source(self) -> Pixels:
        """Display R'G'B' of the Source, at most :data:`SMALL` pixels across."""
        return self.display(reduced(self.source, SMALL))

    @cached_property
    def shown_recovered(self) -> Pixels:
        """Display R'G'B' of Recovered, at most :data:`SMALL` pixels across."""
        return self.display(self.small_recovered)


def luma_of(picture: Pixels) -> Pixels:
    """Y of the YCbCr domain without its offset, (height, width) float32, 0-219/255 for R'G'B' in 0-1."""
    weights = np.array([[KR, KG, KB]], np.float32) * np.float32(LUMA_SCALE)
    return np.asarray(cv2.transform(np.ascontiguousarray(picture), weights), np.float32)


def reduced(picture: Pixels, width: int) -> Pixels:
    """A picture averaged down to a width in pixels; smaller ones stay."""
    if picture.shape[1] <= width:
        return picture
    height = max(2, round(picture.shape[0] * width / picture.shape[1]))
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
