"""Names of delivered files: what every archive system and manifest can hold."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import Problem
from ..paths import posix

__all__ = ["LONGEST_NAME", "LONGEST_PATH", "leads_out", "wrong_name"]

LONGEST_NAME = 250
"""Bytes of one name; file systems hold 255, and a scratch name is a little longer."""
LONGEST_PATH = 1000
"""Bytes of a path below the delivery."""

UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\\u2028\u2029\ud800-\udfff\ufffe\uffff]')
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?\Z", re.IGNORECASE)


def wrong_name(target: str) -> Problem | None:
    """What keeps this path (below the delivery, '/' only) from being delivered, with code CR653; None if nothing."""
    shown = ascii(target)[1:120]
    for part in target.split("/"):
        if found := UNFIT.search(part):
            what = f"holds the character U+{ord(found[0]):04X}, which not every archive system can store"
            return Problem("CR653", shown, what, "rename the file")
        if part in ("", ".", "..") or part[-1] in " ." or RESERVED.match(part):
            return Problem("CR653", shown, "is a name that not every system can store", "rename the file")
        if len(part.encode()) > LONGEST_NAME:
            return Problem("CR653", shown, f"has a name of more than {LONGEST_NAME} bytes", "rename the file")
    if len(target.encode()) > LONGEST_PATH:
        return Problem("CR653", shown, f"is a path of more than {LONGEST_PATH} bytes", "use shorter folders")
    return None


def leads_out(path: Path, roots: tuple[Path, ...]) -> Problem | None:
    """A link that leads out of every one of these folders, with code CR653; None for all else. roots: resolved."""
    real = path.resolve()
    if any(real == root or root in real.parents for root in roots):
        return None
    return Problem(
        "CR653", posix(path), f"is a link that leads out to {posix(real)}", "put the file itself there"
    )
