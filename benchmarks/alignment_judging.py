"""Corrupted pairs must not pass, good ones should, and the lettering of good ones must be outside the crop."""

from __future__ import annotations

import sys
from typing import Any

import cv2
import numpy as np
from alignment_footage import FADE_NAMES, SMALL, side, truths

from chroma_recovery.demo.known_pairs import KnownPair, known_pair, scene
from chroma_recovery.engine.comparison import Matrix
from chroma_recovery.pairs.alignment import RegistrationError, align, best_partner
from chroma_recovery.pairs.crop import around, common_box, lost_to, worth_of
from chroma_recovery.pairs.judge import judge, judged_residual
from chroma_recovery.pairs.lettering import overlays
from chroma_recovery.pairs.work import SURE


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
    box = around(common, found, worth_of(a, b, matrix))
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
    box = around(common_box(a, b, pair.matrix), overlays(a, b, pair.matrix), worth_of(a, b, pair.matrix))
    if box is None or pair.overlay is None:
        return False
    x, y, r, t = pair.overlay
    corners = np.array([[[x, y], [r, y], [r, t], [x, t]]], np.float64)
    there = cv2.perspectiveTransform(corners, np.linalg.inv(pair.matrix))[0] * a.size[0] / a.full[0]
    (x0, y0), (x1, y1) = there.min(0) + 2, there.max(0) - 2
    return not (box[0] < x1 and x0 < box[2] and box[1] < y1 and y0 < box[3])
