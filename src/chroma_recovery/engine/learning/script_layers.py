"""Layers of :mod:`.script_module`, written for the TorchScript compiler as it is."""

import torch
from torch import Tensor, nn

from .network import ChromaNetwork

__all__ = ["Context", "Convolution"]


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
