"""``project``: many shots from one shot list - made, listed, looked at, worked on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ChromaRecoveryError, Problem
from . import words
from .console import Console
from .farm_task import add_nuke_words
from .project_making import add_detect, add_new
from .project_run import loaded, report, task, tasks
from .words import Commands

if TYPE_CHECKING:
    from ..project import Unit

__all__ = ["add_project"]


def add_project(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``project``."""
    command = commands.add_parser(
        "project", help="many shots from one shot list: new, list, status, build, task, ..."
    )
    below = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    for add in (
        add_new,
        _add_list,
        _add_status,
        _add_build,
        _add_tasks,
        _add_task,
        _add_report,
        add_detect,
    ):
        action = add(below)
        action.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="print one JSON object instead of text",
        )
    return command


def _place(action: argparse.ArgumentParser, *, overwrite: bool = False) -> argparse.ArgumentParser:
    action.add_argument("project", type=Path, metavar="PROJECT", help="YAML project preset")
    action.add_argument(
        "--out", type=Path, metavar="DIR", help="output folder (default: the project's own folder)"
    )
    if overwrite:
        action.add_argument(
            "--overwrite", action="store_true", help="also replace scripts that were changed by hand"
        )
    return action


def _mapping(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--path-mapping",
        type=Path,
        metavar="FILE",
        help="rules of the scheduler: where this machine finds files of the one that made the job",
    )


def _add_list(below: Commands) -> argparse.ArgumentParser:
    action = _place(below.add_parser("list", help="shots and groups: frames, pairs, models"))
    action.set_defaults(run=list_units)
    return action


def _add_status(below: Commands) -> argparse.ArgumentParser:
    action = _place(
        below.add_parser("status", help="every shot's stage, checkpoint, verdict; what is stale and why")
    )
    action.set_defaults(run=status)
    return action


def _add_build(below: Commands) -> argparse.ArgumentParser:
    action = _place(
        below.add_parser("build", help="write every preset and script; needs no engine"), overwrite=True
    )
    action.set_defaults(run=build)
    return action


def _add_tasks(below: Commands) -> argparse.ArgumentParser:
    action = _place(
        below.add_parser("tasks", help="every task with its command and what it needs, for schedulers")
    )
    action.add_argument(
        "--chunk", type=words.positive, default=0, metavar="N", help="frames per task of inference"
    )
    action.set_defaults(run=tasks)
    return action


def _add_task(below: Commands) -> argparse.ArgumentParser:
    action = _place(below.add_parser("task", help="work on one unit, as a scheduler does"), overwrite=True)
    action.add_argument("--unit", required=True, metavar="NAME", help="shot or group")
    action.add_argument(
        "--stage", type=words.unit_stages, default=None, metavar="A,B", help="only these (default: all)"
    )
    action.add_argument("--frames", metavar="RANGE", help="with --stage inference: render these only")
    action.add_argument(
        "--progress",
        choices=("text", "lines", "openjd"),
        default="text",
        help="lines: JSON, one per line; openjd: as Open Job Description schedulers read it",
    )
    _mapping(action)
    add_nuke_words(action)
    action.set_defaults(run=task)
    return action


def _add_report(below: Commands) -> argparse.ArgumentParser:
    action = _place(below.add_parser("report", help="one page for all shots: verdicts, numbers, links"))
    action.add_argument("--progress", choices=("text", "openjd"), default="text", help=argparse.SUPPRESS)
    _mapping(action)
    action.set_defaults(run=report)
    return action


# -- list


def list_units(arguments: argparse.Namespace, console: Console) -> int:
    """Shots and groups as the list and the project give them."""
    project, _ = loaded(arguments, console)
    rows = [
        (u.name, u.scope if not u.group else f"of {u.group}", _span(u), str(u.pairs), " ".join(u.members))
        for u in project.units.values()
    ]
    console.table(("unit", "model", "Source frames", "pairs", "shots"), rows, words=True)
    console.result(
        {
            "ok": True,
            "project": project.name,
            "units": [
                {
                    "name": u.name,
                    "scope": u.scope,
                    "group": u.group,
                    "members": list(u.members),
                    "frames": u.frames,
                    "pairs": u.pairs,
                    "stages": list(u.stages),
                }
                for u in project.units.values()
            ],
            "problems": [p.as_json() for p in project.warnings],
        }
    )
    return 0


def _span(unit: Unit) -> str:
    return f"{unit.frames[0]}-{unit.frames[1]}" if unit.frames else ""


# -- status and build


def status(arguments: argparse.Namespace, console: Console) -> int:
    """What every shot has reached."""
    from ..project.status import status_of

    project, out = loaded(arguments, console)
    found = list(status_of(project, out))
    rows, reasons = [], []
    for s in found:
        name = s.checkpoint.rsplit("/", 1)[-1]
        rows.append(
            (
                s.unit.name,
                s.unit.scope if not s.unit.group else f"of {s.unit.group}",
                s.reached,
                name,
                s.verdict,
            )
        )
        reasons += [f"{s.unit.name}, {t.stage} is {t.state}: {'; '.join(t.why)}" for t in s.stages if t.why]
        reasons += [f"{s.unit.name}: {note}" for note in s.notes]
        console.problems(s.problems)
    console.table(("unit", "model", "stage", "checkpoint", "verdict"), rows, words=True)
    for reason in reasons:
        console.say(reason)
    done = sum(s.complete for s in found)
    console.say(f"{done} of {len(found)} done")
    console.result(
        {
            "ok": True,
            "project": project.name,
            "done": done,
            "units": [s.as_json() for s in found],
            "problems": [p.as_json() for s in found for p in s.problems],
        }
    )
    return 0


def build(arguments: argparse.Namespace, console: Console) -> int:
    """Write the presets and scripts of all units; one that fails does not stop the others."""
    from ..project.work import Work

    project, out = loaded(arguments, console)
    tell = console.progress("build")
    problems: list[Problem] = []
    built: dict[str, bool] = {}
    for number, unit in enumerate(project.units.values(), start=1):
        try:
            built[unit.name] = bool(
                Work(project, unit, out, overwrite=arguments.overwrite).stages(("build",))
            )
        except ChromaRecoveryError as error:
            problems += error.problems
        tell(number, len(project.units), unit.name)
    console.problems(problems)
    new, all_units = sum(built.values()), len(project.units)
    console.say(f"{new} built, {len(built) - new} unchanged, {all_units - len(built)} failed")
    console.result({"ok": not problems, "built": built, "problems": [p.as_json() for p in problems]})
    return 1 if problems else 0
