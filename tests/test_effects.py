"""What fields become in the graph, tried on every field of the model."""

from __future__ import annotations

import pytest

from chroma_recovery.effects import effect, example, graph_changes, graph_of
from chroma_recovery.preset import loads
from chroma_recovery.preset.fields import walk

NOT_IN_THE_GRAPH = {
    "schema": "there is one value only",
    "scope": "only rules about the number of pairs read it",
    "reference.fps": "only rules and the table of timecodes read it",
    "validation.profile": "the quality report reads it",
    "inference.model_sha256": "building compares the model file with it",
    "training.checkpoint_sha256": "building compares the checkpoint with it",
}

FIELDS = [path for path, field in walk() if field.kind not in ("model", "models")]


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_shows_in_the_graph_or_is_known_not_to(path):
    found = effect(path)
    if path in NOT_IN_THE_GRAPH:
        assert found is None or not found.changes
    else:
        assert found is not None and found.changes, (
            "a field that does nothing: name it above, or it is forgotten"
        )


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("training.patch", "CopyCat_training.cropSize"),
        ("training.median", "Reference_median.size"),
        ("crop.enabled", "Shared_crop.disable"),
        ("inference.crop", "Live_area.box"),
        ("documentation.stock", "Header_final.metadata exr/FilmStock"),
        ("nuke.version", "Root.version"),
    ],
)
def test_a_field_names_its_knob(path, place):
    found = effect(path)
    assert found is not None
    assert place in [c.place for c in found.changes]


def test_values_are_shown_as_knobs_have_them():
    found = effect("training.patch")
    assert [str(c) for c in found.changes] == ["CopyCat_training.cropSize: 512 -> 32"]


def test_on_a_preset_of_ones_own():
    text = "shot: a\nsource: {path: s.#.exr, first: 1, last: 9, format: {width: 64, height: 64}}\n"
    text += "reference: {path: r.#.exr, first: 1, last: 9, format: {width: 64, height: 64}}\n"
    loaded = loads(text + "pairs: [1, 4, 6, 9]\ntraining: {patch: 64}\n")
    found = effect("training.patch", loaded)
    assert found.before == 64 and [c.place for c in found.changes] == ["CopyCat_training.cropSize"]


def test_the_same_graph_has_no_changes():
    graph = graph_of(example())
    assert graph_changes(graph, graph_of(example()), notes=True) == []
