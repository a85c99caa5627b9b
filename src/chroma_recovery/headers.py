"""What a picture file's header says of its size, read with the standard library alone.

Building scripts needs the size of the frames but neither pixels nor image libraries: inside Nuke's Python there are
none. OpenEXR, DPX and PNG headers are read here; for other types the preset gives ``source.format``.
Layouts: OpenEXR file layout (openexr.com), SMPTE 268M (DPX), PNG specification section 11.2.2.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import attrs

from .errors import PathError
from .paths import posix

__all__ = ["PictureSize", "picture_size"]

MOST_HEADER = 1 << 20
"""Bytes of EXR header read at most; a real one has some hundreds."""


@attrs.frozen
class PictureSize:
    """Full frame (EXR display window) in pixels, and pixel aspect (width / height of a pixel)."""

    width: int
    height: int
    pixel_aspect: float = 1.0


def picture_size(path: Path) -> PictureSize | None:
    """Size of a frame, None if the file type is not one of EXR, DPX, PNG.

    Raises PathError (CR606) if the file is missing, (CR607) if its header is damaged or absurd.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(8)
            reader = {b"\x76\x2f\x31\x01": _exr, b"SDPX": _dpx, b"XPDS": _dpx, b"\x89PNG": _png}.get(
                magic[:4]
            )
            if reader is None:
                return None
            file.seek(0)
            size = reader(file)
    except FileNotFoundError:
        raise PathError.at(
            "CR606", posix(path), "no such file", "check the path and the frame range"
        ) from None
    except OSError as error:
        raise PathError.at("CR606", posix(path), f"cannot be read: {error.strerror or error}") from error
    except (struct.error, ValueError, KeyError, IndexError):
        raise PathError.at(
            "CR607", posix(path), "the header of this picture is damaged", "render the frame again"
        ) from None
    if not (0 < size.width <= 65536 and 0 < size.height <= 65536 and 0.1 <= size.pixel_aspect <= 10):
        raise PathError.at(
            "CR607", posix(path), f"says it is {size.width}x{size.height}, pixel aspect {size.pixel_aspect:g}"
        )
    return size


def _exr(file: BinaryIO) -> PictureSize:
    data = file.read(MOST_HEADER)
    at, found = 8, {}
    while data[at] != 0:
        name_end = data.index(0, at)
        type_end = data.index(0, name_end + 1)
        (length,) = struct.unpack_from("<i", data, type_end + 1)
        if length < 0:
            raise ValueError(length)
        start = type_end + 5
        found[data[at:name_end]] = data[start : start + length]
        at = start + length
        if at >= len(data):
            raise ValueError("header without end")
    x, y, right, top = struct.unpack("<4i", found[b"displayWindow"])
    (aspect,) = struct.unpack("<f", found.get(b"pixelAspectRatio", struct.pack("<f", 1.0)))
    return PictureSize(right - x + 1, top - y + 1, round(float(aspect), 6))


def _dpx(file: BinaryIO) -> PictureSize:
    data = file.read(2048)
    order = ">" if data[:4] == b"SDPX" else "<"
    width, height = struct.unpack_from(order + "2I", data, 772)
    aspect = 1.0
    if len(data) >= 1636:
        across, down = struct.unpack_from(order + "2I", data, 1628)
        if 0 < across < 0xFFFFFFFF and 0 < down < 0xFFFFFFFF:
            aspect = across / down
    return PictureSize(width, height, aspect)


def _png(file: BinaryIO) -> PictureSize:
    data = file.read(24)
    if data[12:16] != b"IHDR":
        raise ValueError("no IHDR")
    width, height = struct.unpack(">2I", data[16:24])
    return PictureSize(width, height)
