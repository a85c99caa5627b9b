"""The network's base, fitted to the pairs in closed form.

A Reference is blurred, its chroma is subsampled, compressed and noisy, and it lies a pixel off here and there. Fitted
to it pixel by pixel, everything that can learns the blur as well. So predictions and Reference are compared
as means over blocks of BLOCK x BLOCK pixels, in which all of that nearly cancels; what differs inside a block
counts PIXELS as much, which keeps the Source's grain from being amplified.

Whether the base may vary over the frame, and how stiffly, is chosen by leaving pairs out. Errors against a Reference
also fall when its own faults are learned, which repeat on a camera that stands still; therefore varying has to be
better by PARSIMONY, and of what varies the stiffest is taken that is nearly as good as the best. Where it does not
vary, a plane and a table over colour take the polynomial's place (see ``colour_table``), also where they do better on
pairs left out than any surface.

How grain is taken out before (see ``degrain``) is chosen by how much of it shows in what a first, even base makes of
the pairs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import attrs
import torch
from torch import Tensor
from torch.nn import functional

from .blocks import BLOCK, Blocks, grain, read_blocks
from .colour_table import PLANE, Seen, TableFit, box_of
from .dataset import Dataset, places
from .degrain import Degrain, filter_for
from .network import ChromaNetwork
from .polynomial import DEGREES, terms
from .surfaces import BINS, COARSE, FINE, Grid, at, equations, solved

__all__ = ["PARSIMONY", "PIXELS", "fault", "fit_base"]

PIXELS = 0.3

PARSIMONY = 1.1

STIFF = 1.04
"""A stiffer surface is taken where its error is at most so many times the least."""

BENDING = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)

RIDGE = 1e-6

LIMIT = 0.999
"""Share of the pairs' pixels whose whitened colour lies within ``white_limit``."""

PIECE = 4096
"""Blocks at a time."""


def fault(away: Tensor, mask: Tensor, block: int = BLOCK) -> Tensor:
    """Error as training and hold-outs count it: mean absolute error of block means, and with the weight PIXELS of the
    pixels themselves. away: (b, 2, h, w), differences in chroma. mask: (b, 1, h, w). block: pixels along a
    block's side."""
    away = away * mask
    side = min(block, *away.shape[-2:])
    means = functional.avg_pool2d(away, side).abs().mean()
    return ((1 - PIXELS) * means + PIXELS * away.abs().mean()) / mask.mean().clamp_min(1e-6)


@attrs.frozen(eq=False)
class _Normal:
    """Normal equations of some pairs by bins of the frame, and their block means to measure errors on.

    matrix: (*BINS, TERMS, TERMS). right: (*BINS, TERMS, 2). means: (n, TERMS). wanted: (n, 2). place: (2, n).
    """

    matrix: Tensor
    right: Tensor
    means: Tensor
    wanted: Tensor
    place: Tensor

    @property
    def count(self) -> int:
        return len(self.means)


def fit_base(network: ChromaNetwork, data: Dataset) -> None:
    """Mean, whitening, base and scale of the residual, from the pairs. They are read twice, some rows at a time.
    Left as it is if no pair holds a whole block of picture."""
    Degrain().put(network)
    if not _fit_even(network, read_blocks(network, data)):
        return
    pixels = sum(p.height * p.width for p in data.pairs) / len(data.pairs)
    filter_for(*grain(network, data), pixels).put(network)
    groups = read_blocks(network, data)
    normals = _fit_even(network, groups)
    even = network.base_weight.T.double()
    table = _table(network, groups)
    low, high = places(data.pairs)
    network.position_low.copy_(torch.tensor(low))
    network.position_high.copy_(torch.tensor(high))
    network.position_on.fill_(float(any(p.where[4] > 0 for p in data.pairs)))
    left = [_without(n, even) for n in normals]
    bending = None
    if data.places_known and len(left) > 1:
        bending = _chosen(left, table.left_out)
    if bending is None:
        plane, values, rest = table.whole()
        network.base_weight.zero_()
        network.base_weight[:, :PLANE] = plane
        network.table.copy_(values)
    else:
        whole = equations(_added(n.matrix for n in left), _added(n.right for n in left), FINE)
        network.base_local.copy_(solved(whole, sum(n.count for n in left), bending))
        rest = torch.cat([_without_surfaces(n, network.base_local, FINE).wanted for n in left])
    network.residual_scale.copy_(rest.std(0).clamp_min(0.004))


def _fit_even(network: ChromaNetwork, groups: list[Blocks]) -> list[_Normal]:
    """Whitening, and a polynomial that is the same everywhere; empty if there is nothing to fit to."""
    if groups:
        _whiten(network, torch.cat([g.ycc for g in groups], 1))
    normals = [_normal(network, g) for g in groups]
    if normals:
        network.base_weight.copy_(_even(normals).T)
        network.base_local.zero_()
        network.table.zero_()
    return normals


def _table(network: ChromaNetwork, groups: list[Blocks]) -> TableFit:
    """Of plane and table; sets the table's box."""
    seen = [Seen(network.limited(network.whiten(g.ycc[None]))[0], g.chroma) for g in groups]
    low, high = box_of(torch.cat([s.white.flatten(1) for s in seen], 1))
    network.table_low.copy_(low)
    network.table_high.copy_(high)
    return TableFit(seen, low, high, PIXELS)


def _whiten(network: ChromaNetwork, ycc: Tensor) -> None:
    """ycc: (3, blocks, pixels)."""
    inputs = ycc.flatten(1).T.double()
    mean = inputs.mean(0)
    away = inputs - mean
    values, vectors = torch.linalg.eigh(away.T @ away / len(inputs))
    values = values.clamp_min(float(values.max()) * 1e-5 + 1e-10)
    white = vectors @ torch.diag(values**-0.5) @ vectors.T
    network.white_weight.copy_(white.float())
    network.white_bias.copy_(-(white @ mean).float())
    farthest = (away @ white).abs().amax(1).sort().values
    network.white_limit.fill_(float(farthest[int(LIMIT * (len(farthest) - 1))].clamp(3, 10)))


def _normal(network: ChromaNetwork, blocks: Blocks) -> _Normal:
    pixels = blocks.ycc.shape[2]
    each = network.limited(network.whiten(blocks.ycc[None]))
    found = terms(each)[0].permute(1, 0, 2).contiguous()  # (blocks, TERMS, pixels)
    chroma = blocks.chroma.permute(1, 0, 2)
    means, wanted = found.mean(2), chroma.mean(2)
    share = PIXELS / pixels
    matrix = (1 - PIXELS) * means[:, :, None] * means[:, None] + share * (found @ found.transpose(1, 2))
    right = (1 - PIXELS) * means[:, :, None] * wanted[:, None] + share * (found @ chroma.transpose(1, 2))
    x, y = ((v + 1) * (n / 2) for v, n in zip(blocks.place, reversed(BINS), strict=True))
    row, column = (v.long().clamp(0, n - 1) for v, n in zip((y, x), BINS, strict=True))
    bins = row * BINS[1] + column

    def binned(each: Tensor) -> Tensor:
        out = torch.zeros(BINS[0] * BINS[1], *each.shape[1:], dtype=torch.float64)
        return out.index_add_(0, bins, each.double()).view(*BINS, *each.shape[1:])

    return _Normal(binned(matrix), binned(right), means, wanted, blocks.place)


def _added(parts: Iterable[Tensor]) -> Tensor:
    return reduce(torch.add, parts)


def _even(normals: list[_Normal]) -> Tensor:
    """The polynomial that is the same everywhere: (TERMS, 2), float64. Higher degrees need better reasons."""
    matrix = _added(n.matrix.sum((0, 1)) for n in normals)
    right = _added(n.right.sum((0, 1)) for n in normals)
    dearer = 0.2 * (0.2 + torch.tensor(DEGREES, dtype=torch.float64)) ** 2
    out: Tensor = torch.linalg.solve(
        matrix + torch.diag(RIDGE * sum(n.count for n in normals) * dearer), right
    )
    return out


def _without(normal: _Normal, even: Tensor) -> _Normal:
    """The same equations for what the polynomial leaves over."""
    return attrs.evolve(
        normal,
        right=normal.right - normal.matrix @ even,
        wanted=normal.wanted - normal.means @ even.float(),
    )


def _without_surfaces(normal: _Normal, surfaces: Tensor, grid: Grid) -> _Normal:
    """Only what is ``wanted``, less what surfaces give."""
    found = torch.cat(
        [
            (at(surfaces, normal.place[:, k : k + PIECE], grid) * normal.means[k : k + PIECE, None]).sum(2)
            for k in range(0, normal.count, PIECE)
        ]
    )
    return attrs.evolve(normal, wanted=normal.wanted - found)


def _chosen(left: list[_Normal], table: float) -> float | None:
    """Penalty on bending; None where pairs left out are predicted nearly as well without surfaces, or better by a
    table (its error, see :attr:`TableFit.left_out`)."""
    found = [equations(n.matrix, n.right, COARSE) for n in left]
    whole, count = sum(found[1:], found[0]), sum(n.count for n in left)
    plain = sum(float(n.wanted.abs().sum()) for n in left)
    errors = dict.fromkeys(BENDING, 0.0)
    for out, own in zip(left, found, strict=True):
        others = whole - own
        for bending in BENDING:
            surfaces = solved(others, count - out.count, bending)
            errors[bending] += float(_without_surfaces(out, surfaces, COARSE).wanted.abs().sum())
    least = min(errors.values())
    if plain <= PARSIMONY * least or table * 2 * count < least:
        return None
    return max(b for b, error in errors.items() if error <= STIFF * least)
