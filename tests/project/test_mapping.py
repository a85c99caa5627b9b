"""Paths of another machine: rules are applied where files are read, and nothing that is written changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.cli import main
from chroma_recovery.errors import PresetError
from chroma_recovery.project.load import load_project
from chroma_recovery.project.mapping import Rule, mapped, read_rules
from chroma_recovery.project.status import status_of

from .conftest import Film

RULES = (
    Rule("/films", "/mnt/a"),
    Rule("/films/reel 1", "/mnt/b/"),
    Rule("Z:\\Films", "/mnt/z", windows=True),
    Rule("\\\\server\\share", "/mnt/s", windows=True),
)


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/films/x.####.exr", "/mnt/a/x.####.exr"),
        ("/films/reel 1/x.exr", "/mnt/b/x.exr"),  # the longest source
        ("/films/reel 10/x.exr", "/mnt/a/reel 10/x.exr"),  # whole names only
        ("/filmset/x.exr", "/filmset/x.exr"),
        ("/Films/x.exr", "/Films/x.exr"),
        ("z:/films/Reel/x.exr", "/mnt/z/Reel/x.exr"),
        ("Z:\\FILMS\\Reel\\x.exr", "/mnt/z/Reel/x.exr"),
        ("//Server/share/x.exr", "/mnt/s/x.exr"),
        ("films/x.exr", "films/x.exr"),
        ("../films/x.exr", "../films/x.exr"),
        ("", ""),
    ],
)
def test_paths_by_the_rule_that_fits_best(path: str, here: str) -> None:
    assert mapped(path, RULES) == here
    assert mapped(path, RULES[::-1]) == here
    assert mapped(path, ()) == path


@given(st.text(max_size=30), st.text("/\\\\aB:", max_size=6), st.text("/aB", max_size=5), st.booleans())
def test_any_text_is_mapped_or_left(path: str, source: str, destination: str, windows: bool) -> None:
    found = mapped(path, (Rule(source, destination, windows),))
    assert found == path or found.startswith(destination.rstrip("/"))


def test_rules_of_a_scheduler(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    rule = {"source_path_format": "WINDOWS", "source_path": "Z:\\film", "destination_path": "/mnt/film a"}
    file.write_text(json.dumps({"version": "pathmapping-1.0", "path_mapping_rules": [rule]}))
    assert read_rules(file) == (Rule("Z:\\film", "/mnt/film a", windows=True),)
    file.write_text("{}")
    assert read_rules(file) == ()
    for text in ("[1]", "{", '{"path_mapping_rules": [{}]}', '{"path_mapping_rules": [{"source_path": 1}]}'):
        file.write_text(text)
        with pytest.raises(PresetError) as caught:
            read_rules(file)
        assert caught.value.problems[0].code == "CR446"
    with pytest.raises(PresetError):
        read_rules(tmp_path / "none.json")


def test_a_worker_reads_elsewhere_and_writes_the_same(
    film: Film, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Absolute paths of a place that is not there; the rules lead to a copy of the plates with its own times."""
    gone, there = tmp_path / "gone", tmp_path / "there"
    place = film.project("elsewhere", only=1)
    text = place.read_text()
    for name in ("scan", "telecine"):
        text = text.replace(f"../{name}", f"{gone.as_posix()}/{name}")
    place.write_text(text)
    there.mkdir()
    shutil.copytree(film.folder / "scan", there / "scan")
    for frame in film.folder.glob("telecine.*"):
        shutil.copy(frame, there)
    words = ["project", "task", str(place), "--unit", "SH010", "--stage", "build,curation"]
    assert main(words) == 1
    assert "CR606" in capsys.readouterr().err
    rules = tmp_path / "rules.json"
    rule = {"source_path_format": "POSIX", "source_path": str(gone), "destination_path": str(there)}
    rules.write_text(json.dumps({"version": "pathmapping-1.0", "path_mapping_rules": [rule]}))
    assert main([*words, "--path-mapping", str(rules)]) == 0
    out = place.parent
    written = [out / "presets/SH010.yaml", out / "pipeline/SH010.nk"]
    assert all(gone.as_posix() in p.read_text() for p in written)
    assert not any(
        there.as_posix() in p.read_text() for p in out.rglob("*.*") if p.suffix in (".nk", ".yaml", ".json")
    )
    project = load_project(place, out)
    mapped_project = attrs.evolve(project, rules=read_rules(rules))
    assert next(status_of(mapped_project, out)).reached == "alignment: to do"
    assert main([*words, "--path-mapping", str(rules)]) == 0
    assert "nothing to do" in capsys.readouterr().out
    # once the plates are where the presets say, nothing else than their place has changed
    there.rename(gone)
    assert next(status_of(project, out)).reached == "alignment: to do"
