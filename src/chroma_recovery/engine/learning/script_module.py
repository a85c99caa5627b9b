"""The network as one self-contained module that TorchScript can compile: RGB in, RGB out, any size.

Beside torch it uses nothing, so that what is compiled from here runs where this package is not. Written for
the compiler: no future annotations, no inheritance beside ``nn.Module``, numbers as attributes. Operators are
old ones, for Nuke 14 and 15.0 (padding by indexing and enlarging by its own operator, because the Python functions for
both bring operators of newer versions along).

Half precision: colour conversion and the base are float32 always, their numbers are attributes and not
tensors, so ``.half()`` leaves them exact. The convolutions run in the precision of the picture on a GPU and
in float32 on a CPU, where old versions of torch have no half-precision convolutions.
"""

import torch
from torch import Tensor, nn

from ...colour.ycbcr import BREAK, CB_DIVISOR, CR_DIVISOR, GAMMA, KB, KG, KR, LINEAR_SLOPE, SCALE, SHIFT
from .degrain import Degrain
from .network import ChromaNetwork
from .polynomial import COLUMNS, ROWS, TERMS
from .script_layers import ColourTable, Context, Convolution, numbers

__all__ = ["ScriptModule"]

STRIP = 64
"""Rows that the full-resolution head computes at a time on a CPU; eight times that many on a GPU."""


class ScriptModule(nn.Module):
    """forward: (b, c, h, w), c >= 3, float32 or float16 -> the same shape and type, contiguous. The first three
    channels are RGB in the space of the training (``Architecture.linear``); others pass.

    frame_width, frame_height: pixels of the Source's full frame, 0 where the place is not known. area_x,
    area_y: where on it, counted from below, the lower left corner of the picture lies. bottom_row_first: 1 if
    row 0 is the lowest one. These five may be set from outside; the rest is fixed.
    """

    def __init__(self, network: ChromaNetwork, *, strips: bool = True) -> None:
        super().__init__()
        shape = network.architecture
        self.frame_width = 0.0
        self.frame_height = 0.0
        self.area_x = 0.0
        self.area_y = 0.0
        self.bottom_row_first = 0.0
        self.linear, self.strips, self.strip = shape.linear, strips, STRIP
        self.cell, self.stride, self.bands = shape.cell, shape.stride, shape.bands
        self.context = Context(network)
        self.gather = Convolution(network.gather)
        self.pixel = Convolution(network.pixel)
        self.mix = Convolution(network.mix)
        self.residual = Convolution(network.residual)
        self.white_weight, self.white_bias = numbers(network.white_weight), numbers(network.white_bias)
        self.white_limit = float(network.white_limit)
        degrain = Degrain.of(network)
        self.times, self.part = degrain.times, 0.0625**degrain.times
        self.stops, self.variance = degrain.variance is not None, list(degrain.variance or (0.0, 0.0))
        self.base_weight = numbers(network.base_weight)
        self.local = network.local
        self.base_local = numbers(network.base_local)
        self.tabled, self.table = network.tabled, ColourTable(network)
        self.count, self.grid = TERMS, [ROWS, COLUMNS]
        self.scale = numbers(network.residual_scale * network.strength)
        self.position_on = float(network.position_on)
        self.low, self.high = numbers(network.position_low), numbers(network.position_high)
        self.knee, self.slope, self.gamma = BREAK, LINEAR_SLOPE, GAMMA
        self.gain, self.shift = SCALE, SHIFT
        self.kr, self.kg, self.kb, self.cb, self.cr = KR, KG, KB, CB_DIVISOR, CR_DIVISOR

    def encode(self, rgb: Tensor) -> Tensor:
        size = rgb.abs()
        out = size.clamp_min(self.knee).pow(1.0 / self.gamma) * self.gain - self.shift
        return torch.where(size <= self.knee, size * self.slope, out) * torch.sign(rgb)

    def decode(self, rgb: Tensor) -> Tensor:
        size = rgb.abs()
        out = ((size + self.shift) / self.gain).pow(self.gamma)
        return torch.where(size <= self.knee * self.slope, size / self.slope, out) * torch.sign(rgb)

    def mixed(self, ycc: Tensor, weight: list[float], bias: list[float]) -> Tensor:
        """Affine map of (b, 3, h, w), row by row of the matrix."""
        y, cb, cr = ycc[:, 0], ycc[:, 1], ycc[:, 2]
        rows: list[Tensor] = []
        for k in range(len(bias)):
            rows.append(y * weight[3 * k] + cb * weight[3 * k + 1] + cr * weight[3 * k + 2] + bias[k])
        return torch.stack(rows, 1)

    def axis(self, count: int, start: float, step: float, low: float, high: float, like: Tensor) -> Tensor:
        """Places of the cells' middles along one side: (count)."""
        middle = torch.arange(count, dtype=torch.float32, device=like.device) + 0.5
        return (middle * (step * float(self.cell)) + start).clamp(low, high)

    def known(self) -> bool:
        return self.frame_width > 0.0 and self.frame_height > 0.0 and self.position_on > 0.0

    def columns(self, width: int, like: Tensor) -> Tensor:
        dx = 2.0 / self.frame_width
        return self.axis(width, self.area_x * dx - 1.0, dx, self.low[0], self.high[0], like)

    def rows(self, height: int, picture_height: int, like: Tensor) -> Tensor:
        dy = 2.0 / self.frame_height
        top = (self.area_y + picture_height) * dy - 1.0
        return self.axis(height, top, -dy, self.low[1], self.high[1], like)

    def position_code(self, like: Tensor, picture_height: int) -> Tensor:
        """(b, 2 + 4 bands + 1, h, w) for cells (b, c, h, w), float32."""
        b, height, width = like.shape[0], like.shape[2], like.shape[3]
        if not self.known():
            count = 3 + 4 * self.bands
            return torch.zeros([b, count, height, width], dtype=torch.float32, device=like.device)
        x, y = self.columns(width, like), self.rows(height, picture_height, like)
        place = torch.stack([x[None, :].expand(height, width), y[:, None].expand(height, width)], 0)
        parts = [place]
        angle = place * 1.5707963267948966
        for _ in range(self.bands):
            parts.append(torch.sin(angle))
            parts.append(torch.cos(angle))
            angle = angle * 2.0
        code = torch.cat(parts, 0)
        code = torch.cat([code, torch.ones_like(code[:1])], 0) * self.position_on
        return code[None].expand(b, code.shape[0], height, width)

    def bumps(self, place: Tensor, count: int) -> Tensor:
        """As ``polynomial.bumps``: (n) -> (count, n)."""
        middle = torch.arange(count, dtype=torch.float32, device=place.device)[:, None] - 0.5
        away = ((place + 1.0) * (float(count) / 2.0 - 1.0))[None, :].sub(middle).abs()
        wide, narrow = (away * -1.0 + 1.5).clamp_min(0.0), (away * -1.0 + 0.5).clamp_min(0.0)
        return wide * wide * 0.5 - narrow * narrow * 1.5

    def local_weights(self, like: Tensor, picture_height: int) -> Tensor:
        """The base's coefficients (1, 2 TERMS, h, w) for cells (b, c, h, w), float32."""
        height, width = like.shape[2], like.shape[3]
        x = self.bumps(self.columns(width, like), self.grid[1])
        y = self.bumps(self.rows(height, picture_height, like), self.grid[0])
        weight = torch.tensor(self.base_local, dtype=torch.float32, device=like.device)
        weight = weight.reshape(2 * self.count, self.grid[0], self.grid[1]) * self.position_on
        even = torch.tensor(self.base_weight, dtype=torch.float32, device=like.device)
        return (torch.matmul(y.permute(1, 0), torch.matmul(weight, x)) + even[:, None, None])[None]

    def terms(self, white: Tensor) -> Tensor:
        """As ``polynomial.terms``, of the limited colour."""
        limited = white.clamp(-self.white_limit, self.white_limit)
        u, v, w = limited[:, 0], limited[:, 1], limited[:, 2]
        uu, uv, uw, vv, vw, ww = u * u, u * v, u * w, v * v, v * w, w * w
        found = [torch.ones_like(u), u, v, w, uu, uv, uw, vv, vw, ww]
        for cubic in [uu * u, uu * v, uu * w, uv * v, uv * w, uw * w, vv * v, vv * w, vw * w, ww * w]:
            found.append(cubic)
        return torch.stack(found, 1)

    def cells(self, white: Tensor) -> Tensor:
        """Features at low resolution, from (b, 3, h, w) padded to whole strides with its last row and column."""
        b, _, h, w = white.shape
        height = (h + self.stride - 1) // self.stride * self.stride
        width = (w + self.stride - 1) // self.stride * self.stride
        rows = torch.arange(height, device=white.device).clamp(max=h - 1)
        columns = torch.arange(width, device=white.device).clamp(max=w - 1)
        x = white.index_select(2, rows).index_select(3, columns)
        x = x.reshape(b, 3, height // self.cell, self.cell, width // self.cell, self.cell)
        x = x.permute(0, 1, 3, 5, 2, 4)
        x = x.reshape(b, 3 * self.cell * self.cell, height // self.cell, width // self.cell)
        found = self.context(x)
        code = self.position_code(found, h).to(found.dtype)
        gathered: Tensor = self.gather(torch.cat([found, code], 1))
        return gathered

    def spread(self, cells: Tensor, skip: int, height: int, width: int) -> Tensor:
        """Cells at full resolution: ``height`` rows from row ``skip`` of them on."""
        size = [cells.shape[2] * self.cell, cells.shape[3] * self.cell]
        found = torch._C._nn.upsample_bilinear2d(cells, size, False)  # type: ignore[call-arg]
        return found[:, :, skip : skip + height, :width]

    def finish(self, cells: Tensor, white: Tensor, skip: int) -> Tensor:
        """The residual (b, 2, h, w) of the rows ``white``, the first of which is row ``skip`` of the cells."""
        features = self.spread(cells, skip, white.shape[2], white.shape[3])
        x = torch.relu(features + self.pixel(white.to(features.dtype)))
        found = self.residual(torch.relu(self.mix(x))).float()
        return torch.stack([found[:, 0] * self.scale[0], found[:, 1] * self.scale[1]], 1)

    def base(self, weights: Tensor, white: Tensor, skip: int) -> Tensor:
        """The base of the same rows. weights: of :meth:`local_weights`, no channels if it is the same everywhere."""
        found = self.terms(white)
        if weights.shape[1] == 0:
            weight = torch.tensor(self.base_weight, dtype=torch.float32, device=white.device)
            base = torch.conv2d(found, weight.reshape(2, found.shape[1], 1, 1))
        else:
            spread = self.spread(weights, skip, white.shape[2], white.shape[3])
            cb, cr = spread[:, : self.count] * found, spread[:, self.count :] * found
            base = torch.cat([cb.sum([1], keepdim=True), cr.sum([1], keepdim=True)], 1)
        if self.tabled:
            base = base + self.table(white)
        return base

    def mean(self, wide: Tensor) -> Tensor:
        """As ``Degrain``: (b, 3, h + 2 times, w + 2 times) -> (b, 3, h, w)."""
        for _ in range(2 * self.times):
            wide = wide[:, :, 1:] + wide[:, :, :-1]
        for _ in range(2 * self.times):
            wide = wide[:, :, :, 1:] + wide[:, :, :, :-1]
        return wide * self.part

    def smoothed(self, ycc: Tensor) -> Tensor:
        """As ``ChromaNetwork.smoothed``."""
        h, w = ycc.shape[2], ycc.shape[3]
        rows = (torch.arange(h + 2 * self.times, device=ycc.device) - self.times).clamp(0, h - 1)
        columns = (torch.arange(w + 2 * self.times, device=ycc.device) - self.times).clamp(0, w - 1)
        wide = ycc.index_select(2, rows).index_select(3, columns)
        mean = self.mean(wide)
        if not self.stops:
            return mean
        cc = wide[:, 1:]
        around = (self.mean(cc * cc) - mean[:, 1:] * mean[:, 1:]).clamp_min(1e-12)
        cb, cr = (
            torch.ones_like(mean[:, 0]) * self.variance[0],
            torch.ones_like(mean[:, 0]) * self.variance[1],
        )
        share = ((cb / around[:, 0]).clamp_max(1.0) + (cr / around[:, 1]).clamp_max(1.0)) * 0.5
        return ycc + (mean - ycc) * share[:, None]

    def chroma(self, seen: Tensor, work: torch.dtype) -> Tensor:
        """(b, 3, h, w) Y'CbCr within its range, float32 -> (b, 2, h, w)."""
        white = self.mixed(self.smoothed(seen), self.white_weight, self.white_bias)
        cells = self.cells(white.to(work))
        weights = torch.zeros([1, 0, cells.shape[2], cells.shape[3]], device=white.device)
        if self.local and self.known():
            weights = self.local_weights(cells, white.shape[2])
        if not self.strips:
            return self.base(weights, white, 0) + self.finish(cells, white, 0)
        height, below = white.shape[2], cells.shape[2]
        strip = self.strip if seen.device.type == "cpu" else 8 * self.strip
        parts: list[Tensor] = []
        for row in range(0, height, strip):
            end = min(row + strip, height)
            first = max(row // self.cell - 1, 0)
            last = min((end + self.cell - 1) // self.cell + 1, below)
            skip = row - first * self.cell
            rows = white[:, :, row:end]
            base = self.base(weights[:, :, first:last], rows, skip)
            parts.append(base + self.finish(cells[:, :, first:last], rows, skip))
        return torch.cat(parts, 2)

    def recombine(self, encoded: Tensor, y: Tensor, chroma: Tensor) -> Tensor:
        """As ``luma_chroma.recombine``."""
        cb, cr = chroma[:, 0], chroma[:, 1]
        away = torch.stack(
            [
                cr * self.cr,
                cb * (-self.kb * self.cb / self.kg) - cr * (self.kr * self.cr / self.kg),
                cb * self.cb,
            ],
            1,
        )
        low, high = encoded.amin([1]).clamp_max(0.0), encoded.amax([1]).clamp_min(1.0)
        up, down = away.amax([1]).clamp_min(1e-12), away.amin([1]).clamp_max(-1e-12)
        share = torch.min((high - y) / up, (low - y) / down).clamp(0.0, 1.0)
        full = y[:, None] + share[:, None] * away
        return torch.max(torch.min(full, high[:, None]), low[:, None])

    def forward(self, image: Tensor) -> Tensor:
        rgb = image[:, :3].float()
        if self.bottom_row_first > 0.5:
            rgb = rgb.flip([2])
        encoded = self.encode(rgb) if self.linear else rgb
        y = encoded[:, 0] * self.kr + encoded[:, 1] * self.kg + encoded[:, 2] * self.kb
        ycc = torch.stack([y, (encoded[:, 2] - y) / self.cb, (encoded[:, 0] - y) / self.cr], 1)
        seen = torch.cat([ycc[:, :1].clamp(0.0, 1.0), ycc[:, 1:].clamp(-0.5, 0.5)], 1)
        seen = torch.where(seen == seen, seen, torch.zeros_like(seen))
        work = torch.float32 if image.device.type == "cpu" else image.dtype
        out = self.recombine(encoded, y, self.chroma(seen, work) + (ycc[:, 1:] - seen[:, 1:]))
        if self.linear:
            out = self.decode(out)
        if self.bottom_row_first > 0.5:
            out = out.flip([2])
        out = out.to(image.dtype)
        if image.shape[1] > 3:
            out = torch.cat([out, image[:, 3:]], 1)
        return out.contiguous()
