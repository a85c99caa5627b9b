#!/usr/bin/env python3
"""Real faded film: what the engine makes of the crops on a CopyCat's contact sheets, beside CopyCat's own output.

    python benchmarks/sheets.py --sheets DIR [--quick] [--json FILE] [--seconds N]

DIR/FILM/*.png or .jpg: contact sheets that Nuke wrote while a CopyCat was trained, three rows of Input, Ground Truth
and Output side by side. For each sheet its three crops train and are judged (``trained``), and each is judged by a
training on the other two (``left out``), which say little about it: crops show different things, often of different
frames. CopyCat had all frames of its training, these among them, so its numbers are the same in both. Error: CIEDE2000
at the Input's luma against the Ground Truth; mean, and mean of the crops' 95th percentiles.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from ours import Engine
from rivals import lut
from rows import Rows, words
from shots import Shot

from chroma_recovery.demo.density import Array
from chroma_recovery.qc.measures import ciede2000
from chroma_recovery.qc.taps import with_luma_of

KEYS = ("film", "crops", "method", "budget")
COLUMNS = (*KEYS, "sheets", "mean", "p95")
SECONDS = 1.0
"""Of training: the engine's base alone."""
SIDE = 3
"""Crops along each side of a sheet."""

Crop = tuple[Array, Array, Array]
"""Input, Ground Truth, Output; display-encoded R'G'B' 0..1."""


def read_sheet(path: Path) -> list[Crop]:
    """Its rows. A sheet that cannot be read ends the benchmark."""
    found = cv2.imread(str(path))
    if found is None:
        sys.exit(f"{path}: cannot be read as a picture")
    rgb = found[..., ::-1].astype(np.float32) / 255
    high, wide = (n // SIDE for n in rgb.shape[:2])
    cells = [
        [
            np.ascontiguousarray(rgb[r * high : r * high + high, c * wide : c * wide + wide])
            for c in range(SIDE)
        ]
        for r in range(SIDE)
    ]
    return [(row[0], row[1], row[2]) for row in cells]


def shot_of(crops: list[Crop], trained: list[int]) -> Shot:
    """Crops as frames; those of ``trained`` are its pairs."""
    whole = np.ones(crops[0][0].shape[:2], np.float32)
    return Shot(
        [c[0] for c in crops],
        [c[1] for c in crops],
        {n: crops[n][1] for n in trained},
        dict.fromkeys(trained, whole),
    )


def errors(out: Array, crop: Crop) -> tuple[float, float]:
    """Mean and 95th percentile."""
    away = ciede2000(with_luma_of(out, crop[0]), with_luma_of(crop[1], crop[0]))
    return float(away.mean()), float(np.percentile(away, 95))


def tried(
    crops: list[Crop], trained: list[int], judged: list[int], seconds: float
) -> dict[str, list[tuple[float, float]]]:
    """Errors of the judged crops by method."""
    shot = shot_of(crops, trained)
    table, engine = lut(shot, 0.0), Engine(shot, seconds)
    return {
        "do nothing": [errors(crops[n][0], crops[n]) for n in judged],
        "3D LUT": [errors(table(crops[n][0]), crops[n]) for n in judged],
        "CopyCat": [errors(crops[n][2], crops[n]) for n in judged],
        "this engine": [errors(engine.frame(n), crops[n]) for n in judged],
    }


def main() -> int:
    parser = words(__doc__)
    parser.add_argument("--sheets", type=Path, required=True, metavar="DIR", help="a folder for each film")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of training")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    rows = Rows("sheets", asked.json, KEYS)
    for folder in sorted(p for p in asked.sheets.iterdir() if p.is_dir()):
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".png", ".jpg", ".jpeg"))
        for crops in ("trained", "left out"):
            if rows.has(film=folder.name, crops=crops, method="this engine", budget=asked.seconds):
                continue
            found: dict[str, list[tuple[float, float]]] = {}
            for file in files[:1] if asked.quick else files:
                sheet = read_sheet(file)
                every = list(range(SIDE))
                for judged in [every] if crops == "trained" else [[n] for n in every]:
                    others = [n for n in every if n not in judged] or every
                    for method, each in tried(sheet, others, judged, asked.seconds).items():
                        found.setdefault(method, []).extend(each)
            for method, each in found.items():
                budget = asked.seconds if method == "this engine" else 0.0
                if not rows.has(film=folder.name, crops=crops, method=method, budget=budget):
                    mean, p95 = (float(v) for v in np.mean(each, axis=0))
                    sheets = 1 if asked.quick else len(files)
                    rows.add(
                        film=folder.name,
                        crops=crops,
                        method=method,
                        budget=budget,
                        sheets=sheets,
                        mean=mean,
                        p95=p95,
                    )
    rows.table(COLUMNS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
