from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chroma_recovery.engine.image import Image
from chroma_recovery.errors import Cancelled, EngineError, UnsupportedNode
from chroma_recovery.frames import FrameRange
from chroma_recovery.graph import Curve, EvaluatedText, Expression


def test_a_very_deep_graph_needs_no_recursion(bench: Any) -> None:
    last = bench.given(bench.ramp())
    for n in range(3000):
        last = bench.graph.add("Dot", f"Dot{n}", inputs=[last])
    assert (bench.image(last).pixels == bench.ramp()).all()


def test_shared_branches_are_computed_once(bench: Any) -> None:
    shared = bench.add("Grade", bench.given(bench.ramp()), multiply=2.0)
    left, right = bench.add("Multiply", shared, value=0.5), bench.add("Multiply", shared, value=0.25)
    evaluator = bench.evaluator()
    evaluator.image(bench.add("Merge2", left, right, operation="plus"), 1)
    assert evaluator.computed[shared] == 1


def test_the_budget_bounds_what_is_kept_and_results_stay_right(bench: Any) -> None:
    last = bench.given(lambda frame: Image.of(bench.ramp() + frame))
    for _ in range(5):
        last = bench.add("Multiply", last, value=2.0)
    evaluator = bench.evaluator(budget=bench.ramp().nbytes)
    for frame in (1, 2, 1):
        assert np.allclose(evaluator.image(last, frame).pixels, (bench.ramp() + frame) * 32)
    assert evaluator.kept.bytes <= 2 * bench.ramp().nbytes


def test_unknown_classes_are_refused_by_name(bench: Any) -> None:
    node = bench.add("STMap", bench.given(bench.ramp()))
    with pytest.raises(UnsupportedNode) as raised:
        bench.image(node)
    problem = raised.value.problems[0]
    assert (problem.code, problem.place) == ("CR501", node)
    assert "STMap" in problem.message


def test_every_knob_that_is_not_understood_is_reported_at_once(bench: Any) -> None:
    node = bench.add(
        "Transform", bench.given(bench.ramp()), clamp=True, someKnob=3, label="fine", tile_color=255
    )
    with pytest.raises(UnsupportedNode) as raised:
        bench.image(node)
    assert [(p.code, p.place) for p in raised.value.problems] == [
        ("CR502", f"{node}.clamp"),
        ("CR502", f"{node}.someKnob"),
    ]


def test_a_knob_at_its_default_is_no_reason_to_refuse(bench: Any) -> None:
    assert (bench.run("Transform", bench.ramp(), clamp=False).pixels == bench.ramp()).all()


def test_expressions_that_matter_are_never_evaluated(bench: Any) -> None:
    node = bench.add("Multiply", bench.given(bench.ramp()), value=Expression("parent.x"))
    with pytest.raises(UnsupportedNode, match=r"Multiply_1\.value: CR503"):
        bench.image(node)


def test_disable_passes_the_first_input_even_of_an_unknown_class(bench: Any) -> None:
    node = bench.add("STMap", bench.given(bench.ramp()), bench.given(bench.ramp() * 0), disable=True)
    assert (bench.image(node).pixels == bench.ramp()).all()
    assert bench.evaluator().format(node).width == 8


def test_curves_are_read_at_the_frame(bench: Any) -> None:
    node = bench.add("Multiply", bench.given(np.ones((2, 2, 3))), value=Curve.linear({1: 0.0, 5: 1.0}))
    evaluator = bench.evaluator()
    assert [float(evaluator.image(node, f).pixels[0, 0, 0]) for f in (1, 3, 5)] == [0.0, 0.5, 1.0]


def test_clones_share_knobs_but_not_inputs(bench: Any) -> None:
    first = bench.add("Multiply", bench.given(np.ones((2, 2, 3))), value=3.0)
    second = bench.graph.clone(first, inputs=[bench.given(np.full((2, 2, 3), 2.0))])
    assert bench.image(first).pixels[0, 0, 0] == 3
    assert bench.image(second).pixels[0, 0, 0] == 6


def test_unconnected_inputs_are_named(bench: Any) -> None:
    with pytest.raises(EngineError) as raised:
        bench.image(bench.add("Grade"))
    assert raised.value.problems[0].code == "CR504"


def test_cancel_stops_between_nodes(bench: Any) -> None:
    node = bench.add("Grade", bench.given(bench.ramp()))
    with pytest.raises(Cancelled):
        bench.evaluator(cancel=lambda: True).image(node, 1)


def test_mask_and_mix(bench: Any) -> None:
    """result = before + (after - before) * mix * mask; mask alpha 0, 1/2, 1 across three columns."""
    mask = Image.of(np.array([[[0, 0, 0, 0], [0, 0, 0, 0.5], [0, 0, 0, 1]]], np.float32))
    node = bench.add("Multiply", bench.given(np.ones((1, 3, 3))), mask=bench.given(mask), value=3.0, mix=0.5)
    assert bench.image(node).pixels[0, :, 0].tolist() == [1.0, 1.5, 2.0]
    inverted = bench.add(
        "Multiply", bench.given(np.ones((1, 3, 3))), mask=bench.given(mask), value=3.0, invert_mask=True
    )
    assert bench.image(inverted).pixels[0, :, 0].tolist() == [3.0, 2.0, 1.0]


def test_file_knobs_start_at_the_project_and_run_nothing(bench: Any, tmp_path: Path) -> None:
    plain = bench.add("Read", file="plates/a.####.exr")
    folder = bench.add("Read", file=EvaluatedText("[python {nuke.script_directory()}]/plates/a.exr"))
    hostile = bench.add("Read", file=EvaluatedText("[exec touch hit]/a.exr"))
    evaluator = bench.evaluator()
    assert evaluator.path(plain) == tmp_path / "plates/a.####.exr"
    assert evaluator.path(folder) == tmp_path / "plates/a.exr"
    with pytest.raises(UnsupportedNode, match="CR503"):
        evaluator.path(hostile)
    literal = bench.add("Read", file="[exec touch hit].exr")
    assert bench.evaluator().path(literal) == tmp_path / "[exec touch hit].exr"


def test_ranges_of_other_nodes_are_the_union_of_their_inputs(bench: Any) -> None:
    a = bench.add("FrameRange", bench.given(bench.ramp()), first_frame=5, last_frame=8)
    b = bench.add("FrameRange", bench.given(bench.ramp()), first_frame=7, last_frame=12)
    assert bench.evaluator().range(bench.add("Merge2", a, b)) == FrameRange(5, 12)
