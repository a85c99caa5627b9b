"""``train`` and ``render``: by a Nuke that ``--nuke`` names, in the Nuke we run in, or as a command line to copy."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from ..frames import format_frames, parse_frames
from ..nuke_host.jobs import Done, Job, render_job, run_inside, run_outside, train_job
from ..paths import posix
from . import words
from .console import Console
from .words import Commands

__all__ = ["add_render", "add_train", "render", "train"]


def add_train(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``train``."""
    command = commands.add_parser(
        "train", help="train in Nuke: CopyCat, in this Nuke, with --nuke, or as a command"
    )
    _add_nuke(command, "the last run")
    command.set_defaults(run=train)
    return command


def add_render(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``render``."""
    command = commands.add_parser("render", help="render in Nuke with the newest model")
    _add_nuke(command, "only the frames that are missing")
    command.add_argument(
        "--frames", metavar="RANGE", help="Source frames, e.g. 471-499 (inside Nuke: --frames=471-499)"
    )
    command.set_defaults(run=render)
    return command


def _add_nuke(command: argparse.ArgumentParser, resumed: str) -> None:
    words.preset(command)
    words.out(command)
    command.add_argument("--nuke", type=Path, metavar="PATH", help="the Nuke executable to run")
    command.add_argument("--interactive", action="store_true", help="take an interactive licence (-i)")
    command.add_argument("--resume", action="store_true", help=f"go on: {resumed}")


def train(arguments: argparse.Namespace, console: Console) -> int:
    """Write the scripts, make the data directory, and train."""
    job = train_job(arguments.preset, arguments.out, overwrite=arguments.overwrite, resume=arguments.resume)
    return _go(job, arguments, console)


def render(arguments: argparse.Namespace, console: Console) -> int:
    """Render the recovered frames with the newest model."""
    frames = parse_frames(arguments.frames) if arguments.frames else None
    job = render_job(
        arguments.preset, arguments.out, frames=frames, resume=arguments.resume, overwrite=arguments.overwrite
    )
    return _go(job, arguments, console)


def _go(job: Job, arguments: argparse.Namespace, console: Console) -> int:
    console.problems(job.scripts.warnings)
    if job.nothing_to_do:
        console.say(job.nothing_to_do)
        console.result({"ok": True, "files": [], "nothing_to_do": job.nothing_to_do})
        return 0
    inside = _nuke()
    if arguments.nuke is not None:
        done = run_outside(
            job,
            _program(arguments.nuke),
            interactive=arguments.interactive,
            progress=console.progress(job.what),
            note=console.note,
        )
    elif inside is not None:
        done = run_inside(inside, job)
    else:
        return _show(job, console)
    _tell(done, console)
    return 0


def _program(nuke: Path) -> Path:
    """The Nuke to start, whatever folder it runs in: a bare name is looked up on the PATH by the system."""
    return nuke if len(nuke.parts) == 1 and not nuke.exists() else nuke.resolve()


def _nuke() -> Any:
    """The Nuke that we run in, None outside one."""
    return sys.modules.get("nuke")


def _show(job: Job, console: Console) -> int:
    """No Nuke here: the exact command, for a farm or another machine."""
    command = job.command(Path("nuke"))
    console.say(f"cd {posix(job.project.resolve())}")
    console.say(job.shown(Path("nuke")))
    console.note(
        f"the scripts are written; run this, or pass --nuke PATH (frames {format_frames(job.frames)})"
    )
    console.result(
        {"ok": True, "command": command, "folder": posix(job.project.resolve()), "frames": list(job.frames)}
    )
    return 0


def _tell(done: Done, console: Console) -> None:
    for text in done.warnings:
        console.note(f"Nuke warns: {text}")
    if done.job.what == "train":
        console.say(posix(done.files[0]))
    else:
        console.say(f"{posix(done.files[0])} ({len(done.files)} frames)")
    console.result({"ok": True, "files": [posix(p) for p in done.files], "warnings": list(done.warnings)})
