"""Measures against published and hand-made values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from chroma_recovery.qc.measures import chroma, chroma_psnr, ciede2000, colour_error, luma_identity

SHARMA = [
    # Sharma, Wu, Dalal 2005, "The CIEDE2000 color-difference formula", table 1, a selection
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 3.1571, -77.2803), (50.0, 0.0, -82.7485), 2.8615),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("a", "b", "wanted"), SHARMA)
def test_the_formula_we_rely_on(a: tuple[float, ...], b: tuple[float, ...], wanted: float) -> None:
    assert float(deltaE_ciede2000(np.array(a), np.array(b))) == pytest.approx(wanted, abs=1e-4)


def test_white_against_black_and_itself() -> None:
    white, black = np.ones((2, 3, 3)), np.zeros((2, 3, 3))
    assert ciede2000(white, black) == pytest.approx(np.full((2, 3), 100.0), abs=1e-2)
    assert (ciede2000(white, white) == 0).all()


def test_display_values_are_read_as_srgb() -> None:
    # sRGB red is L* 53.24, a* 80.09, b* 67.20 and green 87.73, -86.18, 83.18 (D65): CIEDE2000 is 86.6
    red, green = np.array([[[1.0, 0, 0]]]), np.array([[[0, 1.0, 0]]])
    assert float(ciede2000(red, green)[0, 0]) == pytest.approx(86.61, abs=0.05)


def test_outside_the_display_range_counts_as_the_edge() -> None:
    assert (ciede2000(np.full((1, 1, 3), 1.7), np.ones((1, 1, 3))) == 0).all()


def test_colour_error_counts_every_frame_alike() -> None:
    white = np.ones((4, 4, 3))
    half = white.copy()
    half[:2] = 0
    found = colour_error([white, half], [white, white])
    assert found.mean == pytest.approx(25.0, abs=0.01)
    assert found.p95 == pytest.approx(50.0, abs=0.01)
    with pytest.raises(ValueError, match="no pictures"):
        colour_error([], [])


def test_chroma_of_primaries() -> None:
    assert chroma(np.array([0.0, 0.0, 1.0])) == pytest.approx([0.5, -0.114 / 1.402])
    assert chroma(np.array([1.0, 0.0, 0.0]))[1] == pytest.approx(0.5)
    assert chroma(np.full(3, 0.3)) == pytest.approx([0, 0])


def test_chroma_psnr() -> None:
    grey = np.full((5, 5, 3), 0.5)
    assert chroma_psnr(grey, grey * 0.5) > 250  # luma alone does not count
    blue = grey.copy()
    blue[..., 2] += 0.1  # Y + 0.0114, Cb + 0.05, Cr - 0.0114 / 1.402
    wanted = -10 * math.log10((0.05**2 + (0.0114 / 1.402) ** 2) / 2)
    assert chroma_psnr(grey, blue) == pytest.approx(wanted, abs=1e-6)


def test_luma_identity() -> None:
    a = np.zeros((3, 4), np.float32)
    b = a.copy()
    b[1, 2] = -0.25
    found = luma_identity(a, b)
    assert (found.max, found.mean) == (0.25, pytest.approx(0.25 / 12))
    with pytest.raises(ValueError, match="compared"):
        luma_identity(a, b[:2])
    with pytest.raises(ValueError, match="finite"):
        luma_identity(a, b * np.nan)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="compared"):
        ciede2000(np.ones((2, 2, 3)), np.ones((2, 3, 3)))
