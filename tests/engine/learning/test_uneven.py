"""Whether the base varies over the frame."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from chroma_recovery.engine.learning.colour_table import Seen, TableFit
from chroma_recovery.engine.learning.polynomial import DEGREES, TERMS, terms
from chroma_recovery.engine.learning.surfaces import FINE
from chroma_recovery.engine.learning.uneven import BENDING, STRANGE, Means, chosen_bending, even, surfaces

Change = Callable[[Tensor, Tensor], Tensor]
"""Colour (3, n) and place (2, n) -> (n, 2)."""


class Table(TableFit):
    """One that misses so much."""

    def __init__(self, least: float, left_out: float) -> None:
        self._said = least, left_out

    @property
    def least(self) -> float:
        return self._said[0]

    @property
    def left_out(self) -> float:
        return self._said[1]


def group(change: Change, seed: int = 1, count: int = 4000, low: float = -2.0) -> Means:
    chance = torch.Generator().manual_seed(seed)
    colour = low + 4 * torch.rand(3, count, generator=chance)
    place = torch.rand(2, count, generator=chance) * 2 - 1
    return Means(terms(colour[None])[0].T, change(colour, place), place)


def groups(change: Change, count: int = 4) -> list[Means]:
    return [group(change, seed) for seed in range(count)]


def alike(colour: Tensor, place: Tensor) -> Tensor:
    return torch.stack([0.03 * colour[0] - 0.01 * colour[1], 0.02 * colour[2]], 1)


def by_place(colour: Tensor, place: Tensor) -> Tensor:
    return alike(colour, place) * (1 + 0.5 * torch.sin(3 * place[:1])).T


def test_the_even_polynomial_is_the_one_that_made_them() -> None:
    weight = even(groups(alike))
    wanted = torch.zeros(TERMS, 2, dtype=torch.float64)
    wanted[1, 0], wanted[2, 0], wanted[3, 1] = 0.03, -0.01, 0.02
    assert len(DEGREES) == TERMS and torch.allclose(weight, wanted, rtol=0, atol=1e-5)
    left = groups(alike)[0].less(weight)
    assert float(left.wanted.abs().max()) < 1e-4


def test_surfaces_follow_what_varies() -> None:
    found = [m.less(even(groups(by_place))) for m in groups(by_place)]
    made = surfaces(found, 1e-6)
    assert float(found[0].left(made, FINE).abs().mean()) < 0.1 * float(found[0].wanted.abs().mean())
    assert found[0].missed(made, FINE) == pytest.approx(float(found[0].left(made, FINE).abs().sum()))


def test_surfaces_have_to_beat_the_table() -> None:
    left = [m.less(even(groups(by_place))) for m in groups(by_place)]
    assert chosen_bending(left, Table(1.0, 1.0)) in BENDING
    assert chosen_bending(left, Table(1e-6, 1.0)) is None, "the table knows both better"
    assert chosen_bending(left, Table(1.0, 1e-6)) is None, "the table knows pairs left out better"


def test_a_stiffer_surface_where_it_is_nearly_as_good() -> None:
    """What varies little over the frame is as well followed by stiff surfaces; what varies much is not."""

    def finely(colour: Tensor, place: Tensor) -> Tensor:
        return alike(colour, place) * (1 + 0.5 * torch.sin(12 * place[:1])).T

    def plainly(colour: Tensor, place: Tensor) -> Tensor:
        noise = torch.randn(place.shape[1], 2, generator=torch.Generator().manual_seed(5))
        return alike(colour, place) * (1 + 0.5 * place[:1]).T + 0.01 * noise

    fine, plain = (
        chosen_bending([m.less(even(groups(c))) for m in groups(c)], Table(1.0, 1.0))
        for c in (finely, plainly)
    )
    assert fine is not None and plain is not None and fine < plain


def test_pairs_that_show_other_things_get_a_table() -> None:
    """Each of a paint of its own: what the others say of it is worth nothing, whatever the table says."""

    def strange(number: int) -> Means:
        def change(colour: Tensor, place: Tensor) -> Tensor:
            return by_place(colour, place) + (0.2 if number % 2 else -0.2)

        return group(change, number, low=4.0 * number - 6)

    found = [strange(k) for k in range(3)]
    left = [m.less(even(found)) for m in found]
    assert chosen_bending(left, Table(1.0, 1.0)) is None
    assert 0 < STRANGE < 0.1


def test_a_table_for_what_is_the_same_everywhere() -> None:
    chance = torch.Generator().manual_seed(3)
    seen, left = [], []
    for _ in range(3):
        white = torch.rand(3, 800, 4, generator=chance) * 4 - 2
        place = torch.rand(2, 800, generator=chance) * 2 - 1
        wanted = torch.stack([0.03 * white[0], 0.02 * white[2].abs()])
        seen.append(Seen(white, wanted))
        left.append(Means(terms(white[None])[0].mean(2).T, wanted.mean(2).T, place))
    weight = even(left)
    fit = TableFit(seen, torch.full((3,), -2.0), torch.full((3,), 2.0), 0.3)
    assert chosen_bending([m.less(weight) for m in left], fit) is None
