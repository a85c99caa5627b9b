"""Wide frames are measured in strips: nothing is lost, and a fault in one frame is found."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import pytest

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.engine import ycbcr
from chroma_recovery.qc import scan
from chroma_recovery.qc.encoding import WIDE, srgb
from chroma_recovery.qc.results import ShotMeasures
from chroma_recovery.qc.shot import measure_shot
from chroma_recovery.qc.taps import with_luma_of
from chroma_recovery.qc.views import Views

WIDTH, HEIGHT = 1600, 410
COUNT, AT = 4, 2
"""Frames, and the one that has the fault."""

FADED = np.array([[0.45, 0.15, 0.1], [0.4, 0.7, 0.3], [0.1, 0.1, 0.55]], np.float32)


@lru_cache(maxsize=1)
def shot() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Source with grain and Recovered with its luma, wide."""
    chance = np.random.default_rng(5)
    source, recovered = [], []
    for picture in read_clip(frames=COUNT):
        clean = cv2.resize(picture[: picture.shape[1] // 4], (WIDTH, HEIGHT)).astype(np.float32) * 0.8 + 0.05
        grain = chance.normal(0, 0.01, (HEIGHT, WIDTH, 1)).astype(np.float32)
        source.append(np.clip(clean @ FADED + grain, 0, 1).astype(np.float32))
        recovered.append(with_luma_of(clean, source[-1]))
    return source, recovered


def planted(change: Callable[[np.ndarray], None]) -> ShotMeasures:
    source, recovered = shot()
    made = [np.array(p) for p in recovered]
    change(made[AT])
    return measure_shot(Views(n, a, b) for n, (a, b) in enumerate(zip(source, made, strict=True)))


def columns(found: ShotMeasures, name: str) -> list[float]:
    return [r.values[name] for r in found.frames]


def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    source, recovered = (side[0] for side in shot())
    recovered = recovered.copy()
    recovered[33, 700] = 1.3, -0.4, 0.5
    in_strips = scan.full_size(source, recovered)
    monkeypatch.setattr(scan, "WIDE", WIDTH + 1)
    whole = scan.full_size(source, recovered)
    np.testing.assert_array_equal(in_strips.apart, whole.apart)
    np.testing.assert_array_equal(in_strips.codes, whole.codes)
    assert in_strips.most == whole.most and in_strips.outside == whole.outside == (1, 1)
    assert in_strips.small_source.shape == whole.small_source.shape == (123, scan.SMALL, 3)
    np.testing.assert_allclose(in_strips.small_source, whole.small_source, atol=2e-6)
    np.testing.assert_allclose(in_strips.small_recovered, whole.small_recovered, atol=2e-6)


def test_every_measure_of_a_wide_shot_is_that_of_whole_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    in_strips = planted(lambda picture: None)
    monkeypatch.setattr(scan, "WIDE", WIDTH + 1)
    whole = planted(lambda picture: None)
    for one, other in zip(in_strips.measures, whole.measures, strict=True):
        assert one.value == pytest.approx(other.value, rel=1e-3, abs=0.02), one.code
    for name in ("dY p99.9", "dY max", "below 0", "above 1", "border", "TOUT", "YMIN", "YMAX"):
        assert columns(in_strips, name) == columns(whole, name)


def test_one_pixel_out_of_range_in_one_frame() -> None:
    def clip(picture: np.ndarray) -> None:
        picture[201, 803] = 1.4, 1.2, -0.2

    found = planted(clip)
    for name in ("above 1", "below 0"):
        assert [v > 0 for v in columns(found, name)] == [n == AT for n in range(COUNT)]
        assert columns(found, name)[AT] == pytest.approx(1 / (WIDTH * HEIGHT))
    worst = next(m for m in found.measures if m.code == "Q105")
    assert worst.value > 0.1 and worst.detail == f"worst in frame {AT}"


def test_one_percent_out_of_range_in_one_frame() -> None:
    def clip(picture: np.ndarray) -> None:
        picture[100:180, 300:400, 0] = 1.1

    broken = planted(clip).broken
    assert "Q112" in {m.code for m in broken}


@pytest.mark.parametrize("lines", [1, 3])
def test_luma_of_few_lines_in_one_frame(lines: int) -> None:
    def change(picture: np.ndarray) -> None:
        picture[95 : 95 + lines] += 0.04

    found = next(m for m in planted(change).measures if m.code == "Q104")
    assert found.passed is False and found.value == pytest.approx(0.04 * 219 / 255, rel=0.02)
    assert found.detail == f"worst in frame {AT}"


@pytest.mark.parametrize(("lines", "side"), [(2, "top"), (30, "bottom"), (30, "left"), (2, "right")])
def test_border_in_one_frame(lines: int, side: str) -> None:
    def cover(picture: np.ndarray) -> None:
        place: dict[str, Any] = {
            "top": np.s_[:lines],
            "bottom": np.s_[-lines:],
            "left": np.s_[:, :lines],
            "right": np.s_[:, -lines:],
        }
        picture[place[side]] = 0

    found = next(m for m in planted(cover).measures if m.code == "Q202")
    assert found.passed is False and found.value == lines
    assert found.detail == f"{side} edge, frame {AT}"


def test_chroma_moved_in_one_frame_stands_out_in_its_column() -> None:
    def move(picture: np.ndarray) -> None:
        picture[:] = with_luma_of(np.roll(picture, WIDTH // 80, axis=1), shot()[0][AT])

    bleed = columns(planted(move), "bleed")
    assert bleed[AT] > 2 * max(v for n, v in enumerate(bleed) if n != AT)


def test_spikes_do_not_depend_on_the_rows_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    from chroma_recovery.qc import tags

    codes = np.random.default_rng(2).integers(60, 90, (333, 64), dtype=np.uint8)
    found = []
    for rows in (7, 64, 1000):
        monkeypatch.setattr(tags, "ROWS", rows)
        found.append(tags._spikes(codes))
    assert found[0] > 0 and len(set(found)) == 1


def test_the_curve_of_wide_frames_is_the_graphs_own() -> None:
    linear = np.concatenate([[0.0, -0.0], np.linspace(-0.5, 2, 36000), np.linspace(-0.005, 0.005, 12398)])
    picture = np.ascontiguousarray(np.broadcast_to(linear.astype(np.float32)[:, None], (48400, 3)))
    picture = np.resize(picture, (20, WIDE + 500, 3)).astype(np.float32)
    assert np.abs(srgb(picture) - ycbcr.encode(picture, "sRGB")).max() < 1e-6


def test_room_that_is_used_again_changes_nothing() -> None:
    picture = np.random.default_rng(3).normal(0.2, 0.3, (20, 50, 3)).astype(np.float32)
    room = np.full((2, 24, 50, 3), np.nan, np.float32)
    assert np.array_equal(srgb(picture, room), srgb(picture))
    assert np.array_equal(srgb(picture[:7] * 0.5, room), srgb(picture[:7] * 0.5))


@pytest.mark.parametrize("scale", [0.05, 0.3, 1.5])
def test_differences_counted_as_bytes_are_those_counted_as_they_are(scale: float) -> None:
    away = (np.random.default_rng(4).random((40, 50)) * scale).astype(np.float32)
    cells = np.minimum((away.astype(np.float64) * scan.BINS).astype(int), scan.BINS - 1)
    found = np.zeros(scan.BINS)
    scan._count(away.copy(), float(away.max()), found)
    assert np.array_equal(found, np.bincount(cells.ravel(), minlength=scan.BINS))


def test_spikes_are_those_of_the_definition() -> None:
    from chroma_recovery.qc import tags

    codes = np.random.default_rng(5).integers(0, 256, (40, 60), dtype=np.uint8)
    codes[:, 20:] = codes[:, 20:] // 16 + 100
    codes[10, 22:58], codes[30, 22:58] = 200, 20
    plain = codes.astype(int)
    out = np.ones((36, 60), bool)
    for n in (1, 2):
        above, middle, below = plain[2 - n : 38 - n], plain[2:-2], plain[2 + n : 38 + n]
        sides = abs(above - middle) + abs(below - middle)
        out &= (sides // 2 - abs(below - above)) > tags.SPIKE
    wanted = np.count_nonzero(out[:, :-2] & out[:, 1:-1] & out[:, 2:])
    assert tags._spikes_within(codes) == wanted > 10


def test_chroma_explained_by_three_planes_is_what_a_solver_says() -> None:
    from chroma_recovery.qc.edges import _explained

    chance = np.random.default_rng(6)
    root, shared = chance.normal(size=(200, 3, 3)), chance.normal(size=(200, 3))
    normal = root @ root.swapaxes(1, 2) + 0.01 * np.eye(3)
    wanted = (np.linalg.solve(normal, shared[..., None])[..., 0] * shared).sum(-1)
    entries = {(i, j): normal[:, i, j] for i in range(3) for j in range(i, 3)}
    np.testing.assert_allclose(_explained(entries, list(shared.T)), wanted, rtol=1e-9)
