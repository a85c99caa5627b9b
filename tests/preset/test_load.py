"""Reading presets: every mistake at once, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from preset_making import BASE, with_field

from chroma_recovery.errors import PresetError, Problem
from chroma_recovery.preset import Pair, load, loads
from chroma_recovery.preset.codes import CODES

HERE = Path(__file__).parent


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(PresetError) as caught:
        loads(text, "p.yaml")
    return caught.value.problems


def test_ten_mistakes_are_ten_problems_in_file_order():
    text = (HERE / "ten_mistakes.yaml").read_text(encoding="utf-8")
    with pytest.raises(PresetError) as caught:
        loads(text, "ten_mistakes.yaml")
    assert len(caught.value.problems) == 10
    assert f"{caught.value}\n" == (HERE / "ten_mistakes.txt").read_text(encoding="utf-8")


def test_a_small_preset_has_the_guides_defaults():
    loaded = loads(BASE)
    assert loaded.warnings == ()
    preset = loaded.preset
    assert preset.pairs == tuple(Pair(f) for f in (1, 20, 40, 60, 80))
    t = preset.training
    assert (t.batch, t.patch, t.steps, t.checkpoint_every, t.contact_sheet_every) == (
        3,
        512,
        40000,
        10000,
        100,
    )
    assert (t.model, t.median, preset.colour.read) == ("Medium", 10, "Utility - sRGB - Color Picking")
    assert [p.source for p in preset.hold_out_pairs] == [40]


def test_the_place_of_every_value_is_known():
    loaded = loads(with_field("training.patch", "256") + "  steps: 80000\n", "p.yaml")
    assert str(loaded.origin["training.patch"]) == "p.yaml:6:10"
    assert loaded.place("training.batch") == loaded.origin["training"]
    assert loaded.place("pairs[2].note") == loaded.origin["pairs[2]"]
    assert loaded.place("colour.read") is None
    assert "colour.read" not in loaded.origin


@pytest.mark.parametrize(
    ("text", "code", "place", "said"),
    [
        ("", "CR105", "p.yaml:1:1", "the file is empty"),
        ("# nothing\n", "CR105", "p.yaml:1:1", "the file is empty"),
        ("just words", "CR105", "p.yaml:1:1", "a single text"),
        ("- 1\n", "CR105", "p.yaml:1:1", "a list"),
        ("a: [1\nb: 2\n", "CR103", "p.yaml:2:2", "not YAML"),
        ("shot: a\n\tb: c\n", "CR103", "p.yaml:2:1", "not tabs"),
        (BASE + "---\nshot: b\n", "CR104", "p.yaml:5:1", "second document"),
        (BASE + "shot: b\n", "CR106", "p.yaml:5:1", "the first is in line 1, column 1"),
        (BASE + "'shot': b\n", "CR106", "p.yaml:5:1", "the first is in line 1, column 1"),
        (BASE + "trianing: {}\n", "CR107", "p.yaml:5:1", "did you mean 'training'?"),
        (BASE + "extend: shot\n", "CR107", "p.yaml:5:1", "'extends'"),
        (BASE + "training: 5\n", "CR105", "p.yaml:5:11", "needs a mapping, got the text '5'"),
        (BASE + "training: [5]\n", "CR105", "p.yaml:5:11", "needs a mapping, got a list"),
        (BASE + "scope: {a: 1}\n", "CR105", "p.yaml:5:8", "needs text, got a mapping"),
        (BASE + "scope: Scene\n", "CR110", "p.yaml:5:8", "did you mean 'scene' or"),
        (BASE + "crop: {box: [1, 2]}\n", "CR112", "p.yaml:5:13", "needs 4 numbers, got 2"),
        (
            BASE + "crop: {box: [1, 2, x, 4]}\n",
            "CR109",
            "p.yaml:5:20",
            "crop.box[2]: needs a number, got 'x'",
        ),
        (BASE + "? [1]\n: 2\n", "CR104", "p.yaml:5:3", "a key must be one word"),
        (BASE + "documentation: {stock: Eastman, 1972}\n", "CR107", "p.yaml:5:33", "unknown key"),
        (BASE + "alignment: {keys: [{use: auto}]}\n", "CR108", "p.yaml:5:20", "alignment.keys[0].pair"),
        ("a: \x07\n", "CR102", "p.yaml:1:4", "U+0007"),
        ("a: b\u202ec\n", "CR102", "p.yaml:1:5", "U+202E"),
        ("a: b\u2028c\n", "CR102", "p.yaml:1:5", "U+2028"),
        ("[" * 50 + "]" * 50, "CR104", "p.yaml:1:14", "nested deeper"),
    ],
)
def test_one_mistake_is_one_problem_with_its_place(text, code, place, said):
    found = problems(text)
    first = next(p for p in found if p.code == code)
    assert first.place == place
    assert said in f"{first}"
    if text.startswith(BASE):
        assert len(found) == 1


def test_the_caret_stands_below_wide_characters():
    found = problems("schema: 1\nshot: sh\ndocumentation: {stock: フィルム, stok: x}\n")
    wrong = next(p for p in found if p.code == "CR107")
    source, caret = wrong.excerpt.split("\n")
    assert source.index("stok") + 4 == caret.index("^")  # four characters are two columns wide each


def test_long_lines_are_cut_around_the_caret():
    found = problems(BASE + "documentation: {stock: '" + "x" * 500 + "', stok: y}\n")
    source, caret = found[0].excerpt.split("\n")
    assert len(source) < 120
    assert source[caret.index("^") :].startswith("stok")


def test_line_ends_and_byte_order_mark(tmp_path):
    file = tmp_path / "p.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    assert load(file).preset == loads(BASE).preset


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (BASE.encode("utf-16"), "CR102", "save it as UTF-8"),
        (BASE.encode() + b"# \xff\n", "CR102", ":5: CR102: byte 0xff is not UTF-8"),
        (b"#" * (1 << 20) + b"\n", "CR101", "larger than"),
    ],
)
def test_files_that_are_no_text(tmp_path, data, code, said):
    file = tmp_path / "p.yaml"
    file.write_bytes(data)
    with pytest.raises(PresetError) as caught:
        load(file)
    assert [p.code for p in caught.value.problems] == [code]
    assert said in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(PresetError, match="CR101"):
            load(path)


@pytest.mark.parametrize("nothing", ["null", "~", "", "Null"])
def test_no_path_is_called_null(nothing):
    preset = loads(BASE + f"inference:\n  model: {nothing}\nvalidation:\n  profile: {nothing}\n").preset
    assert (preset.inference.model, preset.validation.profile) == ("", "")
    assert loads(BASE + 'inference: {model: "null"}\n').preset.inference.model == "null"


def test_empty_sections_and_null_leave_defaults():
    text = BASE + "training:\n  # steps: 1\ninference:\n  crop:\n  first: null\n  last: ~\n"
    assert loads(text).preset == loads(BASE).preset


def test_too_many_problems_stop_the_reading():
    found = problems(BASE + "".join(f"key{n}: 1\n" for n in range(2000)))
    assert len(found) == 501
    assert found[-1].code == "CR199"


def test_codes_are_listed_once_and_used():
    package = HERE.parents[1] / "src" / "chroma_recovery" / "preset"
    text = "".join(p.read_text(encoding="utf-8") for p in package.glob("*.py") if p.name != "codes.py")
    for code in CODES:
        assert code.startswith("CR7") or f'"{code}"' in text
