"""Half floats to float32, exactly, and several times as quick as numpy does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .image import Pixels

__all__ = ["CODES", "looked_up", "table_of", "widened"]

CODES = 1 << 16
"""How many half floats there are."""

ROWS = 64
"""Rows done at once, which stay in the processor's cache."""

SIGN_AND_REST = np.int32(-0x70002000)
"""The bits 0x8FFFE000: sign, and a half float's exponent and fraction in the places that float32 has for them."""

BIAS = np.float32(2.0**112)
"""Between the two exponents' zeros. Numbers below half's smallest normal one come out right too."""


def widened(half: npt.NDArray[np.float16], out: Pixels | None = None) -> Pixels:
    """Finite half floats (rows, ...) as float32, into ``out`` where it is given (C-contiguous)."""
    made: Pixels = np.empty(half.shape, np.float32) if out is None else out
    codes, bits = half.view(np.int16), made.view(np.int32)
    for top in range(0, len(half), ROWS):
        part, bit = made[top : top + ROWS], bits[top : top + ROWS]
        np.copyto(bit, codes[top : top + ROWS])
        np.left_shift(bit, 13, out=bit)
        np.bitwise_and(bit, SIGN_AND_REST, out=bit)
        np.multiply(part, BIAS, out=part)
    return made


def table_of(curve: Callable[[Pixels], None]) -> Pixels:
    """(CODES,) what a curve, which works in place, makes of every half float, by its bits."""
    every = np.arange(CODES, dtype=np.uint16).view(np.float16).astype(np.float32)
    every[~np.isfinite(every)] = 0.0
    curve(every)
    return every


def looked_up(table: Pixels, half: Any, out: Pixels) -> None:
    """A curve of half floats by its table, into ``out``."""
    np.take(table, half.view(np.uint16), out=out, mode="clip")
