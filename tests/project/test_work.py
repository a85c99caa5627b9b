"""Stages of small real shots: done once, kept while nothing changes, made again for a reason that is named."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from chroma_recovery.errors import EngineError, PathError
from chroma_recovery.preset import load
from chroma_recovery.project import STAGES, Places, Project
from chroma_recovery.project.load import load_project
from chroma_recovery.project.lock import locked
from chroma_recovery.project.own import edited_by_hand, materialise
from chroma_recovery.project.status import UnitStatus, status_of
from chroma_recovery.project.work import Work

from .conftest import Film

NOT_JUDGED = {("sh020", "validation", "to do"), ("sh030", "validation", "to do")}
GROUP = "groups:\n  - {name: sc01, shots: [sh020, sh030]}\n"
STEPS = "{median: 3, patch: 32, batch: 3, steps: 6"


def done(project: Project, out: Path, only: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Work on all units; the stages that were worked on. Shots of the scene are not judged: reports take longest."""
    return {
        n: Work(project, u, out).stages(STAGES[:-1] if u.group else STAGES)
        for n, u in project.units.items()
        if not only or n in only
    }


def left(project: Project, out: Path) -> set[tuple[str, str, str]]:
    """What is not done: unit, stage, state."""
    return {
        (u, s, at) for u, found in states(project, out).items() for s, at in found.items() if at != "done"
    }


def states(project: Project, out: Path) -> dict[str, dict[str, str]]:
    return {s.unit.name: {t.stage: t.state for t in s.stages} for s in status_of(project, out)}


def look(project: Project, out: Path, unit: str) -> UnitStatus:
    return next(s for s in status_of(project, out) if s.unit.name == unit)


def why(project: Project, out: Path, unit: str, stage: str) -> str:
    return "; ".join(next(s for s in look(project, out, unit).stages if s.stage == stage).why)


@pytest.fixture(scope="module")
def finished(film: Film) -> Path:
    """A project of one shot and a scene of two, worked through once; with what each unit did."""
    file = film.project("finished", only=3, more=GROUP)
    project = load_project(file, file.parent)
    assert set(states(project, file.parent)["sc01"].values()) == {"to do"}
    worked = done(project, file.parent)
    assert worked == {
        n: [s for s in u.stages if s != "validation" or n == "SH010"] for n, u in project.units.items()
    }
    return file


@pytest.fixture
def copy(finished: Path, film: Film) -> Path:
    """A copy to change, with plates of its own."""
    place = film.folder.parent / "copy"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(film.folder, place)
    return place / "finished" / "project.yaml"


def open_(file: Path) -> tuple[Project, Path]:
    return load_project(file, file.parent), file.parent


def test_everything_is_done_and_nothing_is_done_again(finished: Path) -> None:
    project, out = open_(finished)
    assert left(project, out) == NOT_JUDGED
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file() and p.suffix != ".lock"}
    assert done(project, out) == {"sc01": [], "SH010": [], "sh020": [], "sh030": []}
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_the_scene_trains_from_both_shots_and_both_load_its_model(finished: Path) -> None:
    project, out = open_(finished)
    facts = json.loads((out / "pipeline/03_copycat_training/sc01/sc01_v001.6.json").read_text())
    assert len(facts["pairs"]) == 6  # of 4 pairs in each shot one is held out
    assert look(project, out, "sh020").checkpoint == look(project, out, "sc01").checkpoint
    for shot, first in (("sh020", 109), ("sh030", 209)):
        frames = sorted((out / "pipeline/04_inference_render" / shot).glob("*.exr"))
        assert len(frames) == 8
        assert f"_{first:04d}.exr" in frames[0].name
    assert not (out / "pipeline/03_copycat_training/sh020").exists() or not list(
        (out / "pipeline/03_copycat_training/sh020").glob("*.safetensors")
    )


def test_the_presets_on_disk_are_what_was_read(finished: Path) -> None:
    project, out = open_(finished)
    for name, unit in project.units.items():
        assert load(Places(out).preset(name)).preset == unit.preset


def test_status_is_the_same_from_any_folder(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(finished.parent)
    project, out = load_project(Path("project.yaml"), Path()), Path()
    assert left(project, out) == NOT_JUDGED


def test_a_changed_plate_is_named_and_only_its_shot_is_stale(copy: Path) -> None:
    os.utime(copy.parent.parent / "scan/A001.0000012.exr")
    project, out = open_(copy)
    found = states(project, out)
    assert found["SH010"] == {
        "build": "done",
        "curation": "stale",
        "alignment": "stale",
        "training": "stale",
        "inference": "stale",
        "validation": "stale",
    }
    assert {one for one in left(project, out) if one[0] != "SH010"} == NOT_JUDGED
    assert "Source: A001.0000012.exr changed" in why(project, out, "SH010", "training")


def test_content_can_be_compared_instead(copy: Path) -> None:
    copy.write_text(copy.read_text().replace("fps: 24", "fps: 24\ninputs: content"))
    project, out = open_(copy)
    Work(project, project.units["SH010"], out).stages(("build", "curation"))
    os.utime(copy.parent.parent / "scan/A001.0000012.exr")
    found = states(project, out)["SH010"]
    assert (found["build"], found["curation"], found["alignment"]) == ("done", "done", "stale")


def test_more_steps_train_again_and_the_old_run_is_kept(copy: Path) -> None:
    copy.write_text(copy.read_text().replace(STEPS, STEPS.replace("6", "5")))
    project, out = open_(copy)
    assert "training.steps: 6 -> 5" in why(project, out, "SH010", "training")
    assert "its model" in why(project, out, "sh020", "inference")
    assert Work(project, project.units["SH010"], out).stages(STAGES[:4]) == ["build", "training"]
    folder = out / "pipeline/03_copycat_training/SH010"
    assert (folder / "SH010_v001.5.safetensors").is_file()
    assert not (folder / "SH010_v001.6.safetensors").exists()
    assert (folder / "superseded/001/SH010_v001.6.safetensors").is_file()
    assert look(project, out, "SH010").checkpoint.endswith("SH010_v001.5.safetensors")


def test_a_lost_frame_is_rendered_again_alone(copy: Path) -> None:
    frames = sorted((copy.parent / "pipeline/04_inference_render/sh030").glob("*.exr"))
    frames[3].unlink()
    project, out = open_(copy)
    assert why(project, out, "sh030", "inference") == f"{frames[3].name} is gone"
    kept = {f: f.stat().st_mtime_ns for f in frames if f.exists()}
    assert done(project, out, ("sh030",)) == {"sh030": ["inference"]}
    assert frames[3].is_file()
    assert {f: f.stat().st_mtime_ns for f in kept} == kept


def test_a_corrupt_state_is_named_put_aside_and_made_again(copy: Path) -> None:
    place = Places(copy.parent).state("sh030")
    place.write_text(place.read_text()[:200])
    project, out = open_(copy)
    (problem,) = look(project, out, "sh030").problems
    assert (problem.code, problem.place.endswith("state/sh030.json")) == ("CR611", True)
    assert Work(project, project.units["sh030"], out).stages(("build", "inference")) == ["build", "inference"]
    assert place.with_suffix(".json.corrupt").is_file()
    found = states(project, out)["sh030"]
    assert found == {"build": "done", "inference": "done", "validation": "to do"}


def test_a_preset_changed_by_hand_is_used_and_kept(copy: Path) -> None:
    file = Places(copy.parent).preset("SH010")
    file.write_text(file.read_text().replace("kind: telecine", "kind: telecine\n  citation: by hand"))
    project, out = open_(copy)
    assert edited_by_hand(file)
    status = look(project, out, "SH010")
    assert status.own_preset
    assert status.notes == ("its preset was changed by hand",)
    assert not materialise(project, project.units["SH010"], out)
    assert "by hand" in file.read_text()
    copy.write_text(copy.read_text().replace("spread: 4", "spread: 5"))
    project, out = open_(copy)
    assert "the project says something else since" in look(project, out, "SH010").notes[0]


def test_a_script_changed_by_hand_is_not_overwritten(copy: Path) -> None:
    script = copy.parent / "pipeline/SH010.nk"
    script.write_text(script.read_text() + "# mine\n")
    copy.write_text(copy.read_text().replace(STEPS, STEPS.replace("6", "5")))
    project, out = open_(copy)
    with pytest.raises(PathError) as caught:
        Work(project, project.units["SH010"], out).stages(("build",))
    assert [p.code for p in caught.value.problems] == ["CR602"]
    assert script.read_text().endswith("# mine\n")
    assert states(project, out)["SH010"]["build"] == "failed"
    Work(project, project.units["SH010"], out, overwrite=True).stages(("build",))
    assert not script.read_text().endswith("# mine\n")


def test_the_chunk_that_completes_the_frames_completes_the_stage(copy: Path) -> None:
    folder = copy.parent / "pipeline/04_inference_render/sh030"
    shutil.rmtree(folder)
    project, out = open_(copy)
    unit = project.units["sh030"]
    Work(project, unit, out).chunk(range(213, 217))
    assert len(list(folder.glob("*.exr"))) == 4
    assert states(project, out)["sh030"]["inference"] == "interrupted"
    with pytest.raises(EngineError) as caught:
        Work(project, unit, out).stages(("validation",))
    assert [p.code for p in caught.value.problems] == ["CR582"]
    assert "recovered frames 209-212 are missing" in str(caught.value)
    chunked = {f: f.stat().st_mtime_ns for f in folder.glob("*.exr")}
    Work(project, unit, out).chunk(range(209, 213))
    assert states(project, out)["sh030"]["inference"] == "done"
    assert len(list(folder.glob("*.exr"))) == 8
    assert {f: f.stat().st_mtime_ns for f in chunked} == chunked
    assert Work(project, unit, out).stages(("inference",)) == []


def test_two_workers_never_share_a_unit(copy: Path) -> None:
    places = Places(copy.parent)
    with (
        locked(places.lock("SH010"), "first"),
        pytest.raises(PathError) as caught,
        locked(places.lock("SH010"), "second"),
    ):
        pass
    (problem,) = caught.value.problems
    assert problem.code == "CR610"
    assert f"(first, process {os.getpid()} on " in problem.message
    with locked(places.lock("SH010"), "third"):  # free again
        pass
