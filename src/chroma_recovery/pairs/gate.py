"""Where a scan shows picture and where film: black or clear edges, perforations, sound track, frame lines with the
neighbouring frames behind them, rounded and uneven gates.

Film is black or clear; picture is in between nearly everywhere. So columns and rows are followed from the edges inwards
for as long as they hold film alone, or black and clear together as perforations and sound tracks do. Behind a
frame line the neighbouring frame is cut off.
What is left of tilted edges and corners is taken away where it touches the rim.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from ..engine.comparison import Mask

__all__ = ["film_free"]

SIDE, ROWS = 0.3, 0.14
"""Share of the width that perforations and track may take on each side; of the height, that a frame line is looked for
in."""

FILLED = 0.97
"""Share of a line that is film alone."""

MIXED, EACH = 0.7, 0.06
"""Share of a line that is black or clear where both occur, each at least so much: perforations, sound track."""

SEGMENTS = 2
"""Separate black and separate clear places, each, that such a line holds at least: a picture of a dark tree before a
white sky has one of each."""

TOUCHED, ALONE = 0.1, 0.6
"""Share of a side that film must cover at the rim to be a tilted or uneven edge; more where no line of film was found
at any side: dark things in a picture touch its edge too."""

STRIP, CORNER = 0.022, 0.1
"""How far tilted edges and corners reach in, shares of the height."""


def film_free(planes: Sequence[Any]) -> Mask:
    """True where a side shows picture. planes: brightness of frames of a shot, (height, width) each. Night scenes and
    bright skies need one frame in which they are neither black nor clear."""
    stack = np.stack(planes)
    high, low = stack.max(0), stack.min(0)
    height, width = high.shape
    middle = np.s_[height // 5 : -(height // 5), width // 4 : -(width // 4)]
    black = high < 0.1 * float(np.percentile(high[middle], 95))
    white = 0.9 * float(np.percentile(stack[:, ::2, ::2], 99.8))
    clear = (low > white) & (high - low < 0.12)
    level = 0.1 * float(np.percentile(stack[(slice(None), *middle)], 95))
    dark_now, light_now = stack < level, stack > 0.85 * white
    x0, y0, x1, y1 = 0, 0, width, height
    for _ in range(3):
        before = x0, y0, x1, y1
        inner = slice(y0 + (y1 - y0) // 8, y1 - (y1 - y0) // 8)
        empty = _film_lines(black[inner], clear[inner], dark_now[:, inner], light_now[:, inner])
        limit = int(SIDE * width)
        x0, x1 = max(x0, _run(empty[:limit])), min(x1, width - _run(empty[::-1][:limit]))
        part = slice(x0 + (x1 - x0) // 10, x1 - (x1 - x0) // 10)
        share = [(p[:, part].mean(1)) > FILLED for p in (black, clear)]
        solid = share[0] | share[1]
        zone = int(ROWS * height)
        y0, y1 = max(y0, _behind(solid, zone)), min(y1, height - _behind(solid[::-1], zone))
        if before == (x0, y0, x1, y1) or x1 - x0 < 16 or y1 - y0 < 16:
            break
    mask = np.zeros((height, width), bool)
    mask[y0:y1, x0:x1] = True
    if x1 - x0 >= 16 and y1 - y0 >= 16:
        box = np.s_[y0:y1, x0:x1]
        framed = bool(x0 or y0 or x1 < width or y1 < height)
        for film in (black, clear):
            mask[box] &= ~_rim(film[box], height, framed)
    return mask


def _film_lines(black: Any, clear: Any, dark: Any, light: Any) -> Any:
    """Per column: film alone in all frames, or black and clear in each."""
    alone = black.mean(0) + clear.mean(0) > FILLED
    shares = dark.mean((0, 1)), light.mean((0, 1))
    both = (shares[0] + shares[1] > MIXED) & (np.minimum(*shares) > EACH)
    both &= np.minimum(_segments(dark), _segments(light)) >= SEGMENTS
    found = alone | both
    reach = max(2, round(0.012 * black.shape[1]))  # the track's own edge, which its wave seldom reaches
    if both.any():
        near = cv2.dilate(both.astype(np.uint8)[None], np.ones((1, 2 * reach + 1), np.uint8))[0].astype(bool)
        found |= near & (shares[0] + shares[1] > 0.55)
    return found


def _reach(strip: Any, least: float) -> int:
    """How many lines of a strip along a side, the outermost first, may hold film of its edge: none where film covers
    less than that share of the rim. What goes through the strip is dark picture, unless it is most of the side; an edge
    is shallow everywhere."""
    if strip[0].mean() <= least:
        return 0
    depth = np.where(strip.all(0), len(strip), np.argmin(strip, axis=0))
    through = depth == len(strip)
    if through.mean() > 0.6:
        return len(strip)
    return min(len(strip), int(np.ceil(np.percentile(depth[~through], 80))) + 2)


def _segments(stack: Any) -> Any:
    """Per column, how many separate places are true, the median over frames. stack: (frames, rows, columns)."""
    begun = stack[:, 1:] & ~stack[:, :-1]
    return np.median(begun.sum(1) + stack[:, 0], axis=0)


def _run(empty: Any) -> int:
    """Columns from the edge that are film; soft edges between film and film are passed over."""
    at, reach = 0, 4
    for n, value in enumerate(empty.tolist()):
        if value:
            at = n + 1
        elif n - at >= reach:
            break
    return at


def _behind(solid: Any, zone: int) -> int:
    """The inner end of the innermost frame line, at least two rows, within the zone; else of the run from the edge."""
    found, length = 0, 0
    for n, value in enumerate(solid.tolist()):
        if value:
            length += 1
            if length >= 2 and (n < zone or n + 1 - length <= found):
                found = n + 1
        else:
            length = 0
            if n >= zone:
                break
    return found


def _rim(film: Any, height: int, framed: bool) -> Mask:
    """Film that touches the rim of a box: in strips along sides that hold much of it, and in the corners. framed: film
    was found beyond the box; else corners count only where at least three are cut."""
    high, wide = film.shape
    strip, corner = max(2, round(STRIP * height)), max(2, round(CORNER * height))
    near = np.zeros(film.shape, bool)
    least = TOUCHED if framed else ALONE
    for dark, view in (
        (film, near),
        (film[::-1], near[::-1]),
        (film.T, near.T),
        (film.T[::-1], near.T[::-1]),
    ):
        view[: _reach(dark[:strip], least)] = True
    cut = sum(bool(film[y, x]) for y in (0, -1) for x in (0, -1))
    for rows in (slice(0, corner), slice(high - corner, high)):
        for columns in (slice(0, corner), slice(wide - corner, wide)):
            # a rounded corner fills a fifth of its square, a cut one half; a dark picture fills it
            if film[rows, columns].mean() < 0.55 and (framed or cut >= 3):
                near[rows, columns] = True
    joined = np.pad((film & near).astype(np.uint8), 1, constant_values=1)
    _, labels = cv2.connectedComponents(joined, connectivity=4)
    touching = (labels == labels[0, 0])[1:-1, 1:-1]
    grown: Any = cv2.dilate(touching.astype(np.uint8), np.ones((3, 3), np.uint8))
    found: Mask = grown.astype(bool) & near
    return found
