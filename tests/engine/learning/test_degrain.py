"""What takes grain out of the colour that is mapped."""

from __future__ import annotations

import pytest
import torch

from chroma_recovery.engine.learning.degrain import MOST, Degrain, filter_for, finest, grain_of
from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork

LINES = {1: [1, 2, 1], 2: [1, 4, 6, 4, 1], 4: [1, 8, 28, 56, 70, 56, 28, 8, 1]}


@pytest.mark.parametrize("times", LINES)
def test_a_mean_keeps_flat_colour_and_is_binomial(times: int) -> None:
    mean = Degrain(times)
    flat = torch.rand(1, 3, 1, 1).expand(1, 3, 9, 9)
    assert torch.allclose(mean(flat), flat, atol=1e-6)
    dot = torch.zeros(1, 3, 21, 21)
    dot[..., 10, 10] = 1.0
    weights = torch.tensor(LINES[times]) / sum(LINES[times])
    near = slice(10 - times, 11 + times)
    assert torch.allclose(mean(dot)[0, 1, near, near], weights[:, None] * weights)
    assert float(mean(dot).sum()) == pytest.approx(3)
    corner = torch.zeros(1, 3, 21, 21)
    corner[..., 0, 0] = 1.0
    edge = weights[: times + 1].sum()  # the edge is repeated
    assert float(mean(corner)[0, 0, 0, 0]) == pytest.approx(float(edge) ** 2)


def test_nothing_is_done_no_times() -> None:
    picture = torch.rand(1, 3, 5, 7)
    assert torch.equal(Degrain(0)(picture), picture)


def grainy(clean: torch.Tensor, *sizes: float) -> torch.Tensor:
    torch.manual_seed(0)
    return clean + torch.tensor(sizes).view(-1, 1, 1) * torch.randn(clean.shape)


def test_edges_of_colour_stay_and_grain_goes() -> None:
    clean = torch.zeros(1, 3, 80, 80)
    clean[..., 40:] = 0.5
    found = Degrain(4, ((2.5 * 0.01) ** 2,) * 2)(grainy(clean, 0.01, 0.01, 0.01))
    plain = Degrain(4)(clean)
    away = (found - clean).abs()
    assert float((found - clean)[..., 10:30].std()) < 0.25 * 0.01
    edge = slice(38, 42)
    assert float(away[..., edge].mean()) < 0.012 < 0.15 * float((plain - clean).abs()[..., edge].mean())


def test_luma_goes_the_way_of_chroma() -> None:
    """An edge of luma alone is as soft as chroma there; with an edge in Cb, half of the way."""
    clean = torch.zeros(1, 3, 40, 40)
    clean[:, 0, :, 20:] = 0.5
    found = Degrain(4, (1e-4, 1e-4))(clean)
    assert torch.allclose(found, Degrain(4)(clean), atol=1e-6)
    clean[:, 1, :, 20:] = 0.5
    half = Degrain(4, (1e-4, 1e-4))(clean)
    assert torch.allclose(half[..., 20], (0.5 * clean + 0.5 * Degrain(4)(clean))[..., 20], atol=2e-3)


def test_finest_detail_of_grain_is_its_standard_deviation() -> None:
    x = torch.linspace(0, 1, 301)
    ramp = (x[:, None] * x).expand(3, -1, -1)
    assert finest(grainy(ramp, 0.01, 0.02, 0.0)).tolist() == pytest.approx(
        [0.01, 0.02, 0.0], rel=0.03, abs=1e-4
    )


def test_grain_coarser_than_a_pixel_is_not_overlooked() -> None:
    fine = grainy(torch.zeros(2, 300, 400), 0.01, 0.02)
    assert grain_of(fine).sqrt().tolist() == pytest.approx([0.01, 0.02], rel=0.03)
    small = grainy(torch.zeros(2, 150, 200), 0.01, 0.02)[None]
    coarse = torch.nn.functional.interpolate(small, scale_factor=2.0, mode="bilinear")[0]
    size = coarse.std((1, 2))
    assert bool((finest(coarse) < 0.3 * size).all())
    assert bool((grain_of(coarse).sqrt() > 0.3 * size).all())


def test_where_much_grain_shows_the_mean_is_wide_and_plain() -> None:
    grain = torch.tensor([4e-6, 1e-6])
    stops = filter_for(grain, 0.4 / 255, 2048 * 1556)
    assert stops.variance == pytest.approx((2.5e-5, 6.25e-6))
    plain = filter_for(grain, 0.7 / 255, 2048 * 1556)
    assert plain.variance is None and stops.times < plain.times == MOST


def test_smaller_pictures_get_narrower_means() -> None:
    grain = torch.tensor([4e-6, 1e-6])
    times = [
        [filter_for(grain, g / 255, w * h).times for g in (0.4, 0.7)]
        for w, h in ((960, 540), (640, 480), (320, 180))
    ]
    assert times == [[4, 8], [3, 6], [1, 1]]


def test_a_network_keeps_it() -> None:
    network = ChromaNetwork(Architecture(widths=(8, 8, 8)))
    assert Degrain.of(network) == Degrain(1)
    for degrain in (Degrain(4, (0.25, 0.5)), Degrain(0), Degrain(8), Degrain(2, (0.0, 0.0))):
        degrain.put(network)
        assert Degrain.of(network) == degrain
