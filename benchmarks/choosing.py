#!/usr/bin/env python3
"""What does choosing frames by coverage gain? Colour errors of a quick fit on frames that it was not trained on.

    python benchmarks/choosing.py --film NAME=FILE[:FIRST:LAST] ... [--count 4 7] [--json FILE]

Five kinds of shot are made of the films: as they are; with another film's frames for a moment; of three films; with
light that changes; and with damaged Source frames, one in six (flash, grain, motion blur). Source: the demo's faded
scan. The fit is a polynomial of the third degree in closed form, a stand-in for the base of the network, on the chosen
frames of 160x90; the error is CIEDE2000, mean and 95 %, over all undamaged frames of the shot that neither way has
chosen. The pictures are small, so that it takes minutes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.fade import FADES, FadedScan
from chroma_recovery.pairs.choose import evenly, look_at, propose

SIZE = (160, 90)
LOOKED = 48
"""Frames of one shot that coverage may choose from."""


def frames(path: str, first: int, last: int) -> list[Any]:
    """Every second frame, reduced."""
    if path == "demo":
        every = list(read_clip())[first : last + 1]
    else:
        video, every = cv2.VideoCapture(path), []
        for n in range(last + 1):
            if not video.grab():
                break
            if n >= first and (n - first) % 2 == 0:
                picture = cv2.resize(video.retrieve()[1], SIZE, interpolation=cv2.INTER_AREA)
                every.append(picture[..., ::-1].astype(np.float32) / 255)
    return [cv2.resize(f, SIZE, interpolation=cv2.INTER_AREA) for f in every]


def terms(picture: Any) -> Any:
    """(pixels, 20) products of R, G, B up to the third degree."""
    r, g, b = picture.reshape(-1, 3).T
    powers = [(i, j, k) for i in range(4) for j in range(4 - i) for k in range(4 - i - j)]
    return np.stack([r**i * g**j * b**k for i, j, k in powers], 1)


def error(chosen: list[int], sources: list[Any], truths: list[Any], tested: list[int]) -> tuple[float, float]:
    """(mean, 95 %) CIEDE2000 of one pixel in sixteen of the tested frames."""
    matrix, right = 1e-5 * len(chosen) * np.eye(20), np.zeros((20, 3))
    for n in chosen:
        x = terms(sources[n])
        matrix, right = matrix + x.T @ x / len(x), right + x.T @ truths[n].reshape(-1, 3) / len(x)
    solved = np.linalg.solve(matrix, right)
    found = np.concatenate(
        [
            deltaE_ciede2000(
                rgb2lab(np.clip(terms(sources[n][2::4, 2::4]) @ solved, 0, 1)),
                rgb2lab(truths[n][2::4, 2::4].reshape(-1, 3)),
            )
            for n in tested
        ]
    )
    return float(found.mean()), float(np.percentile(found, 95))


def shots_of(parts: dict[str, list[Any]]) -> list[tuple[str, str, list[Any]]]:
    """(kind, name, frames)."""
    names = list(parts)
    found = [("as it is", n, parts[n]) for n in names]
    for a, b, c in zip(names, names[1:] + names[:1], names[2:] + names[:2], strict=True):
        third = len(parts[a]) // 3
        found.append(
            (
                "another for a moment",
                f"{a}, {b}",
                parts[a][: 2 * third] + parts[b][:4] + parts[a][2 * third :],
            )
        )
        found.append(("three shots", f"{a}, {b}, {c}", parts[a][:40] + parts[b][:6] + parts[c][:15]))
        at = np.arange(len(parts[a])) / len(parts[a])
        light = np.interp(at, [0, 0.55, 0.6, 0.7, 0.75, 1], [0.3, 0.35, 1, 1, 0.35, 0.3])
        lit = [f * np.float32(v) for f, v in zip(parts[a], light, strict=True)]
        found.append(("light changes", a, lit))
        found.append(("damaged Source", a, parts[a]))
    return found


def damaged(sources: list[Any], chance: np.random.Generator) -> set[int]:
    """Spoils one Source frame in six; gives their numbers."""
    bad = chance.choice(len(sources), len(sources) // 6, replace=False)
    for k, n in enumerate(sorted(bad.tolist())):
        if k % 3 == 0:
            sources[n] = np.clip(sources[n] + 0.3, 0, 1)
        elif k % 3 == 1:
            sources[n] = np.clip(sources[n] + chance.normal(0, 0.12, (*sources[n].shape[:2], 1)), 0, 1)
        else:
            sources[n] = cv2.blur(sources[n], (13, 1))
        sources[n] = sources[n].astype(np.float32)
    return set(bad.tolist())


def table(parts: dict[str, list[Any]], counts: list[int]) -> list[dict[str, Any]]:
    """A row for every shot and count."""
    rows = []
    for k, (kind, name, pictures) in enumerate(shots_of(parts)):
        scan = FadedScan(FADES[("mild", "strong", "uneven")[k % 3]], *SIZE, seed=k)
        sources = [np.clip(scan(f, n), 0, 1) for n, f in enumerate(pictures)]
        bad = damaged(sources, np.random.default_rng(k)) if kind == "damaged Source" else set()
        step = max(1, round(len(pictures) / LOOKED))
        looks = [look_at(n, pictures[n], sources[n]) for n in range(0, len(pictures), step)]
        for count in counts:
            even = evenly(0, len(pictures) - 1, count)
            cover = [c.frame for c in propose(looks, count)]
            tested = [n for n in range(len(pictures)) if n not in {*even, *cover, *bad}]
            both = error(even, sources, pictures, tested), error(cover, sources, pictures, tested)
            spoiled = [len(bad & set(chosen)) for chosen in (even, cover)]
            rows.append(
                {
                    "kind": kind,
                    "shot": name,
                    "count": count,
                    "even": both[0],
                    "coverage": both[1],
                    "bad": spoiled,
                }
            )
    return rows


def told(rows: list[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        (e, e95), (c, c95) = row["even"], row["coverage"]
        lines.append(
            f"  {row['kind']:22}{row['shot']:28}{row['count']:3} even {e:5.2f} ({e95:5.2f})"
            f" coverage {c:5.2f} ({c95:5.2f}) {100 * (c / e - 1):+6.1f} %"
        )
    for kind in dict.fromkeys(r["kind"] for r in rows):
        for count in sorted({r["count"] for r in rows}):
            part = [r for r in rows if r["kind"] == kind and r["count"] == count]
            e, c = (np.array([r[w] for r in part]) for w in ("even", "coverage"))
            change = c[:, 0] / e[:, 0] - 1
            lines.append(
                f"{kind}, {count} frames, {len(part)} shots: even {e[:, 0].mean():.2f} ({e[:, 1].mean():.2f}), "
                f"coverage {c[:, 0].mean():.2f} ({c[:, 1].mean():.2f}); better in {(change < 0).sum()}, "
                f"{100 * change.mean():+.1f} % ({100 * change.min():+.0f} to {100 * change.max():+.0f} %)"
                + (
                    "; damaged frames chosen: {} and {}".format(*np.sum([r["bad"] for r in part], axis=0))
                    if kind.startswith("damaged")
                    else ""
                )
            )
    return "\n".join(lines)


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--film", action="append", default=[], metavar="NAME=FILE[:FIRST:LAST]")
    words.add_argument("--count", type=int, nargs="+", default=[4, 7])
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    cv2.setNumThreads(1)
    parts = {"demo": frames("demo", 0, 47)}
    for film in asked.film:
        name, _, rest = film.partition("=")
        path, first, last = [*rest.split(":"), "0", "119"][:3] if ":" in rest else (rest, "0", "119")
        parts[name] = frames(path, int(first), int(last))
    rows = table(parts, asked.count)
    print(told(rows))
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
