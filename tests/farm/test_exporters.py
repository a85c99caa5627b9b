"""Deadline 10 and OpenCue: golden files, and what their own programs would start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.errors import StageError
from chroma_recovery.farm import deadline10, opencue
from chroma_recovery.farm.exporting import write_files
from chroma_recovery.farm.job import Job

from .conftest import AWKWARD

GOLDEN = Path(__file__).parents[1] / "golden/farm"


@pytest.mark.parametrize("exporter", [deadline10, opencue])
def test_golden_files(job: Job, exporter: Any) -> None:
    folder = GOLDEN / exporter.__name__.rpartition(".")[2]
    files = exporter.files(job)
    assert sorted(p.name for p in folder.iterdir()) == sorted(files)
    for name, text in files.items():
        assert (folder / name).read_text(encoding="utf-8") == text, name


def taken_apart(text: str) -> list[str]:
    """A command line as the Microsoft C runtime takes it apart (its documented rules)."""
    words, at = [], 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
            continue
        word, inside = "", False
        while at < len(text) and (inside or text[at] not in " \t"):
            slashes = 0
            while at < len(text) and text[at] == "\\":
                slashes, at = slashes + 1, at + 1
            if at < len(text) and text[at] == '"':
                word += "\\" * (slashes // 2)
                if slashes % 2:
                    word += '"'
                else:
                    inside = not inside
                at += 1
            else:
                word += "\\" * slashes
                if at < len(text) and (inside or text[at] not in " \t"):
                    word, at = word + text[at], at + 1
        words.append(word)
    return words


@given(
    st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=400), max_size=12), min_size=1, max_size=5)
)
def test_arguments_are_taken_apart_into_the_same_words(words: list[str]) -> None:
    assert taken_apart(deadline10.quoted(words)) == words


def test_deadline_gets_ids_of_the_jobs_before(job: Job, tmp_path: Path) -> None:
    folder = tmp_path / AWKWARD
    write_files(deadline10.files(job), folder)
    command = tmp_path / "deadlinecommand"
    command.write_text(
        f"#!{sys.executable}\nimport sys, pathlib\n"
        f"seen = pathlib.Path({str(tmp_path / 'seen')!r})\n"
        "number = len(seen.read_text().split('---')) if seen.exists() else 1\n"
        "seen.open('a').write(open(sys.argv[1]).read() + '---')\n"
        "assert open(sys.argv[2]).read().startswith('Executable=chroma-recovery')\n"
        "print('Result=Success\\nJobID=' + 'id' + str(number))\n"
    )
    command.chmod(0o755)
    if os.name == "nt":
        pytest.skip("a script without suffix")
    done = subprocess.run(
        [sys.executable, str(folder / "submit.py"), str(command)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second, third, _ = (tmp_path / "seen").read_text().split("---")
    assert "JobDependencies" not in first
    assert "JobDependencies=id1\n" in second
    assert "Frames=1001-1010\nChunkSize=5\n" in second
    assert "JobDependencies=id2\n" in third
    command.write_text("#!/bin/sh\necho no licence; exit 1\n")
    done = subprocess.run(
        [sys.executable, str(folder / "submit.py"), str(command)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "no licence" in done.stderr


FAKE_OUTLINE = """\
import json, sys
class Layer:
    def __init__(self, name, commands, **more):
        self.name, self.commands, self.more, self.needs = name, commands, more, []
    def depend_all(self, on):
        self.needs.append(on.name)
class Outline:
    def __init__(self, name, **more):
        self.name, self.layers, self.env = name, [], {}
    def set_env(self, key, value):
        self.env[key] = value
    def add_layer(self, layer):
        self.layers.append(layer)
"""


def test_opencue_starts_the_words_that_were_meant(job: Job, tmp_path: Path) -> None:
    package = tmp_path / "outline"
    (package / "modules").mkdir(parents=True)
    (package / "__init__.py").write_text(FAKE_OUTLINE)
    (package / "modules/__init__.py").write_text("")
    (package / "modules/shell.py").write_text("from outline import Layer as ShellSequence\n")
    (package / "cuerun.py").write_text(
        "import json\n"
        "def launch(job, use_pycuerun):\n"
        "    assert use_pycuerun\n"
        "    print(json.dumps([job.env, [[l.name, l.commands, l.needs, l.more] for l in job.layers]]))\n"
    )
    write_files(opencue.files(job), tmp_path)
    script = tmp_path / "launch_job.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    env, layers = json.loads(done.stdout)
    assert env == dict(job.variables)
    for step, (name, commands, needs, more) in zip(job.steps, layers, strict=True):
        assert (name, needs) == (step.name, list(step.needs))
        assert commands == list(job.argvs(step))
        assert bool(more.get("gpus")) == bool(step.gpu)


@pytest.mark.parametrize("word", ["<STARTFRAME>", "a<quote>b", "<AUXFILE0>", "%{RANGE}", "#IFRAME#"])
def test_words_that_a_scheduler_would_replace_are_refused(job: Job, word: str) -> None:
    step = attrs.evolve(job.steps[2], command=("project", word), needs=())
    exporter = deadline10 if "<" in word else opencue
    with pytest.raises(StageError) as caught:
        exporter.files(attrs.evolve(job, steps=(step,)))
    assert caught.value.problems[0].code == "CR440"


def test_frames_below_zero(job: Job) -> None:
    """No word of a command begins with the minus of a frame; Deadline's own lists are not trusted with it."""
    tasks = ({"Unit": "sh010", "Frames": "-5--1"},)
    below = attrs.evolve(job, steps=(attrs.evolve(job.steps[1], tasks=tasks, needs=()),))
    assert '"--frames=-5--1"' in opencue.files(below)["launch_job.py"]
    with pytest.raises(StageError) as caught:
        deadline10.files(below)
    assert caught.value.problems[0].code == "CR440"
