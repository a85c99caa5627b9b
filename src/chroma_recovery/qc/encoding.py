"""From the working space to R'G'B' of the YCbCr domain, in which frames are measured, and from there to the display."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import cv2
import numpy as np

from ..colour.ycbcr import BREAK, GAMMA, LINEAR_SLOPE, SCALE, SHIFT
from ..engine.evaluate import Evaluator
from ..engine.image import Pixels

__all__ = ["WIDE", "Bring", "as_given", "encoding_of", "srgb"]

WIDE = 1536
"""Pixels across from which a frame is worked through in strips, and its curve made by logarithms."""

ROWS = 8
"""Rows that are encoded at once, which stay in the processor's cache."""


class Bring(Protocol):
    """Takes rows (height, width, 3) to R'G'B', pixel by pixel. room: float32 (2, height or more, width, 3) that may be
    used, and in which the result may lie."""

    def __call__(self, picture: Pixels, room: Pixels | None = None, /) -> Pixels: ...


def as_given(picture: Pixels, room: Pixels | None = None) -> Pixels:
    """No change."""
    return picture


def encoding_of(evaluator: Evaluator, domain: str) -> tuple[Bring, Callable[[Pixels], Pixels]]:
    """From the working space to R'G'B' of the YCbCr domain, and from there to the display."""
    colour = evaluator.colour
    if domain == "log":
        return (
            lambda p, room=None: colour.convert(p, colour.working, "acescct"),
            lambda p: colour.convert(p, "acescct", "srgb-texture"),
        )
    if domain == "aces-odt":
        odt = evaluator.graph.knobs("To_training_domain")
        return (
            lambda p, room=None: colour.display(p, colour.working, str(odt["display"]), str(odt["view"])),
            as_given,
        )
    return srgb, lambda p: colour.convert(_light(p), colour.working, "srgb-texture")


def srgb(linear: Pixels, room: Pixels | None = None) -> Pixels:
    """The sRGB curve, odd below 0, in float32: within 1e-6 of ``engine.ycbcr.encode`` from -0.5 to 2, several times as
    quick. Its two pieces meet, so each stands still beyond that place, and their sum needs no choice."""
    height = len(linear)
    code = np.empty(linear.shape, np.float32) if room is None else room[0, :height]
    feet = np.empty((min(ROWS, height), *linear.shape[1:]), np.float32) if room is None else room[1]
    power = _power if linear.shape[1] >= WIDE else cv2.pow
    for top in range(0, height, ROWS):
        given, part = linear[top : top + ROWS], code[top : top + ROWS]
        foot = feet[: len(given)]
        signed = float(given.min(initial=0.0)) < -BREAK
        size = np.abs(given) if signed else given
        np.maximum(size, np.float32(BREAK), out=part)
        power(part, 1 / GAMMA, part)
        np.minimum(size, np.float32(BREAK), out=foot)
        cv2.addWeighted(part, SCALE, foot, LINEAR_SLOPE, -SHIFT - LINEAR_SLOPE * BREAK, part)
        if signed:
            np.copysign(part, given, out=part)
    return code


def _light(code: Pixels) -> Pixels:
    """The way back, for small pictures."""
    meet = np.float32(LINEAR_SLOPE * BREAK)
    size = np.abs(code)
    light = np.maximum(size, meet)
    light += np.float32(SHIFT)
    light *= np.float32(1 / SCALE)
    cv2.pow(light, GAMMA, light)
    np.minimum(size, meet, out=size)
    cv2.addWeighted(light, 1, size, 1 / LINEAR_SLOPE, -BREAK, light)
    return np.copysign(light, code, out=light)


def _power(values: Pixels, exponent: float, into: Pixels) -> None:
    """Positive values to a power, to 5e-7 of themselves; several times as quick as OpenCV's own power."""
    cv2.log(values, dst=into)
    into *= np.float32(exponent)
    cv2.exp(into, dst=into)
