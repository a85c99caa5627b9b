from typing import Any

import numpy as np
import pytest
from scipy.ndimage import median_filter

from chroma_recovery.engine.nodes.median import median
from chroma_recovery.errors import UnsupportedNode


@pytest.mark.parametrize(("width", "height"), [(3, 3), (11, 11), (5, 1), (1, 7)])
def test_median_is_scipys(width: int, height: int) -> None:
    plane = np.random.default_rng(0).random((23, 31)).astype(np.float32)
    assert (median(plane, width, height) == median_filter(plane, size=(height, width), mode="nearest")).all()


def test_size_is_a_width_made_odd(bench: Any) -> None:
    picture = np.random.default_rng(1).random((16, 16, 3))
    ten, eleven = (bench.run("Median", picture, size=s, ignore_top_line=False).pixels for s in (10, 11))
    assert (ten == eleven).all()
    assert (ten != bench.run("Median", picture, size=9).pixels).any()
    assert (bench.run("Median", picture, size=1).pixels == picture.astype(np.float32)).all()


def test_median_removes_dust_and_keeps_edges_and_alpha(bench: Any) -> None:
    picture = np.zeros((9, 9, 4), np.float32)
    picture[:, 5:] = 1
    clean = picture.copy()
    picture[4, 2] = 1  # a speck, alpha too
    out = bench.run("Median", picture, size=3).pixels
    assert (out[..., :3] == clean[..., :3]).all()
    assert out[4, 2, 3] == 1


def test_absurd_sizes_are_refused(bench: Any) -> None:
    with pytest.raises(UnsupportedNode, match="size"):
        bench.run("Median", bench.ramp(), size=4000)
