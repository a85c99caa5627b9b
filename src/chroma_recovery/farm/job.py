"""A job as plain values: steps, their tasks, what needs what. Every task is a list of words, never shell text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import attrs

from ..errors import Problem, StageError

__all__ = ["Job", "Place", "Rules", "Setting", "Step", "Varied", "Word", "checked", "short_names", "spelled"]


@attrs.frozen
class Place:
    """A path that a scheduler may map to where a worker finds it.

    name: of the parameter, an identifier. path: as the submitting machine sees it. folder: whether it is a folder.
    written: whether tasks write below it.
    """

    name: str
    path: str
    folder: bool = False
    written: bool = False


@attrs.frozen
class Setting:
    """A word that people may change when they submit, where a scheduler lets them. name: an identifier."""

    name: str
    value: str


@attrs.frozen
class Varied:
    """A word that differs between the tasks of a step. name: which of the task's values. before: what the word begins
    with, such as ``--frames=``, so that no value is taken for a switch."""

    name: str
    before: str = ""


@attrs.frozen
class Rules:
    """The file in which a scheduler says how it mapped paths; only Open Job Description has one."""


Word: TypeAlias = str | Place | Setting | Varied | Rules


@attrs.frozen
class Step:
    """Tasks that run the same command with other values.

    name: once in the job, at most 64 characters. command: words after the program. tasks: values by name, one mapping
    for each task; all have the same names. needs: steps that must have finished. gpu: how many GPUs a task asks for.
    gpu_memory: MiB of its memory. memory: MiB. ranks: how many tasks must run at the same time, 1 if none must.
    """

    name: str
    command: tuple[Word, ...]
    tasks: tuple[Mapping[str, str], ...] = ({},)
    needs: tuple[str, ...] = ()
    gpu: int = 0
    gpu_memory: int = 0
    memory: int = 0
    ranks: int = 1

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of what differs between the tasks, in the order of the command."""
        return tuple(dict.fromkeys(w.name for w in self.command if isinstance(w, Varied)))


@attrs.frozen
class Job:
    """What a scheduler is given.

    program: what every task starts. variables: environment variables that tasks get, and no others of the submitting
    machine. inputs: files and folders that tasks read, beside the places of the commands.
    """

    name: str
    program: str
    steps: tuple[Step, ...]
    variables: Mapping[str, str] = attrs.field(factory=dict)
    inputs: tuple[str, ...] = ()

    def places(self) -> tuple[Place, ...]:
        """Every place that a command names, once."""
        return tuple(dict.fromkeys(w for s in self.steps for w in s.command if isinstance(w, Place)))

    def settings(self) -> tuple[Setting, ...]:
        """Every setting that a command names, once."""
        return tuple(dict.fromkeys(w for s in self.steps for w in s.command if isinstance(w, Setting)))

    def step(self, name: str) -> Step:
        return next(s for s in self.steps if s.name == name)

    def argvs(self, step: Step) -> Iterator[list[str]]:
        """The command of each task, as on this machine."""
        for values in step.tasks:
            yield [self.program, *(spelled(word, values) for word in step.command)]


def spelled(word: Word, values: Mapping[str, str]) -> str:
    """A word as the task with these values has it on this machine."""
    if isinstance(word, Place):
        return word.path
    if isinstance(word, Rules):
        return ""
    if isinstance(word, Setting):
        return word.value
    return word.before + values[word.name] if isinstance(word, Varied) else word


def checked(job: Job) -> Job:
    """The job, if every scheduler can hold it.

    Raises StageError: CR440 for a control character in a word or variable, or a name that is no identifier; CR441 for
    steps that are named twice, need what is not there, or come before what they need.
    """
    problems = [*_words(job), *_order(job)]
    if problems:
        raise StageError(problems)
    return job


def _words(job: Job) -> Iterator[Problem]:
    told: set[str] = set()
    texts = [(job.program, "the program"), *((v, f"variable {k}") for k, v in job.variables.items())]
    texts += [(" ".join(argv), f"a command of {s.name}") for s in job.steps for argv in job.argvs(s)]
    texts += [(job.name, "the job's name"), *((i, "an input") for i in job.inputs)]
    for text, where in texts:
        if where not in told and any(ord(c) < 32 or ord(c) == 127 for c in text):
            told.add(where)
            yield Problem("CR440", repr(text)[:200], f"{where} holds a control character", "rename it")
    named = [*job.variables, *(p.name for p in job.places()), *(s.name for s in job.settings())]
    for name in named:
        if not name.isidentifier() or not name.isascii():
            yield Problem("CR440", name, "is no name for a variable", "use letters, digits and _")


def _order(job: Job) -> Iterator[Problem]:
    seen: set[str] = set()
    for step in job.steps:
        if step.name in seen or not 0 < len(step.name) <= 64:
            yield Problem("CR441", step.name, "a step's name must be its own, with 1 to 64 characters")
        for need in step.needs:
            if need not in seen:
                yield Problem("CR441", step.name, f"needs {need!r}, which does not come before it")
        for values in step.tasks:
            if set(values) != set(step.varied):
                yield Problem("CR441", step.name, f"a task gives {sorted(values)}, not {sorted(step.varied)}")
        if not step.tasks:
            yield Problem("CR441", step.name, "has no tasks")
        seen.add(step.name)


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Long names cut to 44 characters so that they still differ: name -> short name."""
    return {n: n if len(n) <= 44 else f"{n[:35]}_{hashlib.sha256(n.encode()).hexdigest()[:8]}" for n in names}
