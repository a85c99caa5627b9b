"""Each piece of advice, and what makes it go away."""

from __future__ import annotations

from pathlib import Path

import pytest
from preset_making import BASE

from chroma_recovery.preset import load, loads
from chroma_recovery.preset.lint import lint

ROOT = Path(__file__).resolve().parents[2]

GOOD = """\
# yaml-language-server: $schema=preset-1.json
extends: shot
shot: sh010
source: {path: a/source.####.exr, first: 1, last: 100}
reference: {path: a/dvd.####.exr, first: 1, last: 100, citation: DVD of 2004}
pairs:
  - {source: 1, note: wide}
  - {source: 34, note: skin}
  - {source: 50, note: sky, hold_out: true}
  - {source: 67, note: cloth}
  - {source: 100, note: end}
crop: {box: [10, 10, 3000, 2000]}
documentation: {stock: 5254, cleanup: dust, degrain: light, balance: none}
"""


def advice(text: str, folder: Path) -> dict[str, str]:
    path = folder / "sh010.yaml"
    path.write_text(text, encoding="utf-8")
    found = lint(load(path))
    assert all(p.severity == "advice" for p in found)
    return {p.code: str(p) for p in found}


def test_a_good_preset_needs_no_advice(tmp_path):
    assert advice(GOOD, tmp_path) == {}


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("note: sky, ", "", "CR161", "1 of 5 pairs say nothing of why they were chosen: 50"),
        ("stock: 5254, ", "", "CR162", "documentation.stock"),
        (", citation: DVD of 2004", "", "CR162", "reference.citation"),
        ("crop: {box: [10, 10, 3000, 2000]}\n", "", "CR163", "a dvd has borders"),
        ("[10, 10, 3000, 2000]", "[10, 10, 610, 510]", "CR164", "600 x 500 pixels"),
        ("crop:", "training: {checkpoint_every: 20000}\ncrop:", "CR165", "2 checkpoints in 40000 steps"),
        ("source: 34", "source: 10", "CR166", "no pair in the 50 frames from 50 to 100") ,
        ("# yaml-language-server: $schema=preset-1.json\n", "", "CR167", "does not name its schema"),
        ("crop:", "nuke: {version: 15.1}\ncrop:", "CR168", "nuke.version"),
        (", hold_out: true", "\n  - {source: 60, note: x, hold_out: false", "CR169", "no pair is held out"),
    ],
)  # fmt: skip
def test_advice(tmp_path, old, new, code, said):
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if code == "CR169":
        text = GOOD.replace("sky, hold_out: true", "sky, hold_out: false")
    if code == "CR166":
        text = (
            GOOD.replace("source: 67", "source: 55").replace("source: 34", "source: 40").replace("50,", "48,")
        )
        said = "from 55 to 100"
    found = advice(text, tmp_path)
    assert set(found) == {code}
    assert said in found[code]


def test_advice_points_into_the_users_own_file(tmp_path):
    found = advice(GOOD.replace("3000, 2000", "610, 510"), tmp_path)
    assert "sh010.yaml:12:13: CR164" in found["CR164"]
    found = advice(GOOD.replace("crop: {box: [10, 10, 3000, 2000]}\n", ""), tmp_path)
    assert found["CR163"].split(": CR")[0].endswith("sh010.yaml")


def test_a_text_without_a_file_gets_advice_too():
    assert {p.code for p in lint(loads(BASE))} == {"CR161", "CR162", "CR163"}


def test_the_shipped_example_needs_no_advice():
    assert lint(load(ROOT / "presets" / "example_shot.yaml")) == ()
