"""``project`` on the command line: what needs no engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chroma_recovery.cli import main
from chroma_recovery.cli.parser import parser
from chroma_recovery.frames import parse_frames
from chroma_recovery.project.load import load_project

from .conftest import Film


def said(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, object]:
    capsys.readouterr()
    assert main([*words, "--json"]) == code
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_new_list_build_status_and_tasks(film: Film, capsys: pytest.CaptureFixture[str]) -> None:
    place = film.folder / "command"
    file = place / "reel.yaml"
    patterns = ("--source", "../scan/{reel}.#######.exr", "--reference", "../telecine.####.exr")
    made = said(
        ["project", "new", str(film.folder / "cut.edl"), str(file), "--name", "reel", *patterns], capsys
    )
    assert made["shots"] == list(film.shots)
    text = file.read_text()
    said(["project", "new", str(film.folder / "cut.edl"), str(file)], capsys, code=4)
    assert file.read_text() == text
    text = text.replace(
        'scan/{reel}.#######.exr"', 'scan/{reel}.#######.exr"\n  count: source\n  zero: 01:00:00:00'
    )
    file.write_text(text.replace('telecine.####.exr"', 'telecine.####.exr"\n  count: record'))
    listed = said(["project", "list", str(file)], capsys)
    assert [u["frames"] for u in listed["units"]][:2] == [[10, 15], [110, 115]]  # type: ignore[attr-defined]
    built = said(["project", "build", str(file)], capsys)
    assert built["built"] == dict.fromkeys(film.shots, True)
    again = said(["project", "build", str(file)], capsys)
    assert again["built"] == dict.fromkeys(film.shots, False)
    status = said(["project", "status", str(file)], capsys)
    assert {u["reached"] for u in status["units"]} == {"curation: to do"}  # type: ignore[attr-defined]
    tasks = said(["project", "tasks", str(file), "--chunk", "4"], capsys)["tasks"]
    assert isinstance(tasks, list)
    ids = [t["id"] for t in tasks]
    assert len(ids) == len(set(ids)) == 12 * 7
    for number, task in enumerate(tasks):
        assert set(task["needs"]) <= set(ids[:number])
        assert task["argv"][:3] == ["chroma-recovery", "project", "task"]
    one = next(t for t in tasks if t["id"] == "sh020/build")
    assert said(list(one["argv"][1:]), capsys)["stages"] == []


def test_tasks_cover_every_frame_and_groups_train_first(
    film: Film, capsys: pytest.CaptureFixture[str]
) -> None:
    file = film.project("tasks", more="groups:\n  - {name: sc01, shots: [sh020, sh030]}\n")
    tasks = said(["project", "tasks", str(file), "--chunk", "3"], capsys)["tasks"]
    assert isinstance(tasks, list)
    frames = [t["frames"] for t in tasks if t["unit"] == "sh020" and t["stage"] == "inference"]
    assert frames == [[109, 111], [112, 114], [115, 116]]
    build = next(t for t in tasks if t["id"] == "sh020/build")
    assert build["needs"] == ["sc01/training"]
    last = next(t for t in tasks if t["id"] == "sh020/validation")
    assert last["needs"] == [f"sh020/inference/{a}-{b}" for a, b in frames]
    assert {t["id"] for t in tasks if t["gpu"]} == {
        t["id"] for t in tasks if t["stage"] in ("training", "inference")
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["task", "PROJECT", "--unit", "sh9"], "CR182"),
        (["task", "PROJECT", "--unit", "sh020", "--stage", "training", "--frames", "1-2"], "CR189"),
        (["status", "nowhere.yaml"], "CR101"),
    ],
)
def test_wrong_words(film: Film, capsys: pytest.CaptureFixture[str], words: list[str], code: str) -> None:
    file = film.folder / "words" / "project.yaml"
    if not file.exists():
        film.project("words", only=2)
    found = said(["project", *(str(file) if w == "PROJECT" else w for w in words)], capsys, code=1)
    assert [p["code"] for p in found["problems"]] == [code]  # type: ignore[attr-defined]


def test_run_takes_a_project_and_refuses_what_belongs_to_a_shot(
    film: Film, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = film.folder / "words" / "project.yaml"
    if not file.exists():
        film.project("words", only=2)
    found = said(["run", str(file), "--out", str(tmp_path), "--frames", "1-2"], capsys, code=1)
    assert [p["code"] for p in found["problems"]] == ["CR189"]  # type: ignore[attr-defined]


def test_commands_of_tasks_hold_odd_names_and_frames_below_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file, out = Path("-x.yaml"), Path("-out")
    file.write_text(
        "project: odd\nsource: {path: s.####.exr, format: {width: 64, height: 48}}\n"
        "reference: {path: r.####.exr, format: {width: 64, height: 48}}\n"
        "shots: [{shot: sh010, first: -5, last: 4, reference_first: -5}]\n"
    )
    found = list(load_project(file, out).tasks(out, chunk=4))
    frames = []
    for task in found:
        words = parser().parse_args(list(task.argv[1:]))
        assert (words.project, words.out, words.unit) == (Path("./-x.yaml"), Path("./-out"), "sh010")
        frames += parse_frames(words.frames) if words.frames else ()
    assert frames == list(range(-5, 5))
