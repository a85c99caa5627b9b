"""Colour maths of the Colorspace and Log2Lin nodes on whole pictures; formulas and sources in
``colour/ycbcr.py``.

All functions take and give float32 and compute in float64, so that a round trip stays below 1e-6 for values
in 0..1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..colour import ycbcr as c
from .image import Pixels

__all__ = ["decode", "encode", "lin_to_log", "log_to_lin", "luma", "supported"]

Floats = npt.NDArray[np.float64]

ROWS = 8
"""Rows computed at once in float64, in room that is used again for the next: what the system has to hand out anew costs
more than the sums."""


def _by_opencv(work: Callable[..., Any], x: Floats, *more: float) -> Floats:
    """OpenCV's functions of single numbers, in place, are several times as quick as numpy's, and within 1e-15 of
    them."""
    return (
        np.asarray(work(x.reshape(-1, 1), *more, x.reshape(-1, 1)), np.float64).reshape(x.shape)
        if x.size
        else x
    )


def _raised(x: Floats, exponent: float) -> Floats:
    return _by_opencv(cv2.pow, x, exponent)


def _odd(curve: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    def whole(x: Floats) -> Floats:
        if not x.min(initial=0.0) < 0:
            return curve(x)
        code = curve(np.abs(x))
        return np.copysign(code, x, out=code)

    return whole


def _srgb_encode(x: Floats) -> Floats:
    """The curve's two pieces meet, so each stands still beyond that place, and their sum needs no choice."""
    code = _raised(np.maximum(x, c.BREAK), 1 / c.GAMMA)
    code *= c.SCALE
    code -= _FOOT
    linear = np.minimum(x, c.BREAK, out=x)
    linear *= c.LINEAR_SLOPE
    code += linear
    return code


def _srgb_decode(x: Floats) -> Floats:
    code = np.maximum(x, _MEET)
    code += c.SHIFT
    code /= c.SCALE
    code = _raised(code, c.GAMMA)
    code -= _DARK
    linear = np.minimum(x, _MEET, out=x)
    linear /= c.LINEAR_SLOPE
    code += linear
    return code


_MEET = c.LINEAR_SLOPE * c.BREAK
_FOOT = float(_raised(np.array([c.BREAK]), 1 / c.GAMMA)[0] * c.SCALE)
_DARK = float(_raised(np.array([(_MEET + c.SHIFT) / c.SCALE]), c.GAMMA)[0])
"""The power pieces where the two meet, to the last bit, so that black stays black."""


def _rec709_encode(x: Floats) -> Floats:
    return np.where(x < 0.018053968510807, 4.5 * x, 1.09929682680944 * _raised(x, 0.45) - 0.09929682680944)


def _rec709_decode(x: Floats) -> Floats:
    return np.where(
        x < 4.5 * 0.018053968510807, x / 4.5, _raised((x + 0.09929682680944) / 1.09929682680944, 1 / 0.45)
    )


def _power(gamma: float) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    return lambda x: _raised(x, 1 / gamma), lambda x: _raised(x, gamma)


_CURVES: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "sRGB": (_srgb_encode, _srgb_decode),
    "rec709": (_rec709_encode, _rec709_decode),
    "1.80": _power(1.8),
    "2.20": _power(2.2),
    "2.40": _power(2.4),
    "2.60": _power(2.6),
}
"""Per-channel encodings: (linear to code, code to linear), continued as odd functions below 0."""

_FROM_RGB = np.array(
    [
        [c.KR, c.KG, c.KB],
        [-c.KR / c.CB_DIVISOR, -c.KG / c.CB_DIVISOR, (1 - c.KB) / c.CB_DIVISOR],
        [(1 - c.KR) / c.CR_DIVISOR, -c.KG / c.CR_DIVISOR, -c.KB / c.CR_DIVISOR],
    ]
)
_TO_RGB = np.linalg.inv(_FROM_RGB)
_SCALES = np.array([c.LUMA_SCALE, c.CHROMA_SCALE, c.CHROMA_SCALE])
_OFFSETS = np.array([c.LUMA_OFFSET, c.CHROMA_OFFSET, c.CHROMA_OFFSET])


def supported() -> tuple[str, ...]:
    """Spaces that :func:`encode` and :func:`decode` know, as the Colorspace node stores them."""
    return ("RGB", *_CURVES, "YPbPr", "YCbCr")


def _mixed(rgb: Floats, matrix: Floats, offsets: Floats | None = None) -> Floats:
    """Colours (rows, columns, 3) through a matrix, then moved."""
    whole = matrix if offsets is None else np.concatenate([matrix, offsets[:, None]], 1)
    mixed = cv2.transform(rgb, whole) if rgb.size else rgb[..., : len(matrix)]
    return np.asarray(mixed, np.float64)


def _rows(rgb: Any, work: Callable[[Floats], Floats], channels: int = 3) -> Pixels:
    """work: may change what it is given."""
    out = np.empty((*rgb.shape[:-1], channels), np.float32)
    room = np.empty((ROWS, *rgb.shape[1:]), np.float64)
    for top in range(0, rgb.shape[0], ROWS):
        given = rgb[top : top + ROWS]
        part = room[: len(given)]
        np.copyto(part, given)
        out[top : top + ROWS] = work(part)
    return out


def encode(rgb: Pixels, space: str) -> Pixels:
    """Linear RGB (..., 3) to a space; first axis rows."""
    if space == "RGB":
        return rgb
    if space in _CURVES:
        return _rows(rgb, _odd(_CURVES[space][0]))
    curve = _odd(_srgb_encode)
    if space == "YPbPr":
        return _rows(rgb, lambda x: _mixed(curve(x), _FROM_RGB))
    if space == "YCbCr":
        matrix = _FROM_RGB * _SCALES[:, None]
        return _rows(rgb, lambda x: _mixed(curve(x), matrix, _OFFSETS))
    raise KeyError(space)


def decode(code: Pixels, space: str) -> Pixels:
    """Inverse of :func:`encode`."""
    if space == "RGB":
        return code
    if space in _CURVES:
        return _rows(code, _odd(_CURVES[space][1]))
    curve = _odd(_srgb_decode)
    if space == "YPbPr":
        return _rows(code, lambda x: curve(_mixed(x, _TO_RGB)))
    if space == "YCbCr":
        matrix = _TO_RGB / _SCALES[None, :]
        return _rows(code, lambda x: curve(_mixed(x, matrix, -matrix @ _OFFSETS)))
    raise KeyError(space)


def luma(rgb: Pixels) -> Pixels:
    """Y of the YCbCr domain (16/255..235/255 for RGB in 0..1), (height, width), of linear RGB."""
    curve, weights = _odd(_srgb_encode), _FROM_RGB[:1] * _SCALES[0]
    return _rows(rgb, lambda x: _mixed(curve(x), weights, _OFFSETS[:1])[..., None], 1)[..., 0]


CINEON_STEP = 0.002
"""Density per code value of the Cineon printing-density scale."""


def _single(values: Any) -> Any:
    """One number where the channels agree, which is quicker."""
    found = np.asarray(values, np.float64)
    return found.flat[0] if found.size and (found == found.flat[0]).all() else found


def log_to_lin(code: Pixels, black: Any, white: Any, gamma: Any) -> Pixels:
    """Cineon: 10-bit code / 1023 to linear, code ``white`` -> 1 and ``black`` -> 0.

    lin = (10^((1023 v - white) 0.002 / gamma) - o) / (1 - o), o = 10^((black - white) 0.002 / gamma); per
    channel.
    """
    black, white, gamma = (_single(v) for v in (black, white, gamma))
    offset = 10 ** ((black - white) * CINEON_STEP / gamma)
    slope = CINEON_STEP / gamma * np.log(10)

    def work(x: Floats) -> Floats:
        x *= 1023 * slope
        x -= white * slope
        x = _by_opencv(cv2.exp, x)
        x -= offset
        x /= 1 - offset
        return x

    return _rows(code, work)


def lin_to_log(linear: Pixels, black: Any, white: Any, gamma: Any) -> Pixels:
    """Inverse of :func:`log_to_lin`; values at or below the curve's foot become code 0 of its logarithm's
    floor (1e-10)."""
    black, white, gamma = (_single(v) for v in (black, white, gamma))
    offset = 10 ** ((black - white) * CINEON_STEP / gamma)

    def work(x: Floats) -> Floats:
        x *= 1 - offset
        x += offset
        x = _by_opencv(cv2.log, np.maximum(x, 1e-10, out=x))
        x *= gamma / (CINEON_STEP * np.log(10) * 1023)
        x += white / 1023
        return x

    return _rows(linear, work)
