"""Accept, reject, or have a look: every pair with its reasons. Judged on edges inside the crop, never on colour."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np

from ..engine.comparison import Matrix
from .alignment import Side, residual_of
from .residual import Residual
from .tiles import grey

__all__ = ["Limits", "Verdict", "judge", "judged_residual"]

Box = tuple[int, int, int, int]


@attrs.frozen
class Limits:
    """What is accepted, and beyond what a pair is rejected; between them a person looks. Distances in pixels of a
    1080-line picture; shares 0..1; clumps in tiles of about 1/18 of the height."""

    p50: tuple[float, float] = (0.4, 0.8)
    p95: tuple[float, float] = (1.0, 2.5)
    border: tuple[float, float] = (1.5, 4.0)
    agreement: tuple[float, float] = (0.75, 0.5)
    apart: tuple[float, float] = (0.06, 0.2)
    clump: tuple[int, int] = (3, 12)
    moved: tuple[int, int] = (3, 12)
    tiles: tuple[int, int] = (40, 12)
    covered: tuple[float, float] = (0.25, 0.05)


@attrs.frozen
class Verdict:
    """verdict: accept, reject or look. reasons: why, in words; an accepted pair has its numbers there."""

    verdict: str
    reasons: tuple[str, ...]


def judged_residual(source: Side, reference: Side, matrix: Matrix, box: Box) -> Residual:
    """What is left inside a box of the Source's working picture (left, top, right, bottom)."""
    inside = np.zeros_like(source.live)
    inside[box[1] : box[3], box[0] : box[2]] = True
    return residual_of(attrs.evolve(source, live=source.live & inside), reference, matrix)


def judge(
    left: Residual,
    *,
    concerns: Sequence[str] = (),
    refusals: Sequence[str] = (),
    limits: Limits | None = None,
) -> Verdict:
    """concerns: what others found that a person should see. refusals: what others found that rules the pair out."""
    limits = limits or Limits()
    look, reject = list(concerns), list(refusals)

    def above(value: float, pair: tuple[float, float], words: str) -> None:
        if value > pair[1]:
            reject.append(words)
        elif value > pair[0]:
            look.append(words)

    def below(value: float, pair: tuple[float, float], words: str) -> None:
        above(-value, (-pair[0], -pair[1]), words)

    below(left.tiles, limits.tiles, f"only {left.tiles} places hold an edge to judge by")
    below(left.covered, limits.covered, f"edges in only {left.covered:.0%} of the picture")
    below(left.agreement, limits.agreement, f"the pictures agree by {left.agreement:.0%} only")
    if left.tiles >= limits.tiles[1]:
        above(left.p50, limits.p50, f"edges lie {left.p50:.2f} px apart (median)")
        above(left.p95, limits.p95, f"edges lie {left.p95:.2f} px apart (95 %)")
        above(left.border, limits.border, f"the border would shimmer by {left.border:.2f} px")
        above(left.moved, limits.moved, f"something moved: {left.moved} places side by side are displaced")
    above(left.apart, limits.apart, f"{left.apart:.0%} of the structure is on one side only")
    above(left.clump, limits.clump, f"something is on one side only: {left.clump} places side by side")
    if reject:
        return Verdict("reject", tuple(reject + look))
    if look:
        return Verdict("look", tuple(look))
    return Verdict("accept", (f"edges within {left.p50:.2f} px (median) and {left.p95:.2f} px (95 %)",))


def blurred(source: Side, reference: Side) -> str:
    """Says so if one side is much less sharp in its own terms than the other: motion blur on one side; else empty."""
    sharp = []
    for side in (source, reference):
        plane = cv2.GaussianBlur(grey(np.clip(side.picture, 0, 1)), (0, 0), 2.0)
        fine = cv2.Laplacian(plane, cv2.CV_32F)[side.live]
        sharp.append(float(fine.std() / (plane[side.live].std() + 1e-4)))
    ratio = sharp[0] / max(sharp[1], 1e-6)
    if ratio > 2.5:
        return "the Reference is much softer than the Source"
    return "the Source is much softer than the Reference" if ratio < 0.4 else ""


__all__ += ["blurred"]
