"""Polynomials in three colours and cosines over the frame: what the network's base is made of."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["DEGREES", "LOCAL", "TERMS", "WAVES", "terms", "waves"]

TERMS, LOCAL = 20, 10
"""Terms of a polynomial of third, and of second degree."""

DEGREES = (0, *[1] * 3, *[2] * 6, *[3] * 10)
"""Degree of each term, in the order of :func:`terms`."""

WAVES = 8
"""Cosines along one side of the frame, the first of them constant; the shortest has 3.5 periods."""


def terms(colour: Tensor, count: int) -> Tensor:
    """The first ``count`` terms (TERMS or LOCAL): (b, 3, ...) -> (b, count, ...)."""
    u, v, w = colour.unbind(1)
    uu, uv, uw, vv, vw, ww = u * u, u * v, u * w, v * v, v * w, w * w
    found = [torch.ones_like(u), u, v, w, uu, uv, uw, vv, vw, ww]
    if count == TERMS:
        found += [uu * u, uu * v, uu * w, uv * v, uv * w, uw * w, vv * v, vv * w, vw * w, ww * w]
    return torch.stack(found, 1)


def waves(place: Tensor) -> Tensor:
    """(b, n) places, -1..1 over the frame -> (b, WAVES, n)."""
    order = torch.arange(WAVES, dtype=place.dtype, device=place.device)
    return torch.cos(order[:, None] * (place[:, None, :] + 1) * (torch.pi / 2))
