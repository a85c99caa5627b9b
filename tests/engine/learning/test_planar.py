"""The head for rendering against the network's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chroma_recovery.engine.image import Image
from chroma_recovery.engine.learning import apply
from chroma_recovery.engine.learning.degrain import Degrain
from chroma_recovery.engine.learning.device import Device
from chroma_recovery.engine.learning.network import ARCHITECTURES, Architecture, ChromaNetwork
from chroma_recovery.engine.learning.planar import planar_head

CPU = Device("cpu", "float32")
SHAPES = [
    *ARCHITECTURES.values(),
    Architecture(cell=4, widths=(8, 8), hidden=5),
    Architecture(cell=3, widths=(4,), hidden=4),
]


def noisy(architecture: Architecture, local: bool = True) -> ChromaNetwork:
    torch.manual_seed(3)
    network = ChromaNetwork(architecture).eval()
    with torch.no_grad():
        network.residual.weight.normal_(0, 0.3)
        network.residual_scale.fill_(0.2)
        network.white_weight.normal_(0, 2)
        network.white_bias.normal_()
        network.base_weight.normal_(0, 0.02)
        network.base_local.normal_(0, 0.003 if local else 0)
        network.table.normal_(0, 0.05)
        network.table_low.copy_(torch.tensor([-1.5, -2.0, -0.5]))
        network.table_high.copy_(torch.tensor([1.0, 2.5, 0.7]))
    return network


@pytest.mark.parametrize("architecture", SHAPES, ids=lambda a: f"cell{a.cell}-{a.hidden}")
@pytest.mark.parametrize("size", [(61, 45), (8, 200), (1, 1)])
@pytest.mark.parametrize("tile", [None, 32])
@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("degrain", [Degrain(0), Degrain(4, (0.01, 0.02)), Degrain(8)], ids=str)
def test_both_heads_give_the_same(
    monkeypatch: pytest.MonkeyPatch,
    architecture: Architecture,
    size: tuple[int, int],
    tile: int | None,
    local: bool,
    degrain: Degrain,
) -> None:
    network = noisy(architecture, local)
    degrain.put(network)
    if degrain.variance is None:
        network.table.zero_()
    assert network.tabled is (degrain.variance is not None)
    assert network.local is local
    image = Image.of(np.random.default_rng(1).uniform(-0.1, 1.2, (*size, 3)).astype(np.float32))
    where = (-1.0, 2 / size[1], 1.0, -2 / size[0], 1.0)
    assert planar_head(network) is not None
    quick = apply.apply_model(network, image, where, device=CPU, tile=tile)
    monkeypatch.setattr(apply, "planar_head", lambda network: None)
    plain = apply.apply_model(network, image, where, device=CPU, tile=tile)
    assert np.abs(quick.pixels - plain.pixels).max() < 2e-5
    assert np.abs(quick.pixels - image.pixels).max() > 0.001


class Bent(ChromaNetwork):
    """Another head under the same names."""

    def finish(self, features: torch.Tensor, white: torch.Tensor) -> torch.Tensor:
        return super().finish(features, white).tanh() * 2


def test_a_network_with_another_head_is_not_mistaken() -> None:
    assert planar_head(Bent(ARCHITECTURES["Small"])) is None


def test_trying_the_head_leaves_the_random_state_alone() -> None:
    network = ChromaNetwork(Architecture(widths=(4, 4, 4), hidden=3)).eval()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    planar_head(network)
    assert torch.equal(expected, torch.rand(3))


def test_large_frames_are_computed_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    network = noisy(Architecture(widths=(4, 4), hidden=4))
    image = Image.of(np.random.default_rng(2).uniform(0, 1, (200, 40, 3)).astype(np.float32))
    whole = apply.apply_model(network, image, (0, 0, 0, 0, 0), device=CPU)
    monkeypatch.setattr(apply, "WHOLE", 2000)
    assert apply._tile_size(200, 40, None, network.architecture.stride) == (64, 40)
    bands = apply.apply_model(network, image, (0, 0, 0, 0, 0), device=CPU)
    assert np.abs(whole.pixels - bands.pixels).max() < 2e-5
