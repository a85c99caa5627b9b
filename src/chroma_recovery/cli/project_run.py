"""Working on a project: its tasks for schedulers, one unit's work, and all units on this machine."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import ChromaRecoveryError, PresetError, did_you_mean
from ..frames import parse_frames
from ..paths import posix
from .console import Console
from .farm_task import farm_task, nuke_task

if TYPE_CHECKING:
    from ..project import Project
    from ..project.local import Result
    from ..project.model import Unit

__all__ = ["engine_task", "loaded", "report", "run_units", "task", "tasks", "unit_named"]


def loaded(arguments: argparse.Namespace, console: Console, *, warn: bool = True) -> tuple[Project, Path]:
    """The project and its output folder; a single preset counts as a project of one shot. warn: show its warnings;
    tasks leave that to whoever began them. ``--path-mapping`` says where this machine finds the files of the one that
    made the job."""
    from ..project.mapping import read_rules
    from ..project.single import open_project

    file: Path = getattr(arguments, "project", None) or arguments.preset
    out: Path = arguments.out or file.parent
    project = open_project(file, out)
    if warn:
        console.problems(project.warnings)
    rules: Path | None = getattr(arguments, "path_mapping", None)
    return attrs.evolve(project, rules=read_rules(rules)) if rules is not None else project, out


def unit_named(project: Project, name: str) -> Unit:
    """A shot or group of the project. Raises PresetError CR182."""
    unit = project.units.get(name)
    if unit is None:
        hint = did_you_mean(name, list(project.units))
        raise PresetError.at("CR182", name, "the project has no such shot or group", hint)
    return unit


# -- tasks


def tasks(arguments: argparse.Namespace, console: Console) -> int:
    """The tasks, for schedulers and people."""
    project, out = loaded(arguments, console)
    found = list(project.tasks(out, chunk=arguments.chunk))
    console.table(("task", "needs"), [(t.id, " ".join(t.needs)) for t in found], words=True)
    console.result(
        {
            "ok": True,
            "tasks": [
                {
                    "id": t.id,
                    "unit": t.unit,
                    "stage": t.stage,
                    "needs": list(t.needs),
                    "frames": t.frames,
                    "gpu": t.gpu,
                    "argv": list(t.argv),
                }
                for t in found
            ],
        }
    )
    return 0


def task(arguments: argparse.Namespace, console: Console) -> int:
    """Work on one unit. With ``--progress lines`` standard output holds JSON lines and the end of standard input asks
    to stop, so that a worker never outlives its runner. With ``openjd`` it speaks to a scheduler."""
    if arguments.progress == "openjd":
        return farm_task(arguments)
    if arguments.nuke is not None:
        return nuke_task(arguments, console, console.progress)
    return engine_task(arguments, console)


def engine_task(
    arguments: argparse.Namespace, console: Console, tell: Callable[[str], Any] | None = None
) -> int:
    """The same with the built-in engine. tell: makes progress callbacks, instead of the console's."""
    from ..project.model import STAGES
    from ..project.work import Work

    lines = arguments.progress == "lines"
    if lines:
        console = Console(as_json=arguments.json, out=sys.stderr)
        threading.Thread(target=_stop_with_input, daemon=True).start()
    try:
        project, out = loaded(arguments, console, warn=False)
        unit = unit_named(project, arguments.unit)
        wanted = arguments.stage or STAGES
        if wanted != ("build",):
            from .recovery import need_engine

            need_engine()
        told = _lines if lines else tell or console.progress
        work = Work(project, unit, out, tell=told, overwrite=arguments.overwrite)
        if arguments.frames:
            if wanted != ("inference",):
                raise PresetError.at(
                    "CR189", "--frames", "frames belong to inference", "add --stage inference"
                )
            work.chunk(parse_frames(arguments.frames))
        else:
            work.stages(wanted)
    except ChromaRecoveryError as error:
        if lines:
            _line({"failed": str(error).split("\n")[0]})
        raise
    except Exception as error:
        if lines:
            _line({"failed": f"{type(error).__name__}: {error}"})
        raise
    if lines:
        _line({"stages": work.done})
    console.say(f"{unit.name}: {', '.join(work.done) or 'nothing to do'}")
    console.result({"ok": True, "unit": unit.name, "stages": work.done})
    return 0


def _line(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


def _lines(title: str) -> Callable[[int, int, str], None]:
    last = [0.0]

    def tell(done: int, total: int, note: str) -> None:
        if _input_ended.is_set():  # an interrupt that comes while a finaliser runs is lost
            raise KeyboardInterrupt
        now = time.monotonic()
        if done >= total or now - last[0] > 0.2:
            last[0] = now
            _line({"title": title, "done": done, "total": total, "note": note})

    return tell


_input_ended = threading.Event()


def _stop_with_input() -> None:
    import _thread
    import os

    while os.read(0, 4096):  # not sys.stdin: its lock would abort the interpreter at exit
        pass
    _input_ended.set()
    _thread.interrupt_main()
    time.sleep(60)
    os._exit(130)


# -- the report


def report(arguments: argparse.Namespace, console: Console) -> int:
    """The page of the whole project; exit code 3 while a shot is not finished."""
    if arguments.progress == "openjd":
        return farm_task(arguments)
    return write_report(arguments, console)


def write_report(arguments: argparse.Namespace, console: Console) -> int:
    """Write it and say what is missing."""
    from ..project.report import project_report, report_places, write_project_report

    project, out = loaded(arguments, console)
    page = write_project_report(project, out)
    rows = [r for r in project_report(project, out) if r.frames is not None]
    left = [r.name for r in rows if not r.complete]
    console.say(f"{posix(page)}: {len(rows) - len(left)} of {len(rows)} shots")
    if left:
        console.note("not finished: " + ", ".join(left))
    console.result(
        {
            "ok": not left,
            "report": posix(page),
            "numbers": posix(report_places(out)[1]),
            "unfinished": left,
        }
    )
    return 3 if left else 0


# -- running all


def run_units(arguments: argparse.Namespace, console: Console) -> int:
    """``run PROJECT``: all units on this machine."""
    from ..project.local import default_jobs, run_project

    for word, given in (
        ("--frames", arguments.frames),
        ("--steps", arguments.steps),
        ("--qc", arguments.qc),
    ):
        if given is not None:
            raise PresetError.at(
                "CR189", word, "belongs to one shot, not to a project", "say it in the project preset"
            )
    project, out = loaded(arguments, console)
    jobs = arguments.jobs or default_jobs()
    wanted = ("build", *arguments.stages)
    board = _Board(console, [u.name for u in project.units.values()])
    results = run_project(
        project,
        out,
        jobs=jobs,
        stages=wanted,
        overwrite=arguments.overwrite,
        say=board.say,
        ended=board.ended,
    )
    failed = [r for r in results if r.state in ("failed", "waiting")]
    counts = {
        state: sum(r.state == state for r in results) for state in ("done", "unchanged", "failed", "waiting")
    }
    for result in failed:
        console.say(f"{result.unit}: {result.note}")
    from ..project.report import write_project_report

    page = posix(write_project_report(project, out))
    console.say(f"report: {page}")
    console.say(", ".join(f"{n} {state}" for state, n in counts.items() if n))
    console.result(
        {
            "ok": not failed,
            "report": page,
            "units": {
                r.unit: {
                    "state": r.state,
                    "stages": list(r.stages),
                    "note": r.note,
                    "seconds": round(r.seconds, 1),
                }
                for r in results
            },
        }
    )
    return 3 if failed else 0


class _Board:
    """One line per unit: redrawn on a terminal while it works, printed when a stage begins in a log."""

    def __init__(self, console: Console, names: list[str]) -> None:
        self.console, self.width = console, max(map(len, names), default=0)
        self.live = console.err.isatty()
        self.texts: dict[str, str] = {}
        self.drawn = 0

    def say(self, unit: str, text: str, share: float) -> None:
        stage = text.split(" ")[0]
        news = self.texts.get(unit, "").split(" ")[0] != stage
        self.texts[unit] = text
        if self.live:
            self._draw()
        elif news:
            self.console.note(f"{unit:<{self.width}}  {stage}")

    def ended(self, result: Result) -> None:
        self.texts.pop(result.unit, None)
        self._clear()
        took = f"  {result.seconds:.0f} s" if result.seconds else ""
        note = f"  {result.note}" if result.note else f"  {', '.join(result.stages)}" if result.stages else ""
        self.console.note(f"{result.unit:<{self.width}}  {result.state}{took}{note}")
        if self.live:
            self._draw()

    def _clear(self) -> None:
        if self.live and self.drawn:
            self.console.err.write(f"\033[{self.drawn}A\033[J")
            self.drawn = 0

    def _draw(self) -> None:
        self._clear()
        for unit, text in self.texts.items():
            self.console.err.write(f"{unit:<{self.width}}  {text}"[:110] + "\n")
        self.drawn = len(self.texts)
        self.console.err.flush()
