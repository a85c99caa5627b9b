"""Which Reference frame shows what a Source frame shows: by structure, never by colour or by number alone.

First the whole shot: prints of a few Source frames are looked for among the Reference's, allowing for different
framing, and a straight line (rate and offset) is fitted; rates that film and video transfers have are tried before any
other. Where that line, the lengths or repeated frames speak of a conversion, every frame is compared (see
:mod:`conversion`). Then each pair: the neighbours of the predicted frame are aligned as well, and the one that leaves
the least movement between the pictures wins, which needs something that moves by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.comparison import normalised
from ..engine.image import Pixels
from ..errors import EngineError
from .clips import Sequence
from .conversion import TimeMap, compared, framing, mapped
from .signatures import Pace

__all__ = ["RATES", "Timing", "find_timing", "match_line", "print_of", "similarities"]

PRINT = (128, 72)
"""Width and height of a print."""

ROAM = (8, 5)
"""Pixels of a print that framing may differ by, each way: 6 % of the frame."""

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

PROBES = 20
WINDOW = 60
"""Source frames looked for, and how far from the expected place the Reference is searched in long clips."""


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

    @property
    def retimed(self) -> bool:
        return abs(self.rate - 1) > 1e-6


def print_of(picture: Pixels) -> Pixels:
    """(72, 128) local contrast of a picture of any size."""
    small: Any = cv2.resize(picture.mean(-1), PRINT, interpolation=cv2.INTER_AREA)
    return normalised(np.sqrt(np.maximum(small, 0)).astype(np.float32), 6.0)


def similarities(one: Pixels, others: Iterable[Pixels], *, roam: bool = True) -> Any:
    """Best correlation of the middle of ``one`` anywhere near the same place in each of the others, -1..1; at the same
    place alone if it may not roam."""
    if not roam:
        x, y = ROAM
        return np.array([np.corrcoef(one[y:-y, x:-x].ravel(), o[y:-y, x:-x].ravel())[0, 1] for o in others])
    x, y = ROAM
    x, y = x + 4, y + 3  # letterboxes and overscan stay out
    middle = one[y:-y, x:-x]
    found = []
    for other in others:
        near = other[3:-3, 4:-4]
        found.append(float(cv2.matchTemplate(near, middle, cv2.TM_CCOEFF_NORMED).max()))
    return np.array(found)


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


def find_timing(
    source: Sequence,
    reference: Sequence,
    *,
    probes: int = PROBES,
    window: int = WINDOW,
    prints: Mapping[str, Mapping[int, Pixels]] | None = None,
    paces: tuple[Pace, Pace] | None = None,
    every: bool | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Timing:
    """Rate and offset of a whole shot. prints: those that are there already, by clip name and frame. paces: of Source
    and Reference, see :mod:`signatures`. every: compare every frame; by default where a conversion or held and dropped
    frames are likely, at the cost of reading both clips once. Unreadable frames are passed over.
    Raises EngineError (CR521) if fewer than two frames of a side can be read."""
    known = {clip.name: dict((prints or {}).get(clip.name, {})) for clip in (source, reference)}
    count = min(probes, len(source.span))
    wanted = sorted({round(f) for f in np.linspace(source.span.first, source.span.last, count)})
    guess = [_expected(source, reference, f) for f in wanted]
    short = len(reference.span) <= 2 * window + 1
    near = {
        g for at in guess for g in range(round(at) - window, round(at) + window + 1) if g in reference.span
    }
    spots = list(reference.span) if short else sorted(near)
    total, done = len(wanted) + len(spots), 0
    for clip, frames in ((source, wanted), (reference, spots)):
        for frame in frames:
            if frame not in known[clip.name] and clip.path(frame).is_file():
                try:
                    known[clip.name][frame] = print_of(clip.picture(frame, 4 * PRINT[0]))
                except EngineError:
                    continue  # parity names it
            done += 1
            if tell is not None:
                tell(done, total)
    sources = np.array([f for f in wanted if f in known[source.name]])
    references = np.arange(spots[0], spots[-1] + 1)
    there = [n for n, f in enumerate(references) if int(f) in known[reference.name]]
    if len(sources) < 2 or len(there) < 2:
        raise EngineError.at(
            "CR521", "", "too few frames can be read to match them in time", "see the parity table"
        )
    table = np.full((len(sources), len(references)), np.nan)
    for row, frame in enumerate(sources):
        columns = [
            n
            for n in there
            if short or abs(references[n] - _expected(source, reference, int(frame))) <= window
        ]
        mine = known[source.name][int(frame)]
        table[row, columns] = similarities(mine, (known[reference.name][int(references[n])] for n in columns))
    line = match_line(table, sources, references, source.span.first)
    if every or (every is None and _suspect(line, source, reference, paces)):
        return _frame_by_frame(line, source, reference, sources, known, paces, tell)
    return line


def _suspect(line: Timing, source: Sequence, reference: Sequence, paces: tuple[Pace, Pace] | None) -> bool:
    """Are there signs that the clips do not run frame by frame beside each other?"""
    if line.retimed or len(source.span) != len(reference.span):
        return True
    one, other = paces or (Pace(), Pace())
    return (
        one.repeated != other.repeated
        or bool(one.repeated or other.combed)
        or len(one.jumps) != len(other.jumps)
    )


def _frame_by_frame(
    line: Timing,
    source: Sequence,
    reference: Sequence,
    probes: Any,
    known: dict[str, dict[int, Pixels]],
    paces: tuple[Pace, Pace] | None,
    tell: Callable[[int, int], None] | None,
) -> Timing:
    """The line with its frames. A wrong line of a short clip is put right."""
    frame = _framing(line, probes, known[source.name], known[reference.name])
    there, first = reference.span, line.first

    def shown(number: int) -> float:
        return (number - line.offset) / line.rate + first

    def read(clip: Sequence, number: int) -> Pixels:
        held = known[clip.name].get(number)
        return print_of(clip.picture(number, 4 * PRINT[0])) if held is None else held

    table = compared(source, reference, shown, frame, read, tell=tell)
    base = np.array([round(shown(n)) for n in there])
    combed = paces[1].combed if paces else ()
    frames = mapped(
        table,
        base,
        range(source.span.first, source.span.last + 1),
        range(there.first, there.last + 1),
        rate=1 / line.rate,
        combed=combed,
    )
    pairs = [(s, r) for s, r in frames.partner.items() if r is not None]
    kind = frames.kind
    if kind == "one to one" and abs(source.fps - reference.fps) > 0.5:
        kind = f"one to one: the same frames, played at {reference.fps:g} instead of {source.fps:g} a second"
    if len(pairs) < 2:
        return attrs.evolve(line, kind=kind, frames=frames)
    x, y = np.array(pairs, float).T
    slope = float(np.polyfit(x - first, y, 1)[0])
    rate = min((r for r, _ in RATES), key=lambda r: abs(r - slope))
    rate = rate if abs(rate - slope) * len(x) < 3 else slope
    return attrs.evolve(
        line,
        kind=kind,
        frames=frames,
        rate=rate,
        offset=float(np.median(y - rate * (x - first))),
        confidence=max(line.confidence, frames.confidence),
    )


def _framing(line: Timing, probes: Any, mine: dict[int, Pixels], others: dict[int, Pixels]) -> Any:
    """Of both clips' prints. The line may be some frames off, and a pan makes up for that with another framing; so the
    shift in time is chosen by which one framing explains all probes best."""
    best, found = -np.inf, framing([])
    for away in (0, -1, 1, -2, 2):
        pairs = [
            (mine[int(s)], others[n])
            for s in probes
            if (n := round(line.rate * (s - line.first) + line.offset) + away) in others
        ]
        if len(pairs) < 2:
            continue
        frame = framing(pairs)
        size = PRINT
        value = float(
            np.mean(
                [
                    similarities(
                        one,
                        [cv2.warpAffine(other, frame, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)],
                        roam=False,
                    )[0]
                    for one, other in pairs
                ]
            )
        )
        if value > best:
            best, found = value, frame
    return found


def _expected(source: Sequence, reference: Sequence, frame: int) -> float:
    """Where a frame is if both clips show the same from their first to their last frame."""
    share = (frame - source.span.first) / max(1, len(source.span) - 1)
    return reference.span.first + share * (len(reference.span) - 1)
