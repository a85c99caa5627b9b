"""A solved map as what the graph can hold: keys of a Transform, or corners of a CornerPin, on the Reference as it is
after its Reformat to the Source's format."""

from __future__ import annotations

import math
from typing import Any

import attrs
import cv2
import numpy as np
from scipy.optimize import least_squares

from ..engine.comparison import Matrix

__all__ = ["Key", "conforming", "corners_of", "key_of", "matrix_of"]


@attrs.frozen
class Key:
    """Keys of a Transform on the Reference, in Nuke's coordinates about the centre of the Source's format. off: largest
    distance, in pixels of the Source, between where it and the solved map take the live area."""

    translate: tuple[float, float]
    scale: tuple[float, float]
    rotate: float
    off: float


def conforming(
    source_size: tuple[int, int], reference_size: tuple[int, int], aspects: tuple[float, float] = (1.0, 1.0)
) -> Matrix:
    """3x3 from the Reference's own pixels to its pixels after the graph's Reformat: resized to fit the Source's format,
    centred. Sizes are (width, height); aspects: pixel aspects of Source and Reference. Nothing where sizes are equal,
    because the graph has no Reformat then."""
    (w, h), (rw, rh) = source_size, reference_size
    if source_size == reference_size:
        return np.eye(3)
    aspect = aspects[0] / aspects[1]
    sx, sy = min((w / rw, w / rw * aspect), (h / rh / aspect, h / rh))
    x, y = (w - rw * sx) / 2, (h - rh * sy) / 2
    return np.array([[sx, 0, x + sx / 2 - 0.5], [0, sy, y + sy / 2 - 0.5], [0, 0, 1.0]])


def key_of(matrix: Matrix, source_size: tuple[int, int], reference_size: tuple[int, int]) -> Key:
    """The Transform that comes nearest to a map: translate, rotate, scale x and y about the centre of the Source's
    format, least squares over the picture. Sizes are (width, height) of the frames."""
    (w, h), (rw, rh) = source_size, reference_size
    forward = _flip(h) @ np.linalg.inv(matrix) @ np.linalg.inv(_flip(rh))
    xs, ys = np.meshgrid(np.linspace(0.04, 0.96, 9) * rw, np.linspace(0.04, 0.96, 7) * rh)
    points = np.stack([xs.ravel(), ys.ravel()], 1)
    aims = cv2.perspectiveTransform(points[None], forward)[0]
    centre = np.array([w / 2, h / 2])

    def moved(p: Any) -> Any:
        cos, sin = math.cos(p[4]), math.sin(p[4])
        local = (points - centre) * p[2:4]
        turned = np.stack([cos * local[:, 0] - sin * local[:, 1], sin * local[:, 0] + cos * local[:, 1]], 1)
        return turned + centre + p[:2]

    start = np.array([0.0, 0.0, w / rw, h / rh, 0.0])
    unit = np.array([1.0, 1.0, 1 / w, 1 / w, 1 / w])
    solved = least_squares(lambda p: (moved(p) - aims).ravel(), start, x_scale=unit).x
    off = float(np.linalg.norm(moved(solved) - aims, axis=1).max())
    x, y, sx, sy, angle = (float(v) for v in solved)
    return Key(
        (round(x, 3), round(y, 3)), (round(sx, 6), round(sy, 6)), round(math.degrees(angle), 5), round(off, 3)
    )


def corners_of(
    matrix: Matrix, source_size: tuple[int, int], reference_size: tuple[int, int]
) -> tuple[float, ...]:
    """Where a CornerPin on the Reference takes the corners of the Source's format: x, y of bottom left, bottom right,
    top right, top left, in Nuke's coordinates. It holds the whole map."""
    (w, h), (_, rh) = source_size, reference_size
    forward = _flip(h) @ np.linalg.inv(matrix) @ np.linalg.inv(_flip(rh))
    corners = np.array([[[0, 0], [w, 0], [w, h], [0, h]]], np.float64)
    return tuple(round(float(v), 3) for v in cv2.perspectiveTransform(corners, forward).ravel())


def matrix_of(key: Key, source_size: tuple[int, int], reference_size: tuple[int, int]) -> Matrix:
    """The map of a Transform with these keys, as ``Aligned.matrix`` has it."""
    (w, h), (_, rh) = source_size, reference_size
    angle = math.radians(key.rotate)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) @ np.diag(
        key.scale
    )
    centre = np.array([w / 2, h / 2])
    forward = np.eye(3)
    forward[:2, :2], forward[:2, 2] = turn, centre + np.array(key.translate) - turn @ centre
    found = np.linalg.inv(np.linalg.inv(_flip(h)) @ forward @ _flip(rh))
    result: Matrix = found / found[2, 2]
    return result


def _flip(height: int) -> Matrix:
    """Pixel indices, y down, to Nuke's coordinates."""
    return np.array([[1.0, 0.0, 0.5], [0.0, -1.0, height - 0.5], [0.0, 0.0, 1.0]])
