import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chroma_recovery.engine.call import Call
from chroma_recovery.engine.image import RGB, Box, Format, Image
from chroma_recovery.engine.nodes.geometry import mirrored, transform_matrix
from chroma_recovery.engine.resample import KERNELS, scale, warp
from chroma_recovery.errors import UnsupportedNode

# -- kernels


@pytest.mark.parametrize("name", sorted(set(KERNELS) - {"impulse"}))
def test_kernels_are_even_and_end_at_their_radius(name: str) -> None:
    kernel = KERNELS[name]
    x = np.linspace(0, 4, 81)
    assert np.allclose(kernel.weight(x), kernel.weight(-x))
    assert np.allclose(kernel.weight(x[x >= kernel.radius]), 0)


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("linear", 0.25, 0.75),
        ("cubic", 0.5, 0.5),  # 2/8 - 3/4 + 1
        ("Keys", 0.5, 0.5625),  # Catmull-Rom: 9/16
        ("Keys", 1.5, -0.0625),  # -1/16
        ("Rifman", 1.5, -0.125),  # a = -1: a(x^3 - 5x^2 + 8x - 4)
        ("Mitchell", 0.0, 8 / 9),
        ("Mitchell", 1.0, 1 / 18),
        ("Parzen", 0.0, 2 / 3),
        ("Parzen", 1.0, 1 / 6),
        ("Lanczos4", 0.5, np.sinc(0.5) * np.sinc(0.25)),
        ("Lanczos6", 1.5, np.sinc(1.5) * np.sinc(0.5)),
        ("sinc4", 0.5, 2 / math.pi),
    ],
)
def test_kernel_values(name: str, at: float, value: float) -> None:
    """Values of the published formulas, by hand."""
    assert KERNELS[name].weight(np.array([at]))[0] == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("name", sorted(KERNELS))
def test_a_flat_picture_stays_flat_through_any_filter(name: str) -> None:
    image = Image.of(np.full((12, 15, 3), 0.37))
    matrix = np.array([[1.3, 0.2, -1.0], [-0.1, 0.7, 2.0], [0.001, 0.0005, 1.0]])
    assert np.allclose(warp(image, Box(-3, -3, 20, 17), matrix, KERNELS[name]), 0.37, atol=1e-6)
    assert np.allclose(scale(image, Box(0, 0, 9, 30), 0.6, 2.5, 0.3, -0.7, KERNELS[name]), 0.37, atol=1e-6)


@pytest.mark.parametrize("name", ["linear", "cubic", "Keys", "Lanczos6"])
def test_scale_and_warp_agree(name: str) -> None:
    """The separable path and the general path are the same resampling."""
    image = Image.of(np.random.default_rng(1).random((20, 24, 3)))
    box = Box(-2, -2, 30, 28)
    forward = np.array([[1.2, 0, 0.4], [0, 1.4, -0.3], [0, 0, 1.0]])
    direct = scale(image, box, 1.2, 1.4, 0.4, -0.3, KERNELS[name])
    assert np.allclose(direct, warp(image, box, np.linalg.inv(forward), KERNELS[name]), atol=2e-6)


# -- Transform


def test_whole_pixel_translation_moves_values_untouched(bench: Any) -> None:
    ramp = bench.ramp()
    moved = bench.run("Transform", ramp, translate=(2, 1), filter="Lanczos6", black_outside=True)
    assert moved.box == Box(2, 1, 10, 7)
    assert (moved.area(Box(2, 1, 8, 6)) == ramp[1:, :6]).all()  # output y 1..5 shows source y 0..4
    assert (moved.filling()[:, :2] == 0).all()
    assert moved.format == Format(8, 6)


def test_rotation_is_counter_clockwise_with_y_up(bench: Any) -> None:
    """A quarter turn about the middle of a square brings the right side to the top."""
    picture = np.zeros((9, 9, 3), np.float32)
    picture[4, 7] = 1  # right of the middle
    turned = bench.run("Transform", picture, rotate=90.0, center=(4.5, 4.5), filter="cubic").filling()
    assert turned[1, 4, 0] == pytest.approx(1, abs=1e-6)  # above the middle
    assert turned.sum() == pytest.approx(3, abs=1e-5)


def test_scale_about_the_centre(bench: Any) -> None:
    node = bench.add(
        "Transform", bench.given(bench.ramp()), scale=(2.0, 3.0), center=(4, 3), translate=(1, 0)
    )
    matrix = transform_matrix(Call(bench.evaluator(), bench.graph[node], 1))
    assert np.allclose(matrix @ [4, 3, 1], [5, 3, 1])  # the centre only moves by translate
    assert np.allclose(matrix @ [5, 4, 1], [7, 6, 1])


def test_invert_matrix_undoes_a_transform(bench: Any) -> None:
    knobs = {"translate": (3.3, -2.1), "rotate": 12.0, "scale": (1.1, 0.9), "center": (4, 3)}
    one = bench.add("Transform", bench.given(bench.ramp()), **knobs)
    two = bench.add("Transform", one, **knobs, invert_matrix=True)
    evaluator = bench.evaluator()
    product = transform_matrix(evaluator.call(two, 1)) @ transform_matrix(evaluator.call(one, 1))
    assert np.allclose(product, np.eye(3), atol=1e-12)


def test_what_a_transform_does_not_evaluate_is_refused(bench: Any) -> None:
    for knobs in ({"motionblur": 1.0}, {"skewX": 4.0}, {"filter": "notch"}):
        with pytest.raises(UnsupportedNode, match=next(iter(knobs))):
            bench.run("Transform", bench.ramp(), translate=(0.5, 0), **knobs)


# -- Crop


def test_crop_reformat_moves_the_corner_to_the_origin(bench: Any) -> None:
    """Reference graph: box 664 360 4004 2815, reformat on, black outside off -> format 3340x2455 at 0 0."""
    ramp = bench.ramp()
    cut = bench.run("Crop", ramp, box=(2, 1, 7, 5), reformat=True, crop=False)
    assert (cut.box, cut.format) == (Box(0, 0, 5, 4), Format(5, 4))
    assert (cut.pixels == ramp[6 - 5 : 6 - 1, 2:7]).all()
    assert not cut.black_outside


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.floats(-3, 11)] * 2), st.tuples(*[st.floats(1, 9)] * 2))
def test_crop_reformat_equals_a_translation_of_the_crop(
    corner: tuple[float, float], size: tuple[float, float]
) -> None:
    picture = Image(np.random.default_rng(0).random((6, 8, 3)), RGB, Box(0, 0, 8, 6), Format(8, 6))
    x, y = corner
    box = Box(
        math.floor(x + 0.5), math.floor(y + 0.5), math.floor(x + size[0] + 0.5), math.floor(y + size[1] + 0.5)
    )
    cut = picture.crop_to(box, None)
    from chroma_recovery.engine.evaluate import Evaluator
    from chroma_recovery.engine.nodes import NODES
    from chroma_recovery.engine.nodes.geometry import NodeOp
    from chroma_recovery.graph import Graph

    graph = Graph()
    graph.add("Given", "G")
    for name, reformat in (("Plain", False), ("Moved", True)):
        graph.add(
            "Crop", name, inputs=["G"], box=(x, y, x + size[0], y + size[1]), reformat=reformat, crop=False
        )
    evaluator = Evaluator(graph, project=None, nodes={**NODES, "Given": NodeOp(lambda call: picture)})  # type: ignore[arg-type]
    plain, moved = evaluator.image("Plain", 1), evaluator.image("Moved", 1)
    assert plain.box == box
    assert (plain.pixels == cut.pixels).all()
    assert (moved.pixels == plain.pixels).all()
    assert moved.box == plain.box.moved(-box.x, -box.y)
    assert moved.format.box == moved.box == Box(0, 0, box.width, box.height)


def test_crop_black_outside_and_intersect(bench: Any) -> None:
    wide = bench.run("Crop", bench.ramp(), box=(-2, 0, 4, 6), crop=True)
    assert wide.box == Box(-2, 0, 4, 6)
    assert wide.black_outside
    assert (wide.pixels[:, 0] == wide.pixels[:, 2]).all()  # inside the box the edge is repeated
    assert (wide.filling()[:, 4:] == 0).all()
    both = bench.run("Crop", bench.ramp(), box=(-2, 0, 4, 6), intersect=True)
    assert both.box == Box(0, 0, 4, 6)


def test_crop_softness_is_refused(bench: Any) -> None:
    with pytest.raises(UnsupportedNode, match="softness"):
        bench.run("Crop", bench.ramp(), box=(0, 0, 4, 4), softness=2)


# -- Reformat


@pytest.mark.parametrize(
    ("resize", "scales"),
    [
        ("none", (1, 1)),
        ("width", (2, 2)),
        ("height", (3, 3)),
        ("fit", (2, 2)),
        ("fill", (3, 3)),
        ("distort", (2, 3)),
    ],
)
def test_reformat_sizes(bench: Any, resize: str, scales: tuple[float, float]) -> None:
    """A format of 8x6 into one of 16x18, centred: the scaled picture's place by hand."""
    out = bench.run(
        "Reformat", bench.ramp(), format="16 18 0 0 16 18 1 x", resize=resize, black_outside=True, pbb=True
    )
    assert out.format == Format(16, 18)
    width, height = 8 * scales[0], 6 * scales[1]
    assert out.box == Box(
        round((16 - width) / 2), round((18 - height) / 2), round((16 + width) / 2), round((18 + height) / 2)
    )


def test_reformat_height_to_hd_like_the_reference_graph(bench: Any) -> None:
    """3340x2455 to HD_1080 by height, centred, black outside: 1469 columns in the middle, black beside."""
    picture = np.ones((491, 668, 3), np.float32)  # the same shape, a fifth of the size
    out = bench.run(
        "Reformat", picture, format="HD_1080", resize="height", filter="Lanczos6", black_outside=True
    )
    frame = out.filling()
    assert frame.shape == (1080, 1920, 3)
    lit = frame[540, :, 0] > 0.5
    assert lit.sum() == pytest.approx(1080 * 668 / 491, abs=1)
    assert lit[960]
    assert not lit[:220].any()


def test_reformat_counts_pixel_aspect(bench: Any) -> None:
    """Anamorphic 2:1 100x50 to square pixels by height keeps the shape on screen: four to one."""
    picture = Image(np.ones((50, 100, 3)), RGB, Box(0, 0, 100, 50), Format(100, 50, 2.0))
    out = bench.run("Reformat", picture, format="400 50 0 0 400 50 1 x", resize="height", pbb=True)
    assert (out.box.width, out.box.height) == (200, 50)


def test_reformat_to_box_without_a_fixed_shape_keeps_the_pictures(bench: Any) -> None:
    knobs = {"type": "to box", "box_width": 16, "box_height": 99}
    assert bench.run("Reformat", bench.ramp(), **knobs, resize="width").format == Format(16, 12)
    assert bench.run("Reformat", bench.ramp(), **knobs, resize="width", box_fixed=True).format == Format(
        16, 99
    )


def test_reformat_by_scale(bench: Any) -> None:
    out = bench.run("Reformat", bench.ramp(), type="scale", scale=(0.5, 2.0))
    assert (out.format, out.box) == (Format(4, 12), Box(0, 0, 4, 12))


def test_reformat_flips_and_flops(bench: Any) -> None:
    ramp = bench.ramp()
    out = bench.run("Reformat", ramp, format="8 6", resize="none", flip=True, flop=True)
    assert (out.pixels == ramp[::-1, ::-1]).all()


# -- mirrors and windows


@given(st.booleans(), st.booleans(), st.integers(-4, 4), st.integers(-4, 4))
def test_mirroring_twice_changes_nothing(flip: bool, flop: bool, x: int, y: int) -> None:
    image = Image(np.random.default_rng(3).random((4, 5, 3)), RGB, Box(x, y, x + 5, y + 4), Format(8, 6))
    twice = mirrored(mirrored(image, flip=flip, flop=flop), flip=flip, flop=flop)
    assert twice.box == image.box
    assert (twice.pixels == image.pixels).all()


def test_mirror_moves_the_data_window_within_the_format(bench: Any) -> None:
    image = Image(np.ones((2, 3, 3)), RGB, Box(1, 0, 4, 2), Format(8, 6))
    assert bench.run("Mirror2", image, flop=True).box == Box(4, 0, 7, 2)
    assert bench.run("Mirror2", image, flip=True).box == Box(1, 4, 4, 6)


def test_copy_bbox(bench: Any) -> None:
    window = Image(np.zeros((2, 3, 3)), RGB, Box(1, 1, 4, 3), Format(8, 6))
    out = bench.run("CopyBBox", bench.ramp(), window)
    assert out.box == window.box
    assert (out.pixels == bench.ramp()[3:5, 1:4]).all()
