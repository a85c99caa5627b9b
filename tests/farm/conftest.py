"""A film of two tiny shots from real footage, with a shot list; a job with awkward words."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.farm.job import Job, Place, Rules, Setting, Step, Varied

MIX = np.array([[0.35, 0.45, 0.1], [0.05, 0.85, 0.1], [0.1, 0.3, 0.6]], np.float32)
AWKWARD = "a b'c\"d $(touch pwned) `x` ; & | %PATH% é"
MILD = "a b'c ; & é"
"""Fewer, for what the stub of Nuke can follow: it does not evaluate paths with Tcl's own signs."""

PROJECT = """\
project: film
handles: 0
spread: 4
source: {path: "plates/{shot}.source.####.exr"}
reference: {path: "plates/{shot}.reference.####.exr"}
preset:
  training: {median: 3, patch: 32, batch: 3, steps: 20, checkpoint_every: 5, contact_sheet_every: 1000}
  validation: {lut_size: 5}
shots:
  - {shot: sh010, first: 1001, last: 1004, reference_first: 1001}
  - {shot: sh020, first: 1001, last: 1004, reference_first: 1001}
"""


def write_frame(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), oiio.ImageSpec(picture.shape[1], picture.shape[0], 3, "half"))
    assert out.write_image(np.ascontiguousarray(picture, np.float32))
    assert out.close()


def footage(folder: Path) -> Path:
    """Plates of both shots, 96 x 64 pixels, 4 frames each, and the project preset."""
    frames = list(read_clip(frames=4))
    for shot in range(2):
        for n, frame in enumerate(frames):
            part = frame[100 * shot : 100 * shot + 432, 60 : 60 + 648]
            small = cv2.resize(part, (96, 64), interpolation=cv2.INTER_AREA)
            name = f"plates/sh0{shot + 1}0"
            write_frame(folder / f"{name}.source.{1001 + n}.exr", small @ MIX.T)
            write_frame(folder / f"{name}.reference.{1001 + n}.exr", small)
    (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
    return folder / "project.yaml"


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """The project in a folder whose name no shell would like."""
    folder = tmp_path / AWKWARD
    folder.mkdir()
    return footage(folder)


@pytest.fixture
def nuke_project(tmp_path: Path) -> Path:
    """The same for tasks by a Nuke."""
    folder = tmp_path / MILD
    folder.mkdir()
    return footage(folder)


@pytest.fixture
def job() -> Job:
    """A job with everything that a job can have."""
    file, out = Place("Project", "/films/reel 3/project.yaml"), Place("Out", f"/films/{AWKWARD}", True, True)
    base = ("project", "task", file, "--out", out, "--unit", Varied("Unit"))
    train = Step("sh010_train", (*base, "--stage", "training"), ({"Unit": "sh010"},), (), 1, 16384, 8192)
    frames = tuple({"Unit": "sh010", "Frames": f"{n}-{n + 4}"} for n in (1001, 1006))
    infer = Step(
        "sh010_infer",
        (*base, "--stage", "inference", Varied("Frames", "--frames="), "--nuke", Setting("Nuke", "/opt/Nuke 15/Nuke")),
        frames,
        ("sh010_train",),
        1,
    )  # fmt: skip
    report = Step("report", ("project", "report", file, "--out", out), needs=("sh010_infer",))
    return Job(
        "reel 3", "chroma-recovery", (train, infer, report), {"OCIO": "/a b/c.ocio"}, ("/films/plates/",)
    )


@pytest.fixture
def ruled(job: Job) -> Step:
    """A step whose command names the scheduler's path mapping rules."""
    return Step("mapped", ("project", "--path-mapping", Rules()))
