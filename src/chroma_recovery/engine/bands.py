"""Bands of a frame's rows, read without the rest of it: enough to compare every frame of a clip cheaply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio

from ..errors import ImageFileError
from ..paths import posix
from .image import Pixels
from .opening import named, open_image

__all__ = ["BANDS", "ROWS", "bands_here", "bands_of", "tops"]

BANDS, ROWS = 16, 32
"""Bands read of a frame, and the rows of each: half as many of twice the height above TALL. Less tall pictures are read
whole."""

TALL = 1200


def bands_of(path: Path) -> tuple[Pixels, int] | None:
    """((bands, rows, width) square root of a file's brightness, height of its frame), read in a process of its own;
    None if it cannot be read."""
    from .decoder import bands

    try:
        return bands(path)
    except ImageFileError:
        return None


def bands_here(path: Path) -> tuple[Pixels, int]:
    """As :func:`bands_of`, in this process. Raises ImageFileError CR510, CR511, CR512."""
    with named(path):
        opened = open_image(path)
        try:
            found = _read(opened)
        finally:
            opened.geterror()
            opened.close()
        if found is None:
            raise ImageFileError.at("CR511", posix(path), "cannot be read whole", "copy the file again")
        if not np.isfinite(found[0]).all():
            raise ImageFileError.at("CR512", posix(path), "holds values that are no number")
        return found


def _read(opened: Any) -> tuple[Pixels, int] | None:
    spec = opened.spec()
    names = [n.rsplit(".", 1)[-1] for n in spec.channelnames]
    wanted = [names.index(c) for c in ("R", "G", "B") if c in names] or list(range(min(3, spec.nchannels)))
    first, last, high = min(wanted), max(wanted) + 1, spec.height
    rows = _rows(high)
    if high <= BANDS * ROWS or spec.tile_width or spec.format == oiio.UINT8:
        pixels = opened.read_image(0, 0, first, last, oiio.FLOAT)
        if pixels is None:
            return None
        return np.stack([_grey(pixels[y : y + rows], wanted, first) for y in tops(high)]), high
    parts = []
    for top in tops(high):
        pixels = opened.read_scanlines(spec.y + top, spec.y + top + rows, 0, first, last, oiio.FLOAT)
        if pixels is None:
            return None
        parts.append(_grey(pixels, wanted, first))
    return np.stack(parts), high


def _rows(high: int) -> int:
    return high if high <= BANDS * ROWS else 2 * ROWS if high > TALL else ROWS


def tops(high: int) -> list[int]:
    """First rows of the bands, where blocks of 16 or 32 rows begin."""
    rows = _rows(high)
    count = BANDS * ROWS // rows or 1
    return (
        [min(int((k + 0.5) * high / count) // ROWS * ROWS, high - rows) for k in range(count)]
        if rows < high
        else [0]
    )


def _grey(pixels: Any, wanted: list[int], first: int) -> Pixels:
    plane = np.asarray(pixels, np.float32)[..., [c - first for c in wanted]].mean(-1)
    return np.asarray(np.sqrt(np.clip(plane, 0, 4)), np.float32)
