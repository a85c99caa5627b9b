"""Films for the benchmarks of pairs, and pairs of their frames whose alignment is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from chroma_recovery.demo.clip import CLIP, read_clip
from chroma_recovery.demo.fade import FADES
from chroma_recovery.demo.known_pairs import KnownPair, Overlay, known_pair, scene
from chroma_recovery.pairs.alignment import Side
from chroma_recovery.pairs.crop import live_mask
from chroma_recovery.pairs.reading import area_scaled, working_width

WIDTH, HEIGHT = 1920, 1080
SMALL = (960, 540)
"""Size of the pictures for judging: the lines that the shipped clip has."""

FADE_NAMES = tuple(FADES)
TEXTS = (None, Overlay("WHAT HAVE YOU DONE?"), Overlay("- Run!", "bottom"), Overlay("K9", "logo"))


def side(picture: Any) -> Side:
    """One picture of a pair as the command prepares it."""
    small = area_scaled(picture, working_width((picture.shape[1], picture.shape[0])))
    return Side(small, live_mask([small]), (picture.shape[1], picture.shape[0]))


def frames_of(path: Path, count: int) -> list[Any]:
    """Evenly spread frames of a film, of its first 300."""
    if path == CLIP:
        every = list(read_clip())
    else:
        video, every = cv2.VideoCapture(str(path)), []
        while len(every) < 300:
            done, picture = video.read()
            if not done:
                break
            every.append(picture[..., ::-1])
    if not every:
        raise SystemExit(f"{path} cannot be read as a film")
    chosen = [every[round(n)] for n in np.linspace(0, len(every) - 1, min(count, len(every)))]
    return [p.astype(np.float32) / 255 if p.dtype == np.uint8 else p for p in chosen]


def truths(
    frames: list[Any], count: int, size: tuple[int, int] = (WIDTH, HEIGHT), first: int = 0
) -> Iterator[KnownPair]:
    """Pairs with every fade in turn, three of four with lettering. first: number of the first, which is its seed."""
    for k in range(count):
        canvas = scene(frames[k * 7 % len(frames)], *size)
        overlay = TEXTS[(k + k // 4 + first // 100) % 4]
        yield known_pair(canvas, *size, seed=first + k, fade=FADE_NAMES[k % 4], overlay=overlay)
