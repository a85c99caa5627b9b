"""YAML 1.1's implicit types never change what was typed."""

from __future__ import annotations

import pytest
from preset_making import with_field

from chroma_recovery.errors import PresetError
from chroma_recovery.preset import loads

TYPED = [
    "NO", "no", "off", "Yes", "y", "true", "1_000", "12:30", "190:20:30", "0o17", "017", "0x1F", "0b1010",
    "1e3", "1.5e-3", ".inf", "-.INF", ".nan", "2001-01-01", "2001-12-14t21:59:43.10-05:00", "null", "~", "=",
    "1,000", "+12", "-0", "1.", "½", "１２", "infinity", "nan", "16.10",
]  # fmt: skip


@pytest.mark.parametrize("typed", TYPED)
def test_a_text_is_what_was_typed(typed):
    assert loads(with_field("documentation.stock", typed)).preset.documentation.stock == typed


@pytest.mark.parametrize(
    "typed", ["yes", "no", "on", "off", "True", "FALSE", "y", "1", "0", "null", "", '"true"']
)
def test_a_switch_is_true_or_false_only(typed):
    with pytest.raises(PresetError) as caught:
        loads(with_field("training.gpu", typed))
    assert [p.code for p in caught.value.problems] == ["CR109"]
    assert "true or false" in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("yes", "write true"),
        ("off", "write false"),
        ("False", "write false"),
        ('"true"', "remove the quotes"),
    ],
)
def test_a_switch_says_what_to_write(typed, hint):
    with pytest.raises(PresetError, match=hint):
        loads(with_field("training.gpu", typed))


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("1_000", "write 1000, digits only"),
        ("1,000", "write 1000, digits only"),
        ("40 000", "write 40000, digits only"),
        ("0471", "write 471, without zeros"),
        ("12:30", "write it with digits"),
        ("0x1F", "write it with digits"),
        ("0o17", "write it with digits"),
        ("1e3", "write it with digits"),
        (".inf", "write it with digits"),
        (".nan", "write it with digits"),
        ("24.0", "write 24"),
        ('"24"', "remove the quotes"),
        ("many", "for example"),
        ("2001-01-01", "write it with digits"),
        ("１２", "for example"),
        ("", "nothing"),
        ("null", "'null'"),
        ("9" * 5000, "'9999"),
    ],
)
def test_a_number_is_plain_digits_or_an_error(typed, hint):
    with pytest.raises(PresetError) as caught:
        loads(with_field("training.steps", typed))
    assert [p.code for p in caught.value.problems] == ["CR109"]
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("24", 24), ("23.976", 23.976), ("+25", 25), ("29.97", 29.97), ("30.", 30), ("1.0", 1)],
)
def test_plain_numbers(typed, value):
    assert loads(with_field("training.engine.warm_up", "7")).preset.training.engine.warm_up == 7
    text = with_field("source.fps", typed).replace(
        "source: {path: a/source.####.exr, first: 1, last: 100}\n", ""
    )
    text = text.replace("source:\n", "source:\n  path: a/source.####.exr\n  first: 1\n  last: 100\n")
    assert loads(text).preset.source.fps == value


@pytest.mark.parametrize("typed", ["1e3", ".inf", "-.inf", ".nan", "1_0.5", "0x10", "10:30.5", "1,5"])
def test_numbers_with_a_point_are_as_strict(typed):
    with pytest.raises(PresetError) as caught:
        loads(with_field("inference.write.dwaa_level", typed))
    assert [p.code for p in caught.value.problems] == ["CR109"]


def test_texts_that_look_like_numbers_stay_texts():
    preset = loads(with_field("nuke.version", "16.10")).preset
    assert preset.nuke.version == "16.10"
    assert loads(with_field("inference.tile", "1024")).preset.inference.tile == "1024"
    assert loads(with_field("training.initial_weights", "None")).preset.training.initial_weights == "None"


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        ("training.patch", "500", "did you mean 512?"),
        ("training.batch", "0", "must be 1 to 1024, got 0"),
        ("inference.write.dwaa_level", "-1", "must be 0 to 100000, got -1"),
        ("hold_out.share", "0.75", "must be 0 to 0.5, got 0.75"),
        ("alignment.f_align.margin", "0.5", "must be 0 to 0.45, got 0.5"),
        ("training.median", "101", "must be 0 to 100 pixels, got 101"),
    ],
)
def test_limits_say_what_is_allowed(path, typed, said):
    with pytest.raises(PresetError) as caught:
        loads(with_field(path, typed))
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1
