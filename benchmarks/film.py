"""A film of twelve real shots through a render farm's engine: whole, and killed again and again. Are results the same?

    python benchmarks/film.py --out DIR [--footage DIR] [--steps 30] [--json FILE]

Shots come from the clips of ``footage.py`` (from the shipped one alone without ``--footage``), are faded and get a
DVD-like Reference; the scanned reels, the telecine and the edit list (CMX 3600, handles, reel names) are written. Three
shots are a scene with one model; one of these has no Reference. ``chroma-recovery job`` writes the job, ``openjd run``
works through it; engine and task are killed (SIGKILL) in a training, in a rendering and in a validation, and started
again each time. Beside it an undisturbed run makes the same film: by ``run PROJECT --jobs 2``, or with ``--farm`` by
``openjd run`` too. Then bytes of all scripts, models and recovered frames are compared; what was complete before each
kill must not have been touched. CPU seconds are user and system time of all processes; memory is that of the largest.
Takes some ten minutes on two cores; POSIX only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from film_made import HANDLE, SHOTS, Shape, make_film


def start(project: Path, out: Path, log: Path) -> subprocess.Popen[bytes]:
    """Write the job if there is none yet, and let the engine of Open Job Description begin."""
    programs = Path(sys.executable).parent
    bundle, program = out / "job", programs / "chroma-recovery"
    if not bundle.exists():
        words = ["job", project, "--out", out, "--to", bundle, "--program", program, "--chunk", "4"]
        subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([programs / "openjd", "check", bundle / "template.yaml"], check=True)
    values = f"file://{bundle / 'parameters.json'}"
    command = [str(programs / "openjd"), "run", str(bundle / "template.yaml"), "--job-param", values]
    with log.open("wb") as said:
        return subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, "OMP_NUM_THREADS": "1"})


def start_here(project: Path, out: Path, log: Path) -> subprocess.Popen[bytes]:
    """The same film without a farm."""
    words = [Path(sys.executable).with_name("chroma-recovery"), "run", project, "--out", out, "--jobs", "2"]
    with log.open("wb") as said:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(list(map(str, words)), stdout=said, stderr=said, env=environment)


def finish(runner: subprocess.Popen[bytes], log: Path) -> tuple[float, float]:
    """Wait for the end; CPU seconds of the engine and all its tasks, and MB of the largest process."""
    _, status, used = os.wait4(runner.pid, 0)
    runner.returncode = os.waitstatus_to_exitcode(status)
    if runner.returncode:
        raise SystemExit(f"openjd run failed, see {log}:\n{log.read_text()[-3000:]}")
    return round(used.ru_utime + used.ru_stime, 1), round(used.ru_maxrss / 1e3, 1)


def killed_when(ready: Callable[[], bool], runner: subprocess.Popen[bytes], out: Path, unit: str) -> None:
    """Kill the engine and the task that works on the unit, as soon as something is there."""
    while not ready():
        if runner.poll() is not None:
            raise SystemExit("the job ended before it could be killed")
        time.sleep(0.005)
    runner.kill()
    holder = (out / f"state/{unit}.lock").read_text()
    if holder:
        with suppress(ProcessLookupError):
            os.kill(json.loads(holder)["pid"], signal.SIGKILL)
    runner.wait()


def moments(out: Path) -> Iterator[tuple[str, str, Callable[[], bool]]]:
    """When to kill: in words, the unit at work, and what must be there."""
    models, frames = out / "pipeline/03_copycat_training", out / "pipeline/04_inference_render"
    state = out / "state/sh090.json"

    def validating() -> bool:
        with suppress(OSError, ValueError):
            return bool(json.loads(state.read_text())["stages"].get("validation", {}).get("state") == "begun")
        return False

    yield "training of sh030", "sh030", lambda: len(list(models.glob("sh030/*.optimiser.safetensors"))) > 1
    yield "rendering of sh060", "sh060", lambda: len(list(frames.glob("sh060/sh*.exr"))) > 2
    yield "validation of sh090", "sh090", validating


def complete(out: Path) -> dict[Path, int]:
    """Files of every finished stage, and of the work that was begun: whole checkpoints and frames. Time of change."""
    found: set[Path] = set()
    for state in (out / "state").glob("*.json"):
        for record in json.loads(state.read_text())["stages"].values():
            if record["state"] == "done":
                found |= {out / name for name in record["outputs"]}
    for folder, pattern in (("03_copycat_training", "*/*.json"), ("04_inference_render", "*/*.exr")):
        found |= {p for p in (out / "pipeline" / folder).glob(pattern) if not p.name.startswith(".")}
    return {p: p.stat().st_mtime_ns for p in found}


def results(out: Path) -> dict[str, str]:
    """SHA-256 of every frame, model, script and preset, byte by byte."""
    found = {}
    for path in sorted((out / "pipeline").rglob("*")):
        if path.suffix in (".exr", ".safetensors", ".nk") and "optimiser" not in path.name:
            found[str(path.relative_to(out))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def judged(out: Path) -> dict[str, Any]:
    """What the report of all shots says of each, without times."""
    said = json.loads((out / "report/project_report.json").read_text())
    return {u["name"]: {k: v for k, v in u.items() if k != "seconds"} for u in said["units"]}


def touched(then: dict[Path, int], out: Path) -> set[str]:
    """Files that are gone or were written since."""
    return {
        str(path.relative_to(out))
        for path, time_of_change in then.items()
        if not path.exists() or path.stat().st_mtime_ns != time_of_change
    }


def run(folder: Path, project: Path, *, farm: bool) -> dict[str, Any]:
    whole, broken = folder / "whole", folder / "killed"
    undisturbed = (start if farm else start_here)(project, whole, folder / "whole.log")
    log = folder / "last.log"
    kept: list[int] = []
    wrong: set[str] = set()
    snapshot: dict[Path, int] = {}
    for number, (what, unit, ready) in enumerate(moments(broken)):
        killed_when(ready, start(project, broken, folder / f"killed{number}.log"), broken, unit)
        wrong |= touched(snapshot, broken)
        snapshot = complete(broken)
        kept.append(len(snapshot))
        print(f"killed in the {what}; {len(snapshot)} files are complete", flush=True)
    finish(start(project, broken, log), log)
    wrong |= touched(snapshot, broken)
    found: dict[str, Any] = {"shots": len(SHOTS), "files complete at each kill": kept}
    found["complete files that were touched"] = sorted(wrong)
    found["CPU s and MB, undisturbed"] = finish(undisturbed, folder / "whole.log")
    again = folder / "again.log"
    found["CPU s and MB, with nothing to do"] = finish(start(project, broken, again), again)
    found["tasks with nothing to do then"] = again.read_text().count("nothing to do")
    a, b = results(whole), results(broken)
    found["files compared"] = {s: sum(n.endswith(s) for n in a) for s in (".exr", ".safetensors", ".nk")}
    found["recovered frames"] = sum("04_inference_render" in n and n.endswith(".exr") for n in a)
    found["files that differ"] = sorted(n for n in {*a, *b} if a.get(n) != b.get(n))
    found["reports that differ"] = sorted(n for n, u in judged(whole).items() if judged(broken).get(n) != u)
    found["left over"] = sorted(str(p.relative_to(broken)) for p in broken.rglob("*.part.*"))
    return found


def main() -> int:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--out", type=Path, required=True, help="empty folder for the film and both runs")
    words.add_argument("--footage", type=Path, metavar="DIR", help="clips of footage.py")
    words.add_argument("--steps", type=int, default=30)
    words.add_argument("--width", type=int, default=192, help="of the frames")
    words.add_argument("--length", type=int, default=6, help="frames of a shot, without its handles")
    words.add_argument("--farm", action="store_true", help="the undisturbed run by openjd run too")
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    folder = asked.out.resolve()
    shape = Shape(asked.width, asked.length)
    project = make_film(folder, asked.footage, asked.steps, shape)
    found = run(folder, project, farm=asked.farm)
    found |= {"width": shape.width, "frames of a shot": shape.length + 2 * HANDLE, "steps": asked.steps}
    for name, value in found.items():
        print(f"{name:<40}{value}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")
    names = ("complete files that were touched", "files that differ", "reports that differ", "left over")
    return int(any(found[name] for name in names))


if __name__ == "__main__":
    sys.exit(main())
