"""Pairs whose alignment is known: a real picture as a faded Source and as a degraded, moved Reference of it.

Both are looked at through cameras of their own, so the map between them is exact. The Source goes through the
demo's dye fading with grain; the Reference through contrast, saturation, blur, a small raster, JPEG, borders and
subtitles. Display-encoded R'G'B' 0..1, top row first.
"""

from __future__ import annotations

from typing import Any

import attrs
import cv2
import numpy as np

from .density import Array
from .fade import FADES, FadedScan
from .reference import DvdReference, Matrix

__all__ = ["KnownPair", "Overlay", "corner_errors", "known_pair", "scene"]

Box = tuple[int, int, int, int]


@attrs.frozen
class Overlay:
    """text: burned into the Reference; it may be empty. place: bottom, top or logo (upper right)."""

    text: str = ""
    place: str = "bottom"


@attrs.frozen(eq=False)
class KnownPair:
    """source, reference: (height, width, 3). matrix: 3x3 from pixels of the Source to pixels of the Reference,
    centres at whole numbers, y down. overlay: left, top, right, bottom of the text in the Reference, y down, None
    without. live: the same for the Reference's picture inside its borders."""

    source: Array
    reference: Array
    matrix: Matrix
    overlay: Box | None
    live: Box


def scene(picture: Array, width: int, height: int) -> Array:
    """The picture, cropped to the shape and scaled to a canvas that leaves room for cameras to move:
    12 % more at every side."""
    wide, high = round(1.24 * width), round(1.24 * height)
    h, w = picture.shape[:2]
    if w * high > h * wide:
        keep = round(h * wide / high)
        picture = picture[:, (w - keep) // 2 : (w - keep) // 2 + keep]
    else:
        keep = round(w * high / wide)
        picture = picture[(h - keep) // 2 : (h - keep) // 2 + keep]
    smaller = picture.shape[1] > wide
    scaled: Any = cv2.resize(
        picture, (wide, high), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    )
    return np.asarray(np.clip(scaled, 0, 1), np.float32)


def known_pair(
    canvas: Array,
    width: int,
    height: int,
    *,
    seed: int,
    fade: str = "strong",
    shift: float = 0.012,
    scale: float = 0.015,
    degrees: float = 0.6,
    perspective: float = 0.003,
    look: DvdReference | None = None,
    overlay: Overlay | None = None,
) -> KnownPair:
    """One pair from a canvas made by :func:`scene`.

    shift, perspective: largest movement of the frame and of each corner, shares of the height. scale, degrees:
    largest change of size and turn. look: raster, blur, quality, contrast, saturation and borders of the
    Reference (its own framing is not used). Same seed, same pixels.
    """
    look = look or DvdReference()
    chance = np.random.default_rng([seed, 0x9A12])
    x0, y0 = (canvas.shape[1] - width) / 2, (canvas.shape[0] - height) / 2
    still = np.array([[1, 0, x0], [0, 1, y0], [0, 0, 1.0]])
    angle = np.radians(chance.uniform(-degrees, degrees))
    size = 1 + chance.uniform(-scale, scale)
    dx, dy = chance.uniform(-shift, shift, 2) * height
    middle = np.array([[1, 0, -(width - 1) / 2], [0, 1, -(height - 1) / 2], [0, 0, 1.0]])
    turn = np.array(
        [
            [size * np.cos(angle), -size * np.sin(angle), dx],
            [size * np.sin(angle), size * np.cos(angle), dy],
            [0, 0, 1],
        ]
    )
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    bent = cv2.getPerspectiveTransform(
        corners, corners + chance.uniform(-1, 1, (4, 2)).astype(np.float32) * perspective * height
    )
    matrix = np.linalg.inv(middle) @ turn @ middle @ bent
    source = _seen(canvas, still, width, height)
    moved = _seen(canvas, still @ np.linalg.inv(matrix), width, height)
    faded = FadedScan(FADES[fade], width, height, seed=seed)(source, seed)
    reference, box = _degraded(moved, look, overlay)
    matrix = np.asarray(matrix / matrix[2, 2], np.float64)
    return KnownPair(faded, reference, matrix, box, look.live_area(width, height))


def corner_errors(found: Matrix, true: Matrix, width: int, height: int) -> Array:
    """Distances, in pixels of the Reference, between where two maps take the corners of the Source's frame."""
    corners = np.array([[[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]], np.float64)
    a, b = (cv2.perspectiveTransform(corners, m)[0] for m in (found, true))
    return np.asarray(np.linalg.norm(a - b, axis=1), np.float32)


def _seen(canvas: Array, camera: Matrix, width: int, height: int) -> Array:
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    return np.asarray(
        np.clip(cv2.warpPerspective(canvas, camera, (width, height), flags=flags), 0, 1), np.float32
    )


def _degraded(picture: Array, look: DvdReference, overlay: Overlay | None) -> tuple[Array, Box | None]:
    still = attrs.evolve(look, shift=(0.0, 0.0), scale=1.0, degrees=0.0)
    height, width = picture.shape[:2]
    box = None
    if overlay is not None and overlay.text:
        picture = picture.copy()
        box = _written(picture, overlay, look.live_area(width, height))
    return still(picture), box


def _written(picture: Array, overlay: Overlay, live: Box) -> Box:
    """Draws white letters with a dark edge, as subtitles are; the box around them."""
    left, top, right, bottom = live
    height = picture.shape[0]
    logo = overlay.place == "logo"
    size, stroke = (
        (height / 900, max(1, round(height / 400))) if logo else (height / 650, max(2, round(height / 300)))
    )
    (wide, high), below = cv2.getTextSize(overlay.text, cv2.FONT_HERSHEY_SIMPLEX, size, stroke)
    x = right - wide - (right - left) // 20 if logo else (left + right - wide) // 2
    y = top + high + height // 16 if logo or overlay.place == "top" else bottom - height // 14
    for value, wide_by in ((0.02, max(2, height // 270)), (0.92, 0)):
        drawn = np.zeros(picture.shape[:2], np.uint8)
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(drawn, overlay.text, (x, y), font, size, 255, stroke + wide_by, cv2.LINE_AA)
        cover = (drawn.astype(np.float32) / 255)[..., None]
        picture += cover * (np.float32(value) - picture)
    return x, y - high - stroke, x + wide, y + below
