"""A job as an Open Job Description bundle: template, parameter values, asset references (specification 2023-09).

The same folder is a job bundle of Deadline Cloud. Everything that comes from people - paths, the program, values of
variables - is a job parameter or a plain value, never part of an expression or of shell text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from ..errors import Problem, StageError
from .job import Job, Place, Rules, Setting, Step, Varied, Word, checked

__all__ = ["LARGEST_RANGE", "bundle", "template"]

LARGEST_RANGE = 1024
"""Values that one task parameter may have in the specification."""

LONGEST_VALUE = 1024
"""Characters of a parameter's value in the specification."""

STOP_SECONDS = 90
"""Time for a task to save what it has."""


def bundle(job: Job) -> dict[str, str]:
    """Text by file name: ``template.yaml``, ``parameter_values.yaml``, ``asset_references.yaml``, and
    ``parameters.json``, the same values as ``openjd run --job-param file://`` takes them.

    Raises StageError: CR440, CR441 (see :func:`job.checked`), CR442 tasks that must run at the same time, which this
    specification cannot promise, CR443 a value that is too long for it.
    """
    checked(job)
    values = parameter_values(job)
    problems = [
        Problem("CR442", s.name, f"its {s.ranks} tasks must run at the same time, which Open Job Description "
                "cannot promise", "train on one machine (--multigpu), or write for deadline10 or opencue")
        for s in job.steps if s.ranks > 1
    ]  # fmt: skip
    problems += [
        Problem("CR443", k, f"has {len(v)} characters; {LONGEST_VALUE} are allowed", "use shorter paths")
        for k, v in values.items()
        if len(v) > LONGEST_VALUE
    ]
    if problems:
        raise StageError(problems)
    return {
        "template.yaml": _yaml(template(job)),
        "parameter_values.yaml": _yaml(
            {"parameterValues": [{"name": k, "value": v} for k, v in values.items()]}
        ),
        "asset_references.yaml": _yaml({"assetReferences": assets(job)}),
        "parameters.json": json.dumps(values, indent=1) + "\n",
    }


def parameter_values(job: Job) -> dict[str, str]:
    """Value of each job parameter."""
    settings = {s.name: s.value for s in job.settings()}
    return {"Program": job.program} | settings | {p.name: p.path for p in job.places()}


def template(job: Job) -> dict[str, Any]:
    """The job template as plain values."""
    found: dict[str, Any] = {
        "specificationVersion": "jobtemplate-2023-09",
        "name": _literal(job.name)[:128],
        "parameterDefinitions": [
            {
                "name": "Program",
                "type": "STRING",
                "description": "The chroma-recovery command as a worker finds it.",
                "minLength": 1,
            },
            *({"name": s.name, "type": "STRING", "minLength": 1} for s in job.settings()),
            *(_place(p) for p in job.places()),
        ],
    }
    if job.variables:
        variables = {k: _literal(v) for k, v in job.variables.items()}
        found["jobEnvironments"] = [{"name": "Variables", "variables": variables}]
    found["steps"] = [part for step in job.steps for part in _steps(job, step)]
    return found


def _place(place: Place) -> dict[str, Any]:
    return {
        "name": place.name,
        "type": "PATH",
        "objectType": "DIRECTORY" if place.folder else "FILE",
        "dataFlow": "INOUT" if place.written else "IN",
    }


def _steps(job: Job, step: Step) -> Iterator[dict[str, Any]]:
    """The step, or several where it has more tasks than one may have."""
    parts = _parts(step)
    for name, tasks in zip(_part_names(step), parts, strict=True):
        found: dict[str, Any] = {"name": name}
        needs = [n for need in step.needs for n in _part_names(job.step(need))]
        if needs:
            found["dependencies"] = [{"dependsOn": n} for n in needs]
        found["script"] = {
            "actions": {
                "onRun": {
                    "command": "{{Param.Program}}",
                    "args": [_word(w) for w in step.command],
                    "cancelation": {
                        "mode": "NOTIFY_THEN_TERMINATE",
                        "notifyPeriodInSeconds": STOP_SECONDS,
                    },
                }
            }
        }
        if step.varied:
            found["parameterSpace"] = _space(step.varied, tasks)
        amounts = _amounts(step)
        if amounts:
            found["hostRequirements"] = {"amounts": amounts}
        yield found


def _parts(step: Step) -> list[tuple[Mapping[str, str], ...]]:
    return [step.tasks[n : n + LARGEST_RANGE] for n in range(0, len(step.tasks), LARGEST_RANGE)]


def _part_names(step: Step) -> list[str]:
    count = len(_parts(step))
    return [step.name] if count == 1 else [f"{step.name}_{n}" for n in range(1, count + 1)]


def _space(names: tuple[str, ...], tasks: tuple[Mapping[str, str], ...]) -> dict[str, Any]:
    definitions = [{"name": n, "type": "STRING", "range": [_literal(t[n]) for t in tasks]} for n in names]
    space: dict[str, Any] = {"taskParameterDefinitions": definitions}
    if len(names) > 1:
        space["combination"] = f"({', '.join(names)})"
    return space


def _word(word: Word) -> str:
    if isinstance(word, (Place, Setting)):
        return f"{{{{Param.{word.name}}}}}"
    if isinstance(word, Varied):
        return f"{_literal(word.before)}{{{{Task.Param.{word.name}}}}}"
    return "{{Session.PathMappingRulesFile}}" if isinstance(word, Rules) else _literal(word)


def _literal(text: str) -> str:
    """Text in which nothing is an expression. Raises StageError (CR440)."""
    if "{{" in text:
        raise StageError.at("CR440", text[:200], "'{{' begins an expression in job templates", "rename it")
    return text


def _amounts(step: Step) -> list[dict[str, Any]]:
    wanted = {
        "amount.worker.gpu": step.gpu,
        "amount.worker.gpu.memory": step.gpu_memory if step.gpu else 0,
        "amount.worker.memory": step.memory,
    }
    return [{"name": name, "min": least} for name, least in wanted.items() if least]


def assets(job: Job) -> dict[str, Any]:
    """Files and folders beyond those of the parameters, which schedulers know by themselves."""
    files = sorted({i for i in job.inputs if not i.endswith("/")})
    folders = sorted({i.rstrip("/") for i in job.inputs if i.endswith("/")})
    return {
        "inputs": {"filenames": files, "directories": folders},
        "outputs": {"directories": [p.path for p in job.places() if p.folder and p.written]},
        "referencedPaths": [],
    }


class _Dumper(yaml.SafeDumper):
    """Lists indented, no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _yaml(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text
