"""Edits of a preset's text change one value, and nothing of what the user wrote around it."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.errors import PresetError
from chroma_recovery.preset.editing.spelling import spell_numbers, spell_pair, spell_text, spell_word
from chroma_recovery.preset.editing.text_edits import (
    insert_item,
    order_items,
    raw,
    remove_item,
    remove_value,
    set_value,
)
from chroma_recovery.preset.model import Pair

TEXT = """\
# head
training:      # stage 3
  patch: 512   # why
  note: |
    two
    lines
  flow: {a: 1, b: [1, 2]}   # behind

list:
  - 1      # one
  # about two
  - {n: 2}
  - n: 3
    m: 4
empty:
last: x"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        ("training.patch", "256", "patch: 512   # why", "patch: 256   # why"),
        ("training.flow.a", "7", "{a: 1, b", "{a: 7, b"),
        ("training.flow.b", "[3]", "b: [1, 2]}", "b: [3]}"),
        ("training.flow.c", "9", "b: [1, 2]}", "b: [1, 2], c: 9}"),
        ("training.flow.d.e", "9", "b: [1, 2]}", "b: [1, 2], d: {e: 9}}"),
        ("training.note", '"x"', "note: |\n    two\n    lines\n", 'note: "x"\n'),
        ("training.more", "1", "# behind\n", "# behind\n  more: 1\n"),
        ("list[1].n", "5", "{n: 2}", "{n: 5}"),
        ("list[2].m", "5", "m: 4", "m: 5"),
        ("list[2].k", "5", "m: 4\n", "m: 4\n    k: 5\n"),
        ("empty", "0", "empty:\n", "empty: 0\n"),
        ("empty.inner", "0", "empty:\n", "empty: {inner: 0}\n"),
        ("last", '"y z"', "last: x", 'last: "y z"'),
        ("new", "1", "last: x", "last: x\nnew: 1\n"),
        ("new.inner", "1", "last: x", "last: x\n\nnew:\n  inner: 1\n"),
    ],
)
def test_one_value_changes_and_the_rest_stays(path: str, value: str, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert set_value(TEXT, path, value) == TEXT.replace(old, new)


def test_a_comment_within_the_value_is_never_lost() -> None:
    text = "box: [1,  # left\n  2, 3, 4]\n"
    with pytest.raises(PresetError) as caught:
        set_value(text, "box", "null")
    assert caught.value.problems[0].code == "CR191"


def test_a_removed_value_leaves_its_comment() -> None:
    assert remove_value(TEXT, "training.patch") == TEXT.replace(
        "  patch: 512   # why", "  # patch: 512   # why"
    )
    assert remove_value(TEXT, "last") == TEXT.removesuffix("last: x")
    assert remove_value(TEXT, "training.flow.a") == TEXT.replace("{a: 1, b", "{b")
    assert remove_value(TEXT, "training.flow.b") == TEXT.replace(", b: [1, 2]", "")
    assert remove_value(TEXT, "training.unknown") == TEXT


def test_items_come_go_and_move_with_their_remarks() -> None:
    assert insert_item(TEXT, "list", 1, "9") == TEXT.replace("# one\n", "# one\n  - 9\n")
    assert insert_item(TEXT, "list", 0, "9") == TEXT.replace("  - 1  ", "  - 9\n  - 1  ")
    assert insert_item(TEXT, "list", 3, "9") == TEXT.replace("m: 4\n", "m: 4\n  - 9\n")
    assert remove_item(TEXT, "list", 2) == TEXT.replace("  - n: 3\n    m: 4\n", "")
    assert order_items(TEXT, "list", [1, 0, 2]) == TEXT.replace(
        "  - 1      # one\n  # about two\n  - {n: 2}\n", "  # about two\n  - {n: 2}\n  - 1      # one\n"
    )
    flow = "a: [1, 2,  3]  # x\n"
    assert insert_item(flow, "a", 0, "0") == "a: [0, 1, 2,  3]  # x\n"
    assert insert_item(flow, "a", 3, "4") == "a: [1, 2,  3, 4]  # x\n"
    assert remove_item(flow, "a", 1) == "a: [1, 3]  # x\n"
    assert remove_item(flow, "a", 2) == "a: [1, 2]  # x\n"
    assert order_items(flow, "a", [2, 0, 1]) == "a: [3, 1,  2]  # x\n"
    assert remove_item("a:\n  - 1\nb: 2\n", "a", 0) == "a: []\nb: 2\n"
    assert insert_item("a: []\n", "a", 0, "1") == "a: [1]\n"


def test_what_is_typed_is_what_is_read() -> None:
    assert raw(TEXT, "training.patch") == "512"
    assert raw(TEXT, "training.flow.b") == ["1", "2"]
    assert raw(TEXT, "training.none") is None


def test_a_broken_text_is_refused() -> None:
    for text in ("a: [1", "- 1\n", "a: *b\n"):
        with pytest.raises(PresetError) as caught:
            set_value(text, "a", "2")
        assert caught.value.problems[0].code == "CR191"


VALUES = st.text(max_size=40)


@given(VALUES, VALUES)
def test_any_text_survives_the_way_into_yaml(first: str, second: str) -> None:
    text = f"a: {spell_text(first)}\nb: {{c: {spell_text(second)}, d: [{spell_text(first)}]}}\n"
    assert yaml.safe_load(text) == {"a": first, "b": {"c": second, "d": [first]}}


@given(VALUES)
def test_any_text_set_and_set_again_reads_back(value: str) -> None:
    once = set_value(TEXT, "training.flow.a", spell_text(value))
    assert yaml.safe_load(once)["training"]["flow"]["a"] == value
    assert set_value(once, "training.flow.a", "1") == TEXT


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_what_is_typed_for_a_number_stays_one_value(word: str) -> None:
    read = yaml.compose(f"v: {spell_word(word)}\nw: [{spell_word(word)}, 2]\n")
    assert read.value[0][1].value == word.strip()
    assert [item.value for item in read.value[1][1].value] == [word.strip(), "2"]


def test_spelling_is_as_a_person_would_write() -> None:
    assert spell_text("plates/source.####.exr") == "plates/source.####.exr"
    assert spell_text("15.1") == '"15.1"'
    assert spell_text("skin: warm") == '"skin: warm"'
    assert spell_numbers(["1", " 2", "-3.5", "4"]) == "[1, 2, -3.5, 4]"
    assert spell_numbers([" ", ""]) == "null"
    assert spell_pair(Pair(4)) == "4"
    assert spell_pair(Pair(4, 5, "a, b", True)) == '{source: 4, reference: 5, note: "a, b", hold_out: true}'
