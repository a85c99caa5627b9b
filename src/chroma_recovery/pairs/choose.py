"""Which frames to pair: begin, middles and end by default; more of them by midpoints; and frames for coverage.

Coverage wants two things. Together the frames show the shot's colours in about the proportions in which the shot has
them: what learns from them serves all frames then, and not only the rare ones. And they show light, colour families,
shadows, highlights and saturated primaries that would else be missing. Frames that are blurred, flash, lie beside a
splice or are grainier than their neighbours are avoided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

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

MIX = (10, 14, 14)
"""Finer cells, softly counted, in which the proportions of colours are compared."""

RARE = 0.1
"""Worth of showing all colours and families, against that of showing them in their proportions."""

ENOUGH = 0.002
"""Share of a frame that a colour must fill to be learned from it: half of its worth is counted there."""

Floats = npt.NDArray[np.float64]


@attrs.frozen(eq=False)
class FrameLook:
    """What one frame offers. colours: shares of :data:`BINS`, flattened. mix: the same of :data:`MIX`, softened.
    families: shares of :data:`FAMILIES`. light: mean L*, a*, b* of the Reference. exposure: mean brightness of the
    Source, 0..100. sharp: strength of fine detail relative to contrast. grain: noise relative to contrast. shape: its
    print, by which splices are seen."""

    frame: int
    colours: Floats
    mix: Floats
    families: Floats
    light: tuple[float, float, float]
    exposure: float
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
    inside = np.clip(lab, [0, -79.9, -79.9], [99.9, 79.9, 79.9])
    counts, _ = np.histogramdd(inside, bins=BINS, range=spans)
    fine, _ = np.histogramdd(inside, bins=MIX, range=spans)
    plane = np.clip(source, 0, 1).mean(-1)
    plane = np.asarray(cv2.resize(plane, (480, 270), interpolation=cv2.INTER_AREA), np.float32)
    spread = float(plane.std()) + 1e-3
    calm = cv2.GaussianBlur(plane, (0, 0), 1.5)
    rest = np.abs(plane - cv2.medianBlur(plane, 3))
    return FrameLook(
        frame,
        counts.ravel() / len(lab),
        gaussian_filter(fine / len(lab), 0.7, mode="nearest").ravel(),
        _families(lab),
        (float(lab[:, 0].mean()), float(lab[:, 1].mean()), float(lab[:, 2].mean())),
        100 * float(plane.mean()),
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
        if _alone([look.sharp < 0.6 * k.sharp for k in near]):
            found[look.frame] = "blurred"
        elif any(
            _alone([sign * (look.light[0] - k.light[0]) > 12 for k in near])
            or _alone([sign * (look.exposure - k.exposure) > 12 for k in near])
            for sign in (1, -1)
        ):
            found[look.frame] = "flash"
        elif _alone([look.grain > 1.8 * k.grain + 0.01 or look.sharp > 2 * k.sharp for k in near]):
            found[look.frame] = "grain or damage"
        elif len(steps) > 3 and min(steps[max(0, n - 1) : n + 1]) < 0.3 * usual:
            found[look.frame] = "at a cut or splice"
    return found


def _alone(unlike: Sequence[bool]) -> bool:
    """Nearly all frames around are unlike; where several are alike the shot has changed, which is no fault."""
    return sum(unlike) >= max(2, 0.8 * len(unlike))


def propose(
    looks: Sequence[FrameLook], count: int, *, keep: Iterable[int] = (), spacing: int | None = None
) -> list[Choice]:
    """``count`` frames that together show the clip's colours in their proportions, and as many rare ones as they can.

    keep: frames that are chosen already and stay. spacing: least distance of two frames; by default a quarter of even
    spacing. Unfit frames are left out unless kept or nothing else is left.
    """
    by_frame = {k.frame: k for k in looks}
    avoid = unfit(looks)
    free = [f for f in by_frame if f not in avoid] or list(by_frame)
    apart = spacing if spacing is not None else max(1, (max(by_frame) - min(by_frame)) // (4 * max(count, 1)))
    worth = _Worth(looks)
    kept = [f for f in dict.fromkeys(keep) if f in by_frame]
    chosen = list(kept)

    def open_to(others: list[int]) -> list[int]:
        fit = [f for f in free if all(abs(f - o) >= apart for o in others)]
        return fit or [f for f in free if f not in others]

    while len(chosen) < count and (left := open_to(chosen)):
        chosen.append(max(left, key=lambda f: (worth.of([*chosen, f]), -f)))
    for _ in range(3):  # one against another, for as long as that gains
        before = list(chosen)
        for n in range(len(kept), len(chosen)):
            others = chosen[:n] + chosen[n + 1 :]
            best = max(open_to(others), key=lambda f: (worth.of([*others, f]), -f))
            if worth.of([*others, best]) > worth.of(chosen) + 1e-9:
                chosen[n] = best
        if chosen == before:
            break
    return _with_reasons(chosen, kept, by_frame)


def _with_reasons(chosen: list[int], kept: list[int], by_frame: dict[int, FrameLook]) -> list[Choice]:
    """A family is added by the frame that shows most of it, where the kept ones show none."""
    held: Floats = sum((by_frame[f].families for f in kept), np.zeros(len(FAMILIES)))
    found = []
    for frame in sorted(chosen):
        mine = by_frame[frame].families
        most = np.max([by_frame[f].families for f in chosen], axis=0)
        new = [n for n, a, b, m in zip(FAMILIES, held, mine, most, strict=True) if a < ENOUGH <= b and b == m]
        words = "kept" if frame in kept else "adds " + ", ".join(new) if new else "more of the same colours"
        found.append(Choice(frame, words))
    return found


class _Worth:
    """How good a set of frames is; more is better."""

    def __init__(self, looks: Sequence[FrameLook]) -> None:
        self._by_frame = {k.frame: k for k in looks}
        self._goal = np.mean([k.mix for k in looks], axis=0)
        self._weight = _weights(looks)
        self._most = _shown(np.sum([k.colours for k in looks], axis=0), self._weight)
        there = np.max([k.families for k in looks], axis=0) >= ENOUGH
        self._families = there / max(int(there.sum()), 1)

    def of(self, frames: Sequence[int]) -> float:
        held = [self._by_frame[f] for f in frames]
        mix = np.mean([k.mix for k in held], axis=0)
        astray = float(((mix - self._goal) ** 2 / (mix + self._goal + 1e-3)).sum())
        colours = _shown(np.sum([k.colours for k in held], axis=0), self._weight) / max(self._most, 1e-12)
        return RARE * (colours + _shown(np.sum([k.families for k in held], axis=0), self._families)) - astray


def coverage_of(looks: Sequence[FrameLook], chosen: Iterable[int]) -> float:
    """Share 0..1 of the clip's colours that the chosen frames show enough of; rare colours count by the square root
    of their share."""
    by_frame = {k.frame: k for k in looks}
    weight = _weights(looks)
    most = _shown(sum((k.colours for k in looks), np.zeros(len(weight))), weight)
    got = _shown(sum((by_frame[f].colours for f in chosen), np.zeros(len(weight))), weight)
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


def _shown(shares: Floats, weight: Floats) -> float:
    return float((weight * (shares / (shares + ENOUGH))).sum())
