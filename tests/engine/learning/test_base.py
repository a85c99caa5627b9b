"""The base in closed form, and what a rehearsal says about the residual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest
import torch
from torch.nn import functional

from chroma_recovery.engine.learning import base, validation
from chroma_recovery.engine.learning.base import fault, fit_base
from chroma_recovery.engine.learning.blocks import ACROSS, read_blocks
from chroma_recovery.engine.learning.dataset import Dataset, Pair
from chroma_recovery.engine.learning.degrain import Degrain
from chroma_recovery.engine.learning.device import Device
from chroma_recovery.engine.learning.luma_chroma import to_ycc
from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork
from chroma_recovery.engine.learning.polynomial import COLUMNS, DEGREES, ROWS, TERMS, bumps, terms
from chroma_recovery.engine.learning.settings import TrainingSettings
from chroma_recovery.engine.learning.surfaces import BINS, FINE, at, equations, solved
from chroma_recovery.engine.learning.validation import STRENGTHS, Errors, Verdict, _chosen, rehearse

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
    found = terms(colour)[0, :, 0].tolist()
    wanted = sorted(
        2.0**a * 3.0**b * 5.0**c for a in range(4) for b in range(4 - a) for c in range(4 - a - b)
    )
    assert sorted(found) == wanted
    twice = terms(2 * colour)[0, :, 0]
    assert torch.equal(twice, torch.tensor(found) * 2.0 ** torch.tensor(DEGREES))


def test_bumps_add_up_to_one_and_follow_a_straight_line() -> None:
    place = torch.linspace(-1, 1, 101)[None]
    found = bumps(place, COLUMNS)[0]
    assert torch.allclose(found.sum(0), torch.ones(101), atol=1e-5)
    assert int((found > 1e-6).sum(0).max()) == 3
    middle = (torch.arange(COLUMNS) - 0.5) / (COLUMNS / 2 - 1) - 1
    assert torch.allclose(middle @ found, place[0], atol=1e-5)


def test_surfaces_are_found_from_what_they_give() -> None:
    """Colours at random all over the frame, mapped by coefficients that are sums of waves over it."""
    torch.manual_seed(2)
    place = torch.rand(2, 60_000) * 2 - 1
    found = terms(torch.randn(1, 3, 60_000))[0].T.double()
    truth = torch.stack([torch.sin(2 * place[0]), torch.cos(place[1]) * place[0]], 1)
    wanted = (found[:, 1:3] * truth).sum(1)[:, None].expand(-1, 2).double()
    x, y = ((v + 1) * (n / 2) for v, n in zip(place, reversed(BINS), strict=True))
    bins = y.long() * BINS[1] + x.long()
    matrix = torch.zeros(BINS[0] * BINS[1], TERMS, TERMS, dtype=torch.float64)
    right = torch.zeros(BINS[0] * BINS[1], TERMS, 2, dtype=torch.float64)
    matrix.index_add_(0, bins, found[:, :, None] * found[:, None])
    right.index_add_(0, bins, found[:, :, None] * wanted[:, None])
    whole = equations(matrix.view(*BINS, TERMS, TERMS), right.view(*BINS, TERMS, 2), FINE)
    surfaces = solved(whole, len(found), 1e-6)
    assert surfaces.shape == (2 * TERMS, ROWS * COLUMNS)
    some = torch.rand(2, 500) * 1.8 - 0.9
    got = at(surfaces, some, FINE)
    wave = torch.stack([torch.sin(2 * some[0]), torch.cos(some[1]) * some[0]], 1)
    assert float((got[:, 0, 1:3] - wave).abs().max()) < 0.02
    assert float(got[:, 0, 3:].abs().max()) < 0.02
    assert torch.equal(got[:, 0], got[:, 1])


def test_banded_equations_are_those_of_all_products() -> None:
    """Against the normal equations written out in full, on a few bins."""
    torch.manual_seed(3)
    matrix = torch.zeros(*BINS, TERMS, TERMS, dtype=torch.float64)
    right = torch.zeros(*BINS, TERMS, 2, dtype=torch.float64)
    whole, wanted = 0.0, 0.0
    for y, x in ((0, 0), (5, 17), (30, 41), (BINS[0] - 1, BINS[1] - 1)):
        each, aim = torch.randn(TERMS, dtype=torch.float64), torch.randn(2, dtype=torch.float64)
        matrix[y, x], right[y, x] = each[:, None] * each, each[:, None] * aim
        place = [torch.tensor([[(k + 0.5) * 2 / n - 1]]).double() for k, n in ((x, BINS[1]), (y, BINS[0]))]
        bases = [bumps(p, n)[0, :, 0] for p, n in zip(place, (COLUMNS, ROWS), strict=True)]
        row = torch.einsum("p,q,t->pqt", *bases, each).flatten()
        whole, wanted = whole + row[:, None] * row, wanted + row[:, None] * aim
    found = equations(matrix, right, FINE)
    full = torch.zeros_like(whole)
    bands = torch.from_numpy(found.matrix)
    for away in range(len(bands)):
        full.diagonal(-away).copy_(bands[away, : len(full) - away])
    assert torch.allclose(full, torch.tril(whole), atol=1e-12)
    assert torch.allclose(torch.from_numpy(found.right), wanted, atol=1e-12)


def test_a_grainy_fade_gets_a_plain_mean_and_others_keep_their_edges() -> None:
    data = pairs(evenly, count=3)
    noise = torch.Generator().manual_seed(1)

    def seen(grain: float) -> Dataset:
        soft = [functional.avg_pool2d(p.ycc[None], 5, 1, 2, count_include_pad=False)[0] for p in data.pairs]
        ycc = [s + grain * torch.randn(s.shape, generator=noise) for s in soft]
        return attrs.evolve(
            data, pairs=tuple(attrs.evolve(p, ycc=y) for p, y in zip(data.pairs, ycc, strict=True))
        )

    fine, grainy = Degrain.of(fitted(seen(0.0005))), Degrain.of(fitted(seen(0.02)))
    assert fine.variance is not None
    assert all(
        1 <= v / (2.5 * 0.0005) ** 2 < 2 for v in fine.variance
    )  # the scene has fine detail of its own
    assert grainy == Degrain(1)  # so small a picture


def test_pairs_without_a_whole_block_of_picture_leave_the_base_as_it_is() -> None:
    data = pairs(evenly, count=2)
    empty = tuple(attrs.evolve(p, mask=torch.zeros_like(p.mask)) for p in data.pairs)
    network = fitted(attrs.evolve(data, pairs=empty))
    assert torch.equal(network.white_weight, torch.eye(3))
    assert not network.local


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


def test_nothing_local_where_the_place_is_not_known() -> None:
    data = pairs(lambda truth: to_ycc(faded(truth)), count=4, known=0.0)
    assert not fitted(data).local


def test_a_single_pair_is_left_out_part_by_part() -> None:
    data = pairs(lambda truth: to_ycc(faded(truth)), count=1)
    parts = read_blocks(ChromaNetwork(SHAPE), data)
    assert len(parts) == 5
    places = torch.cat([p.place for p in parts], 1)
    assert places.shape[1] == len({tuple(v) for v in places.T.tolist()}) == (90 // 4 + 1) * (154 // 4 + 1)
    assert fitted(data).local


def test_blocks_of_larger_pictures_are_larger_and_overlap() -> None:
    """A slope shows where and how large a block is: its pixels' mean is its middle, their range its side."""

    def slope(high: int, wide: int) -> Dataset:
        x, y = torch.meshgrid(torch.arange(wide) + 0.5, torch.arange(high) + 0.5, indexing="xy")
        where = (-1.0, 2 / wide, 1.0, -2 / high, 1.0)
        chroma = torch.stack([x / wide * 2 - 1, 1 - y / high * 2])
        pair = Pair(1, chroma.mean(0).expand(3, -1, -1), chroma, torch.ones(1, high, wide), where)
        return Dataset((pair,), "", True)

    for high, wide, apart in ((180, 320, 1), (540, 960, 2), (1556, 2048, 4)):
        for part in read_blocks(ChromaNetwork(SHAPE), slope(high, wide)):
            assert part.chroma.shape[2] == ACROSS**2
            middle = part.chroma.mean(2)
            assert torch.allclose(middle, part.place, atol=1e-5)
            sides = (part.chroma.amax(2) - part.chroma.amin(2)) * torch.tensor([[wide / 2], [high / 2]])
            assert torch.allclose(sides, torch.full_like(sides, (ACROSS - 1) * apart), atol=1e-2)


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
    verdict = rehearse(attrs.evolve(data, pairs=tuple(noisy)), settings(), CPU, 150, unchecked)
    assert verdict.strength == 0.0
    assert verdict.error == verdict.base


def test_too_little_to_rehearse() -> None:
    for count in (2, 4):
        assert rehearse(pairs(evenly, count=count), settings(), CPU, 99, unchecked).strength == 0


def test_a_single_picture_says_nothing_of_a_residual() -> None:
    """Even twice, as a still is trained; at once, whatever the steps."""
    alone = pairs(evenly, count=1)
    twice = attrs.evolve(alone, pairs=(alone.pairs[0], attrs.evolve(alone.pairs[0], frame=2)))
    for data in (alone, twice):
        verdict = rehearse(data, settings(), CPU, 10**9, unchecked)
        assert verdict.strength == 0 and verdict.error == verdict.base


def test_a_verdict_comes_back_from_its_facts() -> None:
    verdict = Verdict(0.25, True, 0.5, 0.5)
    assert Verdict.from_json({"step": 3, **attrs.asdict(verdict)}) == verdict


def test_of_two_rehearsals_the_worse_counts() -> None:
    good = {(True, s): 0.01 * (1 - 0.5 * s) for s in STRENGTHS}
    same = {(True, s): 0.02 for s in STRENGTHS}
    alone = _chosen([good], known=True)
    assert alone.strength == 1.0 and alone.error == pytest.approx(0.005) and alone.base == pytest.approx(0.01)
    both = _chosen([good, same], known=True)
    assert both.strength == 0.0 and both.error == both.base == pytest.approx(0.015)


@pytest.mark.parametrize(("count", "out"), [(4, ([2], [1])), (2, ([1], [0])), (7, ([2], [1, 6]))])
def test_a_residual_that_helps_is_rehearsed_twice(
    count: int, out: tuple[list[int], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def measured(network: object, held: Dataset, device: object, positions: object) -> Errors:
        assert positions == (True,), "a rehearsal does not give up position"
        asked.append([p.frame for p in held.pairs])
        return {(True, s): 0.01 * (1 - 0.5 * s) for s in STRENGTHS}

    monkeypatch.setattr(validation, "_measured", measured)
    verdict = rehearse(pairs(evenly, count=count), settings(), CPU, 100, unchecked)
    assert verdict.strength == 1.0 and verdict.position
    assert asked == [out[0]] * 10 + [out[1]] * 10
