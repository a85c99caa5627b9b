"""Flicker taken out of what the network sees, through the graph."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from chroma_recovery.engine.image import Image
from chroma_recovery.engine.learning import load_checkpoint, train
from chroma_recovery.engine.learning.dataset import Dataset, Pair
from chroma_recovery.engine.learning.export import export_model
from chroma_recovery.engine.learning.flicker import OFFSET
from chroma_recovery.engine.learning.luma_chroma import encode, to_ycc
from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork
from chroma_recovery.engine.learning.pair import PairFile
from chroma_recovery.engine.learning.steadying import Steadying, colour_map
from chroma_recovery.errors import Cancelled, EngineError

from .conftest import Bench, faded, picture, scene

Make = Callable[..., Bench]
LENGTH, PAIRS = 24, (3, 11, 19)


def channel_changes() -> torch.Tensor:
    """(LENGTH, 3), factors of encoded values plus OFFSET."""
    return torch.from_numpy(np.exp(np.random.default_rng(3).normal(0, 0.03, (LENGTH, 3)))).float()


def flickering(frame: int) -> torch.Tensor:
    clean = (faded(scene(1)) + OFFSET) * channel_changes()[frame - 1, :, None, None]
    return (clean - OFFSET).clamp(0.03, 0.97)


def shot_bench(bench: Make, **user: object) -> Bench:
    """Pairs held from a shot of one flickering picture, and an Inference over all of it."""
    shot = [picture(flickering(k + 1)) for k in range(LENGTH)]
    b = bench(sets={"Shot": shot}, knobs={"batchSize": 3}, **user)
    graph, truth = b.graph, picture(scene(1))
    b.sets["Truth"] = [truth] * len(PAIRS)
    holds = []
    for frame in PAIRS:
        length = graph.add("FrameRange", f"One{frame}", inputs=("Shot",), first_frame=1, last_frame=1)
        holds.append(graph.add("FrameHold", f"Hold{frame}", inputs=(length,), firstFrame=frame))
    joined = graph.add("AppendClip", "Pairs", inputs=tuple(holds), firstFrame=1)
    boxed = graph.add(
        "CopyBBox", "Boxed", inputs=(joined, "Truth")
    )  # as in the graph: the Reference's Read comes in
    graph.nodes["CopyCat1"].inputs = (boxed, "Truth")
    graph.add("Inference", "Inference1", inputs=("Shot",), modelFile="models/run.30.cat")
    return b


def chroma(image: Image) -> torch.Tensor:
    return to_ycc(encode(torch.from_numpy(image.rgb().copy()).permute(2, 0, 1)))


def test_frames_agree_and_luma_is_theirs(bench: Make) -> None:
    spread = {}
    for on in (True, False):
        b = shot_bench(bench, cr_deflicker=str(on), cr_run="run" if on else "plain")
        if not on:
            b.graph.nodes["Inference1"].knobs["modelFile"] = "models/plain.30.cat"
        result = train(b.evaluator, "CopyCat1", steps=2)
        assert (
            result.checkpoint.is_file() and (load_checkpoint(result.checkpoint).steadying is not None) is on
        )
        b.graph.nodes["Inference1"].knobs["modelFile"] = str(result.checkpoint)
        b.evaluator.forget()
        pictures = [chroma(b.evaluator.image("Inference1", k)) for k in range(6, 18)]
        for k, found in zip(range(6, 18), pictures, strict=True):
            assert (found[0] - chroma(b.sets["Shot"][k - 1])[0]).abs().max() < 1e-5
        spread[on] = float(torch.stack(pictures)[:, 1:].mean((2, 3)).std(0).mean())
    assert spread[True] < 0.4 * spread[False]


def test_the_table_is_in_the_checkpoint_and_knows_its_frames(bench: Make) -> None:
    b = shot_bench(bench)
    result = train(b.evaluator, "CopyCat1", steps=2)
    held = load_checkpoint(result.checkpoint).steadying
    assert held is not None and sorted(held.frames) == list(range(1, LENGTH + 1))
    found = torch.tensor([held.factors(k + 1, b.sets["Shot"][k]) for k in range(LENGTH)])
    assert (
        float(torch.corrcoef(torch.stack([found.log().flatten(), channel_changes().log().flatten()]))[0, 1])
        < -0.9
    )
    assert held.factors(LENGTH + 1, b.sets["Shot"][0]) is None
    assert held.factors(3, picture(scene(9))) is None
    again = train(b.evaluator, "CopyCat1", steps=2, overwrite=True)
    assert load_checkpoint(again.checkpoint).steadying == held


def test_an_export_says_that_it_does_not_carry_the_table(bench: Make, tmp_path: Path) -> None:
    for b, said in ((shot_bench(bench), "not carried"), (bench(cr_run="plain"), None)):
        done = export_model(train(b.evaluator, "CopyCat1", steps=2).checkpoint, tmp_path)
        assert done.steadied is (said is not None)
        assert json.loads(done.record.read_text())["steadying"] == said


def test_without_an_inference_there_is_no_table(bench: Make) -> None:
    result = train(bench().evaluator, "CopyCat1", steps=2)
    assert load_checkpoint(result.checkpoint).steadying is None


@pytest.mark.parametrize(
    "lines", ["x", [1], ["1 2"], ["1 1 1 1 1 1 nan"], ["1 1 1 1 1 1 9"], ["a 1 1 1 1 1 1"], ["1 " * 200]]
)
def test_a_damaged_table_is_refused(bench: Make, lines: object) -> None:
    result = train(bench().evaluator, "CopyCat1", steps=2)
    described: Path = result.checkpoint.with_suffix(".json")
    said = json.loads(described.read_text())
    described.write_text(json.dumps(said | {"steadying": lines}))
    with pytest.raises(EngineError) as error:
        load_checkpoint(result.checkpoint)
    assert error.value.problems[0].code == "CR557"


def test_json_and_back() -> None:
    held = Steadying({7: (((0.25, 0.5, 0.75), (1.01, 0.99, 1.0)), ((0.1, 0.1, 0.1), (1.0, 1.0, 1.02)))})
    assert Steadying.from_json(held.as_json()) == held
    assert Steadying.from_json(None) is None


def test_the_network_sees_what_the_pairs_were(tmp_path: Path) -> None:
    factors = (1.03, 0.98, 1.01)
    encoded = scene(4).clamp(0.1, 0.85)
    steady = (encoded + OFFSET) * torch.tensor(factors)[:, None, None] - OFFSET
    matrix, away = colour_map(factors)
    pair = Pair(1, to_ycc(encoded), to_ycc(encoded)[1:], torch.ones(1, *encoded.shape[1:]), (0.0,) * 5)
    for one in (pair, PairFile(tmp_path).add(pair)):
        assert torch.allclose(one.mapped(matrix.float(), away.float()).ycc, to_ycc(steady), atol=1e-4)
    network = ChromaNetwork(Architecture(widths=(8, 8), hidden=8)).eval()
    torch.nn.init.normal_(network.residual.weight)
    network.white_weight.copy_(torch.randn(3, 3, generator=torch.Generator().manual_seed(1)))
    where = torch.zeros(1, 5)
    with torch.no_grad():
        wanted = network(to_ycc(steady)[None], where)
        got = network.through(matrix, away)(to_ycc(encoded)[None], where)
        before = network(to_ycc(encoded)[None], where)
    assert torch.allclose(got, wanted, atol=1e-4) and not torch.allclose(before, wanted, atol=1e-3)


def test_many_pairs_in_a_file_train_as_those_in_memory(tmp_path: Path) -> None:
    from chroma_recovery.engine.learning.base import fit_base

    file = PairFile(tmp_path)
    pairs = [
        Pair(k, to_ycc(faded(scene(k))), to_ycc(scene(k))[1:], torch.ones(1, 96, 160), (0.0,) * 5)
        for k in range(3)
    ]
    found = []
    for held in (pairs, [file.add(p) for p in pairs]):
        network = ChromaNetwork(Architecture(widths=(8, 8), hidden=8))
        fit_base(network, Dataset(tuple(held), "", True))
        found.append(network.base_weight.clone())
    assert torch.allclose(found[0], found[1], atol=0.02)


def test_a_stop_is_heard_while_flicker_is_measured(bench: Make) -> None:
    b, asked = shot_bench(bench), []

    def cancel() -> bool:
        asked.append(1)
        return len(asked) == 3

    with pytest.raises(Cancelled) as error:
        train(b.evaluator, "CopyCat1", steps=30, cancel=cancel)
    assert "flicker" in str(error.value)
    assert len(asked) == 3
    assert not list(b.evaluator.project.glob("models/*"))
