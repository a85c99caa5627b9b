"""Bundles: valid by the specification's own library, and every task runs exactly the words that were meant."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from chroma_recovery.cli import main
from chroma_recovery.errors import PathError, StageError
from chroma_recovery.farm import openjd
from chroma_recovery.farm.exporting import write_files
from chroma_recovery.farm.job import Job, Step, Varied
from chroma_recovery.farm.making import Wishes, chunks, job_of
from chroma_recovery.project.single import open_project

pytest.importorskip("openjd.model")
from openjd.model import (
    StepDependencyGraph,
    StepParameterSpaceIterator,
    SymbolTable,
    create_job,
    decode_job_template,
    preprocess_job_parameters,
)

GOLDEN = Path(__file__).parents[1] / "golden/farm"


def decoded(files: Mapping[str, str], folder: Path) -> Any:
    """The job as a scheduler makes it of template and values."""
    template = decode_job_template(template=yaml.safe_load(files["template.yaml"]))
    values = {
        p["name"]: p["value"] for p in yaml.safe_load(files["parameter_values.yaml"])["parameterValues"]
    }
    assert values == json.loads(files["parameters.json"])
    known = preprocess_job_parameters(
        job_template=template,
        job_parameter_values=values,
        job_template_dir=folder,
        current_working_dir=folder,
    )
    return create_job(job_template=template, job_parameter_values=known)


def argvs(made: Any, step: Any) -> Iterator[list[str]]:
    """The words of every task of a step, resolved as a session does."""
    space = step.parameterSpace
    for values in StepParameterSpaceIterator(space=space) if space is not None else [{}]:
        table = SymbolTable()
        for name, parameter in (made.parameters or {}).items():
            table[f"Param.{name}"] = parameter.value
        for name, value in values.items():
            table[f"Task.Param.{name}"] = value.value
        table["Session.PathMappingRulesFile"] = ""
        action = step.script.actions.onRun
        yield [word.resolve(symtab=table) for word in (action.command, *(action.args or ()))]


def same(job: Job, made: Any) -> None:
    """Every task of the bundle runs what the job says, in an order that works."""
    assert [s.name for s in made.steps] == [s.name for s in job.steps]
    for ours, theirs in zip(job.steps, made.steps, strict=True):
        assert list(argvs(made, theirs)) == list(job.argvs(ours)), ours.name
        assert {d.dependsOn for d in theirs.dependencies or ()} == set(ours.needs)
    order = [s.name for s in StepDependencyGraph(job=made).topo_sorted()]
    assert sorted(order) == sorted(s.name for s in job.steps)


def test_golden_files(job: Job) -> None:
    for name, text in openjd.bundle(job).items():
        assert (GOLDEN / "openjd" / name).read_text(encoding="utf-8") == text, name


def test_a_scheduler_runs_the_words_that_were_meant(job: Job, tmp_path: Path) -> None:
    same(job, decoded(openjd.bundle(job), tmp_path))


@pytest.mark.parametrize("flavour", ["engine", "nuke"])
@pytest.mark.parametrize("by", ["unit", "stage"])
@pytest.mark.parametrize("grouped", [False, True])
def test_jobs_of_projects(project_file: Path, flavour: str, by: str, grouped: bool) -> None:
    if grouped:
        text = project_file.read_text(encoding="utf-8") + "groups:\n  - {name: sc01, shots: [sh020]}\n"
        project_file.write_text(text.replace("[sh020]", "['sh*']"), encoding="utf-8")
    project = open_project(project_file, project_file.parent)
    job = job_of(
        project, project_file.parent, Wishes(flavour=flavour, by=by, chunk=2, variables={"A": "b c"})
    )
    made = decoded(openjd.bundle(job), project_file.parent)
    same(job, made)
    # every stage of every shot comes once, behind what it needs
    done: set[str] = set()
    for step in job.steps:
        assert set(step.needs) <= done
        done.add(step.name)
    training = [t["Unit"] for s in job.steps if "train" in s.name for t in s.tasks]
    assert training == (["sc01"] if grouped else ["sh010", "sh020"])
    rendered = [(t["Unit"], t["Frames"]) for s in job.steps for t in s.tasks if "Frames" in t]
    assert rendered == [(u, f) for u in ("sh010", "sh020") for f in ("1001-1002", "1003-1004")]
    assert job.steps[-1].name == "report"


def test_a_single_preset_is_a_project_of_one_shot(project_file: Path) -> None:
    out = project_file.parent
    project = open_project(project_file, out)
    preset = out / "one.yaml"
    preset.write_text(
        "extends: shot\nshot: one\nsource: {path: plates/sh010.source.####.exr, first: 1001, last: 1004}\n"
        "reference: {path: plates/sh010.reference.####.exr, first: 1001, last: 1004}\n"
        "pairs: [1001, 1002, 1003, {source: 1004, hold_out: true}]\ntraining: {steps: 20, batch: 2}\n",
        encoding="utf-8",
    )
    single = open_project(preset, out / "elsewhere")
    assert list(single.units) == ["one"]
    assert single.units["one"].frames == (1001, 1004)
    job = job_of(single, out / "elsewhere", Wishes())
    assert [s.name for s in job.steps] == ["one_prepare", "one_train", "one_infer", "one_qc", "report"]
    from chroma_recovery.project.work import Work

    Work(single, single.units["one"], out / "elsewhere").stages(("build",))
    script = (out / "elsewhere/pipeline/one.nk").read_text(encoding="utf-8")
    assert "file ../plates/sh010.source.####.exr" in script
    assert len(project.units) == 2


def test_many_tasks_are_split_as_the_specification_allows(job: Job, tmp_path: Path) -> None:
    tasks = tuple({"Unit": f"sh{n:05d}"} for n in range(2500))
    step = Step("infer", ("project", "--unit", Varied("Unit")), tasks)
    many = attrs.evolve(job, steps=(step, Step("report", ("project",), needs=("infer",))))
    made = decoded(openjd.bundle(many), tmp_path)
    assert [s.name for s in made.steps] == ["infer_1", "infer_2", "infer_3", "report"]
    assert {d.dependsOn for d in made.steps[-1].dependencies} == {"infer_1", "infer_2", "infer_3"}
    assert [a for s in made.steps[:3] for a in argvs(made, s)] == list(many.argvs(step))


def test_what_a_worker_needs_is_asked_for(job: Job) -> None:
    steps = yaml.safe_load(openjd.bundle(job)["template.yaml"])["steps"]
    amounts = {a["name"]: a["min"] for a in steps[0]["hostRequirements"]["amounts"]}
    assert amounts == {
        "amount.worker.gpu": 1,
        "amount.worker.gpu.memory": 16384,
        "amount.worker.memory": 8192,
    }
    assert "hostRequirements" not in steps[2]


def test_tasks_that_must_run_together_are_refused(job: Job) -> None:
    together = attrs.evolve(job.steps[0], ranks=2)
    with pytest.raises(StageError) as caught:
        openjd.bundle(attrs.evolve(job, steps=(together,)))
    assert caught.value.problems[0].code == "CR442"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"program": "a\nb"}, "CR440"),
        ({"variables": {"A-B": ""}}, "CR440"),
        ({"variables": {"A": "{{Param.Out}}"}}, "CR440"),
        ({"name": "{{x}}"}, "CR440"),
        ({"program": "p" * 2000}, "CR443"),
    ],
)
def test_what_a_template_cannot_hold_is_refused(job: Job, change: dict[str, Any], code: str) -> None:
    with pytest.raises(StageError) as caught:
        openjd.bundle(attrs.evolve(job, **change))
    assert {p.code for p in caught.value.problems} == {code}


def test_steps_out_of_order_are_refused(job: Job) -> None:
    with pytest.raises(StageError) as caught:
        openjd.bundle(attrs.evolve(job, steps=(*reversed(job.steps), job.steps[0])))
    assert {p.code for p in caught.value.problems} == {"CR441"}


def test_nothing_of_the_environment_is_sent(
    project_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STUDIO_SECRET", "hunter2")
    bundle = project_file.parent / "job"
    words = ["job", str(project_file), "--to", str(bundle), "--env", "OCIO=/x y/config.ocio", "--json"]
    assert main(words) == 0
    said = json.loads(capsys.readouterr().out)
    texts = {p: Path(p).read_text(encoding="utf-8") for p in said["files"]}
    assert len(texts) == 4
    assert not any("hunter2" in t or "STUDIO_SECRET" in t for t in texts.values())
    template = yaml.safe_load((bundle / "template.yaml").read_text(encoding="utf-8"))
    assert template["jobEnvironments"] == [{"name": "Variables", "variables": {"OCIO": "/x y/config.ocio"}}]
    # a bundle of Deadline Cloud: folders that tasks read and write, all absolute
    assets = yaml.safe_load((bundle / "asset_references.yaml").read_text(encoding="utf-8"))["assetReferences"]
    assert set(assets) == {"inputs", "outputs", "referencedPaths"}
    folders = [*assets["inputs"]["directories"], *assets["outputs"]["directories"]]
    assert all(Path(f).is_dir() and Path(f).is_absolute() for f in folders)
    assert any(f.endswith("/plates") for f in folders)


def test_a_job_is_not_overwritten_unasked(job: Job, tmp_path: Path) -> None:
    files = openjd.bundle(job)
    write_files(files, tmp_path)
    write_files(files, tmp_path)  # the same again is no change
    other = openjd.bundle(attrs.evolve(job, program="another"))
    with pytest.raises(PathError) as caught:
        write_files(other, tmp_path)
    assert {p.code for p in caught.value.problems} == {"CR602"}
    assert (tmp_path / "parameters.json").read_text() == files["parameters.json"]
    write_files(other, tmp_path, overwrite=True)
    assert "another" in (tmp_path / "parameters.json").read_text()


def test_chunks_are_balanced_and_whole() -> None:
    for first, last, size in ((1, 10, 4), (1001, 1001, 10), (0, 99, 7), (5, 9, 100)):
        found = list(chunks((first, last), size))
        assert [f for a, b in found for f in range(a, b + 1)] == list(range(first, last + 1))
        lengths = {b - a + 1 for a, b in found}
        assert max(lengths) <= size
        assert max(lengths) - min(lengths) <= 1
