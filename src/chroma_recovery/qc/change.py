"""A change of colour as four numbers: two of offset, one of saturation, one of hue.

A fault of recovery rarely moves every colour the same way: a turn of hue moves greens one way and oranges the other,
and neutrals not at all. So a change is fitted as ``d = offset + s c + t J c`` with the colour ``c = (a*, b*)`` of
CIE L*a*b*, ``J`` a quarter turn, ``s`` the relative change of saturation and ``t`` the turn in radians.
"""

from __future__ import annotations

from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from ..engine.image import Pixels

__all__ = ["Palette", "fit_change", "lab_of", "moved_by", "size_of"]

Floats = npt.NDArray[np.float64]

STIFFNESS = 4.0
"""Squared chroma (L*a*b* units) below which colours are too grey to tell saturation and hue from offset."""


@attrs.frozen
class Palette:
    """Mean (a*, b*) of a frame's colours and the sum of their variances: what a change has to act on."""

    a: float = 0.0
    b: float = 0.0
    spread: float = 0.0


def lab_of(display: Pixels) -> Pixels:
    """CIE L*a*b* (D65) of display R'G'B' 0-1, (..., 3) float32; L* 0-100."""
    lab: Pixels = cv2.cvtColor(np.ascontiguousarray(np.clip(display, 0, 1), np.float32), cv2.COLOR_RGB2LAB)
    return lab


def fit_change(colours: Any, moved: Any, weights: Any = None, rounds: int = 3) -> Floats:
    """(offset a*, offset b*, saturation, turn) that explains most.

    colours, moved: (n, 2), a colour before and how far it moved. weights: (n,). Robust: what disagrees with the rest
    (Cauchy weights, at twice the median error) counts little.
    """
    count = len(colours)
    none, one = np.zeros(count), np.ones(count)
    c, d = np.asarray(colours, np.float64), np.asarray(moved, np.float64)
    design = np.concatenate(
        [np.stack([one, none, c[:, 0], -c[:, 1]], -1), np.stack([none, one, c[:, 1], c[:, 0]], -1)]
    )
    wanted = np.concatenate([d[:, 0], d[:, 1]])
    given = one if weights is None else np.asarray(weights, np.float64)
    now, found = given, np.zeros(4)
    for _ in range(rounds):
        weighted = design * np.concatenate([now, now])[:, None]
        normal = weighted.T @ design + np.diag([1e-9, 1e-9, STIFFNESS, STIFFNESS]) * max(
            float(now.sum()), 1e-9
        )
        found = np.linalg.solve(normal, weighted.T @ wanted)
        error = np.hypot(*(wanted - design @ found).reshape(2, count))
        now = given / (1 + (error / (3 * float(np.median(error)) + 0.1)) ** 2)
    return np.asarray(found, np.float64)


def moved_by(change: Any, colours: Any) -> Any:
    """How far a change (4) moves colours (..., 2) in a*, b*."""
    oa, ob, s, t = (float(v) for v in change)
    a, b = colours[..., 0], colours[..., 1]
    return np.stack([oa + s * a - t * b, ob + s * b + t * a], -1)


def size_of(change: Any, palette: Palette) -> Floats:
    """Root mean square distance in (a*, b*) that a change (..., 4) moves the colours of a palette."""
    oa, ob, s, t = np.moveaxis(np.asarray(change, np.float64), -1, 0)
    a, b = oa + s * palette.a - t * palette.b, ob + s * palette.b + t * palette.a
    size: Floats = np.sqrt(a * a + b * b + (s * s + t * t) * palette.spread)
    return size
