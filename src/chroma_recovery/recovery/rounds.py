"""Rounds of the outlier loop, recorded and compared: ``05_validation/<shot>/rounds/rounds.json``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import Problem, StageError
from ..paths import contained, posix, write_text, writing
from ..preset.editing.text_edits import set_value
from ..preset.model import Preset

__all__ = ["compared", "next_start", "read_rounds", "record_round", "rounds_folder"]


def rounds_folder(project: Path, preset: Preset) -> Path:
    """Where rounds of a shot are kept."""
    return contained(project, f"{preset.output.folder}/05_validation/{preset.shot}/rounds")


def read_rounds(project: Path, preset: Preset) -> list[dict[str, Any]]:
    """Rounds so far, the first first. Raises StageError (CR414) for a file that is no table of rounds."""
    path = rounds_folder(project, preset) / "rounds.json"
    if not path.is_file():
        return []
    try:
        rounds: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rounds"]
        if not all(isinstance(r["measures"], dict) and isinstance(r["round"], int) for r in rounds):
            raise ValueError
    except (ValueError, KeyError, TypeError) as error:
        raise StageError(Problem("CR414", "rounds.json", "is no table of rounds", "move it away")) from error
    return rounds


def record_round(
    project: Path, preset: Preset, record: dict[str, Any], checkpoint: Path | None, date: str
) -> list[dict[str, Any]]:
    """Add this round's numbers, keep its best checkpoint beside the table, and return all rounds. A round measured
    again (same pairs, steps and numbers) is not added twice."""
    rounds = read_rounds(project, preset)
    entry: dict[str, Any] = {
        "pairs": sorted(p.source for p in preset.training_pairs),
        "hold_outs": sorted(p.source for p in preset.hold_out_pairs),
        "steps": preset.training.steps,
        "passed": record["passed"],
        "decided_by": record["decided_by"],
        "outliers": sorted({o.frame for o in record["found"]}),
        "measures": {f"{m['code']} {m['name']}": m["value"] for m in record["measures"] if m["code"]},
    }
    if rounds and all(rounds[-1].get(k) == v for k, v in entry.items()):
        return rounds
    number = len(rounds) + 1
    folder = rounds_folder(project, preset)
    kept = ""
    if checkpoint is not None:
        for path in (checkpoint, checkpoint.with_suffix(".json")):
            if path.is_file():
                with writing(folder / f"round_{number:03d}{path.suffix}", overwrite=True) as scratch:
                    shutil.copyfile(path, scratch)
        kept = f"round_{number:03d}{checkpoint.suffix}"
    rounds.append({"round": number, "date": date, "checkpoint": kept, **entry})
    write_text(folder / "rounds.json", json.dumps({"rounds": rounds}, indent=1) + "\n", overwrite=True)
    return rounds


def compared(rounds: Sequence[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Rows of measure, the round before, this round, change in per cent; of the last two rounds."""
    if len(rounds) < 2:
        return []
    before, now = rounds[-2]["measures"], rounds[-1]["measures"]
    rows = []
    for name in now:
        if name in before:
            old, new = float(before[name]), float(now[name])
            change = f"{100 * (new / old - 1):+.0f} %" if old else ("" if new == old else "new")
            rows.append((name, f"{old:.4g}", f"{new:.4g}", change))
    return rows


def next_start(text: str, project: Path, preset: Preset, rounds: Sequence[dict[str, Any]]) -> str:
    """The preset's text, starting the next training from the checkpoint that the last round kept. Raises StageError
    (CR415) if it kept none, PresetError (CR191) if the text cannot be edited safely."""
    if not rounds or not rounds[-1].get("checkpoint"):
        hint = "train in this project folder first"
        raise StageError(Problem("CR415", "training.checkpoint", "no round has kept a checkpoint", hint))
    path = rounds_folder(project, preset) / str(rounds[-1]["checkpoint"])
    inside = posix(path.resolve().relative_to(project.resolve()))
    text = set_value(text, "training.initial_weights", "Checkpoint")
    return set_value(text, "training.checkpoint", inside)
