"""Image files are opened here and nowhere else: OpenImageIO, and what a header may claim.

Everything in this module reads in this process. What comes from strangers is read by the functions of :mod:`.decoder`,
which call these in a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import OpenImageIO as oiio

from ..errors import ChromaRecoveryError, ImageFileError
from ..paths import posix
from .image import Box, Format

__all__ = [
    "LARGEST",
    "SOFTWARE",
    "WIDEST",
    "FileHeader",
    "finished_here",
    "header_here",
    "kind_of",
    "named",
    "open_image",
    "read_halves",
    "text_of",
    "whole",
    "windows",
]

LARGEST = 1 << 29
"""Most values (pixels times channels) that one file may claim, 2 GiB: guards against lying headers."""

WIDEST = 1 << 17
"""Pixels across or up of data window and display window together."""

SOFTWARE = "chroma_recovery"
"""What the header of a file of ours begins with, as the software that wrote it."""

LINES = 256
"""Lines read at once: the largest block that EXR compresses in one piece (DWAB)."""

COLOUR_NAMES = ("oiio:ColorSpace", "chromaticities", "acesImageContainerFlag")


@attrs.frozen
class FileHeader:
    """What a file says of itself. width, height: of the display window. window: data window x, y, width, height, rows
    downwards, seen from the display window's corner. channels: as written. kind: storage type (half, float, uint8 ...).
    fps: frames per second, 0 if unsaid. timecode: as the header says it, else empty. transform: the colour attributes,
    as one text. software: what wrote it, else empty."""

    width: int
    height: int
    pixel_aspect: float
    window: tuple[int, int, int, int]
    channels: tuple[str, ...]
    kind: str
    fps: float
    timecode: str
    transform: str
    software: str

    @property
    def format(self) -> Format:
        """The display window."""
        return Format(self.width, self.height, self.pixel_aspect)

    @property
    def box(self) -> Box:
        """The data window in Nuke's coordinates: rows upwards, the display window's corner at 0 0."""
        x, y, width, height = self.window
        return Box(x, self.height - y - height, x + width, self.height - y)

    @property
    def ours(self) -> bool:
        """Whether this package says to have written it."""
        return self.software.startswith(SOFTWARE)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Whatever the library raises at odd bytes becomes an error that names the file."""
    try:
        yield
    except ChromaRecoveryError:
        raise
    except MemoryError:
        raise ImageFileError.at("CR511", posix(path), "needs more memory than there is") from None
    except Exception as error:
        raise ImageFileError.at(
            "CR511", posix(path), f"cannot be read: {type(error).__name__}: {str(error)[:200]}"
        ) from error


def open_image(path: Path) -> Any:
    if not path.is_file():
        raise ImageFileError.at(
            "CR510", posix(path), "this frame does not exist", "check the file pattern and the frame range"
        )
    hints = oiio.ImageSpec()
    hints.attribute("oiio:UnassociatedAlpha", 1)
    opened = oiio.ImageInput.open(str(path), hints)
    if opened is None:
        raise ImageFileError.at(
            "CR511",
            posix(path),
            f"cannot be read: {oiio.geterror().strip()[:300]}",
            "is it a whole image file?",
        )
    spec = opened.spec()
    if spec.width < 1 or spec.height < 1 or spec.width * spec.height * spec.nchannels > LARGEST:
        raise ImageFileError.at(
            "CR511", posix(path), f"claims {spec.width}x{spec.height} pixels, {spec.nchannels} channels"
        )
    box, format = windows(spec)
    both = box.union(format.box)
    if max(both.width, both.height) > WIDEST or both.width * both.height * spec.nchannels > LARGEST:
        raise ImageFileError.at(
            "CR511", posix(path), f"claims the data window {box} in a display window of {format}"
        )
    return opened


def windows(spec: Any) -> tuple[Box, Format]:
    """Data window in Nuke's coordinates (display window at 0 0), and display window; files count rows
    downwards."""
    aspect = spec.get_float_attribute("PixelAspectRatio", 1.0)
    width, height = spec.full_width or spec.width, spec.full_height or spec.height
    x, t = spec.x - spec.full_x, height - (spec.y - spec.full_y)
    return Box(x, t - spec.height, x + spec.width, t), Format(width, height, aspect if aspect > 0 else 1.0)


def kind_of(spec: Any, path: Path) -> str:
    if spec.format.basetype in (oiio.HALF, oiio.FLOAT, oiio.DOUBLE):
        return "float"
    transfer = spec.get_string_attribute("dpx:Transfer", "")
    if path.suffix.casefold() == ".cin" or transfer in ("Printing density", "Logarithmic"):
        return "log"
    return "int8" if spec.get_int_attribute("oiio:BitsPerSample", spec.format.size() * 8) <= 8 else "int16"


def text_of(said: Any) -> str:
    """What a header says, without bytes that are no text."""
    return str(said).encode("utf-8", "replace").decode()


def header_here(path: Path) -> FileHeader:
    """The header, read in this process. Raises ImageFileError: CR510 no such file, CR511 no image, or absurd sizes."""
    with named(path):
        opened = open_image(path)
        try:
            return _header(opened.spec())
        finally:
            opened.close()


def _header(spec: Any) -> FileHeader:
    rate: Any = spec.getattribute("framesPerSecond")
    rate = (rate[0] / rate[1] if rate[1] else 0) if isinstance(rate, tuple) else rate
    said = (
        f"{n.removeprefix('oiio:')} {_short(spec.getattribute(n))}"
        for n in COLOUR_NAMES
        if spec.getattribute(n) is not None
    )
    box, format = windows(spec)
    return FileHeader(
        format.width,
        format.height,
        format.pixel_aspect,
        (box.x, format.height - box.t, box.width, box.height),
        tuple(text_of(n) for n in spec.channelnames),
        str(spec.format),
        float(rate or 0),
        text_of(spec.get_string_attribute("smpte:TimeCode", "")),
        text_of("; ".join(said)),
        text_of(spec.get_string_attribute("Software", "")),
    )


def _short(value: Any) -> str:
    return " ".join(f"{v:.4g}" for v in value) if isinstance(value, tuple) else str(value)


def finished_here(path: Path) -> bool:
    """Whether a file was written by this package, and whole; read in this process."""
    try:
        with named(path):
            return header_here(path).ours and whole(path)
    except ImageFileError:
        return False


def whole(path: Path) -> bool:
    """Whether the last scanline of a file of ours can be read: files are written from the top down."""
    opened = oiio.ImageInput.open(str(path))
    if opened is None:
        return False
    spec = opened.spec()
    last = spec.y + spec.height
    rows = opened.read_scanlines(0, 0, last - 1, last, 0, 0, spec.nchannels, oiio.HALF)
    good = rows is not None and not opened.geterror()
    opened.close()
    return bool(good)


def read_halves(opened: Any, spec: Any) -> Any:
    """All pixels of a half-float file, read some lines at a time, which for a 2K frame takes a seventh less than at
    once; None if some cannot be read."""
    if spec.tile_width or spec.depth > 1:
        return opened.read_image(0, 0, 0, spec.nchannels, oiio.HALF)
    pixels = np.empty((spec.height, spec.width, spec.nchannels), np.float16)
    for top in range(0, spec.height, LINES):
        below = min(top + LINES, spec.height)
        lines = opened.read_scanlines(spec.y + top, spec.y + below, 0, 0, spec.nchannels, oiio.HALF)
        if lines is None:
            return None
        pixels[top:below] = lines
    return pixels
