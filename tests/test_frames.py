import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery import frames
from chroma_recovery.errors import FrameError
from chroma_recovery.frames import FrameRange, Pattern, format_frames, parse_frames


def test_examples_in_the_docstring_hold() -> None:
    assert doctest.testmod(frames).failed == 0


@given(st.lists(st.integers(-50, 400), min_size=1, max_size=40))
def test_written_frames_read_back(numbers: list[int]) -> None:
    assert list(parse_frames(format_frames(numbers))) == sorted(set(numbers))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "CR803"),
        ("a", "CR803"),
        ("1-", "CR803"),
        ("20-10", "CR801"),
        ("1-5x0", "CR803"),
        ("1-999999999", "CR802"),
        ("1;rm", "CR803"),
    ],
)
def test_bad_ranges_are_refused(text: str, code: str) -> None:
    with pytest.raises(FrameError) as caught:
        parse_frames(text)
    assert caught.value.problems[0].code == code


def test_open_job_description_spelling() -> None:
    assert format_frames([1, 6, 11, 20], step=":") == "1-11:5,20"


@pytest.mark.parametrize(
    ("pattern", "frame", "path"),
    [
        ("a/b.####.exr", 7, "a/b.0007.exr"),
        ("b_######.exr", 123, "b_000123.exr"),
        ("b.%04d.dpx", 12345, "b.12345.dpx"),
        ("b.%d.dpx", 5, "b.5.dpx"),
        ("b.####.exr", -3, "b.-0003.exr"),
        ("still.png", 9, "still.png"),
    ],
)
def test_pattern_names_each_frame_and_knows_it_again(pattern: str, frame: int, path: str) -> None:
    parsed = Pattern.parse(pattern)
    assert parsed.at(frame) == path
    match = parsed.regex().match(path.rsplit("/", 1)[-1])
    assert match is not None
    if parsed.is_sequence:
        assert int(match[1]) == frame


@pytest.mark.parametrize("text", ["a.##.b.##.exr", "##/a.exr", "a.%04d.####.exr", "a.%099d.exr"])
def test_bad_patterns_are_refused(text: str) -> None:
    with pytest.raises(FrameError):
        Pattern.parse(text)


def test_range_is_inclusive() -> None:
    span = FrameRange(471, 499)
    assert len(span) == 29 and list(span)[-1] == 499 and 499 in span and 500 not in span
