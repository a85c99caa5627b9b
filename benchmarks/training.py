#!/usr/bin/env python3
"""Error against seconds of training: one row per budget, each trained from the start.

python benchmarks/training.py [--quick] [--json FILE] [--fade NAME ...]
"""

from __future__ import annotations

import sys

import cv2
from ours import Engine
from quality import judged, looked_at
from rows import Clock, Rows, words
from shots import EVERY_FADE, make_shot

KEYS = ("fade", "budget")
COLUMNS = (*KEYS, "steps", "mean", "p95", "flicker", "fit_seconds", "fit_cpu_seconds")


def main() -> int:
    parser = words(__doc__)
    parser.add_argument("--fade", nargs="+", choices=sorted(EVERY_FADE), default=None)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    rows = Rows("training", asked.json, KEYS)
    budgets = (5.0, 15.0) if asked.quick else (10.0, 20.0, 45.0, 90.0, 180.0, 360.0)
    for fade in asked.fade or (["strong"] if asked.quick else ["mild", "strong"]):
        if all(rows.has(fade=fade, budget=b) for b in budgets):
            continue
        shot = make_shot("demo", fade, "dvd", 4, footage=None, length=24 if asked.quick else 48)
        for budget in budgets:
            if rows.has(fade=fade, budget=budget):
                continue
            clock = Clock()
            engine = Engine(shot, budget)
            spent = {"fit_seconds": clock.spent, "fit_cpu_seconds": clock.spent_cpu}
            found = judged(shot, engine, looked_at(shot, asked.quick))
            rows.add(fade=fade, budget=budget, steps=engine.steps, **found, **spent)
    rows.table(COLUMNS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
