"""A model on the CPU, some rows of a frame at a time, in buffers that stay in the processor's cache.

The same numbers as :mod:`.luma_chroma` and :class:`ChromaNetwork` within a few 1e-6 (float32), without a picture-sized
array between them: powers are taken as exponentials of logarithms, matrices act on planes laid out as (channels,
pixels), and the polynomial's cubic terms are nested into one product of 8 x 10 coefficients with the quadratic terms.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ...colour.ycbcr import BREAK, CB_DIVISOR, CR_DIVISOR, GAMMA, KB, KG, KR, LINEAR_SLOPE, SCALE, SHIFT
from ..image import Pixels
from .network import ChromaNetwork
from .polynomial import LOCAL, TERMS

__all__ = ["Base", "Buffers", "Strip", "rows_at_once"]

PIXELS = 1 << 15
"""Of a strip, per thread: a plane of them is 128 KiB."""

TO_YCC = torch.tensor(
    [
        [KR, KG, KB],
        [-KR / CB_DIVISOR, -KG / CB_DIVISOR, (1 - KB) / CB_DIVISOR],
        [(1 - KR) / CR_DIVISOR, -KG / CR_DIVISOR, -KB / CR_DIVISOR],
    ]
)
AWAY = torch.tensor([[0.0, CR_DIVISOR], [-KB * CB_DIVISOR / KG, -KR * CR_DIVISOR / KG], [CB_DIVISOR, 0.0]])
"""(Cb, Cr) to what R'G'B' departs from Y' by."""


def rows_at_once(width: int, cell: int) -> int:
    """Rows of a strip, whole cells."""
    return max(PIXELS * torch.get_num_threads() // max(width, 1) // cell, 1) * cell


class Buffers:
    """Memory that is used again for every strip."""

    def __init__(self) -> None:
        self._held: dict[str, Tensor] = {}

    def get(self, name: str, *shape: int) -> Tensor:
        """Float32 of a shape, holding anything."""
        size = int(np.prod(shape))
        held = self._held.get(name)
        if held is None or held.numel() < size:
            held = self._held[name] = torch.empty(size)
        return held[:size].view(shape)


def _encode(rgb: Tensor, buffers: Buffers) -> None:
    """In place; min() serves both pieces of the curve, because the power is clamped where they meet."""
    power = buffers.get("power", *rgb.shape)
    negative = bool(rgb.min() < 0)
    size = torch.abs(rgb, out=buffers.get("size", *rgb.shape)) if negative else rgb
    torch.clamp_min(size, BREAK, out=power)
    power.log_().mul_(1 / GAMMA).exp_().mul_(SCALE).sub_(SHIFT)
    size.mul_(LINEAR_SLOPE)
    torch.minimum(size, power, out=size)
    if negative:
        torch.copysign(size, rgb, out=rgb)


def _decode(rgb: Tensor, negative: bool, buffers: Buffers) -> None:
    """Inverse of :func:`_encode`, in place."""
    power = buffers.get("power", *rgb.shape)
    size = torch.abs(rgb, out=buffers.get("size", *rgb.shape)) if negative else rgb
    torch.clamp_min(size, BREAK * LINEAR_SLOPE, out=power)
    dark = size <= BREAK * LINEAR_SLOPE
    power.add_(SHIFT).mul_(1 / SCALE).log_().mul_(GAMMA).exp_()
    size.mul_(1 / LINEAR_SLOPE)
    torch.where(dark, size, power, out=size)
    if negative:
        torch.copysign(size, rgb, out=rgb)


class Strip:
    """Rows and columns of a frame with one pixel around, as R'G'B', as Y'CbCr and smoothed. At the frame's edges the
    pixel around repeats the edge."""

    def __init__(self, buffers: Buffers, smoothing: float) -> None:
        self.buffers = buffers
        self.share = smoothing / 4
        self.encoded = self.ycc = self.smooth = torch.empty(0)
        self.beyond: Tensor | None = None
        self.outside = False

    def of_rgb(self, pixels: Pixels, area: tuple[int, int, int, int], linear: bool) -> None:
        """pixels: (h, w, 3). area: top, bottom, left, right."""
        self.encoded = self._around(
            "encoded", area, pixels.shape[:2], lambda rows, columns: pixels[rows, columns]
        )
        if linear:
            _encode(self.encoded, self.buffers)
        low, high = self.encoded.aminmax()
        self.outside = bool(low < 0) or bool(high > 1)
        self.ycc = self.buffers.get("ycc", *self.encoded.shape)
        torch.mm(TO_YCC, self.encoded.view(3, -1), out=self.ycc.view(3, -1))
        self.beyond = None
        seen = self.ycc
        if self.outside:
            seen = torch.clamp(self.ycc, -0.5, 0.5, out=self.buffers.get("seen", *self.ycc.shape))
            torch.clamp(self.ycc[:1], 0.0, 1.0, out=seen[:1])
            self.beyond = (self.ycc - seen)[1:, 1:-1, 1:-1]
        self._smoothed(seen)

    def of_ycc(self, ycc: Tensor, area: tuple[int, int, int, int]) -> None:
        """ycc: (3, h, w). area: top, bottom, left, right."""
        shape, planes = (ycc.shape[1], ycc.shape[2]), ycc.permute(1, 2, 0).numpy()
        self.ycc = self._around("ycc", area, shape, lambda rows, columns: planes[rows, columns])
        self._smoothed(self.ycc)

    def _around(
        self,
        name: str,
        area: tuple[int, int, int, int],
        shape: tuple[int, int],
        part: Callable[[slice, slice], Pixels],
    ) -> Tensor:
        """(3, rows + 2, columns + 2)."""
        top, bottom, left, right = area
        out = self.buffers.get(name, 3, bottom - top + 2, right - left + 2)
        y0, y1 = max(top - 1, 0), min(bottom + 1, shape[0])
        x0, x1 = max(left - 1, 0), min(right + 1, shape[1])
        inside = out[:, y0 - top + 1 : y1 - top + 1, x0 - left + 1 : x1 - left + 1]
        np.copyto(inside.numpy(), part(slice(y0, y1), slice(x0, x1)).transpose(2, 0, 1))
        if top == 0:
            out[:, 0] = out[:, 1]
        if bottom == shape[0]:
            out[:, -1] = out[:, -2]
        if left == 0:
            out[..., 0] = out[..., 1]
        if right == shape[1]:
            out[..., -1] = out[..., -2]
        return out

    def _smoothed(self, seen: Tensor) -> None:
        rows, columns = seen.shape[1] - 2, seen.shape[2] - 2
        self.smooth = self.buffers.get("smooth", 3, rows, columns)
        if self.share == 0:
            self.smooth.copy_(seen[:, 1:-1, 1:-1])
            return
        middle = 1 - 2 * self.share
        down = torch.add(seen[:, :-2], seen[:, 2:], out=self.buffers.get("down", 3, rows, columns + 2))
        down.mul_(self.share).add_(seen[:, 1:-1], alpha=middle)
        torch.add(down[..., :-2], down[..., 2:], out=self.smooth)
        self.smooth.mul_(self.share).add_(down[..., 1:-1], alpha=middle)

    def recombined(self, chroma: Tensor, linear: bool) -> Tensor:
        """As ``luma_chroma.recombine``, decoded if ``linear``: (2, rows, columns) -> (3, rows, columns), which the next
        strip overwrites."""
        if self.beyond is not None:
            chroma = chroma + self.beyond
        rows, columns = chroma.shape[1:]
        y = self.ycc[0, 1:-1, 1:-1]
        out = self.buffers.get("out", 3, rows, columns)
        torch.mm(AWAY, chroma.reshape(2, -1), out=out.view(3, -1))
        up, down, share = (self.buffers.get(n, rows, columns) for n in ("up", "down_by", "share"))
        torch.maximum(torch.maximum(out[0], out[1], out=up), out[2], out=up).clamp_min_(1e-12)
        torch.minimum(torch.minimum(out[0], out[1], out=down), out[2], out=down).clamp_max_(-1e-12)
        if self.outside:
            encoded = self.encoded[:, 1:-1, 1:-1]
            low, high = encoded.amin(0).clamp_max_(0.0), encoded.amax(0).clamp_min_(1.0)
            torch.minimum((high - y).div_(up), (low - y).div_(down), out=share).clamp_(0.0, 1.0)
            out.mul_(share).add_(y)
            torch.maximum(torch.minimum(out, high, out=out), low, out=out)
        else:
            torch.sub(1.0, y, out=share)
            torch.minimum(share.div_(up), torch.neg(y).div_(down), out=share).clamp_(0.0, 1.0)
            out.mul_(share).add_(y).clamp_(0.0, 1.0)
        if linear:
            _decode(out, self.outside, self.buffers)
        return out


class Base:
    """The polynomial of a network, its part that varies over the frame included.

    where: of the area that rows and columns are counted in, height and width of it: see :class:`ChromaNetwork`.
    """

    def __init__(
        self, network: ChromaNetwork, where: tuple[float, ...], height: int, width: int, buffers: Buffers
    ) -> None:
        self.buffers = buffers
        self.cell = network.architecture.cell
        self.white = network.white_weight.cpu()
        self.bias = network.white_bias.cpu()[:, None]
        self.limit = float(network.white_limit)
        self.nested = _nested(network.base_weight.cpu())
        self.used = 0
        if network.local and where[4] > 0:
            some = network.base_local.view(2, LOCAL, -1).abs().amax((0, 2)) > 0
            self.used = int(some.nonzero().max()) + 1
            place = torch.tensor([where], dtype=torch.float32)
            stride = network.architecture.stride
            high, wide = (-(-n // stride) * (stride // self.cell) for n in (height, width))
            cells = network.local_weights(place, high, wide)[0]
            cells = cells.view(2, LOCAL, *cells.shape[1:])[:, : self.used].flatten(0, 1)
            self.cells = torch.nn.functional.pad(cells[None], [1, 1, 1, 1], mode="replicate")[0]
            place_in_cell = (torch.arange(self.cell) + 0.5) / self.cell - 0.5
            self.line = torch.stack(
                [(-place_in_cell).clamp_min(0), 1 - place_in_cell.abs(), place_in_cell.clamp_min(0)]
            )

    def whitened(self, smooth: Tensor, out: Tensor) -> Tensor:
        """(3, rows, columns) of both."""
        torch.addmm(self.bias, self.white, smooth.view(3, -1), out=out.view(3, -1))
        return out

    def chroma(self, smooth: Tensor, top: int, left: int) -> Tensor:
        """Smoothed Y'CbCr (3, rows, columns) whose first pixel is this one of the area -> (2, rows, columns), which the
        next strip overwrites. left: a whole number of cells."""
        rows, columns = smooth.shape[1:]
        count = rows * columns
        terms = self.buffers.get("terms", LOCAL, count)
        terms[0] = 1.0
        torch.addmm(self.bias, self.white, smooth.view(3, -1), out=terms[1:4]).clamp_(-self.limit, self.limit)
        u, v, w = terms[1], terms[2], terms[3]
        torch.mul(u, terms[1:4], out=terms[4:7])
        torch.mul(v, terms[2:4], out=terms[7:9])
        torch.mul(w, w, out=terms[9])
        found = self.buffers.get("nested", 4, 2, count)
        torch.mm(self.nested, terms, out=found.view(8, -1))
        out = found[0].addcmul_(found[1], u).addcmul_(found[2], v).addcmul_(found[3], w)
        if self.used:
            varying = self._varying(top, left, rows, columns).view(2, self.used, count)
            for n in range(self.used):
                out.addcmul_(varying[:, n], terms[n])
        return out.view(2, rows, columns)

    def _varying(self, top: int, left: int, rows: int, columns: int) -> Tensor:
        """Bilinear between the cells' middles: (2 used, rows * columns)."""
        at = (torch.arange(top, top + rows) + 0.5) / self.cell + 0.5  # in padded cells
        upper = at.floor().long()
        first, last = left // self.cell, -(-(left + columns) // self.cell)
        some = self.cells[:, :, first : last + 2]
        lines = torch.lerp(some[:, upper], some[:, upper + 1], (at - upper)[None, :, None])
        beside = lines.unfold(2, 3, 1).reshape(-1, 3)
        wide = torch.mm(beside, self.line, out=self.buffers.get("varying", len(beside), self.cell))
        wide = wide.view(len(some), rows, (last - first) * self.cell)
        return wide[..., :columns].reshape(len(some), -1)


def _nested(weight: Tensor) -> Tensor:
    """(2, TERMS) -> (8, LOCAL): p = a + u b + v c + w d, each of the four on the terms up to second degree."""
    out = torch.zeros(4, 2, LOCAL)
    out[0] = weight[:, :LOCAL]
    cubic = weight[:, LOCAL:TERMS]
    out[1, :, 4:10] = cubic[:, 0:6]
    out[2, :, 7:10] = cubic[:, 6:9]
    out[3, :, 9] = cubic[:, 9]
    return out.view(8, LOCAL)
