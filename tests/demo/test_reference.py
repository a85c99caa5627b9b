"""The DVD-like Reference: its geometry is known, its look is the Truth's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from chroma_recovery.demo.clip import HEIGHT, WIDTH, read_clip
from chroma_recovery.demo.density import Array
from chroma_recovery.demo.reference import DvdReference, similarity, warp

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@pytest.fixture(scope="module")
def frame() -> Array:
    return next(read_clip(frames=1))


@pytest.fixture(scope="module")
def reference(frame: Array) -> Array:
    return DvdReference()(frame)


def test_similarity_turns_about_the_centre() -> None:
    # 5 x 3 pixels: the centre (2, 1) stays; clockwise on screen, 90 degrees takes right of it to below it.
    matrix = similarity(5, 3, degrees=90)
    assert matrix @ [2, 1, 1] == pytest.approx([2, 1, 1])
    assert matrix @ [3, 1, 1] == pytest.approx([2, 2, 1])
    assert similarity(5, 3, shift=(1, -2), scale=2) @ [3, 1, 1] == pytest.approx([5, -1, 1])


def test_warp_moves_pixels_forward() -> None:
    picture = np.zeros((9, 9, 3), np.float32)
    picture[4, 4] = 1
    moved = warp(picture, similarity(9, 9, shift=(2, -1)))
    assert moved[3, 6] == pytest.approx([1, 1, 1])
    assert moved.sum() == pytest.approx(3)


def test_size_range_and_black_borders(reference: Array) -> None:
    assert reference.shape == (HEIGHT, WIDTH, 3)
    assert reference.dtype == np.float32
    assert 0 <= reference.min() <= reference.max() <= 1
    left, top, right, bottom = DvdReference().live_area(WIDTH, HEIGHT)
    assert reference[: top - 6].max() < 0.1
    assert reference[bottom + 6 :].max() < 0.1
    assert reference[:, : left - 8].max() < 0.1
    assert reference[:, right + 8 :].max() < 0.1
    assert reference[top + 8 : bottom - 8, left + 8 : right - 8].mean() > 0.15


def test_the_known_transform_is_the_one_in_the_pixels(frame: Array, reference: Array) -> None:
    """Undone by the known matrix, nothing is left to align; with the identity, several pixels are."""
    look = DvdReference()
    inverse = np.linalg.inv(look.transform(WIDTH, HEIGHT))
    truth = (look.truth(frame) @ LUMA)[60:-60, 60:-60]
    window = np.asarray(cv2.createHanningWindow(truth.shape[::-1], cv2.CV_32F))

    def offset(picture: Array) -> float:
        shift, _ = cv2.phaseCorrelate(truth, (picture @ LUMA)[60:-60, 60:-60], window)
        return float(np.hypot(*shift))

    assert offset(warp(reference, inverse)) < 0.25
    assert offset(reference) > 3


def test_undone_reference_looks_like_the_truth_but_softer(frame: Array, reference: Array) -> None:
    look = DvdReference()
    back = warp(reference, np.linalg.inv(look.transform(WIDTH, HEIGHT)))[60:-60, 60:-60]
    truth = look.truth(frame)[60:-60, 60:-60]
    assert np.abs(back.mean((0, 1)) - truth.mean((0, 1))).max() < 0.01
    assert 0.01 < np.abs(back - truth).mean() < 0.05
    sharp, soft = (np.abs(np.diff(p @ LUMA, axis=1)).mean() for p in (truth, back))
    assert soft < 0.9 * sharp


def test_truth_is_the_frame_with_less_contrast_and_saturation() -> None:
    look = DvdReference(contrast=0.8, saturation=0.5, pivot=0.5)
    colours = np.array([[[0.5, 0.5, 0.5], [1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]], np.float32)
    # Red's luma is 0.2126 (BT.709): half saturated (0.6063, 0.1063, 0.1063), then about 0.5 by 0.8.
    expected = [[0.5, 0.5, 0.5], [0.9, 0.9, 0.9], [0.58504, 0.18504, 0.18504]]
    assert look.truth(colours)[0] == pytest.approx(np.array(expected), abs=1e-5)


def test_chroma_is_coarser_than_luma(frame: Array) -> None:
    """4:2:0: a colour that alternates every sample of the raster is gone, its luma pattern is not."""
    stripes = np.zeros((576, 720, 3), np.float32)
    stripes[:, 0::2], stripes[:, 1::2] = (0.8, 0.3, 0.3), (0.3, 0.5, 0.8)
    plain = DvdReference(
        shift=(0, 0), scale=1, degrees=0, borders=(0, 0), blur=0.01, contrast=1, saturation=1
    )
    seen = plain(stripes)[100:200, 100:200]
    cr = (seen[..., 0] - seen @ LUMA).std()
    before = (stripes[100:200, 100:200, 0] - stripes[100:200, 100:200] @ LUMA).std()
    assert cr < 0.2 * before
