"""The JSON Schema of project presets completes and checks shots, groups and the presets in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from chroma_recovery.project.schema import project_schema

ROOT = Path(__file__).resolve().parents[2]
BASE = json.loads((ROOT / "presets/schema/preset-base-1.json").read_text(encoding="utf-8"))
REGISTRY: Any = Registry().with_resource("preset-base-1.json", Resource.from_contents(BASE))
VALID = jsonschema.Draft7Validator(project_schema(), registry=REGISTRY)

PROJECT = {
    "project": "reel3",
    "source": {"path": "plates/{shot}/source.####.exr"},
    "reference": {"path": "plates/{shot}/dvd.####.exr", "kind": "dvd"},
    "preset": {"training": {"steps": 60000}},
    "shots": [
        {"shot": "sh010", "group": "sc04", "pairs": [1, {"source": 5, "hold_out": True}], "preset": None}
    ],
    "groups": [{"name": "sc04", "shots": ["sh02*"], "preset": {"training": {"patch": 256}}}],
}


def test_a_whole_project() -> None:
    assert [e.message for e in VALID.iter_errors(PROJECT)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"sources": 1},
        {"preset": {"trainig": {}}},
        {"preset": {"training": {"patch": 500}}},
        {"shots": [{"group": "sc04"}]},
        {"groups": [{"name": "sc04", "preset": {"training": {"patch": 500}}}]},
        {"naming": "reel"},
        {"source": {"path": "$HOME/a.####.exr"}},
    ],
)
def test_mistakes(change: dict[str, Any]) -> None:
    assert not VALID.is_valid({**PROJECT, **change})
