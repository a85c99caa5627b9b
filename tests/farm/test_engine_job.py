"""Tasks by the built-in engine, run by ``openjd`` as a farm would: killed, run again, the same results."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from chroma_recovery.cli import main
from chroma_recovery.engine.files import read_image

from .conftest import footage

OPENJD = Path(sys.executable).with_name("openjd")
STAGES = ("build", "training", "inference")

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="SIGKILL, and names that Windows does not allow"),
    pytest.mark.skipif(not OPENJD.exists(), reason="openjd-cli is not installed"),
]


def results(folder: Path) -> dict[str, str]:
    """Digests of the models and of the pixels of frames, by name."""
    found = {}
    for path in sorted(folder.rglob("pipeline/**/*")):
        if path.suffix == ".exr":
            found[path.name] = hashlib.sha256(read_image(path).image.rgb().tobytes()).hexdigest()
        elif re.search(r"\.[0-9]+\.safetensors$", path.name):
            found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def program(folder: Path) -> Path:
    """The command, as a program whose name has a blank."""
    place, source = folder / "the program", Path(__file__).parents[2] / "src"
    lines = ["#!/bin/sh", "export OMP_NUM_THREADS=1", f'export PYTHONPATH="{source}"']
    place.write_text("\n".join([*lines, f'exec "{sys.executable}" -m chroma_recovery.cli "$@"', ""]))
    place.chmod(0o755)
    return place


def job(project_file: Path) -> list[str]:
    """Write the job; the command that renders every shot, with what that needs."""
    folder = project_file.parent
    words = ["job", str(project_file), "--to", str(folder / "job"), "--program", str(program(folder))]
    assert main([*words, "--by", "stage", "--chunk", "4"]) == 0
    template, values = (str(folder / "job" / n) for n in ("template.yaml", "parameters.json"))
    command = [str(OPENJD), "run", template, "--job-param", f"file://{values}"]
    return [*command, "--step", "infer", "--run-dependencies"]


def test_killed_and_run_again(project_file: Path, tmp_path: Path) -> None:
    folder = project_file.parent
    command = job(project_file)
    models = folder / "pipeline/03_copycat_training"
    log = tmp_path / "first.log"
    with log.open("wb") as said:
        runner = subprocess.Popen(command, stdout=said, stderr=said)
    ready = models / "sh020/sh020_v001.10.json"
    until = time.monotonic() + 300
    while not ready.exists() and runner.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    assert runner.poll() is None, log.read_text()[-3000:]
    runner.kill()
    runner.wait()
    worker = (folder / "state/sh020.lock").read_text()
    if worker:
        with suppress(ProcessLookupError):
            os.kill(json.loads(worker)["pid"], signal.SIGKILL)
    assert re.search(r"openjd_progress: \d", log.read_text())
    assert "openjd_status: training" in log.read_text()
    before = {p: p.stat().st_mtime_ns for p in (models / "sh010").glob("*.safetensors")}
    before[ready] = ready.stat().st_mtime_ns
    assert len(before) > 2
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]
    assert {p: p.stat().st_mtime_ns for p in before} == before  # sh010 stays, sh020 went on from there
    assert again.stdout.count("nothing to do") >= 3  # prepare of both, training of sh010
    # the same as without any farm, and without being stopped, with as many threads
    whole = tmp_path / "whole"
    film = footage(whole)
    for unit in ("sh010", "sh020"):
        words = ["project", "task", str(film), "--unit", unit, "--stage", ",".join(STAGES)]
        alone = [sys.executable, "-m", "chroma_recovery.cli", *words]
        subprocess.run(alone, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert results(folder) == results(whole)
    assert len([name for name in results(folder) if name.endswith(".exr")]) == 8
    # the report says what is left, and fails the task until it is done
    assert main(["project", "report", str(project_file), "--progress", "openjd"]) == 3
    report = json.loads((folder / "report/project_report.json").read_text(encoding="utf-8"))
    assert (report["shots"], report["done"]) == (2, 0)
    assert [u["complete"] for u in report["units"]] == [False, False]
    assert not list(tmp_path.rglob("pwned"))
    assert not Path("pwned").exists()


def test_a_polite_stop_keeps_what_is_done(project_file: Path) -> None:
    """A scheduler that cancels sends SIGTERM and waits; the training saves where it is."""
    folder = project_file.parent
    text = project_file.read_text(encoding="utf-8").replace("steps: 20, checkpoint_every: 5", "steps: 9000")
    project_file.write_text(text, encoding="utf-8")
    words = ["project", "task", str(project_file), "--unit", "sh010", "--stage", "build,training"]
    with subprocess.Popen(
        [sys.executable, "-m", "chroma_recovery.cli", *words, "--progress", "openjd"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as task:
        assert task.stdout is not None
        for line in task.stdout:
            if line.startswith("openjd_status: training"):
                break
        task.terminate()
        out, _ = task.communicate(timeout=120)
    assert task.returncode == 130
    assert "openjd_fail: stopped" in out
    assert list((folder / "pipeline/03_copycat_training/sh010").glob("*.optimiser.safetensors"))


def test_rules_of_the_scheduler_lead_to_the_plates(project_file: Path, tmp_path: Path) -> None:
    """Absolute paths of the machine that made the job; the worker has the plates elsewhere. A build shows it."""
    folder = project_file.parent
    text = project_file.read_text(encoding="utf-8")
    project_file.write_text(text.replace('"plates/', '"/nowhere/a reel/'), encoding="utf-8")
    assert (
        main(["job", str(project_file), "--to", str(folder / "job"), "--program", "x", "--flavour", "nuke"])
        == 0
    )
    command = [str(OPENJD), "run", str(folder / "job/template.yaml"), "--step", "sh010_prepare"]
    values = json.loads((folder / "job/parameters.json").read_text(encoding="utf-8"))
    values["Program"] = str(program(folder))
    (folder / "job/parameters.json").write_text(json.dumps(values), encoding="utf-8")
    command += ["--job-param", f"file://{folder / 'job/parameters.json'}"]
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert failed.returncode != 0
    assert "CR606" in failed.stdout
    rule = {"source_path_format": "POSIX", "source_path": "/nowhere/a reel"}
    rules = {
        "version": "pathmapping-1.0",
        "path_mapping_rules": [{**rule, "destination_path": str(folder / "plates")}],
    }
    (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    command += ["--path-mapping-rules", f"file://{tmp_path / 'rules.json'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "/nowhere/a reel/sh010.source" in (folder / "pipeline/sh010.nk").read_text(encoding="utf-8")
