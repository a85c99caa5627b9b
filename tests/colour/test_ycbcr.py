"""The YCbCr formula: probe vectors of a Nuke seat, and that it always comes back."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.colour import names, views, ycbcr

VALUE = st.floats(-4, 16, allow_nan=False)


@pytest.mark.parametrize("module", [names, views, ycbcr])
def test_examples_in_the_documentation(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((1, 1, 1), (0.92157, 0.50196, 0.50196)),
        ((0, 0, 0), (0.06275, 0.50196, 0.50196)),
        ((0.18, 0.18, 0.18), (0.45897, 0.50196, 0.50196)),
        ((1, 0, 0), (0.31953, 0.35374, 0.94118)),
        ((0.9, 0.45, 0.1), (0.69569, 0.30972, 0.63836)),
    ],
)
def test_probe_vectors(rgb, expected):
    assert ycbcr.rgb_to_ycbcr(*rgb) == pytest.approx(expected, abs=6e-6)


def test_the_curve_is_continuous_where_its_pieces_meet():
    below = ycbcr.srgb_encode(ycbcr.BREAK)
    above = ycbcr.srgb_encode(ycbcr.BREAK * (1 + 1e-12))
    assert above - below == pytest.approx(0, abs=1e-12)
    assert above >= below
    assert ycbcr.srgb_encode(0.0031308) == pytest.approx(12.92 * 0.0031308, abs=1e-7)  # IEC 61966-2-1


@given(VALUE, VALUE, VALUE)
def test_everything_comes_back(red, green, blue):
    assert ycbcr.ycbcr_to_rgb(*ycbcr.rgb_to_ycbcr(red, green, blue)) == pytest.approx(
        (red, green, blue), abs=1e-9, rel=1e-9
    )
    assert ycbcr.ypbpr_to_rgb(*ycbcr.rgb_to_ypbpr(red, green, blue)) == pytest.approx(
        (red, green, blue), abs=1e-9, rel=1e-9
    )


@given(VALUE)
def test_the_curve_is_odd(value):
    assert ycbcr.srgb_encode(-value) == -ycbcr.srgb_encode(value)
    assert ycbcr.srgb_decode(-value) == -ycbcr.srgb_decode(value)


@given(st.floats(0, 1))
def test_grey_has_no_chroma(value):
    luma, pb, pr = ycbcr.rgb_to_ypbpr(value, value, value)
    assert (pb, pr) == pytest.approx((0, 0), abs=1e-12)
    assert luma == pytest.approx(ycbcr.srgb_encode(value))
