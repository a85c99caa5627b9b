"""Nuke's Colorspace node, RGB (linear) to YCbCr and YPbPr: constants and scalar reference functions.

The formula is inferred, not measured in a Nuke: linear R, G, B are sRGB-encoded (IEC 61966-2-1), then the
BT.601 matrix applies; primaries are not converted, so values of a wider gamut are used as they are. YCbCr
is scaled to the video range (luma 16-235, chroma 16-240 of 255, chroma centre 128/255); YPbPr is full range
with chroma centred on 0. Sources: the openfx-misc ColorTransform plug-in, which set out to match Nuke; the
BT.601 studio-swing example of Foundry's NDK; public node trees that treat the chroma centre as 0.5.

Outside 0..1 Nuke's behaviour is unknown. Here the transfer curve is extended as an odd function (``f(-x) =
-f(x)``) and its power law goes on above 1, so that every real value converts and comes back. The two pieces
of the curve meet exactly (at BREAK, 1.3e-7 below the standard's rounded 0.0031308), which makes it
continuous and invertible.

Probe values for a seat with Nuke (white, 18 % grey, red, an orange):

>>> [round(c, 5) for c in rgb_to_ycbcr(1.0, 1.0, 1.0)]
[0.92157, 0.50196, 0.50196]
>>> [round(c, 5) for c in rgb_to_ycbcr(0.18, 0.18, 0.18)]
[0.45897, 0.50196, 0.50196]
>>> [round(c, 5) for c in rgb_to_ycbcr(1.0, 0.0, 0.0)]
[0.31953, 0.35374, 0.94118]
>>> [round(c, 5) for c in rgb_to_ycbcr(0.9, 0.45, 0.1)]
[0.69569, 0.30972, 0.63836]
>>> round(rgb_to_ypbpr(0.18, 0.18, 0.18)[0], 5)
0.46136
"""

from __future__ import annotations

import math

__all__ = [
    "BREAK",
    "CB_DIVISOR",
    "CHROMA_OFFSET",
    "CHROMA_SCALE",
    "CR_DIVISOR",
    "KB",
    "KG",
    "KR",
    "LUMA_OFFSET",
    "LUMA_SCALE",
    "rgb_to_ycbcr",
    "rgb_to_ypbpr",
    "srgb_decode",
    "srgb_encode",
    "ycbcr_to_rgb",
    "ypbpr_to_rgb",
]

KR, KG, KB = 0.299, 0.587, 0.114
"""Luma weights of BT.601; they sum to 1."""

CB_DIVISOR = 1.772
"""2 * (1 - KB): brings B - Y to -0.5..0.5."""

CR_DIVISOR = 1.402
"""2 * (1 - KR): brings R - Y to -0.5..0.5."""

LUMA_OFFSET, LUMA_SCALE = 16 / 255, 219 / 255
"""Video range of Y: 16..235 of 255."""

CHROMA_OFFSET, CHROMA_SCALE = 128 / 255, 224 / 255
"""Video range of Cb and Cr: 16..240 of 255, centre 128/255."""

LINEAR_SLOPE, GAMMA, SCALE, SHIFT = 12.92, 2.4, 1.055, 0.055
"""Constants of the sRGB curve."""

BREAK = 0.003130668442500563
"""Linear value where the two pieces of the sRGB curve meet."""


def srgb_encode(value: float) -> float:
    """Linear to sRGB-encoded; odd for negatives, power law above 1."""
    size = abs(value)
    code = LINEAR_SLOPE * size if size <= BREAK else SCALE * size ** (1 / GAMMA) - SHIFT
    return math.copysign(code, value)


def srgb_decode(code: float) -> float:
    """Inverse of :func:`srgb_encode`."""
    size = abs(code)
    value = size / LINEAR_SLOPE if size <= LINEAR_SLOPE * BREAK else ((size + SHIFT) / SCALE) ** GAMMA
    return math.copysign(value, code)


def rgb_to_ypbpr(red: float, green: float, blue: float) -> tuple[float, float, float]:
    """Linear RGB to (Y, Pb, Pr): Y 0..1, Pb and Pr -0.5..0.5 for RGB in 0..1."""
    r, g, b = srgb_encode(red), srgb_encode(green), srgb_encode(blue)
    luma = KR * r + KG * g + KB * b
    return luma, (b - luma) / CB_DIVISOR, (r - luma) / CR_DIVISOR


def ypbpr_to_rgb(luma: float, pb: float, pr: float) -> tuple[float, float, float]:
    """Inverse of :func:`rgb_to_ypbpr`."""
    r = luma + CR_DIVISOR * pr
    b = luma + CB_DIVISOR * pb
    g = (luma - KR * r - KB * b) / KG
    return srgb_decode(r), srgb_decode(g), srgb_decode(b)


def rgb_to_ycbcr(red: float, green: float, blue: float) -> tuple[float, float, float]:
    """Linear RGB to (Y, Cb, Cr): Y 16/255..235/255, Cb and Cr 16/255..240/255 for RGB in 0..1."""
    luma, pb, pr = rgb_to_ypbpr(red, green, blue)
    return (
        LUMA_OFFSET + LUMA_SCALE * luma,
        CHROMA_OFFSET + CHROMA_SCALE * pb,
        CHROMA_OFFSET + CHROMA_SCALE * pr,
    )


def ycbcr_to_rgb(luma: float, cb: float, cr: float) -> tuple[float, float, float]:
    """Inverse of :func:`rgb_to_ycbcr`."""
    return ypbpr_to_rgb(
        (luma - LUMA_OFFSET) / LUMA_SCALE,
        (cb - CHROMA_OFFSET) / CHROMA_SCALE,
        (cr - CHROMA_OFFSET) / CHROMA_SCALE,
    )
