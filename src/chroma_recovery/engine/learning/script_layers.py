"""Layers of :mod:`.script_module`, written for the TorchScript compiler as it is."""

import torch
from torch import Tensor, nn

from .colour_table import NODES
from .network import ChromaNetwork

__all__ = ["ColourTable", "Context", "Convolution", "numbers"]


def numbers(tensor: Tensor) -> list[float]:
    """As attributes, which stay exact when a module is made half precision."""
    return [float(v) for v in tensor.detach().double().flatten()]


class Convolution(nn.Module):
    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.weight: Tensor
        self.bias: Tensor
        bias = layer.bias if layer.bias is not None else torch.zeros(layer.out_channels)
        self.register_buffer("weight", layer.weight.detach().cpu().float().contiguous().clone())
        self.register_buffer("bias", bias.detach().cpu().float().clone())
        self.side = layer.kernel_size[0] // 2

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.weight.to(x.dtype), self.bias.to(x.dtype)
        return torch.conv2d(x, weight, bias, [1, 1], [self.side, self.side])


class _Level(nn.Module):
    def __init__(self, level: nn.Module) -> None:
        super().__init__()
        self.first = Convolution(level.first)  # type: ignore[arg-type]
        self.second = Convolution(level.second)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.second(torch.relu(self.first(x))))


class Context(nn.Module):
    """The U-Net."""

    def __init__(self, network: ChromaNetwork) -> None:
        super().__init__()
        self.down = nn.ModuleList([_Level(level) for level in network.context.down])
        self.up = nn.ModuleList([_Level(level) for level in network.context.up])

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for number, level in enumerate(self.down):
            if number > 0:
                x = torch.max_pool2d(x, [2, 2])
            x = level(x)
            skips.append(x)
        for number, level in enumerate(self.up):
            b, c, h, w = x.shape
            x = x.reshape(b, c, h, 1, w, 1).expand(b, c, h, 2, w, 2).reshape(b, c, 2 * h, 2 * w)
            x = level(torch.cat([skips[len(skips) - 2 - number], x], 1))
        return x


class ColourTable(nn.Module):
    """The base's table: whitened (b, 3, h, w) -> (b, 2, h, w), as ``colour_table.looked_up``."""

    def __init__(self, network: ChromaNetwork) -> None:
        super().__init__()
        self.nodes, self.table = NODES, numbers(network.table)
        self.low, self.high = numbers(network.table_low), numbers(network.table_high)

    def forward(self, white: Tensor) -> Tensor:
        table = torch.tensor(self.table, dtype=torch.float32, device=white.device).reshape(2, -1)
        last = float(self.nodes - 1)
        lower: list[Tensor] = []
        part: list[Tensor] = []
        for k in range(3):
            low, high = self.low[k], self.high[k]
            at = ((white[:, k] - low) * (last / (high - low))).clamp(0.0, last)
            floor = at.floor().clamp_max(last - 1.0)
            lower.append(floor.to(torch.int64))
            part.append(at - floor)
        first = (lower[0] * self.nodes + lower[1]) * self.nodes + lower[2]
        out = torch.zeros_like(white[:, :2])
        for a in range(2):
            of_a = part[0] if a == 1 else 1.0 - part[0]
            for b in range(2):
                of_b = of_a * (part[1] if b == 1 else 1.0 - part[1])
                for c in range(2):
                    share = of_b * (part[2] if c == 1 else 1.0 - part[2])
                    index = first + ((a * self.nodes + b) * self.nodes + c)
                    values = table.index_select(1, index.reshape(-1))
                    values = values.reshape(2, index.shape[0], index.shape[1], index.shape[2])
                    out = out + values.permute(1, 0, 2, 3) * share[:, None]
        return out
