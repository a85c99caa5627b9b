"""CDC and the QCTools tags against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from chroma_recovery.qc.consistency import histograms, jensen_shannon
from chroma_recovery.qc.shot import measure_shot
from chroma_recovery.qc.views import Views


def flat(red: float, green: float, blue: float, size: tuple[int, int] = (32, 48)) -> np.ndarray:
    return np.full((*size, 3), (red, green, blue), np.float32)


def test_the_divergence_is_scipys_squared_distance() -> None:
    one, other = np.random.default_rng(2).dirichlet(np.ones(256), size=(2, 3))
    wanted = [jensenshannon(a, b) ** 2 for a, b in zip(one, other, strict=True)]
    assert jensen_shannon(one, other) == pytest.approx(wanted, abs=1e-12)


def test_disjoint_distributions_are_ln_2_apart() -> None:
    black, white = histograms(flat(0, 0, 0)), histograms(flat(1, 1, 1))
    assert jensen_shannon(black, white) == pytest.approx([math.log(2)] * 3)
    assert jensen_shannon(black, black) == pytest.approx([0, 0, 0])


def test_cdc_averages_over_channels_frames_and_three_dilations() -> None:
    """Red changes in the fourth of six frames and stays: 1 of 5, 2 of 4 and 2 of 2 comparisons see it."""
    frames = [flat(0.2 if n < 3 else 0.8, 0.5, 0.5) for n in range(6)]
    shot = measure_shot(Views(n, f, f) for n, f in enumerate(frames))
    value = next(m.value for m in shot.measures if m.code == "Q405")
    assert value == pytest.approx(math.log(2) / 3 * (1 / 5 + 2 / 4 + 2 / 2) / 3)


def tags(picture: np.ndarray) -> dict[str, float]:
    return dict(measure_shot([Views(1, picture, picture)]).frames[0].values)


def test_tags_of_flat_colours() -> None:
    found = tags(flat(1, 0, 0))  # BT.601 red: Y 81, Cb 90, Cr 240
    assert [found[k] for k in ("YMIN", "YAVG", "YMAX", "UAVG", "VAVG")] == [81, 81, 81, 90, 240]
    assert found["SATAVG"] == pytest.approx(118, abs=0.5)  # hypot(38, 112) cut
    assert found["HUEMED"] == pytest.approx(math.degrees(math.atan2(-38, 112)) + 180, abs=1)
    assert found["BRNG"] == 0
    grey = tags(flat(0.5, 0.5, 0.5))
    assert (grey["UAVG"], grey["VAVG"], grey["SATMAX"]) == (128, 128, 0)


def test_levels_and_broken_range() -> None:
    picture = flat(0.5, 0.5, 0.5)
    picture[:8] = 1.1
    found = tags(picture)
    assert found["BRNG"] == pytest.approx(0.25) and found["YMAX"] == 255
    ramp = np.repeat(np.linspace(0, 1, 1000, dtype=np.float32)[None, :, None], 8, 0).repeat(3, 2)
    levels = tags(ramp)
    assert (levels["YMIN"], levels["YMAX"]) == (16, 235)
    assert levels["YLOW"] == pytest.approx(38, abs=1) and levels["YHIGH"] == pytest.approx(213, abs=1)


def test_a_line_of_dropout_counts_as_outlier() -> None:
    picture = flat(0.5, 0.5, 0.5)
    picture[16] = 0.9
    assert tags(picture)["TOUT"] == pytest.approx(46 / (32 * 48))
    assert tags(flat(0.5, 0.5, 0.5))["TOUT"] == 0
