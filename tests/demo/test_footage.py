"""The footage on disk: what a Resolve export would leave, with the truth beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from chroma_recovery.demo import clip
from chroma_recovery.demo.footage import (
    OVERSCAN,
    REC709,
    Film,
    Footage,
    picture_area,
    write_footage,
    write_frame,
)
from chroma_recovery.demo.reference import DvdReference, warp
from chroma_recovery.errors import ImageFileError, PathError

NAMES = ("source", "reference", "truth")
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    return write_footage(tmp_path_factory.mktemp("demo"), frames=2)


def read(pattern: Path, frame: int) -> np.ndarray:
    path = pattern.with_name(pattern.name.replace("####", f"{frame:04d}"))
    file = oiio.ImageInput.open(str(path))
    assert file is not None, path
    pixels = file.read_image(oiio.FLOAT)
    file.close()
    return np.asarray(pixels, np.float32)


def test_the_clip_has_the_frames_it_says() -> None:
    shapes = {frame.shape for frame in clip.read_clip()}
    assert shapes == {(clip.HEIGHT, clip.WIDTH, 3)}
    with pytest.raises(ImageFileError, match="CR511"):
        list(clip.read_clip(frames=clip.LENGTH + 1))
    assert clip.CLIP.stat().st_size < 2.5e6


def test_a_missing_or_broken_clip_says_so(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="CR510"):
        next(clip.read_clip(tmp_path / "none.mp4"))
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    with pytest.raises(ImageFileError, match="CR511"):
        next(clip.read_clip(broken))


def test_files_names_and_frames(footage: Footage) -> None:
    assert (footage.first, footage.last) == (1001, 1002)
    assert footage.size == (960, 540)
    for name in NAMES:
        pattern: Path = getattr(footage, name)
        assert pattern.name == f"{name}.####.exr"
        assert sorted(p.name for p in pattern.parent.iterdir()) == [f"{name}.1001.exr", f"{name}.1002.exr"]


@pytest.mark.parametrize("name", NAMES)
def test_headers_and_values(footage: Footage, name: str) -> None:
    pattern: Path = getattr(footage, name)
    file = oiio.ImageInput.open(str(pattern).replace("####", "1001"))
    spec = file.spec()
    file.close()
    assert (spec.width, spec.height, spec.channelnames) == (960, 540, ("R", "G", "B"))
    assert spec.format.basetype == oiio.HALF
    assert spec.getattribute("compression") == "zip"
    assert spec.getattribute("chromaticities") == pytest.approx(REC709)
    pixels = read(pattern, 1001)
    assert np.isfinite(pixels).all()
    assert 0 <= pixels.min() <= pixels.max() <= 1
    assert np.ptp(pixels) > 0.5


def test_the_source_is_faded_and_has_an_overscan_border(footage: Footage) -> None:
    source, truth = (read(p, 1001) for p in (footage.source, footage.truth))
    side, rows = OVERSCAN
    assert source[: rows - 4].mean() < 0.15
    assert source[:, : side - 4].mean() < 0.15
    inside = np.s_[40:-40, 40:-40]
    assert np.corrcoef((source[inside] @ LUMA).ravel(), (truth[inside] @ LUMA).ravel())[0, 1] > 0.95
    # Luma survives, colour does not: R-Y and B-Y of the Source tell far less of the Truth's.
    for channel in (0, 2):
        difference = [(p[inside][..., channel] - p[inside] @ LUMA).ravel() for p in (source, truth)]
        assert np.corrcoef(*difference)[0, 1] < 0.88


def test_each_frame_has_its_own_known_alignment(footage: Footage) -> None:
    first, second = footage.alignment[1001], footage.alignment[1002]
    assert np.abs(first - second).max() > 0.01
    for number, matrix in footage.alignment.items():
        truth, reference = read(footage.truth, number), read(footage.reference, number)
        back = warp(reference, np.linalg.inv(matrix))
        x, y, r, t = footage.picture_area
        area = np.s_[540 - t : 540 - y, x:r]
        aligned, untouched = (np.abs(p[area] - truth[area]).mean() for p in (back, reference))
        assert aligned < 0.03
        assert aligned < 0.6 * untouched


def test_the_picture_area_is_inside_both_pictures(footage: Footage) -> None:
    x, y, r, t = footage.picture_area
    assert 0 < x < r < 960
    assert 0 < y < t < 540
    assert (r - x) * (t - y) > 0.8 * 960 * 540
    left, top, right, bottom = footage.look.live_area(960, 540)
    for matrix in footage.alignment.values():
        for corner in ((x, 540 - t), (r - 1, 540 - t), (r - 1, 539 - y), (x, 539 - y)):
            moved = matrix @ [*corner, 1]
            assert left < moved[0] < right - 1
            assert top < moved[1] < bottom - 1


def test_picture_area_without_offset_is_the_inner_of_both() -> None:
    # Borders 20/10 lie inside the overscan 12/8; 4 pixels of margin: 24..936 and 14..526.
    look = DvdReference(shift=(0, 0), scale=1, degrees=0, borders=(20, 10))
    assert picture_area(look, 960, 540) == (24, 14, 936, 526)


def test_existing_frames_stop_it_before_any_work(footage: Footage, tmp_path: Path) -> None:
    taken = tmp_path / "truth" / "truth.1002.exr"
    taken.parent.mkdir()
    taken.write_bytes(b"mine")
    with pytest.raises(PathError, match="CR602"):
        write_footage(tmp_path, frames=2)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["truth.1002.exr"]
    assert taken.read_bytes() == b"mine"


def test_the_same_seed_gives_the_same_pixels(footage: Footage) -> None:
    clean = next(clip.read_clip(frames=1))
    film = Film(footage.fade, footage.look, 2, 3)
    pictures = film.pictures(1001, clean)
    for name in NAMES:
        written = read(getattr(footage, name), 1001)
        assert (written == pictures[name].astype(np.float16).astype(np.float32)).all()


def test_progress_counts_every_frame(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_footage(tmp_path, fade="mild", frames=1, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 1)]


def test_unknown_fade_and_impossible_counts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mild, strong, uneven, collapse"):
        write_footage(tmp_path, fade="sepia")
    for frames in (0, clip.LENGTH + 1):
        with pytest.raises(ValueError, match="48"):
            write_footage(tmp_path, frames=frames)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Exception):  # noqa: B017  (whatever the image library says of an array with no pixels)
        write_frame(tmp_path / "a.exr", np.zeros((0, 0, 3), np.float32))
    assert list(tmp_path.iterdir()) == []
