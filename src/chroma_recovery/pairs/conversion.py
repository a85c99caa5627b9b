"""Frame by frame through a rate conversion: which Source frame each Reference frame shows, which are shown twice, which
not at all.

:mod:`timing` finds the line; here every frame is compared within a few frames of that line. First the framing between
the two clips is measured, because a steady pan and a shifted frame look alike while framing is free. Then known
conversions are tried in all their phases against all frames together, which decides exactly even where single frames
hardly differ; and departures from the best one are looked for, which pay only where several frames agree. The table of
similarities is all that grows with the clip, by 68 bytes a frame.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.image import Pixels
from ..errors import EngineError
from .clips import Sequence

__all__ = ["CONVERSIONS", "REACH", "TimeMap", "compared", "framing", "mapped"]

REACH = 8
"""Frames of the Source on each side of the line that every Reference frame is compared with."""

CONVERSIONS = (
    (Fraction(1), "one to one"),
    (Fraction(24, 25), "25 frames made of 24, one a second repeated"),
    (Fraction(25, 24), "24 frames made of 25, one a second dropped"),
    (Fraction(4, 5), "30 frames made of 24, one in five repeated (pulldown)"),
    (Fraction(5, 4), "24 frames made of 30, one in five dropped"),
    (Fraction(5, 6), "30 frames made of 25, one in six repeated"),
    (Fraction(6, 5), "25 frames made of 30, one in six dropped"),
    (Fraction(1, 2), "every frame twice"),
    (Fraction(2), "every second frame"),
    (Fraction(2, 5), "60 frames or fields made of 24 (3:2)"),
)
"""Source frames per Reference frame."""

CHANGE = 2.0
"""Leaving a conversion's rhythm has to pay as much as this many frames that are right instead of one off."""

DEPART = 4
"""Frames that a departure may lead away from the conversion."""


@attrs.frozen
class TimeMap:
    """What each frame is in the other clip.

    kind: the conversion, in words. partner: per Source frame the Reference frame that shows it best, None where none
    does. repeated: Reference frames that show what the one before shows. dropped: Source frames inside the Reference's
    range that no Reference frame shows. woven: Source frames that only combed Reference frames show; they have no
    partner. confidence: 0..1, how clearly the best map stands out from the next best.
    """

    kind: str
    partner: Mapping[int, int | None]
    repeated: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    woven: tuple[int, ...] = ()
    combed: tuple[int, ...] = ()
    confidence: float = 0.0

    def why_not(self, source: int) -> str:
        """Why a Source frame has no partner; empty where it has one."""
        if self.partner.get(source) is not None:
            return ""
        if source in self.woven:
            return "the Reference shows this moment only in interlaced (combed) frames"
        if source in self.dropped:
            return "the Reference does not hold this moment: it was dropped when its frame rate was converted"
        return "the Reference does not reach this moment"


def framing(pairs: Iterable[tuple[Pixels, Pixels]]) -> Any:
    """2x3 affine map from pixels of the Source's prints to the Reference's, the median over pairs that show the same
    moment; the identity where nothing can be measured."""
    found = []
    ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)
    for one, other in pairs:
        h, w = one.shape
        x, y = w // 10, h // 10
        middle = one[y : h - y, x : w - x]
        place = cv2.minMaxLoc(cv2.matchTemplate(other, middle, cv2.TM_CCOEFF_NORMED))[3]
        start = np.array([[1, 0, place[0] - x], [0, 1, place[1] - y]], np.float32)
        inside = np.zeros(other.shape, np.uint8)
        inside[y : h - y, x : w - x] = 255
        try:
            _, solved = cv2.findTransformECC(one, other, start, cv2.MOTION_AFFINE, ends, inside, 3)
        except cv2.error:
            solved = start
        far = np.abs(solved - np.array([[1, 0, 0], [0, 1, 0]], np.float32)).max(0)
        found.append(solved if max(far[:2]) < 0.12 else start)
    return np.median(found, axis=0).astype(np.float32) if found else np.eye(2, 3, dtype=np.float32)


def compared(
    source: Sequence,
    reference: Sequence,
    line: Callable[[int], float],
    frame: Any,
    read: Callable[[Sequence, int], Pixels],
    *,
    tell: Callable[[int, int], None] | None = None,
) -> Any:
    """(Reference frames, 2 * REACH + 1) correlations with the Source frames around ``line(Reference frame)``, NaN where
    one of them is not there. frame: from :func:`framing`. read: gives a print."""
    table = np.full((len(reference.span), 2 * REACH + 1), np.nan, np.float32)
    kept: OrderedDict[int, Pixels | None] = OrderedDict()
    inside: Any = None

    def mine(number: int) -> Pixels | None:
        if number not in kept:
            kept[number] = _normal(_read(read, source, number), inside)
            while len(kept) > 4 * REACH + 2:
                kept.popitem(last=False)
        return kept[number]

    for row, number in enumerate(reference.span):
        print_ = _read(read, reference, number)
        if print_ is None:
            continue
        h, w = print_.shape
        if inside is None:
            inside = np.zeros((h, w), np.float32)
            inside[h // 12 : h - h // 12, w // 12 : w - w // 12] = 1
        moved = cv2.warpAffine(print_, frame, (w, h), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        other = _normal(moved, inside)
        at = round(line(number))
        for column, near in enumerate(range(at - REACH, at + REACH + 1)):
            if near in source.span and (one := mine(near)) is not None and other is not None:
                table[row, column] = float((one * other).sum())
        if tell is not None:
            tell(row + 1, len(reference.span))
    return table


def _read(read: Callable[[Sequence, int], Pixels], clip: Sequence, frame: int) -> Pixels | None:
    if not clip.path(frame).is_file():
        return None
    try:
        return read(clip, frame)
    except EngineError:
        return None  # parity names it


def _normal(print_: Pixels | None, inside: Any) -> Pixels | None:
    if print_ is None:
        return None
    away = (print_ - float(print_[inside > 0].mean())) * inside
    return np.asarray(away / (np.linalg.norm(away) + 1e-6), np.float32)


def mapped(
    table: Any, base: Any, sources: range, references: range, *, rate: float, combed: Iterable[int] = ()
) -> TimeMap:
    """The map that explains a table from :func:`compared`.

    base: (Reference frames) the Source frame in the middle of each row. rate: Source frames per Reference frame, as far
    as known; conversions near it are tried. combed: Reference frames that are woven of two moments.
    """
    marks = np.nan_to_num(table - np.nanmedian(np.where(np.isnan(table), np.nan, table), 1, keepdims=True))
    rows = np.arange(len(marks))
    tried = []
    middle = float(np.median(base - rows * rate))
    for step, words in CONVERSIONS:
        if abs(float(step) - rate) * len(rows) > 2 * REACH and abs(float(step) / rate - 1) > 0.03:
            continue
        q = step.denominator
        for offset in range(-2 * REACH * q, 2 * REACH * q + 1):
            shown = (rows * step.numerator + offset) // q + round(middle)
            tried.append((_score(marks, shown - base), step == 1, words, shown))
    if not tried:
        shown = np.floor(rows * rate + middle + 0.5).astype(int)
        tried = [
            (_score(marks, shown + d - base), False, f"retimed, {1 / rate:.3f} frames for each", shown + d)
            for d in range(-REACH, REACH + 1)
        ]
    best = max(tried, key=lambda t: (round(float(t[0].mean()), 7), t[1]))
    gap = max(
        1e-5, float(best[0].mean() - 0.5 * sum(_score(marks, best[3] + d - base).mean() for d in (-1, 1)))
    )
    away = _departures(marks, best[3] - base, CHANGE * gap)
    shown = best[3] + away
    sure = _confidence(best[0], [t[0] for t in tried if (t[3] != best[3]).any()])
    return _named(best[2], shown, marks, base, away, sources, references, tuple(combed), sure)


def _score(marks: Any, column: Any) -> Any:
    """Mark of each row at a place relative to its middle; 0 beyond the table."""
    at = column + REACH
    inside = (at >= 0) & (at < marks.shape[1])
    return np.where(inside, marks[np.arange(len(marks)), np.clip(at, 0, marks.shape[1] - 1)], 0.0)


def _confidence(best: Any, others: list[Any]) -> float:
    """How many standard errors the best map is above the next, of eight that count as certain."""
    least = np.inf
    for other in others:
        apart = (best - other)[best != other]
        if len(apart) < 2:
            continue
        least = min(least, float(apart.mean() / (apart.std() / len(apart) ** 0.5 + 1e-6)))
    return float(np.clip(least / 8, 0, 1)) if np.isfinite(least) else 0.0


def _departures(marks: Any, column: Any, price: float) -> Any:
    """Per row, how many frames the best path is away from ``column`` (Viterbi): it pays ``price`` for every change by
    one."""
    choices = np.arange(-DEPART, DEPART + 1)
    gains = np.stack([_score(marks, column + d) for d in choices], 1)
    toll = price * np.abs(choices[:, None] - choices[None, :])
    total, back = gains[0], np.zeros(gains.shape, np.int8)
    for row in range(1, len(gains)):
        arrive = total[:, None] - toll
        back[row] = arrive.argmax(0)
        total = arrive.max(0) + gains[row]
    at = int(total.argmax())
    found = np.zeros(len(gains), int)
    for row in range(len(gains) - 1, -1, -1):
        found[row] = choices[at]
        at = int(back[row][at])
    return found


def _named(
    words: str,
    shown: Any,
    marks: Any,
    base: Any,
    away: Any,
    sources: range,
    references: range,
    combed: tuple[int, ...],
    sure: float,
) -> TimeMap:
    value = _score(marks, shown - base)
    woven_rows = np.isin(np.array(references), combed) if combed else np.zeros(len(shown), bool)
    rows_of: dict[int, list[int]] = {}
    for row, number in enumerate(shown.tolist()):
        rows_of.setdefault(number, []).append(row)
    partner: dict[int, int | None] = {}
    dropped, woven = [], []
    low, high = int(shown.min()), int(shown.max())
    for number in sources:
        rows = rows_of.get(number, [])
        clean = [r for r in rows if not woven_rows[r]]
        partner[number] = (
            references[max(clean, key=lambda r: (round(float(value[r]), 4), -r))] if clean else None
        )
        if not clean and rows:
            woven.append(number)
        elif not rows and low < number < high:
            dropped.append(number)
    repeated = tuple(
        references[r] for r in range(1, len(shown)) if shown[r] == shown[r - 1] and shown[r] in sources
    )
    if len(combed) > 0.1 * len(shown):
        words += ", interlaced: fields of two moments are woven together"
    if np.any(away != away[0]):
        changes = int(np.count_nonzero(np.diff(away)))
        words += f", with {changes} irregular place{'s' * (changes != 1)} (held or dropped frames)"
    return TimeMap(words, partner, repeated, tuple(dropped), tuple(woven), combed, round(sure, 3))
