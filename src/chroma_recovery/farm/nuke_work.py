"""One unit's training and rendering by a Nuke, as farm tasks that can be repeated: what is complete stays.

Records lie beside those of the engine, under names of their own. A training that was interrupted resumes Nuke's last
run; a frame counts once Nuke has said that it is done and its file is there.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import attrs

from ..build import Scripts, assemble
from ..errors import ChromaRecoveryError, NukeError, PathError
from ..frames import Pattern, format_frames
from ..nk import write as write_nk
from ..nuke_host.checkpoints import latest
from ..nuke_host.distributed import VARIABLES, copycat_variables
from ..nuke_host.drive import missing_frames, run_nuke
from ..nuke_host.jobs import Job
from ..paths import contained, posix, relative_to_project, write_text
from ..project.current import Current, missing_outputs
from ..project.lock import locked
from ..project.model import Places, Project, Unit
from ..project.state import Record, State, read_state, save_state
from ..project.work import materialise
from .rendezvous import meet
from .switches import Switches, environment_for

__all__ = ["NukeWork"]

TRAINING, INFERENCE = "nuke_training", "nuke_inference"


@attrs.define
class NukeWork:
    """Work on one unit. tell: makes a progress callback from a title. note: lines that Nuke prints."""

    project: Project
    unit: Unit
    out: Path
    switches: Switches
    tell: Callable[[str], Any] = lambda title: lambda done, total, note: None
    note: Callable[[str], None] | None = None
    done: list[str] = attrs.field(factory=list)

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
        scripts = assemble(self.places.preset(self.unit.name), project=self.out)
        plan = scripts.recovery.plan
        data = contained(self.out, plan.data_directory)
        before = latest(data)
        ours = record is not None and record.state in ("begun", "failed") and dict(record.inputs) == inputs
        resume = (
            ours and before is not None and before.path.name != str((record or _NONE).facts.get("before"))
        )
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
            "model_sha256": _sha256(found.path),
            "steps": found.step,
        }
        sizes = {str(facts["model"]): found.path.stat().st_size}
        self._save(state, TRAINING, _ended(inputs, sizes, facts, began))

    def _copycat(self, scripts: Scripts, data: Path, *, resume: bool) -> None:
        edit: dict[str, object] = {"training.resume": True} if resume else {}
        again = assemble(self.places.preset(self.unit.name), project=self.out, edit=edit)
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
        scripts = assemble(self.places.preset(self.unit.name), project=self.out)
        state, _ = read_state(self.places.state(self.unit.name))
        record = state.stages.get(TRAINING, _NONE)
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
            self._save(state, INFERENCE, _ended(inputs, sizes, self._facts(model), time.monotonic()))

    def _with_model(self) -> tuple[Scripts, Path]:
        """The scripts with the model that was trained: the unit's, its group's, or the one that the preset names."""
        preset = self.places.preset(self.unit.name)
        trainer = self.unit.group or self.unit.name
        state, _ = read_state(self.places.state(trainer))
        record = state.stages.get(TRAINING)
        if record is not None and record.state == "done":
            model = self.out / str(record.facts["model"])
        elif "training" not in self.unit.stages and not self.unit.group:
            return (
                scripts := assemble(preset, project=self.out)
            ), self.out / scripts.recovery.plan.model_file
        else:
            raise NukeError.at(
                "CR926", trainer, "holds no finished model yet", "run its task of training first"
            )
        edit: dict[str, object] = {"inference.model": relative_to_project(model, self.out)}
        return assemble(preset, project=self.out, edit=edit), model

    def _facts(self, model: Path) -> dict[str, str]:
        return {"model": posix(relative_to_project(model, self.out)), "model_sha256": _sha256(model)}

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

    # -- both

    @property
    def places(self) -> Places:
        return Places(self.out)

    def _current(self) -> Current:
        return Current.of(self.unit, self.places, content=self.project.content_hash)

    def _state(
        self, stage: str, name: str, model: Path | None = None
    ) -> tuple[State, dict[str, str], Record | None]:
        """The unit's state, what the stage is made from now, and its record."""
        materialise(self.project, self.unit, self.out)
        state, _ = read_state(self.places.state(self.unit.name))
        inputs = {what: d.digest for what, d in self._current().inputs(stage, state).items()}
        if model is not None:
            inputs["model"] = _sha256(model)[:32]
            del inputs["graph"]  # names the model
            inputs["preset"] = self._current().preset.digest
        return state, inputs, state.stages.get(name)

    def _changed(self, record: Record, inputs: dict[str, str]) -> bool:
        return dict(record.inputs) != inputs or bool(missing_outputs(record, self.out))

    def _save(self, state: State, name: str, record: Record) -> None:
        state.record(name, record)
        save_state(self.places.state(self.unit.name), self.unit.name, state)

    def _remembered(self, state: State, name: str, work: Callable[[], None]) -> None:
        """Do it; a failure is recorded, what was there before is kept."""
        try:
            work()
        except ChromaRecoveryError as error:
            begun = state.stages[name]
            self._save(state, name, attrs.evolve(begun, state="failed", note=str(error.problems[0])[:300]))
            raise

    def _place(self, scripts: Scripts, stage: str, suffix: str) -> Path:
        graph = scripts.recovery.stages[stage]
        path = next(path for path, g in scripts.recovery.files.items() if g is graph)
        return contained(self.out, path.removesuffix(".nk") + f"{suffix}.nk")

    def _script(self, scripts: Scripts, stage: str, suffix: str) -> Path:
        """The stage's script under a name of its own, so that the one that people open stays as it is."""
        place = self._place(scripts, stage, suffix)
        write_text(place, write_nk(scripts.recovery.stages[stage]), overwrite=True)
        return place

    def _run(
        self, job: Job, *, training: bool, variables: dict[str, str], finished: Path | None = None
    ) -> None:
        tell = self.tell("training" if training else "inference")

        def progress(done: int, total: int, note: str) -> None:
            word, _, number = note.partition(" ")
            if finished is not None and word == "frame":
                finished.parent.mkdir(parents=True, exist_ok=True)
                with finished.open("a", encoding="ascii") as file:
                    file.write(f"{int(number)}\n")
            tell(done, total, note)

        s = self.switches
        command = job.command(s.program(), interactive=s.interactive)
        command[-1:] = [*s.words(training=training), command[-1]]
        environment = {k: v for k, v in environment_for(s.keep).items() if k not in VARIABLES} | variables
        run_nuke(command, folder=self.out, progress=progress, note=self.note, environment=environment)


_NONE = Record("begun", {})


def _ended(inputs: dict[str, str], sizes: dict[str, int], facts: dict[str, Any], began: float) -> Record:
    ended = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return Record("done", inputs, sizes, facts, seconds=round(time.monotonic() - began, 3), ended=ended)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
