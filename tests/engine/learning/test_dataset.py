"""What is learned from, and where it lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from chroma_recovery.engine.image import Box
from chroma_recovery.engine.learning.dataset import black_border, load_dataset
from chroma_recovery.engine.learning.placement import Placement, placement

Make = Callable[..., Any]


def test_black_border_is_masked() -> None:
    rng = np.random.default_rng(0)
    source = rng.uniform(0.02, 0.2, (2, 60, 80)).astype(np.float32)
    truth = rng.uniform(0.02, 0.2, (2, 60, 80)).astype(np.float32)
    truth[:, :, :10] = 0
    mask = black_border(truth, source)
    assert mask[:, :10].all()
    assert mask[:, 10:14].all()  # four pixels more
    assert not mask[:, 14:].any()


def test_grey_things_in_the_picture_are_not_masked() -> None:
    rng = np.random.default_rng(0)
    source = rng.uniform(0.02, 0.2, (2, 60, 80)).astype(np.float32)
    truth = rng.uniform(0.02, 0.2, (2, 60, 80)).astype(np.float32)
    truth[:, 20:40, 20:60] = 0  # a grey object inside
    truth[:, 50:, 50:70] = 0  # a grey object at the edge, smaller than half of a row or column
    assert not black_border(truth, source).any()


def test_grey_source_is_not_masked() -> None:
    neutral = np.zeros((2, 60, 80), np.float32)
    assert not black_border(neutral, neutral).any()


def test_batches_depend_on_seed_and_step_alone(bench: Make) -> None:
    b = bench()
    data = load_dataset(b.evaluator, "Input", "Truth", node="CopyCat1")
    one, two = (data.batch(seed=3, step=7, size=2, crop=32) for _ in range(2))
    assert torch.equal(one.ycc, two.ycc)
    assert not torch.equal(one.ycc, data.batch(seed=4, step=7, size=2, crop=32).ycc)
    assert one.ycc.shape == (2, 3, 32, 32)


def test_every_pair_comes_up_equally_often(bench: Make) -> None:
    b = bench(pairs=3)
    data = load_dataset(b.evaluator, "Input", "Truth", node="CopyCat1")
    means = torch.cat(
        [data.batch(seed=0, step=s, size=2, crop=96).ycc[:, 0, :, :8].mean((1, 2)) for s in range(3)]
    )
    assert len(means) == 6
    whole = [p.ycc[0].mean() for p in data.pairs]
    assert len({round(float(w), 4) for w in whole}) == 3


def test_position_of_a_crop_follows_the_pixels(bench: Make) -> None:
    b = bench()
    data = load_dataset(b.evaluator, "Input", "Truth", node="CopyCat1")
    x0, dx, y0, dy, known = data.pairs[0].where
    assert (x0, known) == (-1.0, 1.0)
    assert np.isclose(x0 + 160 * dx, 1.0)
    assert (y0, np.isclose(y0 + 96 * dy, -1.0)) == (1.0, True)


def test_placement_counts_crops(bench: Make) -> None:
    b = bench()
    g = b.graph
    g.add("Crop", "Crop1", inputs=("Input",), knobs={"box": (10, 20, 110, 90), "reformat": True})
    g.add("Dot", "Dot1", inputs=("Crop1",))
    assert placement(b.evaluator, "Dot1", 1) == Placement(10, 20, 160, 96)
    g.add("Crop", "Crop2", inputs=("Dot1",), knobs={"box": (5, 5, 50, 50), "reformat": False})
    assert placement(b.evaluator, "Crop2", 1) == Placement(10, 20, 160, 96)
    g.add("Mirror2", "Mirror1", inputs=("Crop2",), knobs={"flop": True})
    assert placement(b.evaluator, "Mirror1", 1) is None


def test_placement_goes_through_appended_frames(bench: Make) -> None:
    b = bench()
    g = b.graph
    held = []
    for n, x in ((1, 0), (2, 30)):
        g.add("Crop", f"Crop{n}", inputs=("Input",), knobs={"box": (x, 0, x + 100, 90), "reformat": True})
        g.add("FrameRange", f"Range{n}", inputs=(f"Crop{n}",), knobs={"first_frame": 1, "last_frame": 1})
        g.add("FrameHold", f"Hold{n}", inputs=(f"Range{n}",), knobs={"firstFrame": n})
        held.append(f"Hold{n}")
    g.add("AppendClip", "Clip", inputs=held)
    found = [placement(b.evaluator, "Clip", f) for f in (1, 2)]
    assert [p.dx for p in found if p is not None] == [0, 30]


def test_where_of_a_moved_box() -> None:
    x0, dx, y0, dy, _ = Placement(100, 50, 400, 200).where(Box(0, 0, 200, 100))
    assert (x0, x0 + 200 * dx) == (-0.5, 0.5)
    assert (y0, y0 + 100 * dy) == (0.5, -0.5)
