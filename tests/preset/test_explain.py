"""Every field can be asked for; words come from the model and from the shipped preset."""

from __future__ import annotations

import pytest

from chroma_recovery.errors import PresetError
from chroma_recovery.preset.explain import explain, remarks
from chroma_recovery.preset.fields import walk


def test_every_field_explains_itself():
    for path, field in walk():
        said = explain(path)
        assert (said.path, said.meaning) == (path, field.help)
        assert said.kind
        assert said.unit == field.limits.get("unit", "")
        if "choices" in field.limits:
            assert str(field.limits["choices"][0]) in said.allowed
        assert said.default or field.kind == "model"


def test_a_field_is_found_by_its_last_name_if_no_other_has_it():
    assert explain("patch").path == "training.patch"
    assert explain("pairs[3].note").path == explain("pairs.note").path == "pairs[].note"
    with pytest.raises(PresetError, match=r"source\.first, .*inference\.first"):
        explain("first")
    with pytest.raises(PresetError, match=r"did you mean 'training\.patch'"):
        explain("training.pach")


def test_the_guides_words_stand_beside_the_defaults():
    assert "smaller one if colour bleeds" in remarks()["training.model"]
    assert "color_picking" in remarks()["colour.read"]  # from the lines above it
    assert explain("training.batch").remark == "fixed, so that several machines behave alike"


def test_a_mapping_names_what_is_in_it():
    assert "crop.keys[].box" in explain("crop").below
