"""The shared crop: where both sides show picture, and around what only one of them shows.

Boxes of pictures are left, top, right, bottom (y down, right and bottom excluded); those for the preset are Nuke's x,
y, r, t.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import cv2
import numpy as np

from ..engine.comparison import Mask, Matrix
from ..engine.image import Pixels
from .alignment import Side
from .gate import film_free
from .lettering import Box, Overlay
from .tiles import grey

__all__ = [
    "around",
    "common_box",
    "largest_box",
    "live_mask",
    "lost_to",
    "nuke_box",
    "richness",
    "worth_of",
]

INSET = 3
"""Working pixels kept from every edge of the live area: soft borders, weave, the filter of the alignment."""


def live_mask(pictures: Iterable[Pixels]) -> Mask:
    """Where a side shows picture, from one or more frames of a shot at the same working size, (height, width, 3).

    Out: black or clear film around the picture, perforations, sound track, frame lines and the neighbouring frames
    behind them, rounded corners (see :mod:`gate`); black rows and columns that reach in from the edges and even bars of
    any brightness. The brightest that each pixel ever is counts, so that a night scene needs only one brighter frame.
    """
    planes = [grey(np.clip(picture, 0, 1)) for picture in pictures]
    if not planes:
        raise ValueError("no picture was given")
    found: Mask = film_free(planes) & _without_bars(np.maximum.reduce(planes))
    return found


def _without_bars(plane: Any) -> Mask:
    """False in the rows and columns that reach in from the edges without any detail: borders, mattes, white or grey
    bars. Each side is looked at within what the others leave."""
    y0, x0, (y1, x1) = 0, 0, plane.shape
    for _ in range(4):
        part = plane[y0:y1, x0:x1]
        level = 0.12 * float(np.percentile(part, 95))
        before = (y0, x0, y1, x1)
        lines = []
        for axis in (1, 0):
            high, low = np.percentile(part, 98, axis=axis), np.percentile(part, 2, axis=axis)
            empty = (high <= level) | (high - low < 0.1 * float(np.median(high - low)))
            lines.append((int(np.argmin(empty)), int(np.argmin(empty[::-1]))) if not empty.all() else (0, 0))
        (top, bottom), (left, right) = lines
        y0, y1, x0, x1 = y0 + top, y1 - bottom, x0 + left, x1 - right
        if before == (y0, x0, y1, x1) or y1 - y0 < 16 or x1 - x0 < 16:
            break
    mask = np.zeros(plane.shape, bool)
    mask[y0:y1, x0:x1] = True
    return mask


def largest_box(mask: Mask) -> Box:
    """The largest upright rectangle inside a mask, found on a coarse grid and then grown to the mask's own edge; all
    zero if there is none."""
    height, width = mask.shape
    step = max(1, max(mask.shape) // 120)
    small: Any = mask[: height // step * step, : width // step * step]
    small = small.reshape(height // step, step, width // step, step).all((1, 3))
    best, found = 0, (0, 0, 0, 0)
    tall = np.zeros(small.shape[1] + 1, int)
    for row in range(small.shape[0]):
        tall[:-1] = np.where(small[row], tall[:-1] + 1, 0)
        stack: list[tuple[int, int]] = []
        for column, value in enumerate(tall.tolist()):
            start = column
            while stack and stack[-1][1] >= value:
                start, top = stack.pop()
                if top * (column - start) > best:
                    best, found = top * (column - start), (start, row - top + 1, column, row + 1)
            stack.append((start, value))
    x, y, r, b = (v * step for v in found)
    if not best:
        return 0, 0, 0, 0
    for _ in range(2 * step):
        grown = (
            x - 1 if x > 0 and mask[y:b, x - 1].all() else x,
            y - 1 if y > 0 and mask[y - 1, x:r].all() else y,
            r + 1 if r < width and mask[y:b, r].all() else r,
            b + 1 if b < height and mask[b, x:r].all() else b,
        )
        if grown == (x, y, r, b):
            break
        for n in range(4):  # one side at a time: two that grow together may miss the corner between them
            bigger = (*(x, y, r, b)[:n], grown[n], *(x, y, r, b)[n + 1 :])
            if mask[bigger[1] : bigger[3], bigger[0] : bigger[2]].all():
                x, y, r, b = bigger
    return x, y, r, b


def common_box(source: Side, reference: Side, matrix: Matrix) -> Box:
    """Largest box of the Source's working picture where both sides show picture, less a small inset. matrix: in full
    pixels."""
    x, y, r, b = largest_box(source.under(reference, matrix)[1] & source.live)
    if r - x <= 4 * INSET or b - y <= 4 * INSET:
        return x, y, r, b
    return x + INSET, y + INSET, r - INSET, b - INSET


def nuke_box(box: Box, small: tuple[int, int], full: tuple[int, int]) -> tuple[int, int, int, int]:
    """A working box as x, y, r, t of the full frame, even numbers inside it. Sizes are (width, height)."""
    sx, sy = full[0] / small[0], full[1] / small[1]
    x, r = (np.ceil(box[0] * sx / 2) * 2, np.floor(box[2] * sx / 2) * 2)
    y, t = (np.ceil((full[1] - box[3] * sy) / 2) * 2, np.floor((full[1] - box[1] * sy) / 2) * 2)
    return int(x), int(y), int(max(r, x)), int(max(t, y))


def richness(reference: Pixels) -> Pixels:
    """Worth of each pixel for learning colour, (height, width): chroma of the Reference, and a little besides."""
    picture = np.clip(reference, 0, 1)
    return np.asarray(0.15 + (picture.max(-1) - picture.min(-1)), np.float32)


def worth_of(source: Side, reference: Side, matrix: Matrix) -> Pixels:
    """:func:`richness` on the Source's working picture. matrix: in full pixels."""
    return richness(source.under(reference, matrix)[0])


def lost_to(common: Box, kept: Box, found: Sequence[Overlay], height: int) -> str:
    """Why a person should see what the crop avoids: it is too tall for lettering (a splice, a flash, something in
    front), or too much picture goes with it; empty if neither."""
    tall = max((o.box[3] - o.box[1] for o in found), default=0)
    share = 1 - (kept[2] - kept[0]) * (kept[3] - kept[1]) / max(
        1, (common[2] - common[0]) * (common[3] - common[1])
    )
    if tall > 0.16 * height:
        return "something larger than lettering is on one side only; the crop avoids it"
    return f"the crop leaves out {share:.0%} of the common picture" if share > 0.3 else ""


def around(box: Box, found: Sequence[Overlay], worth: Pixels, *, least: float = 0.25) -> Box | None:
    """The part of a box without any overlay that is worth most: the sum of ``richness``, so that a sliver full of
    colour beats a larger empty sky. least: share of the box that must remain; None if no part is left that large."""
    hit = [o.box for o in found if _overlap(o.box, box)]
    total = cv2.integral(worth.astype(np.float64))
    best, kept = -1.0, None
    whole = (box[2] - box[0]) * (box[3] - box[1])
    lefts = sorted({box[0], *(b[2] for b in hit if b[2] < box[2])})
    rights = sorted({box[2], *(b[0] for b in hit if b[0] > box[0])})
    for x, r in product(lefts, rights):
        if x < box[0] or (r - x) * (box[3] - box[1]) < least * whole:
            continue
        for y, b in _gaps([(h[1], h[3]) for h in hit if h[0] < r and x < h[2]], box[1], box[3]):
            if (r - x) * (b - y) >= least * whole:
                value = float(total[b, r] - total[y, r] - total[b, x] + total[y, x])
                if value > best:
                    best, kept = value, (x, y, r, b)
    return kept


def _gaps(taken: list[tuple[int, int]], low: int, high: int) -> list[tuple[int, int]]:
    """What intervals leave free between low and high."""
    free, at = [], low
    for first, last in sorted(taken):
        if first > at:
            free.append((at, min(first, high)))
        at = max(at, last)
    return [*free, (at, high)] if at < high else free


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
