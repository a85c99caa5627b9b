"""Least squares for a polynomial whose coefficients are surfaces over the frame, held smooth by a bending penalty.

A surface is a sum of ROWS x COLUMNS bumps (quadratic B-splines), each of which reaches over three intervals; so
the normal equations are banded and take a fraction of a second, however fine the surfaces are. What pixels say is
gathered beforehand in bins of the frame, GRAIN to an interval.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import torch
from scipy.linalg import solveh_banded
from threadpoolctl import ThreadpoolController
from torch import Tensor

from .polynomial import COLUMNS, DEGREES, ROWS, TERMS, bumps

__all__ = ["BINS", "COARSE", "FINE", "Equations", "Grid", "at", "equations", "one_thread", "solved"]

GRAIN = 4
BINS = (ROWS - 2) * GRAIN, (COLUMNS - 2) * GRAIN
"""Bins along the height and the width of the frame."""

SHRINK = 1e-6
"""Penalty on the surfaces themselves, for places and colours that no pair holds."""

Array = npt.NDArray[np.float64]


@attrs.frozen
class Grid:
    """Bumps along height and width."""

    rows: int
    columns: int

    @property
    def bands(self) -> int:
        return (2 * self.rows + 3) * TERMS

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Bands, and the order of the unknowns: by column, row and term."""
        return self.bands, self.columns, self.rows, TERMS


FINE = Grid(ROWS, COLUMNS)
COARSE = Grid(ROWS // 2 + 1, COLUMNS // 2 + 1)
"""Half as many intervals each way: a tenth of the work, for choosing."""


@attrs.frozen(eq=False)
class Equations:
    """Normal equations. matrix: its lower bands, (bands, unknowns). right: (unknowns, 2)."""

    grid: Grid
    matrix: Array
    right: Array

    def __add__(self, other: Equations) -> Equations:
        return Equations(self.grid, self.matrix + other.matrix, self.right + other.right)

    def __sub__(self, other: Equations) -> Equations:
        return Equations(self.grid, self.matrix - other.matrix, self.right - other.right)


def _basis(bins: int, count: int) -> Array:
    """(bins, count): every bump at the middle of every bin."""
    middle = (torch.arange(bins, dtype=torch.float64) + 0.5) * (2 / bins) - 1
    return np.ascontiguousarray(bumps(middle[None], count)[0].T.numpy())


def equations(matrix: Tensor, right: Tensor, grid: Grid) -> Equations:
    """matrix: products of the terms with each other, (*BINS, TERMS, TERMS). right: of the terms with what is wanted,
    (*BINS, TERMS, 2). Both float64, sums over all that lies in a bin."""
    down, along = _basis(BINS[0], grid.rows), _basis(BINS[1], grid.columns)
    a, r = matrix.numpy(), right.numpy()
    bands = np.zeros(grid.shape)
    row, column = np.indices((TERMS, TERMS))
    for dx in range(3):
        last = grid.columns - dx
        one = np.tensordot(a, along[:, :last] * along[:, dx:], ((1,), (0,)))
        for dy in range(-2 if dx else 0, 3):
            low, high = max(0, -dy), min(grid.rows, grid.rows - dy)
            both = np.tensordot(down[:, low:high] * down[:, low + dy : high + dy], one, ((0,), (0,)))
            away = (dx * grid.rows + dy) * TERMS + row - column
            for i, j in np.argwhere(away >= 0):
                bands[away[i, j], :last, low:high, j] = both[:, i, j].T
    found = np.einsum("yxik,yq,xp->pqik", r, down, along, optimize=True)
    return Equations(grid, bands.reshape(grid.bands, -1), found.reshape(-1, 2))


def _bending(count: int) -> Array:
    second = np.diff(np.eye(count), 2, axis=0)
    return np.asarray(second.T @ second)


def _penalty(bending: float, grid: Grid) -> Array:
    """Squared second differences along both sides, in the same bands; terms of higher degree are to bend less. The
    same surface costs the same on every grid."""
    bending *= ((grid.columns - 2) / (COLUMNS - 2)) ** 2
    dearer = 1 + np.array(DEGREES, float) ** 2
    out = np.zeros(grid.shape)
    along, down = _bending(grid.columns), _bending(grid.rows)
    for n in range(3):
        out[n * grid.rows * TERMS, : grid.columns - n] += (
            bending * np.diagonal(along, n)[:, None, None] * dearer
        )
        out[n * TERMS, :, : grid.rows - n] += bending * np.diagonal(down, n)[None, :, None] * dearer
    out[0] += SHRINK * (FINE.rows * FINE.columns) / (grid.rows * grid.columns) * dearer
    return out.reshape(grid.bands, -1)


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[Any]:
    """Linear algebra in one thread inside the block: more wait for each other."""
    limited: AbstractContextManager[Any] = _threads().limit(limits=1, user_api="blas")
    return limited


def solved(found: Equations, count: int, bending: float) -> Tensor:
    """The surfaces, (2 TERMS, rows * columns), float32. count: of blocks in the equations. bending: of the penalty,
    per block."""
    grid = found.grid
    matrix = found.matrix + count * _penalty(bending, grid)
    with one_thread():
        out = solveh_banded(matrix, found.right, lower=True, overwrite_ab=True, check_finite=False)
    lie = out.reshape(grid.columns, grid.rows, TERMS, 2).transpose(3, 2, 1, 0)
    return torch.from_numpy(np.ascontiguousarray(lie)).float().view(2 * TERMS, -1)


def at(surfaces: Tensor, place: Tensor, grid: Grid) -> Tensor:
    """Coefficients at places: surfaces of :func:`solved`, place (2, n) of x, y -> (n, 2, TERMS)."""
    x, y = bumps(place[:1], grid.columns)[0], bumps(place[1:], grid.rows)[0]
    both = (y[:, None] * x[None]).view(grid.rows * grid.columns, -1)
    return (surfaces @ both).view(2, TERMS, -1).permute(2, 0, 1)
