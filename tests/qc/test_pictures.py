"""Contact sheets and the difference of edges."""

from __future__ import annotations

import cv2
import numpy as np

from chroma_recovery.qc.pictures import bytes_of, edge_difference, jpeg, sheet


def picture(shift: int = 0) -> np.ndarray:
    rng = np.random.default_rng(4)
    shape = cv2.GaussianBlur(rng.random((120, 200, 1)).astype(np.float32), (0, 0), 2)[..., None]
    shape = (shape - shape.min()) / (shape.max() - shape.min())
    return np.roll(shape * np.array([1.0, 0.8, 0.6], np.float32), shift, axis=1)


def test_edges_agree_whatever_the_colour_and_differ_when_moved() -> None:
    a = picture()
    faded = np.clip(
        a @ np.array([[0.5, 0.2, 0.1], [0.3, 0.4, 0.1], [0.2, 0.3, 0.3]], np.float32) * 0.7 + 0.1, 0, 1
    )
    same, moved = edge_difference(a, faded).mean(), edge_difference(a, picture(3)).mean()
    assert same < 0.25 * moved


def test_not_a_number_shows_black() -> None:
    assert bytes_of(np.full((1, 1, 3), np.nan, np.float32)).tolist() == [[[0, 0, 0]]]
    assert bytes_of(np.full((1, 1, 3), 7.0, np.float32)).max() == 255


def test_a_sheet_has_a_cell_per_picture() -> None:
    made = sheet([("one", {"A": picture(), "B": picture()}), ("two", {"A": picture()})], width=100, gap=6)
    assert made.dtype == np.uint8
    assert made.shape == (2 * (22 + 20 + 60) + 6, 2 * 106 + 6, 3)
    assert made[22 + 20 : 22 + 20 + 60, 6:106].std() > 10


def test_jpeg_shrinks_but_never_enlarges() -> None:
    for width, expected in ((50, 50), (900, 200)):
        data = cv2.imdecode(np.frombuffer(jpeg(picture(), width=width), np.uint8), cv2.IMREAD_COLOR)
        assert data is not None
        assert data.shape[1] == expected
