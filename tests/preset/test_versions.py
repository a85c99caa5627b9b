"""Versions of the preset format. There is only format 1; upgrades are tried with a format 0 made for these tests."""

from __future__ import annotations

import pytest
from preset_making import BASE

from chroma_recovery.errors import PresetError
from chroma_recovery.preset import load, loads
from chroma_recovery.preset.editing.text_edits import raw, remove_value, set_value
from chroma_recovery.preset.nodes import MapNode, parse
from chroma_recovery.preset.places import Findings, Text
from chroma_recovery.preset.versions import FORMAT, UPGRADES, readable, upgraded, version_of

OLD = """\
# how it was
schema: 0            # the first
crop_size: 256       # small
shot: sh010
"""


def from_0(text: str) -> str:
    """Of a format that never was: ``crop_size`` became ``training.patch``."""
    said = raw(text, "crop_size")
    assert isinstance(said, str)
    return set_value(remove_value(text, "crop_size"), "training.patch", said)


def codes(error: pytest.ExceptionInfo[PresetError]) -> list[str]:
    return [p.code for p in error.value.problems]


def test_format_1_is_read_and_is_the_first():
    assert FORMAT == 1 and not UPGRADES
    assert loads("schema: 1\n" + BASE).preset.schema == 1
    assert upgraded("schema: 1\n" + BASE) == "schema: 1\n" + BASE
    assert upgraded(BASE) == BASE


def test_an_upgrade_keeps_comments_and_order():
    text = upgraded(OLD, upgrades={0: from_0})
    assert text == (
        "# how it was\nschema: 1            # the first\n# crop_size: 256       # small\nshot: sh010\n\n"
        "training:\n  patch: 256\n"
    )
    assert upgraded(text, upgrades={0: from_0}) == text


def test_upgrades_follow_one_another():
    steps = {0: from_0, 1: lambda text: set_value(text, "training.steps", "7")}
    text = upgraded(OLD, today=2, upgrades=steps)
    assert (raw(text, "schema"), raw(text, "training.patch"), raw(text, "training.steps")) == (
        "2",
        "256",
        "7",
    )


def test_a_newer_preset_says_what_would_read_it():
    with pytest.raises(PresetError) as caught:
        loads("schema: 2\nsomething: new\n" + BASE)
    assert codes(caught) == ["CR117"]  # and nothing about keys that this version cannot know
    problem = caught.value.problems[0]
    assert problem.place == "<preset>:1:9"
    assert "chroma_recovery" in problem.message and "reads schema 2" in problem.hint
    with pytest.raises(PresetError) as caught:
        upgraded("schema: 2\n")
    assert codes(caught) == ["CR117"]


def test_an_older_preset_names_the_command(tmp_path):
    path = tmp_path / "old.yaml"
    path.write_text(OLD, encoding="utf-8")
    with pytest.raises(PresetError) as caught:
        load(path)
    assert codes(caught) == ["CR118"]
    assert caught.value.problems[0].hint.startswith("chroma-recovery preset upgrade")
    with pytest.raises(PresetError) as caught:
        upgraded(OLD)  # no format 0 was ever read, so nothing leads on from it
    assert codes(caught) == ["CR118"]


def test_what_is_extended_is_judged_too(tmp_path):
    (tmp_path / "base.yaml").write_text("schema: 9\n", encoding="utf-8")
    top = tmp_path / "top.yaml"
    top.write_text("extends: ./base.yaml\n" + BASE, encoding="utf-8")
    with pytest.raises(PresetError) as caught:
        load(top)
    assert codes(caught) == ["CR117"]
    assert "base.yaml:1:9" in caught.value.problems[0].place


@pytest.mark.parametrize("said", ["one", "1.5", "-1", "[1]", ""])
def test_what_is_no_version_is_a_mistake_in_the_field(said):
    findings = Findings()
    root = parse(Text("x", f"schema: {said}\n"), findings)
    assert isinstance(root, MapNode) and readable(root, findings) and not findings
    with pytest.raises(PresetError):
        loads(f"schema: {said}\n" + BASE)
    with pytest.raises(PresetError) as caught:
        version_of(f"schema: {said}\n")
    assert codes(caught) == ["CR109"]
