"""How true are alignment, pairing and judging? Real pictures, faded and degraded with known transforms.

    python benchmarks/alignment.py [--pairs 24] [--corrupted 200] [--clip FILE.mp4] [--json FILE]

Prints corner errors in pixels at 1080 lines against what one would reach for otherwise (OpenCV's ECC alone, ORB with a
homography alone, phase correlation), how often Reference frames are found, and how often corrupted pairs pass. The
shipped clip has 540 lines and is enlarged; --clip takes any other film.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from chroma_recovery.demo.clip import CLIP, read_clip
from chroma_recovery.demo.fade import FADES, FadedScan
from chroma_recovery.demo.known_pairs import KnownPair, Overlay, corner_errors, known_pair, scene
from chroma_recovery.demo.reference import DvdReference
from chroma_recovery.engine.comparison import Matrix
from chroma_recovery.pairs.alignment import WORK, RegistrationError, Side, align, best_partner
from chroma_recovery.pairs.choose import coverage_of, evenly, look_at, propose
from chroma_recovery.pairs.clips import area_scaled
from chroma_recovery.pairs.crop import around, common_box, live_mask, lost_to, overlays, richness
from chroma_recovery.pairs.judge import judge, judged_residual
from chroma_recovery.pairs.work import SURE

WIDTH, HEIGHT = 1920, 1080
SMALL = (960, 540)
"""Size of the pictures for judging: the lines that the shipped clip has."""
FADE_NAMES = tuple(FADES)
TEXTS = (None, Overlay("WHAT HAVE YOU DONE?"), Overlay("- Run!", "bottom"), Overlay("K9", "logo"))


def side(picture: Any) -> Side:
    small = area_scaled(picture, WORK)
    return Side(small, live_mask([small]), (picture.shape[1], picture.shape[0]))


def frames_of(path: Path, count: int) -> list[Any]:
    """Evenly spread frames of a film."""
    if path == CLIP:
        every = list(read_clip())
    else:
        video, every = cv2.VideoCapture(str(path)), []
        while len(every) < 300:
            done, picture = video.read()
            if not done:
                break
            every.append(picture[..., ::-1].astype(np.float32) / 255)
    return [every[round(n)] for n in np.linspace(0, len(every) - 1, min(count, len(every)))]


def truths(frames: list[Any], count: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Iterator[KnownPair]:
    for k in range(count):
        canvas = scene(frames[k * 7 % len(frames)], *size)
        yield known_pair(canvas, *size, seed=k, fade=FADE_NAMES[k % 4], overlay=TEXTS[k // 4 % 4])


# -- what one would reach for


def greys(pair: KnownPair) -> tuple[Any, Any, Any]:
    scale = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1.0]])
    a, b = (
        cv2.resize(p.mean(-1), (960, 540), interpolation=cv2.INTER_AREA)
        for p in (pair.source, pair.reference)
    )
    return a.astype(np.float32), b.astype(np.float32), scale


def ecc(pair: KnownPair) -> Matrix | None:
    a, b, scale = greys(pair)
    matrix = np.eye(3, dtype=np.float32)
    ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 100, 1e-6)
    try:
        _, matrix = cv2.findTransformECC(a, b, matrix, cv2.MOTION_HOMOGRAPHY, ends, None, 5)
    except cv2.error:
        return None
    return scale @ matrix.astype(np.float64) @ np.linalg.inv(scale)


def orb(pair: KnownPair) -> Matrix | None:
    a, b, scale = greys(pair)
    finder = cv2.ORB_create(4000)
    (p, f), (q, g) = (
        finder.detectAndCompute(np.clip(x * 255, 0, 255).astype(np.uint8), None) for x in (a, b)
    )
    if f is None or g is None:
        return None
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(f, g)
    if len(matches) < 8:
        return None
    here, there = (np.float32([k[i].pt for i in ids]) for k, ids in (
        (p, [m.queryIdx for m in matches]), (q, [m.trainIdx for m in matches])))  # fmt: skip
    matrix, _ = cv2.findHomography(here, there, cv2.RANSAC, 3.0)
    return None if matrix is None else scale @ matrix @ np.linalg.inv(scale)


def phase(pair: KnownPair) -> Matrix | None:
    a, b, scale = greys(pair)
    (dx, dy), _ = cv2.phaseCorrelate(a, b, cv2.createHanningWindow((960, 540), cv2.CV_32F))
    return scale @ np.array([[1, 0, dx], [0, 1, dy], [0, 0, 1.0]]) @ np.linalg.inv(scale)


def ours(pair: KnownPair) -> Matrix | None:
    try:
        return align(side(pair.source), side(pair.reference)).matrix
    except RegistrationError:
        return None


METHODS: dict[str, Callable[[KnownPair], Matrix | None]] = {
    "chroma_recovery": ours,
    "ECC alone": ecc,
    "ORB + homography": orb,
    "phase correlation": phase,
}


def corner_table(frames: list[Any], count: int) -> list[dict[str, Any]]:
    errors: dict[str, list[float]] = {m: [] for m in METHODS}
    worst: dict[str, list[float]] = {m: [] for m in METHODS}
    took: dict[str, list[float]] = {m: [] for m in METHODS}
    failed = dict.fromkeys(METHODS, 0)
    for pair in truths(frames, count):
        for name, method in METHODS.items():
            begun = time.process_time()
            matrix = method(pair)
            took[name].append(time.process_time() - begun)
            if matrix is None:
                failed[name] += 1
                matrix = np.eye(3)
            found = corner_errors(matrix, pair.matrix, WIDTH, HEIGHT)
            errors[name] += found.tolist()
            worst[name].append(float(found.max()))
    return [
        {
            "method": m,
            "median": float(np.median(errors[m])),
            "p95": float(np.percentile(errors[m], 95)),
            "worst": max(worst[m]),
            "failed": failed[m],
            "seconds": float(np.median(took[m])),
        }
        for m in METHODS
    ]


# -- corrupted pairs


def bulged(picture: Any, chance: np.random.Generator) -> Any:
    """A lens or shrinkage error that no global map undoes: up to 5 pixels at 1080 lines over a third of the picture."""
    h, w = picture.shape[:2]
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = chance.uniform(0.3, 0.7) * w, chance.uniform(0.3, 0.7) * h
    bump = np.exp(-(((xs - x) / (0.16 * w)) ** 2 + ((ys - y) / (0.2 * h)) ** 2)).astype(np.float32)
    return cv2.remap(
        picture,
        xs + 4 * h / 1080 * bump,
        ys - 3 * h / 1080 * bump,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def moment(frames: list[Any], k: int) -> int:
    """A frame three to eight away from the right one."""
    right = k % len(frames)
    step = int(np.random.default_rng([k, 5]).integers(3, 9))
    return right + step if right + step < len(frames) - 1 else right - step


def moments(frames: list[Any], k: int) -> list[Any]:
    """The Reference before and after that wrong moment."""
    at = moment(frames, k)
    near = [frames[n] for n in (at - 1, at + 1) if 0 <= n < len(frames)]
    return [known_pair(scene(f, *SMALL), *SMALL, seed=k, fade="mild").reference for f in near]


def corrupted(kind: int, frames: list[Any], k: int) -> tuple[str, Any, Any, Matrix | None]:
    """(what is wrong, Source, Reference, map that is claimed or None to solve it)."""
    chance = np.random.default_rng([k, 77])
    pair = known_pair(scene(frames[k % len(frames)], *SMALL), *SMALL, seed=k, fade=FADE_NAMES[k % 4])
    s, r, m = pair.source, pair.reference, pair.matrix
    w, h = SMALL
    if kind == 0:
        angle = chance.uniform(0, 6.28)
        away = chance.uniform(1.5, 4) * h / 1080
        return (
            "map off by pixels",
            s,
            r,
            m @ np.array([[1, 0, away * np.cos(angle)], [0, 1, away * np.sin(angle)], [0, 0, 1]]),
        )
    if kind == 1:
        z = 1 + chance.choice([-1, 1]) * chance.uniform(0.004, 0.01)
        return (
            "map off in scale",
            s,
            r,
            m @ np.array([[z, 0, (1 - z) * w / 2], [0, z, (1 - z) * h / 2], [0, 0, 1]]),
        )
    if kind == 2:
        a = chance.choice([-1, 1]) * np.radians(chance.uniform(0.2, 0.6))
        c, n = np.cos(a), np.sin(a)
        return "map turned", s, r, m @ np.array(
            [[c, -n, (w - c * w + n * h) / 2], [n, c, (h - n * w - c * h) / 2], [0, 0, 1]])  # fmt: skip
    if kind == 3:
        other = frames[(k + len(frames) // 2) % len(frames)][:, ::-1]
        r = known_pair(scene(other, *SMALL), *SMALL, seed=k + 5000, fade="mild").reference
        return "another shot", s, r, None
    if kind == 4:
        step = int(chance.integers(3, 9))
        other = frames[
            k % len(frames) + step if k % len(frames) + step < len(frames) else k % len(frames) - step
        ]
        r = known_pair(scene(other, *SMALL), *SMALL, seed=k, fade="mild").reference
        return "another moment", s, r, None
    if kind == 5:
        return "local distortion", s, bulged(r, chance), None
    x, y = int(chance.uniform(0.2, 0.6) * w), int(chance.uniform(0.2, 0.5) * h)
    if kind == 6:
        r = r.copy()
        patch = frames[(k * 3 + 11) % len(frames)]
        r[y : y + h // 4, x : x + w // 5] = cv2.resize(patch[::-1, ::-1], (w // 5, h // 4))
        return "something in front, one side", s, r, None
    if kind == 7:
        s = s.copy()
        s[y : y + h // 5] = 0.92 + 0.02 * chance.standard_normal((h // 5, w, 3))
        return "splice or flash across the Source", s, r, None
    if kind == 8:
        return (
            "flash",
            np.clip(0.93 + 0.05 * s + chance.normal(0, 0.02, s.shape), 0, 1).astype(np.float32),
            r,
            None,
        )
    return "Reference mirrored", s, np.ascontiguousarray(r[:, ::-1]), None


def verdict_of(source: Any, reference: Any, matrix: Matrix | None, near: list[Any] | None = None) -> str:
    """As the ``pairs`` command judges; near: the Reference's neighbouring frames, where there are any."""
    a, b = side(source), side(reference)
    try:
        matrix = align(a, b).matrix if matrix is None else matrix
    except RegistrationError:
        return "reject"
    concerns = []
    if near:
        cost = best_partner(a, enumerate([b, *map(side, near)]), matrix)
        concerns = (
            ["a neighbour fits better"] if min(cost[n][0] for n in cost if n) < SURE * cost[0][0] else []
        )
    found = overlays(a, b, matrix)
    common = common_box(a, b, matrix)
    box = around(common, found, richness(b.picture))
    if box is None:
        return "reject"
    lost = lost_to(common, box, found, a.size[1])
    return judge(judged_residual(a, b, matrix, box), concerns=concerns + ([lost] if lost else [])).verdict


def judging(frames: list[Any], good: int, bad: int, skip: int) -> dict[str, Any]:
    verdicts: dict[str, dict[str, int]] = {}
    subtitled = clear = 0
    for pair in truths(frames, good, SMALL):
        key = verdicts.setdefault("good pair", dict.fromkeys(("accept", "look", "reject"), 0))
        key[verdict_of(pair.source, pair.reference, None)] += 1
        if pair.overlay is not None:
            subtitled += 1
            clear += subtitle_is_out(pair)
    for k in range(skip, skip + bad):
        kind, s, r, matrix = corrupted(k % 10, frames, k)
        print(f"\r{k}", end="", file=sys.stderr, flush=True)
        key = verdicts.setdefault(kind, dict.fromkeys(("accept", "look", "reject"), 0))
        verdict = verdict_of(s, r, matrix, moments(frames, k) if k % 10 == 4 else None)
        key[verdict] += 1
        if verdict == "accept":
            print(f"  accepted: pair {k}, {kind}", flush=True)
    rest = [v for k, v in verdicts.items() if k != "good pair"]
    return {
        "verdicts": verdicts,
        "false_accepts": sum(v["accept"] for v in rest),
        "corrupted": bad,
        "false_rejects": verdicts["good pair"]["reject"] if good else 0,
        "good": good,
        "subtitled": subtitled,
        "subtitles_excluded": clear,
    }


def subtitle_is_out(pair: KnownPair) -> bool:
    """Whether the crop, with the true map, keeps clear of the lettering."""
    a, b = side(pair.source), side(pair.reference)
    box = around(common_box(a, b, pair.matrix), overlays(a, b, pair.matrix), richness(b.picture))
    if box is None or pair.overlay is None:
        return False
    x, y, r, t = pair.overlay
    corners = np.array([[[x, y], [r, y], [r, t], [x, t]]], np.float64)
    there = cv2.perspectiveTransform(corners, np.linalg.inv(pair.matrix))[0] * a.size[0] / a.full[0]
    (x0, y0), (x1, y1) = there.min(0) + 2, there.max(0) - 2
    return not (box[0] < x1 and x0 < box[2] and box[1] < y1 and y0 < box[3])


# -- pairing and coverage


def pairing(clip: Path) -> dict[str, Any]:
    """The Reference frame of every third Source frame among its five nearest: how often is it the true one?"""
    frames = [cv2.resize(f, (960, 540), interpolation=cv2.INTER_AREA) for f in frames_of(clip, 48)]
    look, scan = DvdReference(), FadedScan(FADES["strong"], 960, 540, seed=1)
    right = within = total = 0
    references = {n: side(look(f)) for n, f in enumerate(frames)}
    for n in range(3, len(frames) - 3, 3):
        s = side(scan(frames[n], n))
        start = align(s, references[n - 1]).matrix
        cost = best_partner(s, [(j, references[j]) for j in range(n - 2, n + 3)], start)
        best = min(cost, key=lambda j: cost[j][0])
        total, right, within = total + 1, right + (best == n), within + (abs(best - n) <= 1)
    return {"pairs": total, "right": right, "within_one": within}


def coverage(clip: Path) -> list[dict[str, Any]]:
    frames = [cv2.resize(f, (480, 270), interpolation=cv2.INTER_AREA) for f in frames_of(clip, 48)]
    looks = [look_at(n, f, f) for n, f in enumerate(frames)]
    return [
        {
            "count": count,
            "even": coverage_of(looks, evenly(0, len(frames) - 1, count)),
            "coverage": coverage_of(looks, [p.frame for p in propose(looks, count)]),
        }
        for count in (4, 7, 11)
    ]


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--pairs", type=int, default=24)
    words.add_argument("--corrupted", type=int, default=200)
    words.add_argument(
        "--skip", type=int, default=0, help="corrupted pairs to leave out, for running in parts"
    )
    words.add_argument("--clip", type=Path, default=CLIP)
    words.add_argument("--only", choices=("corners", "judging", "pairing", "coverage"))
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    cv2.setNumThreads(1)
    frames = frames_of(asked.clip, 48)
    result: dict[str, Any] = {}
    if asked.only in (None, "corners"):
        result["corners"] = corner_table(frames, asked.pairs)
        print(f"corner error, pixels at 1080 lines, {asked.pairs} pairs")
        for row in result["corners"]:
            print("  {method:20} median {median:8.3f}  p95 {p95:8.3f}  worst {worst:8.2f}  "
                  "failed {failed}  {seconds:.2f} s".format(**row))  # fmt: skip
    if asked.only in (None, "judging"):
        result["judging"] = found = judging(frames, asked.pairs, asked.corrupted, asked.skip)
        for kind, count in found["verdicts"].items():
            print(f"  {kind:36}", "  ".join(f"{v} {n}" for v, n in count.items()))
        print(
            f"false accepts {found['false_accepts']} of {found['corrupted']}, false rejects {found['false_rejects']} "
            f"of {found['good']}, subtitles excluded {found['subtitles_excluded']} of {found['subtitled']}"
        )
    if asked.only in (None, "pairing"):
        result["pairing"] = found = pairing(asked.clip)
        print(f"pairing: {found['right']} of {found['pairs']} exact, {found['within_one']} within one frame")
    if asked.only in (None, "coverage"):
        result["coverage"] = coverage(asked.clip)
        for row in result["coverage"]:
            print(
                "coverage of colours, {count} frames: even {even:.4f}, by coverage {coverage:.4f}".format(
                    **row
                )
            )
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
