"""Which frames to pair: begin, middles and end by default; more of them by midpoints; and frames for coverage, which
bring light, colour families, shadows, highlights and saturated primaries that the set still lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from ..engine.image import Pixels
from .prints import print_of

__all__ = [
    "COUNTS",
    "FAMILIES",
    "Choice",
    "FrameLook",
    "coverage_of",
    "escalate",
    "evenly",
    "hold_out",
    "look_at",
    "propose",
    "unfit",
]

COUNTS = {"shot": (4, 9), "scene": (12, 24), "sequence": (24, 64)}
"""The guide's numbers of pairs per scope: to begin with, and at most."""

FAMILIES = (
    "skin", "foliage", "sky", "neutrals", "deep shadow", "highlights",
    "red", "yellow", "green", "cyan", "blue", "magenta",
)  # fmt: skip
"""What the guide wants covered; the last six are saturated."""

BINS = (6, 10, 10)
"""Cells of lightness, a and b (CIE L*a*b*) in which colours are counted."""

ENOUGH = 0.002
"""Share of a frame that a colour must fill to be learned from it: half of its worth is counted there."""

Floats = npt.NDArray[np.float64]


@attrs.frozen(eq=False)
class FrameLook:
    """What one frame offers. colours: shares of :data:`BINS`, flattened. families: shares of :data:`FAMILIES`.
    light: mean L*, a*, b*. sharp: strength of fine detail relative to contrast. grain: noise relative to contrast.
    shape: its print, by which splices are seen."""

    frame: int
    colours: Floats
    families: Floats
    light: tuple[float, float, float]
    sharp: float
    grain: float
    shape: Pixels


@attrs.frozen
class Choice:
    """A chosen frame and why."""

    frame: int
    why: str


def evenly(first: int, last: int, count: int) -> list[int]:
    """Begin, middles and end. Four frames of 471-499 are 471, 478, 492, 499: the middles at a quarter and three
    quarters, as in the workflow's own graph. Fewer if the range is shorter. Raises ValueError for less than one."""
    if count < 1 or last < first:
        raise ValueError(f"{count} frames of {first}-{last}")
    shares = (
        [0.0, 0.25, 0.75, 1.0] if count == 4 else np.linspace(0, 1, count).tolist() if count > 1 else [0.5]
    )
    return sorted({first + int((last - first) * s + 0.5) for s in shares})


def escalate(chosen: Iterable[int], first: int, last: int, goal: int) -> list[int]:
    """More frames by midpoints of the widest gaps; what was chosen stays. Stops where no frame is free."""
    kept = sorted(set(chosen)) or [(first + last) // 2]
    while len(kept) < goal:
        ends = [first - 1, *kept, last + 1]
        inner = max(pairwise(kept), key=lambda g: g[1] - g[0], default=(0, 0))
        if inner[1] - inner[0] < 2:
            outer = max(((ends[0], ends[1]), (ends[-2], ends[-1])), key=lambda g: g[1] - g[0])
            if outer[1] - outer[0] < 2:
                break
            inner = outer
        kept = sorted([*kept, (inner[0] + inner[1]) // 2])
    return kept


def look_at(frame: int, reference: Pixels, source: Pixels) -> FrameLook:
    """reference, source: display-encoded R'G'B' of any size; colours come from the Reference, sharpness and grain from
    the Source."""
    small: Any = cv2.resize(np.clip(reference, 0, 1), (160, 90), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32), cv2.COLOR_RGB2LAB).reshape(-1, 3)
    spans = ((0, 100), (-80, 80), (-80, 80))
    counts, _ = np.histogramdd(np.clip(lab, [0, -79.9, -79.9], [99.9, 79.9, 79.9]), bins=BINS, range=spans)
    plane = np.clip(source, 0, 1).mean(-1)
    plane = np.asarray(cv2.resize(plane, (480, 270), interpolation=cv2.INTER_AREA), np.float32)
    spread = float(plane.std()) + 1e-3
    calm = cv2.GaussianBlur(plane, (0, 0), 1.5)
    rest = np.abs(plane - cv2.medianBlur(plane, 3))
    return FrameLook(
        frame,
        counts.ravel() / len(lab),
        _families(lab),
        (float(lab[:, 0].mean()), float(lab[:, 1].mean()), float(lab[:, 2].mean())),
        float(cv2.Laplacian(calm, cv2.CV_32F).std()) / spread,
        float(np.median(rest)) / spread,
        print_of(source),
    )


def _families(lab: Any) -> Floats:
    lightness, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360

    def between(low: float, high: float) -> Any:
        return (hue >= low) & (hue < high) if low < high else (hue >= low) | (hue < high)

    strong = chroma > 40
    found = [
        between(25, 75) & (chroma > 10) & (chroma < 42) & (lightness > 30) & (lightness < 88),
        between(95, 160) & (chroma > 10),
        between(220, 300) & (chroma > 8) & (lightness > 45),
        (chroma < 6) & (lightness > 15) & (lightness < 92),
        lightness < 12,
        lightness > 93,
        *(
            strong & between(a, b)
            for a, b in ((5, 60), (75, 115), (115, 165), (165, 230), (230, 310), (310, 5))
        ),
    ]
    return np.array([float(f.mean()) for f in found])


def unfit(looks: Sequence[FrameLook]) -> dict[int, str]:
    """Frames to avoid, by number, and why: blurred, flashing, beside a splice, or grainier than their neighbours.
    Judged against the frames around, so a soft shot is not refused as a whole."""
    found: dict[int, str] = {}
    ordered = sorted(looks, key=lambda k: k.frame)
    steps = [float((a.shape * b.shape).mean()) for a, b in pairwise(ordered)]
    usual = float(np.median(steps)) if steps else 1.0
    for n, look in enumerate(ordered):
        near = [k for k in ordered[max(0, n - 4) : n + 5] if k is not look]
        if len(near) < 2:
            continue
        if look.sharp < 0.6 * float(np.median([k.sharp for k in near])):
            found[look.frame] = "blurred"
        elif abs(look.light[0] - float(np.median([k.light[0] for k in near]))) > 12:
            found[look.frame] = "flash"
        elif look.grain > 1.8 * float(np.median([k.grain for k in near])) + 0.01:
            found[look.frame] = "grain or damage"
        elif len(steps) > 3 and min(steps[max(0, n - 1) : n + 1]) < 0.3 * usual:
            found[look.frame] = "at a cut or splice"
    return found


def propose(
    looks: Sequence[FrameLook], count: int, *, keep: Iterable[int] = (), spacing: int | None = None
) -> list[Choice]:
    """``count`` frames that together show most of the clip's colours, greedily, each counted by what it adds.

    keep: frames that are chosen already and stay. spacing: least distance of two frames; by default a quarter of even
    spacing. Unfit frames are left out unless kept or nothing else is left.
    """
    by_frame = {k.frame: k for k in looks}
    avoid = unfit(looks)
    free = [f for f in by_frame if f not in avoid] or list(by_frame)
    apart = spacing if spacing is not None else max(1, (max(by_frame) - min(by_frame)) // (4 * max(count, 1)))
    weight = _weights(looks)
    chosen = [Choice(f, "kept") for f in keep if f in by_frame]
    seen = sum((by_frame[c.frame].colours for c in chosen), np.zeros(int(np.prod(BINS))))
    families = sum((by_frame[c.frame].families for c in chosen), np.zeros(len(FAMILIES)))
    while len(chosen) < count:
        open_ = [f for f in free if all(abs(f - c.frame) >= apart for c in chosen)]
        open_ = open_ or [f for f in free if all(f != c.frame for c in chosen)]
        if not open_:
            break
        here = _worth(seen, weight) + _worth(families, np.full(len(FAMILIES), 0.02))
        gains = {
            f: _worth(seen + by_frame[f].colours, weight)
            + _worth(families + by_frame[f].families, np.full(len(FAMILIES), 0.02))
            - here
            for f in open_
        }
        best = max(gains, key=lambda f: (gains[f], -f))
        new = [
            n for n, a, b in zip(FAMILIES, families, by_frame[best].families, strict=True) if a < ENOUGH <= b
        ]
        chosen.append(Choice(best, "adds " + ", ".join(new) if new else "more of the same colours"))
        seen, families = seen + by_frame[best].colours, families + by_frame[best].families
    return sorted(chosen, key=lambda c: c.frame)


def coverage_of(looks: Sequence[FrameLook], chosen: Iterable[int]) -> float:
    """Share 0..1 of the clip's colours that the chosen frames show enough of; rare colours count by the square root
    of their share."""
    by_frame = {k.frame: k for k in looks}
    weight = _weights(looks)
    most = _worth(sum((k.colours for k in looks), np.zeros(len(weight))), weight)
    got = _worth(sum((by_frame[f].colours for f in chosen), np.zeros(len(weight))), weight)
    return float(got / max(most, 1e-12))


def hold_out(frames: Sequence[int], share: float = 0.2) -> list[int]:
    """Frames kept for validation: 15-25 % of them, spread evenly between the ends, so that light and subjects are
    distributed as in training."""
    ordered = sorted(frames)
    count = min(int(share * len(ordered) + 0.5), max(len(ordered) - 2, 0))
    inner = ordered[1:-1]
    return [inner[(2 * k + 1) * len(inner) // (2 * count)] for k in range(count)]


def _weights(looks: Sequence[FrameLook]) -> Floats:
    mass = np.mean([k.colours for k in looks], axis=0)
    mass = np.where(mass > 2e-5, mass, 0)  # single pixels are noise
    root = np.sqrt(mass)
    found: Floats = root / max(float(root.sum()), 1e-12)
    return found


def _worth(shares: Floats, weight: Floats) -> float:
    return float((weight * (shares / (shares + ENOUGH))).sum())
