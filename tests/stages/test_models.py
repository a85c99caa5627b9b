"""Which file Inference is told to load: a model of CopyCat, an exported one, or a checkpoint of the engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chroma_recovery.preset import model as m
from chroma_recovery.stages import Recovery
from chroma_recovery.stages.inference import EXPORTED

Built = Callable[..., Recovery]


@pytest.mark.parametrize(
    ("given", "loaded", "label"),
    [
        ("", "", None),
        ("models/copycat.cat", "models/copycat.cat", None),
        ("models/ours.cat", "models/ours.cat", None),
        ("models/ours.400.safetensors", "models/ours.400.cat", EXPORTED),
    ],
)
def test_nuke_is_given_what_it_can_load(built: Built, given: str, loaded: str, label: str | None) -> None:
    knobs = built(inference=m.Inference(model=given)).graph.knobs("Inference_recovery")
    file = str(knobs["modelFile"])
    assert file.endswith(".cat") and (not given or file == loaded)
    assert knobs.get("label") == label


def test_a_checkpoint_becomes_a_catnc_in_the_non_commercial_edition(built: Built) -> None:
    nuke = m.Nuke(edition="non-commercial")
    recovery = built(inference=m.Inference(model="models/ours.safetensors"), nuke=nuke)
    assert recovery.graph.knobs("Inference_recovery")["modelFile"] == "models/ours.catnc"
