"""What is measured at every pixel of a frame, in one pass over its rows.

A wide frame is worked through in strips that stay in the processor's cache: each is brought into the YCbCr domain,
measured, and averaged down, so that no picture in that domain is ever made whole. Counts and extremes do not depend on
the strips; pictures averaged in strips are those averaged at once, to rounding (1e-6).
"""

from __future__ import annotations

from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from ..colour.ycbcr import KB, KG, KR, LUMA_SCALE
from ..engine.image import Pixels
from .encoding import WIDE, Bring, as_given

__all__ = ["BINS", "SLACK", "SMALL", "FullSize", "full_size", "luma_of", "reduced"]

SMALL = 480
"""Pixels across of the pictures in which colour within a frame is measured."""

ROWS = 32
"""Rows of a strip."""

SLACK = 0.002
"""How far outside 0-1 a value counts as outside: about one step of half floats at 1, and of lossy compression."""

BYTE = 256

BINS = 4096
"""Cells of |dY| 0-1 from which its percentiles are read."""


@attrs.define(eq=False)
class FullSize:
    """Of every pixel of a frame. apart: pixels by |dY| of Recovered and Source, BINS cells over 0-1, the last one with
    what is beyond; most: the largest. outside, source_outside: pixels of Recovered and of the Source with a channel
    below 0, and above 1, by more than SLACK. codes: (height, width) 8-bit codes of Recovered's Y. small_source,
    small_recovered: R'G'B' of the YCbCr domain averaged down to SMALL pixels across."""

    apart: npt.NDArray[np.float64]
    most: float
    outside: tuple[int, int]
    source_outside: tuple[int, int]
    codes: npt.NDArray[np.uint8] = attrs.field(repr=False)
    small_source: Pixels = attrs.field(repr=False)
    small_recovered: Pixels = attrs.field(repr=False)

    @property
    def pixels(self) -> int:
        """How many there are."""
        return int(self.codes.size)


def full_size(source: Pixels, recovered: Pixels, bring: Bring = as_given) -> FullSize:
    """Look at every pixel. source, recovered: (height, width, 3), alike in size. bring: takes rows of such pictures to
    R'G'B' of the YCbCr domain, pixel by pixel."""
    height, width = source.shape[:2]
    rows = ROWS if width >= WIDE else height
    apart, most = np.zeros(BINS), 0.0
    outside, source_outside = np.zeros(2, np.int64), np.zeros(2, np.int64)
    codes = np.empty((height, width), np.uint8)
    small = [_Smaller(height, width, rows) for _ in range(2)]
    rooms = np.empty((2, 2, rows, width, 3), np.float32)
    for top in range(0, height, rows):
        place = slice(top, min(top + rows, height))
        before, after = bring(source[place], rooms[0]), bring(recovered[place], rooms[1])
        luma = luma_of(after)
        away = cv2.absdiff(luma, luma_of(before))
        here = float(cv2.minMaxLoc(away)[1])
        most = max(most, here)
        _count(away, here, apart)
        source_outside += _outside(before)
        outside += _outside(after)
        codes[place] = cv2.convertScaleAbs(cv2.max(luma, -16 / 255), alpha=255, beta=16)
        small[0].add(place, before)
        small[1].add(place, after)
    return FullSize(
        apart,
        most,
        (int(outside[0]), int(outside[1])),
        (int(source_outside[0]), int(source_outside[1])),
        codes,
        small[0].picture(),
        small[1].picture(),
    )


def _count(away: Pixels, most: float, apart: npt.NDArray[np.float64]) -> None:
    """Add pixels by |dY| to ``apart``; those of small differences as 8-bit numbers, which is quicker."""
    if most * BINS < BYTE:
        away *= np.float32(BINS)
        cells = away.astype(np.uint8)
        apart[:BYTE] += cv2.calcHist([cells], [0], None, [BYTE], [0, BYTE]).ravel()
        return
    counts = cv2.calcHist([away], [0], None, [BINS], [0.0, 1.0]).ravel().astype(np.float64)
    counts[-1] += away.size - counts.sum()
    apart += counts


class _Smaller:
    """A picture averaged down strip by strip: across at once, up and down at the end."""

    def __init__(self, height: int, width: int, rows: int) -> None:
        self.whole = rows >= height or width <= SMALL
        self.size = SMALL, max(2, round(height * SMALL / width))
        self.narrow: Any = None if self.whole else np.empty((height, SMALL, 3), np.float32)

    def add(self, place: slice, strip: Pixels) -> None:
        """Rows of the picture."""
        if self.whole:
            self.narrow = reduced(strip, SMALL)
        else:
            self.narrow[place] = cv2.resize(strip, (SMALL, len(strip)), interpolation=cv2.INTER_AREA)

    def picture(self) -> Pixels:
        """All of it."""
        if self.whole:
            return np.asarray(self.narrow, np.float32)
        return np.asarray(cv2.resize(self.narrow, self.size, interpolation=cv2.INTER_AREA), np.float32)


def _outside(picture: Pixels) -> tuple[int, int]:
    """Pixels with a channel below 0, and above 1."""
    least, most, _, _ = cv2.minMaxLoc(picture.reshape(picture.shape[0], -1))
    if least >= -SLACK and most <= 1 + SLACK:
        return 0, 0
    count = picture.shape[0] * picture.shape[1]
    high, low = 1e9, -1e9
    not_below = cv2.countNonZero(cv2.inRange(picture, (-SLACK,) * 3, (high,) * 3))
    not_above = cv2.countNonZero(cv2.inRange(picture, (low,) * 3, (1 + SLACK,) * 3))
    return count - not_below, count - not_above


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
