"""Subtitles, titles and logos: thin strokes of strong contrast that one side of a pair has and the other has not.

Strokes are what a small opening or closing takes away, light and dark ones apart. Strong ones found in groups are
seeds; faint ones count beside a seed, as the rest of its line and the lines around it, or where they lie in a row like
letters on a calm ground. What the other side would show, through the curve that leads from its colours to this side's
brightness, is no lettering: fading turns a colour into a stroke, or flattens one. Larger things than lettering stay
found. Boxes are left, top, right, bottom on the Source's working picture, y down, right and bottom excluded.
"""

from __future__ import annotations

from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.comparison import Mask, Matrix
from .alignment import Side
from .tiles import grey
from .tones import toned

__all__ = ["Box", "Overlay", "overlays"]

Box = tuple[int, int, int, int]

STRONG = 0.14
"""Contrast of a stroke, as a share of the side's contrast, that needs no neighbours."""

FAINT = 0.015
"""The least that counts beside a seed; more where the side's own grain is stronger."""

TIMES = 2.0
LESS = 1.25
"""What the other side shows near the same place counts by this much, for strong and for faint strokes: one side may be
that much sharper."""


TALL = 0.16
"""Share of the height beyond which a thing is larger than lettering."""


@attrs.frozen
class Overlay:
    """Something burned into one side. box: on the Source's working picture. side: Source or Reference."""

    box: Box
    side: str


def overlays(source: Side, reference: Side, matrix: Matrix) -> tuple[Overlay, ...]:
    """What is burned into one side only, with a margin around it. matrix: Source to Reference, in full pixels."""
    moved, cover = source.under(reference, matrix)
    inside = cv2.erode((cover & source.live).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    if inside.sum() < 1000:
        return ()
    height = source.size[1]
    reach = max(5, round(0.022 * height) | 1)  # strokes of the frame's own edge stay out
    far_in = cv2.erode(
        inside.astype(np.uint8),
        np.ones((reach, reach), np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    ).astype(bool)
    colours = [np.clip(p, 0, 1) for p in (source.picture, moved)]
    greys = [grey(c) for c in colours]
    strokes = [_strokes(g, g, inside, reach) for g in greys]
    found = []
    for side, mine, other in (("Reference", 1, 0), ("Source", 0, 1)):
        answer = toned(greys[mine], colours[other], inside)
        expected = _strokes(answer, greys[mine], inside, reach)
        both = [np.maximum(*pair) for pair in zip(strokes[other], expected, strict=True)]
        plain = _lettering(side, strokes[mine], strokes[other], far_in, source.size)
        boxes = [
            b for b in plain if b[3] - b[1] > TALL * height
        ]  # a splice, something in front: no curve explains it
        if len(boxes) < len(plain):
            boxes += _lettering(side, strokes[mine], (both[0], both[1]), far_in, source.size)
        found += [Overlay(box, side) for box in boxes]
    return tuple(found)


def _strokes(plane: Any, measure: Any, inside: Mask, reach: int) -> tuple[Any, Any]:
    """Light and dark strokes of a brightness, (height, width) each, as shares of the contrast that another has."""
    low, high = np.percentile(cv2.GaussianBlur(measure, (0, 0), 0.8)[inside], (3, 97))
    plane = (cv2.GaussianBlur(plane, (0, 0), 0.8) / (high - low + 1e-3)).astype(np.float32)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    light = plane - cv2.morphologyEx(plane, cv2.MORPH_OPEN, kernel)
    dark = cv2.morphologyEx(plane, cv2.MORPH_CLOSE, kernel) - plane
    return light, dark


def _lettering(
    side: str, mine: tuple[Any, Any], other: tuple[Any, Any], inside: Mask, size: tuple[int, int]
) -> list[Box]:
    """Boxes of one side's lettering. Faint logos are a matter of video: a film's own lettering is strong, and its
    shadows may hold more than the Reference shows."""
    near = [cv2.dilate(o, np.ones((7, 7), np.uint8)) for o in other]
    close = [cv2.dilate(o, np.ones((5, 5), np.uint8)) for o in other]
    either = np.maximum(*mine) - TIMES * np.maximum(*near)
    apart = np.maximum(mine[0] - LESS * close[0], mine[1] - LESS * close[1])
    calm = np.maximum(*mine)[inside & (np.maximum(*near) < 0.05)]
    grain = float(np.percentile(calm, 90)) if calm.size > 500 else STRONG
    weak = float(np.clip(1.4 * grain, FAINT, STRONG))
    seeds = [g for g in _groups((either > STRONG) & inside, size) if g.solid]
    faint = _groups((apart > weak) & inside, size)
    sure = faint if side == "Reference" else _groups((apart > 2.5 * weak) & inside, size)
    rows = [g for g in sure if g.dense(size)]
    boxes = [g.box for g in (*seeds, *rows)]
    height = size[1]
    for _ in range(4):
        grown = [_with_neighbours(b, faint, height) for b in boxes]
        if grown == boxes:
            break
        boxes = grown
    pad = max(2, round(0.012 * height))
    return sorted(
        {
            (max(0, x - pad), max(0, y - pad), min(size[0], r + pad), min(height, b + pad))
            for x, y, r, b in boxes
        }
    )


@attrs.frozen
class _Group:
    """Strokes that lie close together. drawn: their pixels. solid: large and dense enough for strong ones."""

    box: Box
    drawn: int
    solid: bool

    def dense(self, size: tuple[int, int]) -> bool:
        """Filled as lettering fills its lines, and no taller: what grain and texture leave over is sparse."""
        x, y, r, b = self.box
        wide, tall = r - x, b - y
        shaped = 0.02 * size[1] < tall < 0.2 * size[1] and wide > 1.2 * tall
        return shaped and self.drawn > max(0.0005 * size[0] * size[1], 0.12 * wide * tall)


def _groups(alone: Mask, size: tuple[int, int]) -> list[_Group]:
    """Strokes joined as letters stand in a line."""
    width, height = size
    wide, tall = max(3, round(0.045 * height)), max(3, round(0.014 * height))
    clean = cv2.morphologyEx(alone.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    joined = cv2.dilate(clean, np.ones((tall, wide), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for label in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[label])
        drawn = int(clean[y : y + h, x : x + w].sum())
        if h > 0.25 * height or drawn < 0.00002 * width * height:
            continue
        solid = drawn >= 0.00025 * width * height and h > 0.02 * height and drawn >= 0.04 * w * h
        found.append(_Group((x, y, x + w, y + h), drawn, solid))
    return found


def _with_neighbours(box: Box, faint: list[_Group], height: int) -> Box:
    """The box and what faint strokes beside it add: the rest of its line, and lines as tall right above and below."""
    x, y, r, b = box
    tall = min(b - y, round(0.09 * height))
    for group in faint:
        gx, gy, gr, gb = group.box
        if gb - gy > 1.6 * max(b - y, tall) or gb - gy > 0.16 * height:
            continue
        beside = gx < r + tall and gr > x - tall and gy < b and gb > y
        above = gx < r and gr > x and gy < b + 0.5 * tall and gb > y - 0.5 * tall
        enough = group.drawn > 0.08 * (gr - gx) * (gb - gy) and max(b, gb) - min(y, gy) < 0.24 * height
        if enough and (beside or (above and group.solid)):
            x, y, r, b = min(x, gx), min(y, gy), max(r, gr), max(b, gb)
    return x, y, r, b
