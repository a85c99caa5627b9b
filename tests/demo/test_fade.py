"""The dye-fade simulator and the balance after it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chroma_recovery.demo.balance import DensityBalance
from chroma_recovery.demo.clip import HEIGHT, WIDTH, read_clip
from chroma_recovery.demo.density import DENSEST, Array, decode, density, encode, from_density
from chroma_recovery.demo.fade import ABSORPTION, FADES, DyeFade, FadedScan

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@pytest.fixture(scope="module")
def frame() -> Array:
    return next(read_clip(frames=1))


def quiet(name: str) -> DyeFade:
    """A fade without anything random."""
    fade = FADES[name]
    return DyeFade(lost=fade.lost, stain=fade.stain)


def test_transfer_function_has_the_standards_fixed_points() -> None:
    # IEC 61966-2-1: the two parts meet at 0.04045 / 0.0031308; 0.5 encodes 0.21404 of linear light.
    values = np.array([0.0, 0.04045, 0.5, 1.0], np.float32)
    assert decode(values) == pytest.approx([0.0, 0.0031308, 0.2140411, 1.0], abs=2e-6)
    ramp = np.linspace(0, 1, 1001, dtype=np.float32)
    assert np.abs(encode(decode(ramp)) - ramp).max() < 1e-5


def test_density_of_known_transmittances() -> None:
    light = np.array([1.0, 0.1, 0.01, 0.0], np.float32)
    assert density(encode(light)) == pytest.approx([0.0, 1.0, 2.0, DENSEST], abs=1e-4)
    assert from_density(np.float32([0.0, 1.0])) == pytest.approx(encode(np.float32([1.0, 0.1])))


def test_equal_dyes_make_a_neutral() -> None:
    assert ABSORPTION.sum(axis=1) == pytest.approx([1, 1, 1])


@given(st.integers(8, 16), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_no_fade_is_identity_within_quantisation(bits: int, seed: int) -> None:
    frame = np.random.default_rng(seed).uniform(0.02, 1, (16, 24, 3)).astype(np.float32)
    scan = FadedScan(DyeFade(scan_bits=bits), 24, 16, seed=seed)(frame, 1)
    assert np.abs(scan - frame).max() <= 0.5 / (2**bits - 1) + 2e-5


@pytest.mark.parametrize("name", FADES)
def test_a_neutral_ramp_stays_in_order(name: str) -> None:
    ramp = np.repeat(np.linspace(0.05, 0.95, 64, dtype=np.float32)[None, :, None], 3, axis=2)
    scan = FadedScan(quiet(name), 64, 1)(ramp, 1)
    assert (np.diff(scan, axis=1) >= 0).all()
    assert (np.ptp(scan, axis=1) > 0.1).all()


@pytest.mark.parametrize("name", FADES)
def test_grey_turns_magenta_as_cyan_goes(name: str) -> None:
    grey = np.full((4, 4, 3), 0.4, np.float32)
    red, green, blue = FadedScan(quiet(name), 4, 4)(grey, 1).mean((0, 1))
    assert red > max(green, blue)
    assert red > green + 0.1


def test_more_loss_gives_more_cast() -> None:
    grey = np.full((2, 2, 3), 0.4, np.float32)
    casts = []
    for lost in (0.0, 0.3, 0.6, 0.9):
        red, green, _ = FadedScan(DyeFade(lost=(lost, 0.0, 0.0)), 2, 2)(grey, 1)[0, 0]
        casts.append(red - green)
    assert casts == sorted(casts)
    assert casts[0] == pytest.approx(0, abs=1e-4)
    assert casts[-1] > 0.2


def test_stain_yellows_the_base() -> None:
    white = np.ones((2, 2, 3), np.float32)
    scan = FadedScan(DyeFade(stain=(0.01, 0.03, 0.10)), 2, 2)(white, 1)
    assert density(scan)[0, 0] == pytest.approx([0.01, 0.03, 0.10], abs=1e-3)


@pytest.mark.parametrize("kind", ["edge", "mottle"])
def test_uneven_fields_span_0_to_1(kind: str) -> None:
    field = FadedScan(DyeFade(field=kind), 96, 54, seed=5).field  # type: ignore[arg-type]
    assert field.shape == (54, 96)
    assert 0 <= field.min() < 0.05
    assert 0.9 < field.max() <= 1


def test_the_edge_of_the_roll_fades_most() -> None:
    left, right = FadedScan(FADES["uneven"], 96, 54).kept()[27, [0, 95], 0]
    assert left > 0.5
    assert right < 0.2


def test_same_seed_same_pixels_and_frames_are_independent() -> None:
    frame = np.random.default_rng(0).uniform(0, 1, (54, 96, 3)).astype(np.float32)
    one, other = (FadedScan(FADES["strong"], 96, 54, seed=7) for _ in range(2))
    other(frame, 1001)
    assert (one(frame, 1002) == other(frame, 1002)).all()
    assert (one(frame, 1002) != one(frame, 1003)).any()
    assert (one(frame, 1002) != FadedScan(FADES["strong"], 96, 54, seed=8)(frame, 1002)).any()


def test_wrong_size_and_impossible_loss_are_refused() -> None:
    with pytest.raises(ValueError, match="print is"):
        FadedScan(DyeFade(), 4, 4)(np.zeros((4, 5, 3), np.float32), 1)
    with pytest.raises(ValueError, match=r"0\.\.1"):
        DyeFade(lost=(1.2, 0, 0))


def test_balance_puts_the_ends_of_all_channels_together() -> None:
    chance = np.random.default_rng(1)
    scan = from_density(chance.uniform((0.05, 0.3, 0.2), (0.4, 1.7, 0.9), (64, 64, 3)).astype(np.float32))
    balance = DensityBalance.fit([scan], ends=0)
    balanced = density(balance(scan)).reshape(-1, 3)
    # Measured on every fourth pixel of 64 x 64, so the ends are met within a few hundredths.
    assert balanced.min(axis=0) == pytest.approx([0.1] * 3, abs=0.05)
    assert balanced.max(axis=0) == pytest.approx([0.1 + balance.to_range] * 3, abs=0.05)


def test_balance_refuses_a_shot_without_range() -> None:
    with pytest.raises(ValueError, match="range"):
        DensityBalance.fit([np.full((8, 8, 3), 0.5, np.float32)])
    with pytest.raises(ValueError, match="no frame"):
        DensityBalance.fit([])


@pytest.mark.parametrize("name", FADES)
def test_balanced_scan_keeps_the_luma_and_loses_the_cast(name: str, frame: Array) -> None:
    scan = FadedScan(FADES[name], WIDTH, HEIGHT, seed=3)(frame, 1001)
    source = DensityBalance.fit([scan])(scan)
    assert source.dtype == np.float32
    assert 0 <= source.min() <= source.max() <= 1
    correlation = np.corrcoef((source @ LUMA).ravel(), (frame @ LUMA).ravel())[0, 1]
    assert correlation > 0.9
    red, green, blue = source.mean((0, 1))
    cast = scan.mean((0, 1))[0] - scan.mean((0, 1))[1]
    assert cast > 0.05
    assert abs(red - green) < 0.5 * cast
    assert abs(blue - green) < 0.12
