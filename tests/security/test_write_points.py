"""Every command that writes, interrupted while it writes: no half file shows, and going on ends with the same bytes."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.cli.parser import parser

pytestmark = pytest.mark.skipif(os.name == "nt", reason="fork and signals of POSIX")

ALL = "CHROMA_RECOVERY_ALL_WRITE_POINTS" in os.environ
"""Every write point instead of some, chosen by chance: more than an hour of processor time."""

PROGRAM = Path(__file__).with_name("write_points.py")
WAYS = ("kill", "full", "readonly", "twice")

TEXTS = {
    "build": ("kill:8", "full:4", "readonly:1", "twice:3"),
    "build-over": ("kill:8", "full:4", "readonly:1", "twice:3"),
    "preset-new": ("kill:0", "full:0", "readonly:1", "twice:0"),
    "preset-upgrade": ("kill:0", "full:0", "readonly:1", "twice:0"),
    "preset-schema": ("kill:0", "full:0", "readonly:1", "twice:2"),
    "project-new": ("kill:0", "full:0", "readonly:1", "twice:2"),
    "project-build": ("kill:5", "full:3", "readonly:1", "twice:2"),
    "job-openjd": ("kill:5", "full:3", "readonly:1", "twice:2"),
    "job-deadline10": ("kill:4", "full:2", "readonly:1"),
    "job-opencue": ("kill:3", "full:2", "readonly:1"),
    "nuke-package": ("kill:1", "readonly:1"),
}
ENGINE = {
    "render": ("kill:0", "full:3", "readonly:1", "twice:2"),
    "pairs": ("kill:2", "readonly:1", "twice:1"),
    "run": ("kill:1",),
    "project-task": ("kill:1",),
    "project-detect": ("kill:2", "full:1", "readonly:1"),
    "project-report": ("kill:2", "full:1", "readonly:1"),
    "outliers": ("kill:1",),
    "export": ("kill:1", "full:1", "readonly:1"),
    "deliver": ("kill:2", "full:1", "readonly:1", "twice:1"),
    "deliver-bag": ("kill:1",),
}
"""Ways of interrupting each command, and at how many points here; 0: all of them."""

ONLY_READ = (
    "check",
    "nodes",
    "verify",
    "trace",
    "preset-show",
    "preset-explain",
    "preset-diff",
    "preset-lint",
)
ONLY_READ += ("project-list", "project-status", "project-tasks")
ELSEWHERE = {
    "train": "Nuke writes its own files",
    "render": "Nuke writes its own files; the job of this name is the engine's Write",
    "demo": "footage, then what run does",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made in a process of its own: the engine takes its settings from the environment."""
    folder = tmp_path_factory.mktemp("template") / "shot"
    code = f"import sys; sys.path.insert(0, {str(PROGRAM.parent)!r}); import jobs; from pathlib import Path\n"
    code += "jobs.make_template(Path(sys.argv[1]))"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, capture_output=True)
    return folder


def swept(template: Path, work: Path, ways: dict[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """What the program says of each job and way, in one process, so that libraries are loaded once."""
    words = [f"{name}:{way}" for name, said in ways.items() for way in said]
    if ALL:
        words = [f"{name}:{way}:0" for name in ways for way in WAYS]
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(work), str(template), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def commands(top: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    """Every command with its verb, as ``preset-new``."""
    below = [a for a in top._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield before
    for action in below:
        for name, command in action.choices.items():
            yield from commands(command, f"{before}-{name}" if before else name)


def test_every_command_that_writes_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROGRAM.parent))
    from jobs import JOBS

    assert set(JOBS) == {*TEXTS, *ENGINE}
    here = {re.sub(r"-(over|bag|openjd|deadline10|opencue)$", "", name) for name in JOBS}
    known = here - {"render"} | set(ONLY_READ) | set(ELSEWHERE)
    assert set(commands(parser())) == known


@pytest.mark.parametrize("ways", [TEXTS, ENGINE], ids=["texts", "engine"])
def test_interrupted_at_every_write_point(
    template: Path, tmp_path: Path, ways: dict[str, tuple[str, ...]]
) -> None:
    found = swept(template, tmp_path, ways)
    assert [w for said in found for w in said["wrong"]] == []
    for said in found:
        way = said["way"]
        assert said["code"] == (3 if said["job"] == "project-report" else 0), said  # no shot is done there
        assert said["tried"] and said["points"] >= 5, said
        if way in ("kill", "twice", "readonly"):
            assert said["stopped"] == said["tried"], said
    assert {said["job"] for said in found} == set(ways)


def test_a_writer_without_renaming_is_caught(template: Path, tmp_path: Path) -> None:
    """The test above notices a file that is written in place."""
    weak = "from contextlib import contextmanager; import chroma_recovery.paths as p\n"
    weak += "@contextmanager\ndef writing(target, *, overwrite=False):\n"
    weak += "    target.parent.mkdir(parents=True, exist_ok=True); yield target\np.writing = writing\n"
    code = f"import sys; sys.path.insert(0, {str(PROGRAM.parent)!r})\n{weak}"
    code += "import write_points; write_points.main()"
    words = [sys.executable, "-c", code, str(tmp_path), str(template), "build:kill:8"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    killed = json.loads(done.stdout)
    assert any("neither old nor whole" in w for w in killed["wrong"])
