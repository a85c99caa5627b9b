"""The network's base, fitted to the pairs in closed form.

A Reference is blurred, its chroma is subsampled, compressed and noisy, and it lies a pixel off here and there. Fitted
to it pixel by pixel, everything that can learns the blur as well. So predictions and Reference are compared as means
over blocks (see ``blocks``), in which all of that nearly cancels; for the table what differs inside a block counts
PIXELS as much, which keeps the Source's grain from being amplified.

Where the base does not vary over the frame it is a plane and a table over colour (see ``colour_table``); whether it
does is chosen by leaving out blocks and pairs (see ``uneven``).

How grain is taken out before (see ``degrain``) is chosen by how much of it shows in what a first, even base makes of
the pairs.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from .blocks import Blocks, grain, read_blocks
from .colour_table import PLANE, Seen, TableFit, box_of
from .dataset import Dataset, places
from .degrain import Degrain, filter_for
from .network import ChromaNetwork
from .surfaces import FINE
from .uneven import Means, chosen_bending, even, means_of, surfaces

__all__ = ["BLOCK", "PIXELS", "fault", "fit_base"]

BLOCK = 8
"""Pixels along a side of the blocks that training and hold-outs compare."""

PIXELS = 0.3

LIMIT = 0.999
"""Share of the pairs' pixels whose whitened colour lies within ``white_limit``."""


def fault(away: Tensor, mask: Tensor, block: int = BLOCK) -> Tensor:
    """Error as training and hold-outs count it: mean absolute error of block means, and with the weight PIXELS of the
    pixels themselves. away: (b, 2, h, w), differences in chroma. mask: (b, 1, h, w). block: pixels along a
    block's side."""
    away = away * mask
    side = min(block, *away.shape[-2:])
    means = functional.avg_pool2d(away, side).abs().mean()
    return ((1 - PIXELS) * means + PIXELS * away.abs().mean()) / mask.mean().clamp_min(1e-6)


def fit_base(network: ChromaNetwork, data: Dataset) -> None:
    """Mean, whitening, base and scale of the residual, from the pairs. They are read twice, some rows at a time.
    Left as it is if no pair holds a whole block of picture."""
    Degrain().put(network)
    if not _fit_even(network, read_blocks(network, data)):
        return
    pixels = sum(p.height * p.width for p in data.pairs) / len(data.pairs)
    filter_for(*grain(network, data), pixels).put(network)
    groups = read_blocks(network, data)
    left = _fit_even(network, groups)
    table = _table(network, groups)
    low, high = places(data.pairs)
    network.position_low.copy_(torch.tensor(low))
    network.position_high.copy_(torch.tensor(high))
    network.position_on.fill_(float(any(p.where[4] > 0 for p in data.pairs)))
    bending = chosen_bending(left, table) if data.places_known and len(left) > 1 else None
    if bending is None:
        plane, values, rest = table.whole()
        network.base_weight.zero_()
        network.base_weight[:, :PLANE] = plane
        network.table.copy_(values)
    else:
        network.base_local.copy_(surfaces(left, bending))
        rest = torch.cat([m.left(network.base_local, FINE) for m in left])
    network.residual_scale.copy_(rest.std(0).clamp_min(0.004))


def _fit_even(network: ChromaNetwork, groups: list[Blocks]) -> list[Means]:
    """Whitening, and a polynomial that is the same everywhere; gives what it leaves over, nothing if there is nothing
    to fit to."""
    if not groups:
        return []
    _whiten(network, torch.cat([g.ycc for g in groups], 1))
    means = [means_of(network, g) for g in groups]
    weight = even(means)
    network.base_weight.copy_(weight.T)
    network.base_local.zero_()
    network.table.zero_()
    return [m.less(weight) for m in means]


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
