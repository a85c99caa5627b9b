"""Runs on this machine: stopped, killed and failing shots. Workers are real processes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.engine.files import read_image
from chroma_recovery.project.load import load_project
from chroma_recovery.project.local import Result, run_project

from .conftest import Film

STAGES = ("build", "training", "inference")
PROGRAM = [sys.executable, "-m", "chroma_recovery.cli"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def run(file: Path, *more: str) -> list[str]:
    stages = ",".join(STAGES[1:])
    return [*PROGRAM, "run", str(file), "--out", str(file.parent), "--jobs", "2", "--stages", stages, *more]


def results(folder: Path) -> dict[str, str]:
    """Digests of models and of the pixels of frames, by name."""
    found = {}
    for path in sorted(folder.rglob("pipeline/**/*")):
        if path.suffix == ".exr":
            found[path.name] = hashlib.sha256(read_image(path).image.rgb().tobytes()).hexdigest()
        elif re.search(r"\.[0-9]+\.safetensors$", path.name) and "superseded" not in path.parts:
            found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


DYING = """\
import os, re, signal

moment, real = re.compile(os.environ["KILL_AT"]), {}

def dying(name):
    def move(source, target, **more):
        if moment.search(os.fspath(target)):
            os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        return real[name](source, target, **more)
    return move

for name in ("replace", "link"):
    real[name] = getattr(os, name)
    setattr(os, name, dying(name))
"""
"""Python loads this at its start as ``sitecustomize``: a worker that is about to give a file its name kills its runner
and itself."""


def killed_at(moment: str, file: Path, place: Path) -> None:
    """A run whose first worker that writes a file of that name is killed with its runner before the file is there."""
    (place / "sitecustomize.py").write_text(DYING)
    found = os.pathsep.join([str(place), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**ENVIRONMENT, "PYTHONPATH": found, "KILL_AT": moment}
    done = subprocess.run(run(file), env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def finish(file: Path) -> dict[str, Any]:
    """Run to the end; what became of the one shot."""
    said = subprocess.run(run(file, "--json"), env=ENVIRONMENT, capture_output=True, text=True, check=False)
    unit = json.loads(said.stdout)["units"]["SH010"]
    assert isinstance(unit, dict)
    return unit


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_killed_and_started_again_gives_the_same_and_redoes_nothing(film: Film, tmp_path: Path) -> None:
    whole = film.project("whole", only=1)
    subprocess.run(run(whole), env=ENVIRONMENT, check=True, capture_output=True)
    broken = film.project("broken", only=1)
    folder = broken.parent
    model = folder / "pipeline/03_copycat_training/SH010"
    killed_at(r"SH010_v001\.6\.json$", broken, tmp_path)  # the checkpoint is there, and does not count yet
    assert (model / "SH010_v001.6.safetensors").is_file()
    began = (model / "SH010_v001.3.json").stat().st_mtime_ns
    killed_at(r"SH010_v001_CopyCat6_0012\.exr$", broken, tmp_path)
    assert (model / "SH010_v001.3.json").stat().st_mtime_ns == began  # went on from there
    assert list(folder.rglob("*.part.*"))
    frames = folder / "pipeline/04_inference_render/SH010"
    finished = {p: p.stat().st_mtime_ns for p in frames.glob("*.exr") if not p.name.startswith(".")}
    assert [p.name[-8:-4] for p in sorted(finished)] == ["0009", "0010", "0011"]
    unit = finish(broken)
    assert (unit["state"], unit["stages"], unit["note"]) == ("done", ["inference"], "")
    assert {p: p.stat().st_mtime_ns for p in finished} == finished
    assert results(folder) == results(whole.parent)
    assert len(results(folder)) == 2 + 8
    assert not list(folder.rglob("*.part.*"))
    # a runner that is gone leaves no lock behind
    assert finish(broken)["state"] == "unchanged"


def test_a_worker_stops_when_its_runner_is_gone(film: Film) -> None:
    file = film.project("orphan", only=1)
    text = file.read_text().replace("steps: 6", "steps: 4000")
    text = text.replace("spread: 4", "spread: 2").replace(
        "batch: 3", "batch: 2"
    )  # too few to rehearse: goes on
    file.write_text(text)
    words = [
        "project",
        "task",
        str(file),
        "--unit",
        "SH010",
        "--stage",
        "build,training",
        "--progress",
        "lines",
    ]
    with subprocess.Popen(
        [*PROGRAM, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdin is not None
        for line in worker.stdout:
            said = json.loads(line)
            if said.get("title") == "training" and said["done"] > 0:
                break
        worker.stdin.close()
        worker.stdin = None
        worker.communicate(timeout=120)
        assert worker.returncode == 130
    saved = file.parent / "pipeline/03_copycat_training/SH010"
    assert list(saved.glob("*.optimiser.safetensors"))  # what it had is kept


def test_a_failing_shot_stops_only_those_that_need_its_model(film: Film) -> None:
    """Scripts that somebody changed fail the build: no engine is needed to see what happens then."""
    file = film.project("failing", only=5, more="groups:\n  - {name: sc01, shots: [sh020, sh030]}\n")
    out = file.parent
    for name in ("sc01", "sh040"):
        (out / "pipeline").mkdir(exist_ok=True)
        (out / f"pipeline/{name}.nk").write_text("mine\n")
    told: list[Result] = []
    found = run_project(load_project(file, out), out, jobs=2, stages=("build",), ended=told.append)
    assert {r.unit: r.state for r in found} == {
        "sc01": "failed",
        "SH010": "done",
        "sh020": "waiting",
        "sh030": "waiting",
        "sh040": "failed",
        "sh050": "done",
    }
    by_name = {r.unit: r for r in found}
    assert sorted(by_name) == sorted(r.unit for r in told)
    assert "CR602" in by_name["sc01"].note
    assert by_name["sh020"].note == "its group sc01 failed"
    assert (out / "pipeline/sc01.nk").read_text() == "mine\n"
    again = run_project(load_project(file, out), out, jobs=2, stages=("build",), only=("SH010",))
    assert [(r.unit, r.state) for r in again] == [("SH010", "unchanged")]


def test_two_runs_in_one_folder(film: Film) -> None:
    from chroma_recovery.project import Places
    from chroma_recovery.project.lock import locked

    file = film.project("two_runs", only=1)
    with locked(Places(file.parent).lock(), "runs the project"):
        done = subprocess.run(run(file), env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert "CR610" in done.stderr
    assert f"process {os.getpid()} on" in done.stderr
    assert done.returncode == 1
