"""Numbers that judge a recovery. Every function says what it takes, in which unit the answer is, and its
source.

Display R'G'B' means sRGB-encoded values of Rec.709 primaries and white D65, 0-1. The YCbCr domain is that of
the graph's Colorspace node (``colour/ycbcr.py``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
from skimage.color import deltaE_ciede2000, rgb2lab

from ..colour.ycbcr import CB_DIVISOR, CR_DIVISOR, KB, KG, KR

__all__ = [
    "ColourError",
    "LumaIdentity",
    "chroma",
    "chroma_psnr",
    "ciede2000",
    "colour_error",
    "luma_identity",
]

Floats = npt.NDArray[np.floating[Any]]


ROWS = 16
"""Rows compared at once, which stay in the processor's cache."""


@attrs.frozen
class ColourError:
    """CIEDE2000 over pixels: mean and 95th percentile. 1 is about the least difference that is seen side by
    side."""

    mean: float
    p95: float


@attrs.frozen
class LumaIdentity:
    """|dY| in the YCbCr domain, in which the whole range of Y is 219/255 (about 0.859): max and mean over
    pixels. The workflow asks for a max below 1e-5."""

    max: float
    mean: float


def ciede2000(a: Floats, b: Floats) -> Floats:
    """Colour difference of each pixel, (height, width) float32, 0 and up.

    a, b: (height, width, 3) display R'G'B'; clipped to 0-1, which is what a display shows. CIE 142-2001 with
    kL = kC = kH = 1; Lab for D65, 2 degree observer. Symmetric to within rounding. Raises ValueError if the
    shapes differ.
    """
    if a.shape != b.shape:
        raise ValueError(f"pictures of {a.shape} and {b.shape} cannot be compared")
    lab = [rgb2lab(np.clip(x, 0.0, 1.0).astype(np.float64)) for x in (a, b)]
    difference: Floats = deltaE_ciede2000(lab[0], lab[1]).astype(np.float32)
    return difference


def colour_error(pictures: Sequence[Floats], truths: Sequence[Floats]) -> ColourError:
    """CIEDE2000 of pictures against truths, display R'G'B': the mean over pictures of each picture's mean,
    and of each picture's 95th percentile, so that every frame counts alike. Raises ValueError if there is
    none."""
    maps = [ciede2000(a, b) for a, b in zip(pictures, truths, strict=True)]
    if not maps:
        raise ValueError("no pictures to compare")
    means = [float(np.mean(m, dtype=np.float64)) for m in maps]
    highs = [float(np.percentile(m, 95)) for m in maps]
    return ColourError(sum(means) / len(means), sum(highs) / len(highs))


def chroma(rgb: Floats) -> Floats:
    """(Cb, Cr) of R'G'B' (..., 3), BT.601, full range -0.5..0.5."""
    values = rgb.astype(np.float64)
    luma = values @ np.array([KR, KG, KB])
    return np.stack([(values[..., 2] - luma) / CB_DIVISOR, (values[..., 0] - luma) / CR_DIVISOR], -1)


def chroma_psnr(a: Floats, b: Floats) -> float:
    """Peak signal-to-noise ratio of (Cb, Cr) in dB, peak 1 (the full span of Cb, Cr); infinite for equal
    chroma.

    a, b: (..., 3) R'G'B' in the same encoding.
    """
    mean = float(np.mean((chroma(a) - chroma(b)) ** 2))
    return math.inf if mean == 0 else -10 * math.log10(mean)


def luma_identity(a: Floats, b: Floats) -> LumaIdentity:
    """How far two Y pictures of the YCbCr domain are apart; same shape, any. Raises ValueError if the shapes
    differ or a value is not finite."""
    if a.shape != b.shape:
        raise ValueError(f"luma of {a.shape} and {b.shape} cannot be compared")
    most = total = 0.0
    for top in range(0, len(a), ROWS):
        away = a[top : top + ROWS].astype(np.float64)
        away -= b[top : top + ROWS]
        np.abs(away, out=away)
        most = float(away.max(initial=most))
        total += float(away.sum())
    if not math.isfinite(total):
        raise ValueError("luma holds values that are not finite")
    return LumaIdentity(most, total / a.size if a.size else 0.0)
