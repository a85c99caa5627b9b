"""A task as a render farm runs it: progress by the scheduler's protocol, stopping that keeps what is done."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import attrs

from ..errors import Cancelled, ChromaRecoveryError, PresetError
from .console import Console

__all__ = ["add_nuke_words", "farm_task", "nuke_task"]


def add_nuke_words(action: argparse.ArgumentParser) -> None:
    """Words of a task that a Nuke works on."""
    group = action.add_argument_group("with Nuke instead of the built-in engine")
    group.add_argument("--nuke", type=Path, metavar="PATH", help="the Nuke that trains and renders")
    group.add_argument(
        "--remap", metavar="A,B,...", default="", help="pairs of path beginnings, as Nuke takes them"
    )
    group.add_argument("--interactive", action="store_true", help="take an interactive licence (-i)")
    group.add_argument("--multigpu", action="store_true", help="train on all GPUs of the machine")
    group.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="NAME",
        help="give this environment variable on to Nuke; it gets few others",
    )
    group.add_argument("--ranks", type=int, default=1, metavar="N", help="machines that train together")
    group.add_argument("--rank", type=int, default=0, metavar="R", help="which of them this is, from 0")
    group.add_argument(
        "--rendezvous-timeout",
        type=float,
        default=600.0,
        metavar="SECONDS",
        help="wait so long for the others (default 600)",
    )
    group.add_argument("--port", type=int, default=3000, metavar="N", help="port of rank 0 (default 3000)")


def farm_task(arguments: argparse.Namespace) -> int:
    """A task or the report, told by the Open Job Description protocol. Standard output holds its lines only."""
    from ..farm.protocol import Protocol
    from .project_run import engine_task, write_report

    console = Console(as_json=False, out=sys.stderr)
    protocol = Protocol(sys.stdout, _pieces(arguments))
    signal.signal(signal.SIGTERM, _stop)
    try:
        if arguments.action == "report":
            code = write_report(arguments, console)
        elif arguments.nuke is not None:
            code = nuke_task(arguments, console, protocol.tell)
        else:
            code = engine_task(arguments, console, protocol.tell)
    except KeyboardInterrupt:
        protocol.fail("stopped; what was finished is kept")
        raise
    except Cancelled:
        protocol.fail("stopped; what was finished is kept")
        raise
    except ChromaRecoveryError as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        protocol.fail(f"{error.problems[0]}{more}")
        raise
    except Exception as error:
        protocol.fail(f"{type(error).__name__}: {error}")
        raise
    if code:
        protocol.fail("not every shot is finished")
    else:
        protocol.finished()
    return code


def _stop(number: int, frame: FrameType | None) -> None:
    """A scheduler's polite request to stop is treated as Ctrl-C is: training saves what it has."""
    raise KeyboardInterrupt


def _pieces(arguments: argparse.Namespace) -> int:
    """How many progress callbacks a task makes, about."""
    stages = getattr(arguments, "stage", None) or ()
    return sum({"build": 0, "validation": 3}.get(stage, 1) for stage in stages)


def nuke_task(arguments: argparse.Namespace, console: Console, tell: Callable[[str], Any]) -> int:
    """Work on one unit with Nuke."""
    from ..farm.nuke_work import NukeWork
    from ..farm.switches import Switches, remap_words, rules_said
    from ..frames import parse_frames
    from .project_run import loaded, unit_named

    project, out = loaded(arguments, console, warn=False)
    unit = unit_named(project, arguments.unit)
    said = rules_said(arguments.remap)
    switches = Switches(
        nuke=arguments.nuke,
        remap=remap_words(project.rules, arguments.remap),
        interactive=arguments.interactive,
        multigpu=arguments.multigpu,
        keep=tuple(arguments.keep),
        ranks=arguments.ranks,
        rank=arguments.rank,
        port=arguments.port,
        patience=arguments.rendezvous_timeout,
    )
    project = attrs.evolve(project, rules=(*said, *project.rules))
    work = NukeWork(project, unit, out, switches, tell=tell, note=console.note)
    wanted = arguments.stage or ()
    if arguments.frames and wanted != ("inference",):
        raise PresetError.at("CR189", "--frames", "frames belong to inference", "add --stage inference")
    if wanted == ("training",):
        work.train()
    elif wanted == ("inference",) and arguments.frames:
        work.render(parse_frames(arguments.frames))
    elif wanted == ("inference",):
        work.finish()
    else:
        text = "Nuke works on training or inference; build needs neither it nor the engine"
        raise PresetError.at("CR189", "--stage", text, "give one of them")
    console.say(f"{unit.name}: {', '.join(work.done) or 'nothing to do'}")
    console.result({"ok": True, "unit": unit.name, "stages": work.done})
    return 0
