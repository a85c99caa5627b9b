"""Whether the base varies over the frame, how stiffly, and the surfaces themselves.

Surfaces can learn a Reference's own faults, which repeat on a camera that stands still; a table over colour can not
follow a fade that differs from place to place. Both are judged by what they miss of blocks they do not know in pairs
they know, and of pairs left out: other frames of a shot lie between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

import attrs
import torch
from torch import Tensor

from .blocks import Blocks
from .colour_table import ALIKE, TableFit, between
from .network import ChromaNetwork
from .polynomial import DEGREES, TERMS, terms
from .surfaces import BINS, COARSE, FINE, Equations, Grid, at, equations, solved

__all__ = ["Means", "chosen_bending", "even", "means_of", "surfaces"]

MARGIN = 1.2
"""Surfaces have to be better than the table by so much: it can not learn faults that repeat at a place."""

STRANGE = 4 / 255
"""Pairs left out that are missed by more, mean of Cb and Cr (-0.5..0.5), show other things than the rest: they say
nothing of surfaces."""

STIFF = 1.025
"""A stiffer surface is taken where its error is at most so many times the least."""

BENDING = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)

RIDGE = 1e-6

FOLDS = 5
"""Every so manieth block is left out in turn to see what surfaces miss of pairs they know."""

PIECE = 4096
"""Blocks at a time."""


@attrs.frozen(eq=False)
class Means:
    """Of blocks. terms: (n, TERMS), of the polynomial. wanted: (n, 2), Cb and Cr. place: (2, n)."""

    terms: Tensor
    wanted: Tensor
    place: Tensor

    @property
    def count(self) -> int:
        return len(self.terms)

    def every(self, number: int, first: int) -> Means:
        return Means(self.terms[first::number], self.wanted[first::number], self.place[:, first::number])

    def less(self, weight: Tensor) -> Means:
        """What the polynomial ``weight``, (TERMS, 2), leaves over."""
        return attrs.evolve(self, wanted=self.wanted - self.terms @ weight.to(self.terms))

    def equations(self, grid: Grid) -> Equations:
        x, y = ((v + 1) * (n / 2) for v, n in zip(self.place, reversed(BINS), strict=True))
        row, column = (v.long().clamp(0, n - 1) for v, n in zip((y, x), BINS, strict=True))
        bins = row * BINS[1] + column
        matrix = torch.zeros(BINS[0] * BINS[1], TERMS, TERMS, dtype=torch.float64)
        right = torch.zeros(BINS[0] * BINS[1], TERMS, 2, dtype=torch.float64)
        for k in range(0, self.count, PIECE):
            each, to = self.terms[k : k + PIECE].double(), bins[k : k + PIECE]
            matrix.index_add_(0, to, each[:, :, None] * each[:, None])
            right.index_add_(0, to, each[:, :, None] * self.wanted[k : k + PIECE, None].double())
        return equations(matrix.view(*BINS, TERMS, TERMS), right.view(*BINS, TERMS, 2), grid)

    def missed(self, found: Tensor, grid: Grid) -> float:
        """Sum over blocks and Cb, Cr of what surfaces ``found`` miss."""
        return float(self.left(found, grid).abs().sum())

    def left(self, found: Tensor, grid: Grid) -> Tensor:
        """What surfaces ``found`` leave over: (n, 2)."""
        pieces = [
            (at(found, self.place[:, k : k + PIECE], grid) * self.terms[k : k + PIECE, None]).sum(2)
            for k in range(0, self.count, PIECE)
        ]
        return self.wanted - torch.cat(pieces)


def means_of(network: ChromaNetwork, blocks: Blocks) -> Means:
    """Of the colours that ``network`` whitens."""
    count = blocks.ycc.shape[1]
    found = [
        terms(network.limited(network.whiten(blocks.ycc[None, :, k : k + PIECE])))[0].mean(2).T
        for k in range(0, count, PIECE)
    ]
    return Means(torch.cat(found), blocks.chroma.mean(2).T, blocks.place)


def even(groups: Sequence[Means]) -> Tensor:
    """The polynomial that is the same everywhere: (TERMS, 2), float64. Higher degrees need better reasons."""
    matrix = reduce(add, (m.terms.double().T @ m.terms.double() for m in groups))
    right = reduce(add, (m.terms.double().T @ m.wanted.double() for m in groups))
    dearer = 0.2 * (0.2 + torch.tensor(DEGREES, dtype=torch.float64)) ** 2
    out: Tensor = torch.linalg.solve(
        matrix + torch.diag(RIDGE * sum(m.count for m in groups) * dearer), right
    )
    return out


def surfaces(groups: Sequence[Means], bending: float) -> Tensor:
    """(2 TERMS, ROWS * COLUMNS), for what ``groups`` want."""
    whole = reduce(add, (m.equations(FINE) for m in groups))
    return solved(whole, sum(m.count for m in groups), bending)


def chosen_bending(groups: Sequence[Means], table: TableFit) -> float | None:
    """Penalty on bending of the surfaces for what ``groups``, each of which is left out once, want; None where a table
    serves as well."""
    unknown = _missed(groups)
    if min(unknown.values()) > min(STRANGE, table.left_out):
        return None
    parts = [[m.every(FOLDS, k) for m in groups] for k in range(FOLDS)]
    joined = [
        Means(
            torch.cat([m.terms for m in some]),
            torch.cat([m.wanted for m in some]),
            torch.cat([m.place for m in some], 1),
        )
        for some in parts
    ]
    known = _missed(joined)
    errors = {b: between(known[b], unknown[b]) for b in BENDING}
    least = min(errors.values())
    if table.least <= max(MARGIN * least, least + ALIKE):
        return None
    return max(b for b, error in errors.items() if error <= STIFF * least)


def _missed(groups: Sequence[Means]) -> dict[float, float]:
    """By bending: mean over blocks and Cb, Cr of what surfaces fitted to the others miss of each group."""
    found = [m.equations(COARSE) for m in groups]
    whole, count = reduce(add, found), sum(m.count for m in groups)
    errors = dict.fromkeys(BENDING, 0.0)
    for out, own in zip(groups, found, strict=True):
        others = whole - own
        for bending in BENDING:
            made = solved(others, count - out.count, bending)
            errors[bending] += out.missed(made, COARSE) / (2 * count)
    return errors
