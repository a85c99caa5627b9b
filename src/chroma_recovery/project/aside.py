"""Earlier results that make room: runs are kept aside, frames of ours replaced, half-written files removed."""

from __future__ import annotations

import re
from pathlib import Path

from ..frames import Pattern
from ..paths import posix
from ..stages.inference import RENDER
from ..stages.plan import Plan
from ..stages.validation import VALIDATION

__all__ = ["drop_frames", "set_aside_run", "sweep"]

_PART = re.compile(r"\.[0-9a-f]{8}\.part\.[a-z0-9]+\Z")
"""Names of files while they are written, see ``paths.writing``."""


def set_aside_run(out: Path, plan: Plan) -> None:
    """Move what an earlier training run of this name left into a numbered folder."""
    folder = out / plan.data_directory
    old = sorted(p for p in folder.glob(f"{plan.run}.*") if p.is_file())
    if not old:
        return
    number = 1 + sum(1 for _ in folder.glob("superseded/*"))
    place = folder / "superseded" / f"{number:03d}"
    place.mkdir(parents=True)
    for path in old:
        path.rename(place / path.name)


def sweep(out: Path, plan: Plan, stage: str) -> None:
    """Remove half-written files that a killed worker left; nobody else writes here while the unit is locked."""
    folders = [out / plan.data_directory] if stage == "training" else []
    if stage in ("inference", "validation"):
        folders = [(out / plan.output(where, "")).parent for where in (RENDER, VALIDATION)]
    for folder in folders:
        for path in folder.glob(".*.part.*"):
            if _PART.search(path.name):
                path.unlink(missing_ok=True)


def drop_frames(pattern_path: Path) -> None:
    """Remove frames of a Write that we made from something else. pattern_path: its file pattern."""
    from ..engine.files import is_ours

    pattern = Pattern.parse(posix(pattern_path))
    folder, name = Path(pattern.text).parent, pattern.regex()
    for path in sorted(folder.glob("*.exr")) if folder.is_dir() else ():
        if name.match(path.name) and is_ours(path):
            path.unlink()
