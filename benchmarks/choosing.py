#!/usr/bin/env python3
"""What does choosing frames by coverage gain? Colour errors of a quick fit on frames that it was not trained on.

    python benchmarks/choosing.py --film NAME=FILE[:FIRST:LAST] ... [--count 4 7 11]

Each shot is made of one or more parts of films, some with changing light. Source: the demo's faded scan; the fit is the
closed-form base of the network on the chosen frames of 240x136; the error is the mean CIEDE2000 on every frame of
the shot that neither way has chosen.
"""

from __future__ import annotations

import argparse
from typing import Any

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.fade import FADES, FadedScan
from chroma_recovery.pairs.choose import evenly, look_at, propose

SIZE = (240, 136)


def frames(path: str, first: int, last: int) -> list[Any]:
    if path == "demo":
        every = list(read_clip())[first : last + 1]
    else:
        video, every = cv2.VideoCapture(path), []
        for n in range(last + 1):
            done, picture = video.read()
            if not done:
                break
            if n >= first:
                every.append(picture[..., ::-1].astype(np.float32) / 255)
    return [cv2.resize(f, SIZE, interpolation=cv2.INTER_AREA) for f in every]


def terms(picture: Any) -> Any:
    """Polynomial of the third degree of R'G'B', as a quick stand-in of the base: (pixels, 20)."""
    r, g, b = picture.reshape(-1, 3).T
    powers = [(i, j, k) for i in range(4) for j in range(4 - i) for k in range(4 - i - j)]
    return np.stack([r**i * g**j * b**k for i, j, k in powers], 1)


def error(chosen: list[int], sources: list[Any], truths: list[Any], tested: list[int]) -> float:
    matrix, right = 0.0, 0.0
    for n in chosen:
        x = terms(sources[n])
        matrix, right = matrix + x.T @ x / len(x), right + x.T @ truths[n].reshape(-1, 3) / len(x)
    ridge = 1e-5 * len(chosen)
    solved = np.linalg.solve(matrix + ridge * np.eye(20), right)
    return float(
        np.mean(
            [
                deltaE_ciede2000(
                    rgb2lab(np.clip(terms(sources[n]) @ solved, 0, 1)), rgb2lab(truths[n].reshape(-1, 3))
                ).mean()
                for n in tested
            ]
        )
    )


def table(shots: dict[str, list[Any]], counts: list[int]) -> list[tuple[str, int, float, float]]:
    rows = []
    for k, (name, pictures) in enumerate(shots.items()):
        scan = FadedScan(FADES[("mild", "strong", "uneven")[k % 3]], *SIZE, seed=k)
        sources = [np.clip(scan(f, n), 0, 1) for n, f in enumerate(pictures)]
        step = max(1, len(pictures) // 96)
        looks = [look_at(n, pictures[n], sources[n]) for n in range(0, len(pictures), step)]
        for count in counts:
            even = evenly(0, len(pictures) - 1, count)
            cover = [c.frame for c in propose(looks, count)]
            used = {*even, *cover}
            tested = [n for n in range(1, len(pictures), max(1, len(pictures) // 12)) if n not in used]
            rows.append(
                (name, count, error(even, sources, pictures, tested), error(cover, sources, pictures, tested))
            )
    return rows


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--film", action="append", default=[], metavar="NAME=FILE[:FIRST:LAST]")
    words.add_argument("--count", type=int, nargs="+", default=[4, 7, 11])
    asked = words.parse_args()
    parts = {"demo": frames("demo", 0, 47)}
    for film in asked.film:
        name, _, rest = film.partition("=")
        path, first, last = [*rest.split(":"), "0", "119"][:3] if ":" in rest else (rest, "0", "119")
        parts[name] = frames(path, int(first), int(last))
    names = list(parts)
    shots = dict(parts)
    for a, b, c in zip(names, names[1:] + names[:1], names[2:] + names[:2], strict=True):
        shots[f"{a}, {b} for a moment"] = parts[a] + parts[b][:8]
        shots[f"{a}, {b}, {c}"] = parts[a][:80] + parts[b][:12] + parts[c][:30]
    for name in names[::2]:
        light = np.interp(
            np.arange(len(parts[name])) / len(parts[name]), [0, 0.7, 0.75, 1], [0.25, 0.3, 1, 1]
        )
        shots[f"{name}, light changes"] = [f * np.float32(v) for f, v in zip(parts[name], light, strict=True)]
    rows = table(shots, asked.count)
    for name, count, even, cover in rows:
        print(
            f"{name:44} {count:3} even {even:6.3f} coverage {cover:6.3f} {100 * (cover / even - 1):+6.1f} %"
        )
    change = np.array([c / e - 1 for _, _, e, c in rows])
    for count in asked.count:
        part = np.array([c / e - 1 for _, n, e, c in rows if n == count])
        print(
            f"{count} frames: {100 * part.mean():+.1f} % on average, {100 * part.min():+.1f} to {100 * part.max():+.1f}"
        )
    print(f"all: {100 * change.mean():+.1f} %, better in {(change < 0).sum()} of {len(change)}")


if __name__ == "__main__":
    main()
