"""A job as a pyoutline script for OpenCue: one layer per step, a command per frame.

The script holds the commands as lists of words, one for each frame of its layer (ShellSequence), and no shell and no
token of OpenCue takes part: the frame number chooses the command.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..errors import Problem, StageError
from .job import Job, Step, checked

__all__ = ["files", "layer_name"]

TOKEN = re.compile(r"%\{[A-Z]+\}|#[A-Z_]+#")
"""What pyoutline and cuebot replace in commands."""


def files(job: Job) -> dict[str, str]:
    """``launch_job.py`` as text by file name.

    Raises StageError: CR440, CR441 (see :func:`job.checked`), CR440 too for words that OpenCue would replace.
    """
    checked(job)
    problems = list(_unspeakable(job))
    if problems:
        raise StageError(problems)
    return {"launch_job.py": script(job)}


def layer_name(step: Step) -> str:
    """A name that OpenCue takes: letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9_]", "_", step.name)


def script(job: Job) -> str:
    """The script: literals only, made by the JSON of each value."""
    lines = [
        '"""Launch this job on OpenCue: python launch_job.py [SHOW [SHOT]]. Needs opencue-pyoutline."""',
        "import getpass",
        "import sys",
        "",
        "import outline",
        "import outline.cuerun",
        "from outline.modules.shell import ShellSequence",
        "",
        'show = sys.argv[1] if len(sys.argv) > 1 else "testing"',
        'shot = sys.argv[2] if len(sys.argv) > 2 else "all"',
        f"job = outline.Outline({_text(_name(job.name))}, show=show, shot=shot, user=getpass.getuser())",
        *(f"job.set_env({_text(k)}, {_text(v)})" for k, v in job.variables.items()),
        "layers = {}",
    ]
    for step in job.steps:
        lines += ["", *_layer(job, step)]
    lines += [
        "",
        "# pycuerun starts the commands from their lists of words; without it they would pass through a shell",
        "outline.cuerun.launch(job, use_pycuerun=True)",
    ]
    return "\n".join(lines) + "\n"


def _layer(job: Job, step: Step) -> Iterator[str]:
    name = _text(layer_name(step))
    yield f"layers[{name}] = ShellSequence("
    yield f"    {name},"
    yield "    commands=["
    for argv in job.argvs(step):
        yield f"        [{', '.join(map(_text, argv))}],"
    yield "    ],"
    if step.gpu:
        yield f"    gpus={step.gpu},"
    if step.gpu and step.gpu_memory:
        yield f"    gpu_memory={_text(f'{step.gpu_memory}m')},"
    if step.memory:
        yield f"    memory={_text(f'{step.memory}m')},"
    yield ")"
    yield f"job.add_layer(layers[{name}])"
    for need in step.needs:
        yield f"layers[{name}].depend_all(layers[{_text(layer_name(job.step(need)))}])"


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", text)[:60] or "chroma_recovery"


def _text(text: str) -> str:
    """A Python literal; JSON's texts are."""
    return json.dumps(text)


def _unspeakable(job: Job) -> Iterator[Problem]:
    told = set()
    for step in job.steps:
        for argv in job.argvs(step):
            for word in argv:
                if TOKEN.search(word) and word not in told:
                    told.add(word)
                    yield Problem("CR440", word[:200], "OpenCue would replace a part of it", "rename it")
    names = [layer_name(s) for s in job.steps]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield Problem("CR441", name, "two layers would have this name", "rename a shot")
