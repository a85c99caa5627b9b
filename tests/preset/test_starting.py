"""First presets from what the files say: always readable, and true to the files."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from chroma_recovery.errors import PathError
from chroma_recovery.preset import load
from chroma_recovery.preset.lint import lint
from chroma_recovery.preset.starting import clip_facts, first_pairs, shot_name, starting_text


def png(path: Path, width: int = 64, height: int = 48) -> None:
    """Enough of a PNG for its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">2I", width, height)
    )


def clip(folder: Path, name: str, first: int, last: int) -> Path:
    for frame in range(first, last + 1):
        png(folder / name / f"{name}.{frame:04d}.png")
    return folder / name


@pytest.mark.parametrize(
    "spelled", ["{}", "{}/faded.0471.png", "{}/faded.0480.png", "{}/faded.####.png", "{}/faded.%04d.png"]
)
def test_a_clip_is_named_by_folder_frame_or_pattern(tmp_path, spelled):
    folder = clip(tmp_path, "faded", 471, 499)
    (folder / "faded.0475.png").unlink()
    found = clip_facts(Path(spelled.format(folder)), tmp_path)
    assert (found.path, found.first, found.last, found.missing) == ("faded/faded.####.png", 471, 499, (475,))
    assert (found.size.width, found.size.height) == (64, 48)


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(PathError, match="CR606"):
        clip_facts(tmp_path / "none" / "a.####.exr", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(PathError, match="CR606"):
        clip_facts(tmp_path / "empty", tmp_path)


@pytest.mark.parametrize("kind", ["dvd", "telecine", "print", "video", "constructed"])
@pytest.mark.parametrize("base", ["shot", "scene", "sequence", "non_reference"])
def test_a_first_preset_reads_without_an_error(tmp_path, kind, base):
    if base == "non_reference" and kind != "constructed":
        pytest.skip("non_reference constructs its Reference")
    source = clip_facts(clip(tmp_path, "faded", 471, 499), tmp_path)
    reference = clip_facts(clip(tmp_path, "good", 471, 499), tmp_path)
    path = tmp_path / "sh010.yaml"
    path.write_text(
        starting_text("sh010", source, reference, base=base, kind=kind, schema="s.json"), encoding="utf-8"
    )
    loaded = load(path)
    assert loaded.preset.source.path == "faded/faded.####.png"
    assert [p.source for p in loaded.preset.pairs] == [471, 478, 485, 492, 499]
    assert [p.source for p in loaded.preset.hold_out_pairs] == [485]
    assert {p.code for p in loaded.warnings} <= {"CR133"}  # scene and sequence want more pairs
    assert "CR167" not in {p.code for p in lint(loaded)}


def test_clips_that_are_numbered_differently_get_reference_frames(tmp_path):
    source = clip_facts(clip(tmp_path, "faded", 1001, 1020), tmp_path)
    reference = clip_facts(clip(tmp_path, "good", 1, 18), tmp_path)
    path = tmp_path / "a.yaml"
    path.write_text(starting_text("a", source, reference), encoding="utf-8")
    pairs = load(path).preset.pairs
    assert [(p.source, p.reference) for p in pairs] == [
        (1001, 1),
        (1006, 6),
        (1011, 11),
        (1015, 15),
        (1020, 18),
    ]


def test_names_and_first_pairs():
    assert shot_name(Path("a b/reel 3: sh#010.yaml")) == "reel_3_sh_010"
    assert first_pairs(471, 499) == [471, 478, 485, 492, 499]
    assert first_pairs(1, 2) == [1, 2]
