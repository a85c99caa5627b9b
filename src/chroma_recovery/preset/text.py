"""Bytes of a preset file to text: size, encoding and characters, checked before anything reads them as
YAML.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import PresetError, Problem
from ..paths import posix

__all__ = ["MOST_BYTES", "checked", "decode", "read"]

MOST_BYTES = 1 << 20
"""Largest preset read (1 MiB); 1,493 pairs with notes take about a tenth of that."""

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""Control characters, line breaks that only YAML knows, and signs that change the direction of text
unseen.
"""


def read(path: Path, name: str) -> str:
    """Text of a preset file. Raises PresetError: CR101 cannot be read or too large, CR102 see
    :func:`decode`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PresetError.at("CR101", name or posix(path), f"cannot read the preset: {reason}") from error
    return decode(data, name)


def decode(data: bytes, name: str) -> str:
    """UTF-8 text (a byte-order mark is dropped) with ``\\n`` line ends.

    Raises PresetError: CR101 larger than MOST_BYTES, CR102 not UTF-8 or with forbidden characters.
    """
    if len(data) > MOST_BYTES:
        raise PresetError.at(
            "CR101", name, f"the preset is larger than {MOST_BYTES} bytes", "split it, one preset per shot"
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise PresetError.at("CR102", name, "the preset is UTF-16", "save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise PresetError.at("CR102", f"{name}:{line}", message, "save the preset as UTF-8") from error
    return checked(text, name)


def checked(text: str, name: str) -> str:
    """``text`` with ``\\n`` line ends. Raises PresetError: CR101 too large, CR102 with every forbidden
    character.
    """
    if len(text) > MOST_BYTES:
        raise PresetError.at(
            "CR101", name, f"the preset is larger than {MOST_BYTES} bytes", "split it, one preset per shot"
        )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = []
    for match in _FORBIDDEN.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1) + 1
        found.append(
            Problem(
                "CR102", f"{name}:{line}:{column}", f"forbidden character U+{ord(match[0]):04X}", "delete it"
            )
        )
        if len(found) == 20:
            break
    if found:
        raise PresetError(found)
    return text
