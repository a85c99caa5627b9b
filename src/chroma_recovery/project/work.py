"""Work on one unit: each stage that is not finished or no longer holds, with what it was made from recorded.

An interrupted stage goes on where it stopped if nothing changed since; else it begins anew: an older training run is
moved to ``superseded``, frames that an earlier model rendered are replaced. Nothing that is not recorded as ours, and
no script that was changed by hand, is touched.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ..build import write_scripts
from ..errors import Cancelled, ChromaRecoveryError, EngineError, PathError, Problem
from ..frames import Pattern, format_frames
from ..paths import contained, posix
from .aside import drop_frames, set_aside_run, sweep
from .current import Current, missing_outputs
from .lock import locked
from .model import Places, Project, Unit
from .own import materialise
from .state import Record, State, read_state, save_state

if TYPE_CHECKING:
    from ..recovery import Outcome, Recoverer

__all__ = ["Work"]

Tell = Callable[[int, int, str], None]

WAIT = 30.0
"""Seconds to wait for another worker on the same unit, such as one that is just being stopped."""


@attrs.define
class Work:
    """Work on one unit of a project.

    tell: makes a progress callback from a title. cancel: asked often; true stops with Cancelled. overwrite: also
    replace scripts that were changed by hand.
    """

    project: Project
    unit: Unit
    out: Path
    tell: Callable[[str], Tell] = lambda title: lambda done, total, note: None
    cancel: Callable[[], bool] | None = None
    overwrite: bool = False
    done: list[str] = attrs.field(factory=list)
    """Stages that were worked on."""
    state: State = attrs.field(factory=State, init=False)
    _current: Current | None = attrs.field(default=None, init=False)

    @property
    def places(self) -> Places:
        return Places(self.out)

    def stages(self, wanted: Sequence[str]) -> list[str]:
        """Do all wanted stages of the unit, each if it is needed; those that were worked on.

        Raises what stages raise after recording it; PathError CR610 if another process works on the unit.
        """
        with locked(self.places.lock(self.unit.name), f"works on {self.unit.name}", wait=WAIT):
            self._begin()
            for stage in self.unit.stages:
                if stage in wanted:
                    self._stage(stage)
        return self.done

    def chunk(self, frames: Sequence[int]) -> None:
        """Render some frames of inference. Others may render others of this unit at the same time; the one that finds
        every frame there records that the stage is done.

        Raises EngineError CR583 if the model is not there.
        """
        with locked(self.places.lock(self.unit.name), f"prepares {self.unit.name}", wait=600.0):
            self._begin()
            record = self.state.stages.get("inference")
            if record is not None and record.state == "done" and not self._why("inference", record):
                return
            self._need_model()
            self._mark_begun("inference")
        rendered = self._recoverer(frames).go(("inference",)).renders
        if any(r.written for r in rendered.values()):
            self.done.append("inference")
        if self._frames_lost():
            return
        with locked(self.places.lock(self.unit.name), f"finishes {self.unit.name}", wait=600.0):
            self._begin()
            if not self._frames_lost():
                self._stage("inference")

    # -- stages

    def _begin(self) -> None:
        materialise(self.project, self.unit, self.out)
        self.state, problem = read_state(self.places.state(self.unit.name))
        if problem is not None:
            save_state(self.places.state(self.unit.name), self.unit.name, self.state)
        self._current = None

    @property
    def current(self) -> Current:
        """What the unit is made from, as files are now."""
        if self._current is None:
            p = self.project
            self._current = Current.of(self.unit, self.places, content=p.content_hash, rules=p.rules)
        return self._current

    def _why(self, stage: str, record: Record) -> list[str]:
        return [*self.current.changed(stage, record, self.state), *missing_outputs(record, self.out)]

    def _stage(self, stage: str) -> None:
        record = self.state.stages.get(stage)
        if record is not None and record.state == "done" and not self._why(stage, record):
            return
        began = time.monotonic()
        if stage not in self.done:
            self.done.append(stage)
        try:
            if stage in ("inference", "validation"):
                self._need_model()
            if stage == "validation":
                self._need_frames()
            inputs = self._mark_begun(stage)
            sweep(self.out, self.current.plan, stage)
        except ChromaRecoveryError as error:
            self._record(stage, Record("failed", {}, note=_first_line(error)))
            raise
        try:
            outputs, facts = self._build() if stage == "build" else self._evaluate(stage)
        except Cancelled:
            raise
        except (ChromaRecoveryError, MemoryError) as error:
            self._record(stage, Record("failed", inputs, note=_first_line(error)))
            raise
        ended = datetime.now(timezone.utc).isoformat(timespec="seconds")
        facts["preset"] = self.current.preset.digest
        seconds = round(time.monotonic() - began, 3)
        self._record(stage, Record("done", inputs, outputs, facts, seconds=seconds, ended=ended))
        if stage == "build":
            self._current = None

    def _need_model(self) -> None:
        if not self.current.model():
            hint = f"train {self.unit.group or self.unit.name} first"
            raise EngineError.at("CR583", self.unit.name, "its model has not been trained", hint)

    def _need_frames(self) -> None:
        lost = self._frames_lost()
        if lost:
            message = f"recovered frames {format_frames(lost)} are missing"
            raise EngineError.at("CR582", self.unit.name, message, "run inference first")

    def _frames_lost(self) -> list[int]:
        """Source frames of the whole range whose recovered file is not there; files get their names when whole."""
        recoverer = self._recoverer()
        pattern = Pattern.parse(posix(recoverer.evaluator.path(recoverer.names.write)))
        return [f for f in recoverer.frames if not Path(pattern.at(f)).is_file()]

    def _mark_begun(self, stage: str) -> dict[str, str]:
        """Record what the stage is made from; what an earlier one left is set aside if that changed."""
        record = self.state.stages.get(stage)
        found = self.current.inputs(stage, self.state)
        inputs = {what: digest.digest for what, digest in found.items()}
        same = record is not None and dict(record.inputs) == inputs
        if stage == "training" and not (same and self._has_checkpoint()):
            set_aside_run(self.out, self.current.plan)
        if not same and stage in ("inference", "validation"):
            names = self._recoverer().names
            writes = (names.write,) if stage == "inference" else (names.write_matchgrade, names.write_final)
            for node in writes:
                if node is not None:
                    self._drop_frames(node)
        if record is None or not same or record.state != "begun":
            self.state.details |= {d.digest: dict(d.details) for d in found.values() if d.details}
            preset = self.current.preset
            self.state.details[preset.digest] = dict(preset.details)
            self._record(stage, Record("begun", inputs, facts={"preset": preset.digest, **self._kept(stage)}))
        return inputs

    def _kept(self, stage: str) -> dict[str, Any]:
        """What a stage that is begun anew must still know: which scripts we wrote."""
        record = self.state.stages.get(stage)
        return (
            {"scripts": record.facts["scripts"]} if record is not None and "scripts" in record.facts else {}
        )

    def _has_checkpoint(self) -> bool:
        """Whether an interrupted training left something to go on from; the JSON is written last."""
        plan = self.current.plan
        folder = self.out / plan.data_directory
        numbers = [p.name.split(".")[-3] for p in folder.glob(f"{plan.run}.*.optimiser.safetensors")]
        return any((folder / f"{plan.run}.{n}.json").is_file() for n in numbers)

    def _record(self, stage: str, record: Record) -> None:
        self.state.record(stage, record)
        save_state(self.places.state(self.unit.name), self.unit.name, self.state)

    def _build(self) -> tuple[dict[str, int], dict[str, Any]]:
        scripts = self.current.scripts_to_write()
        earlier = self.state.stages.get("build")
        known = earlier.facts.get("scripts", {}) if earlier is not None else {}
        digests = {
            path: hashlib.sha256(text.encode()).hexdigest()[:32] for path, text in scripts.texts.items()
        }
        changed = []
        for path, digest in digests.items():
            target = contained(self.out, path)
            if target.is_file():
                there = hashlib.sha256(target.read_bytes()).hexdigest()[:32]
                if there not in (digest, known.get(path)):
                    changed.append(target)
        if changed and not self.overwrite:
            hint = "keep it under another name, or pass --overwrite"
            raise PathError(
                Problem("CR602", posix(target), "was changed by hand or written by something else", hint)
                for target in changed
            )
        written = write_scripts(scripts, self.out, overwrite=True)
        facts = {
            "scripts": digests,
            "graphs": self.current.assembled_graphs(),
            "graph_sha256": scripts.graph_hash,
            "nodes": len(scripts.recovery.graph),
        }
        return self._sizes(written), facts

    def _evaluate(self, stage: str) -> tuple[dict[str, int], dict[str, Any]]:
        lost = self.current.missing()
        if lost:
            raise PathError(lost)
        outcome = self._recoverer().go((stage,))
        outputs = [*outcome.sheets.values(), *(p for r in outcome.renders.values() for p in r.paths)]
        if outcome.training is not None:
            outputs += [outcome.training.checkpoint, outcome.training.checkpoint.with_suffix(".json")]
        if outcome.report is not None:
            outputs.append(outcome.report)
        return self._sizes(outputs), self._facts(stage, outcome)

    def _facts(self, stage: str, outcome: Outcome) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        trained = outcome.training
        if trained is not None:
            facts |= {
                "model": self._name(trained.checkpoint),
                "model_sha256": hashlib.sha256(trained.checkpoint.read_bytes()).hexdigest(),
                "steps": trained.steps,
                "loss": trained.loss,
                "hold_outs": trained.validation,
            }
        if stage == "inference":
            facts["model"] = self._name(self.current.model_file)
        if stage == "validation":
            broken = [m.name for m in outcome.measures if m.passed is False]
            facts["verdict"] = "look: " + ", ".join(broken) if broken else "every rule holds"
            facts["measures"] = {m.name: m.value for m in outcome.measures}
            facts["report"] = self._name(outcome.report) if outcome.report is not None else ""
        return facts

    def _recoverer(self, frames: Sequence[int] | None = None) -> Recoverer:
        from ..recovery import Recoverer

        return Recoverer(
            self.current.scripts_to_run,
            self.out,
            frames=frames,
            resume=True,
            tell=self.tell,
            cancel=self.cancel,
        )

    # -- files

    def _name(self, path: Path) -> str:
        try:
            return posix(path.absolute().relative_to(self.out.absolute()))
        except ValueError:
            return posix(path)

    def _sizes(self, paths: Sequence[Path]) -> dict[str, int]:
        return {self._name(path): path.stat().st_size for path in paths}

    def _drop_frames(self, node: str) -> None:
        drop_frames(self._recoverer().evaluator.path(node))


def _first_line(error: BaseException) -> str:
    return (str(error).split("\n")[0] or type(error).__name__)[:300]
