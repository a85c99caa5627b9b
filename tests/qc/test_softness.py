"""Chroma smeared over edges is found in pictures of any size, also where hardly any chroma contrast is left."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from planted_shots import HEIGHT, WIDTH, clean

from chroma_recovery.qc.profile import Profile
from chroma_recovery.qc.shown import Shown
from chroma_recovery.qc.softness import softness
from chroma_recovery.qc.taps import with_luma_of

LIMIT = Profile().limit("Q503") or 0.0


def pair(width: int, frame: int = 9) -> tuple[np.ndarray, np.ndarray]:
    size = (width, round(HEIGHT * width / WIDTH))
    source, made = (cv2.resize(side[frame], size, interpolation=cv2.INTER_AREA) for side in clean())
    return source, made


def smeared(picture: np.ndarray, spread: float) -> np.ndarray:
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    lab[..., 1:] = cv2.GaussianBlur(lab, (0, 0), spread)[..., 1:]
    return with_luma_of(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1), picture)


@pytest.mark.parametrize("width", [160, 240, 400])
def test_smeared_chroma_is_found_at_any_size(width: int) -> None:
    source, made = pair(width)
    sharp = softness(Shown(source, made))
    assert sharp is not None and sharp < LIMIT / 2
    for spread in (4, 8):
        found = softness(Shown(source, smeared(made, spread)))
        assert found is not None and found > LIMIT, (width, spread, found)


def test_more_is_worse() -> None:
    source, made = pair(240)
    found = [softness(Shown(source, smeared(made, spread))) or 0.0 for spread in (0.5, 1, 2, 4)]
    assert found == sorted(found) and found[1] < LIMIT


def test_paler_colour_is_not_softer() -> None:
    source, made = pair(400)
    grey = made.mean(axis=-1, keepdims=True)
    assert softness(Shown(source, grey + (made - grey) * np.float32(0.5))) == pytest.approx(
        softness(Shown(source, made)), abs=0.1
    )


def test_without_colour_or_edges_there_is_nothing_to_judge() -> None:
    source, made = pair(240)
    assert softness(Shown(source, np.repeat(made.mean(axis=-1, keepdims=True), 3, axis=-1))) is None
    flat = np.full_like(source, 0.4)
    assert softness(Shown(flat, made)) is None
