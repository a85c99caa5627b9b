"""What only context can tell: the base sees one colour at one place, the network what lies around it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from chroma_recovery.engine.image import Image
from chroma_recovery.engine.learning import train
from chroma_recovery.engine.learning.luma_chroma import decode, to_rgb

from .conftest import SIZE, Bench

Make = Callable[..., Bench]


def collapsed(number: int) -> tuple[Image, Image]:
    """(Source, truth): grey squares, striped ones once red and plain ones once blue, strewn anew in every picture. A
    striped pixel has the luma of plain ones elsewhere."""
    rng = np.random.default_rng(number)
    high, wide = SIZE[0] // 32, SIZE[1] // 32
    striped = np.kron(rng.permutation(high * wide).reshape(high, wide) % 2, np.ones((32, 32)))
    level = np.kron(rng.choice([0.4, 0.6], (high, wide)), np.ones((32, 32)))
    stripes = np.where(np.arange(SIZE[1]) // 4 % 2 == 0, 0.4, 0.6)[None, :]
    luma = torch.from_numpy(np.where(striped > 0, stripes, level)).float()
    side = torch.from_numpy(striped * 2 - 1).float()
    found = []
    for chroma in (torch.zeros(2, *SIZE), torch.stack([-0.08 * side, 0.08 * side])):
        pixels = decode(to_rgb(luma, chroma)).permute(1, 2, 0).numpy()
        found.append(Image.of(pixels))
    return found[0], found[1]


def test_colours_that_fell_together_part_by_what_is_around_them(bench: Make) -> None:
    pictures = [collapsed(k) for k in range(8)]
    b = bench(pairs=6, held=2)
    for first, names in ((0, ("Input", "Truth")), (6, ("HeldInput", "HeldTruth"))):
        for side, name in enumerate(names):
            b.sets[name][:] = [p[side] for p in pictures[first : first + len(b.sets[name])]]
    result = train(b.evaluator, "CopyCat1", steps=300)
    assert result.validation is not None and result.base is not None
    assert result.base > 0.04
    assert result.validation < 0.6 * result.base
    assert result.strength == 1.0
