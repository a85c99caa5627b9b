"""One wrong pair among right ones is found by structure or by colour; right pairs pass."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from planted_shots import COUNT, HEIGHT, WIDTH, clean

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.qc.pair_checks import check_pairs
from chroma_recovery.qc.profile import Profile

CHOSEN = (0, 4, 9, 13, 17)


def references() -> dict[int, np.ndarray]:
    found = {}
    for n, p in enumerate(read_clip(frames=COUNT)):
        if n in CHOSEN:
            found[n] = cv2.resize(p, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
    return found


def holds(pairs: list[tuple[int, np.ndarray, np.ndarray]]) -> tuple[bool, bool]:
    checks = check_pairs(pairs)
    limit = Profile().limit
    structure, colour = limit("Q221"), limit("Q222")
    assert structure is not None and colour is not None
    return min(c.structure_share for c in checks) >= structure, max(c.error_ratio for c in checks) <= colour


def right() -> list[tuple[int, np.ndarray, np.ndarray]]:
    return [(n, clean()[0][n], r) for n, r in references().items()]


def test_right_pairs_pass() -> None:
    assert holds(right()) == (True, True)


@pytest.mark.parametrize("wrong", [0, 2, 4])
def test_another_picture_is_found_by_structure(wrong: int) -> None:
    pairs = right()
    number, source, reference = pairs[wrong]
    pairs[wrong] = number, source, np.ascontiguousarray(reference[:, ::-1])
    assert not holds(pairs)[0]


@pytest.mark.parametrize("pixels", [4, 12])
def test_a_reference_that_lies_elsewhere_is_found_by_structure(pixels: int) -> None:
    pairs = right()
    number, source, reference = pairs[1]
    pairs[1] = number, source, np.roll(reference, pixels, axis=1)
    assert not holds(pairs)[0]


def test_another_grade_is_found_by_colour_alone() -> None:
    pairs = right()
    number, source, reference = pairs[3]
    lab = cv2.cvtColor(reference, cv2.COLOR_RGB2LAB) + np.array([0, 12, 10], np.float32)
    pairs[3] = number, source, np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1)
    assert holds(pairs) == (True, False)


def test_two_pairs_cannot_stand_out() -> None:
    assert [c.structure_share for c in check_pairs(right()[:2])] == [1.0, 1.0]
    assert check_pairs([]) == []
