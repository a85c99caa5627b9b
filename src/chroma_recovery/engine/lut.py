"""A 3D LUT fitted to pairs of colours, and applied: the classical rival, and the idea behind Nuke's
MatchGrade.

Fitted is the grid whose trilinear interpolation comes nearest to the pairs in least squares while it stays
smooth; solved by conjugate gradients from a coarse grid to the finest, the coarser solution starting the
finer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import attrs
import numpy as np
import numpy.typing as npt
import PyOpenColorIO
from scipy import sparse

from ..errors import EngineError, Problem
from ..paths import write_text
from .image import Pixels

__all__ = ["SMOOTHNESS", "Lut3D", "fit_lut", "stack_colours"]

Floats = npt.NDArray[np.float64]

SMOOTHNESS = 0.05
"""Weight of the mean squared second difference of a 33^3 grid against the mean squared error."""

PULL = 1e-6
"""Weight of the pull towards the identity, which decides only where there is no data."""

MOST = 400_000
"""Colours used for a fit; more are thinned out evenly."""

LARGEST = 128

ROWS = 16
"""Rows handed to OCIO at once: they stay in the processor's cache."""


@attrs.frozen(eq=False, slots=False)
class Lut3D:
    """grid: float32 (n, n, n, 3), [red, green, blue] -> output RGB; the inputs span 0..1. Inputs outside are
    clamped to 0..1; outputs are as fitted. Not changed after."""

    grid: npt.NDArray[np.float32]

    @property
    def size(self) -> int:
        return int(self.grid.shape[0])

    def apply(self, rgb: Pixels) -> Pixels:
        """(h, w, 3) through the LUT, trilinear, float32."""
        out = np.empty(rgb.shape, np.float32)
        for top in range(0, len(out) if out.size else 0, ROWS):
            part = out[top : top + ROWS]
            np.clip(rgb[top : top + ROWS], 0.0, 1.0, out=part)
            self._processor.applyRGB(part)
        return out

    @cached_property
    def _processor(self) -> PyOpenColorIO.CPUProcessor:
        lut = PyOpenColorIO.Lut3DTransform(self.size)
        lut.setInterpolation(PyOpenColorIO.INTERP_LINEAR)
        lut.setData(np.ascontiguousarray(self.grid, np.float32).reshape(-1))
        processor = PyOpenColorIO.Config.CreateRaw().getProcessor(lut)
        return processor.getOptimizedCPUProcessor(PyOpenColorIO.OPTIMIZATION_LOSSLESS)

    def export_cube(
        self, path: Path, *, title: str = "", comments: Sequence[str] = (), overwrite: bool = False
    ) -> Path:
        """Write the LUT as an Adobe/Iridas .cube file, domain 0..1, red running fastest. comments: lines for people.
        Raises PathError."""
        said = "".join(c for c in title if c.isprintable() and c != '"')[:120]
        lines = ["# " + "".join(c for c in line if c.isprintable())[:200] for line in comments]
        lines += [f'TITLE "{said}"', f"LUT_3D_SIZE {self.size}", "DOMAIN_MIN 0 0 0", "DOMAIN_MAX 1 1 1"]
        numbers = self.grid.transpose(2, 1, 0, 3).ravel().tolist()
        table = "%.7g %.7g %.7g\n" * (len(numbers) // 3) % tuple(numbers)
        return write_text(path, "\n".join(lines) + "\n" + table, overwrite=overwrite)


def fit_lut(source: Pixels, target: Pixels, size: int, *, smoothness: float = SMOOTHNESS) -> Lut3D:
    """Fit a LUT of size^3 to colours.

    source, target: (n, 3) float32 of the same length; sources outside 0..1 count as clamped. size: 2..128.
    Raises EngineError (CR570) for a size out of range, (CR571) for no colours or values that are not finite.
    """
    if not 2 <= size <= LARGEST:
        raise EngineError(Problem("CR570", "", f"a 3D LUT of size {size}; allowed are 2 to {LARGEST}"))
    if (
        not len(source)
        or source.shape != target.shape
        or not (np.isfinite(source).all() and np.isfinite(target).all())
    ):
        raise EngineError(
            Problem(
                "CR571", "", "no colours to fit a LUT to, or values that are not finite", "look at the Reads"
            )
        )
    every = -(-len(source) // MOST)
    colours = np.clip(source[::every], 0.0, 1.0).astype(np.float64)
    wanted = target[::every].astype(np.float64)
    grid = _identity(2)
    for n in _sizes(size):
        identity = _identity(n)
        start = _refined(grid, n)
        grid = _solve(colours, wanted, n, start, identity, smoothness * ((n - 1) / 32) ** 4)
    return Lut3D(np.ascontiguousarray(grid, np.float32))


def _sizes(size: int) -> list[int]:
    sizes = [size]
    while sizes[0] > 9:
        sizes.insert(0, sizes[0] // 2 + 1)
    return sizes


def _identity(n: int) -> Floats:
    axis = np.linspace(0.0, 1.0, n)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)


def _refined(grid: Floats, n: int) -> Floats:
    """Trilinear resampling to n^3."""
    for axis in range(3):
        at = np.linspace(0, grid.shape[axis] - 1, n)
        low = np.minimum(at.astype(int), grid.shape[axis] - 2)
        share = (at - low).reshape([-1 if k == axis else 1 for k in range(4)])
        grid = np.take(grid, low, axis) * (1 - share) + np.take(grid, low + 1, axis) * share
    return np.asarray(grid, np.float64)


def _weights(colours: Floats, n: int) -> sparse.csr_matrix:
    """Trilinear weights: (colours, n^3), eight per row."""
    place = colours * (n - 1)
    low = np.minimum(place.astype(np.int64), n - 2)
    share = place - low
    count = len(colours)
    values = np.empty((count, 8))
    columns = np.empty((count, 8), np.int32)
    for corner in range(8):
        weight, column = np.ones(count), np.zeros(count, np.int64)
        for axis in range(3):
            upper = corner >> axis & 1
            weight = weight * (share[:, axis] if upper else 1 - share[:, axis])
            column = column * n + low[:, axis] + upper
        values[:, corner], columns[:, corner] = weight, column
    rows = np.arange(0, 8 * count + 1, 8, dtype=np.int32)
    return sparse.csr_matrix((values.ravel(), columns.ravel(), rows), (count, n**3))


def _rough(x: Floats, out: Floats) -> None:
    """Add the second differences' normal operator along three axes: out += sum of D' D x."""
    for axis in range(3):
        v, o = np.moveaxis(x, axis, 0), np.moveaxis(out, axis, 0)
        if len(v) < 3:
            continue
        d = v[:-2] - 2 * v[1:-1] + v[2:]
        o[:-2] += d
        o[1:-1] -= 2 * d
        o[2:] += d


def _solve(
    colours: Floats, wanted: Floats, n: int, start: Floats, identity: Floats, smoothness: float
) -> Floats:
    """Minimise mean |A x - wanted|^2 + smoothness * mean |D x|^2 + PULL * mean |x - identity|^2, scaled by
    n^3."""
    matrix = _weights(colours, n)
    scale = n**3 / len(colours)
    normal = (matrix.T @ matrix).tocsr() * scale
    shape = (n, n, n, 3)

    def operator(x: Floats) -> Floats:
        out: Floats = PULL * x
        rough = np.zeros(shape)
        _rough(x.reshape(shape), rough)
        out += smoothness * rough.reshape(-1, 3)
        out += normal @ x
        return out

    right = (matrix.T @ wanted) * scale + PULL * identity.reshape(-1, 3)
    # Jacobi preconditioner; the inner diagonal of D' D is 6 on each of three axes
    diagonal = normal.diagonal() + 18 * smoothness + PULL
    x = start.reshape(-1, 3).copy()
    residual = right - operator(x)
    z = residual / diagonal[:, None]
    direction = z.copy()
    energy = (residual * z).sum(0)
    limit = 1e-8 * np.maximum((right * right / diagonal[:, None]).sum(0), 1e-30)
    for _ in range(200):
        if bool((energy <= limit).all()):
            break
        moved = operator(direction)
        length = energy / np.maximum((direction * moved).sum(0), 1e-300)
        x += length * direction
        residual -= length * moved
        z = residual / diagonal[:, None]
        fresh = (residual * z).sum(0)
        direction = z + fresh / np.maximum(energy, 1e-300) * direction
        energy = fresh
    return x.reshape(shape)


def stack_colours(images: Sequence[Pixels]) -> Pixels:
    """Pixels of several images as (n, 3), thinned evenly to about :data:`MOST`."""
    total = sum(i.shape[0] * i.shape[1] for i in images)
    every = max(1, int(np.sqrt(total / MOST)))
    return np.concatenate([i[::every, ::every].reshape(-1, 3) for i in images])
