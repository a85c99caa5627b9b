"""Does a project scale? Reading, building, status and job of many shots, and one script with very many pairs.

    python benchmarks/projects.py [--shots 163 1000] [--pairs 1493] [--json FILE]

The plates do not exist: sizes come from the project, so only our own work is measured. Every row is a command that is
typed, in a process of its own: CPU seconds are its user and system time, memory is its peak as the system counts it
(resident, Python and its libraries included).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chroma_recovery import nk
from chroma_recovery.graph.checks import check
from chroma_recovery.headers import PictureSize
from chroma_recovery.preset.model import Clip, HoldOut, Pair, Preset, Reference
from chroma_recovery.stages import ProjectPaths, build

PROJECT = """\
project: film
shot_list: shots.csv
spread: {pairs}
source: {{path: "plates/{{shot}}/source.####.exr", format: {{width: 2048, height: 1556}}}}
reference: {{path: "plates/{{shot}}/reference.####.exr", format: {{width: 2048, height: 1556}}}}
"""


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(work: Callable[[], Any]) -> tuple[Any, float]:
    """Result, CPU seconds."""
    began = cpu()
    result = work()
    return result, cpu() - began


RUNNER = """\
import sys
from pathlib import Path
from chroma_recovery.project.load import load_project
from chroma_recovery.project.local import run_project
file = Path(sys.argv[1])
run_project(load_project(file, file.parent), file.parent, jobs=2, stages=("build",))
"""
"""What ``run PROJECT --jobs 2`` itself does where every shot is finished: its workers' memory is the engine's."""


def command(*words: object) -> tuple[float, float, float]:
    """Run our command, or ``-c`` and a program: CPU seconds, wall seconds, peak memory in MB."""
    wall = time.perf_counter()
    program = () if words[0] == "-c" else ("-m", "chroma_recovery.cli")
    argv = [sys.executable, *program, *map(str, words)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{argv} failed:\n{said.read().decode()[-2000:]}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - wall, used.ru_maxrss / 1e3


def film(folder: Path, shots: int, pairs: int) -> Path:
    rows = [f"sh{10 * n:05d},1001,1100,1001" for n in range(1, shots + 1)]
    (folder / "shots.csv").write_text("shot,first,last,reference_first\n" + "\n".join(rows) + "\n")
    (folder / "project.yaml").write_text(PROJECT.format(pairs=pairs))
    return folder / "project.yaml"


def project_numbers(shots: int, pairs: int) -> dict[str, float]:
    folder = Path(tempfile.mkdtemp(prefix="projects-"))
    try:
        file = film(folder, shots, pairs)
        found: dict[str, float] = {"shots": shots, "pairs": shots * pairs}
        steps: dict[str, tuple[object, ...]] = {
            "list": ("project", "list", file),
            "build": ("project", "build", file),
            "build again": ("project", "build", file),
            "status": ("project", "status", file),
            "run": ("-c", RUNNER, file),
            "tasks": ("project", "tasks", file, "--chunk", 10),
            "job": ("job", file, "--to", folder / "job"),
        }
        for name, words in steps.items():
            found[f"{name} CPU s"], found[f"{name} wall s"], found[f"{name} MB"] = command(*words)
        scripts = list((folder / "pipeline").rglob("*.nk"))
        states = list((folder / "state").glob("*.json"))
        found["scripts"], found["scripts MB"] = len(scripts), sum(p.stat().st_size for p in scripts) / 1e6
        nodes = sum(json.loads(p.read_text())["stages"]["build"]["facts"]["nodes"] for p in states)
        found["nodes"], found["nodes per CPU s"] = nodes, nodes / found["build CPU s"]
        found["state kB per shot"] = sum(p.stat().st_size for p in states) / shots / 1e3
        found["job files MB"] = sum(p.stat().st_size for p in (folder / "job").iterdir()) / 1e6
        return found
    finally:
        shutil.rmtree(folder)


def long_script(pairs: int) -> dict[str, float]:
    """One preset with so many pairs on each branch."""
    clip = Clip("s.####.exr", 1, 10 * pairs + 1)
    reference = Reference("r.####.exr", 1, 10 * pairs + 1)
    chosen = tuple(Pair(10 * n) for n in range(1, pairs + 1))
    size = PictureSize(2048, 1556)
    preset = Preset("reel", clip, reference, chosen, scope="sequence", hold_out=HoldOut(0.2))
    paths = ProjectPaths("s.####.exr", "r.####.exr", size, size)
    recovery, build_s = measured(lambda: build(preset, paths=paths))
    findings, check_s = measured(lambda: check(recovery.graph))
    text, write_s = measured(lambda: nk.write(recovery.graph))
    back, read_s = measured(lambda: nk.read(text))
    if nk.write(back) != text or any(p.severity == "error" for p in findings):
        raise SystemExit("the script is wrong or does not read back")
    nodes = len(recovery.graph)
    drawn = [n for n in recovery.graph if n.cls != "BackdropNode"]
    found = {
        "pairs": pairs,
        "nodes": nodes,
        "bytes": len(text),
        "build s": build_s,
        "check s": check_s,
        "write s": write_s,
        "read s": read_s,
        "nodes per second": nodes / (build_s + check_s + write_s),
        "page width": max(n.xpos for n in drawn) - min(n.xpos for n in drawn),
        "page height": max(n.ypos for n in drawn) - min(n.ypos for n in drawn),
    }
    if shutil.which("tclsh"):
        found["tclsh s"] = by_tcl(text)
    return found


def by_tcl(text: str) -> float:
    """CPU seconds of a Tcl that reads the script, each node class being a command that does nothing."""
    driver = "proc unknown {args} {}; set f [open script.nk]; fconfigure $f -encoding utf-8; eval [read $f]; puts ok"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "script.nk").write_text(text, encoding="utf-8")
        Path(folder, "read.tcl").write_text(driver)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(["tclsh", "read.tcl"], cwd=folder, capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.stdout.strip() != "ok":
            raise SystemExit(f"Tcl stopped: {done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show(title: str, columns: list[dict[str, float]]) -> None:
    print(title)
    for name in columns[0]:
        values = "".join(
            f"{c[name]:>14.3f}" if isinstance(c[name], float) else f"{c[name]:>14}" for c in columns
        )
        print(f"  {name:<20}{values}")


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--shots", type=int, nargs="*", default=[163, 1000])
    words.add_argument("--per-shot", type=int, default=10, help="pairs of each shot")
    words.add_argument("--pairs", type=int, nargs="*", default=[149, 1493], help="pairs of the long script")
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    found: dict[str, Any] = {"shots": [project_numbers(n, asked.per_shot) for n in asked.shots]}
    show(f"projects of {asked.per_shot} pairs per shot", found["shots"])
    found["script"] = [long_script(n) for n in asked.pairs]
    show("one script", found["script"])
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
