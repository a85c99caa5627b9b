"""The outlier loop: which frames become pairs, what is advised, how rounds are kept and compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chroma_recovery.errors import StageError
from chroma_recovery.preset.editing.pairs_block import with_pairs
from chroma_recovery.preset.load import loads
from chroma_recovery.qc.profile import Profile
from chroma_recovery.qc.results import FrameRow, Outlier, ShotMeasures
from chroma_recovery.recovery.outliers import (
    advice,
    chosen_frames,
    new_pairs,
    outlier_file,
    read_record,
    write_record,
)
from chroma_recovery.recovery.rounds import compared, next_start, read_rounds, record_round

TEXT = """\
# my shot
shot: sh010
source: {path: a.####.exr, first: 1, last: 48}
reference: {path: b.####.exr, first: 101, last: 148, kind: dvd}
pairs:
  - {source: 1, reference: 101}      # begin
  - {source: 12, reference: 112}
  - {source: 24, reference: 124, hold_out: true}   # never trains
  - {source: 36, reference: 136}
  - {source: 48, reference: 148}
training:
  steps: 40000   # enough
"""
PRESET = loads(TEXT).preset


def out(frame: int, value: float = 2.0, code: str = "Q401") -> Outlier:
    return Outlier(frame, code, "flicker", value, 0.7, "why")


def test_the_worst_frames_are_chosen_up_to_the_next_level_away_from_pairs() -> None:
    found = [
        out(25, 9),
        out(23, 9),
        out(13, 9),
        out(7, 1),
        out(8, 3),
        out(17, 2),
        out(30, 5),
        out(42, 4),
        out(99, 9),
    ]
    assert chosen_frames(PRESET, found) == [8, 30, 42]


def test_new_pairs_keep_comments_order_and_hold_outs() -> None:
    pairs = new_pairs(PRESET, [8, 30], {8: 107, 30: 130}, {8: "outlier Q401, round 1"})
    text = with_pairs(TEXT, pairs, PRESET)
    after = loads(text).preset
    assert [p.source for p in after.hold_out_pairs] == [24]
    assert {p.source: p.reference_frame for p in after.pairs}[8] == 107
    assert "# begin" in text and "# never trains" in text and "# my shot" in text and "# enough" in text
    assert 'note: "outlier Q401, round 1"' in text
    lines = [line for line in TEXT.splitlines() if line not in text.splitlines()]
    assert lines == []


def test_a_hold_out_that_fails_never_becomes_training() -> None:
    with pytest.raises(StageError, match="pairs already"):
        new_pairs(PRESET, [24], {}, {})


def losses(tmp_path: Path, rows: list[tuple[int, float, float | None]]) -> Path:
    path = tmp_path / "run.csv"
    path.write_text(
        "step,loss,validation\n" + "".join(f"{s},{a},{'' if v is None else v}\n" for s, a, v in rows)
    )
    return path


def kinds(path: Path, found: list[Outlier], passed: bool = False, preset: object = PRESET) -> list[str]:
    return [a.kind for a in advice(preset, path, found, passed=passed)]  # type: ignore[arg-type]


def test_a_loss_that_still_falls_asks_for_steps(tmp_path: Path) -> None:
    path = losses(tmp_path, [(10 * n, 1 / (n + 1), None) for n in range(40)])
    assert kinds(path, [])[0] == "more steps"


def test_hold_outs_that_got_worse_ask_for_pairs_not_steps(tmp_path: Path) -> None:
    rows = [(10 * n, 1 / (n + 1), 0.02 + abs(n - 10) * 0.001 if n % 5 == 0 else None) for n in range(40)]
    found = kinds(losses(tmp_path, rows), [out(8)])
    assert found[0] == "more pairs" and "more steps" not in found


def test_flicker_with_exposure_augmented_asks_for_less(tmp_path: Path) -> None:
    jittered = loads(TEXT + "  augmentation: {exposure: 0.1}\n").preset
    assert "less augmentation" in kinds(tmp_path / "none.csv", [out(8)], preset=jittered)
    assert "less augmentation" not in kinds(tmp_path / "none.csv", [out(8)])


def test_a_wrong_pair_is_mended_before_anything_else(tmp_path: Path) -> None:
    """Only a broken rule of the pairs says so, and it says which pair."""
    path = losses(tmp_path, [(10 * n, 1 / (n + 1), None) for n in range(40)])
    measures = [
        {"code": "Q221", "passed": True, "detail": "pair 1"},
        {"code": "Q223", "passed": False, "detail": "pair 3, Source 36, Reference 131: 40% unexplained"},
        {"code": "Q401", "passed": False, "detail": "largest at frame 8"},
    ]
    found = advice(PRESET, path, [out(8)], passed=False, measures=measures)
    assert [a.kind for a in found] == ["mend a pair", "more steps", "more pairs"]
    assert "pair 3" in found[0].why and "Q223" in found[0].why
    assert kinds(path, [out(8)])[0] != "mend a pair"


def test_nothing_to_do(tmp_path: Path) -> None:
    flat = losses(tmp_path, [(10 * n, 0.01, None) for n in range(40)])
    assert kinds(flat, [], passed=True) == ["done"]
    assert kinds(flat, []) == ["more pairs"]


def shot(flicker: float) -> ShotMeasures:
    measures = (Profile().measure("Q401", flicker), Profile().measure("Q403", 0.4))
    outliers = (out(8, flicker),) if flicker > 0.7 else ()
    return ShotMeasures(measures, (), (FrameRow(8, {"flicker": flicker}),), outliers, "default")


def test_a_record_is_read_as_it_was_written_and_nothing_else_is(tmp_path: Path) -> None:
    assert read_record(tmp_path, PRESET) is None
    write_record(tmp_path, PRESET, [1, 48], shot(2.0))
    record = read_record(tmp_path, PRESET)
    assert record is not None and record["found"] == [out(8)] and record["decided_by"] == "Q401"
    for text in ("{", "[]", '{"found": [{"a": 1}], "measures": []}'):
        outlier_file(tmp_path, PRESET).write_text(text)
        with pytest.raises(StageError, match="CR414"):
            read_record(tmp_path, PRESET)


def test_rounds_are_recorded_once_and_compared(tmp_path: Path) -> None:
    best = tmp_path / "run.best.safetensors"
    best.write_bytes(b"weights")
    best.with_suffix(".json").write_text("{}")
    for flicker in (2.0, 2.0, 0.5):
        write_record(tmp_path, PRESET, [1, 48], shot(flicker))
        record = read_record(tmp_path, PRESET)
        assert record is not None
        rounds = record_round(tmp_path, PRESET, record, best, "2026-11-23")
    assert [r["round"] for r in rounds] == [1, 2] and rounds == read_rounds(tmp_path, PRESET)
    assert compared(rounds)[0] == ("Q401 Chroma flicker", "2", "0.5", "-75 %")
    folder = tmp_path / "pipeline/05_validation/sh010/rounds"
    assert (folder / "round_001.safetensors").read_bytes() == b"weights"
    text = next_start(TEXT, tmp_path, PRESET, rounds)
    after = loads(text).preset.training
    assert (after.initial_weights, after.checkpoint) == (
        "Checkpoint",
        "pipeline/05_validation/sh010/rounds/round_002.safetensors",
    )
    assert "# enough" in text


def test_without_a_checkpoint_no_round_starts(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="CR415"):
        next_start(TEXT, tmp_path, PRESET, [])
    table = tmp_path / "pipeline/05_validation/sh010/rounds/rounds.json"
    table.parent.mkdir(parents=True)
    table.write_text(json.dumps({"rounds": [{"round": "one"}]}))
    with pytest.raises(StageError, match="CR414"):
        read_rounds(tmp_path, PRESET)
