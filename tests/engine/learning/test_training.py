"""Training on tiny pictures: it learns, repeats itself, resumes, stops and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from chroma_recovery.engine import ycbcr
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.learning import load_checkpoint, read_losses, train, training_run
from chroma_recovery.engine.learning.checkpoint import save_checkpoint
from chroma_recovery.engine.learning.learner import LEVEL
from chroma_recovery.engine.learning.settings import MOST_STEPS, read_settings
from chroma_recovery.engine.learning.trainer import Progress
from chroma_recovery.engine.learning.validation import Verdict
from chroma_recovery.engine.lut import fit_lut
from chroma_recovery.errors import Cancelled, ChromaRecoveryError, EngineError, PathError, UnsupportedNode

Make = Callable[..., Any]


def codes(error: pytest.ExceptionInfo[ChromaRecoveryError]) -> list[str]:
    return [p.code for p in error.value.problems]


def chroma_error(a: Image, b: Image) -> float:
    return float(np.abs(ycbcr.encode(a.rgb(), "YPbPr") - ycbcr.encode(b.rgb(), "YPbPr"))[..., 1:].mean())


def test_beats_the_lut_on_an_uneven_fade(bench: Make, unseen: tuple[Image, Image]) -> None:
    b = bench(pairs=6, held=1, cr_learning_rate=0.008)
    result = train(b.evaluator, "CopyCat1", steps=200)
    b.graph.add(
        "Inference",
        "Inference1",
        inputs=("Unseen",),
        modelFile=result.checkpoint.as_posix(),
        useGPUIfAvailable=False,
    )
    source, truth = unseen
    b.graph.add("Read", "Unseen")
    b.sets["Unseen"] = [source]
    recovered = b.evaluator.image("Inference1", 1)
    assert np.abs(ycbcr.luma(recovered.rgb()) - ycbcr.luma(source.rgb())).max() < 1e-5
    colours = [np.concatenate([i.rgb().reshape(-1, 3) for i in b.sets[name]]) for name in ("Input", "Truth")]
    lut = fit_lut(colours[0], colours[1], 17)
    graded = source.with_pixels(lut.apply(source.rgb()))
    error = chroma_error(recovered, truth)
    assert error < 0.6 * chroma_error(graded, truth)
    assert error < 0.3 * chroma_error(source, truth)
    assert result.validation is not None
    assert result.base is not None
    assert result.validation <= result.base


def test_same_seed_same_losses_and_weights(bench: Make, tmp_path: Any) -> None:
    b = bench()
    first = train(b.evaluator, "CopyCat1", steps=12, out=tmp_path / "a")
    second = train(b.evaluator, "CopyCat1", steps=12, out=tmp_path / "b")
    assert first.log.read_bytes() == second.log.read_bytes()
    assert first.checkpoint.read_bytes() == second.checkpoint.read_bytes()


def test_another_seed_another_model(bench: Make, tmp_path: Any) -> None:
    first = train(bench(cr_seed=1).evaluator, "CopyCat1", steps=4, out=tmp_path / "a")
    second = train(bench(cr_seed=2).evaluator, "CopyCat1", steps=4, out=tmp_path / "b")
    assert first.checkpoint.read_bytes() != second.checkpoint.read_bytes()


def test_the_rest_of_the_program_keeps_its_random_numbers(bench: Make) -> None:
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    train(bench().evaluator, "CopyCat1", steps=2)
    assert torch.equal(torch.rand(3), wanted)
    assert not torch.are_deterministic_algorithms_enabled()


def test_resumed_run_equals_an_uninterrupted_one(bench: Make, tmp_path: Any) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    b = bench(held=1)
    train(b.evaluator, "CopyCat1", steps=20, out=whole)
    seen: list[int] = []
    with pytest.raises(Cancelled):
        train(
            b.evaluator,
            "CopyCat1",
            steps=20,
            out=parts,
            cancel=lambda: len(seen) > 0,
            progress=lambda p: seen.append(p.step) if p.step >= 10 else None,
        )
    assert sorted(p.name for p in parts.glob("run.10.*"))
    result = train(b.evaluator, "CopyCat1", steps=20, out=parts, resume=True)
    assert result.steps == 20
    for name in ("run.20.safetensors", "run.20.optimiser.safetensors"):
        a, c = load_file(whole / name), load_file(parts / name)
        assert all(torch.equal(a[k], c[k]) for k in a), name
    assert read_losses(whole / "run.csv") == read_losses(parts / "run.csv")


def test_cancelling_leaves_a_usable_checkpoint(bench: Make) -> None:
    b = bench()
    with pytest.raises(Cancelled) as error:
        train(b.evaluator, "CopyCat1", steps=50, cancel=lambda: True)
    assert codes(error) == ["CR590"]
    held = load_checkpoint(b.folder / "run.0.safetensors")
    assert held.facts["step"] == 0


def test_keyboard_interrupt_leaves_a_usable_checkpoint(bench: Make) -> None:
    b = bench()

    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Cancelled):
        train(b.evaluator, "CopyCat1", steps=50, progress=interrupt)
    assert load_checkpoint(b.folder / "run.1.safetensors").facts["step"] == 1


def test_resuming_on_other_pixels_is_refused(bench: Make) -> None:
    b = bench()
    train(b.evaluator, "CopyCat1", steps=2)
    b.sets["Input"][0] = b.sets["Input"][1]
    b.evaluator.forget()
    with pytest.raises(EngineError) as error:
        train(b.evaluator, "CopyCat1", steps=4, resume=True)
    assert codes(error) == ["CR560"]


def test_a_checkpoint_cut_short_is_passed_over(bench: Make) -> None:
    b = bench(knobs={"checkpointInterval": 10})
    train(b.evaluator, "CopyCat1", steps=20)
    (b.folder / "run.20.json").unlink()
    seen: list[int] = []
    train(b.evaluator, "CopyCat1", steps=20, resume=True, progress=lambda p: seen.append(p.step))
    assert seen == [20]
    assert [row[0] for row in read_losses(b.folder / "run.csv")] == [1, 10, 20]


def test_nothing_to_resume(bench: Make) -> None:
    with pytest.raises(EngineError) as error:
        train(bench(knobs={"trainingMode": "Resume"}).evaluator, "CopyCat1", steps=2)
    assert codes(error) == ["CR560"]


def test_files_log_and_facts(bench: Make) -> None:
    b = bench(held=1, knobs={"checkpointInterval": 10, "imageInterval": 10})
    said: list[str] = []
    result = train(
        b.evaluator, "CopyCat1", progress=lambda p: said.append(str(p)), steps=20, facts={"graph": "abc"}
    )
    names = {p.name for p in b.folder.iterdir()}
    assert {
        "run.csv",
        "run.10.safetensors",
        "run.10.json",
        "run.10.optimiser.safetensors",
        "run.10.png",
        "run.20.png",
    } <= names
    assert not [n for n in names if ".part" in n]
    assert said[0].startswith("[Step:1/20] Loss:0.")
    facts = json.loads(result.checkpoint.with_suffix(".json").read_text())
    assert facts["graph"] == "abc"
    assert facts["step"] == 20
    assert facts["pairs"] == [1, 2, 3]
    assert [row[0] for row in read_losses(result.log)] == [1, 10, 20]
    assert str(b.folder) not in json.dumps(facts)


def test_steps_come_from_epochs(bench: Make) -> None:
    result = train(bench(pairs=3, knobs={"epochs": 5}).evaluator, "CopyCat1")
    assert result.steps == 5 * 3 // 2


def test_own_steps_under_the_number_that_the_graph_looks_for(bench: Make) -> None:
    b = bench(pairs=3, knobs={"epochs": 20}, cr_engine_steps="4")
    result = train(b.evaluator, "CopyCat1")
    assert result.steps == 4
    assert result.checkpoint.name == "run.30.safetensors" and result.checkpoint.is_file()
    assert load_checkpoint(result.checkpoint).facts["step"] == 4
    b = bench(pairs=3, knobs={"epochs": 20, "checkpointInterval": 10}, cr_engine_steps="10")
    result = train(b.evaluator, "CopyCat1", resume=True)
    assert result.steps == 10
    assert [step for step, _, _ in read_losses(result.log)] == [1, 4, 10]
    assert load_checkpoint(result.checkpoint).facts["step"] == 10


@pytest.mark.parametrize(("epochs", "steps"), [(20, 30), (40_000, MOST_STEPS)])
def test_steps_of_the_guide_are_not_for_this_network(bench: Make, epochs: int, steps: int) -> None:
    evaluator = bench(pairs=3, knobs={"epochs": epochs, "cropSize": "512"}).evaluator
    settings = read_settings(evaluator, "CopyCat1", pairs=3, least_side=900)
    assert (settings.steps, settings.named, settings.minutes) == (steps, epochs * 3 // 2, None)
    assert settings.crop == 256


def test_minutes_of_the_preset(bench: Make) -> None:
    settings = read_settings(bench(cr_minutes="1.5").evaluator, "CopyCat1", pairs=3, least_side=90)
    assert settings.minutes == 1.5


def test_minutes_can_be_repeated_with_their_steps(
    bench: Make, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = bench()
    clock = count()  # every look at the clock finds it one second later
    monkeypatch.setattr(training_run, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    first = train(b.evaluator, "CopyCat1", minutes=1.25, out=tmp_path / "a")
    second = train(b.evaluator, "CopyCat1", steps=first.steps, out=tmp_path / "b")
    assert 30 < first.steps < 45
    a, c = load_file(first.checkpoint), load_file(second.checkpoint)
    assert all(torch.equal(a[k], c[k]) for k in a)


def test_nothing_is_overwritten_unasked(bench: Make) -> None:
    b = bench()
    train(b.evaluator, "CopyCat1", steps=2)
    with pytest.raises(PathError):
        train(b.evaluator, "CopyCat1", steps=2)
    train(b.evaluator, "CopyCat1", steps=2, overwrite=True)


@pytest.mark.parametrize("strength", [0.5, 0.0])
def test_initial_weights_from_a_checkpoint(bench: Make, tmp_path: Any, strength: float) -> None:
    """The residual is carried over if any of it was let through; the base is that of the pairs at hand."""
    b = bench(pairs=2)
    train(b.evaluator, "CopyCat1", steps=10)
    first = load_checkpoint(b.folder / "run.10.safetensors")
    before = first.network
    assert float(before.strength) == 0.0, "so short a training leaves its base alone"
    before.strength.fill_(strength)
    before.residual_scale.fill_(0.25)
    save_checkpoint(b.folder / "other.10.safetensors", before, first.facts)
    again = bench(
        pairs=3,
        knobs={"initialWeights": "Checkpoint", "checkpointFile": "models/other.10.cat", "epochs": 1},
        cr_run="second",
    )
    with pytest.raises(Cancelled):
        train(again.evaluator, "CopyCat1", cancel=lambda: True)
    found = load_checkpoint(b.folder / "second.0.safetensors")
    same = [torch.equal(p, q) for p, q in zip(before.parameters(), found.network.parameters(), strict=True)]
    assert all(same) is found.facts["carried"] is (strength > 0)
    assert torch.equal(before.residual_scale, found.network.residual_scale) is (strength > 0)
    fresh = bench(pairs=3, cr_run="third", knobs={"epochs": 1})
    with pytest.raises(Cancelled):
        train(fresh.evaluator, "CopyCat1", cancel=lambda: True)
    wanted = load_checkpoint(b.folder / "third.0.safetensors").network
    assert torch.equal(wanted.white_weight, found.network.white_weight)
    assert torch.equal(wanted.base_local, found.network.base_local)
    assert not torch.equal(before.white_weight, found.network.white_weight)


@pytest.mark.parametrize(
    ("knobs", "user", "kind", "place"),
    [
        ({"batchSize": 4}, {}, EngineError, "CopyCat1.batchSize"),
        ({"epochs": 0}, {}, EngineError, "CopyCat1.epochs"),
        ({"trainingMode": "Validate"}, {}, UnsupportedNode, "CopyCat1.trainingMode"),
        ({"initialWeights": "Deblur"}, {}, UnsupportedNode, "CopyCat1.initialWeights"),
        (
            {"initialWeights": "Checkpoint", "checkpointFile": "nuke.cat"},
            {},
            EngineError,
            "CopyCat1.checkpointFile",
        ),
        ({}, {"cr_schedule": "step"}, EngineError, "CopyCat1.cr_schedule"),
        ({}, {"cr_run": "../x"}, EngineError, "CopyCat1.cr_run"),
        ({}, {"cr_precision": "int8"}, EngineError, "cr_precision"),
        ({}, {"cr_engine_steps": "-1"}, EngineError, "CopyCat1.cr_engine_steps"),
        ({}, {"cr_minutes": "-2"}, EngineError, "CopyCat1.cr_minutes"),
        ({}, {"cr_validation_input": "Nowhere"}, EngineError, "CopyCat1.cr_validation_input"),
    ],
)
def test_refusals_name_node_and_knob(
    bench: Make, knobs: dict[str, Any], user: dict[str, Any], kind: type[EngineError], place: str
) -> None:
    with pytest.raises(kind) as error:
        train(bench(knobs=knobs, **user).evaluator, "CopyCat1", steps=1)
    assert [p.place for p in error.value.problems] == [place]


def test_all_wrong_knobs_at_once(bench: Make) -> None:
    with pytest.raises(EngineError) as error:
        train(bench(knobs={"batchSize": 9, "epochs": 0}, cr_schedule="x").evaluator, "CopyCat1", steps=1)
    assert len(error.value.problems) == 3


def test_unequal_branches(bench: Make) -> None:
    b = bench()
    b.sets["Truth"].append(b.sets["Truth"][0])
    with pytest.raises(EngineError) as error:
        train(b.evaluator, "CopyCat1", steps=1)
    assert codes(error) == ["CR552"]
    b = bench()
    b.sets["Truth"][0] = Image.of(np.zeros((90, 160, 3)))
    b.sets["Input"][2] = b.sets["Input"][2].with_channels(("alpha",), np.ones((96, 160, 1), np.float32))
    with pytest.raises(EngineError) as error:
        train(b.evaluator, "CopyCat1", steps=1)
    assert codes(error) == ["CR553"] * 3  # frame 1: data window and format, frame 3: channels
    assert "Input" in str(error.value)
    assert "Truth" in str(error.value)


def test_values_that_are_no_numbers(bench: Make) -> None:
    b = bench()
    pixels = b.sets["Input"][1].pixels.copy()
    pixels[5, 5, 0] = np.nan
    b.sets["Input"][1] = b.sets["Input"][1].with_pixels(pixels)
    with pytest.raises(EngineError) as error:
        train(b.evaluator, "CopyCat1", steps=1)
    assert codes(error) == ["CR554"]


def test_unconnected_node(bench: Make) -> None:
    b = bench()
    b.graph.nodes["CopyCat1"].inputs = ("Input",)
    with pytest.raises(EngineError) as error:
        train(b.evaluator, "CopyCat1", steps=1)
    assert codes(error) == ["CR504"]


def test_as_a_picture_the_training_node_passes_its_input_on(bench: Make) -> None:
    b = bench()
    assert b.evaluator.image("CopyCat1", 2) is b.sets["Input"][1]


def test_training_ends_where_the_rehearsal_lets_nothing_through(
    bench: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def rehearse(data: Any, settings: Any, device: Any, steps: int, check: Any) -> Verdict:
        asked.append(steps)
        return Verdict(0.01, True, 0.0, 0.01)

    monkeypatch.setattr(training_run, "rehearse", rehearse)
    b = bench(pairs=3)
    result = train(b.evaluator, "CopyCat1", steps=600)
    assert asked == [600]
    assert result.steps == LEVEL + 1
    assert result.strength == 0
    assert "base alone" in result.chosen
    network = load_checkpoint(result.checkpoint).network
    assert float(network.strength) == 0


def test_a_training_too_short_to_be_judged_leaves_the_base(bench: Make) -> None:
    assert train(bench(pairs=3).evaluator, "CopyCat1", steps=12).strength == 0
    assert train(bench(pairs=2).evaluator, "CopyCat1", steps=12, overwrite=True).strength == 0
    alone = train(bench(pairs=1, knobs={"batchSize": 1}).evaluator, "CopyCat1", steps=12, overwrite=True)
    assert alone.strength == 0


def test_training_ends_where_hold_outs_let_nothing_through_twice(
    bench: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def judge(network: Any, held: Any, *, device: Any) -> Verdict:
        seen.append(1)
        return Verdict(0.01, True, 0.25 if len(seen) == 2 else 0.0, 0.01)

    monkeypatch.setattr(training_run, "judge", judge)
    monkeypatch.setattr(training_run, "LEAST_STEPS", 12)
    result = train(bench(pairs=3, held=2).evaluator, "CopyCat1", steps=60)
    assert len(seen) == 4  # after 10, 20, 30 and 40 steps; that after 20 let something through
    assert result.steps == 40
    assert result.strength == 0
