"""What is known of a unit's stages: one JSON file per unit, written whole or not at all.

A record says from which inputs a stage was made, so that a later look can tell what changed since. A file that cannot
be read is named, put aside as ``.corrupt``, and its stages are made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ..errors import Problem
from ..paths import posix, write_text

__all__ = ["FORMAT", "Record", "State", "read_state", "save_state"]

FORMAT = 1
LARGEST = 1 << 26
"""Bytes of a state file that is read at most; one of 1,493 pairs has some hundred thousand."""

STATES = ("begun", "done", "failed")


@attrs.frozen
class Record:
    """One stage. state: begun, done or failed. inputs: digests by what they are of (preset, graph, Source, Reference,
    model). outputs: size in bytes by path below the output folder. facts: numbers and names for status and farm
    (graph hashes, model, verdict, loss). note: why it failed. seconds: of work, ended: when (UTC)."""

    state: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, int] = attrs.field(factory=dict)
    facts: Mapping[str, Any] = attrs.field(factory=dict)
    note: str = ""
    seconds: float = 0.0
    ended: str = ""


@attrs.define
class State:
    """stages: records by stage. details: what a digest stands for, to say what changed: file or field -> text."""

    stages: dict[str, Record] = attrs.field(factory=dict)
    details: dict[str, dict[str, str]] = attrs.field(factory=dict)

    def record(self, stage: str, record: Record) -> None:
        """Keep a record and forget details that none needs any more."""
        self.stages[stage] = record
        needed = {digest for r in self.stages.values() for digest in r.inputs.values()}
        needed |= {str(r.facts.get("preset")) for r in self.stages.values()}
        self.details = {digest: d for digest, d in self.details.items() if digest in needed}


def read_state(path: Path) -> tuple[State, Problem | None]:
    """The state, and a warning (CR611) if there was a file that cannot be used; the state is then empty."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("is larger than any state of ours")
        said = json.loads(path.read_text(encoding="utf-8"))
        return _state(said), None
    except FileNotFoundError:
        return State(), None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"the state cannot be read ({str(error)[:80]}); its stages are made again"
        return State(), Problem("CR611", posix(path), message, severity="warning")


def _state(said: Any) -> State:
    if not isinstance(said, dict) or said["chroma_recovery_state"] != FORMAT:
        raise ValueError("is no state of this version")
    stages: dict[str, Record] = {}
    for name, r in said["stages"].items():
        record = Record(
            r["state"],
            _texts(r["inputs"]),
            _sizes(r["outputs"]),
            dict(r["facts"]),
            str(r["note"]),
            float(r["seconds"]),
            str(r["ended"]),
        )
        if record.state not in STATES:
            raise ValueError(f"{name} is {record.state!r}")
        stages[name] = record
    return State(stages, {k: _texts(v) for k, v in said["details"].items()})


def _texts(said: Any) -> dict[str, str]:
    if not all(isinstance(v, str) for v in said.values()):
        raise ValueError("a digest is no text")
    return dict(said)


def _sizes(said: Any) -> dict[str, int]:
    if not all(type(v) is int for v in said.values()):
        raise ValueError("a size is no number")
    return dict(said)


def save_state(path: Path, unit: str, state: State) -> None:
    """Write it beside its place and rename; a corrupt file in its place is kept as ``.corrupt``."""
    if path.exists() and read_state(path)[1] is not None:
        path.replace(path.with_suffix(".json.corrupt"))
    said = {
        "chroma_recovery_state": FORMAT,
        "unit": unit,
        "stages": {name: attrs.asdict(record) for name, record in state.stages.items()},
        "details": state.details,
    }
    write_text(path, json.dumps(said, indent=1) + "\n", overwrite=True)
