"""Tasks by a Nuke: a stub that prints, writes and fails as Nuke does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.cli import main
from chroma_recovery.errors import NukeError, PresetError
from chroma_recovery.farm.nuke_work import NukeWork
from chroma_recovery.farm.rendezvous import meet
from chroma_recovery.farm.switches import Switches, environment_for, remap_words, rules_said
from chroma_recovery.nuke_host.distributed import VARIABLES, all_or_none, copycat_variables
from chroma_recovery.project.mapping import Rule, read_rules
from chroma_recovery.project.single import open_project
from chroma_recovery.testing.stub_program import write_stub

from .conftest import AWKWARD

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names that Windows does not allow")


def work(nuke_project: Path, nuke: Path, **more: Any) -> NukeWork:
    out = nuke_project.parent
    project = open_project(nuke_project, out)
    return NukeWork(project, project.units["sh010"], out, Switches(nuke, **more))


def stub(folder: Path, name: str = "Nuke15.1", **settings: str) -> Path:
    environment = {f"CHROMA_RECOVERY_STUB_{k}": v for k, v in settings.items()}
    return write_stub(folder / AWKWARD, name=name, environment=environment)


def state(nuke_project: Path) -> dict[str, Any]:
    said = json.loads((nuke_project.parent / "state/sh010.json").read_text(encoding="utf-8"))
    return dict(said["stages"])


def test_a_frame_that_failed_is_the_only_one_rendered_again(nuke_project: Path, tmp_path: Path) -> None:
    good = stub(tmp_path)
    first = work(nuke_project, good)
    first.train()
    assert first.done == ["training"]
    models = sorted((nuke_project.parent / "pipeline/03_copycat_training").rglob("*.cat"))
    again = work(nuke_project, good)
    again.train()
    assert again.done == []
    assert sorted((nuke_project.parent / "pipeline/03_copycat_training").rglob("*.cat")) == models
    with pytest.raises(NukeError) as caught:
        work(nuke_project, good).finish()
    assert caught.value.problems[0].code == "CR929"
    with pytest.raises(NukeError) as caught:
        work(nuke_project, stub(tmp_path, "broken", FAIL_FRAME="1003")).render(range(1001, 1005))
    assert caught.value.problems[0].code == "CR922"
    frames = sorted((nuke_project.parent / "pipeline/04_inference_render").rglob("*.exr"))
    assert [p.name[-8:-4] for p in frames] == ["1001", "1002", "1004"]  # --cont: it went on
    before = {p: p.stat().st_mtime_ns for p in frames}
    work(nuke_project, good).render(range(1001, 1005))
    assert {p: p.stat().st_mtime_ns for p in frames} == before
    assert len(list(frames[0].parent.glob("*.exr"))) == 4
    last = work(nuke_project, good)
    last.finish()
    assert state(nuke_project)["nuke_inference"]["state"] == "done"
    assert len(state(nuke_project)["nuke_inference"]["outputs"]) == 4
    work(nuke_project, good).finish()
    # another model: everything is rendered anew
    model = nuke_project.parent / state(nuke_project)["nuke_training"]["facts"]["model"]
    model.write_bytes(b"another")
    other = work(nuke_project, good)
    other.train()
    assert other.done == ["training"]
    rendering = work(nuke_project, good)
    rendering.render(range(1001, 1005))
    assert rendering.done == ["inference"]


def test_an_interrupted_training_is_resumed(
    nuke_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = stub(tmp_path, "short", STEPS="10")
    begun = work(nuke_project, short)
    with monkeypatch.context() as patch, pytest.raises(NukeError) as caught:  # killed before it could say so
        patch.setattr(NukeWork, "_remembered", _interrupted)
        begun.train()
    assert caught.value.problems[0].code == "CR923"
    assert state(nuke_project)["nuke_training"]["state"] == "begun"
    work(nuke_project, stub(tmp_path)).train()
    runs = {p.name.split(".")[0] for p in (nuke_project.parent / "pipeline").rglob("*.cat")}
    assert len(runs) == 1  # it went on with the run that was there
    assert state(nuke_project)["nuke_training"]["facts"]["steps"] == 20
    script = nuke_project.parent / "pipeline/sh010.nk"
    assert not script.exists() or "trainingMode Resume" not in script.read_text(encoding="utf-8")


def _interrupted(begun: NukeWork, known: Any, name: str, do: Any) -> None:
    do()
    raise NukeError.at("CR923", "nuke", "was ended by signal 9")


def test_licences_are_recognised_and_said(
    nuke_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nuke = stub(tmp_path, LICENCE="missing")
    words = ["project", "task", str(nuke_project), "--unit", "sh010", "--stage", "training"]
    assert main([*words, "--progress", "openjd", "--nuke", str(nuke)]) == 3
    said = capsys.readouterr()
    assert all(line.startswith("openjd_") for line in said.out.splitlines())
    assert "openjd_fail: " in said.out
    assert "CR921" in said.out
    assert "A license for nuke_r was not found" in said.out
    assert state(nuke_project)["nuke_training"]["state"] == "failed"


@pytest.mark.parametrize("stage", ["curation", "build,training"])
def test_only_what_nuke_does(nuke_project: Path, stage: str) -> None:
    words = ["project", "task", str(nuke_project), "--unit", "sh010", "--stage", stage, "--nuke", "nuke"]
    assert main(words) == 1


WITNESS = """\
#!{python}
import json, os, pathlib, sys
with open({seen!r}, "a") as file:
    file.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
sys.exit({stub!r} != "" and os.spawnv(os.P_WAIT, {stub!r}, [{stub!r}, *sys.argv[1:]]))
"""


def witness(folder: Path, real: Path) -> tuple[Path, Path]:
    """A Nuke that notes its words and environment, then does as the stub does."""
    path, seen = folder / "witness", folder / "seen"
    path.write_text(WITNESS.format(python=sys.executable, seen=str(seen), stub=str(real)))
    path.chmod(0o755)
    return path, seen


def test_nuke_gets_its_switches_and_few_variables(
    nuke_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_SECRET", "hunter2")
    monkeypatch.setenv("NUKE_PATH", "/somebody's/plugins")
    monkeypatch.setenv("COPYCAT_RANK", "0")
    monkeypatch.setenv("SHOW", "reel3")
    path, seen = witness(tmp_path, stub(tmp_path))
    more: dict[str, Any] = {"remap": "/a,/b", "multigpu": True, "keep": ("SHOW",)}
    work(nuke_project, path, **more).train()
    work(nuke_project, path, **more).render([1001, 1002])
    (train, first), (render, _) = (json.loads(line) for line in seen.read_text().splitlines())
    assert train[:4] == ["-X", "CopyCat_sh010" if "CopyCat_sh010" in train else train[1], "-F", "1"]
    assert "--multigpu" in train
    assert "--gpu" in train
    assert "--cont" not in train
    assert train[-1].endswith("_farm.nk")
    assert render[2:4] == ["-F", "1001-1002"]
    assert render[-2:][0] == "--cont"
    assert render[render.index("--remap") + 1] == "/a,/b"
    assert "--multigpu" not in render
    assert first["SHOW"] == "reel3"
    assert not {"STUDIO_SECRET", "NUKE_PATH", *VARIABLES} & set(first)


def test_the_four_variables_together_or_not_at_all() -> None:
    all_or_none({})
    whole = copycat_variables("main", 3000, 1, 4)
    assert sorted(whole) == sorted(VARIABLES)
    all_or_none(whole)
    for name in VARIABLES:
        with pytest.raises(NukeError, match=name):
            all_or_none({k: v for k, v in whole.items() if k != name})
    for wrong in (("main", 3000, 4, 4), ("main", 3000, 0, 1), ("", 3000, 0, 2), ("main", 0, 0, 2)):
        with pytest.raises(NukeError):
            copycat_variables(*wrong)


def test_machines_meet_or_say_who_did_not_come(tmp_path: Path) -> None:
    found: dict[int, tuple[str, int]] = {}

    def come(rank: int) -> None:
        found[rank] = meet(tmp_path, rank=rank, ranks=3, port=3000 + rank, patience=20)

    threads = [threading.Thread(target=come, args=(r,)) for r in (2, 0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(found.values())) == 1
    assert found[0][1] == 3000
    assert not list(tmp_path.iterdir())
    with pytest.raises(NukeError, match=r"1 of 3 machines came.*missing: rank 0, 2") as caught:
        meet(tmp_path, rank=1, ranks=3, port=1, patience=0.2)
    assert caught.value.problems[0].code == "CR933"
    assert not list(tmp_path.iterdir())


def test_two_ranks_train_with_all_four_variables(nuke_project: Path, tmp_path: Path) -> None:
    path, seen = witness(tmp_path, stub(tmp_path))
    works = [work(nuke_project, path, ranks=2, rank=r, patience=60) for r in (0, 1)]
    errors: list[BaseException] = []

    def go(one: NukeWork) -> None:
        try:
            one.train()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=go, args=(w,)) for w in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert errors == []
    starts = [json.loads(line) for line in seen.read_text().splitlines()]
    assert sorted(env["COPYCAT_RANK"] for _, env in starts) == ["0", "1"]
    assert {env["COPYCAT_WORLD_SIZE"] for _, env in starts} == {"2"}
    assert len({env["COPYCAT_MAIN_ADDR"] for _, env in starts}) == 1
    assert starts[0][0] == starts[1][0]  # the same script and node everywhere
    assert state(nuke_project)["nuke_training"]["state"] == "done"


def test_path_mapping_becomes_remap(tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rule = {"source_path_format": "WINDOWS", "source_path": "Z:\\film", "destination_path": "/mnt/film a"}
    rules.write_text(json.dumps({"version": "pathmapping-1.0", "path_mapping_rules": [rule]}))
    assert remap_words(read_rules(rules), "/x,/y") == "/x,/y,Z:/film,/mnt/film a"
    rules.write_text("{}")
    assert remap_words(read_rules(rules)) == ""
    assert rules_said("/x,/y") == (Rule("/x", "/y"),)
    for words in (lambda: remap_words((Rule("a,b", "c"),)), lambda: rules_said("/x")):
        with pytest.raises(PresetError) as caught:
            words()
        assert caught.value.problems[0].code == "CR446"


def test_the_environment_is_what_is_named() -> None:
    said = {"PATH": "p", "A": "1", "B": "2", "foundry_LICENSE": "4101@host", "LC_ALL": "C", "PYTHONPATH": "x"}
    assert environment_for(("B",), said) == {
        "PATH": "p", "B": "2", "foundry_LICENSE": "4101@host", "LC_ALL": "C",
    }  # fmt: skip


def test_a_whole_nuke_job_by_openjd(nuke_project: Path, tmp_path: Path) -> None:
    """Both shots, killed at a frame and run again; then the report names both."""
    openjd = Path(sys.executable).with_name("openjd")
    if not openjd.exists():
        pytest.skip("openjd-cli is not installed")
    folder = nuke_project.parent
    program = folder / "the program"
    source = Path(__file__).parents[2] / "src"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{source}" exec "{sys.executable}" -m chroma_recovery.cli "$@"\n'
    )
    program.chmod(0o755)
    nuke = stub(tmp_path, "crashes", CRASH_FRAME="1003")
    words = ["job", str(nuke_project), "--to", str(folder / "job"), "--flavour", "nuke", "--chunk", "4"]
    assert main([*words, "--by", "stage", "--program", str(program), "--nuke", str(nuke)]) == 0
    values = f"file://{folder / 'job/parameters.json'}"
    command = [str(openjd), "run", str(folder / "job/template.yaml"), "--job-param", values]
    subprocess.run([str(openjd), "check", str(folder / "job/template.yaml")], check=True, capture_output=True)
    died = subprocess.run(command, capture_output=True, text=True, check=False)
    assert died.returncode != 0
    assert "openjd_fail" in died.stdout + died.stderr
    frames = sorted(folder.glob("pipeline/04_inference_render/sh010/*.exr"))
    assert len(frames) == 2
    models = {p: p.stat().st_mtime_ns for p in folder.rglob("*.cat")}
    before = {p: p.stat().st_mtime_ns for p in frames} | models
    healthy = stub(tmp_path, "healthy")
    nuke.write_text(healthy.read_text())
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert {p: p.stat().st_mtime_ns for p in before} == before  # nothing complete was made again
    assert len(list(folder.glob("pipeline/04_inference_render/*/*.exr"))) == 8
    report = json.loads((folder / "report/project_report.json").read_text(encoding="utf-8"))
    assert (report["shots"], report["done"]) == (2, 2)
    assert not list(folder.rglob("pwned")) and not Path("pwned").exists()
