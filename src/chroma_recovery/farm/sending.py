"""``Send to Farm`` of the Nuke menu: a job of the open preset, trained and rendered by Nuke. Pure: runs in Nuke."""

from __future__ import annotations

from pathlib import Path

from ..paths import posix
from ..project.single import open_project
from .exporting import files_of, how_to_run, write_files
from .making import Wishes, job_of

__all__ = ["send"]


def send(preset: Path, project: Path, folder: Path, nuke: str) -> str:
    """Write an Open Job Description bundle and say what to do with it.

    preset: a preset or project preset. project: the folder that everything is written below. folder: for the job; one
    of ours that is there is replaced. nuke: the executable, as the workers find it.

    Raises PresetError, StageError, PathError as :func:`making.job_of` and :func:`exporting.write_files` do.
    """
    found = open_project(preset, project)
    job = job_of(found, project, Wishes(flavour="nuke", nuke=nuke, gpus=1))
    ours = (folder / "template.yaml").is_file() and (folder / "parameters.json").is_file()
    write_files(files_of(job, "openjd"), folder, overwrite=ours)
    tasks = sum(len(s.tasks) for s in job.steps)
    lines = [
        f"The job of {found.name} is written: {len(job.steps)} steps, {tasks} tasks.",
        posix(folder),
        "Submit it, or try it here:",
        *how_to_run("openjd", folder),
    ]
    return "\n".join(lines)
