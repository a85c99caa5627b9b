"""What a project is: units (shots, and groups that train one model), their stages, tasks and files.

A unit is one preset and so one graph. A shot with a model of its own goes through all stages. A group (scope scene or
sequence) is a unit that ends with training; its shots are units without training, whose presets name the group's
model. Nothing here knows who runs a task: the local runner and farm exporters read the same list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from ..errors import Problem
from ..paths import posix
from ..preset.model import Preset
from .mapping import Rule

__all__ = ["STAGES", "Places", "Project", "Task", "Unit"]

STAGES = ("build", "curation", "alignment", "training", "inference", "validation")
"""In workflow order. ``build`` writes the scripts and needs no engine; the others are the command's own."""

OWN = STAGES
GROUP = ("build", "curation", "alignment", "training")
MEMBER = ("build", "inference", "validation")


@attrs.frozen
class Unit:
    """One preset of the project.

    name: of the shot or group; also the names of its files. scope: shot, scene or sequence (what its model serves).
    group: the group whose model a shot takes, empty if it trains its own. members: a group's shots, else empty.
    lenders: shots of its group whose pairs its preset holds too, because it has too few.
    frames: first and last Source frame to recover, handles included (a group renders nothing: None). pairs: how many.
    stages: those it goes through, in order. text: its preset as YAML; preset: the
    same, read.
    """

    name: str
    scope: str
    stages: tuple[str, ...]
    frames: tuple[int, int] | None
    pairs: int
    text: str = attrs.field(repr=False)
    preset: Preset = attrs.field(repr=False)
    group: str = ""
    members: tuple[str, ...] = ()
    lenders: tuple[str, ...] = ()

    @property
    def judged_on(self) -> str:
        """A note about whose pairs judge the shot, where its own are too few; empty otherwise."""
        if not self.lenders:
            return ""
        own = " and its own" if self.pairs else "; it has none of its own"
        return f"judged on pairs of {', '.join(self.lenders)}{own}"

    @property
    def is_group(self) -> bool:
        return bool(self.members)


@attrs.frozen
class Places:
    """Where a project's files lie below its output folder. out: that folder (``--out``)."""

    out: Path

    @property
    def shared(self) -> Path:
        """Settings that every unit's preset extends."""
        return self.out / "presets" / "_shared.yaml"

    def preset(self, unit: str) -> Path:
        """The unit's preset, an ordinary one: every command takes it."""
        return self.out / "presets" / f"{unit}.yaml"

    def state(self, unit: str) -> Path:
        """What is known of the unit's stages; one file per unit, so that tasks on several machines never collide."""
        return self.out / "state" / f"{unit}.json"

    def lock(self, unit: str = "_project") -> Path:
        """Held while somebody works on a unit (or runs the whole project)."""
        return self.out / "state" / f"{unit}.lock"

    def log(self, unit: str) -> Path:
        """What the unit's worker said."""
        return self.out / "logs" / f"{unit}.log"


@attrs.frozen
class Task:
    """One piece of work, done by one process.

    id: ``unit/stage`` or ``unit/stage/first-last``. needs: ids of the tasks that must have finished. frames: Source
    frames of a chunk of inference, else None. gpu: whether a GPU helps. argv: the command, never shell text; it skips
    what is finished and unchanged, goes on from what an interrupted one left, and records what it did.
    """

    id: str
    unit: str
    stage: str
    needs: tuple[str, ...]
    frames: tuple[int, int] | None
    gpu: bool
    argv: tuple[str, ...]


@attrs.frozen
class Project:
    """A project as read: units by name, groups before the shots that need them.

    name: of the project. file: the project preset. shared: text of the settings that all presets extend.
    content_hash: whether inputs are compared by content instead of size and time of change. warnings: what deserves a
    second look. rules: where this machine finds the files of the one whose paths the presets say. shot_list: the list
    that was read, None without one.
    """

    name: str
    file: Path
    units: Mapping[str, Unit]
    shared: str = attrs.field(repr=False)
    content_hash: bool = False
    warnings: tuple[Problem, ...] = ()
    rules: tuple[Rule, ...] = ()
    shot_list: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """What a person wrote: the project preset, and the shot list that it names."""
        return (self.file,) if self.shot_list is None else (self.file, self.shot_list)

    @property
    def shots(self) -> tuple[Unit, ...]:
        return tuple(u for u in self.units.values() if not u.is_group)

    @property
    def groups(self) -> tuple[Unit, ...]:
        return tuple(u for u in self.units.values() if u.is_group)

    def tasks(
        self, out: Path, *, chunk: int = 0, stages: tuple[str, ...] = STAGES, program: str = "chroma-recovery"
    ) -> Iterator[Task]:
        """Every task, each behind those it needs.

        chunk: frames per task of inference; 0 makes one task per shot. stages: those to emit; needs name emitted tasks
        only. Of the chunks of a shot the last to end records that inference is done; validation refuses to begin
        while a frame is missing.
        """
        for unit in self.units.values():
            # a shot's scripts name the model that they load by its hash, so its group trains first
            before: tuple[str, ...] = ()
            if unit.group and "training" in stages:
                before = (f"{unit.group}/training",)
            for stage in unit.stages:
                if stage not in stages:
                    continue
                needs = before
                made = list(_chunks(unit, stage, chunk))
                for frames in made:
                    name = f"{unit.name}/{stage}" + (f"/{frames[0]}-{frames[1]}" if frames else "")
                    words = ["project", "task", _word(self.file), "--out", _word(out)]
                    words += ["--unit", unit.name, "--stage", stage]
                    if frames:
                        words.append(f"--frames={frames[0]}-{frames[1]}")  # the first may be negative
                    gpu = stage in ("training", "inference")
                    yield Task(name, unit.name, stage, needs, frames, gpu, (program, *words))
                before = tuple(
                    f"{unit.name}/{stage}" + (f"/{frames[0]}-{frames[1]}" if frames else "")
                    for frames in made
                )


def _word(path: Path) -> str:
    """A path that is not taken for a switch."""
    text = posix(path)
    return f"./{text}" if text.startswith("-") else text


def _chunks(unit: Unit, stage: str, size: int) -> Iterator[tuple[int, int] | None]:
    if stage != "inference" or not size or unit.frames is None:
        yield None
        return
    first, last = unit.frames
    for start in range(first, last + 1, size):
        yield start, min(start + size - 1, last)
