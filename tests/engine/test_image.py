import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.engine.image import RGB, Box, Format, Image


def ramp(height: int = 6, width: int = 8, channels: int = 3) -> np.ndarray:
    count = height * width * channels
    return (np.arange(count, dtype=np.float32) / count).reshape(height, width, channels)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(st.integers(-20, 20)), draw(st.integers(-20, 20))
    return Box(x, y, x + draw(st.integers(0, 12)), y + draw(st.integers(0, 12)))


@given(boxes(), boxes())
def test_intersection_is_inside_and_union_is_around(a: Box, b: Box) -> None:
    common = a.intersect(b)
    assert common.empty or (a.contains(common) and b.contains(common))
    assert a.empty or a.union(b).contains(a)
    assert b.empty or a.union(b).contains(b)


@given(boxes(), st.booleans())
def test_area_follows_the_edge_rule(box: Box, black: bool) -> None:
    """Reference: the value of one pixel by Nuke's rule, written out pixel by pixel."""
    image = Image(ramp(4, 5), RGB, Box(2, 3, 7, 7), Format(10, 10), black)
    area = image.area(box)
    assert area.shape == (box.height, box.width, 3)
    for y in range(box.y, box.t):
        for x in range(box.x, box.r):
            inside = 2 <= x < 7 and 3 <= y < 7
            nearest = image.pixels[7 - 1 - min(max(y, 3), 6), min(max(x, 2), 6) - 2]
            want = nearest if inside or not black else np.zeros(3)
            assert (area[box.t - 1 - y, x - box.x] == want).all()


def test_row_zero_is_the_top() -> None:
    image = Image.of(ramp())
    assert (image.area(Box(0, 5, 8, 6)) == image.pixels[:1]).all()
    assert (image.area(Box(0, 0, 8, 1)) == image.pixels[-1:]).all()


def test_crop_to_fills() -> None:
    image = Image.of(np.ones((2, 2, 3)))
    grown = image.crop_to(Box(-1, 0, 2, 3), 0.25)
    assert grown.box == Box(-1, 0, 2, 3)
    assert (grown.pixels[0] == 0.25).all()
    assert (grown.pixels[:, 0] == 0.25).all()
    assert (grown.pixels[1:, 1:] == 1).all()


def test_pixels_cannot_be_changed_in_place() -> None:
    image = Image.of(ramp())
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0, 0] = 1


def test_shape_must_agree_with_box_and_channels() -> None:
    with pytest.raises(ValueError, match="shape"):
        Image(ramp(), RGB, Box(0, 0, 8, 5), Format(8, 6))
    with pytest.raises(ValueError, match="twice"):
        Image(ramp(), ("red", "red", "blue"), Box(0, 0, 8, 6), Format(8, 6))


def test_missing_channels_are_black() -> None:
    image = Image.of(ramp())
    assert (image.channel("alpha") == 0).all()
    picked = image.select(("blue", "alpha", "red"))
    assert (picked[..., 0] == image.pixels[..., 2]).all()
    assert (picked[..., 1] == 0).all()


def test_with_channels_adds_and_replaces() -> None:
    image = Image.of(ramp())
    values = np.full((6, 8, 2), 0.5, np.float32)
    new = image.with_channels(("green", "alpha"), values)
    assert new.channels == ("red", "green", "blue", "alpha")
    assert (new.channel("green") == 0.5).all()
    assert (new.channel("alpha") == 0.5).all()
    assert (new.channel("red") == image.channel("red")).all()
