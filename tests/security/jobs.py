"""Jobs that ``write_points`` interrupts: every command that writes files, and how it is gone on with. Not a test."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import attrs

__all__ = ["JOBS", "Job", "make_template", "render"]

PRESET = """\
shot: sh010
source: {path: plates/p.####.exr, first: 1, last: 6}
reference: {path: dvd/d.####.exr, first: 1, last: 6, kind: telecine}
pairs: [1, 3, {source: 4, hold_out: true}, 6]
crop: {box: [16, 12, 240, 132]}
inference: {crop: [16, 12, 240, 132]}
training: {median: 3, patch: 32, batch: 3, steps: 4, checkpoint_every: 2}
validation: {lut_size: 5}
"""
PROJECT = """\
project: film
fps: 24
shot_list: shots.csv
source: {path: plates/p.####.exr, count: source}
reference: {path: dvd/d.####.exr, count: record, kind: telecine}
preset:
  crop: {box: [16, 12, 240, 132]}
  inference: {crop: [16, 12, 240, 132]}
  training: {median: 3, patch: 32, batch: 3, steps: 4, checkpoint_every: 2}
  validation: {lut_size: 5}
"""
SHOTS = """\
shot,source_in,source_out,record_in,record_out,pairs
sh010,00:00:00:01,00:00:00:07,00:00:00:01,00:00:00:07,1 3 4! 6
"""


LOCKS = r"(^|/)state/.*\.lock$"
LOSSES = r"03_copycat_training/.*\.csv$"
JOURNAL = r"\.jsonl$"
INPUTS = ("plates", "dvd", "sh010.yaml", "project.yaml", "shots.csv")

LONG = (
    "shot,source_in,source_out,record_in,record_out\nsh010,00:00:00:01,00:00:02:00,00:00:00:01,00:00:02:00\n"
)


@attrs.frozen
class Job:
    """prepare: imports, once, before anything forks. first, again: in a folder; the exit code. logs: patterns of names
    of files that are written line by line, or say who works, and so are never whole. uses: what of the template is
    there when it begins. timed: patterns of names of files that tell the time, or how long something took: of these the
    numbers and hashes may differ from run to run. records: of files that also say what went wrong: any that can be
    read is whole."""

    prepare: Callable[[], object]
    first: Callable[[Path], int]
    again: Callable[[Path], int]
    logs: tuple[str, ...] = (LOCKS,)
    uses: tuple[str, ...] = INPUTS
    timed: tuple[str, ...] = ()
    records: tuple[str, ...] = (r"(^|/)state/[^/]*\.json$",)


def command(*words: str) -> Callable[[Path], int]:
    def run(folder: Path) -> int:
        from chroma_recovery.cli import main

        return main([w.replace("@", str(folder)) for w in words])

    return run


def imported(*layers: str) -> None:
    """Everything that the commands import when they run, so that a fork need not."""
    import importlib
    import pkgutil

    import chroma_recovery

    for layer in ("preset", "nk", "stages", "build", "cli", "farm", "package", *layers):
        top = importlib.import_module(f"chroma_recovery.{layer}")
        for found in pkgutil.walk_packages(getattr(top, "__path__", ()), f"{top.__name__}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    assert chroma_recovery.__version__


def with_engine() -> None:
    os.environ["CHROMA_RECOVERY_DECODER"] = "here"
    imported("engine", "qc", "pairs", "recovery", "delivery", "project")
    import cv2
    import jinja2  # noqa: F401
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)


def render(resume: bool) -> Callable[[Path], int]:
    def run(folder: Path) -> int:
        os.environ["CHROMA_RECOVERY_DECODER"] = "here"
        from chroma_recovery.engine.evaluate import Evaluator
        from chroma_recovery.engine.render import render as render_node
        from chroma_recovery.errors import ChromaRecoveryError
        from chroma_recovery.graph import Graph

        graph = Graph()
        graph.root.update(format="256 144 0 0 256 144 1 x", first_frame=1, last_frame=3)
        plates = (folder / "plates/p.####.exr").as_posix()
        read = graph.add("Read", "Read1", knobs={"file": plates, "first": 1, "last": 3, "raw": True})
        target = (folder / "rendered/o.####.exr").as_posix()
        knobs = {
            "file": target,
            "file_type": "exr",
            "channels": "rgb",
            "raw": True,
            "create_directories": True,
        }
        graph.add("Write", "Write1", inputs=[read], knobs=knobs)
        try:
            render_node(Evaluator(graph, project=folder), "Write1", [1, 2, 3], resume=resume)
        except ChromaRecoveryError as error:
            print(error)
            return 3
        return 0

    return run


def make_template(folder: Path) -> None:
    """Six small frames of the demo's clip faded, their Reference, presets, a project, and a finished run of it all."""
    with_engine()
    import cv2
    import numpy as np
    import OpenImageIO as oiio

    from chroma_recovery.cli import main
    from chroma_recovery.demo.clip import read_clip

    mix = np.array([[0.35, 0.45, 0.1], [0.05, 0.85, 0.1], [0.1, 0.3, 0.6]], np.float32)
    for number, picture in enumerate(read_clip(frames=6), start=1):
        small = cv2.resize(picture, (256, 144), interpolation=cv2.INTER_AREA).astype(np.float32)
        moved = cv2.warpAffine(small, np.array([[1, 0, 2], [0, 1, -1]], np.float32), (256, 144))
        for path, pixels in (
            (f"plates/p.{number:04d}.exr", small @ mix.T),
            (f"dvd/d.{number:04d}.exr", moved),
        ):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            out = oiio.ImageOutput.create("a.exr")
            spec = oiio.ImageSpec(256, 144, 3, "half")
            assert out.open(str(folder / path), spec)
            assert out.write_image(np.ascontiguousarray(pixels, np.float32)) and out.close()
    (folder / "sh010.yaml").write_text(PRESET)
    (folder / "new.yaml").write_text(PRESET.replace("steps: 4", "steps: 6"))
    (folder / "older.yaml").write_text("# mine\nschema: 0\n" + PRESET)
    (folder / "project.yaml").write_text(PROJECT)
    (folder / "shots.csv").write_text(SHOTS)
    (folder / "long.csv").write_text(LONG)
    assert main(["build", str(folder / "sh010.yaml"), "--out", str(folder / "old")]) == 0
    assert main(["run", str(folder / "sh010.yaml"), "--out", str(folder / "done")]) == 0


def upgrading(folder: Path) -> int:
    from chroma_recovery.preset import versions

    assert isinstance(versions.UPGRADES, dict)
    versions.UPGRADES[0] = lambda text: text
    return command("preset", "upgrade", "@/older.yaml")(folder)


def twice(
    *words: str,
    prepare: Callable[[], object] = imported,
    more: str = "",
    logs: tuple[str, ...] = (),
    uses: tuple[str, ...] = (),
    timed: tuple[str, ...] = (),
) -> Job:
    """A command that is gone on with by the same words, and ``more``. logs, uses: besides those of every
    job."""
    again = command(*words, *([more] if more else []))
    return Job(prepare, command(*words), again, (LOCKS, *logs), (*INPUTS, *uses), timed)


RUN = ("run", "@/sh010.yaml", "--out", "@/out")
TASK = ("project", "task", "@/project.yaml", "--out", "@/film", "--unit", "sh010", "--stage")


def engine(
    *words: str,
    more: str = "",
    logs: tuple[str, ...] = (),
    timed: tuple[str, ...] = (),
    done: bool = False,
) -> Job:
    """As :func:`twice`, with the engine. done: a finished run is there in the folder of that name."""
    uses = ("done",) if done else ()
    return twice(*words, prepare=with_engine, more=more, logs=logs, timed=timed, uses=uses)


def delivering(*more: str) -> Job:
    """``deliver`` at one moment: names in a delivery tell the time."""
    job = engine(
        "deliver", "@/sh010.yaml", "--out", "@/done", "--to", "@/to", *more, done=True, timed=DELIVERY
    )

    def at_one_moment(folder: Path) -> int:
        from datetime import datetime, tzinfo

        from chroma_recovery.delivery import making, mhl

        class Clock(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Clock:
                return cls(2026, 1, 2, 3, 4, 5, tzinfo=tz)

        making.datetime = mhl.datetime = Clock  # type: ignore[misc,attr-defined]
        return job.first(folder)

    return attrs.evolve(job, first=at_one_moment, again=at_one_moment)


JOB = ("job", "@/project.yaml", "--out", "@/film", "--to", "@/job", "--overwrite", "--scheduler")
DELIVERY = (r"\.mhl$", r"ascmhl_chain\.xml$", r"provenance\.json$", r"manifest-sha512\.txt$")
REPORT = (r"05_validation/.*/report\.(html|json)$",)
STATE = (r"(^|/)state/.*\.json$",)
CHECKPOINT = "@/done/pipeline/03_copycat_training/sh010/sh010_v001.4.safetensors"
DETECT = ("project", "detect", "@/plates/p.####.exr", "--first", "1", "--last", "6", "--list", "@/cuts.csv")
ACCEPT = ("pairs", "@/sh010.yaml", "--out", "@/out", "--accept", "--by", "me")
ROUND = ("outliers", "@/sh010.yaml", "--out", "@/done", "--accept", "--round", "--fresh")

JOBS = {
    "build": twice("build", "@/sh010.yaml", "--out", "@/out"),
    "build-over": twice("build", "@/new.yaml", "--out", "@/old", "--overwrite", uses=("new.yaml", "old")),
    "preset-new": twice("preset", "new", "@/fresh.yaml", "--source", "@/plates", "--reference", "@/dvd"),
    "preset-upgrade": Job(imported, upgrading, upgrading, uses=("older.yaml",)),
    "preset-schema": twice("preset", "schema", "--out", "@/schema.json"),
    "project-new": twice("project", "new", "@/long.csv", "@/begun.yaml", uses=("long.csv",)),
    "project-build": twice("project", "build", "@/project.yaml", "--out", "@/film", timed=STATE),
    "project-detect": engine(*DETECT),
    "project-task": engine(*TASK, "build,training,inference", logs=(LOSSES,), timed=(*STATE, *REPORT)),
    "project-report": engine("project", "report", "@/project.yaml", "--out", "@/film"),
    "job-openjd": twice(*JOB, "openjd"),
    "job-deadline10": twice(*JOB, "deadline10"),
    "job-opencue": twice(*JOB, "opencue"),
    "nuke-package": twice("nuke-package", "--python", "3.11", "--out", "@/plugin.zip"),
    "render": Job(with_engine, render(False), render(True)),
    "run": engine(*RUN, more="--resume", logs=(LOSSES,), timed=REPORT),
    "pairs": engine(*ACCEPT, logs=(JOURNAL,), timed=(r"pair_table\.(csv|yaml)$",)),
    "outliers": engine(*ROUND, done=True),
    "export": engine("export", CHECKPOINT, "--out", "@/cat", done=True),
    "deliver": delivering(),
    "deliver-bag": delivering("--bag"),
}
