#!/usr/bin/env python3
"""Does every Source frame find its Reference frame after the frame rate was converted?

    python benchmarks/alignment_conversion.py DIR [--film NAME=FILE[:FIRST:COUNT] ...] [--only TEXT] [--json FILE]

The Source is the demo's strong fading with a weaving gate; the Reference its DVD look at 720x480, converted, with
noise, compressed as JPEG. DIR holds the frames while it runs. Printed for each conversion: Source frames whose partner
is exact, of those that have one; how many of the others were refused; how many frames without a partner got none.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from chroma_recovery.demo.clip import CLIP
from chroma_recovery.demo.fade import FADES, FadedScan
from chroma_recovery.demo.reference import DvdReference, similarity, warp
from chroma_recovery.frames import FrameRange, Pattern
from chroma_recovery.pairs.clips import Sequence
from chroma_recovery.pairs.signatures import pace_of
from chroma_recovery.pairs.timing import find_timing

SIZE, RASTER = (720, 540), (720, 480)

Order = list[tuple[int, int]]
"""Source frames of the top and the bottom field of each Reference frame."""


def orders(count: int) -> dict[str, tuple[Order, float]]:
    """Conversions of a clip of so many frames: order, and the Reference's rate."""
    found: dict[str, tuple[Order, float]] = {
        "PAL speed-up": ([(k, k) for k in range(count)], 25),
        "24 to 25, one a second repeated": ([(k * 24 // 25,) * 2 for k in range(count * 25 // 24)], 25),
        "24 to 30, one in five repeated": ([(k * 4 // 5,) * 2 for k in range(count * 5 // 4)], 30),
        "25 to 24": ([(k * 25 // 24,) * 2 for k in range(count * 24 // 25)], 24),
        "30 to 24": ([(k * 5 // 4,) * 2 for k in range(count * 4 // 5)], 24),
    }
    cadence = ((0, 0), (1, 1), (1, 2), (2, 3), (3, 3))
    woven = [(4 * (k // 5) + a, 4 * (k // 5) + b) for k in range(count * 5 // 4) for a, b in [cadence[k % 5]]]
    found["3:2, woven"] = [p for p in woven if max(p) < count], 30
    fields = [min(k * 48 // 50, 2 * count - 1) for k in range(count * 50 // 24)]
    found["24 to 25 by one field, woven"] = (
        [(fields[k] // 2, fields[k + 1] // 2) for k in range(0, len(fields) - 1, 2)],
        25,
    )
    held = count // 3
    found["held and dropped"] = (
        [
            (k, k) if not held <= k < held + 6 else (held, held) if k == held else (k - 1, k - 1)
            for k in range(count)
        ],
        24,
    )
    return found


def frames(path: str, first: int, count: int) -> list[Any]:
    video, found = cv2.VideoCapture(path), []
    for n in range(first + count):
        if not video.grab():
            break
        if n >= first:
            found.append(cv2.resize(video.retrieve()[1], SIZE, interpolation=cv2.INTER_AREA))
    return [f[..., ::-1].astype(np.float32) / 255 for f in found]


def written(folder: Path, pictures: Iterator[Any], name: str, fps: float) -> Sequence:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    count = 0
    for count, picture in enumerate(pictures, start=1):
        codes = np.round(np.clip(picture, 0, 1)[..., ::-1] * 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"f.{count:04d}.jpg"), codes, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return Sequence(name, Pattern.parse(f"{folder.as_posix()}/f.####.jpg"), FrameRange(1, count), fps)


def references(clean: list[Any], order: Order) -> Iterator[Any]:
    """The converted Reference, frame by frame."""
    look = DvdReference(raster=RASTER, borders=(14, 9))
    chance = np.random.default_rng(0)
    moved: dict[int, Any] = {}
    for top, bottom in order:
        for n in {top, bottom} - set(moved):
            picture = look.truth(warp(clean[n], look.transform(*SIZE)))
            picture[:9], picture[-9:], picture[:, :14], picture[:, -14:] = 0, 0, 0, 0
            moved[n] = cv2.GaussianBlur(
                cv2.resize(picture, RASTER, interpolation=cv2.INTER_AREA), (0, 0), 0.5
            )
        picture = moved[top].copy()
        picture[1::2] = moved[bottom][1::2]
        noisy = np.clip(picture + chance.normal(0, 0.006, picture.shape), 0, 1)
        codes = np.round(noisy[..., ::-1] * 255).astype(np.uint8)
        _, data = cv2.imencode(".jpg", codes, [cv2.IMWRITE_JPEG_QUALITY, look.quality])
        back = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255
        yield cv2.resize(back, SIZE, interpolation=cv2.INTER_CUBIC)
        moved = {n: p for n, p in moved.items() if n >= top - 3}


def measured(clean: list[Any], folder: Path, only: str = "") -> Iterator[dict[str, Any]]:
    """A row for every conversion."""
    scan, weave = FadedScan(FADES["strong"], *SIZE, seed=1), np.random.default_rng(3)
    faded = (
        scan(warp(f, similarity(*SIZE, shift=tuple(weave.normal(0, 0.3, 2)))), n) for n, f in enumerate(clean)
    )
    source = written(folder / "s", faded, "Source", 24)
    pace = pace_of(source, woven=False)
    for name, (order, fps) in orders(len(clean)).items():
        if only not in name:
            continue
        reference = written(folder / "r", references(clean, order), "Reference", fps)
        begun = time.process_time()
        timing = find_timing(source, reference, paces=(pace, pace_of(reference)))
        whole: dict[int, set[int]] = {}
        for k, (top, bottom) in enumerate(order, start=1):
            if top == bottom:
                whole.setdefault(top + 1, set()).add(k)
        known = timing.frames.partner if timing.frames else {}
        got = {n: known.get(n, round(timing.at(n))) for n in range(1, len(clean) + 1)}
        yield {
            "conversion": name,
            "exact": sum(got[n] in partners for n, partners in whole.items()),
            "refused": sum(got[n] is None for n in whole),
            "of": len(whole),
            "without": len(got) - len(whole),
            "none": sum(p is None for n, p in got.items() if n not in whole),
            "confidence": round(timing.confidence, 3),
            "kind": timing.kind,
            "cpu_seconds": round(time.process_time() - begun, 1),
        }


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("folder", type=Path)
    words.add_argument("--film", action="append", default=[], metavar="NAME=FILE[:FIRST:COUNT]")
    words.add_argument("--only", default="", help="conversions with this in their name")
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    cv2.setNumThreads(1)
    result: dict[str, Any] = {}
    for film in asked.film or [f"demo={CLIP}:0:48"]:
        name, _, rest = film.partition("=")
        path, first, count = [*rest.split(":"), "0", "48"][:3] if ":" in rest else (rest, "0", "48")
        result[name] = []
        for row in measured(frames(path, int(first), int(count)), asked.folder / name, asked.only):
            result[name].append(row)
            print(
                "{0}: {conversion:34} exact {exact} of {of} (refused {refused}); without partner {none} of {without} "
                "got none; confidence {confidence} [{kind}] {cpu_seconds} s".format(name, **row),
                flush=True,
            )
        shutil.rmtree(asked.folder / name, ignore_errors=True)
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
