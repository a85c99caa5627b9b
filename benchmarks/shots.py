"""Shots with a known truth: real motion, faded, with References clean or like a DVD."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import cv2
import numpy as np
from footage import frames_of

from chroma_recovery.demo.balance import DensityBalance
from chroma_recovery.demo.density import Array
from chroma_recovery.demo.fade import FADES, DyeFade, FadedScan
from chroma_recovery.demo.reference import DvdReference

LENGTH = 48
MISALIGNED = (0.3, -0.2)
"""Pixels by which the alignment of a DVD-like Reference is wrong."""

EVERY_FADE: Mapping[str, DyeFade] = {
    **FADES,
    "flickering": attrs.evolve(FADES["strong"], flicker=0.035, dye_flicker=0.015),
}
REFERENCES = ("dvd", "clean")


@attrs.frozen(eq=False)
class Shot:
    """source, truth: frames by number, display-encoded 0..1. references: aligned, by number of the pair's frame; masks:
    where they hold picture. Pairs train, all other frames are hold-outs."""

    source: list[Array]
    truth: list[Array]
    references: dict[int, Array]
    masks: dict[int, Array]

    @property
    def pairs(self) -> list[int]:
        return sorted(self.references)

    @property
    def hold_outs(self) -> list[int]:
        return [n for n in range(len(self.source)) if n not in self.references]


def make_shot(
    clip: str, fade: str, reference: str, pairs: int, *, footage: Path | None, length: int = LENGTH
) -> Shot:
    """pairs: how many frames, evenly spread. Same words, same pixels."""
    clean = frames_of(clip, footage, length)
    height, width = clean[0].shape[:2]
    scan, look = FadedScan(EVERY_FADE[fade], width, height, seed=3), DvdReference()
    scans = [scan(frame, number) for number, frame in enumerate(clean)]
    truth = [look.truth(f) if reference == "dvd" else f for f in clean]
    some = range(0, len(clean), max(1, len(clean) // 6))
    balance = DensityBalance.fit((scans[n] for n in some), like=(truth[n] for n in some))
    chosen = sorted({round(v) for v in np.linspace(0, len(clean) - 1, pairs)})
    references, masks = {}, {}
    for number in chosen:
        references[number], masks[number] = _reference(clean[number], look, reference)
    return Shot([balance(s) for s in scans], truth, references, masks)


def _reference(clean: Array, look: DvdReference, kind: str) -> tuple[Array, Array]:
    height, width = clean.shape[:2]
    if kind == "clean":
        return clean, np.ones((height, width), np.float32)
    back = np.linalg.inv(look.transform(width, height))
    back[:2, 2] += MISALIGNED
    left, top, right, bottom = look.live_area(width, height)
    live = np.zeros((height, width), np.float32)
    live[top + 3 : bottom - 3, left + 3 : right - 3] = 1
    flat = cv2.warpAffine(look(clean), back[:2], (width, height), flags=cv2.INTER_CUBIC)
    mask = cv2.warpAffine(live, back[:2], (width, height), flags=cv2.INTER_NEAREST)
    return np.clip(flat, 0, 1) * mask[..., None], mask
