"""The crop holds no film, only picture, and not much less of it than there is."""

from typing import Any

import cv2
import numpy as np
import pytest

from chroma_recovery.demo.overscan import SCANS
from chroma_recovery.pairs.crop import INSET, largest_box, live_mask

SIZE = (640, 480)


@pytest.mark.parametrize("name", list(SCANS))
def test_film_around_the_picture_stays_out(film: list[Any], name: str) -> None:
    scan = SCANS[name]
    large = [np.asarray(cv2.resize(f, SIZE, interpolation=cv2.INTER_CUBIC), np.float32) for f in film[::6]]
    large = [np.clip(f, 0, 1) for f in large]
    scans = [scan(f, n, before=large[n - 1], after=f) for n, f in enumerate(large)]
    x, y, r, b = largest_box(live_mask(scans))
    x, y, r, b = x + INSET, y + INSET, r - INSET, b - INSET
    picture = scan.live(*SIZE) > 0.95
    assert picture[y:b, x:r].all()
    left, top, right, bottom = largest_box(picture)
    assert (r - x) * (b - y) > 0.93 * (right - left) * (bottom - top)


def test_a_whole_picture_stays_whole(film: list[Any]) -> None:
    assert live_mask(film[::6]).mean() > 0.99
