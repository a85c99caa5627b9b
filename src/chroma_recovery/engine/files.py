"""Pictures in and out of files, through OpenImageIO.

Reading: EXR, DPX, Cineon, TIFF, PNG, JPEG and whatever else OpenImageIO opens, as float32 with data and
display window; integer files come as 0..1. No colour conversion here. Writing: EXR only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio

from .. import __version__
from ..errors import ImageFileError, PathError
from ..paths import posix, writing
from .channels import full
from .half import widened
from .image import RGB, Box, Format, Image, Pixels
from .opening import SOFTWARE, kind_of, named, open_image, read_halves, text_of, whole, windows

__all__ = [
    "HALF_MAX",
    "FileImage",
    "Written",
    "is_finished",
    "is_ours",
    "read_format",
    "read_here",
    "read_image",
    "write_exr",
]

HALF_MAX = 65504.0
"""Largest finite half float."""

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


@attrs.frozen(eq=False, slots=False)
class FileImage:
    """A picture as its file holds it. pixels: (height, width, channels), float16 where the file is half throughout,
    which is half the size to hand on; else float32. channels, box, format, metadata: as in :class:`Image`. kind: int8,
    int16, log or float, which decides its default colour space."""

    pixels: npt.NDArray[Any] = attrs.field(repr=False)
    channels: tuple[str, ...]
    box: Box
    format: Format
    metadata: Mapping[str, str]
    kind: str

    @cached_property
    def image(self) -> Image:
        """The picture in float32."""
        return self._image(widened(self.pixels) if self.pixels.dtype == np.float16 else self.pixels)

    def converted(self, convert: Callable[[Any], Pixels]) -> Image:
        """The picture in float32 with its red, green and blue, (height, width, 3), converted from what the file
        holds."""
        if self.channels != RGB or "image" in vars(self):
            rgb = self.image.select(RGB)
            made = convert(rgb)
            return self.image if made is rgb else self.image.with_channels(RGB, made)
        made = convert(self.pixels)
        return self.image if made is self.pixels else self._image(made)

    def _image(self, pixels: Pixels) -> Image:
        outside = not self.box.contains(self.format.box)
        return Image(pixels, self.channels, self.box, self.format, outside, self.metadata)


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


def read_format(path: Path) -> tuple[Format, Box]:
    """Display and data window from the header alone, read in a process of its own. Raises ImageFileError CR510, CR511,
    CR515."""
    from .decoder import header_of

    found = header_of(path)
    return found.format, found.box


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
    half = spec.format == oiio.HALF and not spec.channelformats
    pixels = read_halves(opened, spec) if half else opened.read_image(0, 0, 0, spec.nchannels, oiio.FLOAT)
    problem = opened.geterror()
    opened.close()
    if pixels is None or problem:
        raise ImageFileError.at(
            "CR511", posix(path), f"cannot be read whole: {problem.strip()[:300]}", "copy the file again"
        )
    pixels = np.asarray(pixels).reshape(spec.height, spec.width, spec.nchannels)
    if not _finite(pixels):
        nan, infinite = int(np.isnan(pixels).sum()), int(np.isinf(pixels).sum())
        raise ImageFileError.at(
            "CR512",
            posix(path),
            f"holds {nan} values that are no number and {infinite} infinite ones",
            "repair the scan",
        )
    names = tuple(text_of(n) for n in spec.channelnames)
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
    box, format = windows(spec)
    metadata = {a: text_of(spec.getattribute(a)) for a in _CARRIED if spec.getattribute(a) is not None}
    metadata |= {
        text_of(a.name): text_of(a.value) for a in spec.extra_attribs if a.name.startswith(SOFTWARE + ":")
    }
    return FileImage(pixels, tuple(channels), box, format, metadata, kind_of(spec, path))


def _finite(pixels: npt.NDArray[Any]) -> bool:
    """Whether every number is finite; min and max carry a not-a-number on, and need no room. Those of half are told by
    their bits, which is quicker: at infinity's, of either sign, and beyond there are only numbers that are none."""
    if pixels.dtype == np.float16 and pixels.size:
        bits = np.ascontiguousarray(pixels).view(np.uint16)
        return bool(bits.max() < 0xFC00 and bits.view(np.int16).max() < 0x7C00)
    return bool(np.isfinite(pixels.min(initial=0.0)) and np.isfinite(pixels.max(initial=0.0)))


def is_ours(path: Path) -> bool:
    """Whether an image file was written by this package (its header says so). What is no image is not ours; a file that
    makes the decoder crash is an error (ImageFileError CR515)."""
    from .decoder import header_of

    try:
        return header_of(path).ours
    except ImageFileError as error:
        if any(p.code == "CR515" for p in error.problems):
            raise
        return False


def is_finished(path: Path) -> bool:
    """Whether a file was written by this package and can be read to its last scanline. Errors as :func:`is_ours`."""
    from .decoder import finished

    return path.is_file() and finished(path)


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
