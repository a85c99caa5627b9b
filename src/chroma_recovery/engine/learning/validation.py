"""What hold-outs say: the error, whether position helps, and how much of the residual is let through."""

from __future__ import annotations

import attrs
import torch

from .apply import predict_chroma
from .dataset import Dataset
from .device import Device
from .network import ChromaNetwork

__all__ = ["Verdict", "judge", "obey"]

STRENGTHS = (1.0, 0.75, 0.5, 0.25, 0.0)

CLEARLY = 0.99
"""The full residual, and position, are given up only for an error below this share of theirs."""


@attrs.frozen
class Verdict:
    """error: mean absolute chroma error over valid pixels, Cb and Cr in full range (-0.5..0.5). position:
    whether the position input is used. strength: share of the residual that is let through. base: error of
    the affine base."""

    error: float
    position: bool
    strength: float
    base: float


def judge(network: ChromaNetwork, held: Dataset, *, device: Device) -> Verdict:
    """Measure a network on hold-outs; its ``strength`` and ``position_on`` are left as they were."""
    before = float(network.strength), float(network.position_on)
    known = held.places_known
    errors: dict[tuple[bool, float], float] = {}
    weight = sum(float(p.mask.sum()) for p in held.pairs)
    for pair in held.pairs:
        base = network.base(pair.ycc[None].to(device.name))[0].cpu()
        for position in (True, False) if known else (False,):
            network.strength.fill_(1.0)
            network.position_on.fill_(float(position))
            full = predict_chroma(network, pair.ycc, pair.where, device=device)
            for strength in STRENGTHS:
                mixed = torch.lerp(base, full, strength)
                error = float(((mixed - pair.chroma).abs() * pair.mask).sum()) / (2 * weight)
                errors[position, strength] = errors.get((position, strength), 0.0) + error
    network.strength.fill_(before[0])
    network.position_on.fill_(before[1])
    best = (known, 1.0)
    for choice, error in errors.items():
        if error < errors[best] * CLEARLY:
            best = choice
    return Verdict(errors[best], best[0], best[1], errors[best[0], 0.0])


def obey(network: ChromaNetwork, verdict: Verdict) -> None:
    """Set what the hold-outs chose."""
    network.position_on.fill_(float(verdict.position))
    network.strength.fill_(verdict.strength)
