"""``job``: a project, or one preset, written down for a render farm."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import PresetError, Problem
from ..paths import posix
from . import words
from .console import Console
from .words import Commands

__all__ = ["add_job", "job"]

SCHEDULERS = ("openjd", "deadline10", "opencue")


def add_job(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``job``."""
    command = commands.add_parser(
        "job", help="write a project or preset as a job for a render farm (Open Job Description, ...)"
    )
    command.add_argument("preset", type=Path, metavar="PROJECT", help="YAML project preset, or preset")
    command.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="output folder of the work (default: the project's own folder)",
    )
    command.add_argument(
        "--to", type=Path, required=True, metavar="BUNDLE", help="folder to write the job into"
    )
    command.add_argument(
        "--overwrite", action="store_true", help="replace a job that was written there before"
    )
    command.add_argument(
        "--scheduler", choices=SCHEDULERS, default="openjd", help="who reads it (default openjd)"
    )
    command.add_argument(
        "--flavour",
        choices=("engine", "nuke"),
        default="engine",
        help="who trains and renders: the built-in engine, or Nuke (CopyCat, Write)",
    )
    command.add_argument(
        "--chunk", type=words.positive, default=10, metavar="N", help="frames per task (default 10)"
    )
    command.add_argument(
        "--by",
        choices=("auto", "unit", "stage"),
        default="auto",
        help="steps of its own for each shot, or shared by all (default: by unit up to 100 steps)",
    )
    command.add_argument(
        "--program",
        default="chroma-recovery",
        metavar="PATH",
        help="this command as the workers find it (default chroma-recovery)",
    )
    command.add_argument(
        "--gpus",
        type=int,
        default=None,
        metavar="N",
        help="GPUs per task (default: 1 with nuke, 0 with engine)",
    )
    command.add_argument(
        "--gpu-memory", type=int, default=0, metavar="MIB", help="memory of the GPU, at least"
    )
    command.add_argument("--memory", type=int, default=0, metavar="MIB", help="memory of a worker, at least")
    command.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="environment variable for the tasks; nothing else of this machine's environment is sent",
    )
    nuke = command.add_argument_group("with --flavour nuke")
    nuke.add_argument(
        "--nuke", metavar="PATH", default="nuke", help="Nuke as the workers find it (default nuke)"
    )
    nuke.add_argument("--remap", metavar="A,B,...", default="", help="pairs of path beginnings for Nuke")
    nuke.add_argument("--interactive", action="store_true", help="take interactive licences (-i)")
    nuke.add_argument("--multigpu", action="store_true", help="train on all GPUs of a machine")
    nuke.add_argument(
        "--ranks",
        type=words.positive,
        default=1,
        metavar="N",
        help="machines that train one CopyCat together; deadline10 and opencue only",
    )
    command.set_defaults(run=job)
    return command


def job(arguments: argparse.Namespace, console: Console) -> int:
    """Write the job and say how to run it."""
    from ..farm.exporting import files_of, how_to_run, write_files
    from ..farm.making import Wishes, job_of
    from ..project.single import open_project

    file: Path = arguments.preset
    out: Path = arguments.out or file.parent
    project = open_project(file, out)
    console.problems(project.warnings)
    openjd = arguments.scheduler == "openjd"
    wishes = Wishes(
        flavour=arguments.flavour,
        chunk=arguments.chunk,
        program=arguments.program,
        nuke=arguments.nuke,
        gpus=arguments.gpus if arguments.gpus is not None else int(arguments.flavour == "nuke"),
        gpu_memory=arguments.gpu_memory,
        memory=arguments.memory,
        by=arguments.by if openjd else "unit",
        progress="openjd" if openjd else "text",
        rules=openjd,
        variables=_variables(arguments.env),
        switches=_switches(arguments),
        ranks=arguments.ranks,
    )
    made = job_of(project, out, wishes)
    written = write_files(files_of(made, arguments.scheduler), arguments.to, overwrite=arguments.overwrite)
    tasks = sum(len(s.tasks) for s in made.steps)
    console.say(f"{posix(arguments.to)}: {len(made.steps)} steps, {tasks} tasks")
    for line in how_to_run(arguments.scheduler, arguments.to):
        console.say(line)
    console.result(
        {
            "ok": True,
            "bundle": posix(arguments.to),
            "files": [posix(p) for p in written],
            "steps": [s.name for s in made.steps],
            "tasks": tasks,
            "problems": [p.as_json() for p in project.warnings],
        }
    )
    return 0


def _variables(given: list[str]) -> dict[str, str]:
    """NAME=VALUE words. Raises PresetError (CR440)."""
    found, problems = {}, []
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name.isidentifier():
            problems.append(Problem("CR440", f"--env {word}", "is not NAME=VALUE"))
        found[name] = value
    if problems:
        raise PresetError(problems)
    return found


def _switches(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Words that every Nuke task gets."""
    found = [f"--remap={arguments.remap}"] if arguments.remap else []
    found += ["--interactive"] if arguments.interactive else []
    found += ["--multigpu"] if arguments.multigpu else []
    return tuple(found)
