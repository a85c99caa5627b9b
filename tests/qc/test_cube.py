"""The baseline as .cube: another program that reads it makes the engine's pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PyOpenColorIO as ocio
import pytest

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.files import write_exr
from chroma_recovery.engine.image import Image
from chroma_recovery.errors import PathError
from chroma_recovery.headers import PictureSize
from chroma_recovery.preset import model as m
from chroma_recovery.qc.cube import write_cubes
from chroma_recovery.qc.measures import ciede2000
from chroma_recovery.stages import ProjectPaths, Recovery, build

WIDTH, HEIGHT = 240, 135
PLATES = ("plates/source.####.exr", "plates/reference.####.exr")
MIX = np.array([[0.5, 0.4, 0.1], [0.05, 0.85, 0.1], [0.1, 0.3, 0.6]], np.float32)


def recovery(**more: Any) -> Recovery:
    size = PictureSize(WIDTH, HEIGHT)
    preset = m.Preset(
        shot="sh010",
        source=m.Clip(PLATES[0], 1, 3),
        reference=m.Reference(PLATES[1], 1, 3),
        pairs=tuple(m.Pair(f) for f in (1, 2, 3)),
        alignment=m.Alignment(use="manual"),
        crop=m.Crop(box=(8, 8, 232, 127)),
        training=m.Training(median=3, patch=64, batch=2),
        validation=m.Validation(lut_size=33),
        **more,
    )
    return build(preset, paths=ProjectPaths(*PLATES, size, size))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cube")
    (root / "plates").mkdir()
    for number, picture in enumerate(read_clip(frames=3), 1):
        small = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
        write_exr(root / f"plates/source.{number:04d}.exr", Image.of(small @ MIX.T), half=False)
        write_exr(root / f"plates/reference.{number:04d}.exr", Image.of(small), half=False)
    return root


@pytest.fixture(scope="module")
def made(project: Path) -> tuple[Evaluator, Recovery, dict[str, Path]]:
    found = recovery()
    evaluator = Evaluator(found.graph, project=project)
    plate = found.plan.preset.colour.read
    cubes = write_cubes(evaluator, found.names, project / "out", "sh010_MatchGrade", plate=plate)
    return evaluator, found, dict(cubes)


def through(cube: Path, pixels: np.ndarray, interpolation: Any) -> np.ndarray:
    """As OCIO, and so any program built on it, applies the file."""
    processor = ocio.Config.CreateRaw().getProcessor(
        ocio.FileTransform(str(cube), interpolation=interpolation)
    )
    out = np.ascontiguousarray(pixels, np.float32).copy()
    processor.getDefaultCPUProcessor().applyRGB(out)
    return out


def test_the_log_table_makes_the_engines_pixels(made: Any) -> None:
    evaluator, found, cubes = made
    graph = evaluator.graph
    fit = found.names.matchgrade_fit
    applied = next(n for n in graph if n.clone_of == fit)
    log = evaluator.image(applied.inputs[0], 2).rgb()
    wanted = evaluator.image(applied.name, 2).rgb()
    assert np.abs(wanted - log).mean() > 0.005  # the baseline does something
    assert np.abs(through(cubes["log"], log, ocio.INTERP_LINEAR) - wanted).max() < 1e-5


def test_the_plate_table_grades_the_plate_as_it_is(made: Any, project: Path) -> None:
    from chroma_recovery.engine.files import read_image

    evaluator, found, cubes = made
    plate = read_image(project / "plates/source.0002.exr").image.rgb()
    wanted = evaluator.colour.convert(
        evaluator.image(_after_baseline(evaluator, found), 2).rgb(), evaluator.colour.working, "srgb-texture"
    )
    for interpolation in (ocio.INTERP_LINEAR, ocio.INTERP_TETRAHEDRAL):
        seen = through(cubes["plate"], plate, interpolation)
        away = ciede2000(seen, wanted)
        assert np.mean(away) < 0.1 and np.percentile(away, 99) < 0.5
    assert np.mean(ciede2000(plate, wanted)) > 3


def _after_baseline(evaluator: Evaluator, found: Recovery) -> str:
    """The node that brings the graded sequence back from log, before the live area's Crop."""
    graph = evaluator.graph
    applied = next(n.name for n in graph if n.clone_of == found.names.matchgrade_fit)
    return next(n.name for n in graph if n.inputs == (applied,))


def test_each_file_says_its_encoding(made: Any) -> None:
    _, _, cubes = made
    heads = {kind: path.read_text()[:600] for kind, path in cubes.items()}
    assert "Cineon log" in heads["log"] and "ACEScg" in heads["log"] and "LUT_3D_SIZE 33" in heads["log"]
    assert "sRGB" in heads["plate"] and "LUT_3D_SIZE 65" in heads["plate"]
    for head in heads.values():
        assert "DOMAIN_MIN 0 0 0" in head and "DOMAIN_MAX 1 1 1" in head and "clamped" in head


def test_scene_linear_plates_get_no_plate_table(project: Path, tmp_path: Path) -> None:
    found = recovery()
    evaluator = Evaluator(found.graph, project=project)
    assert set(write_cubes(evaluator, found.names, tmp_path, "x", plate=None)) == {"log"}
    with pytest.raises(PathError):
        (tmp_path / "x_log.cube").write_text("mine")
        write_cubes(evaluator, found.names, tmp_path, "x", plate=None)


def test_without_a_baseline_there_is_no_table(project: Path, tmp_path: Path) -> None:
    found = recovery()
    names = type(found.names)(matchgrade_fit=None)
    assert (
        write_cubes(Evaluator(found.graph, project=project), names, tmp_path, "x", plate="srgb-texture") == {}
    )
