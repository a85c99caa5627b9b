"""Flicker measured on a shot: what moves, fades or is cut is none."""

from __future__ import annotations

import numpy as np
import pytest

from chroma_recovery.engine.learning.flicker import OFFSET, STEP, WINDOW, Comparisons

SIZE = (68, 120)
COUNT = 40


def texture(seed: int = 0) -> np.ndarray:
    """Soft texture, larger than a frame, 0.1..0.9."""
    rng = np.random.default_rng(seed)
    out = np.zeros((SIZE[0], SIZE[1] + 4 * COUNT, 3))
    for side in (1, 3, 9):
        small = rng.uniform(-0.13, 0.13, (out.shape[0] // side + 1, out.shape[1] // side + 1, 3))
        out += np.kron(small, np.ones((side, side, 1)))[: out.shape[0], : out.shape[1]]
    return np.asarray(out + 0.5)


def shot(speed: float = 0.0) -> np.ndarray:
    """(COUNT, h, w, 3): a camera that pans, and a square that runs across it."""
    wide = texture()
    frames = np.stack([wide[:, int(k * speed) : int(k * speed) + SIZE[1]] for k in range(COUNT)])
    for k in range(COUNT):
        frames[k, 10:40, 2 * k : 2 * k + 30] = (0.8, 0.2, 0.3)
    return np.asarray(frames)


def changed(frames: np.ndarray, curve: np.ndarray, noise: float = 0.01) -> np.ndarray:
    rng = np.random.default_rng(5)
    out = (frames + OFFSET) * np.exp(curve)[:, None, None] - OFFSET
    return np.asarray(out + rng.normal(0, noise, frames.shape), np.float32)


def curve(seed: int = 1, size: float = 0.02) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, size, (COUNT, 3))


def found(frames: np.ndarray) -> np.ndarray:
    comparisons = Comparisons()
    for k, frame in enumerate(frames):
        comparisons.add(k + 11, frame)
    factors = comparisons.factors()
    assert list(factors) == list(range(11, 11 + len(frames)))
    return -np.log(np.stack(list(factors.values())))


@pytest.mark.parametrize("speed", [0.0, 0.5, 3.0])
def test_flicker_is_found_under_motion(speed: float) -> None:
    wanted = curve()
    left = wanted - found(changed(shot(speed), wanted))
    near = left - np.stack([left[max(k - 6, 0) : k + 7].mean(0) for k in range(COUNT)])
    assert near.std() < 0.35 * wanted.std()


def test_a_fade_of_the_light_stays() -> None:
    slow = np.linspace(0, -0.8, COUNT)[:, None] * (1.0, 0.9, 1.1)
    assert np.abs(found(changed(shot(), slow))).max() < 0.004


def test_light_switched_on_stays() -> None:
    on = np.where(np.arange(COUNT) < 20, 0.0, 0.3)[:, None] * np.ones(3)
    assert on.max() > STEP
    assert np.abs(found(changed(shot(), on))).max() < 0.004


def test_a_cut_ends_the_curve() -> None:
    wanted = curve(size=0.01)
    frames = shot()
    frames[20:] = 1 - frames[20:] * 0.9
    both = found(changed(frames, wanted))
    assert np.allclose(both[:20], found(changed(frames, wanted)[:20]), atol=1e-9)
    assert both[:20].std() > 0.006 and both[20:].std() > 0.006


def test_few_or_black_frames_get_nothing() -> None:
    assert not found(changed(shot()[:4], curve()[:4])).any()
    assert not found(np.zeros((2 * WINDOW, *SIZE, 3), np.float32)).any()
    assert not found(np.full((2 * WINDOW, *SIZE, 3), np.nan, np.float32)).any()
