"""What one would reach for otherwise, written from published formulas. All work on display R'G'B' 0..1.

Reinhard: E. Reinhard, M. Ashikhmin, B. Gooch, P. Shirley, "Color transfer between images", 2001. MKL: F. Pitie, A.
Kokaram, "The linear Monge-Kantorovitch linear colour mapping", 2007. HM-MKL-HM: histogram matching before and after
it, the order of F. Hahne, A. Aggoun, "PlenoptiCam v1.0", 2021 (their own transport between the two, MVGD, is not
repeated here: the only code of it is under the GPL). The U-Net is like what CopyCat is said to be, RGB in and out at
full resolution; it is no CopyCat.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from ours import CORES
from rows import Clock
from shots import Shot
from torch import nn
from torch.nn import functional

from chroma_recovery.demo.density import Array
from chroma_recovery.engine.lut import fit_lut

Apply = Callable[[Array], Array]


def colours(shot: Shot, most: int = 200_000) -> tuple[Array, Array]:
    """(n, 3) of the Source and (n, 3) of the Reference, where both hold picture."""
    a, b = [], []
    for number in shot.pairs:
        valid = shot.masks[number] > 0
        a.append(shot.source[number][valid])
        b.append(shot.references[number][valid])
    source, target = np.concatenate(a), np.concatenate(b)
    every = max(1, len(source) // most)
    return source[::every], target[::every]


def nothing(shot: Shot, seconds: float) -> Apply:
    return lambda frame: frame


def balance(shot: Shot, seconds: float) -> Apply:
    """Gain and offset of each channel, least squares."""
    source, target = colours(shot)
    lines = [np.polyfit(source[:, k], target[:, k], 1) for k in range(3)]
    gain, offset = (np.array([line[n] for line in lines], np.float32) for n in (0, 1))
    return lambda frame: np.clip(frame * gain + offset, 0, 1)


def lut(shot: Shot, seconds: float) -> Apply:
    """A regularised 3D LUT of 33 points, the idea behind MatchGrade."""
    source, target = colours(shot)
    return fit_lut(source, target, 33).apply


_LMS = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
_RUDERMAN = np.diag([3**-0.5, 6**-0.5, 2**-0.5]) @ np.array([[1, 1, 1], [1, 1, -2], [1, -1, 0]])


def _to_lab(rgb: Array) -> np.ndarray:
    return np.log10(np.maximum(rgb.astype(np.float64) @ _LMS.T, 1e-4)) @ _RUDERMAN.T


def _from_lab(lab: np.ndarray) -> Array:
    return np.clip(10 ** (lab @ np.linalg.inv(_RUDERMAN).T) @ np.linalg.inv(_LMS).T, 0, 1).astype(np.float32)


def reinhard(shot: Shot, seconds: float) -> Apply:
    """Mean and standard deviation of each axis of l alpha beta."""
    a, b = (_to_lab(x) for x in colours(shot))
    scale = b.std(0) / np.maximum(a.std(0), 1e-6)
    return lambda frame: _from_lab((_to_lab(frame) - a.mean(0)) * scale + b.mean(0))


def _root(matrix: np.ndarray, power: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.maximum(values, 1e-10) ** power) @ vectors.T


def _transport(a: Array, b: Array) -> Apply:
    """The linear map between two Gaussians that moves least."""
    u, v = np.cov(a.T.astype(np.float64)), np.cov(b.T.astype(np.float64))
    half, back = _root(u, 0.5), _root(u, -0.5)
    matrix = (back @ _root(half @ v @ half, 0.5) @ back).astype(np.float32)
    low, high = a.mean(0, dtype=np.float64).astype(np.float32), b.mean(0, dtype=np.float64).astype(np.float32)
    return lambda frame: np.clip((frame - low) @ matrix.T + high, 0, 1)


def mkl(shot: Shot, seconds: float) -> Apply:
    return _transport(*colours(shot))


def _histograms(a: Array, b: Array) -> Apply:
    places = np.linspace(0, 100, 257)
    curves = [(np.percentile(a[:, k], places), np.percentile(b[:, k], places)) for k in range(3)]
    return lambda frame: np.stack(
        [np.interp(frame[..., k], x, y) for k, (x, y) in enumerate(curves)], -1
    ).astype(np.float32)


def hm_mkl_hm(shot: Shot, seconds: float) -> Apply:
    source, target = colours(shot)
    one = _histograms(source, target)
    two = _transport(one(source), target)
    three = _histograms(two(one(source)), target)
    return lambda frame: three(two(one(frame)))


class _UNet(nn.Module):
    def __init__(self, widths: tuple[int, ...] = (32, 64, 96)) -> None:
        super().__init__()
        ins = (3, *widths[:-1])
        self.down = nn.ModuleList([_pair(a, b) for a, b in zip(ins, widths, strict=True)])
        self.up = nn.ModuleList(
            [_pair(widths[k] + widths[k + 1], widths[k]) for k in range(len(widths) - 2, -1, -1)]
        )
        self.out = nn.Conv2d(widths[0], 3, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        given, held = x, []
        for level, layer in enumerate(self.down):
            x = layer(x if level == 0 else functional.max_pool2d(x, 2))
            held.append(x)
        for level, layer in enumerate(self.up):
            skip = held[-2 - level]
            x = layer(torch.cat([skip, functional.interpolate(x, size=skip.shape[-2:])], 1))
        return given + self.out(x)


def _pair(ins: int, outs: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(ins, outs, 3, padding=1), nn.ReLU(), nn.Conv2d(outs, outs, 3, padding=1), nn.ReLU()
    )


def unet(shot: Shot, seconds: float) -> Apply:
    """RGB to RGB at full resolution, L1, AdamW, 256 crops, batch 4, cosine; whitened per channel."""
    torch.manual_seed(0)
    source, _ = colours(shot, 50_000)
    mean, spread = (
        torch.tensor(v, dtype=torch.float32).view(1, 3, 1, 1) for v in (source.mean(0), source.std(0))
    )
    network = _UNet().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-4)
    pictures = [
        torch.from_numpy(np.dstack([shot.source[n], shot.references[n], shot.masks[n]])).permute(2, 0, 1)
        for n in shot.pairs
    ]
    chance, clock = np.random.default_rng(0), Clock()
    while (share := clock.spent_cpu / (CORES * seconds)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 1e-3 * 0.5 * (1 + np.cos(np.pi * share))
        crops = []
        for _ in range(4):
            picture = pictures[chance.integers(len(pictures))]
            y, x = (int(chance.integers(size - 256 + 1)) for size in picture.shape[-2:])
            crops.append(picture[:, y : y + 256, x : x + 256])
        batch = torch.stack(crops)
        wanted, mask = (batch[:, 3:6] - mean) / spread, batch[:, 6:]
        found = network(((batch[:, :3] - mean) / spread).contiguous(memory_format=torch.channels_last))
        loss = ((found - wanted).abs() * mask).sum() / (3 * mask.sum()).clamp_min(1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    def apply(frame: Array) -> Array:
        with torch.inference_mode():
            given = (torch.from_numpy(frame).permute(2, 0, 1)[None] - mean) / spread
            high, wide = given.shape[-2:]
            given = functional.pad(given, [0, -wide % 4, 0, -high % 4], mode="replicate")
            out = (
                network(given.contiguous(memory_format=torch.channels_last))[..., :high, :wide] * spread
                + mean
            )
            return out[0].permute(1, 2, 0).clamp(0, 1).contiguous().numpy()

    return apply


RIVALS: dict[str, Callable[[Shot, float], Apply]] = {
    "do nothing": nothing,
    "per-channel balance": balance,
    "3D LUT": lut,
    "Reinhard": reinhard,
    "MKL": mkl,
    "HM-MKL-HM": hm_mkl_hm,
}
