"""One page for a whole project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chroma_recovery.errors import PathError
from chroma_recovery.project.model import Places
from chroma_recovery.project.report import project_report, report_html, write_project_report
from chroma_recovery.project.single import open_project
from chroma_recovery.project.state import Record, State, save_state

PROJECT = """\
project: reel3
spread: 4
source: {path: "{shot}.source.####.exr", format: {width: 96, height: 64}}
reference: {path: "{shot}.reference.####.exr", format: {width: 96, height: 64}}
shots:
  - {shot: sh010, first: 1001, last: 1008, reference_first: 1001}
  - {shot: sh020, first: 1001, last: 1008, reference_first: 1001}
  - {shot: sh030, first: 1001, last: 1008, reference_first: 1001}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "project.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    return path


def judged(out: Path, shot: str, verdict: str) -> None:
    report = f"pipeline/05_validation/{shot}/report <1>.html"
    (out / report).parent.mkdir(parents=True)
    (out / report).write_text("")
    measures = {"Colour error, Recovered": 1.25, "Colour error, MatchGrade baseline": float("nan")}
    facts = {"verdict": verdict, "measures": measures, "report": report}
    state = State({"validation": Record("done", {}, facts=facts, seconds=3.5)})
    save_state(Places(out).state(shot), shot, state)


def test_every_shot_with_verdict_numbers_and_links(file: Path) -> None:
    out = file.parent
    judged(out, "sh010", "every rule holds")
    judged(out, "sh020", "look: Luma <b>")
    project = open_project(file, out)
    page = write_project_report(project, out)
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "Luma <b>" not in text
    assert text.count("<tr><th scope=") == 3
    said = json.loads((out / "report/project_report.json").read_text(encoding="utf-8"))
    assert (said["shots"], said["passed"], said["look"]) == (3, 1, 1)
    rows = {u["name"]: u for u in said["units"]}
    assert rows["sh010"]["judged"] is True
    assert rows["sh020"]["judged"] is False
    assert rows["sh030"]["judged"] is None
    assert rows["sh010"]["measures"]["Colour error, Recovered"] == 1.25
    assert rows["sh010"]["measures"]["Colour error, MatchGrade baseline"] is None
    for name in ("sh010", "sh020"):
        assert (page.parent / rows[name]["links"]["report"]).is_file()
    assert 'href="../pipeline/05_validation/sh010/report%20%3C1%3E.html"' in text
    write_project_report(project, out)  # its own are replaced


def test_what_needs_somebody_comes_first(file: Path) -> None:
    out = file.parent
    project = open_project(file, out)
    rows = project_report(project, out)
    assert [r.complete for r in rows] == [False, False, False]
    text = report_html(project, rows)
    assert "0 of 3 shots are recovered" in text
    assert "run the job again" in text


def test_nothing_foreign_is_replaced(file: Path) -> None:
    out = file.parent
    (out / "report").mkdir()
    (out / "report/project_report.html").write_text("mine")
    with pytest.raises(PathError) as caught:
        write_project_report(open_project(file, out), out)
    assert caught.value.problems[0].code == "CR602"
    assert (out / "report/project_report.html").read_text() == "mine"
    assert not (out / "report/project_report.json").exists()
