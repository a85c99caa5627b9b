"""The probe asks everything, whatever Nuke it meets, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.errors import NukeError
from chroma_recovery.nuke_host.probe import main, probe
from chroma_recovery.nuke_host.probe_questions import QUESTIONS
from chroma_recovery.testing import FakeNuke
from chroma_recovery.testing.stub_program import write_stub

ROOT = Path(__file__).resolve().parents[2]
NOT_CALCULATED = {"ycbcr", "append_order", "log2lin", "crop_rounding"}
"""The stand-in calculates no pixels; only a Nuke answers these."""


def answers(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {a["id"]: a for a in report["answers"]}


@pytest.mark.parametrize("version", ["15.1v4", "16.1v1", "17.0v3"])
def test_a_full_edition_answers_what_needs_no_pixels(version: str) -> None:
    with FakeNuke("terminal", "nukex", version).installed() as nuke:
        report = probe(nuke)
        assert list(nuke.allNodes()) == []
    found = answers(report)
    assert list(found) == [q.name for q in QUESTIONS]
    assert {n for n, a in found.items() if a["error"]} == NOT_CALCULATED
    assert {n: a["found"] for n, a in found.items() if a["agrees"] is False} == {}
    assert (report["nuke"], report["edition"]) == (version, "nukex")


def test_what_differs_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeNuke("terminal", "nukex", "17.0v3").installed() as nuke:
        from chroma_recovery.nuke_host import probe_questions  # loaded anew with each Nuke
        from chroma_recovery.nuke_host.probe import probe

        real = probe_questions.read

        def otherwise(text: str) -> Any:
            graph = real(text)
            graph["Reference_median"].knobs["size"] = 99
            return graph

        monkeypatch.setattr(probe_questions, "read", otherwise)
        (answer,) = probe(nuke, only=["round_trip"])["answers"]
    assert answer["agrees"] is False
    assert answer["found"] == {"count": 1, "changes": ["Reference_median.size: 10 -> 99"]}


@pytest.mark.parametrize("edition", ["nc", "indie"])
def test_an_edition_with_few_nodes_answers_what_it_can(edition: str) -> None:
    with FakeNuke("gui", edition, "16.0v2").installed() as nuke:
        found = answers(probe(nuke))
    assert list(found) == [q.name for q in QUESTIONS]
    assert any("10 nodes" in a["error"] for a in found.values())


def test_a_nuke_that_lacks_everything_still_makes_a_report() -> None:
    class Bare:
        env = {"NukeVersionMajor": 99, "NukeVersionMinor": 0, "NukeVersionRelease": 1}  # noqa: RUF012
        GUI = False
        NUKE_VERSION_MAJOR, NUKE_VERSION_MINOR, NUKE_VERSION_RELEASE = 99, 0, 1

        def allNodes(self) -> list[Any]:  # noqa: N802
            return []

    report = probe(Bare())
    assert [a["id"] for a in report["answers"] if not a["error"]] == ["classes", "training_pipes"]
    assert report["answers"][0]["agrees"] is False
    json.dumps(report)


def test_a_script_with_nodes_is_left_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with FakeNuke("gui", "nukex", "15.1v4").installed() as nuke:
        nuke.createNode("Dot")
        with pytest.raises(NukeError, match="CR931"):
            probe(nuke)
        assert main(["--out", str(tmp_path / "r.json")]) == 1
        assert len(nuke.allNodes()) == 1
    assert "CR931" in capsys.readouterr().err and not (tmp_path / "r.json").exists()


def test_the_report_names_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "r.json"
    with FakeNuke("terminal", "nukex", "17.0v3").installed():
        assert main(["--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    for private in (os.path.expanduser("~"), str(tmp_path), str(ROOT)):
        assert private not in text
    assert "round_trip               as assumed" in capsys.readouterr().out


def test_in_the_stub_program(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    script = ROOT / "src/chroma_recovery/nuke_host/probe.py"
    command = [write_stub(tmp_path / "bin"), "-t", script, "--out", tmp_path / "r.json", "--only", "classes"]
    done = subprocess.run([str(w) for w in command], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["answers"][0]["agrees"] is True


def test_every_question_is_on_the_page_of_unverified_things() -> None:
    page = (ROOT / "docs" / "unverified.md").read_text(encoding="utf-8")
    assert [q.name for q in QUESTIONS if f"`{q.name}`" not in page] == []
