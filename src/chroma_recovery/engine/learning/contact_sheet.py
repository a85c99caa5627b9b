"""Contact sheets of a training: Input, Ground Truth, Output of some pairs, one row each."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ...paths import writing
from .apply import predict_chroma
from .dataset import Dataset
from .device import Device
from .luma_chroma import recombine, to_rgb
from .network import ChromaNetwork

__all__ = ["write_contact_sheet"]

ROWS, WIDTH, BAR = 4, 360, 22


def write_contact_sheet(
    path: Path, network: ChromaNetwork, data: Dataset, *, device: Device, caption: str = ""
) -> None:
    """An 8-bit PNG of up to four pairs. Shown are sRGB-encoded working-space values, without a view
    transform."""
    every = max(1, len(data.pairs) // ROWS)
    rows = []
    for pair in data.pairs[::every][:ROWS]:
        encoded = to_rgb(pair.ycc[0], pair.ycc[1:])
        truth = recombine(encoded, pair.chroma)
        output = recombine(encoded, predict_chroma(network, pair.ycc, pair.where, device=device))
        tiles = [_tile(encoded), _tile(truth), _tile(output)]
        rows.append(
            np.hstack(
                [
                    _labelled(t, f"{n}  {pair.frame}")
                    for t, n in zip(tiles, ("Input", "Ground Truth", "Output"), strict=True)
                ]
            )
        )
    sheet = np.vstack([*rows, _bar(rows[0].shape[1], caption)])
    with writing(path, overwrite=True) as scratch:
        scratch.write_bytes(cv2.imencode(".png", sheet)[1].tobytes())


def _tile(encoded: Tensor) -> npt.NDArray[np.uint8]:
    rgb = (encoded.clamp(0, 1) * 255 + 0.5).to(torch.uint8).permute(1, 2, 0).numpy()
    height = max(1, round(WIDTH * rgb.shape[0] / rgb.shape[1]))
    small = cv2.resize(np.ascontiguousarray(rgb[..., ::-1]), (WIDTH, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _bar(width: int, text: str) -> npt.NDArray[np.uint8]:
    bar = np.full((BAR, width, 3), 32, np.uint8)
    cv2.putText(bar, text, (6, BAR - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (220, 220, 220), 1, cv2.LINE_AA)
    return bar


def _labelled(tile: npt.NDArray[np.uint8], text: str) -> npt.NDArray[np.uint8]:
    return np.vstack([_bar(tile.shape[1], text), tile])
