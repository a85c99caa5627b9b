"""A film of twelve real shots through a render farm's engine: whole, and killed again and again. Are results the same?

    python benchmarks/film.py --out DIR [--footage DIR] [--steps 60] [--json FILE]

Shots come from the clips of ``footage.py`` (from the shipped one alone without ``--footage``), are faded and get a
DVD-like Reference; the scanned reels, the telecine and the edit list (CMX 3600, handles, reel names) are written, and
three shots share a model. ``chroma-recovery job`` writes the job, ``openjd run`` works through it: once undisturbed;
once with engine and task killed (SIGKILL) in a training, in a rendering and in a validation, and started again each
time. Then bytes of all models and recovered frames are compared, and what was complete before each kill must not have
been touched. CPU seconds are user and system time of all processes. Takes some ten minutes on two cores; POSIX only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from footage import clips

from chroma_recovery.demo.balance import DensityBalance
from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.density import Array
from chroma_recovery.demo.fade import FADES, FadedScan
from chroma_recovery.demo.footage import write_frame
from chroma_recovery.demo.reference import DvdReference

SIZE = (192, 108)
LENGTH, HANDLE = 8, 1
LOOK = DvdReference(shift=(1.5, -1.0), degrees=0.2, borders=(4, 3), raster=(180, 100))

SHOTS = (
    ("demo", 0), ("bikes", 0), ("bikes", 120), ("box", 30), ("bunny", 5), ("bunny", 90), ("carphone", 10),
    ("tree", 40), ("demo", 30), ("city", 0), ("city", 120), ("city", 240),
)  # fmt: skip
"""Clip and first frame of each shot. The last three are one scene."""

PROJECT = """\
project: film
fps: 24
handles: {handle}
spread: 4
shot_list: cut.edl
source: {{path: "scan/{{reel}}.#######.exr", count: source, zero: "01:00:00:00"}}
reference: {{path: telecine.####.exr, count: record, kind: telecine}}
preset:
  crop: {{box: [8, 6, 184, 102]}}
  inference: {{crop: [8, 6, 184, 102]}}
  training: {{median: 3, patch: 64, batch: 3, steps: {steps}, checkpoint_every: {every}, contact_sheet_every: 1000}}
  validation: {{lut_size: 9}}
groups:
  - {{name: sc10, scope: scene, shots: [sh100, sh110, sh120]}}
"""


# -- the film


def stretch(clip: str, folder: Path | None, first: int, count: int) -> list[Array]:
    """Consecutive frames of a clip, 192x108, display-encoded 0..1: the middle of the picture in that shape."""
    if folder is None or clip not in clips(folder):
        clip, first = "demo", first % (48 - count)
    if clip == "demo":
        return [_small(f) for f in islice(read_clip(frames=first + count), first, None)]
    video, found = cv2.VideoCapture(str(next((folder or Path()).glob(f"{clip}.*")))), []
    for _ in range(first):
        video.grab()
    for _ in range(count):
        done, picture = video.read()
        if not done:
            raise SystemExit(f"clip {clip} has no {count} frames from {first} on")
        found.append(_small(picture[..., ::-1].astype(np.float32) / 255))
    video.release()
    return found


def _small(picture: Array) -> Array:
    height, width = picture.shape[:2]
    high, wide = min(height, width * SIZE[1] // SIZE[0]), min(width, height * SIZE[0] // SIZE[1])
    top, left = (height - high) // 2, (width - wide) // 2
    part = np.ascontiguousarray(picture[top : top + high, left : left + wide])
    return np.clip(cv2.resize(part, SIZE, interpolation=cv2.INTER_AREA), 0, 1).astype(np.float32)


def timecode(frames: int) -> str:
    return f"{frames // 86400:02d}:{frames // 1440 % 60:02d}:{frames // 24 % 60:02d}:{frames % 24:02d}"


def make_film(folder: Path, footage: Path | None, steps: int) -> Path:
    """Scans by source timecode, the telecine by record timecode, the edit list, the project preset."""
    lines = ["TITLE: FILM", "FCM: NON-DROP FRAME", ""]
    for shot, (clip, start) in enumerate(SHOTS):
        clean = stretch(clip, footage, start, LENGTH + 2 * HANDLE)
        reel, first, record = f"A{1 + shot // 6:03d}", 200 * (shot % 6) + 20, LENGTH * shot
        scan = FadedScan(FADES["strong"], *SIZE, seed=shot)
        scans = [scan(frame, number) for number, frame in enumerate(clean)]
        balance = DensityBalance.fit(scans, like=[LOOK.truth(f) for f in clean])
        for n, frame in enumerate(clean):
            write_frame(folder / f"scan/{reel}.{first + n - HANDLE:07d}.exr", balance(scans[n]))
            if HANDLE <= n < HANDLE + LENGTH:
                write_frame(folder / f"telecine.{record + n - HANDLE:04d}.exr", LOOK(frame))
        times = " ".join(map(timecode, (86400 + first, 86400 + first + LENGTH, record, record + LENGTH)))
        lines.append(f"{shot + 1:03d}  {reel}     V     C        {times}")
        lines.append(f"* FROM CLIP NAME: sh{10 * shot + 10:03d}.mov")
        lines.append(f"{shot + 1:03d}  {reel}     A     C        {times}")
    (folder / "cut.edl").write_text("\n".join(lines) + "\n")
    every = max(1, steps // 6)
    (folder / "project.yaml").write_text(PROJECT.format(handle=HANDLE, steps=steps, every=every))
    return folder / "project.yaml"


# -- running and killing


def start(project: Path, out: Path, log: Path) -> subprocess.Popen[bytes]:
    """Write the job if there is none yet, and let the engine of Open Job Description begin."""
    programs = Path(sys.executable).parent
    bundle, program = out / "job", programs / "chroma-recovery"
    if not bundle.exists():
        words = ["job", project, "--out", out, "--to", bundle, "--program", program, "--chunk", "5"]
        subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([programs / "openjd", "check", bundle / "template.yaml"], check=True)
    values = f"file://{bundle / 'parameters.json'}"
    command = [str(programs / "openjd"), "run", str(bundle / "template.yaml"), "--job-param", values]
    with log.open("wb") as said:
        return subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, "OMP_NUM_THREADS": "1"})


def finish(runner: subprocess.Popen[bytes], log: Path) -> None:
    if runner.wait():
        raise SystemExit(f"openjd run failed, see {log}:\n{log.read_text()[-3000:]}")


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
            return bool(json.loads(state.read_text())["stages"]["validation"]["state"] == "begun")
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


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# -- both runs


def run(folder: Path, project: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"shots": len(SHOTS), "frames": len(SHOTS) * (LENGTH + 2 * HANDLE)}
    whole, broken = folder / "whole", folder / "killed"
    before, wall = cpu(), time.perf_counter()
    log = folder / "whole.log"
    finish(start(project, whole, log), log)
    found |= {"CPU s, undisturbed": round(cpu() - before, 1), "wall s": round(time.perf_counter() - wall, 1)}
    before, kept, touched = cpu(), 0, []
    for number, (what, unit, ready) in enumerate(moments(broken)):
        log = folder / f"killed{number}.log"
        killed_when(ready, start(project, broken, log), broken, unit)
        snapshot = complete(broken)
        print(f"killed in the {what}; {len(snapshot)} files are complete", flush=True)
        kept = len(snapshot)
        if number:
            touched += [p for p, t in earlier.items() if not p.exists() or p.stat().st_mtime_ns != t]
        earlier = snapshot
    log = folder / "last.log"
    finish(start(project, broken, log), log)
    touched += [p for p, t in earlier.items() if not p.exists() or p.stat().st_mtime_ns != t]
    found |= {"CPU s, killed three times": round(cpu() - before, 1), "files complete at the last kill": kept}
    found["complete files that were touched"] = sorted({str(p.relative_to(broken)) for p in touched})
    before = cpu()
    log = folder / "again.log"
    finish(start(project, broken, log), log)
    found["CPU s, once more with nothing to do"] = round(cpu() - before, 1)
    found["tasks"] = log.read_text().count("nothing to do")
    a, b = results(whole), results(broken)
    found["files compared"] = {s: sum(n.endswith(s) for n in a) for s in (".exr", ".safetensors", ".nk")}
    found["differ"] = sorted(n for n in {*a, *b} if a.get(n) != b.get(n))
    found["recovered frames"] = sum("04_inference_render" in n and n.endswith(".exr") for n in a)
    found["reports differ"] = sorted(n for n, u in judged(whole).items() if judged(broken).get(n) != u)
    found["left over"] = sorted(str(p.relative_to(broken)) for p in broken.rglob("*.part.*"))
    return found


def main() -> int:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--out", type=Path, required=True, help="empty folder for the film and both runs")
    words.add_argument("--footage", type=Path, metavar="DIR", help="clips of footage.py")
    words.add_argument("--steps", type=int, default=60)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    folder = asked.out.resolve()
    project = make_film(folder, asked.footage, asked.steps)
    found = run(folder, project)
    for name, value in found.items():
        print(f"{name:<40}{value}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")
    wrong = found["differ"] or found["reports differ"] or found["complete files that were touched"]
    return 1 if wrong or found["left over"] else 0


if __name__ == "__main__":
    sys.exit(main())
