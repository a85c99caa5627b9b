"""A real Nuke as a subprocess: command lines as lists, its log read as it comes, failures told in plain words.

A run has failed if the exit code is not 0, or an ``ERROR:`` line was printed, or a file that should be there is not:
what Nuke's exit codes mean is not documented, so none of the three is trusted alone.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import attrs

from ..errors import Cancelled, NukeError, Problem
from ..frames import Pattern, format_frames
from ..paths import posix
from .distributed import all_or_none
from .log import Event, understand

__all__ = ["Finished", "execute_command", "frame_words", "missing_frames", "run_nuke"]

EDITION = {"indie": ("--indie",), "studio": ("--studio",), "nukex": ("--nukex",), "non-commercial": ("--nc",)}


@attrs.frozen
class Finished:
    """A run that went well. saved: files by kind (model, optimiser, contact sheet, frame), in order."""

    saved: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]

    def of(self, kind: str) -> list[str]:
        return [path for what, path in self.saved if what == kind]


def frame_words(frames: Iterable[int]) -> list[str]:
    """``-F`` for each run of frames; Nuke wants them before the script."""
    words: list[str] = []
    for part in format_frames(frames).split(","):
        words += ["-F", part]
    return words


def execute_command(
    nuke: Path,
    node: str,
    script: Path,
    frames: Iterable[int],
    *,
    gpu: bool = False,
    edition: str = "",
    interactive: bool = False,
    more: Sequence[str] = (),
) -> list[str]:
    """``nuke [--edition] [-i] -X NODE -F RANGE ... [--gpu] [MORE] SCRIPT``. edition: one whose switch is needed, or
    empty. more: further switches, such as ``--cont`` or ``--remap A,B``."""
    words = [str(nuke), *EDITION.get(edition, ())]
    words += ["-i"] if interactive else []
    words += ["-X", node, *frame_words(frames)]
    words += ["--gpu"] if gpu else []
    return [*words, *more, posix(script)]


def missing_frames(pattern: Path, frames: Sequence[int]) -> list[int]:
    """Frames whose file is not there, or empty."""
    names = Pattern.parse(posix(pattern))
    return [f for f in frames if not _whole(Path(names.at(f)))]


def _whole(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def run_nuke(
    command: Sequence[str],
    *,
    folder: Path,
    progress: Callable[[int, int, str], None] | None = None,
    note: Callable[[str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run Nuke in a folder and read its log. progress: (done, total, note). note: every line that is no progress.
    environment: all variables that Nuke gets, those of this process if None.

    Raises NukeError: CR932 some but not all of CopyCat's four variables are set, CR920 cannot be started, CR921
    licence, CR922 ``ERROR:`` lines, CR923 exit code; Cancelled if ``cancel`` said so (Nuke is then stopped; finished
    files stay).
    """
    all_or_none(os.environ if environment is None else environment)
    try:
        process = subprocess.Popen(  # noqa: S603 - a list of words, no shell
            list(command),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**(os.environ if environment is None else environment), "PYTHONUNBUFFERED": "1"},
        )
    except OSError as error:
        hint = "give the path of the Nuke executable with --nuke"
        raise NukeError.at(
            "CR920", command[0], f"cannot be started: {error.strerror or error}", hint
        ) from error
    events: list[Event] = []
    try:
        for line in _lines(process, cancel):
            event = understand(line)
            events.append(event)
            if event.kind in ("step", "frame") and progress is not None:
                what = f"loss {event.text}" if event.kind == "step" and event.text else ""
                progress(
                    event.done, event.total, what or (f"frame {event.text}" if event.kind == "frame" else "")
                )
            elif note is not None and line.strip():
                note(line.rstrip())
        code = process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    _judge(events, code, command[0])
    saved = [(e.what, e.text) for e in events if e.kind == "saved"]
    saved += [("frame", e.text) for e in events if e.kind == "written"]
    return Finished(tuple(saved), tuple(e.text for e in events if e.kind == "warning"))


def _lines(process: subprocess.Popen[str], cancel: Callable[[], bool] | None) -> Iterable[str]:
    """Lines as they come; asks ``cancel`` at least four times a second, also while Nuke is silent."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        if cancel is not None and cancel():
            raise Cancelled.at("CR599", "", "stopped; what was finished is kept")
        try:
            line = lines.get(timeout=0.25)
        except queue.Empty:
            continue
        if line is None:
            return
        yield line


def _judge(events: Sequence[Event], code: int, nuke: str) -> None:
    """Raise what the log and the exit code say."""
    licences = list(dict.fromkeys(e.text for e in events if e.kind == "licence"))
    if licences:
        hint = "check the licence server; training and rendering take a render licence (nuke_r)"
        raise NukeError.at("CR921", nuke, "Nuke found no licence: " + "; ".join(licences), hint)
    errors = list(dict.fromkeys(e.text for e in events if e.kind == "error"))
    if errors:
        raise NukeError([Problem("CR922", nuke, f"Nuke says: {text}") for text in errors])
    if code:
        last = next((e.text for e in reversed(events) if e.kind == "text" and e.text.strip()), "nothing")
        what = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise NukeError.at("CR923", nuke, f"{what}; its last words: {last}")
