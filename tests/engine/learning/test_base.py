"""The base in closed form, and what a rehearsal says about the residual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest
import torch
from torch.nn import functional

from chroma_recovery.engine.learning import base
from chroma_recovery.engine.learning.base import fault, fit_base
from chroma_recovery.engine.learning.dataset import Dataset, Pair
from chroma_recovery.engine.learning.device import Device
from chroma_recovery.engine.learning.luma_chroma import to_ycc
from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork
from chroma_recovery.engine.learning.polynomial import DEGREES, LOCAL, TERMS, terms, waves
from chroma_recovery.engine.learning.settings import TrainingSettings
from chroma_recovery.engine.learning.validation import Verdict, rehearse

from .conftest import faded, scene

CPU = Device("cpu", "float32")
SHAPE = Architecture(widths=(4, 4, 4), hidden=4)


def evenly(truth: torch.Tensor) -> torch.Tensor:
    """Chroma turned and weakened, everywhere alike."""
    ycc = to_ycc(truth)
    return torch.stack([ycc[0], 0.5 * ycc[1] - 0.2 * ycc[2], 0.1 * ycc[1] + 0.4 * ycc[2] + 0.02])


def pairs(fade: Any, count: int = 4, known: float = 1.0, blur: int = 1) -> Dataset:
    found = []
    for number in range(count):
        truth = scene(number)
        high, wide = truth.shape[1:]
        chroma = to_ycc(truth)[1:]
        if blur > 1:
            chroma = functional.avg_pool2d(chroma[None], blur, 1, blur // 2, count_include_pad=False)[0]
        where = (-1.0, 2 / wide, 1.0, -2 / high, known)
        found.append(Pair(number, fade(truth), chroma, torch.ones(1, high, wide), where))
    return Dataset(tuple(found), "", True)


def fitted(data: Dataset) -> ChromaNetwork:
    network = ChromaNetwork(SHAPE).eval()
    fit_base(network, data)
    return network


def error(network: ChromaNetwork, pair: Pair) -> float:
    with torch.no_grad():
        found = network(pair.ycc[None], torch.tensor([pair.where]))[0]
    return float((found - pair.chroma).abs().mean())


def test_terms_are_all_products_up_to_their_degree() -> None:
    colour = torch.tensor([2.0, 3.0, 5.0]).view(1, 3, 1)
    found = terms(colour, TERMS)[0, :, 0].tolist()
    wanted = sorted(
        2.0**a * 3.0**b * 5.0**c for a in range(4) for b in range(4 - a) for c in range(4 - a - b)
    )
    assert sorted(found) == wanted
    assert terms(colour, LOCAL)[0, :, 0].tolist() == found[:LOCAL]
    twice = terms(2 * colour, TERMS)[0, :, 0]
    assert torch.equal(twice, torch.tensor(found) * 2.0 ** torch.tensor(DEGREES))


def test_waves_span_the_frame() -> None:
    found = waves(torch.tensor([[-1.0, 0.0, 1.0]]))[0]
    assert torch.allclose(found[0], torch.ones(3))
    assert torch.allclose(found[1], torch.tensor([1.0, 0.0, -1.0]), atol=1e-6)
    assert torch.allclose(found[2], torch.tensor([1.0, -1.0, 1.0]), atol=1e-6)


def test_an_even_fade_is_undone_the_same_everywhere() -> None:
    data = pairs(evenly, count=5)
    network = fitted(attrs.evolve(data, pairs=data.pairs[:4]))
    assert not network.local
    assert error(network, data.pairs[4]) < 1e-3


def test_an_uneven_fade_is_followed_over_the_frame() -> None:
    data = pairs(lambda truth: to_ycc(faded(truth)), count=6)
    network = fitted(attrs.evolve(data, pairs=data.pairs[:5]))
    assert network.local
    with_place = error(network, data.pairs[5])
    without = error(network, attrs.evolve(data.pairs[5], where=(0.0, 0.0, 0.0, 0.0, 0.0)))
    assert with_place < 0.7 * without


@pytest.mark.parametrize(("count", "known"), [(2, 1.0), (4, 0.0)])
def test_nothing_local_without_places_or_pairs_to_leave_out(count: int, known: float) -> None:
    data = pairs(lambda truth: to_ycc(faded(truth)), count=count, known=known)
    assert not fitted(data).local


def test_a_blurred_reference_teaches_less_blur_than_pixel_by_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    sharp, soft = pairs(evenly), pairs(evenly, blur=9)

    def missed() -> float:
        found = fitted(soft)
        return sum(error(found, pair) for pair in sharp.pairs)

    blocks = missed()
    monkeypatch.setattr(base, "PIXELS", 1.0)
    assert blocks < missed()


def test_faults_that_cancel_within_a_block_count_little() -> None:
    mask = torch.ones(1, 1, 32, 32)
    flat = torch.full((1, 2, 32, 32), 0.01)
    checks = flat * (1 - 2 * (torch.arange(32) % 2))
    assert float(fault(flat, mask)) == pytest.approx(0.01, rel=1e-5)
    assert float(fault(checks, mask)) == pytest.approx(0.003, rel=1e-5)
    half = mask.clone()
    half[..., :16] = 0
    assert float(fault(flat, half)) == pytest.approx(0.01, rel=1e-5)


def settings() -> TrainingSettings:
    return TrainingSettings(
        run="r",
        folder=Path(),
        steps=1000,
        batch=2,
        crop=48,
        model="Small",
        seed=0,
        checkpoint_every=1,
        sheet_every=1,
        learning_rate=0.01,
        schedule="cosine",
        warm_up=5,
        precision="float32",
        gpu=False,
        resume=False,
        initial=None,
    )


def unchecked() -> None:
    return None


def test_a_residual_that_only_learns_noise_is_left_out() -> None:
    data = pairs(evenly)
    torch.manual_seed(0)
    noisy = [attrs.evolve(p, chroma=p.chroma + 0.01 * torch.randn_like(p.chroma)) for p in data.pairs]
    verdict = rehearse(attrs.evolve(data, pairs=tuple(noisy)), settings(), CPU, 500, unchecked)
    assert verdict is not None and verdict.strength == 0.0
    assert verdict.error == verdict.base


def test_too_little_to_rehearse() -> None:
    assert rehearse(pairs(evenly, count=2), settings(), CPU, 5000, unchecked) is None
    assert rehearse(pairs(evenly), settings(), CPU, 499, unchecked) is None


def test_a_verdict_comes_back_from_its_facts() -> None:
    verdict = Verdict(0.25, True, 0.5, 0.5)
    assert Verdict.from_json({"step": 3, **attrs.asdict(verdict)}) == verdict
