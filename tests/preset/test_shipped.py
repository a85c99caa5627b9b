"""The shipped presets: complete, true to the model, and read without a warning."""

from __future__ import annotations

from pathlib import Path

import pytest
from preset_making import BASE

from chroma_recovery.colour import PURPOSES, resolve
from chroma_recovery.errors import PresetError
from chroma_recovery.preset import Preset, load, loads
from chroma_recovery.preset.extends import shipped_names
from chroma_recovery.preset.fields import walk
from chroma_recovery.preset.reference import COMMAND, reference

ROOT = Path(__file__).parents[2]
NEWER = ("v2.2.0_aces-v1.3_ocio-v2.4", "v3.0.0_aces-v2.0_ocio-v2.4")
BASES = ("non_reference", "scene", "sequence", "shot")


def test_the_shipped_presets():
    assert shipped_names() == ("example_shot", *BASES)


def test_the_example_reads_without_a_warning():
    loaded = load(ROOT / "presets" / "example_shot.yaml")
    assert loaded.warnings == ()
    assert [p.source for p in loaded.preset.hold_out_pairs] == [485]


def test_shot_says_every_default_as_the_model_has_it():
    loaded = loads("extends: shot\n" + BASE)
    assert loaded.warnings == ()
    assert loaded.preset == loads(BASE).preset
    own = ("source", "reference", "pairs", "crop.keys[]", "alignment.keys[]", "shot", "inference.format.")
    fields = [path for path, field in walk() if not path.startswith(own) and field.kind != "model"]
    unsaid = [path for path in fields if path not in loaded.origin]
    assert unsaid == []


@pytest.mark.parametrize("name", BASES)
def test_a_base_alone_asks_for_what_only_the_user_knows(name):
    with pytest.raises(PresetError) as caught:
        load(ROOT / "presets" / f"{name}.yaml")
    asked = {p.message.split(":")[0] for p in caught.value.problems if p.code == "CR108"}
    assert {"shot", "source", "pairs"} <= asked


@pytest.mark.parametrize(("name", "count", "steps"), [("scene", 12, 60000), ("sequence", 24, 80000)])
def test_scene_and_sequence(name, count, steps):
    text = BASE.replace("[1, 20, 40, 60, 80]", str(list(range(1, count + 1))))
    loaded = loads(f"extends: {name}\n{text}")
    assert loaded.warnings == ()
    assert (loaded.preset.scope, loaded.preset.training.steps) == (name, steps)


def test_non_reference_asks_for_a_citation():
    with pytest.raises(PresetError, match="CR125"):
        loads("extends: non_reference\n" + BASE)
    text = BASE.replace("last: 100}\npairs", "last: 100, citation: plates}\npairs")
    loaded = loads("extends: non_reference\n" + text + "documentation: {assumptions: guessed}\n")
    assert loaded.warnings == ()
    assert loaded.preset.reference.kind == "constructed"


def test_the_reference_page_is_up_to_date():
    page = (ROOT / "docs" / "presets.md").read_text(encoding="utf-8")
    assert page == reference(), f"stale; run: {COMMAND}"


def test_the_reference_page_names_every_field_of_the_model():
    page = reference()
    for path, field in walk(Preset):
        assert f"| `{field.name}` |" in page, path


def test_the_table_of_colour_names_holds_for_both_newer_generations():
    for purpose in PURPOSES:
        new = {resolve(purpose, config=f"fn-nuke_studio-config-{v}").name for v in NEWER}
        assert len(new) == 1
        assert f"`{new.pop()}` |" in reference()
