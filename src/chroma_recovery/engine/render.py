"""Renders a Write node to EXR files: colour conversion, windows, compression, provenance, resume, Source
protection."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import attrs

from ..errors import Cancelled, ImageFileError, PathError, Problem
from ..frames import FrameRange, Pattern, format_frames
from ..paths import posix
from .call import Call
from .evaluate import Evaluator
from .files import Written, is_finished
from .nodes.read import read_pattern
from .overlap import ReadAhead, WriteBehind, leaner, one_core_left
from .write_node import frame_of

__all__ = ["RenderReport", "occupied", "protected", "render", "render_range"]

MOST_TOLD = 20
"""Frames that failed whose reasons are told one by one."""


@attrs.frozen
class RenderReport:
    """What was written. skipped: whole frames that were there already (resume). clipped: per frame, values
    beyond half's range that were set to its largest number. seconds: of the whole render."""

    node: str
    written: tuple[Path, ...]
    skipped: tuple[Path, ...]
    clipped: Mapping[int, int]
    seconds: float

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(sorted({*self.written, *self.skipped}))


def render_range(evaluator: Evaluator, write_node: str) -> FrameRange:
    """The frames that a Write renders: its own limits where ``use_limit`` is on, else its input's range."""
    call = evaluator.call(write_node, evaluator.root_range.first)
    if call.flag("use_limit"):
        return FrameRange(call.integer("first"), call.integer("last"))
    return evaluator.range(write_node)


def protected(evaluator: Evaluator, write_node: str) -> None:
    """Raise PathError (CR605) if the Write's folder is one that a Read takes its sequence from.

    A Read of exactly the Write's own files that does not feed the Write is the usual read-back, and allowed.
    """
    target = Pattern.parse(posix(evaluator.path(write_node)))
    folder = _folder(target)
    feeding = set(evaluator.graph.upstream([write_node]))
    problems = []
    for node in evaluator.graph.of_class("Read"):
        if evaluator.disabled(node.name, evaluator.root_range.first) or not evaluator.graph.knobs(
            node.name
        ).get("file"):
            continue
        pattern = read_pattern(evaluator.call(node.name, 1))
        if _folder(pattern) != folder:
            continue
        read_back = node.name not in feeding and Path(pattern.text).name == Path(target.text).name
        if not read_back and _is_sequence_folder_of(evaluator, node.name, write_node, pattern):
            problems.append(
                Problem(
                    "CR605",
                    f"{write_node}.file",
                    f"would write into {posix(folder)}, where {node.name} reads its pictures",
                    "choose another output folder; a Source is never written to",
                )
            )
    if problems:
        raise PathError(problems)


def _folder(pattern: Pattern) -> Path:
    return Path(os.path.realpath(Path(pattern.text).parent))


def _is_sequence_folder_of(evaluator: Evaluator, read: str, write: str, pattern: Pattern) -> bool:
    """False for a Read of what another Write of the same graph makes there (two stages sharing an output
    folder)."""
    others = [n.name for n in evaluator.graph.of_class("Write") if n.name != write]
    made = {Path(posix(evaluator.path(n))) for n in others if evaluator.graph.knobs(n).get("file")}
    return read in evaluator.graph.upstream([write]) or Path(pattern.text) not in made


def _targets(
    evaluator: Evaluator, write_node: str, frames: Iterable[int] | None
) -> tuple[list[int], Pattern]:
    span = render_range(evaluator, write_node)
    wanted = list(span) if frames is None else list(dict.fromkeys(frames))
    if evaluator.call(write_node, span.first).flag("use_limit"):
        wanted = [f for f in wanted if f in span]
    return wanted, Pattern.parse(posix(evaluator.path(write_node)))


def occupied(evaluator: Evaluator, write_node: str, frames: Iterable[int] | None = None) -> Problem | None:
    """What :func:`render` will meet (CR602) where a file of these frames is there already, known before the first
    of them is computed."""
    wanted, pattern = _targets(evaluator, write_node, frames)
    there = [f for f in wanted if Path(pattern.at(f)).exists()]
    if not there:
        return None
    many = f"exist already ({format_frames(there)})" if len(there) > 1 else "exists already"
    return Problem(
        "CR602",
        f"{write_node}: {pattern.at(there[0])}",
        f"{many}; nothing was written",
        "choose another --out or version, pass --overwrite, or --resume to keep finished frames",
    )


def render(
    evaluator: Evaluator,
    write_node: str,
    frames: Iterable[int] | None = None,
    *,
    overwrite: bool = False,
    resume: bool = False,
    metadata: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> RenderReport:
    """Render frames of a Write node; None means its whole range, and ``use_limit`` drops frames outside its
    limits.

    resume: frames whose file is there, whole, and ours are skipped. overwrite: files that we wrote are
    replaced. metadata: provenance for every header (preset, graph hash, model hash ...). progress: told
    (done, of) after each frame. A frame whose picture cannot be read fails alone: all others are written, then
    ImageFileError (CR516) names it. Raises what evaluation and ``write_exr`` raise, PathError CR605 (see
    :func:`protected`), UnsupportedNode for settings that are not evaluated, Cancelled (frames finished before
    are kept).
    """
    begun = time.monotonic()
    span = render_range(evaluator, write_node)
    wanted, pattern = _targets(evaluator, write_node, frames)
    if len(wanted) > 1 and not pattern.is_sequence:
        evaluator.call(write_node, wanted[0]).refuse(
            "file", "names one file for several frames", "put #### into the name"
        )
    protected(evaluator, write_node)
    _check_folder(evaluator.call(write_node, span.first), Path(pattern.text).parent)
    job = _Job(
        evaluator, write_node, wanted, pattern, overwrite, resume, dict(metadata or {}), progress, cancel
    )
    with leaner(evaluator), one_core_left():
        job.run()
    if job.failed:
        raise ImageFileError(job.failures())
    return RenderReport(
        write_node, tuple(job.written), tuple(job.skipped), job.clipped, time.monotonic() - begun
    )


@attrs.define(eq=False)
class _Job:
    """Files of coming frames are read ahead, finished frames are written behind, both in order, while this thread
    computes. What is told and raised is what doing one after the other would tell and raise."""

    evaluator: Evaluator
    node: str
    wanted: list[int]
    pattern: Pattern
    overwrite: bool
    resume: bool
    metadata: dict[str, str]
    progress: Callable[[int, int], None] | None
    cancel: Callable[[], bool] | None
    written: list[Path] = attrs.Factory(list)
    skipped: list[Path] = attrs.Factory(list)
    clipped: dict[int, int] = attrs.Factory(dict)
    failed: dict[int, ImageFileError] = attrs.Factory(dict)
    told: int = 0

    def failures(self) -> list[Problem]:
        """What became of the frames in one line, then why, for the first of those that failed."""
        done, of = len(self.wanted) - len(self.failed), len(self.wanted)
        message = f"{done} of {of} frames are there; without a picture are {format_frames(self.failed)}"
        hint = "fetch or repair their files, then go on with --resume"
        found = [Problem("CR516", self.node, message, hint)]
        for error in list(self.failed.values())[:MOST_TOLD]:
            found += [p for p in error.problems if p not in found]
        return found

    def run(self) -> None:
        with (
            ReadAhead(self.evaluator, [self.node], self._needed()) as ahead,
            WriteBehind(self._done) as behind,
        ):
            for done, frame in enumerate(self.wanted):
                if self.cancel is not None and self.cancel():
                    reason = f"stopped by the user after {done} of {len(self.wanted)} frames"
                    raise Cancelled(Problem("CR590", self.node, reason))
                path = Path(self.pattern.at(frame))
                if ahead.next() is None:
                    behind.add(frame, path, None)
                    continue
                try:
                    made = frame_of(self.evaluator.call(self.node, frame), self.metadata)
                except ImageFileError as error:
                    self.failed[frame] = error
                    behind.add(frame, path, None)
                    ahead.release()
                    continue
                replace = self.overwrite or (self.resume and path.exists())
                behind.add(frame, path, partial(made.write, path, overwrite=replace), made.nbytes)
                del made
                ahead.release()

    def _needed(self) -> Iterator[int | None]:
        """Frames to compute; None for one that is there already."""
        for frame in self.wanted:
            yield None if self.resume and is_finished(Path(self.pattern.at(frame))) else frame

    def _done(self, frame: int, path: Path, made: Written | None) -> None:
        """A frame is finished; called on this thread, in order."""
        if frame not in self.failed:
            (self.skipped if made is None else self.written).append(path)
        if made is not None and made.clipped:
            self.clipped[frame] = made.clipped
        self.told += 1
        if self.progress is not None:
            self.progress(self.told, len(self.wanted))


def _check_folder(call: Call, folder: Path) -> None:
    if not folder.is_dir() and not call.flag("create_directories"):
        raise PathError.at(
            "CR603",
            posix(folder),
            "does not exist, and the Write does not create directories",
            "switch create_directories on",
        )
