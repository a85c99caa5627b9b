from typing import Any

import numpy as np
import pytest

from chroma_recovery.engine.formats import parse_format
from chroma_recovery.engine.image import Format, Image


def sheet(bench: Any, **knobs: Any) -> np.ndarray:
    cells = [np.full((4, 4, 3), v, np.float32) for v in (0.1, 0.2, 0.3, 0.4)]
    out = bench.run("ContactSheet", *cells, width=9, height=9, rows=2, columns=2, gap=1, **knobs)
    assert out.format == Format(9, 9)
    return out.pixels[..., 0]


def test_contact_sheet_fills_from_the_top(bench: Any) -> None:
    grid = sheet(bench, roworder="TopBottom")
    assert np.allclose([grid[1, 1], grid[1, 7], grid[7, 1], grid[7, 7]], [0.1, 0.2, 0.3, 0.4])
    assert (grid[4] == 0).all()
    assert (grid[:, 4] == 0).all()


def test_contact_sheet_default_is_bottom_up(bench: Any) -> None:
    grid = sheet(bench)
    assert np.allclose([grid[7, 1], grid[7, 7], grid[1, 1], grid[1, 7]], [0.1, 0.2, 0.3, 0.4])


def test_contact_sheet_snake(bench: Any) -> None:
    grid = sheet(bench, roworder="TopBottom", colorder="Snake")
    assert np.allclose([grid[1, 1], grid[1, 7], grid[7, 1], grid[7, 7]], [0.1, 0.2, 0.4, 0.3])


def test_contact_sheet_of_frames(bench: Any) -> None:
    clip = bench.given(lambda frame: Image.of(np.full((4, 4, 3), frame / 10)))
    knobs = {
        "width": 8,
        "height": 4,
        "rows": 1,
        "columns": 2,
        "splitinputs": True,
        "startframe": 3,
        "endframe": 4,
    }
    grid = bench.image(bench.add("ContactSheet", clip, **knobs)).pixels[..., 0]
    assert np.allclose([grid[1, 1], grid[1, 6]], [0.3, 0.4])


def test_constant(bench: Any) -> None:
    out = bench.run("Constant", channels="rgba", color=(0.1, 0.2, 0.3, 1.0), format="4 3 0 0 4 3 1 tiny")
    assert out.pixels.shape == (3, 4, 4)
    assert np.allclose(out.pixels[0, 0], [0.1, 0.2, 0.3, 1.0])


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("HD_1080", Format(1920, 1080)),
        ("4096 3072 0 0 4096 3072 1 4K_full", Format(4096, 3072)),
        ("800 600 0 0 800 600 2 ", Format(800, 600, 2.0)),
        ("1828 1556 2", Format(1828, 1556, 2.0)),
    ],
)
def test_formats(text: str, want: Format) -> None:
    assert parse_format(text) == want


@pytest.mark.parametrize("text", ["", "NoSuchFormat", "100 100 10 10 90 90 1 inner"])
def test_formats_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_format(text)
