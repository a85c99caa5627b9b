"""The files of a job, for the scheduler that was asked for, written whole."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from ..errors import PathError, Problem
from ..paths import contained, posix, write_text
from . import deadline10, opencue, openjd
from .job import Job

__all__ = ["files_of", "how_to_run", "write_files"]


def files_of(job: Job, scheduler: str) -> dict[str, str]:
    """Text by file name. scheduler: openjd, deadline10 or opencue. Raises StageError as the exporters do."""
    makers = {"openjd": openjd.bundle, "deadline10": deadline10.files, "opencue": opencue.files}
    return makers[scheduler](job)


def write_files(files: Mapping[str, str], folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Write them below a folder. Raises PathError: CR602 for each that is there with another text, CR601 a name that
    leads out of it. Nothing is written then."""
    places = {name: contained(folder, name) for name in files}
    there = [
        Problem(
            "CR602", posix(p), "exists already; nothing was written", "choose another --to, or --overwrite"
        )
        for name, p in places.items()
        if p.exists() and not overwrite and p.read_bytes() != files[name].encode()
    ]
    if there:
        raise PathError(there)
    return [write_text(place, files[name], overwrite=True) for name, place in places.items()]


def how_to_run(scheduler: str, folder: Path) -> list[str]:
    """Commands to type."""
    if scheduler == "openjd":
        template = shlex.quote(posix(folder / "template.yaml"))
        values = shlex.quote(f"file://{posix((folder / 'parameters.json').absolute())}")
        return [
            f"openjd check {template}",
            f"openjd run {template} --job-param {values}",
            f"deadline bundle submit {shlex.quote(posix(folder))}",
        ]
    if scheduler == "deadline10":
        return [f"python {shlex.quote(posix(folder / 'submit.py'))}"]
    return [f"python {shlex.quote(posix(folder / 'launch_job.py'))}"]
