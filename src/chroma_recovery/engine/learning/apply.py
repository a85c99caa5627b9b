"""A trained model on a frame of any size, tile by tile and strip by strip."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ..image import RGB, Image, Pixels
from .device import Device, tune_allocator
from .luma_chroma import decode, encode, recombine, to_ycc
from .network import ChromaNetwork

__all__ = ["STRIP", "apply_model", "predict_chroma"]

STRIP = 64
"""Rows that the full-resolution head computes at a time, so that they stay in the processor's cache."""

Where = tuple[float, float, float, float, float]


def apply_model(
    network: ChromaNetwork, image: Image, where: Where, *, device: Device, tile: int | None = None
) -> Image:
    """The image with the model's chroma and its own luma; other channels, windows and metadata unchanged.

    image: RGB in the space the model was trained in (see ``Architecture.linear``). where: see
    :class:`ChromaNetwork`. tile: side in pixels of the tiles that are computed one after the other, None for
    the whole frame at once. Tiles overlap by all that the network can see, so they give what the whole frame
    gives.
    """
    tune_allocator()
    height, width = image.pixels.shape[:2]
    out: Pixels = np.empty((height, width, 3), np.float32)
    if not image.box.empty:
        linear = network.architecture.linear
        pixels = torch.from_numpy(image.rgb().copy()).permute(2, 0, 1).contiguous()
        encoded = encode(pixels) if linear else pixels
        target = torch.from_numpy(out)
        with torch.inference_mode():
            for top, left, chroma in _chroma(network, encoded, where, device, tile):
                area = encoded[:, top : top + chroma.shape[-2], left : left + chroma.shape[-1]]
                done = recombine(area, chroma)
                done = decode(done) if linear else done
                target[top : top + chroma.shape[-2], left : left + chroma.shape[-1]] = done.permute(1, 2, 0)
    return image.with_channels(RGB, out)


def predict_chroma(
    network: ChromaNetwork, ycc: Tensor, where: Where, *, device: Device, tile: int | None = None
) -> Tensor:
    """(3, h, w) Y'CbCr -> (2, h, w) Cb, Cr on the CPU, before the gamut is looked after."""
    out = torch.empty(2, *ycc.shape[-2:])
    with torch.inference_mode():
        for top, left, chroma in _strips(network, ycc, where, device, tile):
            out[:, top : top + chroma.shape[-2], left : left + chroma.shape[-1]] = chroma
    return out


def _chroma(
    network: ChromaNetwork, encoded: Tensor, where: Where, device: Device, tile: int | None
) -> Iterator[tuple[int, int, Tensor]]:
    """Chroma for pictures that may leave 0..1: the network sees them clamped to the unit range, and the
    chroma beyond the clamp is carried over."""
    ycc = to_ycc(encoded)
    seen = torch.cat([ycc[:1].clamp(0.0, 1.0), ycc[1:].clamp(-0.5, 0.5)])
    beyond = not torch.equal(seen, ycc)
    for top, left, chroma in _strips(network, seen, where, device, tile):
        if beyond:
            area = (slice(1, None), slice(top, top + chroma.shape[-2]), slice(left, left + chroma.shape[-1]))
            chroma = chroma + (ycc[area] - seen[area])
        yield top, left, chroma


def _strips(
    network: ChromaNetwork, ycc: Tensor, where: Where, device: Device, tile: int | None
) -> Iterator[tuple[int, int, Tensor]]:
    """(top, left, (2, rows, columns)) covering the picture without overlap."""
    height, width = ycc.shape[-2:]
    shape = network.architecture
    side = max(height, width) if tile is None else max(tile // shape.stride, 1) * shape.stride
    for top in range(0, height, side):
        for left in range(0, width, side):
            y0, y1 = max(top - shape.halo, 0), min(top + side + shape.halo, height)
            x0, x1 = max(left - shape.halo, 0), min(left + side + shape.halo, width)
            here = (where[0] + x0 * where[1], where[1], where[2] + y0 * where[3], where[3], where[4])
            core = (top - y0, min(top + side, height) - y0, left - x0, min(left + side, width) - x0)
            for row, chroma in _tile(network, ycc[:, y0:y1, x0:x1], here, device, core):
                yield y0 + row, left, chroma


def _tile(
    network: ChromaNetwork, ycc: Tensor, where: Where, device: Device, core: tuple[int, int, int, int]
) -> Iterator[tuple[int, Tensor]]:
    """Strips of the core (top, bottom, left, right) of one tile: (row in the tile, (2, rows, columns))."""
    cell = network.architecture.cell
    top, bottom, left, right = core
    picture = ycc[None].to(device.name, memory_format=torch.channels_last)
    place = torch.tensor([where], dtype=torch.float32, device=device.name)
    white = network.whiten(picture)
    with device.autocast():
        cells = network.cells(white, place)
    for row in range(top, bottom, STRIP):
        end = min(row + STRIP, bottom)
        first, last = max(row // cell - 1, 0), min(-(-end // cell) + 1, cells.shape[-2])
        with device.autocast():
            features = network.spread(cells[..., first:last, :])
            features = features[..., row - first * cell : end - first * cell, left:right]
            residual = network.finish(features, white[..., row:end, left:right])
        yield row, (network.base(picture[..., row:end, left:right]) + residual)[0].float().cpu()
