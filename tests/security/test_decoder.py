"""Pictures from strangers: what cannot be is refused, and a decoder that crashes takes nothing with it."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from chroma_recovery.engine import decoder
from chroma_recovery.engine.bands import bands_of
from chroma_recovery.engine.files import (
    is_finished,
    is_ours,
    read_format,
    read_here,
    read_image,
    write_exr,
)
from chroma_recovery.errors import ImageFileError

CRASH = """
import os, signal
from chroma_recovery.engine import bands, files, opening, reduced
good = opening.open_image
def open_image(path):
    if b"crafted" in path.read_bytes():
        os.kill(os.getpid(), signal.SIGSEGV)
    return good(path)
for module in (bands, files, opening, reduced):
    module.open_image = open_image
"""
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")


def picture(path: Path, pixels: np.ndarray, kind: str = "half", **said: object) -> Path:
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], kind)
    for name, value in said.items():
        if name in ("x", "y", "full_x", "full_y", "full_width", "full_height", "channelnames"):
            setattr(spec, name, value)
        else:
            spec.attribute(name, value)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec) and out.write_image(pixels) and out.close()
    return path


RAMP = np.arange(6 * 8 * 3, dtype=np.float32).reshape(6, 8, 3) / 144


def window(path: Path, name: bytes, *corners: int) -> Path:
    """An EXR whose header says another window."""
    data = path.read_bytes()
    at = data.index(name + b"\0box2i\0") + len(name) + 11
    path.write_bytes(data[:at] + struct.pack("<4i", *corners) + data[at + 16 :])
    return path


def refused(path: Path) -> str:
    with pytest.raises(ImageFileError) as caught:
        read_image(path)
    (problem,) = caught.value.problems
    assert problem.place == path.as_posix()
    return problem.code


def test_what_cannot_be_is_refused_by_name(tmp_path: Path) -> None:
    good = picture(tmp_path / "good.exr", RAMP).read_bytes()

    def copy(name: str, data: bytes = good) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    assert refused(tmp_path / "none.exr") == "CR510"
    assert refused(copy("empty.exr", b"")) == "CR511"
    assert {refused(copy(f"cut{n}.exr", good[:n])) for n in (1, 4, 60, 200, len(good) - 9)} == {"CR511"}
    assert refused(window(copy("huge.exr"), b"dataWindow", 0, 0, 99_999, 99_999)) == "CR511"
    assert refused(window(copy("display.exr"), b"displayWindow", 0, 0, 2**31 - 2, 2**31 - 2)) == "CR511"
    assert refused(window(copy("far.exr"), b"dataWindow", 2**30, 2**30, 2**30 + 7, 2**30 + 5)) == "CR511"
    assert refused(window(copy("negative.exr"), b"dataWindow", 7, 5, 0, 0)) == "CR511"
    for value, name in ((np.nan, "nan"), (np.inf, "inf"), (-np.inf, "minus")):
        wrong = RAMP.copy()
        wrong[2, 3, 1] = value
        assert refused(picture(tmp_path / f"{name}.exr", wrong)) == "CR512"
    twice = picture(tmp_path / "twice.exr", RAMP, channelnames=("R", "rgba.R", "B"))
    assert refused(twice) == "CR511"
    names = copy("names.exr", good.replace(b"R\0\1\0\0\0", b"\xff\0\1\0\0\0"))
    assert read_image(names).image.channels == ("green", "blue", "other.?")
    assert refused(copy("clip.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  ")) == "CR511"


def test_windows_below_zero_are_read(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.exr", RAMP, x=-3, y=-2, full_width=20, full_height=10)
    for found in (read_image(path), read_here(path)):
        assert str(found.image.box) == "-3 6 5 12"
        assert np.allclose(found.image.pixels, RAMP, atol=1e-3)
    assert str(read_format(path)[0]) == "20x10"


def readers() -> dict[str, Callable[[Path], object]]:
    """Everything that hands a file to an image library."""
    from chroma_recovery.engine.reduced import glimpse
    from chroma_recovery.frames import FrameRange, Pattern
    from chroma_recovery.pairs.clips import Sequence

    def as_clip(path: Path) -> object:
        return Sequence("Source", Pattern.parse(path.as_posix()), FrameRange(1, 1), 24.0).header(1)

    return {
        "read_image": read_image,
        "read_format": read_format,
        "is_ours": is_ours,
        "is_finished": is_finished,
        "glimpse": glimpse,
        "bands": decoder.bands,
        "header of a clip": as_clip,
        "write over": lambda p: write_exr(p, read_image(p.parent / "good.exr").image, overwrite=True),
    }


@POSIX
@pytest.mark.parametrize("name", readers())
def test_a_crash_of_the_decoder_is_an_error_of_the_file(
    name: str, tmp_path: Path, fresh: decoder._Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder, "SERVE", f"exec({CRASH!r}); {decoder.SERVE}")
    good = picture(tmp_path / "good.exr", RAMP)
    bad = tmp_path / "bad.exr"
    bad.write_bytes(b"crafted")
    read = readers()[name]
    assert read_image(good).image.pixels.shape == RAMP.shape
    with pytest.raises(
        ImageFileError, match=r"CR515: the decoder crashed on this file \(SIGSEGV\)"
    ) as caught:
        read(bad)
    assert caught.value.problems[0].place == bad.as_posix()
    assert read_image(good).image.pixels.shape == RAMP.shape
    assert bad.read_bytes() == b"crafted"


@POSIX
def test_without_the_process_of_its_own_a_crash_takes_everything_with_it(tmp_path: Path) -> None:
    bad = tmp_path / "bad.exr"
    bad.write_bytes(b"crafted")
    environment = {**os.environ, "CHROMA_RECOVERY_DECODER": "here"}
    for read in ("read_image", "read_format"):
        alone = f"{CRASH}\nfrom pathlib import Path\nfiles.{read}(Path({str(bad)!r}))"
        died = subprocess.run(
            [sys.executable, "-c", alone], env=environment, capture_output=True, check=False
        )
        assert died.returncode == -11


@POSIX
def test_bands_of_a_frame_that_crashes_the_decoder_are_passed_over(
    tmp_path: Path, fresh: decoder._Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder, "SERVE", f"exec({CRASH!r}); {decoder.SERVE}")
    (tmp_path / "bad.exr").write_bytes(b"crafted")
    assert bands_of(tmp_path / "bad.exr") is None
    found = bands_of(picture(tmp_path / "good.exr", RAMP))
    assert found is not None and found[1] == 6 and found[0].shape == (1, 6, 8)


def test_image_files_are_opened_in_one_module() -> None:
    """OpenImageIO reads, and OpenCV reads files, nowhere but where the decoder's process calls it."""
    package = Path(decoder.__file__).parents[1]
    found = set()
    for file in sorted(package.rglob("*.py")):
        if re.search(
            r"ImageInput|ImageBuf\b|cv2\.(imread|VideoCapture)|Image\.open|plt\.imread", file.read_text()
        ):
            found.add(file.relative_to(package).as_posix())
    # the demo's own clip, and strips that this program drew
    assert found == {"engine/opening.py", "demo/clip.py", "pairs/sheets.py"}


@POSIX
@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="no /proc")
def test_a_decoder_is_bounded_and_knows_no_secrets(
    tmp_path: Path, fresh: decoder._Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARM_TOKEN", "s3cret")
    read_image(picture(tmp_path / "a.exr", RAMP))
    process = Path(f"/proc/{fresh.idle[0].process.pid}")
    limits = {
        line[:26].strip(): line[26:].split()[0] for line in (process / "limits").read_text().splitlines()
    }
    assert limits["Max address space"] == str(12 << 30)
    assert limits["Max core file size"] == "0"
    assert limits["Max cpu time"].isdigit() and int(limits["Max cpu time"]) <= 600
    environment = (process / "environ").read_bytes()
    assert b"PATH=" in environment and b"s3cret" not in environment


def test_a_decoder_that_does_not_start_says_so(
    fresh: decoder._Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder, "SERVE", "raise SystemExit(7)")
    with pytest.raises(ImageFileError, match=r"CR515.*cannot be started \(exit code 7\)"):
        read_image(picture(tmp_path / "a.exr", RAMP))


def test_what_a_decoder_answers_is_never_executed(
    fresh: decoder._Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decoder taken over by a crafted file can lie about pixels; a longer or absurd answer is a crash."""
    path = picture(tmp_path / "a.exr", RAMP)
    for answer in ('{"shape": [99999, 99999, 9]}', "cos\\nsystem\\n", '{"shape": [-1, 1, 1]}', "[" * 9999):
        serve = f"print('ready', flush=True); input(); print({answer!r}, flush=True)"
        monkeypatch.setattr(decoder, "SERVE", serve)
        with pytest.raises(ImageFileError, match="CR515"):
            read_image(path)
