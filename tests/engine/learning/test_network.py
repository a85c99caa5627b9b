"""Luma, gamut, tiles and position of the network, with random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chroma_recovery.engine import ycbcr
from chroma_recovery.engine.image import Box, Image
from chroma_recovery.engine.learning.apply import apply_model
from chroma_recovery.engine.learning.device import Device
from chroma_recovery.engine.learning.luma_chroma import decode, encode, recombine, to_rgb, to_ycc
from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork

CPU = Device("cpu", "float32")
WHERE = (-1.0, 2 / 300, 1.0, -2 / 200, 1.0)


def wild(seed: int = 0, gain: float = 1.0, **more: object) -> ChromaNetwork:
    """A network whose residual is large everywhere."""
    torch.manual_seed(seed)
    network = ChromaNetwork(Architecture(widths=(8, 12, 16), hidden=16, **more)).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        network.residual.weight.normal_(0, gain)
        network.residual_scale.fill_(0.3)
    return network


def noise(height: int, width: int, low: float = 0.0, high: float = 1.0) -> Image:
    rng = np.random.default_rng(height * width)
    return Image.of(rng.uniform(low, high, (height, width, 3)).astype(np.float32))


def test_formula_is_that_of_the_colorspace_node() -> None:
    image = noise(40, 50, -0.2, 1.5)
    ours = to_ycc(encode(torch.from_numpy(image.rgb().copy()).permute(2, 0, 1))).permute(1, 2, 0).numpy()
    assert np.abs(ours - ycbcr.encode(image.rgb(), "YPbPr")).max() < 1e-6


def test_round_trips(gamut_cube: torch.Tensor) -> None:
    assert (encode(decode(gamut_cube)) - gamut_cube).abs().max() < 1e-6
    ycc = to_ycc(gamut_cube)
    assert (to_rgb(ycc[0], ycc[1:]) - gamut_cube).abs().max() < 1e-6


def test_recombining_keeps_luma_and_gamut(gamut_cube: torch.Tensor) -> None:
    generator = torch.Generator().manual_seed(1)
    for _ in range(5):
        chroma = torch.rand(2, *gamut_cube.shape[1:], generator=generator) - 0.5
        out = recombine(gamut_cube, chroma)
        assert (to_ycc(out)[0] - to_ycc(gamut_cube)[0]).abs().max() < 1e-6
        assert out.min() >= 0
        assert out.max() <= 1


def test_chroma_is_shrunk_only_where_needed_and_only_as_far_as_needed() -> None:
    grey = torch.full((3, 1, 2), 0.5)
    chroma = torch.tensor([[[0.1, 0.0]], [[0.0, 0.45]]])
    out = recombine(grey, chroma)
    assert torch.allclose(to_ycc(out)[1:, 0, 0], chroma[:, 0, 0], atol=1e-6)  # fits: as it is
    assert out[0, 0, 1] == pytest.approx(1.0, abs=1e-6)  # 0.5 + 1.402 * 0.45 > 1: exactly at the limit
    assert to_ycc(out)[2, 0, 1] == pytest.approx(0.5 / 1.402, abs=1e-6)


def test_source_outside_the_gamut_is_not_clipped() -> None:
    bright = torch.tensor([1.4, 1.2, -0.1]).view(3, 1, 1)
    assert torch.allclose(recombine(bright, to_ycc(bright)[1:]), bright, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 5))
def test_luma_stays_whatever_the_network_says(height: int, width: int, seed: int) -> None:
    image = noise(height, width)
    out = apply_model(wild(seed, gain=3.0), image, WHERE, device=CPU)
    assert np.abs(ycbcr.luma(out.rgb()) - ycbcr.luma(image.rgb())).max() < 1e-5
    assert out.rgb().min() >= 0
    assert out.rgb().max() <= 1 + 1e-6


def test_luma_stays_outside_the_unit_range() -> None:
    image = noise(64, 64, -0.1, 2.0)
    out = apply_model(wild(), image, WHERE, device=CPU)
    assert np.abs(ycbcr.luma(out.rgb()) - ycbcr.luma(image.rgb())).max() < 1e-5
    assert np.isfinite(out.rgb()).all()


def test_chroma_does_change() -> None:
    image = noise(64, 64)
    out = apply_model(wild(), image, WHERE, device=CPU)
    assert np.abs(out.rgb() - image.rgb()).mean() > 0.01


def test_encoded_domain_is_not_encoded_again() -> None:
    image = noise(32, 32)
    out = apply_model(wild(linear=False), image, WHERE, device=CPU)
    luma = image.rgb() @ np.array([0.299, 0.587, 0.114], np.float32)
    assert np.abs(out.rgb() @ np.array([0.299, 0.587, 0.114], np.float32) - luma).max() < 1e-6


@pytest.mark.parametrize("tile", [32, 96])
def test_tiles_give_what_the_whole_frame_gives(tile: int) -> None:
    network, image = wild(), noise(500, 333)
    assert network.architecture.halo < 333
    whole = apply_model(network, image, WHERE, device=CPU)
    tiled = apply_model(network, image, WHERE, device=CPU, tile=tile)
    assert np.abs(whole.rgb() - tiled.rgb()).max() < 1e-4


def test_strips_give_what_one_pass_gives() -> None:
    network, image = wild(), noise(150, 70)
    ycc = to_ycc(encode(torch.from_numpy(image.rgb().copy()).permute(2, 0, 1)))
    with torch.inference_mode():
        chroma = network(ycc[None], torch.tensor([WHERE]))[0]
    ours = apply_model(network, image, WHERE, device=CPU).rgb()
    theirs = decode(recombine(encode(torch.from_numpy(image.rgb().copy()).permute(2, 0, 1)), chroma))
    assert np.abs(ours - theirs.permute(1, 2, 0).numpy()).max() < 1e-5


def test_untrained_network_is_its_base() -> None:
    network = ChromaNetwork(Architecture(widths=(8, 8, 8)))
    network.smoothing.zero_()
    image = noise(40, 40)
    assert np.abs(apply_model(network, image, WHERE, device=CPU).rgb() - image.rgb()).max() < 1e-5


def test_other_channels_box_and_format_stay() -> None:
    rgb = noise(40, 60)
    image = rgb.with_channels(("alpha", "depth.Z"), np.full((40, 60, 2), 0.25, np.float32))
    moved = Image(image.pixels, image.channels, Box(-5, 7, 55, 47), image.format)
    out = apply_model(wild(), moved, WHERE, device=CPU)
    assert (out.box, out.format, out.channels) == (moved.box, moved.format, moved.channels)
    assert (out.channel("alpha") == 0.25).all()


def test_unknown_place_ignores_position() -> None:
    network, image = wild(), noise(64, 64)
    a = apply_model(network, image, (-1.0, 0.01, 1.0, -0.01, 0.0), device=CPU)
    b = apply_model(network, image, (0.3, 0.02, 0.1, -0.02, 0.0), device=CPU)
    c = apply_model(network, image, (0.3, 0.02, 0.1, -0.02, 1.0), device=CPU)
    assert (a.rgb() == b.rgb()).all()
    assert np.abs(a.rgb() - c.rgb()).max() > 1e-3


def test_empty_picture() -> None:
    empty = Image(
        np.zeros((0, 0, 3), np.float32), ("red", "green", "blue"), Box(0, 0, 0, 0), noise(4, 4).format
    )
    assert apply_model(wild(), empty, WHERE, device=CPU).pixels.shape == (0, 0, 3)
