"""A curve between the two sides is measured, and is not taken for movement."""

from typing import Any

import cv2
import numpy as np

from chroma_recovery.engine.registration import Motions
from chroma_recovery.pairs.refinement import correction
from chroma_recovery.pairs.tiles import displacements, grey
from chroma_recovery.pairs.tones import toned

SIZE = (480, 270)


def bright_middle() -> Any:
    """Soft bright blobs on a dark ground, more of them in the middle of the picture; (height, width, 3)."""
    chance = np.random.default_rng(4)
    drawn = np.full((SIZE[1], SIZE[0], 3), 0.06, np.float32)
    for _ in range(220):
        x, y = (int(v) for v in chance.normal((240, 135), (110, 70)))
        cv2.circle(
            drawn, (x, y), int(chance.integers(6, 16)), chance.uniform(0.3, 0.95, 3).tolist(), -1, cv2.LINE_AA
        )
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 2.2), np.float32)


def faded(picture: Any) -> Any:
    """Lifted shadows, flat lights, and dyes that count differently."""
    red, green, blue = np.moveaxis(1 - np.exp(-3 * picture), -1, 0)
    return np.asarray(
        np.dstack([0.5 + 0.4 * red, 0.3 + 0.1 * red + 0.4 * green, 0.4 + 0.2 * blue]), np.float32
    )


def test_a_curve_on_soft_edges_moves_nothing() -> None:
    picture = bright_middle()
    mask = np.ones(picture.shape[:2], bool)
    step = correction(displacements(faded(picture), picture, mask, tile=24), SIZE, Motions())
    assert step is not None
    corners = np.array([[[0, 0], [480, 0], [480, 270], [0, 270]]], np.float64)
    assert (
        np.abs(cv2.perspectiveTransform(corners, step) - corners).max() < 0.4
    )  # a line instead of a curve: 0.82


def test_the_curve_is_found_beside_what_is_on_one_side_only() -> None:
    picture = bright_middle()
    source = grey(faded(picture))
    spoiled = source.copy()
    spoiled[20:60, 100:380] = 0.95  # a title
    mask = np.ones(source.shape, bool)
    assert np.abs(toned(spoiled, picture, mask) - source)[80:].mean() < 0.01
    assert np.allclose(toned(source, picture, np.zeros_like(mask)), picture.mean(-1))
