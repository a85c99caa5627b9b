"""``project``: many shots from one shot list - made, listed, looked at, worked on."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ChromaRecoveryError, Problem
from ..paths import posix
from . import words
from .console import Console
from .farm_task import add_nuke_words
from .project_run import loaded, report, stages, task, tasks
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
        _add_new,
        _add_list,
        _add_status,
        _add_build,
        _add_tasks,
        _add_task,
        _add_report,
        _add_detect,
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


def _add_new(below: Commands) -> argparse.ArgumentParser:
    action = below.add_parser("new", help="write a project preset around a shot list")
    action.add_argument("shot_list", type=Path, metavar="LIST", help="shot list: .csv, .edl or .otio")
    action.add_argument("project", type=Path, metavar="PROJECT", help="project preset to write, .yaml")
    action.add_argument("--name", metavar="NAME", help="name of the project (default: the list's)")
    action.add_argument("--fps", type=float, default=24.0, metavar="RATE", help="frame rate (default 24)")
    action.add_argument(
        "--handles", type=int, default=0, metavar="N", help="frames around each cut (default 0)"
    )
    action.add_argument("--source", default="plates/{shot}/source.####.exr", metavar="PATTERN")
    action.add_argument("--reference", default="plates/{shot}/reference.####.exr", metavar="PATTERN")
    action.set_defaults(run=new)
    return action


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
    action.add_argument("--stage", type=stages, default=None, metavar="A,B", help="only these (default: all)")
    action.add_argument("--frames", metavar="RANGE", help="with --stage inference: render these only")
    action.add_argument(
        "--progress",
        choices=("text", "lines", "openjd"),
        default="text",
        help="lines: JSON, one per line; openjd: as Open Job Description schedulers read it",
    )
    add_nuke_words(action)
    action.set_defaults(run=task)
    return action


def _add_report(below: Commands) -> argparse.ArgumentParser:
    action = _place(below.add_parser("report", help="one page for all shots: verdicts, numbers, links"))
    action.add_argument("--progress", choices=("text", "openjd"), default="text", help=argparse.SUPPRESS)
    action.set_defaults(run=report)
    return action


def _add_detect(below: Commands) -> argparse.ArgumentParser:
    action = below.add_parser("detect", help="find the cuts in a sequence and write a shot list")
    action.add_argument("pattern", metavar="PATTERN", help="file pattern with #### or %%04d")
    action.add_argument("--first", type=int, required=True, metavar="N")
    action.add_argument("--last", type=int, required=True, metavar="N")
    action.add_argument("--list", type=Path, required=True, metavar="FILE.csv", help="shot list to write")
    action.add_argument("--name", default="sh", metavar="TEXT", help="begin of the shots' names (default sh)")
    action.set_defaults(run=detect)
    return action


# -- new and list

NEW = """\
# Project preset; see docs/projects.md. Everything below `preset` is shared by all shots.
project: {name}
fps: {fps}
handles: {handles}
shot_list: {list}

source:
  path: {source}
reference:
  path: {reference}
  kind: dvd

preset:
  extends: shot

# Exceptions: shots:  [{{shot: NAME, preset: {{training: {{patch: 256}}}}}}]
# One model for several shots: groups: [{{name: sc04, scope: scene, shots: [NAME, NAME]}}]
"""


def new(arguments: argparse.Namespace, console: Console) -> int:
    """Write a project preset, and read it back with its list."""
    import os

    from ..paths import write_text
    from ..project.load import load_project
    from ..project.shot_list import clean

    target: Path = arguments.project
    name = arguments.name or clean(arguments.shot_list.stem) or "project"
    listed = posix(os.path.relpath(arguments.shot_list.absolute(), target.parent.absolute()))
    text = NEW.format(
        name=json.dumps(name),
        fps=f"{arguments.fps:g}",
        handles=arguments.handles,
        list=json.dumps(listed),
        source=json.dumps(posix(arguments.source)),
        reference=json.dumps(posix(arguments.reference)),
    )
    scratch = target.with_name(f".{target.stem}.new.yaml")
    try:
        write_text(scratch, text, overwrite=True)
        project = load_project(scratch, target.parent)
    finally:
        scratch.unlink(missing_ok=True)
    write_text(target, text)
    console.say(f"{posix(target)}: {len(project.shots)} shots")
    console.result({"ok": True, "project": posix(target), "shots": [u.name for u in project.shots]})
    return 0


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


def detect(arguments: argparse.Namespace, console: Console) -> int:
    """Find cuts and write a shot list."""
    from .recovery import need_engine

    need_engine()
    from ..frames import FrameRange, Pattern
    from ..paths import write_text
    from ..project.cuts import find_cuts, shot_list_text

    pattern = Pattern.parse(posix(arguments.pattern))
    tell = console.progress("detect")
    cuts = find_cuts(pattern, FrameRange(arguments.first, arguments.last), tell=lambda a, b: tell(a, b, ""))
    text = shot_list_text(cuts, FrameRange(arguments.first, arguments.last), name=arguments.name)
    write_text(arguments.list, text)
    rows = [(str(c.frame), "uncertain" if c.uncertain else "cut", f"{c.score:.2f}", c.why) for c in cuts]
    console.table(("frame", "kind", "score", "why"), rows, words=True)
    console.say(f"{posix(arguments.list)}: {len(text.splitlines()) - 1} shots")
    console.result({"ok": True, "list": posix(arguments.list), "cuts": [c.as_json() for c in cuts]})
    return 0
