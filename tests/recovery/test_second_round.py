"""The outlier loop once round, by the commands alone: measure, accept, train on from the best checkpoint, compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exr_pictures import read, write, write_shot

from chroma_recovery.cli import main
from chroma_recovery.engine.learning import load_checkpoint
from chroma_recovery.preset.load import load

WIDTH, HEIGHT, FIRST, COUNT = 192, 108, 1001, 14
WRONG = FIRST + 3
PRESET = f"""\
# the second reel
shot: sh
source: {{path: plates/faded.####.exr, first: {FIRST}, last: {FIRST + COUNT - 1}}}
reference: {{path: dvd/colour.####.exr, first: {FIRST}, last: {FIRST + COUNT - 1}, kind: telecine}}
pairs:
  - 1001   # begin
  - {{source: 1007, hold_out: true}}   # never trains
  - 1010
  - 1014
training: {{median: 3, patch: 64, batch: 3, steps: 20}}   # short
validation: {{lut_size: 9}}
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rounds")
    write_shot(root, (WIDTH, HEIGHT), FIRST, COUNT)
    (root / "sh.yaml").write_text(PRESET, encoding="utf-8")
    return root


def said(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_two_rounds(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preset, out = film / "sh.yaml", film / "out"
    said(capsys, "run", preset, "--out", out)
    frame = next((out / "pipeline/04_inference_render/sh").glob(f"*_{WRONG}.exr"))
    tinted = read(frame) * np.array([1.25, 0.95, 0.9], np.float32)
    write(frame, tinted, like=frame)

    first = said(capsys, "outliers", preset, "--out", out, "--fresh", "--accept", "--round")
    assert first["passed"] is False and WRONG in {o["frame"] for o in first["outliers"]}
    assert list(first["proposed"]) == [str(WRONG)] and first["proposed"][str(WRONG)]["reference"] == WRONG
    assert first["proposed"][str(WRONG)]["verdict"] != "reject" and len(first["rounds"]) == 1
    text = preset.read_text(encoding="utf-8")
    assert all(f"# {word}" in text for word in ("the second reel", "begin", "never trains", "short"))
    after = load(preset).preset
    assert [p.source for p in after.training_pairs] == [1001, WRONG, 1010, 1014]
    assert [p.source for p in after.hold_out_pairs] == [1007]
    assert after.training.initial_weights == "Checkpoint"
    kept = out / after.training.checkpoint
    assert kept.is_file() and kept.name == "round_001.safetensors"
    best = next((out / "pipeline/03_copycat_training/sh").glob("*.best.safetensors"))
    assert kept.read_bytes() == best.read_bytes()

    said(capsys, "run", preset, "--out", out, "--overwrite")
    second = said(capsys, "outliers", preset, "--out", out)
    assert [r["round"] for r in second["rounds"]] == [1, 2]
    one, two = second["rounds"]
    assert (one["pairs"], two["pairs"]) == ([1001, 1010, 1014], [1001, WRONG, 1010, 1014])
    assert one["hold_outs"] == two["hold_outs"] == [1007]
    assert one["passed"] is False and WRONG not in two["outliers"]
    flicker = "Q401 Chroma flicker"
    assert two["measures"][flicker] < one["measures"][flicker]
    made = load_checkpoint(next((out / "pipeline/03_copycat_training/sh").glob("*.best.safetensors")))
    assert made.facts["carried"] is (float(load_checkpoint(kept).network.strength) > 0)
    assert main(["outliers", str(preset), "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert "round 1" in told.out + told.err and "round 2" in told.out + told.err
