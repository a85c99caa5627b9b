"""The fitted 3D LUT and MatchGrade."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from chroma_recovery.engine.call import NodeOp
from chroma_recovery.engine.evaluate import Evaluator
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.lut import Lut3D, fit_lut
from chroma_recovery.engine.nodes import NODES
from chroma_recovery.errors import EngineError, UnsupportedNode
from chroma_recovery.frames import FrameRange
from chroma_recovery.graph import Curve, Graph

F32 = npt.NDArray[np.float32]


def mapped(rgb: F32) -> F32:
    """A smooth mapping with cross-talk."""
    r, g, b = np.moveaxis(rgb, -1, 0)
    return np.stack(
        [0.7 * r**1.2 + 0.2 * g, 0.1 + 0.8 * g - 0.1 * r * b, 0.3 * r + 0.6 * np.sqrt(b + 0.05)], -1
    ).astype(np.float32)


def colours(count: int, seed: int = 0) -> F32:
    return np.random.default_rng(seed).uniform(0, 1, (count, 3)).astype(np.float32)


@pytest.mark.parametrize("size", [2, 3, 17, 32])
def test_recovers_a_smooth_mapping(size: int) -> None:
    source, test = colours(20_000), colours(500, 1)
    lut = fit_lut(source, mapped(source), size)
    assert lut.size == size
    error = np.abs(lut.apply(test[None])[0] - mapped(test)).mean()
    assert error < (0.04 if size < 4 else 0.003)


def test_identity_where_nothing_is_known() -> None:
    dark = colours(2_000) * 0.2
    lut = fit_lut(dark, dark, 17)
    assert np.abs(lut.apply(np.array([[[0.9, 0.8, 0.95]]], np.float32)) - [0.9, 0.8, 0.95]).max() < 0.01


def test_noise_is_smoothed() -> None:
    source = colours(60_000)
    noisy = source + np.random.default_rng(2).normal(0, 0.05, source.shape).astype(np.float32)
    lut = fit_lut(source, noisy, 33)
    assert np.abs(lut.apply(source[None])[0] - source).mean() < 0.02


def test_apply_is_trilinear_and_clamps_inputs() -> None:
    grid = np.zeros((2, 2, 2, 3), np.float32)
    grid[1, 0, 0], grid[1, 1, 1] = (0.5, 0, 0), (1, 2, 3)
    lut = Lut3D(grid)
    out = lut.apply(np.array([[[0.5, 0, 0], [1, 1, 1], [7, 1, 1], [-1, 0, 0]]], np.float32))[0]
    assert np.allclose(out, [[0.25, 0, 0], [1, 2, 3], [1, 2, 3], [0, 0, 0]], atol=1e-6)


def test_cube_file(tmp_path: Path) -> None:
    import PyOpenColorIO

    lut = fit_lut(colours(4_000), mapped(colours(4_000)), 9)
    path = lut.export_cube(tmp_path / "lut.cube", title='a"b\nc')
    transform = PyOpenColorIO.FileTransform(str(path), interpolation=PyOpenColorIO.INTERP_LINEAR)
    processor = PyOpenColorIO.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()
    test = colours(300, 3)
    theirs = test.copy()
    processor.applyRGB(theirs)
    assert np.abs(lut.apply(test[None])[0] - theirs).max() < 1e-5


@pytest.mark.parametrize(("size", "count", "code"), [(1, 10, "CR570"), (129, 10, "CR570"), (9, 0, "CR571")])
def test_refuses(size: int, count: int, code: str) -> None:
    with pytest.raises(EngineError) as error:
        fit_lut(colours(count), colours(count), size)
    assert error.value.problems[0].code == code


Make = Callable[..., tuple[Evaluator, dict[str, list[Image]]]]


@pytest.fixture
def matchgrade(tmp_path: Path) -> Make:
    def make(**knobs: Any) -> tuple[Evaluator, dict[str, list[Image]]]:
        pictures = [colours(64 * 64, n).reshape(64, 64, 3) for n in range(4)]
        sets = {
            "Source": [Image.of(p) for p in pictures],
            "Target": [Image.of(mapped(p)) for p in pictures[:3]] + [Image.of(pictures[3] * 0)],
            "Sequence": [Image.of(colours(20 * 30, 9).reshape(20, 30, 3))],
        }
        graph = Graph()
        for name in sets:
            graph.add("Read", name)
        said = {
            "prelut": "Logarithmic",
            "lutres": 17,
            "sourceRefFrames": Curve.linear({1: 1, 2: 2, 3: 3}),
        } | knobs
        graph.add("MatchGrade", "MatchGrade1", inputs=("Source", "Target"), knobs=said)
        graph.clone("MatchGrade1", inputs=("Sequence", "Target"))
        read = NodeOp(
            lambda c: sets[c.name][c.frame - 1],
            range=lambda c: FrameRange(1, len(sets[c.name])),
            format=lambda c: sets[c.name][0].format,
        )
        return Evaluator(graph, project=tmp_path, nodes={**NODES, "Read": read}), sets

    return make


def test_matchgrade_applies_what_it_fitted(matchgrade: Make) -> None:
    evaluator, sets = matchgrade()
    graded = evaluator.image("MatchGrade1", 1)
    assert np.abs(graded.rgb() - sets["Target"][0].rgb()).mean() < 0.003


def test_clone_applies_the_originals_solution(matchgrade: Make) -> None:
    evaluator, sets = matchgrade()
    graded = evaluator.image("MatchGrade1~2", 1)
    assert graded.box == sets["Sequence"][0].box
    assert np.abs(graded.rgb() - mapped(sets["Sequence"][0].rgb())).mean() < 0.003
    assert evaluator.range("MatchGrade1~2") == FrameRange(1, 1)


def test_only_keyed_frames_count(matchgrade: Make) -> None:
    evaluator, sets = matchgrade(
        sourceRefFrames=0
    )  # no keys: all four, the black Target of the last with them
    graded = evaluator.image("MatchGrade1", 1)
    assert np.abs(graded.rgb() - sets["Target"][0].rgb()).mean() > 0.05


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("transform", "CDL"),
        ("analysisType", "Auto-analyze Per Frame"),
        ("matchGradeTask", "Match Different Clip"),
        ("mask", "Alpha"),
        ("prelut", "Linear"),
        ("colorspace", "LAB"),
        ("lutres", 500),
    ],
)
def test_refuses_what_it_does_not_evaluate(matchgrade: Make, knob: str, value: Any) -> None:
    evaluator, _ = matchgrade(**{knob: value})
    with pytest.raises(UnsupportedNode) as error:
        evaluator.image("MatchGrade1", 1)
    assert error.value.problems[0].place == f"MatchGrade1.{knob}"


def test_targets_of_another_size_are_refused(matchgrade: Make) -> None:
    evaluator, sets = matchgrade()
    sets["Target"][1] = Image.of(np.zeros((10, 10, 3)))
    with pytest.raises(EngineError) as error:
        evaluator.image("MatchGrade1", 1)
    assert error.value.problems[0].code == "CR553"
