"""Global motion between two pictures of the same frame that differ in colour, contrast, grain and borders.

Both are compared as locally normalised brightness (local mean taken off, divided by local contrast), so
fading and grading hardly matter. Starting guesses come from the formats, from matched features (SIFT with a
robust fit) and from phase correlation; each is refined coarse to fine by a robust Gauss-Newton fit over just
the motions that are asked for, written as generators of the group of plane projective maps. Arrays here have
the top row first and pixel-index coordinates (x right, y down, centres at whole numbers).
"""

from __future__ import annotations

import math
from typing import Any

import attrs
import cv2
import numpy as np

from .comparison import (
    Level,
    Mask,
    Matrix,
    agreement,
    brightness,
    level_at,
    matched_brightness,
    normalised,
    picture_area,
    spread_at,
)
from .image import Pixels
from .registration_limits import implausibility

SIFT: Any = cv2.SIFT_create  # type: ignore[attr-defined,unused-ignore]

__all__ = ["Motions", "Registration", "RegistrationError", "register"]


COARSE, MIDDLE, FINEST = 192, 480, 2048
"""Longest side in pixels of the first, the scoring and the largest working size."""

LEAST_SCORE = 0.3
"""Correlation of the normalised pictures below which a solution is refused. Measured: 19 pairs of unrelated
photographs reached 0.14 at most, faded pairs of the tests 0.77 and more."""


class RegistrationError(ValueError):
    """No trustworthy solution; the text says why."""


@attrs.frozen
class Motions:
    """What the solve may use. Perspective brings shear and unequal scale with it."""

    translate: bool = True
    scale: bool = True
    rotate: bool = True
    perspective: bool = True

    def generators(self) -> list[Matrix]:
        """3x3 directions of motion in coordinates centred on the picture."""
        found = []
        if self.translate:
            found += [_unit((0, 2)), _unit((1, 2))]
        if self.scale:
            found.append(np.diag([1.0, 1.0, 0.0]))
        if self.rotate:
            found.append(_unit((1, 0)) - _unit((0, 1)))
        if self.perspective:
            found += [np.diag([1.0, -1.0, 0.0]), _unit((0, 1)) + _unit((1, 0)), _unit((2, 0)), _unit((2, 1))]
        return found


def _exponential(matrix: Matrix) -> Matrix:
    """Matrix exponential of a small 3x3 step, by its series."""
    total, term = np.eye(3), np.eye(3)
    for n in range(1, 16):
        term = term @ matrix / n
        total = total + term
    return total


def _unit(at: tuple[int, int]) -> Matrix:
    matrix = np.zeros((3, 3))
    matrix[at] = 1
    return matrix


@attrs.frozen(eq=False)
class Registration:
    """matrix: 3x3 from Reference-grid to source pixel indices. score: correlation in -1..1. overlap: share of
    the region that the source covers."""

    matrix: Matrix
    score: float
    overlap: float


def _refine(
    level: Level, matrix: Matrix, generators: list[Matrix], rounds: int, enough: float = 0.003
) -> Matrix:
    """Robust Gauss-Newton on source = gain * reference + offset, over the generators. enough: pixels of the level below
    which a step ends it."""
    height, width = level.reference.shape
    half = max(width, height) / 2
    centre = np.array([[half, 0, (width - 1) / 2], [0, half, (height - 1) / 2], [0, 0, 1.0]])
    to_local, back = level.reference_full @ centre, np.linalg.inv(level.reference_full @ centre)
    columns = ((np.arange(width) - centre[0, 2]) / half).astype(np.float32)
    lines = ((np.arange(height) - centre[1, 2]) / half).astype(np.float32)
    # A generator moves x, y by six products with the gradient and two with the horizon; which, is this table.
    table = np.zeros((10, len(generators) + 2))
    for n, g in enumerate(generators):
        table[:8, n] = *g[0], *g[1], -g[2, 0], -g[2, 1]
        table[[0, 4], n] -= g[2, 2]
    table[8, -2] = table[9, -1] = 1
    for _ in range(rounds):
        a, b, mask = level.warped(matrix)
        if mask.sum() < 200:
            return matrix
        at = np.flatnonzero(mask)
        gx = cv2.Sobel(b, cv2.CV_32F, 1, 0, ksize=3, scale=half / 8).ravel()[at]
        gy = cv2.Sobel(b, cv2.CV_32F, 0, 1, ksize=3, scale=half / 8).ravel()[at]
        x, y, target, moved = columns[at % width], lines[at // width], a.ravel()[at], b.ravel()[at]
        outward = gx * x + gy * y
        terms = np.empty((10, len(at)), np.float32)
        for n, term in enumerate(
            (gx * x, gx * y, gx, gy * x, gy * y, gy, outward * x, outward * y, moved, 1.0)
        ):
            terms[n] = term
        residual = np.abs(target - moved)
        scale = 1.4826 * float(np.median(residual)) + 1e-6
        weighted = terms / np.maximum(1, residual / (1.5 * scale))
        normal = table.T @ (weighted @ terms.T).astype(np.float64) @ table
        right = table.T @ (weighted @ target).astype(np.float64)
        normal[np.diag_indices_from(normal)] *= 1 + 1e-6
        try:
            solved = np.linalg.solve(normal, right)
        except np.linalg.LinAlgError:
            return matrix
        gain = max(0.2, float(solved[-2]))
        step = np.clip(solved[:-2] / gain, -0.2, 0.2)
        matrix = (
            matrix @ to_local @ _exponential(sum(s * g for s, g in zip(step, generators, strict=True))) @ back
        )
        if float(np.abs(step).sum()) * half < enough:
            break
    return np.asarray(matrix / matrix[2, 2], np.float64)


def _restricted(
    points: Pixels, targets: Pixels, motions: Motions, centre: Matrix, start: Matrix
) -> Matrix | None:
    """The best map of the allowed kind (without perspective) from matched points: start, then scale,
    rotation, shift."""
    moved = cv2.perspectiveTransform(points[None].astype(np.float64), start)[0]
    similarity, inliers = cv2.estimateAffinePartial2D(
        moved, targets.astype(np.float64), ransacReprojThreshold=3.0
    )
    if similarity is None or int(inliers.sum()) < 8:
        return None
    size = math.hypot(similarity[0, 0], similarity[1, 0]) if motions.scale else 1.0
    angle = math.atan2(similarity[1, 0], similarity[0, 0]) if motions.rotate else 0.0
    turn = size * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    keep = inliers.ravel().astype(bool)
    middle = (start @ centre)[:2] / (start @ centre)[2]
    shift = (
        np.median(targets[keep] - (moved[keep] @ turn.T), axis=0)
        if motions.translate
        else middle - turn @ middle
    )
    matrix = np.eye(3)
    matrix[:2, :2], matrix[:2, 2] = turn, shift
    result: Matrix = matrix @ start
    return result


def _by_features(level: Level, motions: Motions, start: Matrix) -> list[Matrix]:
    """Full-size maps from matched SIFT features; empty if too few agree."""
    found: Any = []
    for plane, mask in ((level.reference, level.wanted), (level.source, level.covered > 0.99)):
        grey = normalised(plane, spread_at(max(plane.shape)))
        eight = np.clip(128 + 40 * grey, 0, 255).astype(np.uint8)
        found.append(
            SIFT(nfeatures=1800, contrastThreshold=0.02).detectAndCompute(eight, mask.astype(np.uint8) * 255)
        )
    (points, features), (others, other_features) = found
    if features is None or other_features is None or min(len(points), len(others)) < 12:
        return []
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(features, other_features, k=2)
    good = [p[0] for p in pairs if len(p) == 2 and p[0].distance < 0.8 * p[1].distance]
    if len(good) < 10:
        return []
    here = np.array([points[m.queryIdx].pt for m in good])
    there = np.array([others[m.trainIdx].pt for m in good])
    here = cv2.perspectiveTransform(here[None], level.reference_full)[0]
    there = cv2.perspectiveTransform(there[None], level.source_full)[0]
    height, width = level.reference.shape
    middle = level.reference_full @ np.array([(width - 1) / 2, (height - 1) / 2, 1.0])
    solutions = [_restricted(here, there, motions, middle, start)]
    if motions == Motions() and len(good) >= 20:
        reach = 2.0 * float(level.source_full[0, 0])
        homography, _ = cv2.findHomography(here, there, cv2.RANSAC, reach)
        solutions.append(homography)
    return [s for s in solutions if s is not None]


def _by_shift(level: Level, start: Matrix) -> Matrix:
    """A shifted start by phase correlation."""
    a, b, mask = level.warped(start)
    window = cv2.createHanningWindow((a.shape[1], a.shape[0]), cv2.CV_32F) * mask
    (dx, dy), _ = cv2.phaseCorrelate(a * window, b * window)
    full = level.reference_full
    shift = np.eye(3)
    shift[0, 2], shift[1, 2] = dx * full[0, 0], dy * full[1, 1]
    return start @ shift


def register(
    reference: Pixels,
    colours: Pixels,
    region: Mask,
    motions: Motions,
    *,
    accuracy: float = 1.0,
    start: Matrix | None = None,
    features: bool = True,
) -> Registration:
    """The map that lays a source over a reference grid.

    reference: brightness, 2-D float32. colours: the source, (height, width, 3) linear, any other size.
    region: where the reference is compared. accuracy: share of the full resolution at which the last
    refinement runs. start: first guess; by default the two formats fill one another. features: look for
    other guesses too. Raises RegistrationError: nothing to compare, no agreement, or an implausible map.
    """
    source = brightness(colours)
    if start is None:
        sx, sy = source.shape[1] / reference.shape[1], source.shape[0] / reference.shape[0]
        start = np.array([[sx, 0, sx / 2 - 0.5], [0, sy, sy / 2 - 0.5], [0, 0, 1.0]])
    generators = motions.generators()
    enough = 0.003 if accuracy >= 1 else 0.01
    region = region & picture_area(reference)
    covered = picture_area(source)
    if region.sum() < 400:
        raise RegistrationError("the analysis region holds no picture")
    longest = max(reference.shape)
    finest = max(COARSE, min(FINEST, longest, max(colours.shape), round(longest * max(accuracy, 0.1))))
    middle = level_at(reference, region, source, covered, min(MIDDLE, longest))
    if float(np.std(middle.reference[middle.wanted])) < 1e-4 or float(np.std(middle.source)) < 1e-4:
        raise RegistrationError("a picture is blank, there is nothing to align")
    if not generators:
        return Registration(start, *agreement(middle, start))
    coarse = level_at(reference, region, source, covered, COARSE)
    guesses = [start]
    if features:
        guesses += _by_features(
            level_at(reference, region, source, covered, min(800, longest)), motions, start
        )
        if motions.translate:
            guesses.append(_by_shift(coarse, start))
    simple = Motions(motions.translate, motions.scale, motions.rotate, False).generators() or generators
    tried: list[tuple[float, Matrix]] = []
    for guess in guesses:
        refined = _refine(coarse, guess, simple, 30, 0.01)
        for candidate in (guess, refined):
            tried.append((agreement(middle, candidate)[0], candidate))
    tried.sort(key=lambda t: -t[0])
    best = _refine(middle, tried[0][1], generators, 30, enough)
    best = max((best, tried[0][1]), key=lambda m: agreement(middle, m)[0])
    if agreement(middle, best)[0] >= LEAST_SCORE:
        for _ in range(2):
            source = matched_brightness(middle, best, colours)
            middle = level_at(reference, region, source, covered, min(MIDDLE, longest))
            best = _refine(middle, best, generators, 15, enough)
    side = MIDDLE * 2
    while side < finest:
        best = _refine(level_at(reference, region, source, covered, side), best, generators, 12, enough)
        side *= 2
    if finest > MIDDLE:
        best = _refine(level_at(reference, region, source, covered, finest), best, generators, 12, enough)
    score, overlap = agreement(middle, best)
    reason = implausibility(best, start, reference.shape)
    if reason:
        raise RegistrationError(f"the best solution is implausible: {reason}")
    if score < LEAST_SCORE:
        raise RegistrationError(
            f"the pictures agree too little (correlation {score:.2f}, {LEAST_SCORE} is needed)"
        )
    if overlap < 0.25:
        raise RegistrationError(f"only {overlap:.0%} of the analysis region is covered")
    return Registration(best, score, overlap)
