"""The JSON Schema and the loader say the same of every field, tried with presets made from either side."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema
from preset_making import presets

from chroma_recovery.errors import PresetError
from chroma_recovery.preset import loads
from chroma_recovery.preset.extends import shipped_names
from chroma_recovery.preset.fields import walk
from chroma_recovery.preset.reference import plain
from chroma_recovery.preset.said import said
from chroma_recovery.preset.schema import MODELINE, base_preset_schema, json_schema, preset_schema

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))


@attrs.frozen
class Shot:
    name: str = said("Name.", pattern="[a-z0-9]+", example="sh010")
    weight: float = said("Weight.", 1.0, unit="shares", low=0.0, high=9.0)


@attrs.frozen
class Job:
    shots: tuple[Shot, ...] = said("Shots.", shorthand="name")
    first: Shot = said("First.")


SCHEMA = preset_schema()
VALID = jsonschema.Draft7Validator(SCHEMA)
SHAPE = {f"CR{n}" for n in (*range(105, 115), 117, 118)} - {"CR106"}
"""Codes of mistakes in one field; the schema knows no others."""


def spelled(value: Any) -> str:
    """A JSON value as YAML of presets: numbers as people write them, texts quoted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{spelled(k)}: {spelled(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(spelled(v) for v in value) + "]"
    if isinstance(value, str):
        return yaml.safe_dump(value, default_style='"', width=10**6, allow_unicode=True).strip()
    if isinstance(value, float):
        value = int(value) if value == int(value) else round(value, 9)
    return plain(value)


def refusals(text: str) -> list[str]:
    """What the loader finds wrong with single fields."""
    try:
        loads(text)
    except PresetError as error:
        # Reserved file names and folders that climb out are rules about meaning, beyond a schema of shapes.
        return [str(p) for p in error.problems if p.code in SHAPE and "Windows" not in p.message]
    return []


def as_data(value: Any) -> Any:
    """A model as JSON values."""
    if attrs.has(type(value)):
        return {a.name: as_data(getattr(value, a.name)) for a in attrs.fields(type(value))}
    return [as_data(v) for v in value] if isinstance(value, tuple) else value


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema of ours accepts; texts only where the loader reads text, since a bare number loses its
    spelling on the way. Mappings are made here, single values by hypothesis-jsonschema.
    """
    if "$ref" in schema:
        return values(SCHEMA["definitions"][schema["$ref"].split("/")[-1]])
    if "anyOf" in schema:
        return st.one_of([values(s) for s in schema["anyOf"]])
    if schema.get("type") == "object":
        below = {name: values(s) for name, s in schema["properties"].items()}
        needed = schema.get("required", ())
        must = {name: s for name, s in below.items() if name in needed}
        return st.fixed_dictionaries(must, optional={n: s for n, s in below.items() if n not in must})
    if schema.get("type") == "array":
        low, high = schema.get("minItems", 0), schema.get("maxItems", 3)
        return st.lists(values(schema["items"]), min_size=low, max_size=high)
    if "string" in schema.get("type", ()):
        schema = {**schema, "type": "string"}
    return from_schema(schema)


def test_the_schemas_are_up_to_date() -> None:
    import write_generated

    for name, text in write_generated.generated().items():
        if name.startswith("presets/"):
            assert (ROOT / name).read_text(encoding="utf-8") == text, f"stale; run: {write_generated.COMMAND}"


@pytest.mark.parametrize("schema", [SCHEMA, base_preset_schema()], ids=["preset", "base"])
def test_the_schemas_are_draft_7(schema: dict[str, Any]) -> None:
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_every_field_is_described_with_unit_default_example_and_limits() -> None:
    def at(path: str) -> dict[str, Any]:
        here: Any = SCHEMA
        for step in path.split("."):
            name = step.removesuffix("[]")
            for choice in here.get("anyOf", ()):
                here = SCHEMA["definitions"][choice["$ref"].split("/")[-1]] if "$ref" in choice else here
            here = here["properties"][name]
            if step.endswith("[]"):
                items = here["items"]
                items = items["anyOf"][-1] if "anyOf" in items else items
                here = SCHEMA["definitions"][items["$ref"].split("/")[-1]]
        return dict(here)

    for path, field in walk():
        found = at(path)
        assert field.help in found["description"], path
        assert field.limits.get("unit", "") in found["description"], path
        if field.kind != "model" and not field.required:
            assert "default" in found, path
        if "example" in field.limits and field.kind not in ("model", "models"):
            assert found["examples"], path
        if "low" in field.limits:
            assert (found["minimum"], found["maximum"]) == (field.limits["low"], field.limits["high"]), path
        if "choices" in field.limits:
            assert set(field.limits["choices"]) <= set(found["enum"]), path


@pytest.mark.parametrize("path", sorted((ROOT / "presets").glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_presets_name_their_schema_and_keep_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    head, data = text.split("\n", 1)[0], yaml.safe_load(text)
    assert head.startswith(MODELINE)
    schema = json.loads((path.parent / head.removeprefix(MODELINE)).read_text(encoding="utf-8"))
    assert [e.message for e in jsonschema.Draft7Validator(schema).iter_errors(data)] == []


def test_the_modeline_is_a_comment_to_the_loader() -> None:
    text = "extends: shot\nshot: a\nsource: {path: a.#.exr, first: 1, last: 9}\n"
    text += "reference: {path: b.#.exr, first: 1, last: 9}\npairs: [1, 3, 5, 9]\n"
    assert loads(MODELINE + "schema/preset-1.json\n" + text).preset == loads(text).preset


def whole() -> st.SearchStrategy[Any]:
    """Presets that the schema accepts, with what must be given."""
    below = {n: s for n, s in SCHEMA["properties"].items() if n != "extends"}
    clips = {}
    for name in ("source", "reference"):
        clip = dict(SCHEMA["definitions"][name.capitalize().replace("Source", "Clip")])
        clips[name] = {**clip, **SCHEMA["else"]["properties"][name]}
        clips[name]["properties"] = clip["properties"]
    needed = SCHEMA["else"]["required"]
    return values({"type": "object", "required": needed, "properties": {**below, **clips}})


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(whole())
def test_what_the_schema_accepts_the_loader_reads(data: Any) -> None:
    assume(VALID.is_valid(data))
    assert refusals(spelled(data)) == []


@settings(max_examples=60)
@given(presets())
def test_what_the_loader_reads_the_schema_accepts(preset: Any) -> None:
    data = as_data(preset)
    assert refusals(spelled(data)) == []
    assert [f"{e.json_path}: {e.message}" for e in VALID.iter_errors(data)] == []


ODD: list[Any] = [
    None, True, 0, -1, 3, 2.5, 1e18, "", "None", "no", "a\nb", "a\x07", "a b", "x" * 1001, "../a", "~/a", "$HOME/a",
    "[exec ls]", "a\\b", "http://a/b.exr", "a.####.%04d.exr", "a%sb", " a", "a####/b.exr", "a.%013d.exr", "a.####.exr",
    [], [1], [1, 2], [1, 2, 3, 4], [1, 2, "3", 4], {}, {"a": 1}, {"source": 5}, {"source": "5"}, [{"source": 5}],
]  # fmt: skip


FULL = """
source: {path: a/source.####.exr, first: 1, last: 100, format: {width: 64, height: 48}}
reference: {path: a/dvd.####.exr, first: 1, last: 100, citation: DVD}
pairs: [1, {source: 20, reference: 21, note: skin}, 40, {source: 60, hold_out: true}, 80]
shot: sh010
alignment: {keys: [{pair: 20, translate: [1, 2]}], f_align: {region: [1, 2, 30, 40]}}
crop: {box: [1, 2, 30, 40], keys: [{pair: 40, box: [1, 2, 30, 40]}]}
training: {learning_rate: 0.001, preview: 5}
inference: {crop: [1, 2, 30, 40], format: {width: 32, height: 24}, first: 2, last: 99}
"""


@st.composite
def changed(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """A valid preset, every field said, with one value replaced, removed or added somewhere."""
    data = copy.deepcopy(as_data(loads(FULL).preset))
    here: Any = data
    path = ""
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = draw(st.sampled_from(keys))
        path += f".{key}"
        below = here[key]
        if not (isinstance(below, (dict, list)) and below) or draw(st.integers(0, 4)) == 0:
            break
        here = below
    act = draw(st.sampled_from(["replace", "replace", "replace", "remove", "unknown"]))
    if act == "replace":
        here[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
    elif act == "remove":
        del here[key]
    elif isinstance(here, dict):
        here[draw(st.sampled_from(["patches", "extend", "path_", "0"]))] = 1
    return data, path


def _version(data: dict[str, Any]) -> Any:
    nuke = data.get("nuke")
    return nuke.get("version", "") if isinstance(nuke, dict) else ""


@settings(max_examples=250)
@given(changed())
def test_schema_and_loader_agree_on_a_changed_preset(made: tuple[dict[str, Any], str]) -> None:
    data, path = made
    for bare in (data.get("shot", ""), _version(data)):
        assume(isinstance(bare, (str, list, dict)))  # only the loader sees how a number was typed
    errors = [f"{e.json_path}: {e.message}" for e in VALID.iter_errors(data)]
    refused = refusals(spelled(data))
    assert bool(errors) == bool(refused), f"{path}: schema {errors}, loader {refused}"


def test_a_preset_that_extends_another_may_leave_fields_out() -> None:
    assert VALID.is_valid({"extends": "shot", "source": {"path": "a.####.exr"}})
    assert not VALID.is_valid({"source": {"path": "a.####.exr"}})
    assert not VALID.is_valid({"extends": "shot", "pairs": [{"note": "no frame"}]})
    assert {n for n in shipped_names() if VALID.is_valid({"extends": n})} == set(shipped_names())
    assert not VALID.is_valid({"extends": "sht"})
    assert VALID.is_valid({"extends": "../base.yaml"})


def test_numbers_and_switches_where_text_is_wanted() -> None:
    assert VALID.is_valid({"extends": "shot", "nuke": {"version": 16.0}, "documentation": {"stock": 5254}})
    assert VALID.is_valid({"extends": "shot", "inference": {"tile": 1024}})
    assert not VALID.is_valid({"extends": "shot", "inference": {"tile": 1000}})


def test_other_models_get_a_schema_too() -> None:
    schema = json_schema(Job, title="Job", description="A job.")
    valid = jsonschema.Draft7Validator(schema)
    assert valid.is_valid({"shots": ["sh010", {"name": "b", "weight": 2}], "first": {"name": "a"}})
    assert not valid.is_valid({"shots": [{"weight": 2}], "first": {"name": "a"}})
    assert not valid.is_valid({"shots": [], "first": {}})
    assert not valid.is_valid({"shots": []})
