#!/usr/bin/env python3
"""Is the report quick? CPU seconds of a shot's inference beside each part of its validation.

    python benchmarks/report.py [--quick] [--json FILE] [--frames N] [--size 2048x1556] [--keep DIR]

The shot is the demo's clip enlarged, with grain, its colours mixed and weakened; EXR in and out; five pairs and a
hold-out, placed by hand, so that nothing is solved. The model is its base alone, the quickest there is. CPU seconds are
user and system time of this process and of its decoding processes, which holds on a busy machine too; the clock is
told beside it. ``--keep`` works in a folder that stays, and takes a shot from there that is there already.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
from rows import Clock, Rows, words

from chroma_recovery.build import assemble
from chroma_recovery.demo.clip import LENGTH, read_clip
from chroma_recovery.demo.footage import write_frame
from chroma_recovery.engine.learning.checkpoint import load_checkpoint, save_checkpoint
from chroma_recovery.engine.learning.settings import model_file
from chroma_recovery.recovery.run import Recoverer

KEYS = ("size", "frames", "part")
MIX = np.array([[0.35, 0.45, 0.1], [0.05, 0.85, 0.1], [0.1, 0.3, 0.6]], np.float32)
"""What fading leaves: red and blue go over to green."""

PRESET = """\
shot: sh
source: {{path: s/s.####.exr, first: 1, last: {last}}}
reference: {{path: r/r.####.exr, first: 1, last: {last}, kind: dvd}}
pairs: [{pairs}]
alignment: {{use: manual}}
crop: {{box: [16, 16, {right}, {top}]}}
training: {{median: 3, patch: 64, batch: 3, steps: 20}}
"""


def make_shot(folder: Path, size: tuple[int, int], frames: int) -> Path:
    """Write frames and preset; the preset's file. A clip that is too short is run to and fro."""
    preset = folder / "sh.yaml"
    if preset.exists():
        return preset
    chance = np.random.default_rng(0)
    clip = list(read_clip(frames=min(frames, LENGTH)))
    order = [*range(len(clip)), *range(len(clip) - 2, 0, -1)] or [0]
    for number in range(1, frames + 1):
        small = clip[order[(number - 1) % len(order)]]
        clean = np.clip(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), 0, 1)
        write_frame(folder / f"r/r.{number:04d}.exr", clean)
        grain = chance.normal(0, 0.012, clean.shape).astype(np.float32)
        write_frame(folder / f"s/s.{number:04d}.exr", np.clip(clean @ MIX.T + grain, 0, 1))
    at = [round(v) for v in np.linspace(1, frames, 6)]
    pairs = ", ".join(f"{{source: {f}, hold_out: true}}" if n == 3 else str(f) for n, f in enumerate(at))
    text = PRESET.format(last=frames, pairs=pairs, right=size[0] - 16, top=size[1] - 16)
    preset.write_text(text, encoding="utf-8")
    return preset


def base_alone(job: Recoverer) -> None:
    """Take the rest out of the trained model."""
    node = job.names.inference
    path = model_file(job.evaluator.path(node, "modelFile"), node)
    found = load_checkpoint(path)
    found.network.strength.fill_(0.0)
    save_checkpoint(path, found.network, found.facts, overwrite=True)


class Parts:
    """CPU and wall seconds by name, decoding processes included; a part does not count what is counted within it."""

    def __init__(self) -> None:
        self.seconds: dict[str, tuple[float, float]] = {}
        self._inner = [0.0, 0.0]

    def wrap(self, owner: Any, method: str, name: str) -> None:
        """Count every call of a method; its name may hold arguments of the call, ``{0}``."""
        plain: Callable[..., Any] = getattr(owner, method)

        def counted(*given: Any, **more: Any) -> Any:
            outer, self._inner = self._inner, [0.0, 0.0]
            clock, beside = Clock(), decoding()
            try:
                return plain(*given, **more)
            finally:
                spent = clock.spent_cpu + decoding() - beside, clock.spent
                called = name.format(*given)
                before = self.seconds.get(called, (0.0, 0.0))
                own = [s - i for s, i in zip(spent, self._inner, strict=True)]
                self.seconds[called] = before[0] + own[0], before[1] + own[1]
                self._inner = [o + s for o, s in zip(outer, spent, strict=True)]

        setattr(owner, method, counted)


def decoding() -> float:
    """CPU seconds of the decoding processes, which live as long as this one."""
    return sum(sum(p.cpu_times()[:2]) for p in psutil.Process().children())


def measure(folder: Path, size: tuple[int, int], frames: int) -> dict[str, tuple[float, float]]:
    """Run the shot; CPU and wall seconds by part."""
    scripts = assemble(make_shot(folder, size, frames), project=folder)
    job = Recoverer(scripts, folder, overwrite=True)
    job.train()
    base_alone(job)
    job.evaluator.forget()
    parts = Parts()
    for owner, method, name in (
        (job, "validate", "report and what it hands over"),
        (job, "_render", "sequence {1}"),
        (job.judge.pairs, "measures", "pairs"),
        (job.judge, "_luma_of_frames", "luma before delivery"),
        (job.judge, "_hold_outs", "hold-outs"),
        (job.judge, "shot", "delivered frames"),
    ):
        parts.wrap(owner, method, name)
    job.infer()
    job.validate()
    return {n.replace(f"sequence {job.names.write}", "inference"): s for n, s in parts.seconds.items()}


def main() -> None:
    parser = words(__doc__)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--size", default="2048x1556", help="width x height")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    asked = parser.parse_args()
    size, frames = ("1024x778", 10) if asked.quick else (asked.size, asked.frames)
    rows = Rows("report", asked.json, KEYS)
    if rows.has(size=size, frames=frames, part="inference"):
        return
    width, height = (int(v) for v in size.split("x"))
    with tempfile.TemporaryDirectory(prefix="report-") as scratch:
        folder = asked.keep or Path(scratch)
        found = measure(folder, (width, height), frames)
    first = found["inference"][0]  # the others are told against it
    for part, (cpu, wall) in found.items():
        share = cpu / first
        rows.add(size=size, frames=frames, part=part, cpu=cpu, per_frame=cpu / frames, wall=wall, share=share)
    rows.table((*KEYS, "cpu", "per_frame", "wall", "share"))


if __name__ == "__main__":
    main()
