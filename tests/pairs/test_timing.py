"""Offsets and rates are found whatever the colours, and doubted where nothing moves."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from chroma_recovery.demo.reference import DvdReference, similarity, warp
from chroma_recovery.pairs.clips import Sequence
from chroma_recovery.pairs.conversion import TimeMap
from chroma_recovery.pairs.timing import Timing, find_timing

LOOK = DvdReference(borders=(6, 4), raster=(240, 180), shift=(3.0, -2.0))


def reference(frame: Any) -> Any:
    """Smaller raster, other framing, borders, other colours."""
    return LOOK(np.ascontiguousarray(frame[..., ::-1]))


@pytest.mark.parametrize(
    ("order", "rate", "offset"),
    [
        (range(24), 1.0, 0.0),
        (range(3, 24), 1.0, -3.0),
        ([n * 4 // 5 for n in range(30)], 1.25, 0.0),
        (range(0, 24, 2), 0.5, 0.0),
    ],
)
def test_rate_and_offset(
    film: list[Any], sequence: Callable[..., Sequence], order: Any, rate: float, offset: float
) -> None:
    source = sequence("Source", film, first=101)
    other = sequence("Reference", [reference(film[n]) for n in order], first=1)
    found = find_timing(source, other)
    assert found.rate == pytest.approx(rate)
    assert found.at(101) == pytest.approx(
        1 + offset, abs=1.01
    )  # a pan and a shifted frame look alike: pairs decide
    assert found.retimed == (rate != 1)
    assert found.confidence > 0.1


def test_a_still_shot_is_doubted(film: list[Any], sequence: Callable[..., Sequence]) -> None:
    chance = np.random.default_rng(0)
    still = [
        np.clip(warp(film[0], similarity(320, 180, shift=tuple(chance.normal(0, 0.3, 2)))), 0, 1)
        for _ in range(12)
    ]
    found = find_timing(
        sequence("Source", still),
        sequence("Reference", [cv2.GaussianBlur(p, (0, 0), 1) for p in still[::-1]]),
    )
    assert found.confidence < 0.3


@pytest.mark.parametrize(
    ("rate", "kind", "sure", "alone", "doubted"),
    [
        (1.25, "30 frames made of 24", 0.04, 0.01, True),
        (1.25, "30 frames made of 24", 0.04, 0.3, False),  # the pair's own frame stands out
        (1.25, "30 frames made of 24", 0.6, 0.01, False),  # the map of the whole shot does
        (1.0, "one to one", 0.0, 0.0, False),  # a still shot whose numbers are kept
        (1.0, "one to one: the same frames, played at 25", 0.0, 0.0, False),
        (1.0, "24 frames made of 25, one a second dropped", 0.0, 0.0, True),
    ],
)
def test_a_converted_pan_in_which_nothing_else_moves_is_looked_at(
    rate: float, kind: str, sure: float, alone: float, doubted: bool
) -> None:
    found = Timing(rate, 0.0, 1, kind, 1.0, sure, TimeMap(kind, {1: 1}))
    assert bool(found.doubt(alone)) == doubted
