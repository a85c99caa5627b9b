"""A clean recovery of real footage, and faults to plant into it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.fade import FADES, FadedScan
from chroma_recovery.engine.lut import fit_lut
from chroma_recovery.qc.results import ShotMeasures
from chroma_recovery.qc.shot import measure_shot
from chroma_recovery.qc.taps import with_luma_of
from chroma_recovery.qc.views import Views

COUNT, WIDTH, HEIGHT, FIRST = 18, 400, 226, 1001

Frames = list[np.ndarray]


@lru_cache(maxsize=1)
def clean() -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Source (the demo clip, strongly faded, with flicker and grain) and Recovered: one LUT's chroma on its luma."""
    size = (WIDTH, HEIGHT)
    clip = [
        cv2.resize(p, size, interpolation=cv2.INTER_AREA).astype(np.float32) for p in read_clip(frames=COUNT)
    ]
    scan = FadedScan(FADES["strong"], *size, seed=3)
    source = [scan(p, n) for n, p in enumerate(clip)]
    chosen = (0, 4, 9, 13, 17)
    pairs = [np.concatenate([side[n][::3, ::3].reshape(-1, 3) for n in chosen]) for side in (source, clip)]
    lut = fit_lut(pairs[0], pairs[1], 17)
    recovered = [with_luma_of(np.clip(lut.apply(p), 0, 1), p) for p in source]
    return tuple(source), tuple(recovered)


def planted(change: Callable[[int, np.ndarray], np.ndarray], count: int = COUNT) -> Frames:
    """Recovered with each frame's L*a*b* changed, at its own luma. change: (number from 0, L*a*b*) -> L*a*b*. count:
    frames from the first on."""
    made = []
    for number, picture in enumerate(clean()[1][:count]):
        lab = change(number, cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)).astype(np.float32)
        made.append(with_luma_of(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1), picture))
    return made


def turned(lab: np.ndarray, degrees: float) -> np.ndarray:
    """Hue turned."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.stack([lab[..., 0], c * lab[..., 1] - s * lab[..., 2], s * lab[..., 1] + c * lab[..., 2]], -1)


def tinted(lab: np.ndarray, a: float) -> np.ndarray:
    """Everything shifted by ``a`` towards magenta."""
    return lab + np.array([0, a, 0], np.float32)


def measured(recovered: Frames | None = None, source: Frames | None = None) -> ShotMeasures:
    """The shot, or its first frames where ``recovered`` is shorter, measured with the shipped profile."""
    before, after = clean()
    recovered = recovered or list(after)
    pictures = zip((source or before)[: len(recovered)], recovered, strict=True)
    return measure_shot(Views(FIRST + n, a, b) for n, (a, b) in enumerate(pictures))


def broken(shot: ShotMeasures) -> set[str]:
    """Codes of the rules that do not hold."""
    return {m.code for m in shot.broken}
