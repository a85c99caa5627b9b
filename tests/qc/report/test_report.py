"""The three files of a report: what they hold, that they are valid, and that nothing in them can do harm."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest

from chroma_recovery.errors import PathError, Problem
from chroma_recovery.qc.report import Report, frames_csv, report_schema, write_report
from chroma_recovery.qc.results import Column, FrameRow, Measure, Outlier, ShotMeasures
from chroma_recovery.qc.verdict import number, verdict_of


@pytest.fixture(scope="module")
def written(make_report: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(make_report(), tmp_path_factory.mktemp("report")).parent


def test_the_schema_is_one_and_the_report_keeps_it(written: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(report_schema())
    said = json.loads((written / "report.json").read_text())
    jsonschema.validate(said, report_schema(), cls=jsonschema.Draft202012Validator)
    assert said["shot"] == "sh010" and len(said["frames"]) == 48 and said["passed"] is True
    assert next(m for m in said["measures"] if m["code"] == "Q105")["value"] is None  # it was infinite


def test_the_schema_refuses_what_is_not_in_it(written: Path) -> None:
    said = json.loads((written / "report.json").read_text())
    for spoiled in (
        said | {"more": 1},
        said | {"passed": "yes"},
        {k: v for k, v in said.items() if k != "verdict"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoiled, report_schema(), cls=jsonschema.Draft202012Validator)


def test_an_empty_report_is_valid_too(tmp_path: Path) -> None:
    nothing = ShotMeasures(())
    page = write_report(Report("sh", verdict_of("sh", nothing), nothing), tmp_path)
    said = json.loads((tmp_path / "report.json").read_text())
    jsonschema.validate(said, report_schema(), cls=jsonschema.Draft202012Validator)
    assert said["verdict"]["state"] == "open" and not (tmp_path / "frames.csv").exists()
    assert "<h2>Pictures" not in page.read_text()


def test_every_frame_is_a_line_of_the_table(written: Path) -> None:
    rows = list(csv.reader(io.StringIO((written / "frames.csv").read_text())))
    assert rows[0] == ["frame", "dE_next", "SATAVG", "outlier"] and len(rows) == 49
    assert rows[8][0] == "1008" and rows[8][3] == "Q401" and float(rows[8][1]) == pytest.approx(1.4)


def test_no_cell_is_a_formula() -> None:
    evil = ShotMeasures(
        (),
        (Column("=HYPERLINK(1)", "", ""),),
        (FrameRow(1, {"=HYPERLINK(1)": -2.0}), FrameRow(2, {})),
        (Outlier(1, "=cmd", "x", 1, 1, ""),),
    )
    rows = list(csv.reader(io.StringIO(frames_csv(evil))))
    assert rows[0][1] == "'=HYPERLINK(1)" and rows[1] == ["1", "-2", "'=cmd"] and rows[2][1] == ""


def test_everything_that_came_from_outside_is_escaped(make_report: Any, nasty: str, tmp_path: Path) -> None:
    attribute = '"><img src=x onerror=alert(1)>'
    spoiled = ShotMeasures(
        (Measure(nasty, 1.0, nasty, nasty, False, nasty, "Q101"),),
        (Column(attribute, nasty, nasty, nasty),),
        (FrameRow(1, {attribute: 1.0}), FrameRow(2, {attribute: 2.0})),
        (Outlier(1, nasty, attribute, 2.0, 1.0, nasty),),
        nasty,
    )
    made = attrs.evolve(
        make_report(),
        shot=nasty,
        verdict=verdict_of(nasty, spoiled),
        measured=spoiled,
        about=nasty,
        citation=nasty,
        constructed=True,
        settings={nasty: attribute},
        documentation={nasty: nasty},
        findings=(Problem("CR1", nasty, nasty, nasty),),
        pairs=({nasty: attribute},),
    )
    page = write_report(made, tmp_path).read_text()
    assert nasty not in page and "<img src=x" not in page
    assert len(re.findall(r"<script\b", page)) == 1  # our own


def test_nothing_is_loaded_from_anywhere(written: Path) -> None:
    page = (written / "report.html").read_text()
    assert "http:" not in page and "https:" not in page and "//" not in re.sub(r"base64,[^\"]*", "", page)
    assert "default-src 'none'" in page and "unsafe-eval" not in page
    assert "script-src 'unsafe-inline'" not in page
    assert set(re.findall(r'(?:src|href)="([^"]{0,11})', page)) <= {
        "data:image/",
        *re.findall(r'href="(#[^"]{0,10})', page),
    }


def test_ids_are_unique(written: Path) -> None:
    ids = re.findall(r'\sid="([^"]+)"', (written / "report.html").read_text())
    assert len(ids) == len(set(ids))


def test_a_report_is_not_replaced_unasked(make_report: Any, tmp_path: Path) -> None:
    write_report(make_report(), tmp_path)
    with pytest.raises(PathError):
        write_report(make_report(broken=True), tmp_path)
    assert "needs a look" in write_report(make_report(broken=True), tmp_path, overwrite=True).read_text()


def test_the_first_line_names_the_deciding_rule(make_report: Any) -> None:
    verdict = make_report(broken=True).verdict
    assert verdict.headline == "sh010 needs a look: “Chroma flicker” breaks its rule."
    assert "Q401 Chroma flicker: it is 0.9 dE" in verdict.rule and "at most 0.6" in verdict.rule
    assert make_report().verdict.headline == "sh010 passes: all 3 rules hold."
    assert "Frame 1008 stands out" in make_report().verdict.rule
    unjudged = verdict_of("sh010", ShotMeasures((Measure("Luma", 0.0, "", "at most 1", True, code="Q101"),)))
    assert unjudged.state == "open" and "held out" in unjudged.rule


@pytest.mark.parametrize(
    ("count", "end"), [(0, "applies holds."), (3, "1001, 1002, 1003."), (9, "1004 and more.")]
)
def test_the_first_lines_name_the_frames_to_look_at(make_report: Any, count: int, end: str) -> None:
    measured = make_report().measured
    one = measured.outliers[0]
    frames = [attrs.evolve(one, frame=1001 + n) for n in range(count) for _ in range(2)]
    verdict = verdict_of("sh010", attrs.evolve(measured, outliers=tuple(frames)))
    assert verdict.state == "passes" and verdict.rule.endswith(end)
    assert ("what stands out" in verdict.advice) == bool(count)


def test_checklists_say_what_was_not_measured(make_report: Any) -> None:
    answers = {a.text: a for c in make_report(broken=True).checklists for a in c.answers}
    assert answers["Luma identity: difference of Y near zero"].state == "yes"
    assert answers["Colour is consistent within the scene"].state == "no"
    assert "1008" in answers["Colour is consistent within the scene"].evidence
    assert answers["Training parameters"].state == "see"
    assert answers["No retimes"].state == "open" and "not measured" in answers["No retimes"].evidence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (-12.345, "-12.3"),
        (3.1e-7, "3.1 × 10⁻⁷"),
        (99999.6, "100000"),
        (float("inf"), "∞"),
    ],
)
def test_numbers_read_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text
