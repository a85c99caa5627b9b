"""Which model files a training has written. Runs may be renamed by the artist, so only step and suffix count."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

__all__ = ["Checkpoint", "checkpoints", "latest"]

NAME = re.compile(r"(?P<run>.+)\.(?P<step>\d{1,12})\.(?P<suffix>cat|catnc)\Z", re.ASCII)


class Checkpoint(NamedTuple):
    """One model file. modified: seconds since the epoch."""

    path: Path
    run: str
    step: int
    modified: float


def checkpoints(folder: Path) -> list[Checkpoint]:
    """All model files of a data directory, oldest first; empty files and links out of the folder are left out."""
    found = []
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return []
    for entry in entries:
        match = NAME.match(entry.name)
        if match is None or not entry.is_file(follow_symlinks=False):
            continue
        status = entry.stat()
        if status.st_size:
            found.append(Checkpoint(folder / entry.name, match["run"], int(match["step"]), status.st_mtime))
    return sorted(found, key=lambda c: (c.modified, c.run, c.step))


def latest(folder: Path) -> Checkpoint | None:
    """The newest checkpoint: the last step of the run that was written to last; None if there is none."""
    found = checkpoints(folder)
    if not found:
        return None
    run = found[-1].run
    return max((c for c in found if c.run == run), key=lambda c: (c.step, c.modified))
