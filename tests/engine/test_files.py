from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from chroma_recovery.engine.colour import CHROMATICITIES
from chroma_recovery.engine.files import HALF_MAX, is_ours, read_format, read_image, write_exr
from chroma_recovery.engine.image import RGB, RGBA, Box, Format, Image
from chroma_recovery.errors import ImageFileError, PathError


def picture() -> Image:
    """An overscan window that is neither centred nor at the origin."""
    pixels = np.random.default_rng(0).random((7, 11, 3)).astype(np.float16).astype(np.float32)
    return Image(pixels, RGB, Box(-2, 3, 9, 10), Format(8, 6, 2.0))


def test_windows_survive_a_file(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", picture(), compression="zip")
    back = read_image(tmp_path / "a.exr").image
    assert (back.box, back.format, back.channels) == (Box(-2, 3, 9, 10), Format(8, 6, 2.0), RGB)
    assert (back.pixels == picture().pixels).all()
    assert read_format(tmp_path / "a.exr") == (Format(8, 6, 2.0), Box(-2, 3, 9, 10))
    spec = oiio.ImageInput.open(str(tmp_path / "a.exr")).spec()
    # the file's own coordinates: y down; the window's top t = 10 lies 4 above the format's top
    assert (spec.x, spec.y, spec.width, spec.height, spec.full_width, spec.full_height) == (
        -2,
        -4,
        11,
        7,
        8,
        6,
    )


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 0, 1, 2)])
def test_channel_names_and_order(tmp_path: Path, order: tuple[int, ...]) -> None:
    names = tuple(RGBA[n] for n in order)
    image = Image.of(np.arange(4, dtype=np.float32).reshape(1, 1, 4)[..., list(order)], names)
    write_exr(tmp_path / "a.exr", image)
    spec = oiio.ImageInput.open(str(tmp_path / "a.exr")).spec()
    assert set(spec.channelnames) == {"R", "G", "B", "A"}
    back = read_image(tmp_path / "a.exr").image
    assert back.channels == RGBA
    assert back.pixels[0, 0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("none", "none"),
        ("zip", "zip"),
        ("zips", "zips"),
        ("piz", "piz"),
        ("dwaa:45", "dwaa"),
        ("dwab:90", "dwab"),
    ],
)
def test_compressions(tmp_path: Path, asked: str, named: str) -> None:
    write_exr(tmp_path / "a.exr", Image.of(np.full((40, 40, 3), 0.5)), compression=asked)
    spec = oiio.ImageInput.open(str(tmp_path / "a.exr")).spec()
    assert spec.get_string_attribute("compression").split(":")[0] == named
    if ":" in asked:
        assert spec.get_float_attribute("openexr:dwaCompressionLevel") == float(asked.split(":")[1])


def test_header(tmp_path: Path) -> None:
    write_exr(
        tmp_path / "a.exr",
        Image.of(np.zeros((2, 2, 3))),
        chromaticities=CHROMATICITIES["AP0"],
        metadata={"chroma_recovery:preset": 'sh010 "x" [exec y]', "owner": "nobody\0"},
    )
    spec = oiio.ImageInput.open(str(tmp_path / "a.exr")).spec()
    assert spec.getattribute("chromaticities") == pytest.approx(CHROMATICITIES["AP0"])
    assert spec.getattribute("chroma_recovery:preset") == 'sh010 "x" [exec y]'
    assert spec.format.basetype == oiio.HALF
    assert is_ours(tmp_path / "a.exr")


def test_half_overflow_is_clamped_and_counted(tmp_path: Path) -> None:
    image = Image.of(np.float32([[[1e6, -1e6, 1.0]]]))
    assert write_exr(tmp_path / "a.exr", image).clipped == 2
    assert read_image(tmp_path / "a.exr").image.pixels[0, 0].tolist() == [HALF_MAX, -HALF_MAX, 1]
    assert write_exr(tmp_path / "b.exr", image, half=False).clipped == 0
    assert read_image(tmp_path / "b.exr").image.pixels[0, 0, 0] == 1e6


def test_not_a_number_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="CR513: 1 values"):
        write_exr(tmp_path / "a.exr", Image.of(np.float32([[[np.nan, 0, 0]]])))
    assert list(tmp_path.iterdir()) == []


def test_nothing_foreign_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    foreign = oiio.ImageBuf(oiio.ImageSpec(4, 4, 3, oiio.HALF))
    foreign.write(str(path))
    before = path.read_bytes()
    with pytest.raises(PathError, match="CR602"):
        write_exr(path, picture())
    with pytest.raises(PathError, match="CR604"):
        write_exr(path, picture(), overwrite=True)
    assert path.read_bytes() == before
    ours = tmp_path / "b.exr"
    write_exr(ours, picture())
    write_exr(ours, Image.of(np.zeros((2, 2, 3))), overwrite=True)
    assert read_image(ours).image.format == Format(2, 2)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.exr", "b.exr"]


@pytest.mark.parametrize(
    ("suffix", "kind", "levels"), [("png", "int8", 255), ("tif", "int16", 65535), ("dpx", "int16", 65535)]
)
def test_integer_files_are_zero_to_one(tmp_path: Path, suffix: str, kind: str, levels: int) -> None:
    codes = np.linspace(0, levels, 24).round().reshape(2, 4, 3)
    data = codes.astype(np.uint8 if levels == 255 else np.uint16)
    path = tmp_path / f"a.{suffix}"
    spec = oiio.ImageSpec(4, 2, 3, oiio.UINT8 if levels == 255 else oiio.UINT16)
    out = oiio.ImageOutput.create(str(path))
    out.open(str(path), spec)
    out.write_image(data)
    out.close()
    found = read_image(path)
    assert found.kind == kind
    assert np.allclose(found.image.pixels, data / levels, atol=1e-6)
    assert found.image.format == Format(4, 2)


def test_grey_files_become_rgb(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    out = oiio.ImageOutput.create(str(path))
    out.open(str(path), oiio.ImageSpec(2, 1, 1, oiio.UINT8))
    out.write_image(np.uint8([[[0], [255]]]))
    out.close()
    found = read_image(path).image
    assert found.channels == RGB
    assert found.pixels[0].tolist() == [[0, 0, 0], [1, 1, 1]]


def test_bad_files_are_named(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", Image.of(np.random.default_rng(0).random((64, 64, 3))))
    whole = (tmp_path / "a.exr").read_bytes()
    cases: dict[str, Any] = {"cut.exr": whole[: len(whole) // 2], "text.exr": b"hello", "empty.png": b""}
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ImageFileError, match=f"{name}: CR511"):
            read_image(tmp_path / name)
    with pytest.raises(ImageFileError, match=r"none\.exr: CR510"):
        read_image(tmp_path / "none.exr")


def test_infinite_pixels_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    out = oiio.ImageOutput.create(str(path))
    out.open(str(path), oiio.ImageSpec(2, 1, 3, oiio.FLOAT))
    out.write_image(np.float32([[[np.inf, 0, 0], [np.nan, np.nan, 0]]]))
    out.close()
    with pytest.raises(ImageFileError, match="CR512: holds 2 values that are no number and 1 infinite"):
        read_image(path)
