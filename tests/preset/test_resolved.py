"""A preset with everything filled in says the same as the preset, and where each value is from."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from preset_making import BASE, as_yaml, presets

from chroma_recovery.preset import load, loads
from chroma_recovery.preset.fields import walk
from chroma_recovery.preset.resolved import differences, resolved_text, values

ROOT = Path(__file__).resolve().parents[2]


@settings(max_examples=40)
@given(presets())
def test_the_resolved_text_is_the_preset(preset):
    loaded = loads(as_yaml(preset))
    assert loads(resolved_text(loaded)).preset == preset


def test_the_example_resolved_and_read_again_is_the_same():
    loaded = load(ROOT / "presets" / "example_shot.yaml")
    assert loads(resolved_text(loaded)).preset == loaded.preset


def test_every_value_says_where_it_is_from(tmp_path):
    (tmp_path / "base.yaml").write_text("training:\n  patch: 256\n  steps: 80000\n", encoding="utf-8")
    top = tmp_path / "top.yaml"
    top.write_text(f"extends: ./base.yaml\n{BASE}training: {{steps: 90000}}\n", encoding="utf-8")
    loaded = load(top)
    origin = {v.path: re.sub(r".*/", "", v.origin) for v in values(loaded)}
    assert origin["shot"] == "top.yaml:2"
    assert origin["training.steps"] == "top.yaml:6"
    assert origin["training.patch"] == "base.yaml:2"
    assert origin["training.batch"] == "default"
    assert origin["pairs[2].source"] == "top.yaml:5"
    text = resolved_text(loaded, "training")
    assert re.search(r"^  patch: 256 +# .*base\.yaml:2$", text, re.MULTILINE)
    assert text.startswith("training:\n") and "shot:" not in text


def test_every_field_of_the_model_is_there():
    shown = {re.sub(r"\[\d+\]", "[]", v.path) for v in values(load(ROOT / "presets" / "example_shot.yaml"))}
    for path, field in walk():
        within = any(path.startswith((f"{s}[].", f"{s}.")) for s in shown)  # an empty list, or null
        assert field.kind in ("model", "models") or path in shown or within, path


def test_differences_name_pairs_by_their_frame():
    first = loads(BASE)
    changed = BASE.replace("[1, 20, 40, 60, 80]", "[1, 21, {source: 40, note: sky}, 60, 80]")
    found = {d.path: d for d in differences(first, loads(changed + "training: {patch: 256}\n"))}
    assert set(found) == {"pairs[20]", "pairs[21]", "pairs[40].note", "training.patch"}
    assert found["pairs[20]"].second is None and found["pairs[21]"].first is None
    assert found["training.patch"].second.value == 256
    assert differences(first, loads(BASE)) == []
