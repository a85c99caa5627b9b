"""Clearly better than the baseline: margin, and paired over frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from chroma_recovery.qc.improvement import clear_improvement, improvement_measure


def test_one_hold_out_is_decided_by_the_margin() -> None:
    assert clear_improvement([2.0], [3.0]).clear
    assert not clear_improvement([2.9], [3.0]).clear
    assert clear_improvement([2.0], [3.0]).low is None


def test_few_frames_must_all_be_better() -> None:
    assert clear_improvement([2.0, 2.0], [3.0, 3.0]).clear
    spoiled = clear_improvement([1.0, 3.1], [3.0, 3.0])
    assert spoiled.share > 0.1 and spoiled.worse == 1 and not spoiled.clear


def test_many_frames_are_decided_by_the_interval() -> None:
    sure = clear_improvement([2.0, 2.1, 2.2, 2.0, 3.1, 2.0], [3.0] * 6)
    assert sure.worse == 1 and sure.low is not None and sure.low > 0 and sure.clear
    unsure = clear_improvement([0.5, 3.6, 0.6, 3.7, 3.5, 3.4], [3.0] * 6)
    assert unsure.share > 0.1 and not unsure.clear


def test_the_interval_is_that_of_a_paired_t_test() -> None:
    rng = np.random.default_rng(5)
    baseline = rng.normal(4, 1, 12)
    recovered = baseline - rng.normal(0.6, 0.3, 12)
    found = clear_improvement(recovered.tolist(), baseline.tolist())
    theirs = stats.ttest_rel(baseline, recovered, alternative="greater").confidence_interval(0.95)
    assert found.low == pytest.approx(theirs.low)


@given(st.lists(st.floats(0.1, 20), min_size=1, max_size=12))
def test_never_clear_against_itself(errors: list[float]) -> None:
    assert not clear_improvement(errors, errors).clear


def test_the_order_of_pairs_counts_not_of_frames() -> None:
    a, b = [2.0, 2.5, 4.0, 3.0, 2.2], [3.0, 3.5, 5.1, 3.4, 3.0]
    assert clear_improvement(a, b) == clear_improvement(a, b)
    assert clear_improvement(a[::-1], b[::-1]).low == pytest.approx(clear_improvement(a, b).low or 0)


def test_the_measure_says_what_decided() -> None:
    few = improvement_measure([2.0], [4.0])
    assert few.code == "Q390" and few.passed is True and few.value == pytest.approx(50)
    assert "1 hold-out frame" in few.detail and "every" in few.rule
    many = improvement_measure([2.0, 2.1, 1.9, 2.0, 2.2], [4.0, 4.1, 4.4, 3.9, 4.0])
    assert "95 %" in many.rule and "Student" in many.detail


def test_a_profile_moves_the_margin_or_only_reports() -> None:
    assert improvement_measure([2.9], [3.0], limit=2).passed is True
    assert improvement_measure([2.0], [3.0], limit=50).passed is False
    told = improvement_measure([2.0], [3.0], limit=None)
    assert told.passed is None and told.rule == "" and told.value == pytest.approx(100 / 3)


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(ValueError, match="no frames"):
        clear_improvement([], [])
    with pytest.raises(ValueError, match="zip"):
        clear_improvement([1.0], [1.0, 2.0])
