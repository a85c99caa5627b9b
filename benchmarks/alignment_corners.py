"""Corner errors of known pairs: ours, and what one would reach for otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from alignment_footage import HEIGHT, WIDTH, side, truths

from chroma_recovery.demo.known_pairs import KnownPair, corner_errors
from chroma_recovery.engine.comparison import Matrix
from chroma_recovery.pairs.alignment import RegistrationError, align


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


def corner_table(films: dict[str, list[Any]], count: int) -> dict[str, Any]:
    """films: frames by name. count: pairs, taken from the films in turn. Refused pairs are listed, with the reason, and
    are no part of the errors of the method that refused them."""
    errors: dict[str, list[float]] = {m: [] for m in METHODS}
    took: dict[str, list[float]] = {m: [] for m in METHODS}
    refused: dict[str, list[str]] = {m: [] for m in METHODS}
    pairs = []
    sources = {
        name: truths(frames, -(-count // len(films)), first=100 * n)
        for n, (name, frames) in enumerate(films.items())
    }
    for k in range(count):
        film = list(films)[k % len(films)]
        pair = next(sources[film])
        row: dict[str, Any] = {"film": film, "lettering": pair.overlay is not None}
        for name, method in METHODS.items():
            begun = time.process_time()
            matrix = method(pair)
            took[name].append(time.process_time() - begun)
            if matrix is None:
                refused[name].append(f"{film} {k // len(films)}")
                continue
            found = corner_errors(matrix, pair.matrix, WIDTH, HEIGHT)
            errors[name] += found.tolist()
            row[name] = [round(float(v), 3) for v in found]
        pairs.append(row)
    methods = [
        {
            "method": m,
            "median": float(np.median(errors[m])) if errors[m] else 99.0,
            "p95": float(np.percentile(errors[m], 95)) if errors[m] else 99.0,
            "worst": max(errors[m], default=99.0),
            "refused": refused[m],
            "seconds": float(np.median(took[m])),
        }
        for m in METHODS
    ]
    return {"methods": methods, "pairs": pairs}


def told(result: dict[str, Any]) -> str:
    films = {p["film"] for p in result["pairs"]}
    lines = [f"corner error, pixels at 1080 lines, {len(result['pairs'])} pairs of {len(films)} films"]
    for row in result["methods"]:
        lines.append("  {method:20} median {median:8.3f}  p95 {p95:8.3f}  worst {worst:8.2f}  "
                     "{seconds:.2f} s CPU  refused {refused}".format(**row))  # fmt: skip
    for row in result["pairs"]:
        lines.append(
            f"    {row['film']:12} {'lettering' if row['lettering'] else '':10}{row.get('chroma_recovery')}"
        )
    return "\n".join(lines)
