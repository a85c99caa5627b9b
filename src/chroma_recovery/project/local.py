"""All units of a project on this machine: so many worker processes at a time, one progress line per unit.

Each worker is a process of its own that works through one unit and ends: memory is bounded by the number of workers,
and one that crashes takes nothing with it. A worker notices when its runner is gone and stops, keeping what it has.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from ..paths import posix
from .lock import locked
from .model import STAGES, Places, Project, Unit
from .status import unit_status

__all__ = ["Result", "default_jobs", "run_project"]

GIGABYTES_PER_JOB = 3
"""Memory of one worker, about: libraries 0.5 GB, the rest is frames; 4K frames of training pairs take more."""

PATIENCE = 60.0
"""Seconds for workers to save what they have after a stop."""

Say = Callable[[str, str, float], None]
"""Progress: (unit, what it does, share 0..1 of its stage)."""


@attrs.frozen
class Result:
    """How a unit ended. state: done, unchanged, failed, waiting (its group failed) or stopped. stages: those worked
    on. note: why it failed. seconds: wall time."""

    unit: str
    state: str
    stages: tuple[str, ...] = ()
    note: str = ""
    seconds: float = 0.0


def default_jobs() -> int:
    """One worker per two cores and per 3 GB of free memory; one where there is a GPU to share."""
    if Path("/dev/nvidia0").exists():
        return 1
    cores = os.cpu_count() or 1
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    except (AttributeError, ValueError, OSError):
        free = 8.0
    return max(1, min(cores // 2, int(free // GIGABYTES_PER_JOB)))


def run_project(
    project: Project,
    out: Path,
    *,
    jobs: int,
    stages: Sequence[str] = STAGES,
    only: Sequence[str] = (),
    overwrite: bool = False,
    say: Say = lambda unit, text, share: None,
    ended: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Work on all units, or those named and their groups; a unit that fails stops only those that need its model.

    Raises PathError CR610 if another run works in this folder; KeyboardInterrupt after every worker has stopped.
    """
    names = set(only) | {project.units[n].group for n in only}
    units = [u for u in project.units.values() if not only or u.name in names]
    with locked(Places(out).lock(), "runs the project"):
        return _Runner(project, out, jobs, tuple(stages), overwrite, say, ended).go(units)


@attrs.define
class _Worker:
    unit: Unit
    process: subprocess.Popen[bytes]
    began: float
    stages: list[str] = attrs.field(factory=list)
    note: str = ""


@attrs.define
class _Runner:
    project: Project
    out: Path
    jobs: int
    stages: tuple[str, ...]
    overwrite: bool
    say: Say
    ended: Callable[[Result], None]
    results: dict[str, Result] = attrs.field(factory=dict)
    running: dict[str, _Worker] = attrs.field(factory=dict)
    told: queue.Queue[tuple[str, dict[str, object] | None]] = attrs.field(factory=queue.Queue)

    def go(self, units: list[Unit]) -> list[Result]:
        waiting = list(units)
        try:
            while waiting or self.running:
                while len(self.running) < self.jobs and (unit := self._next(waiting)) is not None:
                    self._start(unit)
                if self.running:
                    self._listen()
        except BaseException:
            self._stop()
            raise
        return [self.results[u.name] for u in units]

    def _next(self, waiting: list[Unit]) -> Unit | None:
        """The next unit whose group is finished; units without work, or without a model to come, end here."""
        for unit in list(waiting):
            group = self.results.get(unit.group)
            if (
                unit.group
                and group is None
                and (unit.group in self.running or any(w.name == unit.group for w in waiting))
            ):
                continue
            waiting.remove(unit)
            if group is not None and group.state in ("failed", "waiting"):
                self._end(Result(unit.name, "waiting", note=f"its group {unit.group} failed"))
            elif self._finished(unit):
                self._end(Result(unit.name, "unchanged"))
            else:
                return unit
        return None

    def _finished(self, unit: Unit) -> bool:
        found = {s.stage: s.state for s in unit_status(self.project, unit, self.out).stages}
        return all(found[s] == "done" for s in unit.stages if s in self.stages)

    def _start(self, unit: Unit) -> None:
        words = [
            sys.executable,
            "-m",
            "chroma_recovery.cli",
            "project",
            "task",
            posix(self.project.file.absolute()),
        ]
        words += ["--out", posix(self.out.absolute()), "--unit", unit.name, "--stage", ",".join(self.stages)]
        words += ["--progress", "lines", *(["--overwrite"] if self.overwrite else [])]
        log = Places(self.out).log(unit.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        threads = str(max(1, (os.cpu_count() or 1) // self.jobs))
        with log.open("ab") as errors:
            process = subprocess.Popen(  # noqa: S603 - our own program, words of ours
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, **os.environ},
                start_new_session=True,  # Ctrl-C reaches this process only; it passes it on
            )
        self.running[unit.name] = _Worker(unit, process, time.monotonic())
        threading.Thread(target=self._read, args=(unit.name, process), daemon=True).start()
        self.say(unit.name, "starts", 0.0)

    def _read(self, name: str, process: subprocess.Popen[bytes]) -> None:
        for line in process.stdout or ():
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict):
                self.told.put((name, said))
        self.told.put((name, None))

    def _listen(self) -> None:
        """One message of a worker."""
        try:
            name, said = self.told.get(timeout=0.5)
        except queue.Empty:
            return
        worker = self.running[name]
        if said is None:
            self._finish(worker)
        elif "stages" in said:
            worker.stages = [str(s) for s in said["stages"]] if isinstance(said["stages"], list) else []
        elif "failed" in said:
            worker.note = str(said["failed"])
        else:
            done, total = (float(str(said.get(k, 0))) for k in ("done", "total"))
            note = f"  {said['note']}" if said.get("note") else ""
            self.say(
                name, f"{said.get('title', '')} {done:g}/{total:g}{note}", done / total if total else 0.0
            )

    def _finish(self, worker: _Worker) -> None:
        code = worker.process.wait()
        del self.running[worker.unit.name]
        if worker.process.stdin is not None:
            worker.process.stdin.close()
        seconds = time.monotonic() - worker.began
        state = "done" if code == 0 else "failed"
        note = worker.note
        if code != 0 and not note:
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            note = f"its worker {how}; see {posix(Places(self.out).log(worker.unit.name))}"
        self._end(Result(worker.unit.name, state, tuple(worker.stages), note, seconds))

    def _end(self, result: Result) -> None:
        self.results[result.unit] = result
        self.ended(result)

    def _stop(self) -> None:
        """Ask every worker to stop, wait, and end those that do not."""
        for worker in self.running.values():
            if worker.process.stdin is not None:
                worker.process.stdin.close()  # a worker takes this as the request to stop
            if os.name != "nt":
                worker.process.send_signal(signal.SIGINT)
        until = time.monotonic() + PATIENCE
        for worker in self.running.values():
            try:
                worker.process.wait(max(0.1, until - time.monotonic()))
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                worker.process.kill()
                worker.process.wait()
