"""From a project to a job: which steps each unit takes, and what their tasks run.

The engine's tasks work on one unit and stage each, and skip what is finished; Nuke's do the same through the Nuke that
is named. Small stages are joined (the scripts, the sheets of pairs), so that no task lasts seconds only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from ..errors import PresetError, Problem, StageError
from ..frames import Pattern
from ..paths import posix
from ..preset.model import Clip
from ..project.model import Places, Project, Unit
from .job import Job, Place, Rules, Setting, Step, Varied, Word, checked, short_names

__all__ = ["MOST_STEPS", "Wishes", "job_of"]

MOST_STEPS = 100
"""Steps up to which every shot gets steps of its own; above, shots share steps."""

PREPARE, TRAIN, INFER, QC, REPORT = "prepare", "train", "infer", "qc", "report"


@attrs.frozen
class Wishes:
    """What the person who submits may say.

    flavour: engine or nuke. chunk: frames per task of inference. program: the command on the workers. nuke: the Nuke
    executable there. gpus, gpu_memory (MiB), memory (MiB): what training and inference ask for. by: unit (steps of its
    own for each shot), stage (one step for all shots), or auto. progress: protocol that tasks speak, or text. rules:
    whether the scheduler gives path mapping rules in a file. variables: for the tasks. switches: further words of
    Nuke's tasks. ranks: machines that train one CopyCat together.
    """

    flavour: str = "engine"
    chunk: int = 10
    program: str = "chroma-recovery"
    nuke: str = "nuke"
    gpus: int = 0
    gpu_memory: int = 0
    memory: int = 0
    by: str = "auto"
    progress: str = "openjd"
    rules: bool = True
    variables: Mapping[str, str] = attrs.field(factory=dict)
    switches: tuple[str, ...] = ()
    ranks: int = 1


def job_of(project: Project, out: Path, wishes: Wishes) -> Job:
    """The job of a project. Every path in it is absolute.

    Raises StageError: CR440, CR441 (see :func:`job.checked`), CR444 flavours and words that do not go together;
    PresetError CR445 where a member's pattern has no frames.
    """
    _possible(project, wishes)
    maker = _Maker(project, out, wishes)
    steps = list(maker.steps())
    count = len(steps)
    if wishes.by == "stage" or (wishes.by == "auto" and count > MOST_STEPS):
        steps = list(_joined(steps))
    job = Job(project.name, wishes.program, tuple(steps), dict(wishes.variables), maker.inputs())
    return checked(job)


def _possible(project: Project, wishes: Wishes) -> None:
    problems = []
    if wishes.flavour != "nuke" and (wishes.ranks > 1 or wishes.switches):
        text = "several machines, and words for Nuke, belong to the flavour nuke"
        problems.append(Problem("CR444", "--flavour engine", text, "add --flavour nuke"))
    if not project.units:
        problems.append(Problem("CR444", project.name, "the project has no shots"))
    if wishes.ranks > 1:
        for unit in project.units.values():
            training = unit.preset.training
            if "training" in unit.stages and (training.batch or wishes.ranks) < wishes.ranks:
                text = f"its batch of {training.batch} cannot be shared by {wishes.ranks} machines"
                problems.append(Problem("CR444", unit.name, text, "raise training.batch"))
    if problems:
        raise StageError(problems)


@attrs.define
class _Maker:
    project: Project
    out: Path
    wishes: Wishes

    def steps(self) -> Iterator[Step]:
        """Steps of every unit, each behind those it needs, and the report of all."""
        names = short_names(list(self.project.units))
        ends: list[str] = []
        for unit in self.project.units.values():
            short = names[unit.name]
            before: tuple[str, ...] = ()
            if unit.group and unit.group in self.project.units:
                before = (f"{names[unit.group]}_{TRAIN}",)
            for kind, stages in self._kinds(unit):
                name = f"{short}_{kind}"
                yield self._step(name, kind, unit, stages, before)
                before = (name,)
            ends += before
        needs = tuple(dict.fromkeys(ends))
        words: list[Word] = ["project", "report", self._file(), "--out", self._out()]
        words += [*self._progress(), *self._rules()]
        yield Step("report", tuple(words), needs=needs)

    def _kinds(self, unit: Unit) -> Iterator[tuple[str, str]]:
        ready = [s for s in ("build", "curation", "alignment") if s in unit.stages]
        if self.wishes.flavour == "nuke":
            ready = ["build"]
        yield PREPARE, ",".join(ready)
        if "training" in unit.stages:
            yield TRAIN, "training"
        if "inference" in unit.stages:
            yield INFER, "inference"
            yield QC, "inference,validation" if self.wishes.flavour == "engine" else "inference"

    def _step(self, name: str, kind: str, unit: Unit, stages: str, needs: tuple[str, ...]) -> Step:
        w = self.wishes
        words: list[Word] = ["project", "task", self._file(), "--out", self._out()]
        words += ["--unit", Varied("Unit"), "--stage", stages]
        tasks: list[dict[str, str]] = [{"Unit": unit.name}]
        if kind == INFER:
            words.append(Varied("Frames", "--frames="))
            tasks = [{"Unit": unit.name, "Frames": f"{a}-{b}"} for a, b in chunks(unit.frames, w.chunk)]
        words += [*self._progress(), *self._rules()]
        heavy, ranks = kind in (TRAIN, INFER), 1
        if w.flavour == "nuke" and kind in (TRAIN, INFER, QC):
            words += ["--nuke", Setting("Nuke", w.nuke)]
            words += w.switches
            words += [word for variable in w.variables for word in ("--keep", variable)]
            if kind == TRAIN and w.ranks > 1:
                ranks = w.ranks
                words += ["--ranks", str(ranks), "--rank", Varied("Rank")]
                tasks = [{"Unit": unit.name, "Rank": str(n)} for n in range(ranks)]
        return Step(
            name,
            tuple(words),
            tuple(tasks),
            needs,
            gpu=w.gpus if heavy else 0,
            gpu_memory=w.gpu_memory if heavy else 0,
            memory=w.memory if heavy else 0,
            ranks=ranks,
        )

    def _progress(self) -> list[Word]:
        return ["--progress", self.wishes.progress] if self.wishes.progress != "text" else []

    def _rules(self) -> list[Word]:
        return ["--path-mapping", Rules()] if self.wishes.rules else []

    def _file(self) -> Place:
        return Place("Project", posix(self.project.file.absolute()))

    def _out(self) -> Place:
        return Place("Out", posix(self.out.absolute()), folder=True, written=True)

    def inputs(self) -> tuple[str, ...]:
        """Folders of the clips, the shot list's and every preset's folder; those end with a slash."""
        found = {f"{posix(self.project.file.absolute().parent)}/"}
        base = Places(self.out.absolute()).shared.parent
        for unit in self.project.units.values():
            for clip in (unit.preset.source, unit.preset.reference):
                found |= {folder_of(base, path) for path in paths_of(clip)}
        return tuple(sorted(found))


def paths_of(clip: Clip) -> list[str]:
    return [part.path for part in clip.sequences]


def folder_of(base: Path, path: str) -> str:
    """The folder of a clip's files, with a slash behind."""
    return posix(Path(os.path.normpath(base / Pattern.parse(posix(path)).text)).parent).rstrip("/") + "/"


def chunks(frames: tuple[int, int] | None, size: int) -> Iterator[tuple[int, int]]:
    """First and last frame of each task; the chunks differ by one frame at most."""
    if frames is None or frames[0] > frames[1]:
        raise PresetError.at("CR445", "inference", "there are no frames to render", "check the shot's range")
    first, last = frames
    total = last - first + 1
    count = -(-total // max(size, 1))
    for n in range(count):
        yield first + n * total // count, first + (n + 1) * total // count - 1


def _joined(steps: Sequence[Step]) -> Iterator[Step]:
    """Steps of one kind and depth as one step; a step then waits for all of those before it."""
    depth: dict[str, int] = {}
    groups: dict[tuple[int, tuple[Word, ...]], list[Step]] = {}
    for step in steps:
        depth[step.name] = 1 + max((depth[n] for n in step.needs), default=-1)
        groups.setdefault((depth[step.name], step.command), []).append(step)
    name_of: dict[str, str] = {}
    ordered = sorted(groups.items(), key=lambda item: item[0][0])
    used: dict[str, int] = {}
    for _, members in ordered:
        kind = members[0].name.rpartition("_")[2]
        used[kind] = used.get(kind, 0) + 1
        name = kind if used[kind] == 1 else f"{kind}_{used[kind]}"
        name_of |= {m.name: name for m in members}
    for _, members in ordered:
        tasks = tuple(t for m in members for t in m.tasks)
        needs = tuple(dict.fromkeys(name_of[n] for m in members for n in m.needs))
        yield attrs.evolve(members[0], name=name_of[members[0].name], tasks=tasks, needs=needs)
