"""What the base is fitted to: blocks of pixels spread over all pairs, read some rows at a time."""

from __future__ import annotations

import math

import attrs
import torch
from torch import Tensor

from .dataset import Dataset, Pair
from .degrain import Degrain, finest, grain_of
from .network import ChromaNetwork
from .strips import Base, Buffers

__all__ = ["ACROSS", "Blocks", "grain", "read_blocks"]

ACROSS = 6
"""Pixels that are read along each side of a block, see :func:`_spacing`."""

STEP = 4
"""From one block to the next, in those pixels: blocks overlap."""

SPACING, FULL = 2.0, 960 * 540
"""Pixels of so large a picture from one that is read to the next."""

COUNT = 48_000
"""Blocks taken of all pairs together, spread evenly."""

FOLDS = 5
"""Groups of neighbouring pairs at most, each of which is left out once."""

SQUARES = 8, 6
"""Along width and height of the frame."""

PATCH = 512
"""Side of the middle of a pair that grain is measured on."""

PATCHES = 8


@attrs.frozen(eq=False)
class Blocks:
    """Of some pairs. ycc: (3, n, pixels), smoothed. chroma: (2, n, pixels) of the Ground Truth. place: (2, n), x and y
    of their middles."""

    ycc: Tensor
    chroma: Tensor
    place: Tensor


def _spacing(pixels: float) -> int:
    """In larger pictures blocks are larger, but not by as much: what is to cancel in them, grain, edges and a
    Reference's blur, grows with the picture only in part."""
    return max(1, round(SPACING * math.pow(pixels / FULL, 1 / 3)))


def read_blocks(network: ChromaNetwork, data: Dataset) -> list[Blocks]:
    """Those of each pair, of FOLDS groups of neighbouring pairs, or of FOLDS parts of a single pair; groups without a
    whole block of picture are left out."""
    area = sum(p.height * p.width for p in data.pairs)
    spacing = _spacing(area / len(data.pairs))
    every = max(1, round((area / (STEP * spacing) ** 2 / COUNT) ** 0.5))
    groups: dict[int, list[Blocks]] = {}
    for number, pair in enumerate(data.pairs):
        group = number * FOLDS // len(data.pairs) if len(data.pairs) > FOLDS else number
        groups.setdefault(group, []).extend(_of_pair(network, pair, spacing, every, number))
    joined = [
        Blocks(*(torch.cat([getattr(b, a.name) for b in some], 1) for a in attrs.fields(Blocks)))
        for some in groups.values()
    ]
    found = [b for b in joined if b.ycc.shape[1]]
    return found if len(found) != 1 else _parted(found[0])


def _parted(blocks: Blocks) -> list[Blocks]:
    """Those of a single pair in FOLDS groups of squares, spread over the frame."""
    x, y = ((v + 1) * (n / 2) for v, n in zip(blocks.place, SQUARES, strict=True))
    group = (x.long() + 2 * y.long()) % FOLDS
    some = [group == k for k in range(FOLDS)]
    return [Blocks(blocks.ycc[:, s], blocks.chroma[:, s], blocks.place[:, s]) for s in some if bool(s.any())]


def _of_pair(network: ChromaNetwork, pair: Pair, spacing: int, every: int, number: int) -> list[Blocks]:
    """Every ``every``-th block of every ``every``-th row of blocks. Which ones, and which of their pixels, differs from
    pair to pair."""
    side, step = (ACROSS - 1) * spacing + 1, STEP * spacing
    down, right = number // spacing % spacing, number % spacing
    high, wide = (max((n - side) // step + 1, 0) for n in (pair.height - down, pair.width - right))
    x0, dx, y0, dy, _ = pair.where
    around = Degrain.of(network).times
    begin = number % every, number // every % every
    columns = torch.arange(begin[0] if begin[0] < wide else 0, wide, every)
    found = []
    for row in range(begin[1] if begin[1] < high else 0, high, every) if wide else ():
        top = down + row * step
        first = max(top - around, 0)
        ycc, chroma, mask = pair.part(slice(first, min(top + side + around, pair.height)), slice(None))
        inner = slice(top - first, top - first + side)
        planes = torch.cat([network.smoothed(ycc[None])[0], chroma, mask])[:, inner, right:]
        blocks = planes.unfold(2, side, step).transpose(1, 2)[:, columns]  # (6, blocks, side, side)
        blocks = blocks[..., ::spacing, ::spacing].flatten(2)
        whole = (blocks[5] > 0).all(-1)
        blocks = blocks[:, whole]
        x = x0 + (right + columns[whole] * step + side / 2) * dx
        place = torch.stack([x, torch.full_like(x, y0 + (top + side / 2) * dy)])
        found.append(Blocks(blocks[:3].contiguous(), blocks[3:5].contiguous(), place))
    return found


def grain(network: ChromaNetwork, data: Dataset) -> tuple[Tensor, float]:
    """Of the pairs' Source :func:`.degrain.grain_of`; of what the base makes of it :func:`.degrain.finest`, that of Cb
    and that of Cr added. Means over a few pairs."""
    every = -(-len(data.pairs) // PATCHES)
    source, mapped = [], []
    for pair in data.pairs[::every]:
        top, left = max(pair.height - PATCH, 0) // 2, max(pair.width - PATCH, 0) // 2
        ycc, _, mask = pair.part(slice(top, top + PATCH), slice(left, left + PATCH))
        x0, dx, y0, dy, known = pair.where
        where = (x0 + left * dx, dx, y0 + top * dy, dy, known)
        base = Base(network, where, ycc.shape[1], ycc.shape[2], Buffers())
        chroma = base.chroma(network.smoothed(ycc[None])[0], 0, 0) * mask
        source.append(grain_of(ycc[1:] * mask))
        mapped.append(finest(chroma).sum())
    return torch.stack(source).mean(0), float(torch.stack(mapped).mean())
