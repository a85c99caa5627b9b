"""Plane and table over colour."""

from __future__ import annotations

import torch

from chroma_recovery.engine.learning.base import PIXELS, fit_base
from chroma_recovery.engine.learning.colour_table import (
    NODES,
    STIFF,
    Seen,
    TableFit,
    between,
    box_of,
    looked_up,
    places_in,
)
from chroma_recovery.engine.learning.luma_chroma import to_ycc
from chroma_recovery.engine.learning.network import ChromaNetwork

from .test_base import SHAPE, error, fitted, pairs

LOW, HIGH = torch.tensor([-1.0, -2.0, 0.5]), torch.tensor([1.0, 3.0, 2.5])


def straight(white: torch.Tensor) -> torch.Tensor:
    """(b, 3, h, w) -> (b, 2, h, w)."""
    u, v, w = white.unbind(1)
    return torch.stack([0.3 * u - 0.1 * v + 0.2 * w, 0.1 * u + 0.5 * v - 0.4 * w], 1)


def nodes() -> torch.Tensor:
    """Colours of all nodes, (1, 3, NODES ** 2, NODES)."""
    sides = [torch.linspace(float(a), float(b), NODES) for a, b in zip(LOW, HIGH, strict=True)]
    return torch.stack(torch.meshgrid(*sides, indexing="ij")).view(1, 3, NODES**2, NODES)


def inside(count: int, seed: int = 1) -> torch.Tensor:
    """(3, count) colours within the box."""
    chance = torch.rand(3, count, generator=torch.Generator().manual_seed(seed))
    return LOW[:, None] + chance * (HIGH - LOW)[:, None]


def seen(wanted: object, count: int = 400, seed: int = 1) -> Seen:
    white = inside(count * 16, seed).view(3, count, 16)
    assert callable(wanted)
    return Seen(white, wanted(white[None])[0])


def test_a_straight_table_is_straight_and_stays_at_its_sides() -> None:
    table = straight(nodes()).view(2, NODES, NODES, NODES)
    some = inside(500).view(1, 3, 10, 50)
    assert torch.allclose(looked_up(table, places_in(LOW, HIGH, some)), straight(some), rtol=0, atol=1e-5)
    far = torch.tensor([-9.0, 1.0, 99.0]).view(1, 3, 1, 1)
    side = torch.tensor([-1.0, 1.0, 2.5]).view(1, 3, 1, 1)
    assert torch.allclose(looked_up(table, places_in(LOW, HIGH, far)), straight(side), atol=1e-5)


def test_several_pictures_at_once() -> None:
    table = torch.randn(2, NODES, NODES, NODES, generator=torch.Generator().manual_seed(2))
    some = inside(600).view(3, 2, 10, 30).transpose(0, 1)
    both = looked_up(table, places_in(LOW, HIGH, some))
    one = looked_up(table, places_in(LOW, HIGH, some[1:]))
    assert both.shape == (2, 2, 10, 30) and torch.equal(both[1:], one)


def test_the_box_leaves_single_pixels_out() -> None:
    colours = inside(20_000)
    colours[0, 7], colours[2, 9] = 50.0, -50.0
    low, high = box_of(colours)
    assert torch.allclose(low, LOW, atol=0.02) and torch.allclose(high, HIGH, atol=0.02)
    flat_low, flat_high = box_of(torch.zeros(3, 100))
    assert bool((flat_high > flat_low).all())


def test_what_is_straight_is_the_planes_alone() -> None:
    plane, table, left = TableFit([seen(straight)], LOW, HIGH, PIXELS).whole()
    assert torch.allclose(plane[:, 1:], torch.tensor([[0.3, -0.1, 0.2], [0.1, 0.5, -0.4]]), atol=1e-4)
    assert float(table.abs().max()) < 1e-3 and float(left.abs().max()) < 1e-4


def test_what_has_an_edge_is_the_tables() -> None:
    """Two paints that faded to nearly the same: chroma jumps between them."""

    def jumps(white: torch.Tensor) -> torch.Tensor:
        step = 0.2 * (white[:, 1] > 0.5).float()
        return torch.stack([step, -step], 1)

    fit = TableFit([seen(jumps, 3000, k) for k in range(3)], LOW, HIGH, PIXELS)
    plane, table, _ = fit.whole()
    some = inside(2000, seed=9).view(1, 3, 40, 50)
    far = (some[:, 1] - 0.5).abs() > 0.5
    flat = torch.einsum("kc,bchw->bkhw", plane, torch.cat([torch.ones_like(some[:, :1]), some], 1))
    away = flat + looked_up(table, places_in(LOW, HIGH, some)) - jumps(some)
    assert float(away[:, 0][far].abs().mean()) < 0.01
    assert float((flat - jumps(some))[:, 0][far].abs().mean()) > 0.03


def test_leaving_out_counts_what_the_others_do_not_hold() -> None:
    alike = [seen(straight, seed=k) for k in range(3)]
    assert TableFit(alike, LOW, HIGH, PIXELS).left_out < 1e-5
    other = seen(lambda white: straight(white) + 0.1)
    found = TableFit([*alike, other], LOW, HIGH, PIXELS)
    assert found.left_out > 0.04
    assert all(known < unknown for known, unknown in found.errors.values())
    alone = TableFit([other], LOW, HIGH, PIXELS).errors
    assert all(known == unknown for known, unknown in alone.values())
    assert found.least == min(between(*both) for both in found.errors.values()) < found.left_out


def test_as_stiff_as_the_pairs_allow() -> None:
    """A straight change under a Reference's faults wants the stiffest table, one with an edge the finest."""
    noise = torch.Generator().manual_seed(4)

    def faulty(white: torch.Tensor) -> torch.Tensor:
        return straight(white) + 0.003 * torch.randn(1, 2, *white.shape[2:], generator=noise)

    def jumps(white: torch.Tensor) -> torch.Tensor:
        return 0.2 * (white[:, 1:] > 0.5).float()

    even = TableFit([seen(faulty, seed=k) for k in range(3)], LOW, HIGH, PIXELS)
    assert even.stiffness == max(STIFF)
    assert TableFit([seen(jumps, 3000, k) for k in range(3)], LOW, HIGH, PIXELS).stiffness == min(STIFF)
    assert TableFit([seen(jumps)], LOW, HIGH, PIXELS).stiffness == min(STIFF)


def test_pairs_of_one_colour_do_not_break_the_fit() -> None:
    grey = Seen(torch.zeros(3, 10, 16), torch.full((2, 10, 16), 0.05))
    plane, table, left = TableFit([grey], *box_of(grey.white.flatten(1)), PIXELS).whole()
    assert bool(torch.isfinite(plane).all()) and bool(torch.isfinite(table).all())
    assert float(left.abs().max()) < 1e-3


def test_a_fade_that_no_polynomial_undoes() -> None:
    """Of Cb only the size is left, and whether it was negative shows in Cr."""

    def folded(truth: torch.Tensor) -> torch.Tensor:
        ycc = to_ycc(truth)
        return torch.stack([ycc[0], 0.3 * ycc[1].abs(), 0.1 * ycc[1].sign() + 0.2 * ycc[2]])

    data = pairs(folded, count=6, known=0.0)
    network = fitted(data)
    assert network.tabled and not network.local
    with_table = error(network, data.pairs[0])
    even = ChromaNetwork(SHAPE).eval()
    fit_base(even, data)
    even.table.zero_()
    assert with_table < 0.3 * error(even, data.pairs[0])
