"""What rendered frames will say of themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from chroma_recovery.graph import Graph
from chroma_recovery.nk.metadata import plain_text, read_metadata
from chroma_recovery.preset import model as m
from chroma_recovery.stages import ProjectPaths, Recovery
from chroma_recovery.stages.header import KEYS, NOT_KNOWN, OF_THE_MODEL, preset_digest, preset_text

Built = Callable[..., Recovery]


def said(graph: Graph, node: str) -> dict[str, str]:
    entries = read_metadata(graph.knobs(node)["metadata"].word)  # type: ignore[union-attr]
    assert all(verb == "set" and key.startswith("exr/") for verb, key, _ in entries)
    return {key[4:]: plain_text(value) for _, key, value in entries}


def test_every_write_has_its_header_and_lets_it_through(built: Built) -> None:
    graph = built().graph
    for write in graph.of_class("Write"):
        (above,) = write.inputs
        assert graph[above or ""].cls == "ModifyMetaData", write.name
        assert graph.knobs(write.name)["metadata"] == "default metadata and exr/*"
    assert tuple(said(graph, "Header_recovered")) == tuple(said(graph, "Header_final")) == KEYS
    assert set(said(graph, "Header_MatchGrade")) == set(KEYS) - OF_THE_MODEL


def test_what_it_says(built: Built) -> None:
    told = m.Documentation(
        element="35mm print", institution="Filmoteca", restorationist="A. Pérez [lab] $1 100 %"
    )
    recovery = built(documentation=told)
    header = said(recovery.graph, "Header_recovered")
    assert header["SourceElement"] == "35mm print" and header["Institution"] == "Filmoteca"
    assert header["Restorationist"] == "A. Pérez [lab] $1 100 %"
    assert header["FilmStock"] == "not documented"
    assert header["SourceFrame"] == "[frame]" and header["SourceFiles"] == "source.####.exr"
    assert header["ReferenceSource"] == "dvd." and header["RecoveryType"] == "reference-based"
    assert (header["TrainingPairs"], header["HoldOutPairs"]) == ("471,478,492,499", "485")
    assert header["ModelCheckpoint"] == "sh010_v001.40000.cat" and header["ModelHash"] == NOT_KNOWN
    assert header["DigitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    preset = recovery.plan.preset
    assert header["PresetHash"] == preset_digest(preset)
    assert header["PresetHash"] == hashlib.sha256(preset_text(preset).encode()).hexdigest()
    assert json.loads(preset_text(preset))["documentation"]["element"] == "35mm print"


def test_a_model_that_is_there_is_named_with_its_hash(built: Built) -> None:
    paths = ProjectPaths("a.####.exr", "b.####.exr", m.Format(64, 48), m.Format(64, 48), "ab" * 32)  # type: ignore[arg-type]
    header = said(
        built(paths=paths, inference=m.Inference(model="../models/best.cat")).graph, "Header_recovered"
    )
    assert (header["ModelCheckpoint"], header["ModelHash"]) == ("best.cat", "ab" * 32)


def test_the_hash_is_of_the_settings_not_of_where_to_go_on(built: Built) -> None:
    preset = built().plan.preset
    same = attrs.evolve(preset, inference=attrs.evolve(preset.inference, model="x.cat"))
    other = attrs.evolve(preset, training=attrs.evolve(preset.training, steps=7))
    assert preset_digest(preset) == preset_digest(same) != preset_digest(other)


@pytest.mark.parametrize("count", [700, 1493])
def test_values_stay_short(built: Built, count: int) -> None:
    pairs: list[Any] = [m.Pair(471 + 7 * n + n % 3, 20 + n) for n in range(count)]
    told = m.Documentation(element="x" * 20000)
    header = said(built(pairs, documentation=told).graph, "Header_recovered")
    assert max(map(len, header.values())) <= 2000
    assert header["TrainingPairs"].endswith("pairs, listed in the preset")
    assert header["SourceElement"].endswith(" ... (whole in the preset)")


def test_a_constructed_reference_is_called_so(built: Built) -> None:
    reference = m.Reference("b.####.exr", 471, 600, kind="constructed", citation="Pancho Fierro, c. 1850")
    pairs = [m.Pair(471 + 7 * n, 1001 + n, hold_out=n == 3) for n in range(4)]
    header = said(built(pairs, reference=reference).graph, "Header_recovered")
    assert header["RecoveryType"].startswith("non-reference")
    assert header["ReferenceSource"] == "constructed. Pancho Fierro, c. 1850"
    assert (header["TrainingPairs"], header["HoldOutPairs"]) == ("471=1001,478=1002,485=1003", "492=1004")
