"""Do many pairs in one go stay flat in memory, and does a run that was cut off go on?

    python benchmarks/alignment_many.py DIR [--pairs 1493] [--width 256] [--json FILE]

A few known pairs of the shipped clip are written at a small size into DIR; links to them make a sequence of any length.
Prints processor time per pair and peak memory after 100, 500 and all pairs. Started again with the same DIR it goes on
where it was, also after it was killed; what it then has to do is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from pathlib import Path

import cv2

os.environ["CHROMA_RECOVERY_DECODER"] = "here"  # so that decoding counts

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.known_pairs import known_pair, scene
from chroma_recovery.engine.files import write_exr
from chroma_recovery.engine.image import Image
from chroma_recovery.pairs.work import PairWork
from chroma_recovery.preset.load import load

DISTINCT = 12
"""Frames that really differ."""


def sequence(folder: Path, count: int, width: int) -> Path:
    """Both sides as files, and the preset, unless they are there."""
    preset = folder / "many.yaml"
    if preset.is_file():
        return preset
    height = round(width * 9 / 16)
    for k, frame in enumerate(read_clip(frames=DISTINCT)):
        pair = known_pair(scene(frame, width, height), width, height, seed=1)
        for side, picture in (("s", pair.source), ("r", pair.reference)):
            write_exr(folder / f"{side}_distinct_{k:02d}.exr", Image.of(picture))
    for n in range(1, count + 1):
        for side in "sr":
            os.link(folder / f"{side}_distinct_{n % DISTINCT:02d}.exr", folder / f"{side}.{n:04d}.exr")
    sides = (
        f"{name}: {{path: {s}.####.exr, first: 1, last: {count}}}"
        for name, s in (("source", "s"), ("reference", "r"))
    )
    numbers = ", ".join(map(str, range(1, count + 1)))
    preset.write_text(
        "extends: sequence\nshot: many\n" + "\n".join(sides) + f"\npairs: [{numbers}]\n", encoding="utf-8"
    )
    return preset


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("folder", type=Path)
    words.add_argument("--pairs", type=int, default=1493)
    words.add_argument("--width", type=int, default=256)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    cv2.setNumThreads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    loaded = load(sequence(asked.folder, asked.pairs, asked.width))
    work = PairWork(loaded, asked.folder / "out", date="2000-01-01")
    there = len(work.journal.finished())
    begun, rows = time.process_time(), []

    def tell(done: int, total: int, words: str) -> None:
        if done in (100, 500, 1000, total):
            took = time.process_time() - begun
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            rows.append({"pairs": done, "cpu_seconds": round(took, 1), "peak_mb": peak})
            print(
                f"{done} pairs, {max(0, done - there) / max(took, 1e-9):.1f} a second of CPU, peak {peak} MB",
                flush=True,
            )

    print(f"{there} of {len(loaded.preset.pairs)} pairs are finished already")
    records = work.run(loaded.preset.pairs, tell=tell)
    counts = {v: sum(r.verdict == v for r in records) for v in ("accept", "look", "reject")}
    print(counts)
    if asked.json:
        asked.json.write_text(
            json.dumps({"there": there, "rows": rows, "verdicts": counts}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
