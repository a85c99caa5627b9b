"""A job as files for Thinkbox Deadline 10: one job of the CommandLine plugin per step, tied by JobDependencies.

Deadline names jobs when they are submitted, so dependencies are written as file names and ``submit.py`` (standard
library only) puts the names that it was given in their place. Arguments are one text that Deadline hands to the system
without a shell; they are quoted by the rules of its process start, which are those of the Microsoft C runtime. What a
task needs of a GPU or of memory has no key in these files: give the jobs a group or limit in the Monitor.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping

from ..errors import Problem, StageError
from .job import Job, Step, Varied, Word, checked, spelled

__all__ = ["files", "quoted"]

TOKEN = re.compile(r"<(?:(?:STARTFRAME|ENDFRAME)(?:%\d+)?|QUOTE|AUXFILE\d*)>", re.IGNORECASE)
"""What the plugin replaces in arguments."""

RANGE = re.compile(r"(-?[0-9]+)-(-?[0-9]+)")


def files(job: Job) -> dict[str, str]:
    """Text by file name: ``NN_STEP.job_info.txt`` and ``.plugin_info.txt`` for each step, ``submit.py``.

    Raises StageError: CR440, CR441 (see :func:`job.checked`), CR440 too for words that the plugin would replace or
    that Deadline's files cannot hold.
    """
    checked(job)
    problems = list(_unspeakable(job))
    if problems:
        raise StageError(problems)
    names = {s.name: f"{n:03d}_{s.name}" for n, s in enumerate(job.steps, start=1)}
    found: dict[str, str] = {}
    for step in job.steps:
        found[f"{names[step.name]}.job_info.txt"] = _lines(_job_info(job, step, names))
        found[f"{names[step.name]}.plugin_info.txt"] = _lines(_plugin_info(job, step))
    found["submit.py"] = SUBMIT
    return found


def _lines(values: dict[str, str]) -> str:
    return "".join(f"{k}={v}\n" for k, v in values.items())


def _job_info(job: Job, step: Step, names: dict[str, str]) -> dict[str, str]:
    found = {
        "Plugin": "CommandLine",
        "Name": f"{job.name} {step.name}",
        "BatchName": job.name,
        "Frames": _frames(step),
        "ChunkSize": str(_chunk(step)),
        "OnJobComplete": "Nothing",
    }
    if step.needs:
        found["JobDependencies"] = ",".join(names[n] for n in step.needs)
        found["ResumeOnCompleteDependencies"] = "true"
    if step.ranks > 1:
        found |= {"MachineLimit": str(step.ranks), "ConcurrentTasks": "1"}
    for n, (name, value) in enumerate(job.variables.items()):
        found[f"EnvironmentKeyValue{n}"] = f"{name}={value}"
    return found


def _plugin_info(job: Job, step: Step) -> dict[str, str]:
    fixed = step.tasks[0]
    words = [_word(word, fixed) for word in step.command]
    return {
        "Executable": job.program,
        "Arguments": quoted(words),
        "Shell": "default",
        "ShellExecute": "False",
        "SingleFramesOnly": "False",
        "StartupDirectory": "",
    }


def _word(word: Word, fixed: Mapping[str, str]) -> str:
    """The word, with the plugin's tokens for what Deadline fills in."""
    if isinstance(word, Varied) and word.name in ("Frames", "Rank"):
        return word.before + ("<STARTFRAME>-<ENDFRAME>" if word.name == "Frames" else "<STARTFRAME>")
    return spelled(word, fixed)


def _ranges(step: Step) -> list[tuple[int, int]]:
    found = [RANGE.fullmatch(t["Frames"]) for t in step.tasks]
    return [(int(m[1]), int(m[2])) for m in found if m is not None]


def _frames(step: Step) -> str:
    if "Frames" in step.varied:
        ranges = _ranges(step)
        return f"{ranges[0][0]}-{ranges[-1][1]}"
    return f"0-{len(step.tasks) - 1}" if len(step.tasks) > 1 else "0"


def _chunk(step: Step) -> int:
    """Deadline cuts ranges itself, so chunks are those that it makes of the longest."""
    return max(b - a + 1 for a, b in _ranges(step)) if "Frames" in step.varied else 1


def quoted(words: list[str]) -> str:
    """Words as one text that a process start takes apart into the same words."""
    return subprocess.list2cmdline(words)


def _unspeakable(job: Job) -> Iterator[Problem]:
    for step in job.steps:
        for word in (job.program, *(spelled(w, step.tasks[0]) for w in step.command)):
            if TOKEN.search(word):
                yield Problem("CR440", word[:200], "Deadline would replace a part of it", "rename it")
        if "Frames" in step.varied and _ranges(step)[0][0] < 0:
            text = "its frames begin below 0; Deadline's lists of frames are not said to hold such"
            yield Problem("CR440", step.name, text, "number the plates from 0 or above")
        units = {t["Unit"] for t in step.tasks if "Unit" in t}
        if len(units) > 1:
            yield Problem(
                "CR441", step.name, "tasks of several shots in one Deadline job", "write it by unit"
            )


SUBMIT = '''\
"""Submit the jobs beside this file to Deadline 10, in order: python submit.py [PATH OF deadlinecommand]

Each job's dependencies are the jobs that were submitted before it. Needs nothing but Python.
"""
import os
import re
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
program = sys.argv[1] if len(sys.argv) > 1 else "deadlinecommand"
given = {}
for name in sorted(n[: -len(".job_info.txt")] for n in os.listdir(here) if n.endswith(".job_info.txt")):
    with open(os.path.join(here, name + ".job_info.txt"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines):
        if line.startswith("JobDependencies="):
            needs = line.partition("=")[2].split(",")
            lines[number] = "JobDependencies=" + ",".join(given[n] for n in needs)
    with tempfile.TemporaryDirectory() as folder:
        info = os.path.join(folder, "job_info.txt")
        with open(info, "w", encoding="utf-8") as file:
            file.write("\\n".join(lines) + "\\n")
        plugin = os.path.join(here, name + ".plugin_info.txt")
        done = subprocess.run([program, info, plugin], capture_output=True, text=True)
    found = re.search(r"^JobID=(\\S+)", done.stdout, re.MULTILINE)
    if done.returncode or not found:
        sys.exit("Deadline did not take " + name + ":\\n" + done.stdout + done.stderr)
    given[name] = found.group(1)
    print(name, given[name])
'''
