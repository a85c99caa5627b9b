"""A pair of another moment is found where something moved; right pairs pass, whatever their framing and colour."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from planted_shots import COUNT, HEIGHT, WIDTH, clean

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.qc.pair_places import MOST_USUAL, PairPlaces, PlacesOf, marked, unexplained
from chroma_recovery.qc.profile import Profile

CHOSEN = (0, 4, 9, 13, 17)
LIMIT = Profile().limit("Q223") or 0.0


@lru_cache(maxsize=1)
def references() -> tuple[np.ndarray, ...]:
    size = (WIDTH, HEIGHT)
    return tuple(cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in read_clip(frames=COUNT))


def judged(changed: dict[int, np.ndarray] | None = None) -> dict[int, PlacesOf]:
    places = PairPlaces()
    for n in CHOSEN:
        places.add(n, clean()[0][n], (changed or {}).get(n, references()[n]))
    return {p.number: p for p in places.found()}


def suspects(changed: dict[int, np.ndarray]) -> list[int]:
    return [n for n, p in judged(changed).items() if p.beyond > LIMIT]


def test_right_pairs_pass_with_room() -> None:
    assert max(p.beyond for p in judged().values()) < LIMIT / 2


@pytest.mark.parametrize("apart", [2, 5, 8])
def test_another_moment_is_named(apart: int) -> None:
    assert suspects({9: references()[9 - apart]}) == [9]


def test_a_part_of_another_picture_is_named() -> None:
    made = references()[4].copy()
    made[60:120, 80:180] = references()[4][::-1, ::-1][60:120, 80:180]
    assert suspects({4: made}) == [4]


@pytest.mark.parametrize(
    "lawful",
    [
        lambda p: np.clip(p * np.array([0.8, 1.0, 1.2], np.float32) + np.float32(0.03), 0, 1),
        lambda p: np.where((np.arange(WIDTH) < 30)[None, :, None], 0, p).astype(np.float32),
        lambda p: cv2.warpAffine(p, np.array([[1, 0, 0.4], [0, 1, -0.3]], np.float32), (WIDTH, HEIGHT)),
        lambda p: cv2.GaussianBlur(p, (0, 0), 0.8),
        lambda p: p * np.linspace(0.8, 1.0, WIDTH, dtype=np.float32)[None, :, None],
    ],
    ids=["grade", "border", "half a pixel off", "soft", "shading"],
)
def test_what_may_lawfully_differ_is_no_other_moment(lawful: object) -> None:
    assert suspects({9: lawful(references()[9])}) == []  # type: ignore[operator]


def test_where_all_pairs_are_wrong_none_is_usual() -> None:
    """Source and Reference out of step throughout: the median pair is no measure then."""
    places = PairPlaces()
    for n in (9, 12, 15):
        places.add(n, clean()[0][n], np.ascontiguousarray(references()[n][:, ::-1]))
    found = places.found()
    assert min(p.worst for p in found) > MOST_USUAL + LIMIT
    assert all(p.beyond == pytest.approx(p.worst - MOST_USUAL) for p in found)


def test_one_pair_and_none() -> None:
    assert PairPlaces().found() == []
    places = PairPlaces()
    places.add(1, clean()[0][0], references()[0])
    assert [p.beyond for p in places.found()] == [0.0]


def test_a_reference_without_picture_is_not_explained() -> None:
    tiles = unexplained(clean()[0][0], np.zeros_like(references()[0]))
    assert np.isnan(tiles).all()
    places = PairPlaces()
    places.add(1, clean()[0][0], np.zeros_like(references()[0]))
    assert places.found()[0].worst == 1.0


@pytest.mark.parametrize("size", [(16, 9), (40, 20), (5, 3)])
def test_tiny_pictures_are_measured(size: tuple[int, int]) -> None:
    small = [cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in (clean()[0][0], references()[0])]
    tiles = unexplained(*small)
    assert tiles.ndim == 2 and (np.isnan(tiles) | ((tiles >= 0) & (tiles <= 1))).all()


def test_the_places_are_marked_and_the_rest_is_dimmed() -> None:
    changed = judged({9: references()[4]})[9]
    shown = marked(clean()[0][9], changed.tiles, LIMIT + changed.worst - changed.beyond)
    red = (shown[..., 0] > 0.99) & (shown[..., 1] < 0.3)
    rows, columns = np.nonzero(np.nan_to_num(changed.tiles) == np.nanmax(changed.tiles))
    tile = HEIGHT / changed.tiles.shape[0], WIDTH / changed.tiles.shape[1]
    top, left = round(rows[0] * tile[0]), round(columns[0] * tile[1])
    assert red[top : top + 2, left : left + 10].any()
    assert 0 < red.mean() < 0.5 and shown.mean() < clean()[0][9].mean()
