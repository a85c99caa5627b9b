"""A table over colour, for a base that is the same over the whole frame.

Fading does not follow a polynomial: what lay apart in colour lies side by side in the Source. The table holds NODES x
NODES x NODES values over the box of whitened colours that the pairs fill, trilinear between them, and is added to a
plane, which carries on where no pair has been. It is held smooth by its second differences, as a fitted 3D LUT is;
unlike one it lies where the Source's colours lie, is compared in blocks, see :mod:`.base`, and is as stiff as the
pairs allow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import torch
from scipy import linalg, sparse
from torch import Tensor
from torch.nn import functional

from .surfaces import one_thread

__all__ = ["ALIKE", "NODES", "PLANE", "Seen", "TableFit", "between", "box_of", "looked_up", "places_in"]

NODES = 13
"""Along each colour."""

COARSE = 9
"""Along each colour where pairs are left out: a twentieth of the work."""

PLANE = 4
"""Terms of a polynomial of first degree in three colours."""

STIFF = (5e-5, 2e-4, 1e-3, 5e-3)
"""Penalties on squared second differences, per block."""

ALIKE = 1e-4
"""Errors, of Cb and Cr (-0.5..0.5), that differ by less than this fortieth of an 8-bit step say nothing: then finer
tables learn the Reference's faults."""

PULL = 1e-6
"""Penalty on the values themselves, per block: for colours that no pair holds."""

RIDGE = 1e-8
"""Penalty on the plane, per block: pairs of one colour have no slope."""

EDGE = 0.001
"""Share of the pairs' pixels beyond each side of the box; there the table counts as at the side."""

Array = npt.NDArray[np.float64]


def between(known: float, unknown: float) -> float:
    """What counts of both errors: other frames of a shot are neither as well known as its pairs nor as little as a pair
    left out."""
    return math.sqrt(known * unknown)


def box_of(white: Tensor) -> tuple[Tensor, Tensor]:
    """Lower and upper corner, (3) each, of the box that nearly all whitened colours (3, n) lie in."""
    ends = white.sort(1).values
    last = white.shape[1] - 1
    low, high = ends[:, int(EDGE * last)], ends[:, last - int(EDGE * last)]
    return low, torch.maximum(high, low + 1e-3)


def places_in(low: Tensor, high: Tensor, white: Tensor) -> Tensor:
    """Whitened colours (b, 3, h, w) as places in the box, -1..1 from side to side, last colour first: (b, h, w, 3)."""
    shape = (1, 3, 1, 1)
    place = (white - low.view(shape)) * (2 / (high - low)).view(shape) - 1
    return place.flip(1).permute(0, 2, 3, 1)


def looked_up(table: Tensor, place: Tensor) -> Tensor:
    """table: (2, NODES, NODES, NODES). place: of :func:`places_in`. Gives (b, 2, h, w), trilinear. Row by row, because
    that is what torch spreads over its threads."""
    b, h, w, _ = place.shape
    every = table[None].expand(b * h, -1, -1, -1, -1)
    rows = place.reshape(b * h, 1, 1, w, 3)
    found = functional.grid_sample(every, rows, "bilinear", "border", align_corners=True)
    return found.view(b, h, 2, w).transpose(1, 2)


@attrs.frozen(eq=False)
class Seen:
    """Blocks of some pairs. white: (3, n, pixels), whitened and limited. chroma: (2, n, pixels), wanted."""

    white: Tensor
    chroma: Tensor


@attrs.frozen(eq=False)
class _Part:
    """Normal equations of some blocks; ``nodes`` are unknowns of the table, ``plane`` those of the plane.

    means, planes, wanted: of every block, to measure errors on.
    """

    nodes: Any
    across: Array
    right: Array
    plane: Array
    plane_right: Array
    means: Any
    planes: Array
    wanted: Array

    def missed(self, plane: Array, table: Array) -> float:
        """Sum over blocks and Cb, Cr of the errors."""
        return float(np.abs(self.wanted - self.planes @ plane - self.means @ table).sum())


class TableFit:
    """groups: pairs, or groups of them, each of which is left out once. low, high: corners of the box. share: weight of
    single pixels against means of blocks."""

    def __init__(self, groups: Sequence[Seen], low: Tensor, high: Tensor, share: float) -> None:
        self.groups, self.box, self.share = groups, (low, high), share

    @cached_property
    def errors(self) -> dict[float, tuple[float, float]]:
        """By stiffness, of coarse tables: mean over blocks and Cb, Cr of what one of all groups misses, and of what
        those without a group miss of it; the same for a single group."""
        parts = [self._part(g, COARSE) for g in self.groups]
        count = 2 * sum(len(p.wanted) for p in parts)
        found = {}
        for stiff in STIFF:
            whole = self._solved(parts, COARSE, stiff)
            known = unknown = 0.0
            for out in parts:
                others = [p for p in parts if p is not out]
                known += out.missed(*whole)
                unknown += out.missed(*(self._solved(others, COARSE, stiff) if others else whole))
            found[stiff] = known / count, unknown / count
        return found

    @property
    def left_out(self) -> float:
        """The least of what is missed of groups left out, mean over blocks and Cb, Cr."""
        return min(unknown for _, unknown in self.errors.values())

    @property
    def least(self) -> float:
        """The least error :func:`between` known and unknown."""
        return min(between(*both) for both in self.errors.values())

    @property
    def stiffness(self) -> float:
        """The greatest that is nearly as good as any."""
        return max(stiff for stiff, both in self.errors.items() if between(*both) <= self.least + ALIKE)

    def whole(self) -> tuple[Tensor, Tensor, Tensor]:
        """Plane (2, PLANE), table (2, NODES, NODES, NODES), and what both leave over of every block, (n, 2)."""
        parts = [self._part(g, NODES) for g in self.groups]
        plane, table = self._solved(parts, NODES, self.stiffness)
        left = np.concatenate([p.wanted - p.planes @ plane - p.means @ table for p in parts])
        made = torch.from_numpy(table.T.copy()).float().view(2, NODES, NODES, NODES)
        return torch.from_numpy(plane.T.copy()).float(), made, torch.from_numpy(left).float()

    def _part(self, seen: Seen, nodes: int) -> _Part:
        blocks, pixels = seen.white.shape[1:]
        white = seen.white.flatten(1)
        each = _weights(places_in(*self.box, white[None, :, None]).reshape(-1, 3), nodes)
        planes = torch.cat([torch.ones_like(white[:1]), white]).double().T.numpy()
        chroma = seen.chroma.flatten(1).double().T.numpy()
        mean = sparse.kron(sparse.identity(blocks), np.full((1, pixels), 1 / pixels), "csr")
        means, mean_planes, wanted = mean @ each, mean @ planes, mean @ chroma
        of_mean, of_each = 1 - self.share, self.share / pixels
        return _Part(
            of_mean * (means.T @ means) + of_each * (each.T @ each),
            of_mean * (means.T @ mean_planes) + of_each * (each.T @ planes),
            of_mean * (means.T @ wanted) + of_each * (each.T @ chroma),
            of_mean * (mean_planes.T @ mean_planes) + of_each * (planes.T @ planes),
            of_mean * (mean_planes.T @ wanted) + of_each * (planes.T @ chroma),
            means,
            mean_planes,
            wanted,
        )

    def _solved(self, parts: Sequence[_Part], nodes: int, stiff: float) -> tuple[Array, Array]:
        """The plane first, (PLANE, 2), then the table for what it leaves over, (nodes ** 3, 2)."""
        count = sum(len(p.wanted) for p in parts)
        flat = sum(p.plane for p in parts) + np.diag([0.0] + [RIDGE * count] * (PLANE - 1))
        plane = linalg.solve(flat, sum(p.plane_right for p in parts), assume_a="pos")
        right = sum(p.right for p in parts) - sum(p.across for p in parts) @ plane
        matrix = sum(p.nodes for p in parts) + count * _penalty(nodes, stiff)
        with one_thread():
            table = linalg.solve(
                matrix.toarray(),
                right,
                assume_a="pos",
                overwrite_a=True,
                overwrite_b=True,
                check_finite=False,
            )
        return plane, table


def _weights(place: Tensor, nodes: int) -> Any:
    """Trilinear weights of places (n, 3), last colour first: sparse (n, nodes ** 3)."""
    at = ((place.double().clamp(-1, 1) + 1) * ((nodes - 1) / 2)).numpy()
    lower = np.minimum(at.astype(np.int64), nodes - 2)
    part = at - lower
    columns, values = [], []
    for corner in range(8):
        bits = [corner >> k & 1 for k in range(3)]
        step = [lower[:, k] + bits[k] for k in range(3)]
        columns.append((step[2] * nodes + step[1]) * nodes + step[0])
        share = [part[:, k] if bits[k] else 1 - part[:, k] for k in range(3)]
        values.append(share[0] * share[1] * share[2])
    count = len(place)
    ends = np.arange(0, 8 * count + 1, 8)
    shape = (count, nodes**3)
    return sparse.csr_matrix((np.stack(values, 1).ravel(), np.stack(columns, 1).ravel(), ends), shape)


def _penalty(nodes: int, stiff: float) -> Any:
    """Squared second differences along each colour, alike for all numbers of nodes, and the values themselves."""
    second = sparse.diags([1.0, -2.0, 1.0], [0, 1, 2], shape=(nodes - 2, nodes))
    bend, one = second.T @ second, sparse.identity(nodes)
    along = (
        sparse.kron(sparse.kron(bend, one), one)
        + sparse.kron(sparse.kron(one, bend), one)
        + sparse.kron(sparse.kron(one, one), bend)
    )
    return stiff * ((nodes - 1) / 16) * along + PULL * sparse.identity(nodes**3)
