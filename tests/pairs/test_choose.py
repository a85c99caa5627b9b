"""Even frames as the workflow has them, midpoints that keep what was chosen, coverage that finds what is rare."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.pairs.choose import (
    coverage_of,
    escalate,
    evenly,
    hold_out,
    look_at,
    propose,
    unfit,
)


def test_begin_middle_middle_end_is_the_workflows_own() -> None:
    assert evenly(471, 499, 4) == [471, 478, 492, 499]
    assert evenly(1, 3, 9) == [1, 2, 3]


@given(st.integers(-50, 50), st.integers(0, 60), st.sampled_from([4, 7, 11]))
def test_escalation_keeps_and_never_leaves_the_range(first: int, length: int, goal: int) -> None:
    start = evenly(first, first + length, 4)
    more = escalate(start, first, first + length, goal)
    assert set(start) <= set(more) and more == sorted(set(more))
    assert all(first <= f <= first + length for f in more)
    assert len(more) == min(max(goal, len(start)), length + 1)


@given(st.integers(4, 64), st.floats(0.15, 0.25))
def test_hold_outs_are_inner_frames_of_the_guides_share(count: int, share: float) -> None:
    frames = list(range(10, 10 + 3 * count, 3))
    held = hold_out(frames, share)
    assert len(set(held)) == len(held) == int(share * count + 0.5)
    assert set(held) <= set(frames[1:-1])


def film_with(film: list[Any], at: int, colour: tuple[float, float, float]) -> list[Any]:
    made = [np.asarray(p, np.float32).copy() for p in film]
    made[at][60:120, 100:180] = colour
    return made


def test_a_colour_that_one_frame_has_is_found(film: list[Any]) -> None:
    made = film_with(film, 10, (0.9, 0.05, 0.6))
    looks = [look_at(n, p, p) for n, p in enumerate(made)]
    chosen = propose(looks, 4)
    assert 10 in [c.frame for c in chosen] and len(chosen) == 4
    assert any("magenta" in c.why for c in chosen)
    assert coverage_of(looks, [c.frame for c in chosen]) > coverage_of(looks, evenly(0, len(film) - 1, 4))


def test_kept_frames_stay(film: list[Any]) -> None:
    looks = [look_at(n, p, p) for n, p in enumerate(film)]
    assert {3, 17} <= {c.frame for c in propose(looks, 5, keep=[3, 17])}


@pytest.mark.parametrize("fault", ["blurred", "flash", "grain or damage"])
def test_faulty_frames_are_avoided(film: list[Any], fault: str) -> None:
    made = film_with(film, 10, (0.9, 0.05, 0.6))
    sick = made[10]
    if fault == "blurred":
        sick = cv2.blur(sick, (25, 1))
    elif fault == "flash":
        sick = np.clip(sick + 0.35, 0, 1)
    else:
        sick = np.clip(sick + np.random.default_rng(0).normal(0, 0.12, (180, 320, 1)), 0, 1)
    made[10] = sick.astype(np.float32)
    looks = [look_at(n, p, p) for n, p in enumerate(made)]
    assert list(unfit(looks).items()) == [(10, fault)]
    assert 10 not in [c.frame for c in propose(looks, 6)]


def test_a_flash_of_the_source_alone_and_a_splice_are_avoided(film: list[Any]) -> None:
    sources = list(film)
    sources[7] = np.clip(film[7] + 0.3, 0, 1).astype(np.float32)
    sources[15] = np.asarray(np.roll(film[15][::-1, ::-1], 90, axis=1), np.float32)
    looks = [look_at(n, p, s) for n, (p, s) in enumerate(zip(film, sources, strict=True))]
    bad = unfit(looks)
    assert bad[7] == "flash" and bad[15] == "at a cut or splice"
    assert not set(bad) & {c.frame for c in propose(looks, 8)}


def test_light_that_stays_changed_is_no_fault_and_is_found(film: list[Any]) -> None:
    made = [np.asarray(p * (0.35 if 9 <= n < 14 else 1.0), np.float32) for n, p in enumerate(film)]
    looks = [look_at(n, p, p) for n, p in enumerate(made)]
    assert not {10, 11, 12} & set(unfit(looks))
    chosen = {c.frame for c in propose(looks, 4)}
    assert chosen & set(range(9, 14)) and chosen - set(range(9, 14))


def test_frames_show_colours_in_the_shots_proportions(film: list[Any]) -> None:
    """Three quarters of the shot are one scene, so three of four frames are of it."""
    chance = np.random.default_rng(3)
    other = cv2.GaussianBlur(chance.uniform(0, 1, (180, 320, 3)).astype(np.float32), (0, 0), 9)
    made = [p if n < 18 else np.clip(2 * other - 0.5 + 0.002 * n, 0, 1) for n, p in enumerate(film)]
    looks = [look_at(n, p.astype(np.float32), p.astype(np.float32)) for n, p in enumerate(made)]
    chosen = [c.frame for c in propose(looks, 4)]
    assert sum(f >= 18 for f in chosen) == 1


def test_nothing_is_wrong_with_a_clean_clip(film: list[Any]) -> None:
    assert unfit([look_at(n, p, p) for n, p in enumerate(film)]) == {}
