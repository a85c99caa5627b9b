"""The shared crop: where both sides show picture, and around what only one of them shows.

Boxes of pictures are left, top, right, bottom (y down, right and bottom excluded); those for the preset are Nuke's x,
y, r, t.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.comparison import Mask, Matrix
from ..engine.image import Pixels
from .alignment import Side
from .refinement import laid_over

__all__ = [
    "Overlay",
    "around",
    "common_box",
    "largest_box",
    "live_mask",
    "lost_to",
    "nuke_box",
    "overlays",
    "richness",
]

Box = tuple[int, int, int, int]

INSET = 3
"""Working pixels kept from every edge of the live area: soft borders, weave, the filter of the alignment."""


@attrs.frozen
class Overlay:
    """Something burned into one side. box: on the Source's working picture. side: Source or Reference."""

    box: Box
    side: str


def live_mask(pictures: Iterable[Pixels]) -> Mask:
    """Where a side shows picture, from one or more frames of a shot at the same working size, (height, width, 3).

    Out: black rows and columns that reach in from the edges, even bars of any brightness, and dark corners of a rounded
    gate. The brightest that each pixel ever is counts, so that a night scene needs only one brighter frame.
    """
    brightest: Any = None
    for picture in pictures:
        plane = np.clip(picture, 0, 1).mean(-1)
        brightest = plane if brightest is None else np.maximum(brightest, plane)
    if brightest is None:
        raise ValueError("no picture was given")
    mask: Any = _without_bars(brightest)
    height, width = mask.shape
    level = 0.1 * float(np.percentile(brightest, 95))
    dark = cv2.GaussianBlur(brightest, (0, 0), 1.5) < level
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (dark | ~mask).astype(np.uint8), connectivity=4
    )
    rim = set(labels[0]) | set(labels[-1]) | set(labels[:, 0]) | set(labels[:, -1])
    near = np.zeros_like(mask)
    edge_y, edge_x = max(2, height // 12), max(2, width // 12)
    near[:edge_y], near[-edge_y:], near[:, :edge_x], near[:, -edge_x:] = True, True, True, True
    for label in range(1, count):
        if label in rim and stats[label, cv2.CC_STAT_AREA] < 0.4 * mask.size:
            mask[(labels == label) & near] = False
    found: Mask = mask
    return found


def _without_bars(plane: Any) -> Mask:
    """False in the rows and columns that reach in from the edges black, or without any detail: borders, mattes, white
    or grey bars. Each side is looked at within what the others leave."""
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
    """The largest upright rectangle inside a mask; all zero if there is none."""
    height, width = mask.shape
    step = max(1, max(mask.shape) // 320)
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
    return x, y, r, b


def common_box(source: Side, reference: Side, matrix: Matrix) -> Box:
    """Largest box of the Source's working picture where both sides show picture, less a small inset. matrix: in full
    pixels."""
    local = np.linalg.inv(reference.to_full()) @ matrix @ source.to_full()
    cover = laid_over(reference.live.astype(np.float32), local, source.size) > 0.99
    x, y, r, b = largest_box(cover & source.live)
    if r - x <= 4 * INSET or b - y <= 4 * INSET:
        return x, y, r, b
    return x + INSET, y + INSET, r - INSET, b - INSET


def nuke_box(box: Box, small: tuple[int, int], full: tuple[int, int]) -> tuple[int, int, int, int]:
    """A working box as x, y, r, t of the full frame, even numbers inside it. Sizes are (width, height)."""
    sx, sy = full[0] / small[0], full[1] / small[1]
    x, r = (np.ceil(box[0] * sx / 2) * 2, np.floor(box[2] * sx / 2) * 2)
    y, t = (np.ceil((full[1] - box[3] * sy) / 2) * 2, np.floor((full[1] - box[1] * sy) / 2) * 2)
    return int(x), int(y), int(max(r, x)), int(max(t, y))


def overlays(source: Side, reference: Side, matrix: Matrix) -> tuple[Overlay, ...]:
    """Subtitles and logos: thin strokes of strong contrast that one side has and the other has not, in groups.

    Found on the Source's working picture, with a margin around them. Strokes are what a small opening or closing takes
    away; what the other side shows near the same place, at its own contrast, is taken off.
    """
    local = np.linalg.inv(reference.to_full()) @ matrix @ source.to_full()
    moved = laid_over(reference.picture, local, source.size)
    cover = laid_over(reference.live.astype(np.float32), local, source.size) > 0.99
    inside = cv2.erode((cover & source.live).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    if inside.sum() < 1000:
        return ()
    reach = max(5, round(0.022 * source.size[1]) | 1)  # strokes of the frame's own edge stay out
    far_in = cv2.erode(
        inside.astype(np.uint8),
        np.ones((reach, reach), np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    ).astype(bool)
    planes = [cv2.GaussianBlur(np.clip(p, 0, 1).mean(-1), (0, 0), 0.8) for p in (source.picture, moved)]
    spread = [float(np.percentile(p[inside], 97) - np.percentile(p[inside], 3)) + 1e-3 for p in planes]
    strokes = [_strokes(p / s, source.size[1]) for p, s in zip(planes, spread, strict=True)]
    found = []
    for side, mine, other in (("Reference", strokes[1], strokes[0]), ("Source", strokes[0], strokes[1])):
        near = cv2.dilate(other, np.ones((7, 7), np.uint8))
        alone = ((mine - 2.0 * near) > 0.14) & far_in
        found += [Overlay(box, side) for box in _groups(alone, source.size)]
    return tuple(found)


def _strokes(plane: Any, height: int) -> Any:
    reach = max(5, round(0.022 * height) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    plane = plane.astype(np.float32)
    white = plane - cv2.morphologyEx(plane, cv2.MORPH_OPEN, kernel)
    black = cv2.morphologyEx(plane, cv2.MORPH_CLOSE, kernel) - plane
    return np.maximum(white, black)


def _groups(alone: Mask, size: tuple[int, int]) -> list[Box]:
    """Boxes around groups of strokes that are large and dense enough to be lettering."""
    width, height = size
    wide, tall = max(3, round(0.045 * height)), max(3, round(0.014 * height))
    clean = cv2.morphologyEx(alone.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    joined = cv2.dilate(clean, np.ones((tall, wide), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    pad = max(2, round(0.012 * height))
    found = []
    for label in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[label])
        drawn = int(clean[y : y + h, x : x + w].sum())
        if drawn < 0.00025 * width * height or not 0.02 * height < h < 0.25 * height or drawn < 0.04 * w * h:
            continue
        found.append((max(0, x - pad), max(0, y - pad), min(width, x + w + pad), min(height, y + h + pad)))
    return found


def richness(reference: Pixels) -> Pixels:
    """Worth of each pixel for learning colour, (height, width): chroma of the Reference, and a little besides."""
    picture = np.clip(reference, 0, 1)
    return np.asarray(0.15 + (picture.max(-1) - picture.min(-1)), np.float32)


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
    hit = [o.box for o in found if _overlap(o.box, box)][:4]
    total = cv2.integral(worth.astype(np.float64))
    best, kept = -1.0, None
    whole = (box[2] - box[0]) * (box[3] - box[1])
    for sides in product(range(4), repeat=len(hit)):
        x, y, r, b = box
        for side, (ox, oy, o_r, ob) in zip(sides, hit, strict=True):
            if side == 0:
                b = min(b, oy)
            elif side == 1:
                y = max(y, ob)
            elif side == 2:
                r = min(r, ox)
            else:
                x = max(x, o_r)
        if r <= x or b <= y or (r - x) * (b - y) < least * whole:
            continue
        value = float(total[b, r] - total[y, r] - total[b, x] + total[y, x])
        if value > best:
            best, kept = value, (x, y, r, b)
    return kept


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
