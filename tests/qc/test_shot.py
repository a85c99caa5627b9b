"""Planted faults are found, at the strengths documented in docs/qc.md; clean footage passes."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from planted_shots import COUNT, FIRST, HEIGHT, WIDTH, broken, clean, measured, planted, tinted, turned

from chroma_recovery.qc.profile import Profile
from chroma_recovery.qc.shot import measure_shot
from chroma_recovery.qc.taps import with_luma_of
from chroma_recovery.qc.views import Views

NOISE = np.random.default_rng(1).normal(size=COUNT)


def test_a_clean_shot_passes_and_has_no_outliers() -> None:
    shot = measured()
    assert shot.passed and shot.decided_by is None, shot.broken
    assert not shot.outliers
    assert len(shot.frames) == COUNT


@pytest.mark.parametrize("degrees", [10, -15])
def test_hue_drift(degrees: float) -> None:
    shot = measured(planted(lambda n, lab: turned(lab, degrees * n / (COUNT - 1))))
    assert broken(shot) == {"Q403"}, shot.broken
    decided = shot.decided_by
    assert decided is not None and ("-" if degrees < 0 else "+") in decided.detail


@pytest.mark.parametrize("tint", [2.0])
def test_drift_of_tint(tint: float) -> None:
    assert "Q403" in broken(measured(planted(lambda n, lab: tinted(lab, tint * n / (COUNT - 1)))))


@pytest.mark.parametrize("strength", [0.5])
def test_flicker(strength: float) -> None:
    assert "Q401" in broken(measured(planted(lambda n, lab: tinted(lab, strength * NOISE[n]))))


def test_flicker_of_saturation() -> None:
    assert "Q401" in broken(
        measured(planted(lambda n, lab: lab * np.array([1, 1 + 0.06 * NOISE[n], 1 + 0.06 * NOISE[n]])))
    )


@pytest.mark.parametrize("tint", [1.5])
def test_one_frame_is_an_outlier_with_its_reason(tint: float) -> None:
    shot = measured(planted(lambda n, lab: tinted(lab, tint * (n == 9))))
    assert {o.frame for o in shot.outliers} == {FIRST + 9}
    assert "jumps" in shot.outliers[0].reason and "Add the marked frames" in shot.outliers[0].reason
    assert broken(shot) == {"Q401"}


def quarter(lab: np.ndarray, change: np.ndarray) -> np.ndarray:
    made = np.array(lab)
    made[: HEIGHT // 2, : WIDTH // 2] = change[: HEIGHT // 2, : WIDTH // 2]
    return made


def test_flicker_of_a_quarter_of_the_frame() -> None:
    shot = measured(planted(lambda n, lab: quarter(lab, tinted(lab, 1.5 * NOISE[n]))))
    assert "Q407" in broken(shot)
    said = next(m for m in shot.measures if m.code == "Q407")
    assert said.detail.endswith("upper left")


def test_one_frame_with_a_tinted_quarter_is_an_outlier() -> None:
    shot = measured(planted(lambda n, lab: quarter(lab, tinted(lab, 2.0 * (n == 9)))))
    assert broken(shot) == {"Q407"} and {o.frame for o in shot.outliers} == {FIRST + 9}


def test_a_tint_that_comes_over_a_quarter_of_the_frame() -> None:
    shot = measured(planted(lambda n, lab: quarter(lab, tinted(lab, 4.0 * n / (COUNT - 1)))))
    assert broken(shot) == {"Q408"}


def test_a_step_within_the_shot_is_a_jump_not_flicker() -> None:
    found = broken(measured(planted(lambda n, lab: tinted(lab, 1.5 * (n >= 10)))))
    assert "Q402" in found and "Q401" not in found


@pytest.mark.parametrize("at", [0, COUNT - 1])
def test_seams_at_the_ends(at: int) -> None:
    assert "Q211" in broken(measured(planted(lambda n, lab: tinted(lab, 1.5 * (n == at)))))


@pytest.mark.parametrize("size", [-0.2, 1.2])
def test_range(size: float) -> None:
    made = [np.array(p) for p in clean()[1][:6]]
    made[5][40:100, 100:180, 2] = size
    assert ("Q111" if size < 0 else "Q112") in broken(measured(made))


def test_clipped_range_moves_luma() -> None:
    shot = measured([np.clip(p, 0.1, 0.75) for p in clean()[1][:4]])
    assert "Q104" in broken(shot)


@pytest.mark.parametrize(("kind", "size"), [("shift", 2), ("blur", 4)])
def test_bleed(kind: str, size: int) -> None:
    def smear(_: int, lab: np.ndarray) -> np.ndarray:
        chroma = np.ascontiguousarray(lab[..., 1:])
        moved = np.roll(chroma, size, axis=1)
        chroma = moved if kind == "shift" else cv2.GaussianBlur(chroma, (0, 0), size)
        return np.concatenate([lab[..., :1], chroma], -1)

    assert "Q501" in broken(measured(planted(smear, 4)))


@pytest.mark.parametrize("step", [6.0])
def test_banding(step: float) -> None:
    def posterised(_: int, lab: np.ndarray) -> np.ndarray:
        return np.concatenate([lab[..., :1], np.round(lab[..., 1:] / step) * step], -1)

    assert "Q502" in broken(measured(planted(posterised, 4)))


@pytest.mark.parametrize(
    ("side", "kind"), [("left", "black"), ("right", "repeated"), ("top", "repeated"), ("bottom", "black")]
)
def test_crop_mismatch(side: str, kind: str) -> None:
    before = clean()[0][:3]
    made = [np.array(p) for p in clean()[1][:3]]
    turns = {"left": 0, "bottom": 1, "right": 2, "top": 3}[side]
    for picture in made:
        view = np.rot90(picture, -turns)
        view[:, :3] = 0 if kind == "black" else view[:, 3:4]
    shot = measured(made, list(before))
    assert "Q202" in broken(shot)
    said = next(m for m in shot.measures if m.code == "Q202")
    assert said.detail.startswith(side) and said.value >= 2


def test_a_flickering_source_is_not_the_recoverys_fault() -> None:
    source = [
        np.clip(p * (1 + np.array([0.03, 0.0, -0.02], np.float32) * x), 0, 1).astype(np.float32)
        for p, x in zip(clean()[0], NOISE, strict=True)
    ]
    steady = [with_luma_of(r, s) for r, s in zip(clean()[1], source, strict=True)]
    assert measured(steady, source).passed


def test_a_cut_and_a_cut_to_black_are_no_faults() -> None:
    source, made = (list(side) for side in clean())
    flipped = [[np.ascontiguousarray(p[::-1, ::-1, :]) for p in side] for side in (source, made)]
    black = [np.full_like(source[0], 0.01)] * 3
    cut = [side[:10] + black + other[10:20] for side, other in ((source, flipped[0]), (made, flipped[1]))]
    shot = measured(cut[1], cut[0])
    assert shot.passed, shot.broken


def test_a_flash_is_no_fault() -> None:
    source, made = ([np.array(p) for p in side] for side in clean())
    source[8] = np.clip(source[8] * 1.6 + 0.1, 0, 1)
    made[8] = with_luma_of(np.clip(made[8] * 1.6 + 0.1, 0, 1), source[8])
    assert measured(made, source).passed


def test_other_limits_decide_otherwise() -> None:
    limits = dict(Profile().limits) | {"Q401": 0.01, "Q403": None}
    before, after = clean()
    views = (Views(n, a, b) for n, (a, b) in enumerate(zip(before, after, strict=True)))
    shot = measure_shot(views, profile=Profile("hard", limits))
    assert broken(shot) == {"Q401"} and shot.profile == "hard"
    by_code = {m.code: m for m in shot.measures}
    assert by_code["Q403"].passed is None and by_code["Q403"].rule == ""


def test_sizes_that_differ_are_refused() -> None:
    source, made = clean()
    with pytest.raises(ValueError, match="frame 7"):
        measure_shot([Views(7, source[0], made[0][:-1])])


def test_nothing_to_measure() -> None:
    assert measure_shot([]).measures == ()


@pytest.mark.parametrize("count", [1, 5])
def test_short_shots(count: int) -> None:
    source, made = clean()
    shot = measure_shot(Views(n, source[n], made[n]) for n in range(count))
    assert shot.passed and len(shot.frames) == count
