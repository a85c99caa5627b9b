"""Displacement left between two aligned pictures, tile by tile, whatever their colours.

In every tile the Source's brightness is explained by a constant, the Reference's three channels (so that fading may
weigh the dyes as it likes, and differently across the picture), one curve of its colours that holds for the whole
picture (see :mod:`tones`) and its gradients; the weights of the gradients are the displacement (Lucas and Kanade 1981,
with a local colour model). What the colours explain as well as a movement would is not taken for movement. Arrays have
the top row first; pixels of the working size, y down.
"""

from __future__ import annotations

from typing import Any

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from ..engine.image import Pixels
from .tones import toned

__all__ = ["TILE", "Tiles", "displacements", "grey", "perceptual"]

TILE = 40
"""Side of a tile in pixels of the working size."""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@attrs.frozen(eq=False)
class Tiles:
    """One row per tile that lies in the mask.

    centre: (n, 2) x, y. moved: (n, 2) how far the Reference has to go, pixels. information: (n, 2, 2) inverse
    covariance of ``moved``, 1/pixel². agreement: (n,) share 0..1 of the Source's local contrast that the Reference
    explains. contrast, other: (n,) standard deviation of the Source's and of the Reference's brightness.
    """

    centre: Floats
    moved: Floats
    information: Floats
    agreement: Floats
    contrast: Floats
    other: Floats

    def __len__(self) -> int:
        return len(self.centre)

    def deviation(self) -> Floats:
        """(n,) standard deviation of the best known direction of ``moved``, pixels."""
        return np.asarray(
            1 / np.sqrt(np.maximum(np.linalg.eigvalsh(self.information)[:, 1], 1e-12)), np.float64
        )

    def across(self) -> Floats:
        """(n,) signed displacement along the best known direction: across the tile's main edge."""
        _, vectors = np.linalg.eigh(self.information)
        return np.asarray(np.einsum("ni,ni->n", self.moved, vectors[:, :, 1]), np.float64)


def perceptual(rgb: Pixels) -> Pixels:
    """Display-encoded R'G'B' without what lies outside 0..1, lightly smoothed against grain; same shape."""
    return np.asarray(cv2.GaussianBlur(np.clip(rgb, 0, 1), (0, 0), 0.9), np.float32)


def grey(rgb: Pixels) -> Pixels:
    """(height, width): the mean of the three channels."""
    return np.asarray(
        cv2.transform(np.ascontiguousarray(rgb, np.float32), np.full((1, 3), 1 / 3)), np.float32
    )


def displacements(source: Pixels, moved: Pixels, mask: Bools, *, tile: int = TILE) -> Tiles:
    """Compare a Source and a Reference that was laid over it.

    source, moved: (height, width, 3) from :func:`perceptual`. mask: where both show picture; a tile counts where
    nine tenths of it do. Displacements beyond about two pixels are underestimated, never hidden: agreement falls.
    """
    fixed = grey(source)
    curve = toned(fixed, moved, mask)
    prediction = _explained(fixed, curve, mask, tile)
    gx = cv2.Sobel(prediction, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    gy = cv2.Sobel(prediction, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    high, wide = fixed.shape[0] // tile, fixed.shape[1] // tile
    whole = mask[: high * tile, : wide * tile].reshape(high, tile, wide, tile)
    total = whole.sum((1, 3)).ravel()
    chosen = np.flatnonzero(total >= 0.9 * tile * tile)
    total = total[chosen].astype(np.float64)
    planes = _tiled(cv2.merge([*cv2.split(moved), curve, gx, gy, fixed]), tile)[
        chosen
    ]  # what explains, then what is
    partly = np.flatnonzero(total < tile * tile)
    weight = whole.transpose(0, 2, 1, 3).reshape(high * wide, tile * tile)[chosen[partly]]
    planes[partly] *= weight[..., None]
    planes -= (planes.sum(1, keepdims=True) / total[:, None, None]).astype(np.float32)
    planes[partly] *= weight[..., None]
    products = (planes.transpose(0, 2, 1) @ planes).astype(np.float64)
    normal, right, energy = products[:, :6, :6].copy(), products[:, :6, 6], products[:, 6, 6]
    ridge = 1e-3 * np.trace(normal[:, :3, :3], axis1=1, axis2=2)[:, None] / 3 + 1e-6
    normal[:, range(4), range(4)] += ridge
    normal[:, (4, 5), (4, 5)] += 1e-7
    found = np.linalg.solve(normal, right[..., None])[..., 0]
    explained = np.einsum("ni,nij,nj->n", found, products[:, :6, :6], found)
    left = energy - 2 * (found * right).sum(1) + explained
    variance, own = np.maximum(left, 0) / total, energy / total
    colour, cross, motion = normal[:, :4, :4], normal[:, :4, 4:], normal[:, 4:, 4:]
    schur = motion - np.einsum("nij,nik->njk", cross, np.linalg.solve(colour, cross))
    information = schur / (
        3 * variance[:, None, None] + 1e-7
    )  # neighbours share noise after smoothing: 3 to 1
    ys, xs = np.divmod(np.arange(high * wide), wide)
    centre = (np.stack([xs, ys], 1)[chosen] + 0.5) * tile - 0.5
    other = np.sqrt(np.maximum(products[:, :3, :3].sum((1, 2)), 0) / 9 / total)
    agreement = np.clip(1 - variance / np.maximum(own, 1e-9), 0, 1)
    return Tiles(
        centre,
        found[:, 4:],
        0.5 * (information + information.transpose(0, 2, 1)),
        agreement,
        np.sqrt(own),
        other,
    )


def _explained(fixed: Pixels, curve: Pixels, mask: Bools, tile: int) -> Pixels:
    """The Source's brightness as the curve explains it around every pixel: the guided filter (He, Sun, Tang 2013) with
    windows of two tiles, at an eighth of the size."""
    small = (max(1, fixed.shape[1] // 8), max(1, fixed.shape[0] // 8))
    guide, aim, inside = (
        np.asarray(cv2.resize(p, small, interpolation=cv2.INTER_AREA), np.float64)
        for p in (curve, fixed, mask.astype(np.float32))
    )
    side = max(3, 2 * (tile // 8) + 1)
    share = np.maximum(cv2.blur(inside, (side, side)), 1e-3)

    def mean(plane: Any) -> Any:
        return cv2.blur(plane * inside, (side, side)) / share

    middle, goal = mean(guide), mean(aim)
    spread = np.maximum(mean(guide * guide) - middle * middle, 0)
    weight = (mean(guide * aim) - middle * goal) / (1.01 * spread + 3e-5)
    full = (fixed.shape[1], fixed.shape[0])
    planes = (weight, goal - weight * middle)
    large, offset = (cv2.resize(p.astype(np.float32), full, interpolation=cv2.INTER_LINEAR) for p in planes)
    return np.asarray(large * curve + offset, np.float32)


def _tiled(plane: Any, tile: int) -> Any:
    """(tiles, pixels, channels) of whole tiles, row by row."""
    high, wide = plane.shape[0] // tile, plane.shape[1] // tile
    cut = plane[: high * tile, : wide * tile].reshape(high, tile, wide, tile, plane.shape[2])
    return cut.transpose(0, 2, 1, 3, 4).reshape(high * wide, tile * tile, plane.shape[2])
