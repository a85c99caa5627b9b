"""``chroma-recovery export`` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from chroma_recovery.cli import main
from chroma_recovery.engine.learning.checkpoint import save_checkpoint
from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork

torch.set_num_threads(1)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "run.20.safetensors"
    save_checkpoint(path, ChromaNetwork(Architecture(widths=(8, 8), hidden=8)), {"step": 20})
    return path


def test_writes_three_files_and_says_what_to_do(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["export", str(model), "--out", str(out)]) == 0
    assert {p.name for p in out.iterdir()} == {"run.20.pt", "run.20_cat.nk", "run.20_export.json"}
    said = capsys.readouterr()
    assert "Create .cat file and Inference" in said.out
    assert "--area" in said.err  # it uses position, and nobody said where
    (out / "run.20.pt").write_bytes(b"")
    assert main(["export", str(model), "--out", str(out)]) == 4
    assert main(["export", str(model), "--out", str(out), "--overwrite"]) == 0


def test_frame_and_area(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", str(model), "--out", str(tmp_path), "--area", "10,20,110,80", "--json"]
    assert main(words) == 3
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "CR564"
    assert main([*words, "--frame", "200x100"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] and told["placed"] and told["position"]
    module = torch.jit.load(str(tmp_path / "run.20.pt"))
    assert (module.frame_width, module.frame_height, module.area_x, module.area_y) == (200, 100, 10, 20)
    assert "box {10 20 110 80}" in (tmp_path / "run.20_cat.nk").read_text()


@pytest.mark.parametrize(
    "words", [["--frame", "12"], ["--frame", "axb"], ["--area", "1,2,1,4"], ["--area", "1,2"]]
)
def test_wrong_places(model: Path, tmp_path: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["export", str(model), "--out", str(tmp_path), *words])
    assert stopped.value.code == 2


def test_no_model(tmp_path: Path) -> None:
    assert main(["export", str(tmp_path / "none.safetensors"), "--out", str(tmp_path)]) == 3
