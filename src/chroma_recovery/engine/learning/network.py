"""The network: a base in closed form, and a residual that sees context at low and colour at full resolution.

Only chroma comes out of it; Y' is put back by :func:`luma_chroma.recombine`.

::

    Y'CbCr -> mean -> whitening -> space-to-depth -> U-Net (+ position) -> 1x1 -> bilinear up -> +
                       \\-> 1x1 -----------------------------------------------------> + -> MLP -> residual
                       \\-> polynomial varying over the frame, or table (see ``base``) -----------> + -> Cb, Cr

The mean (see ``degrain``) takes grain out of what is mapped; Y' of the result is not touched.
"""

from __future__ import annotations

import copy
from typing import Any

import attrs
import torch
from torch import Tensor, nn
from torch.nn import functional

from .colour_table import NODES, looked_up, places_in
from .degrain import MOST, Degrain
from .polynomial import COLUMNS, ROWS, TERMS, bumps, terms

__all__ = ["ARCHITECTURES", "Architecture", "ChromaNetwork"]


@attrs.frozen
class Architecture:
    """Shape of the network. cell: side of the square of pixels that one low-resolution cell holds. widths:
    channels of the U-Net's levels. hidden: channels of the full-resolution head. bands: frequencies of the
    position code. linear: whether pictures come scene-linear and are sRGB-encoded inside the model; false for
    training domains whose values are encoded already."""

    cell: int = 8
    widths: tuple[int, ...] = (48, 64, 96)
    hidden: int = 40
    bands: int = 2
    linear: bool = True

    @property
    def stride(self) -> int:
        """Tiles that begin at multiples of this many pixels give the same result as the whole frame."""
        return self.cell * (1 << len(self.widths) - 1)

    @property
    def halo(self) -> int:
        """Pixels around a place that can influence it, rounded up to whole strides."""
        levels = len(self.widths)
        cells = sum(2 << k for k in range(levels)) + sum(2 << k for k in range(levels - 1)) + 1
        return -(-(cells * self.cell + MOST) // self.stride) * self.stride

    def as_json(self) -> dict[str, Any]:
        return {**attrs.asdict(self), "widths": list(self.widths), "kind": "hybrid"}


ARCHITECTURES = {
    "Small": Architecture(widths=(24, 32, 48), hidden=32),
    "Medium": Architecture(),
    "Large": Architecture(widths=(64, 96, 128), hidden=64),
}
"""By the training node's ``modelSize``."""


class _Level(nn.Module):
    """Two 3x3 convolutions."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.second(functional.relu(self.first(x))))


class _UNet(nn.Module):
    """(b, inputs, h, w) -> (b, widths[0], h, w); h and w multiples of 2 ** (levels - 1)."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        levels = len(widths)
        self.down = nn.ModuleList(
            [_Level(inputs if k == 0 else widths[k - 1], widths[k]) for k in range(levels)]
        )
        self.up = nn.ModuleList(
            [_Level(widths[k] + widths[k + 1], widths[k]) for k in range(levels - 2, -1, -1)]
        )

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for number, level in enumerate(self.down):
            if number > 0:
                x = functional.max_pool2d(x, 2)
            x = level(x)
            skips.append(x)
        for number, level in enumerate(self.up):
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = level(torch.cat([skips[len(skips) - 2 - number], x], 1))
        return x


class ChromaNetwork(nn.Module):
    """(Y', Cb, Cr) of a picture -> (Cb, Cr).

    Until it is trained it gives its base exactly, because the last layer starts at zero. The base is a
    polynomial of third degree in the whitened colour, the same for the whole frame (``base_weight``), plus, for fading
    that is uneven, one whose coefficients are smooth surfaces over the frame (``base_local``), which counts only where
    the place is known; or, for fading that is the same everywhere, plus a table over colour (``table``, from
    ``table_low`` to ``table_high``). Whitened colours beyond ``white_limit`` count as the limit.

    Position: five numbers per picture, (x0, dx, y0, dy, known): the middle of column i lies at x0 + (i + 0.5)
    dx and that of row j at y0 + (j + 0.5) dy, in units where the Source's full frame spans -1..1; known is 1,
    or 0 where the place on the Source is not known. ``position_on`` 0 makes every place unknown. Places
    outside those seen in training (``position_low`` .. ``position_high``) count as the nearest one seen.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        cell, hidden = architecture.cell, architecture.hidden
        code = 2 + 4 * architecture.bands + 1
        self.context = _UNet(3 * cell * cell, architecture.widths)
        self.gather = nn.Conv2d(architecture.widths[0] + code, hidden, 1)
        self.pixel = nn.Conv2d(3, hidden, 1, bias=False)
        self.mix = nn.Conv2d(hidden, hidden, 1)
        self.residual = nn.Conv2d(hidden, 2, 1)
        nn.init.zeros_(self.residual.weight)
        nn.init.zeros_(self.residual.bias if self.residual.bias is not None else torch.empty(0))
        self.white_weight: Tensor
        self.white_bias: Tensor
        self.smoothing: Tensor
        self.white_limit: Tensor
        self.base_weight: Tensor
        self.base_local: Tensor
        self.table: Tensor
        self.table_low: Tensor
        self.table_high: Tensor
        self.residual_scale: Tensor
        self.strength: Tensor
        self.position_on: Tensor
        self.position_low: Tensor
        self.position_high: Tensor
        self.register_buffer("white_weight", torch.eye(3))
        self.register_buffer("white_bias", torch.zeros(3))
        self.register_buffer("smoothing", torch.tensor([1.0, -1.0, -1.0]))
        self.register_buffer("white_limit", torch.full((1,), 4.0))
        self.register_buffer("base_weight", torch.zeros(2, TERMS))
        self.register_buffer("base_local", torch.zeros(2 * TERMS, ROWS * COLUMNS))
        self.register_buffer("table", torch.zeros(2, NODES, NODES, NODES))
        self.register_buffer("table_low", torch.full((3,), -1.0))
        self.register_buffer("table_high", torch.ones(3))
        self.base_weight[0, 2] = self.base_weight[1, 3] = 1.0
        self.register_buffer("residual_scale", torch.full((2,), 0.1))
        self.register_buffer("strength", torch.ones(1))
        self.register_buffer("position_on", torch.ones(1))
        self.register_buffer("position_low", torch.full((2,), -1.0))
        self.register_buffer("position_high", torch.full((2,), 1.0))

    def through(self, matrix: Tensor, away: Tensor) -> ChromaNetwork:
        """The same network that sees Y'CbCr mapped: by (3, 3), and (3) added. Parameters are shared."""
        twin = copy.copy(self)
        twin._buffers = dict(self._buffers)
        weight = self.white_weight.double()
        bias = self.white_bias.double() + weight @ away.to(weight)
        twin._buffers["white_weight"] = (weight @ matrix.to(weight)).float()
        twin._buffers["white_bias"] = bias.float()
        return twin

    def base(self, white: Tensor) -> Tensor:
        """The base alone, its local part left out: whitened (b, 3, h, w) -> (b, 2, h, w), float32."""
        limited = self.limited(white)
        found = functional.conv2d(terms(limited), self.base_weight.view(2, TERMS, 1, 1))
        if not self.tabled:
            return found
        return found + looked_up(self.table, places_in(self.table_low, self.table_high, limited))

    def limited(self, white: Tensor) -> Tensor:
        """Whitened colour as the base sees it."""
        return white.clamp(-float(self.white_limit), float(self.white_limit))

    @property
    def local(self) -> bool:
        """Whether the base varies over the frame."""
        return bool(float(self.position_on) > 0 and self.base_local.any())

    @property
    def tabled(self) -> bool:
        """Whether the base has a table over colour."""
        return bool(self.table.any())

    def places(self, where: Tensor, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
        """x of the middles of each column of cells and y of each row, within the places seen, (b, width) and
        (b, height); and whether they are known, (b, 1, 1, 1)."""
        cell = float(self.architecture.cell)
        column = (torch.arange(width, dtype=where.dtype, device=where.device) + 0.5) * cell
        row = (torch.arange(height, dtype=where.dtype, device=where.device) + 0.5) * cell
        low, high = self.position_low.tolist(), self.position_high.tolist()
        x = (where[:, 0:1] + where[:, 1:2] * column).clamp(low[0], high[0])
        y = (where[:, 2:3] + where[:, 3:4] * row).clamp(low[1], high[1])
        return x, y, (where[:, 4] * self.position_on).view(-1, 1, 1, 1)

    def position_code(self, where: Tensor, height: int, width: int) -> Tensor:
        """Code of every cell's middle: (b, 5) -> (b, 2 + 4 bands + 1, height, width); height, width in
        cells."""
        x, y, known = self.places(where, height, width)
        place = torch.stack([x[:, None, :].expand(-1, height, -1), y[:, :, None].expand(-1, -1, width)], 1)
        parts = [place]
        for band in range(self.architecture.bands):
            angle = place * (torch.pi / 2 * 2**band)
            parts += [torch.sin(angle), torch.cos(angle)]
        known = known.expand(-1, 1, height, width)
        return torch.cat([torch.cat(parts, 1) * known, known], 1)

    def local_weights(self, where: Tensor, height: int, width: int) -> Tensor:
        """The base's coefficients that vary over the frame, at the cells' middles: (b, 2 TERMS, height, width),
        float32; 0 where the place is not known."""
        x, y, known = self.places(where, height, width)
        weight = self.base_local.view(2 * TERMS, ROWS, COLUMNS)
        return torch.einsum("kji,bix,bjy->bkyx", weight, bumps(x, COLUMNS), bumps(y, ROWS)) * known

    def smoothed(self, ycc: Tensor) -> Tensor:
        """(b, 3, h, w) with less grain, as ``smoothing`` says: see :class:`Degrain`; float32."""
        return Degrain.of(self)(ycc)

    def whiten(self, ycc: Tensor) -> Tensor:
        """Smoothed colour with zero mean and unit covariance over the training pairs, float32."""
        return functional.conv2d(ycc, self.white_weight.view(3, 3, 1, 1), self.white_bias)

    def cells(self, white: Tensor, where: Tensor) -> Tensor:
        """Features at low resolution: (b, 3, h, w) whitened -> (b, hidden, h / cell, w / cell), rounded up to
        strides. Where the base is ``local`` its coefficients follow: 2 TERMS more channels, all in float32."""
        cell, stride = self.architecture.cell, self.architecture.stride
        height, width = white.shape[-2], white.shape[-1]
        padded = functional.pad(white, [0, -width % stride, 0, -height % stride], mode="replicate")
        found = self.context(functional.pixel_unshuffle(padded, cell))
        code = self.position_code(where, found.shape[-2], found.shape[-1])
        gathered: Tensor = self.gather(torch.cat([found, code.to(found.dtype)], 1))
        if not self.local:
            return gathered
        with torch.autocast(white.device.type, enabled=False):
            weights = self.local_weights(where, found.shape[-2], found.shape[-1])
            return torch.cat([gathered.float(), weights], 1).contiguous(memory_format=torch.channels_last)

    def spread(self, cells: Tensor, every: int = 1) -> Tensor:
        """Features at full resolution, or at a whole part of it."""
        factor = self.architecture.cell / every
        return functional.interpolate(cells, scale_factor=factor, mode="bilinear", align_corners=False)

    def finish(self, features: Tensor, white: Tensor) -> Tensor:
        """The residual, and the base's local part if ``features`` hold its coefficients, at full resolution, float32:
        features (b, hidden or more, h, w), white (b, 3, h, w) -> (b, 2, h, w)."""
        count = self.architecture.hidden
        hidden = self.pixel(white).add_(features[:, :count]).relu_()
        residual: Tensor = self.residual(self.mix(hidden).relu_()).float()
        residual = residual * (self.residual_scale * self.strength).view(1, 2, 1, 1)
        if features.shape[1] == count:
            return residual
        found = terms(self.limited(white))
        cb, cr = features[:, count : count + TERMS], features[:, count + TERMS :]
        return residual + torch.stack([(cb * found).sum(1), (cr * found).sum(1)], 1)

    def forward(self, ycc: Tensor, where: Tensor) -> Tensor:
        """ycc: (b, 3, h, w) float32. where: (b, 5), see the class. Gives (b, 2, h, w) float32."""
        with torch.autocast(ycc.device.type, enabled=False):
            white = self.whiten(self.smoothed(ycc))
            base = self.base(white)
        features = self.spread(self.cells(white, where))[..., : ycc.shape[-2], : ycc.shape[-1]]
        return base + self.finish(features, white)

    def thinned(self, ycc: Tensor, where: Tensor, row: int, column: int) -> Tensor:
        """Like calling it, for every second row and column alone: quicker, for training. row, column: 0 or 1,
        which ones. Features are those of the middle of each 2x2 pixels, at most half a pixel off. h and w are
        even."""
        with torch.autocast(ycc.device.type, enabled=False):
            white = self.whiten(self.smoothed(ycc))
            part = white[..., row::2, column::2].contiguous(memory_format=torch.channels_last)
            base = self.base(part)
        features = self.spread(self.cells(white, where), 2)[..., : part.shape[-2], : part.shape[-1]]
        return base + self.finish(features, part)
