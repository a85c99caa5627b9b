"""Half floats as files hold them: exact in float32, and by table through a curve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from chroma_recovery.engine.colour import Colour
from chroma_recovery.engine.files import read_here, write_exr
from chroma_recovery.engine.half import CODES, widened
from chroma_recovery.engine.image import Image
from chroma_recovery.errors import ImageFileError

EVERY = np.arange(CODES, dtype=np.uint16).view(np.float16)
FINITE = EVERY[np.isfinite(EVERY)]


def test_every_finite_half_is_exact_bit_by_bit() -> None:
    found = widened(FINITE.reshape(-1, 32))
    np.testing.assert_array_equal(found.view(np.uint32).ravel(), FINITE.astype(np.float32).view(np.uint32))


@pytest.mark.parametrize("source", ["sRGB - Texture", "ACES2065-1", "ACEScct", "ACEScg"])
def test_conversion_of_halves_is_that_of_float32(source: str) -> None:
    colour = Colour("fn-nuke_cg-config-v1.0.0_aces-v1.3_ocio-v2.1", {})
    halves = np.random.default_rng(0).uniform(-0.2, 3, (70, 50, 3)).astype(np.float16)
    wanted = colour.convert(halves.astype(np.float32), source, "ACEScg")
    np.testing.assert_array_equal(np.asarray(colour.convert(halves, source, "ACEScg"), np.float32), wanted)


@pytest.mark.parametrize("compression", ["zip", "piz", "dwab:45", "none"])
def test_a_tall_file_is_the_same_in_strips(tmp_path: Path, compression: str) -> None:
    picture = np.random.default_rng(1).random((613, 37, 3)).astype(np.float16).astype(np.float32)
    write_exr(tmp_path / "a.exr", Image.of(picture), compression=compression)
    opened: Any = oiio.ImageInput.open(str(tmp_path / "a.exr"))
    at_once = opened.read_image(0, 0, 0, 3, oiio.FLOAT)
    opened.close()
    np.testing.assert_array_equal(read_here(tmp_path / "a.exr").image.pixels, at_once)


def test_a_file_that_ends_early_is_named(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).random((613, 37, 3)).astype(np.float32)
    write_exr(tmp_path / "a.exr", Image.of(picture))
    whole = (tmp_path / "a.exr").read_bytes()
    (tmp_path / "b.exr").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(ImageFileError, match="CR511"):
        read_here(tmp_path / "b.exr")


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, -np.nan])
def test_values_that_are_no_number_are_found(tmp_path: Path, value: float) -> None:
    pixels = np.zeros((300, 8, 3), np.float16)
    pixels[290, 5, 1] = value
    out: Any = oiio.ImageOutput.create(str(tmp_path / "a.exr"))
    out.open(str(tmp_path / "a.exr"), oiio.ImageSpec(8, 300, 3, oiio.HALF))
    out.write_image(pixels)
    out.close()
    with pytest.raises(ImageFileError, match="CR512"):
        read_here(tmp_path / "a.exr")


def test_the_largest_half_of_either_sign_is_a_number(tmp_path: Path) -> None:
    pixels = np.full((4, 8, 3), 65504.0, np.float32)
    pixels[1] = -65504.0
    write_exr(tmp_path / "a.exr", Image.of(pixels))
    np.testing.assert_array_equal(read_here(tmp_path / "a.exr").image.pixels, pixels)
