"""Which Reference frame shows what a Source frame shows: by structure, never by colour or by number alone.

First the whole shot: prints of a few Source frames are looked for among the Reference's, allowing for different
framing, and a straight line (rate and offset) is fitted, see :mod:`line`; rates that film and video transfers have are
tried before any other. Where that line, the lengths or repeated frames speak of a conversion, every frame is compared
(see :mod:`conversion`). Then each pair: the neighbours of the predicted frame are aligned as well, and the one that
leaves the least movement between the pictures wins, which needs something that moves by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.image import Pixels
from ..errors import EngineError
from .clips import Sequence
from .conversion import compared, framing, mapped
from .line import RATES, Timing, match_line
from .prints import PRINT, print_of, similarities
from .signatures import Pace

__all__ = ["Timing", "find_timing"]

PROBES = 20
WINDOW = 60
"""Source frames looked for, and how far from the expected place the Reference is searched in long clips."""


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
