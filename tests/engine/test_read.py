from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chroma_recovery.engine.files import write_exr
from chroma_recovery.engine.image import Format, Image
from chroma_recovery.errors import ImageFileError, UnsupportedNode
from chroma_recovery.frames import FrameRange


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    """Frames 5..8 without 7; red says the frame number."""
    for frame in (5, 6, 8):
        pixels = np.zeros((3, 4, 3), np.float32)
        pixels[..., 0] = frame
        pixels[..., 1] = 0.5
        write_exr(tmp_path / f"plates/a.{frame:04d}.exr", Image.of(pixels), half=False)
    return tmp_path


def frames(bench: Any, wanted: range, **knobs: Any) -> list[float]:
    knobs = {"file": "plates/a.####.exr", "first": 5, "last": 8, "raw": True, **knobs}
    node = bench.add("Read", **knobs)
    evaluator = bench.evaluator()
    return [float(evaluator.image(node, f).pixels[0, 0, 0]) for f in wanted]


def test_range_format_and_metadata(bench: Any, plates: Path) -> None:
    node = bench.add("Read", file="plates/a.%04d.exr", first=5, last=8, raw=True)
    evaluator = bench.evaluator()
    assert evaluator.range(node) == FrameRange(5, 8)
    assert evaluator.format(node) == Format(4, 3)
    assert not evaluator.computed  # the format came from the header alone
    image = evaluator.image(node, 6)
    assert image.metadata["input/frame"] == "6"
    assert image.metadata["input/filename"].endswith("plates/a.0006.exr")


@pytest.mark.parametrize(
    ("knobs", "wanted", "want"),
    [
        ({}, range(3, 7), [5, 5, 5, 6]),
        ({}, range(8, 11), [8, 8, 8]),
        ({"before": "loop", "first": 5, "last": 6}, range(1, 7), [5, 6, 5, 6, 5, 6]),
        ({"after": "loop", "first": 5, "last": 6}, range(7, 10), [5, 6, 5]),
        ({"after": "bounce", "first": 5, "last": 6}, range(5, 11), [5, 6, 6, 5, 5, 6]),
        ({"before": "black", "after": "black", "first": 5, "last": 6}, range(4, 8), [0, 5, 6, 0]),
        ({"on_error": "black"}, range(7, 8), [0]),
        ({"on_error": "nearest frame"}, range(7, 8), [6]),
    ],
)
def test_frames_outside_and_missing(
    bench: Any, plates: Path, knobs: dict[str, Any], wanted: range, want: list[float]
) -> None:
    assert frames(bench, wanted, **knobs) == want


def test_a_missing_frame_names_its_file_and_node(bench: Any, plates: Path) -> None:
    with pytest.raises(ImageFileError, match=r"a\.0007\.exr: CR510.*read by Read_1, frame 7"):
        frames(bench, range(7, 8))


def test_input_transform(bench: Any, plates: Path) -> None:
    """Green 0.5 sRGB-encoded is 0.2140411 linear; ACEScg of pure green is (0.3395, 0.9164, 0.1096)."""
    node = bench.add(
        "Read", file="plates/a.####.exr", first=5, last=8, colorspace="Utility - sRGB - Color Picking"
    )
    plain = bench.add("Read", file="plates/a.####.exr", first=5, last=8, colorspace="color_picking")
    linear = bench.add("Read", file="plates/a.####.exr", first=5, last=8)
    evaluator = bench.evaluator()
    got = evaluator.image(node, 5).pixels[0, 0]
    red = ((5 + 0.055) / 1.055) ** 2.4
    want = (
        np.array([0.6130974, 0.07019372, 0.02061559]) * red
        + np.array([0.3395231, 0.9163539, 0.1095698]) * 0.2140411
    )
    assert got == pytest.approx(want, rel=1e-5)
    assert (evaluator.image(plain, 5).pixels == evaluator.image(node, 5).pixels).all()
    assert evaluator.image(linear, 5).pixels[0, 0].tolist() == [5, 0.5, 0]  # float files: scene_linear


def test_auto_alpha(bench: Any, plates: Path) -> None:
    node = bench.add("Read", file="plates/a.####.exr", first=5, last=8, raw=True, auto_alpha=True)
    assert (bench.image(node, 5).channel("alpha") == 1).all()


def test_pixel_aspect_comes_from_the_format_knob(bench: Any, plates: Path) -> None:
    node = bench.add(
        "Read", file="plates/a.####.exr", first=5, last=8, raw=True, format="4 3 0 0 4 3 2 squeezed"
    )
    assert bench.image(node, 5).format == Format(4, 3, 2.0)
    assert bench.evaluator().format(node) == Format(4, 3, 2.0)


def test_what_a_read_does_not_evaluate(bench: Any, plates: Path) -> None:
    for knobs in (
        {"frame": "frame + 5"},
        {"premultiplied": True, "raw": False, "colorspace": "color_picking"},
    ):
        with pytest.raises(UnsupportedNode, match=r"Read_\d+\." + next(iter(knobs))):
            frames(bench, range(5, 6), **knobs)
