from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from chroma_recovery.engine.colour import CHROMATICITIES
from chroma_recovery.engine.files import read_image, write_exr
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.render import render, render_range
from chroma_recovery.errors import Cancelled, PathError, UnsupportedNode
from chroma_recovery.frames import FrameRange
from chroma_recovery.graph import Verbatim

KNOBS = {
    "file": "out/sh_v001.####.exr",
    "file_type": "exr",
    "channels": "rgba",
    "colorspace": "aces_interchange",
    "compression": "DWAA",
    "dw_compression_level": 45.0,
    "create_directories": True,
}


def clip(bench: Any) -> str:
    source = bench.given(lambda frame: Image.of(np.full((6, 8, 3), frame / 100, np.float32)))
    return bench.add("FrameRange", source, first_frame=1, last_frame=4)


def test_a_render_writes_the_delivery_space(bench: Any, tmp_path: Path) -> None:
    node = bench.add("Write", clip(bench), **KNOBS)
    seen: list[tuple[int, int]] = []
    report = render(
        bench.evaluator(),
        node,
        metadata={"chroma_recovery:preset": "sh"},
        progress=lambda a, b: seen.append((a, b)),
    )
    assert [p.name for p in report.paths] == [f"sh_v001.{f:04d}.exr" for f in range(1, 5)]
    assert seen == [(n, 4) for n in range(1, 5)]
    spec = oiio.ImageInput.open(str(tmp_path / "out/sh_v001.0003.exr")).spec()
    assert spec.getattribute("chromaticities") == pytest.approx(CHROMATICITIES["AP0"])
    assert spec.get_string_attribute("compression").startswith("dwaa")
    assert spec.get_float_attribute("openexr:dwaCompressionLevel") == 45
    assert spec.get_string_attribute("chroma_recovery:preset") == "sh"
    assert spec.get_string_attribute("chroma_recovery:node") == node
    assert spec.get_string_attribute("chroma_recovery:frame") == "3"
    pixel = read_image(tmp_path / "out/sh_v001.0003.exr").image.pixels[2, 2]
    assert pixel == pytest.approx(
        [0.03] * 3, rel=2e-3
    )  # neutral stays neutral from AP1 to AP0; half and DWAA


def test_limits_and_asked_frames(bench: Any) -> None:
    node = bench.add("Write", clip(bench), **KNOBS, use_limit=True, first=2, last=3)
    evaluator = bench.evaluator()
    assert render_range(evaluator, node) == FrameRange(2, 3)
    report = render(evaluator, node, [1, 2, 9])
    assert [p.name for p in report.written] == ["sh_v001.0002.exr"]


def test_resume_skips_whole_frames_and_repairs_broken_ones(bench: Any, tmp_path: Path) -> None:
    node = bench.add("Write", clip(bench), **{**KNOBS, "compression": "Zip (1 scanline)"})
    render(bench.evaluator(), node, [1, 2])
    second = tmp_path / "out/sh_v001.0002.exr"
    second.write_bytes(second.read_bytes()[:-30])
    report = render(bench.evaluator(), node, resume=True)
    assert [p.name for p in report.skipped] == ["sh_v001.0001.exr"]
    assert [p.name for p in report.written] == [f"sh_v001.{f:04d}.exr" for f in (2, 3, 4)]
    assert read_image(second).image.pixels.shape == (6, 8, 3)


def test_existing_frames_are_not_overwritten(bench: Any) -> None:
    node = bench.add("Write", clip(bench), **KNOBS)
    render(bench.evaluator(), node, [1])
    with pytest.raises(PathError, match="CR602"):
        render(bench.evaluator(), node, [1])
    assert len(render(bench.evaluator(), node, [1], overwrite=True).written) == 1


def source(bench: Any, tmp_path: Path) -> str:
    write_exr(tmp_path / "plates/src.0001.exr", Image.of(np.zeros((6, 8, 3))))
    return bench.add("Read", file="plates/src.####.exr", first=1, last=1, raw=True)


@pytest.mark.parametrize(
    "file",
    ["plates/src.####.exr", "plates/new.####.exr", "out/../plates/new.%04d.exr", "linked/new.####.exr"],
)
def test_a_source_folder_is_never_written_to(bench: Any, tmp_path: Path, file: str) -> None:
    read = source(bench, tmp_path)
    (tmp_path / "linked").symlink_to(tmp_path / "plates")
    (tmp_path / "out").mkdir()
    for overwrite in (False, True):
        node = bench.add("Write", read, **{**KNOBS, "file": file})
        with pytest.raises(PathError, match=r"CR605.*Read_1"):
            render(bench.evaluator(), node, [1], overwrite=overwrite)
    assert [p.name for p in (tmp_path / "plates").iterdir()] == ["src.0001.exr"]


def test_a_folder_of_another_branch_is_protected_too(bench: Any, tmp_path: Path) -> None:
    source(bench, tmp_path)
    node = bench.add("Write", clip(bench), **{**KNOBS, "file": "plates/out.####.exr"})
    with pytest.raises(PathError, match="CR605"):
        render(bench.evaluator(), node, [1])


def test_reading_back_what_is_written_is_allowed(bench: Any) -> None:
    node = bench.add("Write", clip(bench), **KNOBS)
    back = bench.add("Read", file=KNOBS["file"], first=1, last=4, colorspace="aces_interchange")
    render(bench.evaluator(), node)
    image = bench.image(back, 4)
    assert image.pixels[1, 1] == pytest.approx([0.04] * 3, rel=3e-3)


def test_cancel_keeps_finished_frames(bench: Any, tmp_path: Path) -> None:
    node = bench.add("Write", clip(bench), **KNOBS)
    asked = iter([False, False, True])
    with pytest.raises(Cancelled, match="after 2 of 4"):
        render(bench.evaluator(), node, cancel=lambda: next(asked))
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_alpha_is_written_where_asked(bench: Any, tmp_path: Path) -> None:
    picture = bench.given(np.full((2, 2, 4), 0.5, np.float32))
    for channels, names in (("rgba", {"R", "G", "B", "A"}), ("rgb", {"R", "G", "B"})):
        node = bench.add(
            "Write", picture, **{**KNOBS, "channels": channels, "file": f"{channels}/a.####.exr"}
        )
        render(bench.evaluator(), node, [1])
        spec = oiio.ImageInput.open(str(tmp_path / f"{channels}/a.0001.exr")).spec()
        assert set(spec.channelnames) == names


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("file_type", "mov"),
        ("write_ACES_compliant_EXR", True),
        ("autocrop", True),
        ("file", "one.exr"),
        ("channels", "depth"),
    ],
)
def test_what_a_write_does_not_evaluate(bench: Any, knob: str, value: Any) -> None:
    node = bench.add("Write", clip(bench), **{**KNOBS, knob: value})
    with pytest.raises(UnsupportedNode, match=rf"\.{knob}: CR502"):
        render(bench.evaluator(), node)


def test_metadata_reaches_the_file_where_the_write_asks_for_it(bench: Any, tmp_path: Path) -> None:
    """Keys ``exr/NAME`` as NAME; a key that says how the file itself is made changes nothing."""
    listed = (
        '{set exr/Institution "An archive"} {set exr/Frame [frame]} {set exr/compression none} '
        "{set exr/Software other} {set exr/oiio:ColorSpace sRGB} {set input/secret x} {set exr/gone 1} "
        "{remove exr/gone}"
    )
    found = {}
    for number, asked in enumerate(("default metadata and exr/*", "default metadata", "no metadata")):
        said = bench.add("ModifyMetaData", clip(bench), metadata=Verbatim(listed))
        node = bench.add("Write", said, **KNOBS | {"metadata": asked, "file": f"out/{number}.####.exr"})
        path = render(bench.evaluator(), node, [2]).paths[0]
        spec = oiio.ImageInput.open(str(path)).spec()
        assert spec.get_string_attribute("compression").startswith("dwaa")
        assert spec.get_string_attribute("Software").startswith("chroma_recovery")
        found[asked] = {a.name: a.value for a in spec.extra_attribs}
    whole = found["default metadata and exr/*"]
    assert (whole["Institution"], whole["Frame"]) == ("An archive", "2")
    assert not {"secret", "gone"} & set(whole) and whole.get("oiio:ColorSpace") != "sRGB"
    assert not {"Institution", "Frame"} & (set(found["default metadata"]) | set(found["no metadata"]))


@pytest.mark.parametrize("listed", ["{set exr/a [python x]}", "{set exr/a $HOME}", "{run exr/a}", "{set"])
def test_other_metadata_is_refused(bench: Any, listed: str) -> None:
    node = bench.add("ModifyMetaData", clip(bench), metadata=Verbatim(listed))
    with pytest.raises(UnsupportedNode) as caught:
        bench.image(node, 1)
    assert caught.value.problems[0].code == "CR502"
