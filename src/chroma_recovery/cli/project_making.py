"""``project new`` and ``project detect``: a project preset around a shot list, and a list where there is none."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..paths import posix
from .console import Console
from .words import Commands

__all__ = ["add_detect", "add_new"]


def add_new(below: Commands) -> argparse.ArgumentParser:
    """The words of ``project new``."""
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


def add_detect(below: Commands) -> argparse.ArgumentParser:
    """The words of ``project detect``."""
    action = below.add_parser("detect", help="find the cuts in a sequence and write a shot list")
    action.add_argument("pattern", metavar="PATTERN", help="file pattern with #### or %%04d")
    action.add_argument("--first", type=int, required=True, metavar="N")
    action.add_argument("--last", type=int, required=True, metavar="N")
    action.add_argument("--list", type=Path, required=True, metavar="FILE.csv", help="shot list to write")
    action.add_argument("--name", default="sh", metavar="TEXT", help="begin of the shots' names (default sh)")
    action.set_defaults(run=detect)
    return action


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
