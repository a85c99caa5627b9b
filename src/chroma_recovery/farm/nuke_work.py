"""One unit's training and rendering by a Nuke, as farm tasks that can be repeated: what is complete stays.

Records lie beside those of the engine, under names of their own. A training that was interrupted resumes Nuke's last
run; a frame counts once Nuke has said that it is done and its file is there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from ..build import Scripts
from ..errors import NukeError, PathError
from ..frames import Pattern, format_frames
from ..nuke_host.checkpoints import latest
from ..nuke_host.distributed import copycat_variables
from ..nuke_host.drive import missing_frames
from ..nuke_host.jobs import Job
from ..paths import contained, posix, relative_to_project, write_text
from ..preset.trust import file_sha256
from ..project.lock import locked
from ..project.state import Record, read_state
from .nuke_unit import NONE, NukeUnit, ended
from .rendezvous import meet

__all__ = ["NukeWork"]

TRAINING, INFERENCE = "nuke_training", "nuke_inference"


@attrs.define
class NukeWork(NukeUnit):
    """Work on one unit."""

    # -- training

    def train(self) -> None:
        """Train by CopyCat, unless that is done and unchanged.

        Raises NukeError as ``run_nuke`` does, CR929 without a model, CR933 if several machines do not meet; PathError
        for frames that are not there.
        """
        s = self.switches
        if s.ranks > 1 and s.rank:
            self._follow()
            return
        with locked(self.places.lock(self.unit.name), f"trains {self.unit.name}", wait=30.0):
            self._train()

    def _train(self) -> None:
        state, inputs, record = self._state("training", TRAINING)
        if record is not None and record.state == "done" and not self._changed(record, inputs):
            if self.switches.ranks > 1:
                write_text(self._meeting() / "done", "", overwrite=True)
            return
        lost = self._current().missing()
        if lost:
            raise PathError(lost)
        began = time.monotonic()
        self.done.append("training")
        scripts = self._assembled()
        plan = scripts.recovery.plan
        data = contained(self.out, plan.data_directory)
        before = latest(data)
        ours = record is not None and record.state in ("begun", "failed") and dict(record.inputs) == inputs
        resume = ours and before is not None and before.path.name != str((record or NONE).facts.get("before"))
        if not ours:
            known = {"before": before.path.name if before else ""}
            self._save(state, TRAINING, Record("begun", inputs, facts=known))
        elif record is not None:
            self._save(state, TRAINING, attrs.evolve(record, state="begun"))
        data.mkdir(parents=True, exist_ok=True)
        if resume and before is not None and before.step >= plan.total_steps:
            found = before  # stopped between Nuke's end and our record
        else:
            self._remembered(state, TRAINING, lambda: self._copycat(scripts, data, resume=resume))
            newest = latest(data)
            if newest is None or (not resume and before is not None and newest.path == before.path):
                text = "Nuke ended without an error, but wrote no new .cat"
                raise NukeError.at("CR929", posix(data), text, "look at its log above")
            found = newest
        facts: dict[str, Any] = {
            "model": posix(found.path.relative_to(self.out)),
            "model_sha256": file_sha256(found.path),
            "steps": found.step,
        }
        sizes = {str(facts["model"]): found.path.stat().st_size}
        self._save(state, TRAINING, ended(inputs, sizes, facts, began))

    def _copycat(self, scripts: Scripts, data: Path, *, resume: bool) -> None:
        edit: dict[str, object] = {"training.resume": True} if resume else {}
        again = self._assembled(edit)
        script = self._script(again, "training", "_farm_resume" if resume else "_farm")
        names, plan = scripts.recovery.names, scripts.recovery.plan
        job = Job("train", names.training, script, (1,), data, again, self.out, gpu=plan.preset.training.gpu)
        self._run(job, training=True, variables=self._variables())

    def _variables(self) -> dict[str, str]:
        s = self.switches
        if s.ranks <= 1:
            return {}
        address, port = meet(
            self._meeting(),
            rank=s.rank,
            ranks=s.ranks,
            port=s.port,
            patience=s.patience,
            tell=self.tell("waiting for machines"),
        )
        return copycat_variables(address, port, s.rank, s.ranks)

    def _follow(self) -> None:
        """Train along with rank 0, which alone writes; its script is the one that it wrote."""
        if (self._meeting() / "done").exists():
            return
        variables = self._variables()
        self.done.append("training")
        scripts = self._assembled()
        state, _ = read_state(self.places.state(self.unit.name))
        record = state.stages.get(TRAINING, NONE)
        newest = latest(contained(self.out, scripts.recovery.plan.data_directory))
        resumed = newest is not None and newest.path.name != str(record.facts.get("before"))
        names, plan = scripts.recovery.names, scripts.recovery.plan
        script = self._place(scripts, "training", "_farm_resume" if resumed else "_farm")
        data = contained(self.out, plan.data_directory)
        job = Job(
            "train", names.training, script, (1,), data, scripts, self.out, gpu=plan.preset.training.gpu
        )
        self._run(job, training=True, variables=variables)

    def _meeting(self) -> Path:
        return self.out / "state" / f"{self.unit.name}.meeting"

    # -- rendering

    def render(self, frames: Sequence[int]) -> None:
        """Render those of these frames that are not done. Others may render others of this unit at the same time.

        Raises NukeError: CR926 without a model, CR928 frames outside, CR929 frames that are not there afterwards.
        """
        with locked(self.places.lock(self.unit.name), f"prepares {self.unit.name}", wait=600.0):
            scripts, model = self._with_model()
            state, inputs, record = self._state("inference", INFERENCE, model=model)
            if record is None or self._changed(record, inputs):
                for known in self._lists():
                    known.unlink()
                self._save(state, INFERENCE, Record("begun", inputs, facts=self._facts(model)))
            script = self._script(scripts, "inference", f"_farm_{scripts.recovery.plan.model_id}")
        plan, names = scripts.recovery.plan, scripts.recovery.names
        first, last = plan.render_range
        outside = [f for f in frames if not first <= f <= last]
        if outside:
            text = f"{format_frames(outside)} lie outside the range {first}-{last} of the preset"
            raise NukeError.at("CR928", "--frames", text)
        pattern = self._pattern(scripts)
        wanted = tuple(self._left(pattern, frames))
        if not wanted:
            return
        self.done.append("inference")
        job = Job(
            "render", names.write, script, wanted, pattern, scripts, self.out, gpu=plan.preset.training.gpu
        )
        self._run(job, training=False, variables={}, finished=self._list_of(frames))
        left = missing_frames(pattern, wanted)
        if left:
            text = f"Nuke ended without an error, but frames {format_frames(left)} are not there"
            raise NukeError.at(
                "CR929", posix(pattern), text, "run the task again: it renders what is missing"
            )

    def finish(self) -> None:
        """Check that every frame of the unit is there, and record the rendering as done.

        Raises NukeError: CR926 without a model, CR929 naming the frames that are missing.
        """
        with locked(self.places.lock(self.unit.name), f"checks {self.unit.name}", wait=600.0):
            scripts, model = self._with_model()
            state, inputs, record = self._state("inference", INFERENCE, model=model)
            if record is not None and record.state == "done" and not self._changed(record, inputs):
                return
            first, last = scripts.recovery.plan.render_range
            pattern = self._pattern(scripts)
            left = self._left(pattern, range(first, last + 1))
            if left or record is None or self._changed(record, inputs):
                text = f"frames {format_frames(left or range(first, last + 1))} have not been rendered by this model"
                raise NukeError.at("CR929", posix(pattern), text, "run the tasks of inference again")
            self.done.append("inference")
            names = Pattern.parse(posix(pattern))
            files = [Path(names.at(f)) for f in range(first, last + 1)]
            sizes = {posix(p.relative_to(self.out)): p.stat().st_size for p in files}
            self._save(state, INFERENCE, ended(inputs, sizes, self._facts(model), time.monotonic()))

    def _with_model(self) -> tuple[Scripts, Path]:
        """The scripts with the model that was trained: the unit's, its group's, or the one that the preset names."""
        trainer = self.unit.group or self.unit.name
        state, _ = read_state(self.places.state(trainer))
        record = state.stages.get(TRAINING)
        if record is not None and record.state == "done":
            model = self.out / str(record.facts["model"])
        elif "training" not in self.unit.stages and not self.unit.group:
            return (scripts := self._assembled()), self.out / scripts.recovery.plan.model_file
        else:
            raise NukeError.at(
                "CR926", trainer, "holds no finished model yet", "run its task of training first"
            )
        edit: dict[str, object] = {"inference.model": relative_to_project(model, self.out)}
        return self._assembled(edit), model

    def _facts(self, model: Path) -> dict[str, str]:
        return {"model": posix(relative_to_project(model, self.out)), "model_sha256": file_sha256(model)}

    def _pattern(self, scripts: Scripts) -> Path:
        knobs = scripts.recovery.graph[scripts.recovery.names.write].knobs
        return contained(self.out, str(knobs["file"]))

    def _left(self, pattern: Path, frames: Sequence[int]) -> list[int]:
        """Frames that Nuke has not said to be done, or whose file is not there."""
        said = {int(n) for known in self._lists() for n in known.read_text(encoding="ascii").split()}
        return [f for f in frames if f not in said or missing_frames(pattern, [f])]

    def _lists(self) -> list[Path]:
        return sorted((self.out / "state" / f"{self.unit.name}.frames").glob("*.txt"))

    def _list_of(self, frames: Sequence[int]) -> Path:
        """Where frames of one task are noted; tasks of other frames write elsewhere."""
        return self.out / "state" / f"{self.unit.name}.frames" / f"{min(frames)}-{max(frames)}.txt"
