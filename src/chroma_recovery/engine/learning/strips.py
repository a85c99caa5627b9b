"""A model on the CPU, some rows of a frame at a time, in buffers that stay in the processor's cache.

The same numbers as :mod:`.luma_chroma` and :class:`ChromaNetwork` within a few 1e-6 (float32), without a picture-sized
array between them: powers are taken as exponentials of logarithms, matrices act on planes laid out as (channels,
pixels), and the polynomial's cubic terms are nested into one product of 8 x 10 coefficients with the quadratic terms.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...colour.ycbcr import BREAK, CB_DIVISOR, CR_DIVISOR, GAMMA, KB, KG, KR, LINEAR_SLOPE, SCALE, SHIFT
from ..image import Pixels
from .colour_table import looked_up
from .degrain import Degrain
from .network import ChromaNetwork
from .polynomial import LOWER, TERMS, nested

__all__ = ["Base", "Buffers", "Strip", "rows_at_once", "spreading"]

PIXELS = 1 << 16
"""Of a strip, per thread: a plane of them is 256 KiB."""

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
        size = prod(shape)
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
    """Rows and columns of a frame with the pixels around that ``degrain`` takes in, as R'G'B', as Y'CbCr and smoothed.
    At the frame's edges the pixels around repeat the edge."""

    def __init__(self, buffers: Buffers, degrain: Degrain) -> None:
        self.buffers = buffers
        self.degrain = degrain
        self.reach = degrain.times
        self.line = np.array(degrain.line, np.float32)
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
            self.beyond = self._inner(self.ycc - seen)[1:]
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
        """(3, rows and columns with ``reach`` more on every side)."""
        top, bottom, left, right = area
        reach = self.reach
        high, wide = bottom - top, right - left
        out = self.buffers.get(name, 3, high + 2 * reach, wide + 2 * reach)
        y0, y1 = max(top - reach, 0), min(bottom + reach, shape[0])
        x0, x1 = max(left - reach, 0), min(right + reach, shape[1])
        above, beside = y0 - top + reach, x0 - left + reach
        below, beyond = above + y1 - y0, beside + x1 - x0
        inside = out[:, above:below, beside:beyond]
        np.copyto(inside.numpy(), part(slice(y0, y1), slice(x0, x1)).transpose(2, 0, 1))
        out[:, :above], out[:, below:] = out[:, above : above + 1], out[:, below - 1 : below]
        out[..., :beside], out[..., beyond:] = out[..., beside : beside + 1], out[..., beyond - 1 : beyond]
        return out

    def _inner(self, planes: Tensor) -> Tensor:
        reach = self.reach
        return planes[:, reach : planes.shape[1] - reach, reach : planes.shape[2] - reach]

    def _smoothed(self, seen: Tensor) -> None:
        self.smooth = self.degrain.inner(seen, self._mean) if self.reach else seen

    def _mean(self, planes: Tensor) -> Tensor:
        """As ``Degrain.mean``; a filter over whole planes is three times as quick as sums of them."""
        out = self.buffers.get(f"mean of {len(planes)}", *planes.shape)
        for one, mean in zip(planes.numpy(), out.numpy(), strict=True):
            cv2.sepFilter2D(one, -1, self.line, self.line, dst=mean)
        return self._inner(out)

    def recombined(self, chroma: Tensor, linear: bool) -> Tensor:
        """As ``luma_chroma.recombine``, decoded if ``linear``: (2, rows, columns) -> (3, rows, columns), which the next
        strip overwrites."""
        if self.beyond is not None:
            chroma = chroma + self.beyond
        rows, columns = chroma.shape[1:]
        y = self._inner(self.ycc)[0]
        out = self.buffers.get("out", 3, rows, columns)
        torch.mm(AWAY, chroma.reshape(2, -1), out=out.view(3, -1))
        up, down, share = (self.buffers.get(n, rows, columns) for n in ("up", "down_by", "share"))
        torch.maximum(torch.maximum(out[0], out[1], out=up), out[2], out=up).clamp_min_(1e-12)
        torch.minimum(torch.minimum(out[0], out[1], out=down), out[2], out=down).clamp_max_(-1e-12)
        if self.outside:
            encoded = self._inner(self.encoded)
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
    """The polynomial of a network; where its coefficients vary over the frame, one product per cell of pixels.

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
        even = network.base_weight.cpu()
        self.nested = nested(even)
        self.table = network.table.cpu() if network.tabled else None
        ends = network.table_low.cpu()[:, None], network.table_high.cpu()[:, None]
        self.box = ((ends[0] + ends[1]) / 2).flip(0), (2 / (ends[1] - ends[0])).flip(0)
        self.local = network.local and where[4] > 0
        if self.local:
            place = torch.tensor([where], dtype=torch.float32)
            stride = network.architecture.stride
            high, wide = (-(-n // stride) * (stride // self.cell) for n in (height, width))
            cells = network.local_weights(place, high, wide).cpu() + even.view(1, -1, 1, 1)
            self.cells = functional.pad(cells, [1, 1, 1, 1], mode="replicate")[0]
            self.spread = spreading(self.cell).view(1, -1, 9).transpose(1, 2).contiguous().view(1, 9, 1, -1)

    def whitened(self, smooth: Tensor, out: Tensor) -> Tensor:
        """(3, rows, columns) of both."""
        torch.addmm(self.bias, self.white, smooth.reshape(3, -1), out=out.view(3, -1))
        return out

    def chroma(self, smooth: Tensor, top: int, left: int) -> Tensor:
        """Smoothed Y'CbCr (3, rows, columns) whose first pixel is this one of the area -> (2, rows, columns), which the
        next strip overwrites. top, left: whole numbers of cells."""
        place = top // self.cell, left // self.cell
        found = self._varying(smooth, *place) if self.local else self._alike(smooth)
        return found if self.table is None else found.add_(self._looked_up(smooth, self.table))

    def _alike(self, smooth: Tensor) -> Tensor:
        """The same polynomial for all."""
        terms = self._terms(smooth.reshape(3, -1), LOWER)
        count = terms.shape[1]
        found = self.buffers.get("nested", 4, 2, count)
        torch.mm(self.nested, terms, out=found.view(8, -1))
        out = found[0].addcmul_(found[1], terms[1]).addcmul_(found[2], terms[2]).addcmul_(found[3], terms[3])
        return out.view(2, *smooth.shape[1:])

    def _looked_up(self, smooth: Tensor, table: Tensor) -> Tensor:
        """What the table says, (2, rows, columns)."""
        middle, scale = self.box
        place = self.buffers.get("place", 3, smooth[0].numel())
        torch.addmm(self.bias.flip(0), self.white.flip(0), smooth.reshape(3, -1), out=place)
        place.sub_(middle).mul_(scale)
        return looked_up(table, place.T.view(1, *smooth.shape[1:], 3))[0]

    def _terms(self, smooth: Tensor, most: int) -> Tensor:
        """The first LOWER, or all TERMS, of the limited whitened colour: (3, count) -> (most, count)."""
        terms = self.buffers.get("terms", most, smooth.shape[1])
        terms[0] = 1.0
        torch.addmm(self.bias, self.white, smooth, out=terms[1:4]).clamp_(-self.limit, self.limit)
        u, v, w = terms[1], terms[2], terms[3]
        torch.mul(u, terms[1:4], out=terms[4:7])
        torch.mul(v, terms[2:4], out=terms[7:9])
        torch.mul(w, w, out=terms[9])
        if most == TERMS:
            torch.mul(u, terms[4:10], out=terms[10:16])
            torch.mul(v, terms[7:10], out=terms[16:19])
            torch.mul(w, terms[9], out=terms[19])
        return terms

    def _varying(self, smooth: Tensor, top: int, left: int) -> Tensor:
        """With each of the 3x3 cells' coefficients around, then bilinear between those. top, left: in cells."""
        cell, (rows, columns) = self.cell, smooth.shape[1:]
        high, wide = -(-rows // cell), -(-columns // cell)
        missing = wide * cell - columns, high * cell - rows
        if any(missing):
            smooth = functional.pad(smooth[None], [0, missing[0], 0, missing[1]], mode="replicate")[0]
        inside = cell * cell
        lie = (high, wide, cell, cell)
        mine = self.buffers.get("by_cell", 3, high * wide * inside)
        mine.view(3, *lie).copy_(smooth.view(3, high, cell, wide, cell).transpose(2, 3))
        terms = self._terms(mine, TERMS).view(TERMS, high * wide, inside).transpose(0, 1)
        some = self.cells[:, top : top + high + 2, left : left + wide + 2].unfold(1, 3, 1).unfold(2, 3, 1)
        around = self.buffers.get("around", high, wide, 3, 3, 2 * TERMS)
        around.copy_(some.permute(1, 2, 3, 4, 0))
        found = self.buffers.get("each", high * wide, 18, inside)
        torch.bmm(around.view(high * wide, 18, TERMS), terms, out=found)
        weighted = found.view(high * wide, 9, 2, inside).mul_(self.spread)
        out = self.buffers.get("varying", high * wide, 2, inside)
        torch.sum(weighted, 1, out=out)
        whole = self.buffers.get("whole", 2, high * cell, wide * cell)
        whole.view(2, high, cell, wide, cell).copy_(
            out.view(high, wide, 2, cell, cell).permute(2, 0, 3, 1, 4)
        )
        return whole[:, :rows, :columns]


def spreading(cell: int) -> Tensor:
    """Bilinear weights (cell, cell, 9) of the 3x3 cells around, as interpolation with ``align_corners=False``."""
    place = (torch.arange(cell, dtype=torch.float64) + 0.5) / cell - 0.5
    line = torch.stack([(-place).clamp_min(0), 1 - place.abs(), place.clamp_min(0)], 1)
    return torch.einsum("ya,xb->yxab", line, line).reshape(cell, cell, 9).float()
