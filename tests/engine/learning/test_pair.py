"""Pairs in memory and pairs in a file give the same crops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from chroma_recovery.engine.learning import dataset, pair
from chroma_recovery.engine.learning.dataset import Dataset, load_dataset
from chroma_recovery.engine.learning.pair import Pair, PairFile, StoredPair
from chroma_recovery.errors import EngineError

Make = Callable[..., Any]
STEP = 4e-5


def noise(frame: int = 1) -> Pair:
    torch.manual_seed(frame)
    ycc = torch.rand(3, 40, 50)
    ycc[1:] -= 0.5
    mask = torch.ones(1, 40, 50)
    mask[..., :7] = 0
    return Pair(frame, ycc, torch.rand(2, 40, 50) - 0.5, mask, (-1.0, 0.04, 1.0, -0.05, 1.0))


def test_stored_numbers_are_a_hundredth_of_an_8_bit_step_off_at_most(tmp_path: Path) -> None:
    held, file = noise(), PairFile(tmp_path)
    stored = file.add(held)
    assert (stored.frame, stored.where, stored.height, stored.width) == (1, held.where, 40, 50)
    assert (stored.ycc - held.ycc).abs().max() < STEP
    assert ((stored.chroma - held.chroma) * held.mask).abs().max() < STEP
    assert torch.equal(stored.mask, held.mask)
    assert stored.chroma[..., :7].abs().max() == 0
    rows, columns = slice(3, 19), slice(2, 50, 3)
    for a, b in zip(stored.part(rows, columns), held.part(rows, columns), strict=True):
        assert a.shape == b.shape and a.is_contiguous()
    assert stored.picture_share(rows, columns) == pytest.approx(held.picture_share(rows, columns))


def test_extremes_survive(tmp_path: Path) -> None:
    values = torch.tensor([-0.5, 0.0, 1.0]).view(3, 1, 1).expand(3, 2, 2).contiguous()
    far = torch.tensor([-3.0, 3.0]).view(2, 1, 1).expand(2, 2, 2).contiguous()
    stored = PairFile(tmp_path).add(Pair(1, values, far, torch.ones(1, 2, 2), (0, 0, 0, 0, 0)))
    assert torch.allclose(stored.ycc, values, atol=STEP)
    assert stored.chroma[0, 0, 0] == pytest.approx(-1, abs=STEP)
    assert stored.chroma[1, 0, 0] == pytest.approx(1, abs=STEP)
    assert stored.mask.min() == 1


def test_batches_and_samples_are_those_of_pairs_in_memory(tmp_path: Path) -> None:
    held = tuple(noise(n) for n in range(3))
    file = PairFile(tmp_path)
    a, b = Dataset(held, "", True), Dataset(tuple(file.add(p) for p in held), "", True)
    one, two = (d.batch(seed=1, step=2, size=2, crop=16) for d in (a, b))
    assert torch.equal(one.where, two.where) and torch.equal(one.mask, two.mask)
    assert torch.allclose(one.ycc, two.ycc, atol=STEP)
    assert torch.allclose(one.chroma * one.mask, two.chroma * two.mask, atol=STEP)
    for x, y in zip(a.samples(500), b.samples(500), strict=True):
        assert torch.allclose(x, y, atol=STEP)


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    stored = PairFile(tmp_path).add(noise())
    assert stored.ycc.shape == (3, 40, 50)
    assert list(tmp_path.iterdir()) == []


def test_many_pairs_go_to_the_file_with_the_same_digest(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    b = bench(pairs=3)
    small = load_dataset(b.evaluator, "Input", "Truth", node="CopyCat1")
    monkeypatch.setattr(dataset, "IN_MEMORY", 1)
    large = load_dataset(b.evaluator, "Input", "Truth", node="CopyCat1")
    again = load_dataset(b.evaluator, "Input", "Truth", node="CopyCat1")
    assert not any(isinstance(p, StoredPair) for p in small.pairs)
    assert all(isinstance(p, StoredPair) for p in large.pairs)
    assert small.digest == large.digest
    one, two = (d.batch(seed=0, step=0, size=2, crop=32) for d in (large, again))
    assert torch.equal(one.ycc, two.ycc) and torch.equal(one.chroma, two.chroma)


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def seek(self, at: int) -> None: ...

        def write(self, data: Any) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pair.tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(EngineError, match=r"CR565.*No space left"):
        PairFile(tmp_path).add(noise())
