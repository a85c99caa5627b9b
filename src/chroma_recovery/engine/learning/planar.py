"""The network's full-resolution head for rendering on a CPU: the same numbers as :class:`ChromaNetwork`, by matrix
products on planes that fit the processor's cache.

Per pixel the head does little; as convolutions over forty full-size planes it is bound by memory. Here some rows at a
time are laid out as (channels, pixels): bilinear spreading of the cells is one product with nine weights per
pixel, the 1x1 convolutions are products, biases are a plane of ones, whitening is folded into the weights.
"""

from __future__ import annotations

import attrs
import torch
from torch import Tensor
from torch.nn import functional

from .network import Architecture, ChromaNetwork
from .strips import Base, Buffers, spreading

__all__ = ["PlanarHead", "planar_head"]

AGREES = 1e-4
"""Greatest difference to the network's own head, in chroma, on the patch that a new head is tried on."""


@attrs.frozen(eq=False)
class PlanarHead:
    """cell: pixels per cell. spread: (rows of a cell, columns of a cell, 9) weights of the 3x3 cells around. pixel:
    (hidden, 4) on smoothed Y'CbCr and 1. mix: (hidden, hidden + 1). last: (2, hidden + 1) on the mixed planes."""

    cell: int
    spread: Tensor
    pixel: Tensor
    mix: Tensor
    last: Tensor

    @classmethod
    def of(cls, network: ChromaNetwork) -> PlanarHead:
        """The weights of a network on the CPU in float32."""

        def flat(layer: torch.nn.Conv2d) -> Tensor:
            return layer.weight.detach().reshape(layer.weight.shape[0], -1)

        def bias(layer: torch.nn.Conv2d) -> Tensor:
            held = layer.bias
            return torch.zeros(layer.weight.shape[0], 1) if held is None else held.detach()[:, None]

        pixel = flat(network.pixel)
        scale = (network.residual_scale * network.strength)[:, None]
        return cls(
            network.architecture.cell,
            spreading(network.architecture.cell),
            torch.cat([pixel @ network.white_weight, (pixel @ network.white_bias)[:, None]], 1),
            torch.cat([flat(network.mix), bias(network.mix)], 1),
            torch.cat([flat(network.residual), bias(network.residual)], 1) * scale,
        )

    def rows_at_once(self, columns: int) -> int:
        """Rows per piece: a divisor of ``cell`` that keeps the planes of a piece near the size of the cache."""
        room = max(8192 * torch.get_num_threads() // max(columns, 1), 1)
        return max(n for n in range(1, self.cell + 1) if self.cell % n == 0 and (n <= room or n == 1))

    def residual(self, cells: Tensor, ycc: Tensor) -> Tensor:
        """The residual (2, rows, columns) of the rows and columns that whole cells cover, or fewer.

        cells: (hidden, rows / cell + 2, columns / cell + 2) of :meth:`ChromaNetwork.cells`, rounded up, one more on
        every side. ycc: (3, rows, columns), smoothed.
        """
        cell, hidden = self.cell, self.mix.shape[0]
        rows, columns = cells.shape[1] - 2, cells.shape[2] - 2
        high, wide = ycc.shape[1:]
        missing = columns * cell - wide, rows * cell - high
        if any(missing):
            ycc = functional.pad(ycc[None], [0, missing[0], 0, missing[1]], mode="replicate")[0]
        out = torch.empty(2, rows * cell, columns * cell)
        step = self.rows_at_once(columns * cell)
        count = step * cell * columns
        a, b = torch.ones(hidden + 1, count), torch.ones(hidden + 1, count)
        mine = torch.ones(4, count)
        lie = (step, cell, columns)
        around = torch.empty(hidden, 9, columns)
        for row in range(rows):
            for n in range(9):
                top, left = row + n // 3, n % 3
                around[:, n] = cells[:hidden, top, left : left + columns]
            for part in range(0, cell, step):
                here = slice(row * cell + part, row * cell + part + step)
                mine[:3].view(3, *lie).copy_(ycc[:, here].view(3, step, columns, cell).permute(0, 1, 3, 2))
                weights = self.spread[part : part + step].reshape(1, step * cell, 9)
                planes = a[:hidden].view(hidden, step * cell, columns)
                torch.bmm(weights.expand(hidden, -1, -1), around, out=planes)
                a[:hidden].addmm_(self.pixel, mine).relu_()
                torch.mm(self.mix, a, out=b[:hidden]).relu_()
                found = torch.mm(self.last, b)
                out[:, here].view(2, step, columns, cell).copy_(found.view(2, *lie).permute(0, 1, 3, 2))
        return out[:, :high, :wide]


def planar_head(network: ChromaNetwork) -> PlanarHead | None:
    """The head of a network that lies on the CPU; None for a kind of network that it does not fit."""
    kind, architecture = type(network), network.architecture
    if (kind, architecture) not in _KNOWN:
        _KNOWN[kind, architecture] = _fits(kind, architecture)
    return PlanarHead.of(network) if _KNOWN[kind, architecture] else None


_KNOWN: dict[tuple[type, Architecture], bool] = {}


def _fits(kind: type[ChromaNetwork], architecture: Architecture) -> bool:
    """Whether head and base by strips and network give the same on a patch of noise, with weights of noise."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(1)
        network = kind(architecture).eval()
        for weight in (*network.parameters(), network.base_weight, network.base_local, network.table):
            weight.normal_(0, weight[0].numel() ** -0.5)
        side = architecture.stride * 2
        ycc = torch.rand(1, 3, side, side)
        ycc[:, 1:] -= 0.5
        where = torch.tensor([[-1.0, 2.0 / side, 1.0, -2.0 / side, 1.0]])
        try:
            wanted = network(ycc, where)[0]
            smooth = network.smoothed(ycc)
            cells = functional.pad(network.cells(network.whiten(smooth), where), [1] * 4, mode="replicate")
            found = Base(network, tuple(where[0].tolist()), side, side, Buffers()).chroma(smooth[0], 0, 0)
            found += PlanarHead.of(network).residual(cells[0], smooth[0])
        except (AttributeError, RuntimeError):
            return False
    return bool((found - wanted).abs().max() < AGREES)
