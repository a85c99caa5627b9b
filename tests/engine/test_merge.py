from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.engine.image import RGB, RGBA, Box, Format, Image
from chroma_recovery.engine.nodes.merge import OPERATIONS
from chroma_recovery.errors import UnsupportedNode


@pytest.mark.parametrize(
    ("operation", "value"),
    [  # A = 0.8, B = 0.5, a = 0.25, b = 0.5: the formulas of the node's menu, by hand
        ("atop", 0.8 * 0.5 + 0.5 * 0.75),
        ("average", 0.65),
        ("copy", 0.8),
        ("difference", 0.3),
        ("divide", 1.6),
        ("exclusion", 0.8 + 0.5 - 0.8),
        ("from", -0.3),
        ("hypot", 0.8**2 + 0.5**2),
        ("in", 0.4),
        ("mask", 0.125),
        ("matte", 0.8 * 0.25 + 0.5 * 0.75),
        ("max", 0.8),
        ("min", 0.5),
        ("minus", 0.3),
        ("multiply", 0.4),
        ("out", 0.4),
        ("over", 0.8 + 0.5 * 0.75),
        ("plus", 1.3),
        ("screen", 0.9),
        ("stencil", 0.375),
        ("under", 0.8 * 0.5 + 0.5),
        ("xor", 0.8 * 0.5 + 0.5 * 0.75),
    ],
)
def test_merge_formulas(bench: Any, operation: str, value: float) -> None:
    a = Image.of(np.broadcast_to(np.float32([0.8, 0.8, 0.8, 0.25]), (2, 2, 4)))
    b = Image.of(np.broadcast_to(np.float32([0.5, 0.5, 0.5, 0.5]), (2, 2, 4)))
    want = np.sqrt(value) if operation == "hypot" else value
    assert bench.run("Merge2", b, a, operation=operation).pixels[0, 0, 0] == pytest.approx(want, abs=1e-6)


def test_hand_checked_list_is_complete() -> None:
    listed = {"hard-light", "overlay"}  # have a test of their own
    assert listed < set(OPERATIONS)
    assert len(OPERATIONS) - len(listed) == 22


def test_light_operations(bench: Any) -> None:
    low, high = np.full((1, 1, 3), 0.25), np.full((1, 1, 3), 0.75)
    hard = bench.run("Merge2", high, low, operation="hard-light").pixels[0, 0, 0]
    assert hard == pytest.approx(2 * 0.25 * 0.75)
    over = bench.run("Merge2", high, low, operation="overlay").pixels[0, 0, 0]
    assert over == pytest.approx(1 - 2 * 0.75 * 0.25)


def test_difference_of_equal_pictures_is_black(bench: Any) -> None:
    assert (bench.run("Merge2", bench.ramp(), bench.ramp(), operation="difference").pixels == 0).all()


@pytest.mark.parametrize(
    ("rule", "box"),
    [
        ("union", Box(0, 0, 6, 5)),
        ("intersection", Box(2, 1, 4, 4)),
        ("A", Box(2, 1, 6, 5)),
        ("B", Box(0, 0, 4, 4)),
    ],
)
def test_merge_windows(bench: Any, rule: str, box: Box) -> None:
    b = Image(np.ones((4, 4, 3)), RGB, Box(0, 0, 4, 4), Format(8, 8))
    a = Image(np.ones((4, 4, 3)), RGB, Box(2, 1, 6, 5), Format(9, 9))
    out = bench.run("Merge2", b, a, operation="plus", bbox=rule)
    assert out.box == box
    assert out.format == Format(8, 8)


def test_merge_mix_and_missing_a(bench: Any) -> None:
    b, a = np.full((1, 1, 3), 1.0), np.full((1, 1, 3), 3.0)
    assert bench.run("Merge2", b, a, operation="copy", mix=0.25).pixels[0, 0, 0] == 1.5
    node = bench.add("Merge2", bench.given(b), None)
    assert bench.image(node).pixels[0, 0, 0] == 1


def test_merge_refusals(bench: Any) -> None:
    for knobs in ({"operation": "color-dodge"}, {"sRGB": True}, {"Achannels": "rgb"}):
        with pytest.raises(UnsupportedNode, match=r"Merge2_\d+\."):
            bench.run("Merge2", bench.ramp(), bench.ramp(), **knobs)


# -- Dissolve, Switch


@given(st.floats(0, 2))
def test_dissolve_is_linear_between_neighbours(which: float) -> None:
    from chroma_recovery.engine.evaluate import Evaluator
    from chroma_recovery.graph import Graph

    graph = Graph()
    for n, level in enumerate((1.0, 3.0, 7.0)):
        graph.add("Constant", f"K{n}", channels="rgba", color=level, format="2 2")
    graph.add("Dissolve", "D", inputs=["K0", "K1", "K2"], which=which)
    got = Evaluator(graph, project=None).image("D", 1).pixels  # type: ignore[arg-type]
    assert got[0, 0, 0] == pytest.approx(np.interp(which, [0, 1, 2], [1, 3, 7]), rel=1e-5)


def test_dissolve_ends_are_exact(bench: Any) -> None:
    a, b = bench.ramp(), 1 - bench.ramp()
    assert (bench.run("Dissolve", a, b, which=0).pixels == a).all()
    assert (bench.run("Dissolve", a, b, which=1).pixels == b).all()
    assert (bench.run("Dissolve", a, b, which=5).pixels == b).all()


def test_dissolve_masks_are_refused(bench: Any) -> None:
    mask = bench.given(np.ones((6, 8, 4)))
    node = bench.add("Dissolve", bench.given(bench.ramp()), bench.given(bench.ramp()), mask=mask, which=0.5)
    with pytest.raises(UnsupportedNode, match="mask"):
        bench.image(node)


def test_switch_takes_the_whole_part(bench: Any) -> None:
    a, b = np.zeros((1, 1, 3)), np.ones((1, 1, 3))
    assert [bench.run("Switch", a, b, which=w).pixels[0, 0, 0] for w in (0, 0.9, 1, 8)] == [0, 0, 1, 1]


def test_over_keeps_rgba_order(bench: Any) -> None:
    out = bench.run("Merge2", np.zeros((1, 1, 4)), np.ones((1, 1, 4)))
    assert out.channels == RGBA
