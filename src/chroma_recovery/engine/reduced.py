"""Frames at working size: decoded in strips and reduced at once, so that a 4K frame never lies in memory whole."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import attrs
import cv2
import numpy as np
import OpenImageIO as oiio

from ..errors import ImageFileError
from ..paths import posix
from .files import read_here
from .image import Pixels
from .opening import named, open_image

__all__ = ["WORK", "Glimpse", "area_scaled", "glimpse", "glimpse_here", "working_width"]

WORK = 960
"""Width of a working picture of 16:9 or wider; others get as many pixels, see :func:`working_width`."""

PIXELS = WORK * WORK * 9 // 16

STRIP = 256
"""Lines of the largest block that EXR compresses in one piece (DWAB); strips hold whole blocks."""

OUTSIDE = 0.002
"""Values may leave 0..1 by this much: rounding and filters."""


@attrs.frozen(eq=False)
class Glimpse:
    """One frame. picture: display-encoded R'G'B', (height, width, 3) float32, reduced. full: width and height of the
    frame. low, high: least and greatest value of the whole frame. outside: share of its values that leave 0..1 by more
    than 0.002."""

    picture: Pixels
    full: tuple[int, int]
    low: float
    high: float
    outside: float


def working_width(full: tuple[int, int]) -> int:
    """Width of the working picture of a frame, (width, height): 960, or less for taller pictures: no shape takes
    longer than 960x540; never more than the frame has."""
    width, height = full
    return min(width, WORK, max(16, round(math.sqrt(PIXELS * width / height) / 16) * 16))


def area_scaled(picture: Pixels, width: int) -> Pixels:
    """Scaled down to a width by averaging; never up."""
    if picture.shape[1] <= width:
        return picture
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def glimpse(path: Path, width: int | None = None) -> Glimpse:
    """A frame reduced to a width, by default :func:`working_width`; decoded and reduced in a process of its own. Errors
    as ``files.read_image``."""
    from .decoder import reduced

    return reduced(path, width)


def glimpse_here(path: Path, width: int | None = None) -> Glimpse:
    """As :func:`glimpse`, in this process."""
    with named(path):
        return _in_strips(path, width) or _whole(path, width)


def _whole(path: Path, width: int | None) -> Glimpse:
    """Any file, by the engine's reader: data windows, channels in another order, one channel, tiles."""
    image = read_here(path).image
    rgb = np.ascontiguousarray(image.only(("red", "green", "blue")).filling()[..., :3])
    full = rgb.shape[1], rgb.shape[0]
    low, high, count = _extremes(rgb)
    return Glimpse(area_scaled(rgb, width or working_width(full)), full, low, high, count / rgb.size)


def _in_strips(path: Path, width: int | None) -> Glimpse | None:
    """A plain R, G, B file, averaged over whole blocks of pixels while it is decoded; None for any other."""
    opened = open_image(path)
    try:
        spec = opened.spec()
        full = spec.width, spec.height
        plain = (
            tuple(spec.channelnames[:3]) == ("R", "G", "B")
            and (spec.x, spec.y, *full) == (spec.full_x, spec.full_y, spec.full_width, spec.full_height)
            and not spec.tile_width
            and min(full) > 0
        )
        if not plain:
            return None
        width = width or working_width(full)
        by = next((n for n in range(full[0] // width, 0, -1) if full[0] % n == full[1] % n == 0), 1)
        strip = math.lcm(STRIP, by)
        parts, low, high, outside = [], math.inf, -math.inf, 0
        for y in range(0, full[1], strip):
            last = min(y + strip, full[1])
            pixels = opened.read_scanlines(spec.y + y, spec.y + last, 0, 0, 3, oiio.FLOAT)
            problem = opened.geterror()
            if pixels is None or problem:
                raise ImageFileError.at(
                    "CR511",
                    posix(path),
                    f"cannot be read whole: {problem.strip()[:300]}",
                    "copy the file again",
                )
            least, most, count = _extremes(pixels)
            if not (math.isfinite(least) and math.isfinite(most)):
                return None  # the engine's reader counts what is no number
            low, high, outside = min(low, least), max(high, most), outside + count
            small = (full[0] // by, (last - y) // by)
            parts.append(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA) if by > 1 else pixels)
        picture: Any = np.concatenate(parts)
        return Glimpse(area_scaled(picture, width), full, low, high, outside / (3 * full[0] * full[1]))
    finally:
        opened.close()


def _extremes(pixels: Any) -> tuple[float, float, int]:
    low, high = float(pixels.min()), float(pixels.max())
    beyond = low < -OUTSIDE or high > 1 + OUTSIDE
    count = int(((pixels < -OUTSIDE) | (pixels > 1 + OUTSIDE)).sum()) if beyond else 0
    return low, high, count
