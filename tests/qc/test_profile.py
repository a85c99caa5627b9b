"""Profiles: what they may say, what is refused with its place, and that the page of measures is true to the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chroma_recovery.errors import PresetError
from chroma_recovery.qc.outliers import REASONS
from chroma_recovery.qc.profile import Profile, load_profile, shipped_profiles
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
