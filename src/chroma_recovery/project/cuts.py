"""Where shots begin, from pictures alone: cuts, and dissolves, which stay uncertain.

Pictures are compared as small luma pictures. Structure is judged by normalised correlation, the best of small shifts,
so flicker, fading and weave do not count; a histogram tells pictures of one layout apart. A cut is a difference that
stands out from the frames around it and stays; a flash or a damaged frame does not stay. A dissolve is a stretch whose
pictures are mixtures of its two ends, in growing proportion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from ..engine.files import read_image
from ..frames import FrameRange, Pattern

__all__ = ["Cut", "cuts_in", "find_cuts", "shot_list_text", "small_luma"]

Small = npt.NDArray[np.float32]

WIDTH, HEIGHT = 48, 27
SHIFT = 2
"""Shifts tried each way, in small pixels: 4 % of the width."""

LEAST = 0.16
"""Difference below which no cut is seen."""
SURE = 0.30
"""Difference from which a cut that also stands out is certain."""
RATIO, SURE_RATIO = 2.5, 4.0
"""How far a cut stands out: its difference over that of the frames around."""
AROUND = 5
"""Frames each way that it is compared with."""
FLASH = 4
"""Frames that a flash or damage may last."""

LENGTHS = (6, 8, 12, 16, 24, 32, 48)
"""Lengths of dissolves looked for, frames."""
MIXTURE = 0.35
"""Largest share of a picture's change that a dissolve's mixture may leave unexplained."""
NEAR = 2
"""Frames at an uncertain cut that no pair may use, each way."""


@attrs.frozen
class Cut:
    """A shot begins at ``frame``. first, last: frames that belong to neither shot alone (the mixture of a dissolve, or
    what an uncertain cut may touch); first > last where there are none. score: difference, 0..1. why: words."""

    frame: int
    score: float
    uncertain: bool
    first: int
    last: int
    why: str

    def as_json(self) -> dict[str, Any]:
        return attrs.asdict(self)


def small_luma(rgb: npt.NDArray[np.float32]) -> Small:
    """BT.709 luma weights on values as they are, area-averaged to 48 x 27."""
    luma = rgb @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return np.asarray(cv2.resize(luma, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.float32)


def find_cuts(
    pattern: Pattern, span: FrameRange, *, tell: Callable[[int, int], None] = lambda done, total: None
) -> list[Cut]:
    """Cuts of a sequence, in order. Frames are read one by one; 5 kB of each are kept.

    Raises ImageFileError: CR510 a frame is missing, CR511, CR512 it cannot be used.
    """
    pictures: list[Small] = []
    for number, frame in enumerate(span, start=1):
        image = read_image(Path(pattern.at(frame))).image
        rgb = np.ascontiguousarray(image.only(("red", "green", "blue")).filling()[..., :3])
        pictures.append(small_luma(rgb))
        tell(number, len(span))
    return [
        attrs.evolve(c, frame=c.frame + span.first, first=c.first + span.first, last=c.last + span.first)
        for c in cuts_in(pictures)
    ]


def difference(a: Small, b: Small) -> float:
    """0 for the same picture under any gain and offset, about 1 for unrelated ones."""
    inner = a[SHIFT:-SHIFT, SHIFT:-SHIFT]
    left = inner - inner.mean()
    scale = float(np.sqrt((left * left).sum()))
    best = -1.0
    for dy in range(2 * SHIFT + 1):
        for dx in range(2 * SHIFT + 1):
            part = b[dy : dy + inner.shape[0], dx : dx + inner.shape[1]]
            right = part - part.mean()
            size = float(np.sqrt((right * right).sum()))
            if scale * size > 1e-6:
                best = max(best, float((left * right).sum()) / (scale * size))
    if best < 0:  # a plain picture: compare brightness
        return min(1.0, 4 * abs(float(a.mean() - b.mean()))) if scale < 1e-3 else 1.0
    return 0.75 * (1 - best) + 0.25 * _histograms(a, b)


def _histograms(a: Small, b: Small) -> float:
    """Half the L1 distance of histograms of values over mean, which gain does not change."""
    bins = [np.histogram(p / max(float(p.mean()), 1e-3), bins=24, range=(0, 3))[0] / p.size for p in (a, b)]
    return float(np.abs(bins[0] - bins[1]).sum()) / 2


def cuts_in(pictures: Sequence[Small]) -> list[Cut]:
    """Cuts in a row of small pictures; frames count from 0."""
    steps = np.array([0.0, *(difference(a, b) for a, b in pairwise(pictures))])
    cuts = list(_hard(pictures, steps))
    mixtures = list(_dissolves(pictures, steps, cuts))
    inside = [c for c in cuts if not any(m.first <= c.frame <= m.last + 1 for m in mixtures)]
    return sorted([*inside, *mixtures], key=lambda c: c.frame)


def _hard(pictures: Sequence[Small], steps: npt.NDArray[np.float64]) -> Iterator[Cut]:
    skip = 0
    for t in range(1, len(steps)):
        if t < skip or steps[t] < LEAST:
            continue
        around = np.concatenate([steps[max(1, t - AROUND) : t], steps[t + 1 : t + 1 + AROUND]])
        usual = max(float(np.median(around)) if len(around) else 0.0, 0.02)
        ratio = float(steps[t]) / usual
        if ratio < RATIO:
            continue
        back = _returns(pictures, t, float(steps[t]))
        if back:
            skip = back + 1
            continue
        uncertain = bool(steps[t] < SURE or ratio < SURE_RATIO)
        why = f"{ratio:.1f} times the frames around"
        touched = (t - NEAR, t + NEAR - 1) if uncertain else (t, t - 1)
        yield Cut(t, round(float(steps[t]), 3), uncertain, *touched, why)


def _returns(pictures: Sequence[Small], t: int, step: float) -> int:
    """The frame at which the picture before ``t`` is back, 0 if it is not: a flash, dirt, a missing frame."""
    for frame in range(t + 1, min(t + 1 + FLASH, len(pictures))):
        if difference(pictures[t - 1], pictures[frame]) < 0.5 * step:
            return frame
    return 0


def _dissolves(
    pictures: Sequence[Small], steps: npt.NDArray[np.float64], cuts: Sequence[Cut]
) -> Iterator[Cut]:
    """Longest-explained stretches first; none may overlap another or hold a certain cut."""
    sure = {c.frame for c in cuts if not c.uncertain}
    found: list[tuple[float, int, int]] = []
    for length in LENGTHS:
        for start in range(len(pictures) - length):
            end = start + length
            if any(start < c <= end for c in sure):
                continue
            left = _unexplained(pictures[start : end + 1])
            if left < MIXTURE:
                found.append((left / length**0.25, start, end))
    taken: list[tuple[int, int]] = []
    for _, start, end in sorted(found):
        if all(end <= a or b <= start for a, b in taken):
            taken.append((start, end))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(taken):
        if joined and start - joined[-1][1] <= 2:  # a long dissolve found in pieces
            start = joined.pop()[0]
        joined.append((start, end))
    for start, end in joined:
        score = round(difference(pictures[start], pictures[end]), 3)
        why = f"dissolve of about {end - start} frames"
        wider = max(NEAR, (end - start) // 4)  # the ends of a mixture are faint, and still a mixture
        low, high = max(0, start + 1 - wider), min(len(pictures) - 1, end - 1 + wider)
        yield Cut((start + end + 1) // 2, score, True, low, high, why)


def _unexplained(pictures: Sequence[Small]) -> float:
    """Share of the change that mixtures of first and last picture do not explain; 9 if this is no dissolve at all."""
    first, last = pictures[0].ravel(), pictures[-1].ravel()
    change = last - first
    size = float(change @ change)
    if size / change.size < 2e-3 or difference(pictures[0], pictures[-1]) < SURE:
        return 9.0
    shares = [float((p.ravel() - first) @ change) / size for p in pictures]
    ideal = np.linspace(0, 1, len(pictures))
    if float(np.abs(np.array(shares) - ideal).max()) > 0.25 or min(np.diff(shares)) < -0.05:
        return 9.0
    left = [
        float(np.square(p.ravel() - first - s * change).sum()) / size
        for p, s in zip(pictures[1:-1], shares[1:-1], strict=True)
    ]
    return float(np.sqrt(np.mean(left)))


def shot_list_text(cuts: Sequence[Cut], span: FrameRange, *, name: str) -> str:
    """A CSV shot list; ``head`` and ``tail`` keep pairs away from uncertain cuts. Names count by tens."""
    lines = ["shot,first,last,head,tail"]
    starts = [span.first, *(c.frame for c in cuts)]
    ends = [*(c.frame - 1 for c in cuts), span.last]
    digits = max(3, len(str(10 * len(starts))))
    for n, (first, last) in enumerate(zip(starts, ends, strict=True)):
        before, behind = (cuts[n - 1] if n else None), (cuts[n] if n < len(cuts) else None)
        head = max(0, before.last - first + 1) if before is not None else 0
        tail = max(0, last - behind.first + 1) if behind is not None else 0
        lines.append(f"{name}{10 * (n + 1):0{digits}d},{first},{last},{head or ''},{tail or ''}")
    return "\n".join(lines) + "\n"
