"""A trained model on a frame of any size, tile by tile and strip by strip."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..image import RGB, Image, Pixels
from .degrain import Degrain
from .device import Device, tune_allocator
from .luma_chroma import decode, encode, recombine, to_ycc
from .network import ChromaNetwork
from .planar import PlanarHead, planar_head
from .strips import Base, Buffers, Strip, rows_at_once

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
    pixels, linear = image.select(RGB), network.architecture.linear
    head = _head(network, device)
    with torch.inference_mode():
        if head is not None:
            mapped = np.empty(pixels.shape, np.float32)
            for area, strip, chroma in _quick(network, head, pixels, where, tile):
                top, bottom, left, right = area
                done = strip.recombined(chroma, linear)
                torch.from_numpy(mapped[top:bottom, left:right]).copy_(done.permute(1, 2, 0))
            return image.with_channels(RGB, mapped)
        encoded, seen, beyond = _prepared(pixels, linear)
        for top, left, chroma in _strips(network, seen, where, device, tile):
            rows, columns = chroma.shape[-2:]
            within = (slice(None), slice(top, top + rows), slice(left, left + columns))
            if beyond:
                chroma = chroma + (to_ycc(encoded[within]) - seen[within])[1:]
            recombined = recombine(encoded[within], chroma)
            encoded[within] = decode(recombined) if linear else recombined
    return image.with_channels(RGB, encoded.permute(1, 2, 0).numpy())


def _head(network: ChromaNetwork, device: Device) -> PlanarHead | None:
    """What :func:`_quick` needs; None for other devices, half precision and networks that it does not fit."""
    return planar_head(network) if device.name == "cpu" and not device.half else None


def _prepared(pixels: Pixels, linear: bool) -> tuple[Tensor, Tensor, bool]:
    """Encoded R'G'B' and what the network sees of it, Y'CbCr clamped to the unit range, both (3, h, w); and whether
    anything lay beyond: the chroma beyond is carried over."""
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
    head = _head(network, device)
    with torch.inference_mode():
        if head is not None:
            for (top, bottom, left, right), _, chroma in _quick(network, head, ycc, where, tile):
                out[:, top:bottom, left:right] = chroma
            return out
        for top, left, chroma in _strips(network, ycc, where, device, tile):
            out[:, top : top + chroma.shape[-2], left : left + chroma.shape[-1]] = chroma
    return out


def _quick(
    network: ChromaNetwork, head: PlanarHead, picture: Pixels | Tensor, where: Where, tile: int | None
) -> Iterator[tuple[tuple[int, int, int, int], Strip, Tensor]]:
    """Areas (top, bottom, left, right) covering the picture without overlap, what the network sees there and its
    chroma, both good until the next. picture: pixels (h, w, 3), or Y'CbCr as a tensor (3, h, w)."""
    height, width = picture.shape[-2:] if isinstance(picture, Tensor) else picture.shape[:2]
    linear, residual = network.architecture.linear, bool(float(network.strength))
    buffers = Buffers()
    strip = Strip(buffers, Degrain.of(network))

    def see(area: tuple[int, int, int, int]) -> None:
        if isinstance(picture, Tensor):
            strip.of_ycc(picture, area)
        else:
            strip.of_rgb(picture, area, linear)

    cell, whole = network.architecture.cell, (0, height, 0, width)
    for core, seen in _tiles(network, height, width, tile) if residual else [(whole, whole)]:
        base = Base(network, _within(where, seen), seen[1] - seen[0], seen[3] - seen[2], buffers)
        cells = torch.empty(0)
        if residual:
            white = torch.empty(3, seen[1] - seen[0], seen[3] - seen[2])
            for part in _parts(seen, cell):
                see(part)
                rows = slice(part[0] - seen[0], part[1] - seen[0])
                white[:, rows] = base.whitened(strip.smooth, buffers.get("white", *strip.smooth.shape))
            place = torch.tensor([_within(where, seen)], dtype=torch.float32)
            cells = functional.pad(network.cells(white[None], place), [1] * 4, mode="replicate")[0]
            del white
        for part in _parts(core, cell):
            see(part)
            chroma = base.chroma(strip.smooth, part[0] - seen[0], part[2] - seen[2])
            if residual:
                y0, y1, x0, x1 = (n - seen[0] if k < 2 else n - seen[2] for k, n in enumerate(part))
                rows, columns = slice(y0 // cell, -(-y1 // cell) + 2), slice(x0 // cell, -(-x1 // cell) + 2)
                chroma += head.residual(cells[:, rows, columns], strip.smooth)
            yield part, strip, chroma


def _parts(area: tuple[int, int, int, int], cell: int) -> Iterator[tuple[int, int, int, int]]:
    top, bottom, left, right = area
    step = rows_at_once(right - left, cell)
    for row in range(top, bottom, step):
        yield row, min(row + step, bottom), left, right


def _within(where: Where, area: tuple[int, int, int, int]) -> Where:
    return (where[0] + area[2] * where[1], where[1], where[2] + area[0] * where[3], where[3], where[4])


def _tiles(
    network: ChromaNetwork, height: int, width: int, tile: int | None
) -> Iterator[tuple[tuple[int, int, int, int], tuple[int, int, int, int]]]:
    """Tiles (top, bottom, left, right) and what the network has to see for them."""
    shape = network.architecture
    high, wide = _tile_size(height, width, tile, shape.stride)
    for top in range(0, height, high):
        for left in range(0, width, wide):
            core = (top, min(top + high, height), left, min(left + wide, width))
            y0, y1 = max(top - shape.halo, 0), min(top + high + shape.halo, height)
            x0, x1 = max(left - shape.halo, 0), min(left + wide + shape.halo, width)
            yield core, (y0, y1, x0, x1)


def _strips(
    network: ChromaNetwork, ycc: Tensor, where: Where, device: Device, tile: int | None
) -> Iterator[tuple[int, int, Tensor]]:
    """(top, left, (2, rows, columns)) covering the picture without overlap, by the network's own modules."""
    for core, seen in _tiles(network, ycc.shape[-2], ycc.shape[-1], tile):
        y0, y1, x0, x1 = seen
        local = (core[0] - y0, core[1] - y0, core[2] - x0, core[3] - x0)
        for row, chroma in _tile(network, ycc[:, y0:y1, x0:x1], _within(where, seen), device, local):
            yield y0 + row, core[2], chroma


def _tile_size(height: int, width: int, tile: int | None, stride: int) -> tuple[int, int]:
    """Height and width of tiles, whole strides."""
    if tile is not None:
        side = max(tile // stride, 1) * stride
        return side, side
    bands = -(-height * width // WHOLE)
    return -(-height // (bands * stride)) * stride, width


def _tile(
    network: ChromaNetwork,
    ycc: Tensor,
    where: Where,
    device: Device,
    core: tuple[int, int, int, int],
) -> Iterator[tuple[int, Tensor]]:
    """Strips of the core (top, bottom, left, right) of one tile: (row in the tile, (2, rows, columns))."""
    top, bottom, left, right = core
    place = torch.tensor([where], dtype=torch.float32, device=device.name)
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
