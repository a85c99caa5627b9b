"""Models on disk: what was saved comes back, and nothing else is accepted."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from chroma_recovery.engine.learning import load_checkpoint, model_file
from chroma_recovery.engine.learning.checkpoint import FORMAT, save_checkpoint
from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork
from chroma_recovery.errors import EngineError, PathError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "run.5.safetensors"
    save_checkpoint(path, ChromaNetwork(Architecture(widths=(8, 8, 8), hidden=8)), {"step": 5})
    return path


def refused(path: Path) -> str:
    with pytest.raises(EngineError) as error:
        load_checkpoint(path)
    return error.value.problems[0].code


def test_round_trip(model: Path) -> None:
    torch.manual_seed(0)
    wanted = ChromaNetwork(Architecture(widths=(8, 8, 8), hidden=8)).state_dict()
    held = load_checkpoint(model)
    assert all(torch.equal(v, held.network.state_dict()[k]) for k, v in wanted.items())
    assert held.facts["step"] == 5


def test_missing_halves(model: Path) -> None:
    model.with_suffix(".json").rename(model.with_name("gone.json"))
    assert refused(model) == "CR556"
    assert refused(model.with_name("none.safetensors")) == "CR556"


def test_cut_file(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:-100])
    assert refused(model) == "CR557"


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 64, b"\xff" * 64, pickle.dumps({"a": 1})], ids=["empty", "zero", "ones", "pickle"]
)
def test_other_bytes(model: Path, data: bytes) -> None:
    model.write_bytes(data)
    assert refused(model) == "CR557"


def test_pickled_model_is_never_opened(model: Path) -> None:
    torch.save(ChromaNetwork(Architecture(widths=(8, 8, 8), hidden=8)).state_dict(), model)
    assert refused(model) == "CR557"


@pytest.mark.parametrize("change", ["shape", "missing", "extra", "nan", "type"])
def test_tampered_tensors(model: Path, change: str) -> None:
    tensors = load_file(model)
    if change == "shape":
        tensors["white_bias"] = torch.zeros(2)
    elif change == "missing":
        del tensors["white_bias"]
    elif change == "extra":
        tensors["more"] = torch.zeros(1)
    elif change == "nan":
        tensors["white_bias"] = torch.full((3,), float("nan"))
    else:
        tensors["white_bias"] = torch.zeros(3, dtype=torch.int32)
    save_file(tensors, model)
    assert refused(model) == "CR557"


@pytest.mark.parametrize(
    "change",
    [
        {"chroma_recovery_model": FORMAT - 1},
        {"chroma_recovery_model": FORMAT + 1},
        {"chroma_recovery_model": str(FORMAT)},
        {"chroma_recovery_model": True},
        {"architecture": None},
        {"architecture": {"kind": "other"}},
        {
            "architecture": {
                "kind": "hybrid",
                "cell": 8,
                "widths": [10**9],
                "hidden": 8,
                "bands": 2,
                "linear": True,
            }
        },
        {
            "architecture": {
                "kind": "hybrid",
                "cell": 8,
                "widths": [8, 8, 8],
                "hidden": 8.0,
                "bands": 2,
                "linear": True,
            }
        },
        {
            "architecture": {
                "kind": "hybrid",
                "cell": 8,
                "widths": [8, 8, 8],
                "hidden": 8,
                "bands": 2,
                "linear": 1,
            }
        },
    ],
)
def test_tampered_description(model: Path, change: dict[str, Any]) -> None:
    beside = model.with_suffix(".json")
    beside.write_text(json.dumps(json.loads(beside.read_text()) | change))
    assert refused(model) == "CR557"


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 200_000])
def test_broken_description(model: Path, text: str) -> None:
    model.with_suffix(".json").write_text(text)
    assert refused(model) == "CR557"


def test_saving_does_not_overwrite(model: Path) -> None:
    with pytest.raises(PathError):
        save_checkpoint(model, ChromaNetwork(Architecture(widths=(8, 8, 8))), {})


def test_model_files(model: Path) -> None:
    assert model_file(model, "I.modelFile") == model
    assert model_file(model.with_suffix(".cat"), "I.modelFile") == model
    assert model_file(model.with_suffix(".catnc"), "I.modelFile") == model
    for name in ("nuke.cat", "model.pt"):
        with pytest.raises(EngineError) as error:
            model_file(model.with_name(name), "I.modelFile")
        assert error.value.problems[0].code == "CR558"


Make = Callable[..., Any]


def test_inference_without_a_model_names_the_node(bench: Make) -> None:
    b = bench()
    b.graph.add("Inference", "Inference1", inputs=("Input",), modelFile="nuke.cat")
    with pytest.raises(EngineError) as error:
        b.evaluator.image("Inference1", 1)
    assert error.value.problems[0].place == "Inference1.modelFile"


def test_inference_reads_a_model_again_only_when_it_changed(bench: Make, model: Path) -> None:
    b = bench()
    b.graph.add("Inference", "Inference1", inputs=("Input",), modelFile=model.name, useGPUIfAvailable=False)
    before = b.evaluator.image("Inference1", 1).rgb().copy()
    network = ChromaNetwork(Architecture(widths=(8, 8, 8), hidden=8))
    network.base_weight.zero_()
    save_checkpoint(model, network, {"step": 6}, overwrite=True)
    b.evaluator.kept.clear()
    after = b.evaluator.image("Inference1", 1).rgb()
    assert abs(after - before).max() > 0.01


def exported(folder: Path, content: bytes = b"weights") -> Path:
    """A ``.cat`` of an export, the record beside it, and the checkpoint under a name of its own."""
    (folder / "our model.safetensors").write_bytes(content)
    record = {
        "checkpoint": {"our model.json": "0", "our model.safetensors": hashlib.sha256(b"weights").hexdigest()}
    }
    (folder / "our_model_export.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "our_model.cat").write_bytes(b"cat")
    return folder / "our_model.cat"


def test_an_exported_cat_is_evaluated_by_the_checkpoint_it_came_from(tmp_path: Path) -> None:
    assert model_file(exported(tmp_path), "Inference1.modelFile").name == "our model.safetensors"


def test_an_exported_cat_without_its_checkpoint_is_named(tmp_path: Path) -> None:
    cat = exported(tmp_path, b"other weights")
    with pytest.raises(EngineError, match=r"CR558.*from another our model.safetensors"):
        model_file(cat, "Inference1.modelFile")
    (tmp_path / "our model.safetensors").unlink()
    with pytest.raises(EngineError, match=r"CR558.*exported from our model.safetensors, which does not lie"):
        model_file(cat, "Inference1.modelFile")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"checkpoint": {"../x.safetensors": "0"}}', '{"checkpoint": {"a.safetensors": 1}}'],
)
def test_a_record_that_says_nothing_useful_leaves_nuke_s_own_model(tmp_path: Path, text: str) -> None:
    (tmp_path / "m_export.json").write_text(text, encoding="utf-8")
    with pytest.raises(EngineError, match=r"CR558.*Nuke's own model"):
        model_file(tmp_path / "m.cat", "Inference1.modelFile")


def test_an_exported_program_is_never_run(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"CR558.*never run here"):
        model_file(tmp_path / "m.pt", "Inference1.modelFile")


@pytest.mark.parametrize("smoothing", [[-1.0, 0, 0], [1e9, 0, 0], [1.5, 0, 0], [9.0, 0, 0]])
def test_a_mean_that_never_ends_is_refused(model: Path, smoothing: list[float]) -> None:
    tensors = load_file(model)
    save_file({**tensors, "smoothing": torch.tensor(smoothing)}, model)
    assert refused(model) == "CR557"
