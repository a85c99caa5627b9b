"""Two processes that train one model: the same model as by one, within what the order of sums allows."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from chroma_recovery.engine.learning import together
from chroma_recovery.engine.learning.base import fault
from chroma_recovery.engine.learning.dataset import Batch
from chroma_recovery.engine.learning.settings import read_settings
from chroma_recovery.engine.learning.together import ALONE, Share, joined, share_of
from chroma_recovery.errors import EngineError


def test_the_share_is_what_torchrun_says() -> None:
    assert share_of({}) is ALONE
    assert share_of({"WORLD_SIZE": "1", "RANK": "0"}) is ALONE
    said = {"WORLD_SIZE": "3", "RANK": "2", "LOCAL_RANK": "0", "MASTER_ADDR": "a", "MASTER_PORT": "1"}
    assert share_of(said) == Share(2, 3, 0)
    assert not share_of(said).first
    for wrong in ({"RANK": "3"}, {"WORLD_SIZE": "x"}, {"MASTER_ADDR": ""}):
        with pytest.raises(EngineError) as caught:
            share_of({**said, **wrong})
        assert caught.value.problems[0].code == "CR575"


@pytest.mark.parametrize(("rows", "world"), [(4, 2), (5, 2), (3, 3), (7, 4)])
def test_parts_add_up_to_the_error_of_the_whole(rows: int, world: int) -> None:
    random = torch.Generator().manual_seed(rows * world)
    away = torch.randn(rows, 2, 16, 16, generator=random)
    mask = (torch.rand(rows, 1, 16, 16, generator=random) > 0.3).float()
    whole = Batch(away, away, mask, torch.zeros(rows, 5))
    parts = [(Share(r, world), Share(r, world).part(whole)) for r in range(world)]
    assert sum(len(p.ycc) for _, p in parts) == rows
    total = sum(float(fault(p.ycc, p.mask, 4)) * s.weight(p.mask, whole.mask) for s, p in parts)
    assert total == pytest.approx(float(fault(away, mask, 4)), rel=1e-5)
    assert ALONE.part(whole) is whole


def test_what_cannot_be_shared_is_refused(bench: Any) -> None:
    made = bench(pairs=3)
    settings = read_settings(made.evaluator, "CopyCat1", pairs=3, least_side=96)
    with (
        pytest.raises(EngineError, match="batch of 2 cannot be shared by 4"),
        joined(Share(0, 4), settings, "cpu"),
    ):
        pass


SCRIPT = """\
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import conftest
import torch
from chroma_recovery.engine.learning import train
torch.set_num_threads(1)
folder = Path(sys.argv[2])
truths = [conftest.scene(n) for n in range(4)]
inputs = [conftest.picture(conftest.faded(t)) for t in truths]
sets = {"Input": inputs, "Truth": [conftest.picture(t) for t in truths]}
made = conftest.Bench(folder, sets, {"batchSize": 4, "cropSize": "32"}, {})
result = train(made.evaluator, "CopyCat1", steps=12)
print(result.loss)
"""


def processes(count: int, folder: Path) -> list[subprocess.CompletedProcess[str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    common = {**os.environ, "OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    words = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(folder)]
    started = [
        subprocess.Popen(
            words,
            env={**common, "WORLD_SIZE": str(count), "RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    ended = []
    for process in started:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        ended.append(subprocess.CompletedProcess(words, 0, out, err))
    return ended


def test_two_processes_give_the_model_of_one(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    alone = processes(1, tmp_path / "one")
    both = processes(2, tmp_path / "two")
    files = [sorted(p.name for p in (tmp_path / n).rglob("*") if p.is_file()) for n in ("one", "two")]
    assert files[0] == files[1]  # the second process wrote nothing of its own
    assert files[0]
    assert float(both[0].stdout) == pytest.approx(float(alone[0].stdout), rel=1e-5)
    assert float(both[1].stdout) == float(both[0].stdout)  # every process knows the whole batch's error
    models = [next((tmp_path / n).rglob("run.*.json")) for n in ("one", "two")]
    weights = [load_file(m.with_suffix(".safetensors")) for m in models]
    assert weights[0].keys() == weights[1].keys()
    for name, tensor in weights[0].items():
        assert torch.allclose(tensor, weights[1][name], rtol=1e-4, atol=2e-5), name
    assert json.loads(models[0].read_text())["step"] == json.loads(models[1].read_text())["step"]
    assert together.PATIENCE.total_seconds() > 600
