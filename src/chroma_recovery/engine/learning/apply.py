"""A trained model on a frame of any size, tile by tile and strip by strip."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from ..image import RGB, Image
from .device import Device, tune_allocator
from .luma_chroma import decode, encode, recombine, to_ycc
from .network import ChromaNetwork
from .planar import PlanarHead, planar_head

__all__ = ["STRIP", "WHOLE", "apply_model", "predict_chroma"]

STRIP = 32
"""Rows that are computed at a time at full resolution, so that they stay in the processor's cache; a multiple of a
network's ``cell`` or a divisor of it."""

WHOLE = 8 << 20
"""Pixels that are computed as one tile where no size of tiles is asked for; larger frames take bands, for memory."""

Where = tuple[float, float, float, float, float]


def apply_model(
    network: ChromaNetwork, image: Image, where: Where, *, device: Device, tile: int | None = None
) -> Image:
    """The image with the model's chroma and its own luma; other channels, windows and metadata unchanged.

    image: RGB in the space the model was trained in (see ``Architecture.linear``). where: see
    :class:`ChromaNetwork`. tile: side in pixels of the tiles that are computed one after the other, None for
    the whole frame at once, or bands of it where it is large. Tiles overlap by all that the network can see, so they
    give what the whole frame gives.
    """
    tune_allocator()
    if image.box.empty:
        return image.with_channels(RGB, image.select(RGB))
    linear = network.architecture.linear
    with torch.inference_mode():
        encoded, seen, beyond = _prepared(image, linear)
        for top, left, chroma in _strips(network, seen, where, device, tile):
            rows, columns = chroma.shape[-2:]
            area = (slice(None), slice(top, top + rows), slice(left, left + columns))
            if beyond:
                chroma = chroma + (to_ycc(encoded[area]) - seen[area])[1:]
            done = recombine(encoded[area], chroma)
            encoded[area] = decode(done) if linear else done
    return image.with_channels(RGB, encoded.permute(1, 2, 0).numpy())


def _prepared(image: Image, linear: bool) -> tuple[Tensor, Tensor, bool]:
    """Encoded R'G'B' and what the network sees of it, Y'CbCr clamped to the unit range, both (3, h, w); and whether
    anything lay beyond: the chroma beyond is carried over."""
    pixels = image.select(RGB)
    height, width = pixels.shape[:2]
    encoded, seen, beyond = torch.empty(3, height, width), torch.empty(3, height, width), False
    for top in range(0, height, STRIP):
        rows = slice(top, min(top + STRIP, height))
        strip = torch.from_numpy(pixels[rows].copy()).permute(2, 0, 1)
        encoded[:, rows] = encode(strip) if linear else strip
        ycc = to_ycc(encoded[:, rows])
        seen[:1, rows] = ycc[:1].clamp(0.0, 1.0)
        seen[1:, rows] = ycc[1:].clamp(-0.5, 0.5)
        beyond = beyond or not torch.equal(seen[:, rows], ycc)
    return encoded, seen, beyond


def predict_chroma(
    network: ChromaNetwork, ycc: Tensor, where: Where, *, device: Device, tile: int | None = None
) -> Tensor:
    """(3, h, w) Y'CbCr -> (2, h, w) Cb, Cr on the CPU, before the gamut is looked after."""
    out = torch.empty(2, *ycc.shape[-2:])
    with torch.inference_mode():
        for top, left, chroma in _strips(network, ycc, where, device, tile):
            out[:, top : top + chroma.shape[-2], left : left + chroma.shape[-1]] = chroma
    return out


def _strips(
    network: ChromaNetwork, ycc: Tensor, where: Where, device: Device, tile: int | None
) -> Iterator[tuple[int, int, Tensor]]:
    """(top, left, (2, rows, columns)) covering the picture without overlap."""
    height, width = ycc.shape[-2:]
    shape = network.architecture
    head = planar_head(network) if device.name == "cpu" and not device.half else None
    high, wide = _tile_size(height, width, tile, shape.stride)
    for top in range(0, height, high):
        for left in range(0, width, wide):
            y0, y1 = max(top - shape.halo, 0), min(top + high + shape.halo, height)
            x0, x1 = max(left - shape.halo, 0), min(left + wide + shape.halo, width)
            here = (where[0] + x0 * where[1], where[1], where[2] + y0 * where[3], where[3], where[4])
            core = (top - y0, min(top + high, height) - y0, left - x0, min(left + wide, width) - x0)
            for row, chroma in _tile(network, head, ycc[:, y0:y1, x0:x1], here, device, core):
                yield y0 + row, left, chroma


def _tile_size(height: int, width: int, tile: int | None, stride: int) -> tuple[int, int]:
    """Height and width of tiles, whole strides."""
    if tile is not None:
        side = max(tile // stride, 1) * stride
        return side, side
    bands = -(-height * width // WHOLE)
    return -(-height // (bands * stride)) * stride, width


def _tile(
    network: ChromaNetwork,
    head: PlanarHead | None,
    ycc: Tensor,
    where: Where,
    device: Device,
    core: tuple[int, int, int, int],
) -> Iterator[tuple[int, Tensor]]:
    """Strips of the core (top, bottom, left, right) of one tile: (row in the tile, (2, rows, columns))."""
    top, bottom, left, right = core
    place = torch.tensor([where], dtype=torch.float32, device=device.name)
    if head is not None:
        smooth = network.smoothed(ycc[None])
        cells = network.cells(network.whiten(smooth), place)[0]
        yield from _planar_strips(head, cells, smooth[0], core)
        return
    cell = network.architecture.cell
    picture = ycc[None].to(device.name, memory_format=torch.channels_last)
    white = network.whiten(network.smoothed(picture))
    with device.autocast():
        cells = network.cells(white, place)
    for row in range(top, bottom, STRIP):
        end = min(row + STRIP, bottom)
        first, last = max(row // cell - 1, 0), min(-(-end // cell) + 1, cells.shape[-2])
        with device.autocast():
            features = network.spread(cells[..., first:last, :])
            features = features[..., row - first * cell : end - first * cell, left:right]
            residual = network.finish(features, white[..., row:end, left:right])
        yield row, (network.base(white[..., row:end, left:right]) + residual)[0].float().cpu()


def _planar_strips(
    head: PlanarHead, cells: Tensor, ycc: Tensor, core: tuple[int, int, int, int]
) -> Iterator[tuple[int, Tensor]]:
    """The same by :class:`PlanarHead`; strips begin at whole cells, of which the core cuts its part."""
    top, bottom, left, right = core
    cell = head.cell
    padded = functional.pad(cells[None], [1] * 4, mode="replicate")[0]
    x0, x1 = left // cell, -(-right // cell)
    step = max(STRIP // cell, 1)
    for first in range(top // cell, -(-bottom // cell), step):
        last = min(first + step, -(-bottom // cell))
        area = ycc[:, first * cell : last * cell, x0 * cell : x1 * cell]
        missing = (x1 - x0) * cell - area.shape[-1], (last - first) * cell - area.shape[-2]
        if any(missing):
            area = functional.pad(area[None], [0, missing[0], 0, missing[1]], mode="replicate")[0]
        out = torch.empty(2, *area.shape[-2:])
        head.chroma(padded[:, first : last + 2, x0 : x1 + 2], area, out)
        row, end = max(first * cell, top), min(last * cell, bottom)
        yield row, out[:, row - first * cell : end - first * cell, left - x0 * cell : right - x0 * cell]
