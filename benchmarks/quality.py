#!/usr/bin/env python3
"""How near to the truth do the engine and its rivals come, on frames that none of them was trained on?

    python benchmarks/quality.py [--quick] [--footage DIR] [--json FILE] [--only TEXT ...] [--plan]

Each row: one clip, fade, kind of Reference, number of pairs and method. A budget is seconds of training on two cores,
counted as processor time, so that it means the same on a busy machine. Error: CIEDE2000 at the Source's luma against
the truth at the same luma, so that only colour counts; mean and 95th percentile over pixels, mean over hold-outs.
Flicker: mean absolute change of the chroma error between consecutive frames, in 8-bit steps. luma: greatest change
of Y' of the raw output in 8-bit steps. With --json, rows that are there are not repeated: run it again to go on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import cv2
import numpy as np
from footage import clips
from ours import Engine
from rivals import RIVALS, Apply, unet
from rows import Clock, Row, Rows, words
from shots import EVERY_FADE, Shot, make_shot

from chroma_recovery.qc.measures import ciede2000
from chroma_recovery.qc.taps import with_luma_of

KEYS = ("clip", "fade", "reference", "pairs", "method", "budget")
COLUMNS = (*KEYS, "mean", "p95", "flicker", "luma", "fit_seconds", "seconds_per_frame")
SECONDS, SHORT = 180.0, 18.0
"""Of training. In the shorter one the engine makes its base alone; the U-Net always gets the longer, ten times that."""
MARGINS = 24
"""Pixels at each side that are not judged: borders of the scan."""
OVERHEAD = 45.0
"""Seconds a cell takes beside training, as far as one knows beforehand."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@attrs.frozen
class Cell:
    """A shot and the methods that are tried on it: name, seconds of training, how."""

    clip: str
    fade: str
    reference: str
    pairs: int
    methods: tuple[tuple[str, float], ...]

    @property
    def words(self) -> Row:
        return {"clip": self.clip, "fade": self.fade, "reference": self.reference, "pairs": self.pairs}


def plan(clip_names: list[str], quick: bool) -> Iterator[Cell]:
    """Every clip and fade with 4 DVD-like pairs, the U-Net on strong fades; other References and 9 pairs on the shipped
    clip."""
    simple = tuple((name, 0.0) for name in RIVALS)
    ours = tuple(("this engine", s) for s in ((SHORT,) if quick else (SHORT, SECONDS)))
    fades = ("mild", "strong") if quick else tuple(EVERY_FADE)
    for fade in fades:
        for clip in clip_names:
            learned = (("RGB U-Net", SHORT if quick else SECONDS),) if fade == "strong" else ()
            yield Cell(clip, fade, "dvd", 4, (*simple, *ours, *learned))
    if not quick:
        for fade in fades:
            for reference, pairs in (("dvd", 9), ("clean", 4), ("clean", 9)):
                yield Cell("demo", fade, reference, pairs, (*simple, *ours[:1]))


def fitted(method: str, shot: Shot, seconds: float) -> Apply | Engine:
    makers: dict[str, Callable[[Shot, float], Apply | Engine]] = {
        **RIVALS,
        "RGB U-Net": unet,
        "this engine": Engine,
    }
    return makers[method](shot, seconds)


def judged(shot: Shot, apply: Apply | Engine, frames: list[int]) -> Row:
    """Errors over hold-outs, flicker over neighbours among ``frames``."""
    errors, tops, moved, before, changes, clock = [], [], [], None, [], Clock()
    inner = (slice(MARGINS, -MARGINS), slice(MARGINS, -MARGINS))
    spent = 0.0
    for number in frames:
        begun = clock.spent
        out = apply.frame(number) if isinstance(apply, Engine) else apply(shot.source[number])
        spent += clock.spent - begun
        source, truth = shot.source[number][inner], shot.truth[number][inner]
        found, aim = with_luma_of(out[inner], source), with_luma_of(truth, source)
        if number not in shot.references:
            error = ciede2000(found[::2, ::2], aim[::2, ::2])
            errors.append(float(error.mean()))
            tops.append(float(np.percentile(error, 95)))
            moved.append(float(np.abs((out[inner] - source) @ LUMA).max()))
        away = (number, cv2.blur((found - aim) * np.float32(255), (9, 9)))
        if before is not None and number == before[0] + 1:
            changes.append(float(np.abs(away[1] - before[1]).mean()))
        before = away
    return {
        "mean": float(np.mean(errors)),
        "p95": float(np.mean(tops)),
        "flicker": float(np.mean(changes)) if changes else None,
        "luma": 255 * max(moved),
        "seconds_per_frame": spent / len(frames),
        "frames": len(errors),
    }


def looked_at(shot: Shot, quick: bool) -> list[int]:
    """Evenly spread hold-outs, and one run of neighbours for the flicker."""
    spread = shot.hold_outs[:: max(1, len(shot.hold_outs) // (4 if quick else 6))]
    middle = len(shot.source) // 2
    return sorted({*spread, *range(middle - 2, middle + (2 if quick else 4))})


def run(cells: list[Cell], rows: Rows, footage: Path | None, quick: bool) -> None:
    for cell in cells:
        left = [m for m in cell.methods if not rows.has(**cell.words, method=m[0], budget=m[1])]
        if not left:
            continue
        shot = make_shot(*cell.words.values(), footage=footage, length=24 if quick else 48)
        frames = looked_at(shot, quick)
        for method, seconds in left:
            clock = Clock()
            apply = fitted(method, shot, seconds)
            spent = {"fit_seconds": clock.spent, "fit_cpu_seconds": clock.spent_cpu}
            steps = {"steps": apply.steps, "strength": apply.strength} if isinstance(apply, Engine) else {}
            rows.add(
                **cell.words, method=method, budget=seconds, **judged(shot, apply, frames), **spent, **steps
            )


def seconds_of(cells: list[Cell], rows: Rows) -> float:
    """About what the cells still take."""
    total = 0.0
    for cell in cells:
        left = [s for m, s in cell.methods if not rows.has(**cell.words, method=m, budget=s)]
        total += sum(left) + (OVERHEAD if left else 0)
    return total


def main() -> int:
    parser = words(__doc__)
    parser.add_argument(
        "--footage", type=Path, metavar="DIR", help="see footage.py; without it the shipped clip alone"
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="TEXT", help="cells that hold all these words"
    )
    parser.add_argument("--plan", action="store_true", help="say what would run and how long it takes")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    rows = Rows("quality", asked.json, KEYS)
    names = ["demo"] if asked.quick else clips(asked.footage)
    cells = [
        c
        for c in plan(names, asked.quick)
        if all(t in {str(v) for v in c.words.values()} for t in asked.only)
    ]
    if asked.plan:
        for cell in cells:
            print(*cell.words.values(), ":", len(cell.methods), "methods")
        print(f"about {seconds_of(cells, rows) / 3600:.1f} hours left on a quiet machine")
        return 0
    run(cells, rows, asked.footage, asked.quick)
    rows.table(COLUMNS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
