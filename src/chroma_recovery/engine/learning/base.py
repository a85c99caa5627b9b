"""The network's base, fitted to the pairs in closed form.

A Reference is blurred, its chroma is subsampled, compressed and noisy, and it lies a pixel off here and there. Fitted
to it pixel by pixel, everything that can learns the blur as well. So predictions and Reference are compared
as means over blocks of BLOCK x BLOCK pixels, in which all of that nearly cancels; what differs inside a block
counts PIXELS as much, which keeps the Source's grain from being amplified.

Whether the base may vary over the frame is chosen by leaving pairs out. Errors against a Reference also fall
when its own faults are learned, which repeat on a camera that stands still; therefore varying has to be better
by PARSIMONY. How finely it varies then is what predicts the pairs left out best.
"""

from __future__ import annotations

import attrs
import torch
from torch import Tensor
from torch.nn import functional

from .dataset import Dataset, Pair, places
from .network import ChromaNetwork
from .polynomial import DEGREES, LOCAL, TERMS, WAVES, terms, waves

__all__ = ["BLOCK", "PARSIMONY", "PIXELS", "fault", "fit_base"]

BLOCK = 8
PIXELS = 0.3

PARSIMONY = 1.1

FOLDS = 5

BLOCKS = 24_000
"""Blocks taken of all pairs together, spread evenly."""

RIDGE = 1e-6


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
    """Normal equations of some pairs, and their block means to measure errors on. count: of blocks."""

    matrix: Tensor
    right: Tensor
    count: int
    means: Tensor
    wanted: Tensor


def fit_base(network: ChromaNetwork, data: Dataset) -> None:
    """Whitening, base and scale of the residual, from the pairs."""
    data = attrs.evolve(data, pairs=tuple(_smoothed(network, pair) for pair in data.pairs))
    inputs, _ = data.samples()
    mean = inputs.mean(0)
    away = inputs - mean
    values, vectors = torch.linalg.eigh(away.T @ away / len(inputs))
    values = values.clamp_min(float(values.max()) * 1e-5 + 1e-10)
    white = vectors @ torch.diag(values**-0.5) @ vectors.T
    low, high = places(data.pairs)
    for buffer, value in (
        (network.white_weight, white),
        (network.white_bias, -(white @ mean)),
        (network.position_low, torch.tensor(low)),
        (network.position_high, torch.tensor(high)),
        (network.position_on, torch.tensor([float(any(p.where[4] > 0 for p in data.pairs))])),
    ):
        buffer.copy_(value.to(torch.float32))
    normals = _normals(network, data)
    plain = _solved(normals, _columns(0, 0))
    columns = _chosen(normals, plain) if data.places_known else None
    local = torch.zeros_like(plain)
    if columns is not None:
        local = _solved([_without(n, plain) for n in normals], columns)
    network.base_weight.copy_(plain[:TERMS].T)
    network.base_local.copy_(local[TERMS:].T.reshape(2 * LOCAL, WAVES * WAVES))
    left = [_without(_without(n, plain), local) for n in normals]
    network.residual_scale.copy_(torch.cat([n.wanted for n in left]).std(0).clamp_min(0.004))


def _smoothed(network: ChromaNetwork, pair: Pair) -> Pair:
    """A pair as the network sees it."""
    ycc, chroma, mask = pair.part(slice(None), slice(None))
    return Pair(pair.frame, network.smoothed(ycc[None])[0], chroma, mask, pair.where)


def _chosen(normals: list[_Normal], plain: Tensor) -> Tensor | None:
    """Columns of the local part that predicts pairs left out best; None for no local part where that is nearly as good,
    and for fewer than three pairs."""
    if len(normals) < 3:
        return None
    left = [_without(n, plain) for n in normals]
    choices: list[Tensor | None] = [None, _columns(1, 4), _columns(1, WAVES), _columns(2, WAVES)]
    errors = [_error(left, columns) for columns in choices]
    if errors[0] <= PARSIMONY * min(errors):
        return None
    return choices[errors.index(min(errors))]


def _error(normals: list[_Normal], columns: Tensor | None) -> float:
    """Mean absolute error of the block means of each group of pairs, predicted from the others."""
    total = 0.0
    for k, one in enumerate(normals):
        away = one.wanted
        if columns is not None:
            away = _without(one, _solved(normals[:k] + normals[k + 1 :], columns)).wanted
        total += float(away.abs().sum())
    return total / sum(n.wanted.numel() for n in normals)


def _columns(degree: int, count: int) -> Tensor:
    """Which coefficients may differ from zero: (TERMS + LOCAL * WAVES ** 2) of bool. count: cosines along a side, up to
    terms of this degree; 0: the part alone that is the same everywhere."""
    order = torch.arange(WAVES)
    near = (order[:, None] < count) & (order[None, :] < count)
    local = (torch.tensor(DEGREES[:LOCAL]) <= degree)[:, None] & near.reshape(1, -1)
    return torch.cat([torch.full((TERMS,), count == 0), local.reshape(-1)])


def _penalty() -> Tensor:
    """Higher degrees and shorter waves need better reasons."""
    degree = torch.tensor(DEGREES, dtype=torch.float64)
    order = torch.arange(WAVES, dtype=torch.float64)
    short = 1 + (order[:, None] ** 2 + order[None, :] ** 2).reshape(1, -1)
    local = (1 + degree[:LOCAL, None] ** 2) * short
    return torch.cat([0.2 * (0.2 + degree) ** 2, local.reshape(-1)])


def _solved(normals: list[_Normal], columns: Tensor) -> Tensor:
    """Ridge regression: (all coefficients, 2) in float64, zero outside ``columns``."""
    count = sum(n.count for n in normals)
    matrix = sum((n.matrix[columns][:, columns] for n in normals), torch.zeros(()))
    right = sum((n.right[columns] for n in normals), torch.zeros(()))
    out = torch.zeros(len(columns), 2, dtype=torch.float64)
    out[columns] = torch.linalg.solve(matrix + torch.diag(RIDGE * count * _penalty()[columns]), right)
    return out


def _without(normal: _Normal, solved: Tensor) -> _Normal:
    """The same equations for what a solution leaves over."""
    return attrs.evolve(
        normal,
        right=normal.right - normal.matrix @ solved,
        wanted=normal.wanted - normal.means @ solved.float(),
    )


def _normals(network: ChromaNetwork, data: Dataset) -> list[_Normal]:
    """Those of each pair, or of FOLDS groups of neighbouring pairs."""
    area = sum(p.height * p.width for p in data.pairs) // BLOCK**2
    every = max(1, round((area / BLOCKS) ** 0.5))
    groups: dict[int, list[_Normal]] = {}
    for number, pair in enumerate(data.pairs):
        group = number * FOLDS // len(data.pairs) if len(data.pairs) > FOLDS else number
        groups.setdefault(group, []).append(_normal(network, pair, every, number))
    return [
        _Normal(
            sum((n.matrix for n in some), torch.zeros(())),
            sum((n.right for n in some), torch.zeros(())),
            sum(n.count for n in some),
            torch.cat([n.means for n in some]),
            torch.cat([n.wanted for n in some]),
        )
        for some in groups.values()
    ]


def _normal(network: ChromaNetwork, pair: Pair, every: int, number: int) -> _Normal:
    """Every ``every``-th block of every ``every``-th row of blocks; of a block a quarter of its pixels."""
    high, wide = pair.height // BLOCK, pair.width // BLOCK
    x0, dx, y0, dy, _ = pair.where
    x = (x0 + (torch.arange(wide * BLOCK) + 0.5) * dx).expand(high * BLOCK, -1)
    y = (y0 + (torch.arange(high * BLOCK) + 0.5) * dy)[:, None].expand(-1, wide * BLOCK)
    planes = torch.cat(
        [
            t[:, : high * BLOCK, : wide * BLOCK]
            for t in (pair.ycc, pair.chroma, pair.mask, torch.stack([x, y]))
        ]
    )
    blocks = planes.unfold(1, BLOCK, BLOCK).unfold(2, BLOCK, BLOCK)
    blocks = blocks[:, number % every :: every, number // every % every :: every]
    blocks = blocks[..., number % 2 :: 2, number // 2 % 2 :: 2].flatten(3).flatten(1, 2)
    blocks = blocks[:, (blocks[5] > 0).all(-1)]  # (8, blocks, pixels)
    count, pixels = blocks.shape[1:]
    each = blocks.reshape(8, -1)
    found = _features(network, each[:3], each[6:])
    wanted = each[3:5].T.contiguous()
    means, right = found.view(count, pixels, -1).mean(1), wanted.view(count, pixels, 2).mean(1)
    share = PIXELS / pixels
    return _Normal(
        ((1 - PIXELS) * (means.T @ means) + share * (found.T @ found)).double(),
        ((1 - PIXELS) * (means.T @ right) + share * (found.T @ wanted)).double(),
        count,
        means,
        right,
    )


def _features(network: ChromaNetwork, ycc: Tensor, place: Tensor) -> Tensor:
    """(3, n) colours and (2, n) places -> (n, coefficients), float32."""
    colour = network.limited(network.whiten(ycc[None, :, :, None]))[..., 0]
    found = terms(colour, TERMS)[0]
    low, high = network.position_low[:, None], network.position_high[:, None]
    x, y = waves(torch.minimum(torch.maximum(place, low), high))
    both = (x[:, None] * y[None]).reshape(WAVES * WAVES, -1)
    local = (found[:LOCAL, None] * both[None]).reshape(LOCAL * WAVES * WAVES, -1)
    return torch.cat([found, local]).T.contiguous()
