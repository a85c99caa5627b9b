"""Two pictures made comparable: local contrast instead of brightness, picture without borders, working sizes.

Arrays have the top row first and pixel-index coordinates (x right, y down, centres at whole numbers).
"""

from __future__ import annotations

import math

import attrs
import cv2
import numpy as np
import numpy.typing as npt

from .image import Pixels

__all__ = [
    "Level",
    "Mask",
    "Matrix",
    "agreement",
    "brightness",
    "level_at",
    "matched_brightness",
    "normalised",
    "picture_area",
    "spread_at",
]

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def brightness(rgb: Pixels) -> Pixels:
    """A perceptual brightness, (height, width): cube root of the mean of the channels."""
    return np.asarray(np.cbrt(np.maximum(cv2.transform(rgb, np.full((1, 3), 1 / 3)), 0)), np.float32)


def picture_area(plane: Pixels) -> Mask:
    """True where there is picture: without the black rows and columns that reach in from the edges."""
    bright = float(np.percentile(plane, 95))
    mask = np.ones(plane.shape, bool)
    if bright <= 0:
        return mask
    level = 0.12 * bright
    rows, columns = np.percentile(plane, 98, axis=1) > level, np.percentile(plane, 98, axis=0) > level
    if not rows.any() or not columns.any():
        return mask
    top, bottom = int(rows.argmax()), len(rows) - int(rows[::-1].argmax())
    left, right = int(columns.argmax()), len(columns) - int(columns[::-1].argmax())
    mask[:] = False
    mask[top:bottom, left:right] = True
    return mask


def normalised(plane: Pixels, sigma: float) -> Pixels:
    plane = cv2.GaussianBlur(plane, (0, 0), 0.8)
    flat = plane - cv2.GaussianBlur(plane, (0, 0), sigma)
    spread = np.sqrt(np.maximum(cv2.GaussianBlur(flat * flat, (0, 0), sigma), 0))
    floor = max(1e-5, 0.5 * float(np.median(spread)))
    return np.asarray(flat / (spread + floor), np.float32)


def spread_at(side: int) -> float:
    return max(2.0, 0.02 * side)


def _shrink(size: tuple[int, int], side: float) -> float:
    return min(1.0, side / max(size))


def _scaled(plane: Pixels, by: float) -> tuple[Pixels, Matrix]:
    """The plane resized, and the 3x3 from its new pixel indices to the old ones."""
    if by >= 1.0:
        return plane, np.eye(3)
    height, width = max(8, round(plane.shape[0] * by)), max(8, round(plane.shape[1] * by))
    sx, sy = plane.shape[1] / width, plane.shape[0] / height
    small = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    return small, np.array([[sx, 0, sx / 2 - 0.5], [0, sy, sy / 2 - 0.5], [0, 0, 1.0]])


@attrs.frozen(eq=False)
class Level:
    """Both pictures at one working size: reference plane, the same normalised, and its mask; source plane and
    mask; and the maps of both to full size."""

    reference: Pixels
    normal: Pixels
    wanted: Mask
    source: Pixels
    covered: Pixels
    reference_full: Matrix
    source_full: Matrix

    def warped(self, matrix: Matrix) -> tuple[Pixels, Pixels, Mask]:
        """Normalised reference, normalised warped source, and where both count; matrix: full-size map."""
        local = np.linalg.inv(self.source_full) @ matrix @ self.reference_full
        size = (self.reference.shape[1], self.reference.shape[0])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpPerspective(self.source, local, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        cover = cv2.warpPerspective(self.covered, local, size, flags=flags)
        sigma = spread_at(max(size))
        reach = 2 * round(1.5 * sigma) + 1
        both = ((cover > 0.99) & self.wanted).astype(np.uint8)
        both = cv2.erode(
            both, np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1
        )
        return self.normal, normalised(moved, sigma), both.astype(bool)


def level_at(reference: Pixels, region: Mask, source: Pixels, covered: Mask, side: float) -> Level:
    by = _shrink(reference.shape, side)
    small, full = _scaled(reference, by)
    ratio = max(reference.shape) / max(source.shape)
    small_source, source_full = _scaled(source, min(1.0, by * ratio))
    size, source_size = (small.shape[1], small.shape[0]), (small_source.shape[1], small_source.shape[0])
    wanted = cv2.resize(region.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    cover = cv2.resize(covered.astype(np.float32), source_size, interpolation=cv2.INTER_AREA)
    normal = normalised(small, spread_at(max(size)))
    return Level(small, normal, wanted, small_source, cover, full, source_full)


def agreement(level: Level, matrix: Matrix) -> tuple[float, float]:
    """(correlation, share of the region that is covered)."""
    a, b, mask = level.warped(matrix)
    count = int(mask.sum())
    overlap = count / max(1, int(level.wanted.sum()))
    if count < 200:
        return -1.0, overlap
    x, y = a[mask] - a[mask].mean(), b[mask] - b[mask].mean()
    size = math.sqrt(float((x * x).sum()) * float((y * y).sum()))
    return (float((x * y).sum()) / size if size > 0 else -1.0), overlap


def _features(rgb: Pixels) -> Pixels:
    """Quadratic colour terms of perceptual channels, (height, width, 9)."""
    r, g, b = (np.cbrt(np.maximum(rgb[..., n], 0)) for n in range(3))
    return np.stack([r, g, b, r * r, g * g, b * b, r * g, g * b, r * b], -1).astype(np.float32)


def matched_brightness(level: Level, matrix: Matrix, colours: Pixels) -> Pixels:
    """Brightness of the source as the reference would show it: the quadratic function of the source's colour
    that predicts the reference's brightness best where both overlap. Fading weighs the dyes differently,
    which would shift soft edges between colours."""
    local = matrix @ level.reference_full
    size = (level.reference.shape[1], level.reference.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    blur = max(1.0, 0.7 * float(level.reference_full[0, 0]))
    smooth = cv2.GaussianBlur(np.ascontiguousarray(colours), (0, 0), blur)
    moved = cv2.warpPerspective(smooth, local, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    _, _, mask = level.warped(matrix)
    if int(mask.sum()) < 500:
        return brightness(colours)
    terms = _features(moved)[mask].astype(np.float64)
    target = cv2.GaussianBlur(level.reference, (0, 0), 0.7)[mask].astype(np.float64)
    middle, goal = terms.mean(0), target.mean()
    terms, target = terms - middle, target - goal
    ridge = 1e-4 * np.trace(terms.T @ terms) / terms.shape[1] * np.eye(terms.shape[1])
    weights = np.linalg.solve(terms.T @ terms + ridge, terms.T @ target)
    return np.asarray(_features(colours) @ weights.astype(np.float32), np.float32)
