"""Attributes of an OpenEXR header, read with the standard library alone, so that a frame can be traced anywhere.

Layout: openexr.com, *OpenEXR File Layout*: magic, version, then name, type, size, value of each attribute until an
empty name. Of a multi-part file the first part is read.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from ..errors import PathError
from ..paths import posix

__all__ = ["MAGIC", "read_attributes"]

MAGIC = b"\x76\x2f\x31\x01"
FIRST = 1 << 14
MOST = 1 << 24
"""Bytes of header read at first, and at most."""


def read_attributes(path: Path) -> dict[str, str]:
    """Text, integer and float attributes by name, as text; others are left out.

    Raises PathError: CR606 cannot be read, CR607 no EXR file or a damaged header.
    """
    try:
        with path.open("rb") as file:
            return _attributes(file)
    except OSError as error:
        raise PathError.at("CR606", posix(path), f"cannot be read: {error.strerror or error}") from error
    except (ValueError, struct.error, IndexError) as error:
        raise PathError.at(
            "CR607", posix(path), f"is no EXR file or its header is damaged ({error})"
        ) from None


def _attributes(file: BinaryIO) -> dict[str, str]:
    data = file.read(FIRST)
    if data[:4] != MAGIC:
        raise ValueError("no magic number")
    while True:
        try:
            return _parsed(data)
        except (ValueError, IndexError, struct.error):
            more = file.read(len(data) * 3) if len(data) < MOST else b""
            if not more:
                raise
            data += more


def _parsed(data: bytes) -> dict[str, str]:
    at, found = 8, {}
    while data[at]:
        name_end = data.index(0, at, at + 256)
        type_end = data.index(0, name_end + 1, name_end + 257)
        (size,) = struct.unpack_from("<i", data, type_end + 1)
        start = type_end + 5
        if size < 0:
            raise ValueError("an attribute of negative size")
        if start + size >= len(data):
            raise ValueError("the header does not end")
        text = _text(data[name_end + 1 : type_end], data[start : start + size])
        if text is not None:
            found[data[at:name_end].decode("utf-8", "replace")] = text
        at = start + size
    return found


def _text(kind: bytes, value: bytes) -> str | None:
    if kind == b"string":
        return value.decode("utf-8", "replace")
    if kind in (b"int", b"float") and len(value) == 4:
        (number,) = struct.unpack("<i" if kind == b"int" else "<f", value)
        return f"{number:g}" if kind == b"float" else str(number)
    return None
