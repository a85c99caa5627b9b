"""One chosen frame of a sequence: the pattern it belongs to, and the range that lies beside it. Pure."""

from __future__ import annotations

import os
import re
from pathlib import Path

import attrs

from ..errors import FrameError
from ..frames import Pattern
from ..paths import posix

__all__ = ["FoundClip", "found_clip"]

MOST_FILES = 2_000_000


@attrs.frozen
class FoundClip:
    """path: with ``####``; first, last: of the files that are there; None where it is a single file."""

    path: str
    first: int | None = None
    last: int | None = None


def found_clip(file: Path, folder: Path | None = None) -> FoundClip:
    """The clip of a chosen file. folder: the preset's; a clip below it is named relative to it."""
    name = file.name
    runs = list(re.finditer(r"\d+", file.stem))
    first = last = None
    if runs and len(runs[-1][0]) <= 9:
        run = runs[-1]
        pattern = name[: run.start()] + "#" * len(run[0]) + name[run.end() :]
        try:
            expected = Pattern.parse(pattern).regex()
            numbers = [int(m[1]) for n in os.listdir(file.parent)[:MOST_FILES] if (m := expected.match(n))]
        except (FrameError, OSError):
            numbers = []
        if numbers:
            name, first, last = pattern, min(numbers), max(numbers)
    path = file.parent / name
    if folder is not None:
        try:
            return FoundClip(posix(path.resolve().relative_to(folder.resolve())), first, last)
        except ValueError:
            pass
    return FoundClip(posix(path), first, last)
