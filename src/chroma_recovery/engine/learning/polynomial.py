"""Polynomials in three colours and smooth surfaces over the frame: what the network's base is made of."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["COLUMNS", "DEGREES", "LOWER", "ROWS", "TERMS", "bumps", "nested", "terms"]

TERMS = 20
"""Of a polynomial of third degree in three colours."""

LOWER = 10
"""Terms up to second degree."""

DEGREES = (0, *[1] * 3, *[2] * 6, *[3] * 10)
"""Degree of each term, in the order of :func:`terms`."""

ROWS, COLUMNS = 16, 24
"""Bumps along the height and the width of the frame; sums of them are the surfaces."""


def terms(colour: Tensor) -> Tensor:
    """(b, 3, ...) -> (b, TERMS, ...)."""
    u, v, w = colour.unbind(1)
    uu, uv, uw, vv, vw, ww = u * u, u * v, u * w, v * v, v * w, w * w
    found = [torch.ones_like(u), u, v, w, uu, uv, uw, vv, vw, ww]
    found += [uu * u, uu * v, uu * w, uv * v, uv * w, uw * w, vv * v, vv * w, vw * w, ww * w]
    return torch.stack(found, 1)


def nested(weight: Tensor) -> Tensor:
    """(2, TERMS) -> (8, LOWER): p = a + u b + v c + w d, each of the four on the terms up to second degree."""
    out = torch.zeros(4, 2, LOWER)
    out[0] = weight[:, :LOWER]
    cubic = weight[:, LOWER:]
    out[1, :, 4:10] = cubic[:, 0:6]
    out[2, :, 7:10] = cubic[:, 6:9]
    out[3, :, 9] = cubic[:, 9]
    return out.view(8, LOWER)


def bumps(place: Tensor, count: int) -> Tensor:
    """Quadratic B-splines on ``count - 2`` equal intervals: (b, n) places, -1..1 over the frame -> (b, count, n).
    At every place three of them differ from zero, and all add up to 1."""
    middle = torch.arange(count, dtype=place.dtype, device=place.device)[:, None] - 0.5
    away = ((place + 1) * (count / 2 - 1))[:, None, :].sub(middle).abs()
    return (1.5 - away).clamp_min(0) ** 2 / 2 - 1.5 * (0.5 - away).clamp_min(0) ** 2
