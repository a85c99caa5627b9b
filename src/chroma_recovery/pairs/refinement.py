"""The global map made exact: a robust fit of one small projective correction to the displacements of all tiles."""

from __future__ import annotations

import cv2
import numpy as np

from ..engine.comparison import Mask, Matrix
from ..engine.image import Pixels
from ..engine.registration import Motions
from .tiles import Tiles, displacements

__all__ = ["correction", "covered", "laid_over", "refined"]

STIFF = 0.04
"""Displacement of a tile, in pixels, that is left to lens, gate and shrinkage: no tile counts as better known."""


def laid_over(picture: Pixels, matrix: Matrix, size: tuple[int, int]) -> Pixels:
    """The Reference on the Source's grid (width, height); matrix: Source pixels to Reference pixels; black
    outside."""
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(picture, matrix, size, flags=flags), np.float32)


def covered(live: Mask, matrix: Matrix, size: tuple[int, int]) -> Mask:
    """Where a mask lies whole on the Source's grid; as :func:`laid_over`."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found: Mask = cv2.warpPerspective(live.astype(np.uint8) * 255, matrix, size, flags=flags) > 252
    return found


ENOUGH = 0.03
"""A step that moves no corner by more than this many pixels is the last: what is left is a tenth of it."""


def refined(
    source: Pixels,
    reference: Pixels,
    matrix: Matrix,
    live: Mask,
    other: Mask,
    motions: Motions,
    *,
    rounds: int = 3,
) -> Matrix:
    """A better map. source, reference: see ``tiles.perceptual``. live, other: where each shows picture. The map is
    left as it was where too few tiles say anything."""
    size = (source.shape[1], source.shape[0])
    for _ in range(rounds):
        cover = covered(other, matrix, size) & live
        mask = cv2.erode(cover.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
        step = correction(displacements(source, laid_over(reference, matrix, size), mask), size, motions)
        if step is None:
            return matrix
        matrix = matrix @ step
        matrix = matrix / matrix[2, 2]
        corners = np.array([[[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]]], np.float64)
        if np.abs(cv2.perspectiveTransform(corners, step) - corners).max() < ENOUGH:
            break
    return matrix


def correction(tiles: Tiles, size: tuple[int, int], motions: Motions) -> Matrix | None:
    """3x3 on Source pixels, to be applied before the map; None if fewer than 12 tiles can tell."""
    usable = (tiles.agreement > 0.3) & (tiles.deviation() < 0.5)
    if usable.sum() < 12:
        return None
    width, height = size
    half = max(size) / 2
    x = (tiles.centre[usable, 0] - (width - 1) / 2) / half
    y = (tiles.centre[usable, 1] - (height - 1) / 2) / half
    generators = motions.generators()
    columns = []
    for g in generators:
        px, py, pw = (g[row, 0] * x + g[row, 1] * y + g[row, 2] for row in range(3))
        columns.append(np.stack([px - x * pw, py - y * pw], -1))
    jacobian = np.stack(columns, -1) * half
    moved = tiles.moved[usable]
    known = np.linalg.inv(np.linalg.inv(tiles.information[usable] + 1e-6 * np.eye(2)) + STIFF**2 * np.eye(2))
    solved = np.zeros(len(generators))
    trust = np.ones(len(moved))
    for _ in range(12):
        weights = known * trust[:, None, None]
        normal = np.einsum("nai,nab,nbj->ij", jacobian, weights, jacobian)
        right = np.einsum("nai,nab,nb->i", jacobian, weights, moved)
        solved = np.linalg.solve(normal + 1e-9 * np.trace(normal) * np.eye(len(normal)), right)
        left = moved - np.einsum("nai,i->na", jacobian, solved)
        far = np.sqrt(np.maximum(np.einsum("na,nab,nb->n", left, known, left), 0))
        far = far / max(1.0, float(np.median(far)) / 1.18)
        trust = np.clip(1 - (far / 4.7) ** 2, 0, 1) ** 2
        if trust.sum() < 8:
            return None
    step = np.eye(3) + sum(s * g for s, g in zip(solved, generators, strict=True))
    local = np.array([[half, 0, (width - 1) / 2], [0, half, (height - 1) / 2], [0, 0, 1.0]])
    result: Matrix = local @ step @ np.linalg.inv(local)
    return result
