"""What training and rendering by a Nuke share: one unit's state, its scripts, and the start of the program."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from ..build import Scripts, assemble
from ..errors import ChromaRecoveryError
from ..nk import write as write_nk
from ..nuke_host.distributed import VARIABLES
from ..nuke_host.drive import run_nuke
from ..nuke_host.jobs import Job
from ..paths import contained, write_text
from ..preset.trust import file_sha256
from ..project.current import Current, missing_outputs
from ..project.mapping import localised
from ..project.model import Places, Project, Unit
from ..project.own import materialise
from ..project.state import Record, State, read_state, save_state
from .switches import Switches, environment_for

__all__ = ["NONE", "NukeUnit", "ended"]

NONE = Record("begun", {})
"""Of a stage that nobody began."""


@attrs.define
class NukeUnit:
    """One unit. tell: makes a progress callback from a title. note: lines that Nuke prints. done: stages that were
    worked on."""

    project: Project
    unit: Unit
    out: Path
    switches: Switches
    tell: Callable[[str], Any] = lambda title: lambda done, total, note: None
    note: Callable[[str], None] | None = None
    done: list[str] = attrs.field(factory=list)

    def _assembled(self, edit: dict[str, object] | None = None) -> Scripts:
        """The unit's scripts as they are written; Nuke maps the paths in them itself."""
        here = partial(localised, rules=self.project.rules)
        return assemble(self.places.preset(self.unit.name), project=self.out, edit=edit, here=here)

    @property
    def places(self) -> Places:
        return Places(self.out)

    def _current(self) -> Current:
        p = self.project
        return Current.of(self.unit, self.places, content=p.content_hash, rules=p.rules)

    def _state(
        self, stage: str, name: str, model: Path | None = None
    ) -> tuple[State, dict[str, str], Record | None]:
        """The unit's state, what the stage is made from now, and its record."""
        materialise(self.project, self.unit, self.out)
        state, _ = read_state(self.places.state(self.unit.name))
        inputs = {what: d.digest for what, d in self._current().inputs(stage, state).items()}
        if model is not None:
            inputs["model"] = file_sha256(model)[:32]
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


def ended(inputs: dict[str, str], sizes: dict[str, int], facts: dict[str, Any], began: float) -> Record:
    """A record of work that is done."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return Record("done", inputs, sizes, facts, seconds=round(time.monotonic() - began, 3), ended=now)
