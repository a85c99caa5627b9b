"""A project delivered as one: every shot and group, one manifest, the project report."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from project_making import Project, render

from chroma_recovery.cli import main
from chroma_recovery.project import Places
from chroma_recovery.project.current import Current
from chroma_recovery.project.load import load_project
from chroma_recovery.project.report import write_project_report
from chroma_recovery.project.state import Record, read_state, save_state

PROJECT = """\
project: reel3
spread: 4
shot_list: cut.csv
source: {path: "plates/{shot}.####.exr", format: {width: 64, height: 48}}
reference: {path: "dvd/{shot}.####.exr", format: {width: 64, height: 48}, kind: telecine, citation: "<Tape> 100 %"}
preset:
  crop: {box: [0, 0, 64, 48]}
  inference: {crop: [0, 0, 64, 48]}
  training: {patch: 32, steps: 40}
  validation: {match_grade: false}
  documentation: {institution: Filmoteca}
groups: [{name: sc01, scope: scene, shots: [a, b]}]
"""
SHOTS = "shot,first,last,reference_first\na,471,474,471\nb,471,474,471\nc,471,474,471\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished project of three shots, two of which share a model; ``out`` is its folder."""
    root = tmp_path_factory.mktemp("film")
    (root / "project.yaml").write_text(PROJECT)
    (root / "cut.csv").write_text(SHOTS)
    place = Project(root)
    assert main(["project", "build", str(root / "project.yaml"), "--out", str(place.out), "--json"]) == 0
    project = load_project(root / "project.yaml", place.out)
    for unit in project.units.values():
        scripts = Current.of(unit, Places(place.out), content=False).scripts
        model = place.out / scripts.recovery.plan.model_file
        model = model.with_suffix(".safetensors")
        if not unit.group:
            model.parent.mkdir(parents=True, exist_ok=True)
            model.write_bytes(unit.name.encode() * 400)
            model.with_suffix(".json").write_text("{}")
            sheet = place.pipeline / f"01_dataset_curation/QC/{unit.name}_pairs.jpg"
            sheet.parent.mkdir(parents=True, exist_ok=True)
            sheet.write_bytes(b"pairs")
        if unit.is_group:
            continue
        told = {"ModelHash": hashlib.sha256(model.read_bytes()).hexdigest(), "ModelCheckpoint": model.name}
        for node, header in (("Write_recovered", "Header_recovered"), ("Write_final", "Header_final")):
            render(place, scripts, node, header, told)
        report = place.pipeline / "05_validation" / unit.name
        report.mkdir(parents=True, exist_ok=True)
        (report / "report.html").write_text("<p>good</p>")
        (report / "report.json").write_text("{}")
        state, _ = read_state(Places(place.out).state(unit.name))
        facts = {"report": (report / "report.html").relative_to(place.out).as_posix()}
        state.record("validation", Record("done", {}, facts=facts))
        save_state(Places(place.out).state(unit.name), unit.name, state)
    write_project_report(project, place.out)
    return place


@pytest.fixture(scope="module")
def delivered(film: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("to") / "reel3"
    words = ["deliver", str(film.root / "project.yaml"), "--out", str(film.out), "--to", str(to), "--json"]
    assert main(words) == 0
    return to


def answer(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_every_shot_has_its_folder_and_there_is_one_manifest(delivered: Path) -> None:
    assert sorted(p.name for p in delivered.iterdir()) == [
        "README.txt", "ascmhl", "groups", "project", "provenance.json", "report", "shots",
    ]  # fmt: skip
    for shot in "abc":
        folder = delivered / "shots" / shot
        assert (
            len(list((folder / "masters").glob("*.exr"))) == len(list((folder / "final").glob("*.exr"))) == 4
        )
        assert (folder / "preset/resolved.json").is_file() and list((folder / "model").glob("*.safetensors"))
        said = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        assert said["shot"] == shot and said["missing"] == []
        assert all(not m["path"].startswith("shots/") for part in said["parts"].values() for m in part)
    assert not (delivered / "groups/sc01/masters").exists()
    assert list((delivered / "groups/sc01/qc").rglob("*.jpg"))
    assert len(list(delivered.rglob("*.mhl"))) == 1 and not list(delivered.rglob(".delivery*"))
    assert {p.name for p in (delivered / "project").iterdir()} == {"project.yaml", "cut.csv"}
    told = json.loads((delivered / "provenance.json").read_text(encoding="utf-8"))
    assert [s["folder"] for s in told["shots"]] == ["groups/sc01", "shots/a", "shots/b", "shots/c"]
    words = (delivered / "README.txt").read_text(encoding="utf-8")
    assert "3 shots" in words and "shots/a/" in words and "NOT IN THIS DELIVERY" not in words


def test_the_project_report_leads_to_the_reports_beside_it(delivered: Path) -> None:
    numbers = json.loads((delivered / "report/project_report.json").read_text(encoding="utf-8"))
    assert {u["name"] for u in numbers["units"]} == {"sc01", "a", "b", "c"}
    links = [u["links"]["report"] for u in numbers["units"] if u["frames"]]
    assert len(links) == 3 and all((delivered / "report" / link).resolve().is_file() for link in links)
    page = (delivered / "report/project_report.html").read_text(encoding="utf-8")
    assert all(f'href="{link}"' in page for link in links)


def test_verify_finds_one_changed_byte_in_any_shot(
    delivered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(["verify", str(delivered)], capsys)[0] == 0
    copy = tmp_path / "copy"
    shutil.copytree(delivered, copy)
    frame = sorted((copy / "shots/b/masters").glob("*.exr"))[2]
    data = bytearray(frame.read_bytes())
    data[-1] ^= 1
    frame.write_bytes(data)
    code, found = answer(["verify", str(copy)], capsys)
    assert code == 11 and found["changed"] == [frame.relative_to(copy).as_posix()]


@pytest.mark.parametrize("shot", ["a", "c"])
def test_a_frame_is_traced_within_its_own_shot(
    shot: str, delivered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = sorted((delivered / "shots" / shot / "masters").glob("*.exr"))[1]
    code, found = answer(["trace", str(frame)], capsys)
    clues = {c["what"]: c for c in found["clues"]}  # type: ignore[attr-defined]
    assert code == 0 and found["near"] == (delivered / "shots" / shot).resolve().as_posix()
    assert {clues[what]["state"] for what in ("frame", "model", "preset")} == {"holds"}
    assert f"/shots/{shot}/model/" in clues["model"]["found"]


def test_what_one_shot_lacks_is_named_with_the_shot(
    film: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "film"
    shutil.copytree(film.root, root)
    lost = sorted((root / "out/pipeline/04_inference_render/b").glob("*.exr"))[0]
    lost.unlink()
    words = ["deliver", str(root / "project.yaml"), "--out", str(root / "out"), "--to", str(tmp_path / "to")]
    code, found = answer(words, capsys)
    problems = found["problems"]
    assert code != 0 and not (tmp_path / "to").exists()
    assert [p["code"] for p in problems] == ["CR650"]  # type: ignore[attr-defined]
    assert problems[0]["message"].startswith("b: ")  # type: ignore[index]
    assert answer([*words, "--partial"], capsys)[0] == 0
    assert "NOT IN THIS DELIVERY" in (tmp_path / "to/README.txt").read_text(encoding="utf-8")
    assert answer([*words, "--steps", "5"], capsys)[0] == 1


def test_a_film_is_a_bag_too(film: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = tmp_path / "bag"
    words = ["deliver", str(film.root / "project.yaml"), "--out", str(film.out), "--to", str(to), "--bag"]
    assert answer(words, capsys)[0] == 0 and (to / "data/shots/a/masters").is_dir()
    assert answer(["verify", str(to)], capsys)[0] == 0
    frame = next((to / "data/shots/a/masters").glob("*.exr"))
    assert answer(["trace", str(frame)], capsys)[0] == 0
