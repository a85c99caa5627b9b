"""Resampling: Nuke's filters as one-dimensional kernels, scaling and warping with them.

Kernels are those of the literature (Keys 1981; Mitchell and Netravali 1988; Parzen's B-spline; Lanczos) under
the names that Nuke gives them; Nuke's exact code is not public. ``cubic`` is the smooth radius-1 cubic 2|x|^3
- 3x^2 + 1, Lanczos4 and Lanczos6 are 4 and 6 pixels wide (radius 2 and 3). Weights are normalised to sum 1,
and a kernel is widened by the scale when a picture is made smaller. Coordinates: x right, y up, pixel centres
at .5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from .image import Box, Image, Pixels

__all__ = ["KERNELS", "Kernel", "corners_box", "scale", "warp"]

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

BLOCK = 1 << 17
"""Output pixels warped at once: keeps the working set inside the processor's caches."""


def _bc(b: float, c: float) -> Callable[[Floats], Floats]:
    """The two-parameter cubic of Mitchell and Netravali."""

    def weight(x: Floats) -> Floats:
        x = np.abs(x)
        near = ((12 - 9 * b - 6 * c) * x**3 + (-18 + 12 * b + 6 * c) * x**2 + (6 - 2 * b)) / 6
        far = ((-b - 6 * c) * x**3 + (6 * b + 30 * c) * x**2 + (-12 * b - 48 * c) * x + (8 * b + 24 * c)) / 6
        return np.where(x < 1, near, np.where(x < 2, far, 0.0))

    return weight


def _smooth(x: Floats) -> Floats:
    x = np.abs(x)
    return np.where(x < 1, 2 * x**3 - 3 * x**2 + 1, 0.0)


def _lanczos(radius: float) -> Callable[[Floats], Floats]:
    return lambda x: np.where(np.abs(x) < radius, np.sinc(x) * np.sinc(x / radius), 0.0)


@attrs.frozen
class Kernel:
    """weight: of the distance in source pixels, zero beyond radius; radius 0 means the nearest pixel."""

    radius: float
    weight: Callable[[Floats], Floats] = attrs.field(repr=False, eq=False)


KERNELS = {
    "impulse": Kernel(0, lambda x: np.ones_like(x)),
    "linear": Kernel(1, lambda x: np.maximum(0.0, 1 - np.abs(x))),
    "cubic": Kernel(1, _smooth),
    "Keys": Kernel(2, _bc(0, 0.5)),
    "Simon": Kernel(2, _bc(0, 0.75)),
    "Rifman": Kernel(2, _bc(0, 1.0)),
    "Mitchell": Kernel(2, _bc(1 / 3, 1 / 3)),
    "Parzen": Kernel(2, _bc(1, 0)),
    "Lanczos4": Kernel(2, _lanczos(2)),
    "Lanczos6": Kernel(3, _lanczos(3)),
    "sinc4": Kernel(2, lambda x: np.where(np.abs(x) < 2, np.sinc(x), 0.0)),
}
"""Filters by the name that Nuke stores. ``notch`` is left out: what it computes is not published."""


def _taps(at: Floats, kernel: Kernel, widen: float) -> tuple[npt.NDArray[np.int64], Floats]:
    """First source index (n,) and weights (n, taps) for sample positions in pixel-centre coordinates."""
    if kernel.radius == 0:
        return np.floor(at).astype(np.int64), np.ones((*at.shape, 1))
    reach = kernel.radius * widen
    count = int(np.ceil(2 * reach))
    first = np.floor(at - 0.5 - reach).astype(np.int64) + 1
    offsets = first[..., None] + np.arange(count) + 0.5 - at[..., None]
    weights = kernel.weight(offsets / widen)
    return first, weights / weights.sum(-1, keepdims=True)


def _index(image: Image, first: npt.NDArray[np.int64], tap: int, horizontal: bool) -> tuple[Any, Any]:
    """Array index of a tap, clamped into the data window, and whether it lies inside."""
    low, size = (image.box.x, image.box.width) if horizontal else (image.box.y, image.box.height)
    at = first + tap - low
    inside = (at >= 0) & (at < size)
    at = np.clip(at, 0, size - 1)
    return (at if horizontal else size - 1 - at), inside


def scale(image: Image, box: Box, sx: float, sy: float, tx: float, ty: float, kernel: Kernel) -> Pixels:
    """Pixels of ``box`` after x' = sx x + tx, y' = sy y + ty; axis by axis. Scales are positive.

    Outside the data window the image's own rule holds (edge pixels repeated or black).
    """
    columns = np.asarray((np.arange(box.x, box.r) + 0.5 - tx) / sx, np.float64)
    rows = np.asarray((np.arange(box.t - 1, box.y - 1, -1) + 0.5 - ty) / sy, np.float64)
    across = _axis(image, image.pixels, columns, kernel, max(1.0, 1 / sx), True)
    return _axis(image, across, rows, kernel, max(1.0, 1 / sy), False)


def _axis(image: Image, pixels: Pixels, at: Floats, kernel: Kernel, widen: float, horizontal: bool) -> Pixels:
    first, weights = _taps(at, kernel, widen)
    axis = 1 if horizontal else 0
    shape = (1, -1, 1) if horizontal else (-1, 1, 1)
    out: Any = None
    for tap in range(weights.shape[1]):
        index, inside = _index(image, first, tap, horizontal)
        weight = weights[:, tap] * inside if image.black_outside else weights[:, tap]
        part = np.take(pixels, index, axis=axis) * weight.astype(np.float32).reshape(shape)
        out = part if out is None else np.add(out, part, out=out)
    result: Pixels = out
    return result


def warp(image: Image, box: Box, inverse: Matrix, kernel: Kernel) -> Pixels:
    """Pixels of ``box`` through a projective map; inverse: 3x3 from output to source coordinates (x right, y
    up).

    Points that map behind the horizon (w <= 0) are black. The kernel is widened by the map's mean reduction
    at the middle of the box. Outside the data window the image's own rule holds.
    """
    inverse = np.asarray(inverse, np.float64)
    middle = np.array([(box.x + box.r) / 2, (box.y + box.t) / 2])
    widen = np.maximum(1.0, np.linalg.norm(_jacobian(inverse, middle), axis=1))
    out = np.empty((box.height, box.width, len(image.channels)), np.float32)
    step = max(1, BLOCK // max(1, box.width))
    source = np.ascontiguousarray(image.pixels).reshape(-1, len(image.channels))
    for top in range(0, box.height, step):
        rows = np.arange(top, min(top + step, box.height))
        y = (box.t - 1 - rows + 0.5)[:, None]
        x = (np.arange(box.x, box.r) + 0.5)[None, :]
        w = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2]
        behind = w <= 1e-12
        w = np.where(behind, 1.0, w)
        limit = 1e8
        u = np.clip((inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2]) / w, -limit, limit)
        v = np.clip((inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]) / w, -limit, limit)
        part = _gather(image, source, u, v, kernel, widen)
        part[behind] = 0
        out[rows[0] : rows[-1] + 1] = part
    return out


def _jacobian(matrix: Matrix, at: Floats) -> Floats:
    x, y, w = matrix @ np.array([at[0], at[1], 1.0])
    w = w if abs(w) > 1e-12 else 1e-12
    top = np.array([x, y]) / w
    result: Floats = (matrix[:2, :2] - np.outer(top, matrix[2, :2])) / w
    return result


def _gather(image: Image, source: Pixels, u: Floats, v: Floats, kernel: Kernel, widen: Floats) -> Pixels:
    left, across = _taps(u, kernel, float(widen[0]))
    low, down = _taps(v, kernel, float(widen[1]))
    across, down = across.astype(np.float32), down.astype(np.float32)
    columns = [_index(image, left, n, True) for n in range(across.shape[-1])]
    out = np.zeros((*u.shape, source.shape[1]), np.float32)
    for m in range(down.shape[-1]):
        row, in_row = _index(image, low, m, False)
        line = np.zeros_like(out)
        for n, (column, in_column) in enumerate(columns):
            weight = across[..., n]
            if image.black_outside:
                weight = weight * in_column
            line += source[row * image.box.width + column] * weight[..., None]
        weight = down[..., m] * in_row if image.black_outside else down[..., m]
        out += line * weight[..., None]
    return out


def corners_box(matrix: Matrix, box: Box) -> tuple[float, float, float, float] | None:
    """Bounds x, y, r, t of a box's corners through a projective map; None if a corner passes behind the
    horizon."""
    corners = np.array([[x, y, 1.0] for x in (box.x, box.r) for y in (box.y, box.t)]).T
    moved = np.asarray(matrix, np.float64) @ corners
    if (moved[2] <= 1e-9).any():
        return None
    points = moved[:2] / moved[2]
    (x, y), (r, t) = points.min(1), points.max(1)
    return float(x), float(y), float(r), float(t)
