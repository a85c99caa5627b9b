"""The straight line, rate and offset, through what a few frames of a shot look like in the Reference."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import attrs
import numpy as np

from .conversion import TimeMap

__all__ = ["RATES", "Timing", "match_line"]

RATES = (
    (1.0, "one to one"),
    (25 / 24, "25 frames made of 24"),
    (24 / 25, "24 frames made of 25"),
    (30 / 24, "30 frames made of 24 (pulldown)"),
    (24 / 30, "24 frames made of 30"),
    (30 / 25, "30 frames made of 25"),
    (25 / 30, "25 frames made of 30"),
    (2.0, "every frame twice"),
    (0.5, "every second frame"),
    (60 / 24, "60 frames or fields made of 24"),
)
"""Reference frames per Source frame in known conversions."""

PLAIN = 0.05
"""A conversion has to explain this much more than one to one does."""

ALONE, CLEAR = 0.05, 0.2
"""A pair of a converted shot is looked at if neither its own frame stands out by the first, nor the map of the whole
shot by the second."""


@attrs.frozen
class Timing:
    """Reference frame = rate * (Source frame - first) + offset, ``first`` being the Source's first frame.

    kind: what conversion that is. agreement: share of the probes that lie within one frame of the line. confidence:
    0..1, how far the line stands out from the next best one; near 0 where nothing in the shot moves. frames: frame by
    frame, where a conversion was suspected; then it decides, not the line.
    """

    rate: float
    offset: float
    first: int
    kind: str
    agreement: float
    confidence: float
    frames: TimeMap | None = None

    def at(self, source: int) -> float:
        """The Reference frame of a Source frame; on the line, with its fraction, where no single frame is known."""
        known = None if self.frames is None else self.frames.partner.get(source)
        return self.rate * (source - self.first) + self.offset if known is None else float(known)

    def why_not(self, source: int) -> str:
        """Why no Reference frame shows a Source frame; empty where one does or nothing is known."""
        return "" if self.frames is None else self.frames.why_not(source)

    def doubt(self, alone: float) -> str:
        """Why the frame of a pair is to be looked at although it was found; empty where there is no doubt.

        alone: 0..1, how far the pair's own frame stood out from its neighbours. In a pan in which nothing else moves
        a frame earlier looks like another framing, so a conversion may be found in the wrong phase."""
        converted = self.retimed or (
            self.frames is not None and not self.frames.kind.startswith("one to one")
        )
        if not converted or alone >= ALONE or self.confidence >= CLEAR:
            return ""
        return "which Reference frame shows this moment is not certain: the frame rate was converted, and little moves"

    @property
    def retimed(self) -> bool:
        return abs(self.rate - 1) > 1e-6


def match_line(table: Any, sources: Any, references: Any, first: int, step: float = 0.25) -> Timing:
    """The line through a table of similarities.

    table: (probes, Reference frames), NaN where not compared. sources, references: frame numbers. Frames that look
    alike say little: each row counts by how far its values stand out from its own middle.
    """
    usual = np.nanmedian(table, axis=1, keepdims=True)
    spread = np.nanmean(np.abs(table - usual), axis=1, keepdims=True) + 0.004
    marked = np.nan_to_num((table - usual) / spread, nan=-1.0)
    length = float(
        sources[-1] - sources[0]
    )  # a short clip cannot tell rates apart that part by so few frames
    known = [
        (r, words, _line(marked, sources, references, first, r, step))
        for r, words in RATES
        if r == 1 or abs(r - 1) * length >= 2.5
    ]
    slope = _free_rate(marked, sources, references)
    if slope is not None and min(abs(slope - r) for r, _ in RATES) * length >= 2.5:
        words = f"retimed, {slope:.3f} Reference frames per Source frame"
        known.append((slope, words, _line(marked, sources, references, first, slope, step)))
    top = max(score[0] for _, _, score in known)
    rate, words, (best, offset, second) = next(
        (k for k in known if k[2][0] >= top - abs(top) * (PLAIN if k[0] == 1 else 0.02)), known[0]
    )
    line = rate * (sources - first) + offset
    peaks = references[np.argmax(marked, axis=1)]
    inside = (line >= references[0] - 0.5) & (line <= references[-1] + 0.5)
    agree = float((np.abs(peaks - line)[inside] <= 1.0).mean()) if inside.any() else 0.0
    confidence = float(np.clip((best - second) / max(abs(best), 1e-6) * 2, 0, 1)) * min(1.0, 0.2 + agree)
    return Timing(float(rate), float(offset), first, words, agree, confidence)


def _line(
    marked: Any, sources: Any, references: Any, first: int, rate: float, step: float
) -> tuple[float, float, float]:
    """(best mean mark, its offset, best mark at least 1.5 frames away) of all lines of one rate."""
    low = references[0] - rate * (sources[-1] - first)
    offsets = np.arange(np.floor(low), references[-1] - rate * (sources[0] - first) + step, step)
    scores = np.full(len(offsets), -np.inf)
    for n, offset in enumerate(offsets):
        at = rate * (sources - first) + offset - references[0]
        inside = (at > -0.5) & (at < len(references) - 0.5)
        if inside.sum() < max(2, 0.4 * len(sources)):
            continue
        rows, at = np.flatnonzero(inside), np.clip(at[inside], 0, len(references) - 1)
        left = np.minimum(np.floor(at).astype(int), max(len(references) - 2, 0))
        share = at - left
        right = np.minimum(left + 1, len(references) - 1)
        values = np.maximum(marked[rows, left] * (1 - share), marked[rows, right] * share)
        values = np.maximum(values, marked[rows, left] * (1 - share) + marked[rows, right] * share)
        scores[n] = values.mean() * (0.7 + 0.3 * inside.mean())
    best = int(scores.argmax())
    away = np.abs(offsets - offsets[best]) > 1.5
    second = float(scores[away].max()) if away.any() and np.isfinite(scores[away]).any() else 0.0
    return float(scores[best]), float(offsets[best]), second


def _free_rate(marked: Any, sources: Any, references: Any) -> float | None:
    """The median slope between the best places of clear probes (Theil and Sen); None where they do not agree."""
    clear = marked.max(1) >= np.median(marked.max(1))
    x, y = sources[clear], references[np.argmax(marked[clear], axis=1)]
    slopes = [
        (y[b] - y[a]) / (x[b] - x[a])
        for a, b in combinations(range(len(x)), 2)
        if x[b] - x[a] >= np.ptp(x) / 3
    ]
    if len(slopes) < 3:
        return None
    middle = float(np.median(slopes))
    return middle if 0.2 < middle < 5 and float(np.median(np.abs(np.array(slopes) - middle))) < 0.05 else None
