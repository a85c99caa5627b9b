"""Lettering: what one side alone has. What fading makes of a colour that both sides have is none."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from chroma_recovery.pairs.alignment import Side
from chroma_recovery.pairs.lettering import overlays

W, H = 640, 360
BARS = range(200, 420, 14)
LIVE = np.ones((H, W), bool)


def film() -> Any:
    """Soft colours."""
    chance = np.random.default_rng(4)
    soft = cv2.GaussianBlur(chance.random((H, W, 3)).astype(np.float32), (0, 0), 12)
    return np.clip((soft - 0.5) * 7 + 0.45, 0.1, 0.8).astype(np.float32)


def barred(picture: Any) -> Any:
    """With a row of cyan bars on red, nearly as bright."""
    picture = picture.copy()
    for x in BARS:
        picture[180:200, x : x + 6] = (0.15, 0.75, 0.75)
        picture[180:200, x + 6 : x + 14] = (0.95, 0.42, 0.45)
    return picture


def faded(picture: Any) -> Any:
    """Only what red held is left, all of one tint, with a little grain."""
    left = np.repeat(picture[..., :1] * 0.6 + 0.25, 3, 2) * np.array([1, 0.6, 0.8])
    grain = 0.004 * np.random.default_rng(5).standard_normal(picture.shape)
    return (left + grain).astype(np.float32)


def found(source: Any, reference: Any) -> list[tuple[str, tuple[int, int, int, int]]]:
    sides = [Side(p, LIVE, (W, H)) for p in (source, reference)]
    return [(o.side, o.box) for o in overlays(sides[0], sides[1], np.eye(3))]


def test_a_colour_that_fading_turns_into_strokes_is_not_lettering() -> None:
    reference = barred(film())
    assert found(faded(reference), reference) == []


def test_the_same_strokes_on_the_source_alone_are() -> None:
    boxes = found(faded(barred(film())), film())
    assert boxes and {side for side, _ in boxes} == {"Source"}
    assert min(b[0] for _, b in boxes) <= 200 and max(b[2] for _, b in boxes) >= 416
    assert min(b[1] for _, b in boxes) <= 180 and max(b[3] for _, b in boxes) >= 200


def test_white_letters_on_the_reference_alone_are() -> None:
    reference = film()
    for x in BARS:
        reference[180:200, x : x + 6] = 0.95
    boxes = found(faded(film()), reference)
    assert boxes and all(side == "Reference" for side, _ in boxes)
    assert min(b[0] for _, b in boxes) <= 200 and max(b[2] for _, b in boxes) >= 400
