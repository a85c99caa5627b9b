import os
from pathlib import Path

import pytest

from chroma_recovery.errors import PathError
from chroma_recovery.paths import contained, write_text, writing


@pytest.mark.parametrize("relative", ["../x", "a/../../x", "/etc/passwd", "C:/x", "a\\..\\..\\x"])
def test_outputs_stay_inside(tmp_path: Path, relative: str) -> None:
    with pytest.raises(PathError, match="CR601"):
        contained(tmp_path, relative)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    with pytest.raises(PathError, match="CR601"):
        contained(inside, "link/x.exr")
    assert contained(inside, "a/b.exr") == inside.resolve() / "a" / "b.exr"


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.nk"
    write_text(target, "one")
    with pytest.raises(PathError, match="CR602"):
        write_text(target, "two")
    assert target.read_text() == "one"
    write_text(target, "one")
    write_text(target, "two", overwrite=True)
    assert target.read_text() == "two"
    assert os.listdir(tmp_path) == ["a.nk"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.exr"
    with pytest.raises(RuntimeError), writing(target) as scratch:
        assert scratch.suffix == ".exr" and scratch.parent == target.parent
        scratch.write_bytes(b"half")
        raise RuntimeError
    assert os.listdir(target.parent) == []


def test_a_file_made_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "a.nk"
    with pytest.raises(PathError, match="CR602"), writing(target) as scratch:
        scratch.write_text("mine")
        target.write_text("theirs")
    assert target.read_text() == "theirs"
    assert os.listdir(tmp_path) == ["a.nk"]
