"""Faults planted into a whole small recovery, made and measured by the commands, are found; the clean one passes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from exr_pictures import read, write, write_shot

from chroma_recovery.cli import main

WIDTH, HEIGHT, FIRST, COUNT = 192, 108, 1001, 14
NOISE = np.random.default_rng(1).normal(size=COUNT)

Plant = Callable[[int, np.ndarray], np.ndarray]


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("planted")
    for n, small in enumerate(write_shot(root, (WIDTH, HEIGHT), FIRST, COUNT)):
        write(root / f"other/colour.{FIRST + n}.exr", np.ascontiguousarray(small[::-1, ::-1]))
    (root / "sh.yaml").write_text(PRESET, encoding="utf-8")
    assert main(["run", str(root / "sh.yaml"), "--out", str(root / "out"), "--json"]) == 0
    return root


PRESET = f"""\
shot: sh
source: {{path: plates/faded.####.exr, first: {FIRST}, last: {FIRST + COUNT - 1}}}
reference: {{path: dvd/colour.####.exr, first: {FIRST}, last: {FIRST + COUNT - 1}, kind: telecine}}
pairs: [1001, 1005, {{source: 1007, hold_out: true}}, 1010, 1014]
training: {{median: 3, patch: 64, batch: 3, steps: 20}}
validation: {{lut_size: 9}}
"""


def measured(shot: Path, tmp_path: Path, plant: Plant) -> dict[str, Any]:
    """The record of ``outliers`` after a fault was planted into the rendered frames."""
    root = tmp_path / "shot"
    shutil.copytree(shot, root)
    frames = sorted((root / "out/pipeline/04_inference_render/sh").glob("*.exr"))
    assert len(frames) == COUNT
    for n, path in enumerate(frames):
        picture = plant(n, read(path))
        write(path, picture, like=shot / path.relative_to(root))
    assert main(["outliers", str(root / "sh.yaml"), "--out", str(root / "out"), "--fresh", "--json"]) == 0
    record = (root / "out/pipeline/05_validation/sh/outliers.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(record)
    return found


def broken(record: dict[str, Any]) -> set[str]:
    return {m["code"] for m in record["measures"] if m["passed"] is False}


def lab(change: Callable[[np.ndarray], np.ndarray], linear: np.ndarray) -> np.ndarray:
    """Linear pictures with L*a*b* changed; their own luminance stays."""
    shown = np.clip(linear, 0, 1) ** (1 / 2.2)
    moved = cv2.cvtColor(
        change(cv2.cvtColor(shown.astype(np.float32), cv2.COLOR_RGB2LAB)).astype(np.float32),
        cv2.COLOR_LAB2RGB,
    )
    return np.clip(moved, 0, 1) ** 2.2


def tint(n: int, picture: np.ndarray, amount: float) -> np.ndarray:
    return lab(lambda x: x + np.array([0, amount, 0], np.float32), picture) if amount else picture


def turn(picture: np.ndarray, degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turned = np.array([[1, 0, 0], [0, c, -s], [0, s, c]], np.float32)
    return lab(lambda x: x @ turned.T, picture)


def displaced(picture: np.ndarray) -> np.ndarray:
    def moved(x: np.ndarray) -> np.ndarray:
        return np.concatenate([x[..., :1], np.roll(x[..., 1:], 6, axis=1)], -1)

    return lab(moved, picture)


def quarter(picture: np.ndarray, amount: float) -> np.ndarray:
    made = np.array(picture)
    made[: HEIGHT // 2, : WIDTH // 2] = tint(0, made[: HEIGHT // 2, : WIDTH // 2], amount)
    return made


def test_the_clean_run_passes(shot: Path) -> None:
    said = json.loads((shot / "out/pipeline/05_validation/sh/report.json").read_text(encoding="utf-8"))
    assert said["passed"] is True, said["verdict"]
    assert said["verdict"]["state"] == "passes" and not said["outliers"]
    boxes = {a["text"]: a["state"] for c in said["checklists"] for a in c["answers"]}
    assert boxes["Dimensions, frame ranges and pixel aspect match"] == "yes"
    assert boxes["Values fall in 0-1 when read"] == "yes"
    assert boxes["No retimes"] == "see"


def test_the_presets_own_profile_decides(shot: Path, tmp_path: Path) -> None:
    root = tmp_path / "shot"
    shutil.copytree(shot, root)
    (root / "house.yaml").write_text("name: house\nrules: {Q403: 0.0001, Q104: null}\n")
    text = PRESET.replace("lut_size: 9", "lut_size: 9, profile: house.yaml")
    (root / "sh.yaml").write_text(text, encoding="utf-8")
    words = ["outliers", str(root / "sh.yaml"), "--out", str(root / "out"), "--json"]
    assert main(words) == 0  # measures again: the record was held to another profile
    record = json.loads((root / "out/pipeline/05_validation/sh/outliers.json").read_text(encoding="utf-8"))
    passed = {m["code"]: m["passed"] for m in record["measures"]}
    assert (record["profile"], passed["Q403"], passed["Q104"]) == ("house", False, None)


FAULTS: dict[str, tuple[set[str], Plant]] = {
    "hue drift": ({"Q403"}, lambda n, p: turn(p, 25 * n / (COUNT - 1))),
    "flicker": ({"Q401"}, lambda n, p: tint(n, p, 2.5 * NOISE[n])),
    "one frame": ({"Q401"}, lambda n, p: tint(n, p, 4.0 * (n == 7))),
    "seam": ({"Q211"}, lambda n, p: tint(n, p, 4.0 * (n == COUNT - 1))),
    "clipped range": ({"Q104"}, lambda n, p: np.clip(p, 0.03, 0.35)),
    "above white": ({"Q112"}, lambda n, p: np.where(np.arange(HEIGHT)[:, None, None] < 20, p + 1.2, p)),
    "bleed": ({"Q501"}, lambda n, p: displaced(p)),
    "flicker of a quarter": ({"Q407"}, lambda n, p: quarter(p, 3.0 * NOISE[n])),
    "tint that comes over a quarter": ({"Q408"}, lambda n, p: quarter(p, 8.0 * n / (COUNT - 1))),
    "border": ({"Q202"}, lambda n, p: np.where(np.arange(WIDTH)[None, :, None] < 3, 0, p)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_rendered_frames_is_found(fault: str, shot: Path, tmp_path: Path) -> None:
    codes, plant = FAULTS[fault]
    record = measured(shot, tmp_path, plant)
    assert codes <= broken(record), (fault, broken(record))
    assert record["passed"] is False
    if fault == "one frame":
        assert {o["frame"] for o in record["found"]} == {FIRST + 7}


def other_moment(shot: Path, frame: int) -> np.ndarray:
    """The Reference five frames away."""
    return read(shot / f"dvd/colour.{frame - 5}.exr")


def half_of_another(shot: Path, frame: int) -> np.ndarray:
    made = read(shot / f"dvd/colour.{frame}.exr")
    made[:, : WIDTH // 2] = read(shot / f"other/colour.{frame}.exr")[:, : WIDTH // 2]
    return made


@pytest.mark.parametrize("frame", [FIRST + 9, FIRST + 6], ids=["training", "hold-out"])
@pytest.mark.parametrize("wrong", [other_moment, half_of_another])
def test_a_wrong_pair_that_can_be_aligned_is_named_and_shown(
    wrong: Callable[[Path, int], np.ndarray], frame: int, shot: Path, tmp_path: Path
) -> None:
    root = tmp_path / "shot"
    shutil.copytree(shot, root)
    write(root / f"dvd/colour.{frame}.exr", wrong(shot, frame))
    words = ["--out", str(root / "out"), "--overwrite", "--stages", "validation", "--json"]
    assert main(["run", str(root / "sh.yaml"), *words]) == 0
    folder = root / "out/pipeline/05_validation/sh"
    said = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    found = {m["code"]: m for m in said["measures"]}["Q223"]
    assert found["passed"] is False and f"Source {frame}, Reference {frame}:" in found["detail"]
    assert found["detail"].count("pair ") == 1, found["detail"]
    assert said["passed"] is False and f"Source {frame}" in said["verdict"]["rule"]
    boxes = {a["text"]: a["state"] for c in said["checklists"] for a in c["answers"]}
    assert boxes["Pairs show the same picture"] == "no"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Pairs whose two sides show different things" in page and "where they differ, pair" in page
    asked = ["outliers", str(root / "sh.yaml"), "--out", str(root / "out"), "--json"]
    assert main(asked) == 0
    record = json.loads((folder / "rounds/rounds.json").read_text(encoding="utf-8"))["rounds"][-1]
    assert record["decided_by"].startswith("Q22")


def test_a_pair_of_another_shot_stops_the_run(
    shot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It cannot be aligned, and is named."""
    root = tmp_path / "shot"
    shutil.copytree(shot, root)
    shutil.copy(root / f"other/colour.{FIRST + 9}.exr", root / f"dvd/colour.{FIRST + 9}.exr")
    words = ["--out", str(root / "out"), "--overwrite", "--stages", "alignment,validation", "--json"]
    assert main(["run", str(root / "sh.yaml"), *words]) != 0
    told = capsys.readouterr()
    assert "CR520" in told.err + told.out
