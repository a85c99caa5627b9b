"""Profiles: what they may say, what is refused with its place, and that the page of measures is true to the code."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from chroma_recovery.errors import PresetError
from chroma_recovery.preset.load import load
from chroma_recovery.qc.outliers import REASONS
from chroma_recovery.qc.profile import Profile, load_profile, profile_of, profile_schema, shipped_profiles
from chroma_recovery.qc.rules import RULES, rule
from chroma_recovery.qc.shot import measure_shot

PAGE = Path(__file__).parents[2] / "docs" / "qc.md"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "house.yaml"
    path.write_text(text)
    return path


def test_the_shipped_profile_is_the_default() -> None:
    assert "default" in shipped_profiles()
    assert load_profile("default") == Profile()


def test_limits_can_be_moved_and_switched_off(tmp_path: Path) -> None:
    found = load_profile(written(tmp_path, "name: house\nrules:\n  Q401: 0.3\n  Q502: null\n"))
    assert (found.name, found.limit("Q401"), found.limit("Q502")) == ("house", 0.3, None)
    assert found.limit("Q403") == rule("Q403").limit
    assert found.measure("Q401", 0.31).passed is False and found.measure("Q502", 9.0).passed is None


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("rules:\n  Q999: 1\n", "house.yaml:2:3", "CR107"),
        ("rules:\n  Q401: high\n", "house.yaml:2:9", "CR109"),
        ("rules: {Q401: 1, Q401: 2}\n", "house.yaml:1:18", "CR106"),
        ("limits: 3\n", "house.yaml:1:1", "CR107"),
        ("- Q401\n", "house.yaml:1:1", "CR105"),
        ("", "house.yaml:1:1", "CR105"),
        ("rules: !!python/object:os.system {}\n", "house.yaml:1:8", "CR104"),
        ("rules: &a {}\nname: *a\n", "house.yaml:1:8", "CR104"),
        ("name: '../../x'\n", "house.yaml:1:7", "CR113"),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, text: str, place: str, code: str) -> None:
    with pytest.raises(PresetError) as caught:
        load_profile(written(tmp_path, text))
    first = caught.value.problems[0]
    assert first.place.endswith(place) and first.code == code


SHOT = """\
shot: sh
source: {path: a.####.exr, first: 1, last: 9}
reference: {path: b.####.exr, first: 1, last: 9, kind: dvd}
pairs: [1, 3, 6, 9]
"""


def test_a_preset_names_its_profile(tmp_path: Path) -> None:
    """Beside the file that says it; the command line goes first; nothing and null are the shipped limits."""
    base, top = tmp_path / "house" / "base.yaml", tmp_path / "sh.yaml"
    base.parent.mkdir()
    (base.parent / "archive.yaml").write_text("name: archive\nrules: {Q401: 0.3}\n")
    (tmp_path / "own.yaml").write_text("name: own\n")
    base.write_text(SHOT + "validation: {profile: archive.yaml}\n")
    top.write_text("extends: house/base.yaml\n")
    assert profile_of(load(top)).limit("Q401") == 0.3
    assert profile_of(load(top), str(tmp_path / "own.yaml")).name == "own"
    top.write_text("extends: house/base.yaml\nvalidation: {profile: own.yaml}\n")
    assert profile_of(load(top)).name == "own"
    for nothing in ("null", "~", "", "default"):
        top.write_text(f"extends: house/base.yaml\nvalidation:\n  profile: {nothing}\n")
        assert profile_of(load(top)) == Profile()
    top.write_text("extends: house/base.yaml\nvalidation: {profile: defualt}\n")
    with pytest.raises(PresetError, match="CR115"):
        profile_of(load(top))
    top.write_text("extends: house/base.yaml\nvalidation: {profile: gone.yaml}\n")
    with pytest.raises(PresetError, match=r"gone\.yaml"):
        profile_of(load(top))


def test_the_schema_knows_every_rule_and_the_loader_agrees(tmp_path: Path) -> None:
    schema = profile_schema()
    limits = schema["definitions"]["Limits"]["properties"]
    assert list(limits) == [r.code for r in RULES] and limits["Q401"]["default"] == rule("Q401").limit
    judge = jsonschema.Draft7Validator(schema)
    for text in ("{name: house, rules: {Q401: 0.3, Q502: null}}", "{rules: null}", "{}"):
        assert judge.is_valid(yaml.safe_load(text))
        load_profile(written(tmp_path, text))
    for text in ("{rules: {Q999: 1}}", "{rules: {Q401: high}}", "{limits: 3}", "[]", "{name: ../x}"):
        assert not judge.is_valid(yaml.safe_load(text))
        with pytest.raises(PresetError):
            load_profile(written(tmp_path, text))
    assert (
        (PAGE.parents[1] / "presets/qc/default.yaml")
        .read_text()
        .startswith("# yaml-language-server: $schema=../schema/qc-1.json\n")
    )


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(PresetError, match="default"):
        load_profile("defualt")


def test_every_rule_says_what_it_means_and_what_to_do() -> None:
    assert len({r.code for r in RULES}) == len(RULES)
    for r in RULES:
        assert re.fullmatch(r"Q[1-5]\d\d", r.code) and r.definition and r.source
        assert r.limit is None or (r.meaning and r.advice), r.code
    assert set(REASONS) <= {r.code for r in RULES}


def test_columns_are_told_apart() -> None:
    from chroma_recovery.qc import shot

    source = Path(shot.__file__).read_text()
    assert "Tags()" in source and measure_shot([]).columns
    names = [c.name for c in measure_shot([]).columns]
    assert len(set(names)) == len(names) and {"YMIN", "SATAVG", "HUEMED", "TOUT", "BRNG"} <= set(names)


def test_the_page_holds_every_measure() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for r in RULES:
        limit = r.words(r.limit) or "reported"
        assert (
            f"| {r.code} | {r.name} | {r.unit.replace('|', '')} | {limit} | {r.definition.replace('|', '')} |"
            in page
        ), r.code
