"""What a CopyCat training prints and writes, by the log of a real 16.0v1 farm job (A).

Progress is printed at step 1 and every 10 steps (B). Steps are epochs * pairs / batch size, rounded up (U);
with batchSizeType Auto the batch is 8, the default of the knob autoBatchSize. That two frames start two
trainings, and all error texts but that of the missing directory, are not known (U).
"""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import attrs

from .files import file_path, frame_range
from .live import Live

__all__ = ["NodeFailed", "train"]

SAVED = re.compile(r"(?P<run>.+)\.(?P<step>\d+)\.(?:cat|catnc)\Z")

AUTOMATIC_BATCH = 8


class NodeFailed(RuntimeError):
    """Nuke prints ``ERROR: node: text``."""


@attrs.frozen
class Plan:
    folder: Path
    run: str
    first: int
    steps: int
    checkpoint: int
    sheet: int


def train(live: Live, say: Callable[[str], None], *, most_steps: int | None = None) -> None:
    """Print the log of a training and write stand-ins for its files into the data directory.

    most_steps: train no longer than this, for quick tests. Raises NodeFailed.
    """
    plan = _plan(live, most_steps)
    ending = "catnc" if live.session.edition == "nc" else "cat"
    losses: list[str] = []
    for step in range(plan.first, plan.steps + 1):
        if step == 1 or step % 10 == 0:
            loss = 0.05 / math.sqrt(step) + 0.002
            losses.append(f"{step} {loss:.6f}")
            say(f"[Step:{step}/{plan.steps}] Loss:{loss:.6f}")
        stem = f"{plan.run}.{step}"
        if step % plan.checkpoint == 0 or step == plan.steps:
            for suffix, what in ((ending, "Cat file"), ("ost", "Optimiser")):
                _write(plan.folder / f"{stem}.{suffix}", f"stub {what} of step {step}\n".encode())
                say(f" [*] {what} saved at {(plan.folder / stem).as_posix()}.{suffix}")
        if step % plan.sheet == 0 or step == plan.steps:
            _write(plan.folder / f"{stem}.png", _PNG)
            say(f" [*] Contactsheet saved at {(plan.folder / stem).as_posix()}.png")
    _write(plan.folder / f"{plan.run}.summary", ("\n".join(losses) + "\n").encode())


def _plan(live: Live, most: int | None) -> Plan:
    own = live.shared.own
    folder = file_path(live, "dataDirectory")
    if not folder or not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise NodeFailed("No valid or writable data directory is selected.")
    source, truth = live.pipe(0), live.pipe(1)
    if source is None or truth is None:
        raise NodeFailed("Input and GroundTruth must be connected.")
    first, last = frame_range(source)
    pairs = last - first + 1
    manual = own["batchSizeType"].value() == "Manual"
    batch = int(own["batchSize"].value()) if manual else AUTOMATIC_BATCH
    if manual and batch > pairs:
        raise NodeFailed(f"Batch Size {batch} is larger than the number of image pairs, {pairs}.")
    steps = math.ceil(int(own["epochs"].value()) * pairs / min(batch, pairs))
    mode = own["trainingMode"].value()
    if mode == "Validate":
        raise NodeFailed("the stub does not validate")
    run, done = time.strftime("Training_%y%m%d_%H%M%S"), 0
    if mode == "Resume":
        run, done = _last_run(Path(folder))
    steps = min(steps, most) if most else steps
    if done >= steps:
        raise NodeFailed(f"the run {run} has all {steps} steps")
    checkpoint, sheet = int(own["checkpointInterval"].value()), int(own["imageInterval"].value())
    return Plan(Path(folder), run, done + 1, steps, max(checkpoint, 1), max(sheet, 1))


def _last_run(folder: Path) -> tuple[str, int]:
    """The run with the newest weights whose optimiser state is there too."""
    found: list[tuple[float, int, str]] = []
    for file in folder.iterdir():
        match = SAVED.match(file.name)
        if match and file.with_suffix(".ost").exists():
            found.append((file.stat().st_mtime, int(match["step"]), match["run"]))
    if not found:
        raise NodeFailed("there is no run to resume in the data directory")
    _, step, run = max(found)
    return run, step


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415478da6368"
    "000000820081da45083b0000000049454e44ae426082"
)
"""A PNG of one pixel."""
