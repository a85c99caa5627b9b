"""Working-space RGB to Y'CbCr and back on tensors, and the recombination that leaves Y' alone.

The formula is that of the graph's Colorspace node: sRGB encoding of the values as they are, BT.601 matrix;
here in full range (Y' 0..1, Cb and Cr -0.5..0.5) and float32 without rounding. Tensors are channel first:
(..., 3, h, w).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ...colour.ycbcr import BREAK, CB_DIVISOR, CR_DIVISOR, GAMMA, KB, KG, KR, LINEAR_SLOPE, SCALE, SHIFT

__all__ = ["decode", "encode", "recombine", "to_rgb", "to_ycc"]


def encode(rgb: Tensor) -> Tensor:
    """Scene-linear to sRGB-encoded; an odd function, so negative values mirror positive ones."""
    size = rgb.abs()
    out = torch.where(
        size <= BREAK, size * LINEAR_SLOPE, size.clamp_min(BREAK).pow(1 / GAMMA) * SCALE - SHIFT
    )
    return torch.copysign(out, rgb)


def decode(rgb: Tensor) -> Tensor:
    """Inverse of :func:`encode`."""
    size = rgb.abs()
    out = torch.where(size <= BREAK * LINEAR_SLOPE, size / LINEAR_SLOPE, ((size + SHIFT) / SCALE).pow(GAMMA))
    return torch.copysign(out, rgb)


def to_ycc(encoded: Tensor) -> Tensor:
    """Encoded R'G'B' to (Y', Cb, Cr)."""
    r, g, b = encoded.unbind(-3)
    y = KR * r + KG * g + KB * b
    return torch.stack([y, (b - y) / CB_DIVISOR, (r - y) / CR_DIVISOR], -3)


def to_rgb(y: Tensor, chroma: Tensor) -> Tensor:
    """Y' (..., h, w) and (Cb, Cr) (..., 2, h, w) to encoded R'G'B'."""
    cb, cr = chroma.unbind(-3)
    return torch.stack(
        [
            y + CR_DIVISOR * cr,
            y - (KB * CB_DIVISOR / KG) * cb - (KR * CR_DIVISOR / KG) * cr,
            y + CB_DIVISOR * cb,
        ],
        -3,
    )


def recombine(encoded: Tensor, chroma: Tensor) -> Tensor:
    """The Source's Y' with new chroma, as encoded R'G'B'.

    Where a component would leave 0..1, chroma is scaled down at constant Y' just far enough. A Source pixel
    that lies outside 0..1 itself widens the limits to its own least and greatest component, so that nothing
    is clipped. encoded: the Source's R'G'B'. chroma: the predicted (Cb, Cr).
    """
    y = KR * encoded[..., 0, :, :] + KG * encoded[..., 1, :, :] + KB * encoded[..., 2, :, :]
    low = encoded.amin(-3).clamp_max(0.0)
    high = encoded.amax(-3).clamp_min(1.0)
    away = to_rgb(torch.zeros_like(y), chroma)
    up = away.amax(-3).clamp_min(1e-12)
    down = away.amin(-3).clamp_max(-1e-12)
    share = torch.minimum((high - y) / up, (low - y) / down).clamp(0.0, 1.0)
    full = y.unsqueeze(-3) + share.unsqueeze(-3) * away
    return torch.maximum(torch.minimum(full, high.unsqueeze(-3)), low.unsqueeze(-3))
