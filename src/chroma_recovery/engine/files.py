"""Pictures in and out of files, through OpenImageIO.

Reading: EXR, DPX, Cineon, TIFF, PNG, JPEG and whatever else OpenImageIO opens, as float32 with data and
display window; integer files come as 0..1. No colour conversion here. Writing: EXR only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio

from .. import __version__
from ..errors import ChromaRecoveryError, ImageFileError, PathError
from ..paths import posix, writing
from .channels import full
from .image import RGB, Box, Format, Image

__all__ = [
    "HALF_MAX",
    "FileImage",
    "Written",
    "is_ours",
    "named",
    "open_image",
    "read_format",
    "read_here",
    "read_image",
    "whole",
    "write_exr",
]

HALF_MAX = 65504.0
"""Largest finite half float."""

LARGEST = 1 << 29
"""Most values (pixels times channels) that one file may claim, 2 GiB: guards against lying headers."""

WIDEST = 1 << 17
"""Pixels across or up of data window and display window together."""

SOFTWARE = "chroma_recovery"

_SHORT = {"R": "red", "G": "green", "B": "blue", "A": "alpha"}
_LONG = {"red": "R", "green": "G", "blue": "B", "alpha": "A"}

_CARRIED = (
    "DateTime",
    "ImageDescription",
    "framesPerSecond",
    "smpte:TimeCode",
    "smpte:KeyCode",
    "Software",
    "owner",
    "comments",
)


@attrs.frozen(eq=False)
class FileImage:
    """A picture as stored. kind: int8, int16, log or float, which decides its default colour space."""

    image: Image
    kind: str


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
    box, format = _windows(spec)
    both = box.union(format.box)
    if max(both.width, both.height) > WIDEST or both.width * both.height * spec.nchannels > LARGEST:
        raise ImageFileError.at(
            "CR511", posix(path), f"claims the data window {box} in a display window of {format}"
        )
    return opened


def _windows(spec: Any) -> tuple[Box, Format]:
    """Data window in Nuke's coordinates (display window at 0 0), and display window; files count rows
    downwards."""
    aspect = spec.get_float_attribute("PixelAspectRatio", 1.0)
    width, height = spec.full_width or spec.width, spec.full_height or spec.height
    x, t = spec.x - spec.full_x, height - (spec.y - spec.full_y)
    return Box(x, t - spec.height, x + spec.width, t), Format(width, height, aspect if aspect > 0 else 1.0)


def _channel_names(names: Sequence[str]) -> tuple[str, ...]:
    found = []
    for name in names:
        layer, _, last = name.rpartition(".")
        last = _SHORT.get(last, last)
        if not layer or layer == "rgba":
            found.append(last if last in _LONG else {"Z": "depth.Z"}.get(last, f"other.{last}"))
        else:
            found.append(f"{layer}.{last}")
    return tuple(found)


def _kind(spec: Any, path: Path) -> str:
    if spec.format.basetype in (oiio.HALF, oiio.FLOAT, oiio.DOUBLE):
        return "float"
    transfer = spec.get_string_attribute("dpx:Transfer", "")
    if path.suffix.casefold() == ".cin" or transfer in ("Printing density", "Logarithmic"):
        return "log"
    return "int8" if spec.get_int_attribute("oiio:BitsPerSample", spec.format.size() * 8) <= 8 else "int16"


def read_format(path: Path) -> tuple[Format, Box]:
    """Display and data window from the header alone. Raises ImageFileError CR510, CR511."""
    with named(path):
        opened = open_image(path)
        box, format = _windows(opened.spec())
        opened.close()
        return format, box


def read_image(path: Path) -> FileImage:
    """One frame, decoded in a process of its own (see ``decoder``): a file that makes the decoder crash is an error
    like any other.

    A file with one luminance channel becomes red, green and blue (as in Nuke). Where the data window covers
    the display window its edge pixels go on outside, else outside is black (Nuke's ``plate detect``). Raises
    ImageFileError: CR510 no such file, CR511 damaged or no image, CR512 not-a-number or infinite pixels, CR515 the
    decoder crashed or did not end.
    """
    from .decoder import decoded

    return decoded(path)


def read_here(path: Path) -> FileImage:
    """As :func:`read_image`, in this process."""
    with named(path):
        return _read(path)


def _read(path: Path) -> FileImage:
    opened = open_image(path)
    spec = opened.spec()
    pixels = opened.read_image(0, 0, 0, spec.nchannels, oiio.FLOAT)
    problem = opened.geterror()
    opened.close()
    if pixels is None or problem:
        raise ImageFileError.at(
            "CR511", posix(path), f"cannot be read whole: {problem.strip()[:300]}", "copy the file again"
        )
    pixels = np.asarray(pixels, np.float32).reshape(spec.height, spec.width, spec.nchannels)
    if not _finite(pixels):
        nan, infinite = int(np.isnan(pixels).sum()), int(np.isinf(pixels).sum())
        raise ImageFileError.at(
            "CR512",
            posix(path),
            f"holds {nan} values that are no number and {infinite} infinite ones",
            "repair the scan",
        )
    names = tuple(_text(n) for n in spec.channelnames)
    if names in (("Y",), ("Y", "A")):
        pixels = pixels[..., [0, 0, 0, *range(1, len(names))]]
        channels = (*RGB, "alpha")[: pixels.shape[2]]
    else:
        channels = _channel_names(names)
        if len(set(channels)) != len(channels):
            raise ImageFileError.at("CR511", posix(path), f"names a channel twice: {', '.join(names)}")
        order = sorted(
            range(len(channels)),
            key=lambda n: (list(_LONG).index(channels[n]) if channels[n] in _LONG else 9, n),
        )
        if order != list(range(len(order))):
            pixels, channels = pixels[..., order], tuple(channels[n] for n in order)
    box, format = _windows(spec)
    metadata = {a: _text(spec.getattribute(a)) for a in _CARRIED if spec.getattribute(a) is not None}
    metadata |= {
        _text(a.name): _text(a.value) for a in spec.extra_attribs if a.name.startswith(SOFTWARE + ":")
    }
    image = Image(pixels, channels, box, format, not box.contains(format.box), metadata)
    return FileImage(image, _kind(spec, path))


def _text(said: Any) -> str:
    """What a header says, without bytes that are no text."""
    return str(said).encode("utf-8", "replace").decode()


def _finite(pixels: npt.NDArray[np.float32]) -> bool:
    """Whether every number is finite; min and max carry a not-a-number on, and need no room."""
    return bool(np.isfinite(pixels.min(initial=0.0)) and np.isfinite(pixels.max(initial=0.0)))


def is_ours(path: Path) -> bool:
    """Whether an image file was written by this package (its header says so)."""
    try:
        opened = oiio.ImageInput.open(str(path))
        if opened is None:
            return False
        software = opened.spec().get_string_attribute("Software", "")
        opened.close()
    except Exception:  # odd bytes in a header: not ours
        return False
    return bool(software.startswith(SOFTWARE))


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


@attrs.frozen
class Written:
    """A written frame. clipped: values beyond half's range that were set to its largest number."""

    path: Path
    clipped: int


def write_exr(
    path: Path,
    image: Image,
    *,
    compression: str = "zip",
    half: bool = True,
    chromaticities: Sequence[float] | None = None,
    metadata: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> Written:
    """Write one EXR whole or not at all; data window and display window as the image has them.

    compression: OpenImageIO's spelling (``none``, ``zip``, ``zips``, ``piz``, ``rle``, ``b44``, ``b44a``,
    ``dwaa:45``). chromaticities: CIE xy of red, green, blue, white. metadata: text attributes.
    Raises ImageFileError CR513 (not finite), CR514 (cannot be written), PathError CR602, CR603, and CR604 if
    ``overwrite`` would replace a file that this package did not write.
    """
    if image.box.empty or not image.channels:
        raise ImageFileError.at("CR514", posix(path), "the image holds no pixel")
    pixels = np.ascontiguousarray(image.pixels)
    if not _finite(pixels):
        bad = int(pixels.size - np.isfinite(pixels).sum())
        raise ImageFileError.at(
            "CR513",
            posix(path),
            f"{bad} values are not finite; nothing was written",
            "look upstream for a division by zero",
        )
    clipped = 0
    if half and (pixels.min() < -HALF_MAX or pixels.max() > HALF_MAX):
        clipped = int((np.abs(pixels) > HALF_MAX).sum())
        pixels = np.clip(pixels, -HALF_MAX, HALF_MAX)
    if path.exists() and overwrite and not is_ours(path):
        raise PathError.at(
            "CR604",
            posix(path),
            "was not written by chroma_recovery and is not replaced",
            "move it away yourself",
        )
    spec = _spec(image, compression, half, chromaticities, metadata or {})
    with writing(path, overwrite=overwrite) as scratch:
        out = oiio.ImageOutput.create(str(scratch))
        if out is None or not out.open(str(scratch), spec):
            reason = oiio.geterror() if out is None else out.geterror()
            raise ImageFileError.at(
                "CR514", posix(path), f"cannot be opened for writing: {reason.strip()[:300]}"
            )
        done = out.write_image(pixels)
        reason = out.geterror()
        if not out.close() or not done:
            raise ImageFileError.at(
                "CR514",
                posix(path),
                f"cannot be written: {(reason or out.geterror()).strip()[:300]}",
                "is the disk full?",
            )
        if not whole(scratch):  # an error when the last bytes are flushed is not told
            raise ImageFileError.at(
                "CR514", posix(path), "cannot be read back whole after writing", "is the disk full?"
            )
    return Written(path, clipped)


def _spec(
    image: Image,
    compression: str,
    half: bool,
    chromaticities: Sequence[float] | None,
    metadata: Mapping[str, str],
) -> Any:
    box, format = image.box, image.format
    spec = oiio.ImageSpec(box.width, box.height, len(image.channels), oiio.HALF if half else oiio.FLOAT)
    spec.channelnames = tuple(_LONG.get(c, full(c)) for c in image.channels)
    if "alpha" in image.channels:
        spec.alpha_channel = image.channels.index("alpha")
    spec.x, spec.y = box.x, format.height - box.t
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = 0, 0, format.width, format.height
    spec.attribute("compression", compression)
    spec.attribute("PixelAspectRatio", float(format.pixel_aspect))
    spec.attribute("Software", f"{SOFTWARE} {__version__}")
    if chromaticities is not None:
        spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), tuple(float(v) for v in chromaticities))
    for key, value in metadata.items():
        spec.attribute(key, str(value).replace("\0", ""))
    return spec
