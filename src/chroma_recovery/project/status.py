"""The state of every shot: which stage it has reached, what is stale and why. Looks only; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from ..errors import ChromaRecoveryError, Problem
from .current import Current, missing_outputs
from .model import Places, Project, Unit
from .own import edited_by_hand, signed, written_from
from .state import State, read_state

__all__ = ["StageStatus", "UnitStatus", "status_of", "unit_status"]

AFTER_TRAINING = ("inference", "validation")


@attrs.frozen
class StageStatus:
    """state: to do, done, stale, interrupted, failed or waiting. why: what changed, failed or is missing."""

    stage: str
    state: str
    why: tuple[str, ...] = ()


@attrs.frozen
class UnitStatus:
    """stages in order. checkpoint: the model that a shot has or loads. verdict: of validation, empty if not judged.
    own_preset: whether its preset was changed by hand. notes: what deserves a look. problems: warnings about files."""

    unit: Unit
    stages: tuple[StageStatus, ...]
    checkpoint: str = ""
    verdict: str = ""
    own_preset: bool = False
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def reached(self) -> str:
        """The stage to look at: the first that is not done, with its state; ``done`` if all are."""
        for stage in self.stages:
            if stage.state != "done":
                return f"{stage.stage}: {stage.state}"
        return "done"

    @property
    def complete(self) -> bool:
        return all(s.state == "done" for s in self.stages)

    def as_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit.name,
            "scope": self.unit.scope,
            "group": self.unit.group,
            "members": list(self.unit.members),
            "frames": self.unit.frames,
            "pairs": self.unit.pairs,
            "reached": self.reached,
            "stages": [attrs.asdict(s) for s in self.stages],
            "checkpoint": self.checkpoint,
            "verdict": self.verdict,
            "own_preset": self.own_preset,
            "notes": list(self.notes),
        }


def status_of(project: Project, out: Path) -> Iterator[UnitStatus]:
    """Every unit, groups first. One at a time: memory does not grow with the project."""
    groups: dict[str, bool] = {}
    for unit in project.units.values():
        found = unit_status(project, unit, out, group_ready=groups.get(unit.group, True))
        if unit.is_group:
            groups[unit.name] = found.complete
        yield found


def unit_status(project: Project, unit: Unit, out: Path, *, group_ready: bool = True) -> UnitStatus:
    """One unit. group_ready: whether the model of its group is finished and unchanged."""
    places = Places(out)
    state, problem = read_state(places.state(unit.name))
    problems = (problem,) if problem is not None else ()
    file = places.preset(unit.name)
    own = edited_by_hand(file)
    notes = []
    if own and written_from(file) not in ("", _written(unit)):
        notes.append("its preset was changed by hand, and the project says something else since")
    elif own:
        notes.append("its preset was changed by hand")
    notes += [unit.judged_on] if unit.judged_on else []
    facts = {stage: record.facts for stage, record in state.stages.items()}
    checkpoint = str(
        facts.get("training", {}).get("model", "") or facts.get("inference", {}).get("model", "")
    )
    verdict = str(facts.get("validation", {}).get("verdict", ""))
    try:
        current = Current.of(unit, places, content=project.content_hash, rules=project.rules)
        stages = tuple(_stages(current, state, out, group_ready))
    except ChromaRecoveryError as error:
        why = tuple(f"{p.message}: {p.place}" for p in error.problems[:3])
        stages = tuple(
            StageStatus(s, "waiting" if n == 0 else "to do", why if n == 0 else ())
            for n, s in enumerate(unit.stages)
        )
    return UnitStatus(unit, stages, checkpoint, verdict, own, tuple(notes), problems)


def _written(unit: Unit) -> str:
    return signed(unit.text).partition("(")[2][:16]


def _stages(current: Current, state: State, out: Path, group_ready: bool) -> Iterator[StageStatus]:
    trained = group_ready
    started = any(s in state.stages for s in current.unit.stages)
    for stage in current.unit.stages:
        record = state.stages.get(stage)
        if record is None:
            lost = [p.message for p in current.missing()] if not started else []
            yield StageStatus(
                stage,
                "waiting" if lost and stage == "build" else "to do",
                tuple(lost[:2]) if stage == "build" else (),
            )
            trained = trained and stage != "training"
            continue
        found = StageStatus(stage, record.state)
        if record.state == "failed":
            found = StageStatus(stage, "failed", (record.note,))
        elif record.state == "begun":
            found = StageStatus(stage, "interrupted", tuple(current.changed(stage, record, state)))
        else:
            why = [*current.changed(stage, record, state), *missing_outputs(record, out)]
            if stage in AFTER_TRAINING and not trained:
                why.append("its model is to be trained again" if not why else "its model too")
            found = StageStatus(stage, "stale" if why else "done", tuple(why))
        if stage == "training" and found.state != "done":
            trained = False
        yield found
