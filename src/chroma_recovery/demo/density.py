"""Display values and optical density: the domain in which dyes add up.

A display value V (sRGB transfer, IEC 61966-2-1) stands for a transmittance T = 10^-D of the projected print.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["DENSEST", "Array", "decode", "density", "encode", "from_density"]

Array = npt.NDArray[np.float32]

DENSEST = 3.2
"""Largest density told apart, about a projection print's; display values below 0.0082 become this."""


def decode(display: Array) -> Array:
    """Linear light 0..1 of display-encoded values 0..1, any shape (IEC 61966-2-1)."""
    value = np.asarray(display, np.float32)
    return np.where(value <= 0.04045, value / np.float32(12.92), ((value + 0.055) / 1.055) ** np.float32(2.4))


def encode(linear: Array) -> Array:
    """Display-encoded values of linear light, any shape; negative light becomes 0 (IEC 61966-2-1)."""
    light = np.maximum(np.asarray(linear, np.float32), np.float32(0))
    return np.where(
        light <= 0.0031308,
        light * np.float32(12.92),
        1.055 * light ** np.float32(1 / 2.4) - np.float32(0.055),
    )


def density(display: Array) -> Array:
    """Density 0..DENSEST of display-encoded values 0..1, any shape."""
    return -np.log10(np.clip(decode(display), np.float32(10.0**-DENSEST), np.float32(1)))


def from_density(value: Array) -> Array:
    """Display-encoded values of densities, any shape; densities below 0 give values above 1."""
    return encode(np.float32(10) ** -np.asarray(value, np.float32))
