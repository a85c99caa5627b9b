"""What hold-outs say: the error, whether position helps, and how much of the residual is let through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import torch

from .apply import predict_chroma
from .base import PARSIMONY, fault
from .dataset import Dataset
from .device import Device
from .learner import Learner
from .network import ChromaNetwork
from .settings import TrainingSettings

__all__ = ["Verdict", "judge", "obey", "rehearse"]

STRENGTHS = (1.0, 0.75, 0.5, 0.25, 0.0)

CLEARLY = 0.99
"""Position is given up only for an error below this share of the one with it."""

LEAST_STEPS = 100
"""A rehearsal of fewer steps says nothing about the network; one trained so briefly is worse than its base."""

SHARE = 5
"""One of so many pairs is left out of the rehearsal, and the rehearsal has one of so many steps."""


@attrs.frozen
class Verdict:
    """error: see :func:`base.fault`, Cb and Cr in full range (-0.5..0.5). position: whether the place on the frame is
    used. strength: share of the residual that is let through. base: error of the base alone."""

    error: float
    position: bool
    strength: float
    base: float

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Verdict:
        """Back from the facts of a checkpoint, where it may stand among other things."""
        error, strength, base = (float(said[k]) for k in ("error", "strength", "base"))
        return cls(error, bool(said["position"]), strength, base)


def judge(network: ChromaNetwork, held: Dataset, *, device: Device) -> Verdict:
    """Measure a network on hold-outs; its ``strength`` and ``position_on`` are left as they were.

    A Reference's own faults repeat where the camera stands still, and learning them lowers the error too; so the whole
    residual has to earn PARSIMONY, a part of it that part.
    """
    before = float(network.strength), float(network.position_on)
    known = held.places_known
    errors: dict[tuple[bool, float], float] = {}
    weight = sum(float(p.mask.sum()) for p in held.pairs)
    for pair in held.pairs:
        share = float(pair.mask.sum()) / weight
        for position in (True, False) if known else (False,):
            network.position_on.fill_(float(position))
            ends = []
            for strength in (0.0, 1.0):
                network.strength.fill_(strength)
                ends.append(predict_chroma(network, pair.ycc, pair.where, device=device))
            for strength in STRENGTHS:
                away = torch.lerp(ends[0], ends[1], strength) - pair.chroma
                error = share * float(fault(away[None], pair.mask[None]))
                errors[position, strength] = errors.get((position, strength), 0.0) + error
    network.strength.fill_(before[0])
    network.position_on.fill_(before[1])

    def cost(choice: tuple[bool, float]) -> float:
        position, strength = choice
        dearer = 1.0 if position == known else 1 / CLEARLY
        return errors[choice] * dearer * (1 + (PARSIMONY - 1) * strength)

    best = min(errors, key=cost)
    return Verdict(errors[best], best[0], best[1], errors[best[0], 0.0])


def rehearse(
    data: Dataset, settings: TrainingSettings, device: Device, steps: int, check: Callable[[], None]
) -> Verdict | None:
    """What hold-outs would say where there are none: a short training without some of the pairs, judged on those. Where
    the training itself has too few ``steps`` for that, nothing of its residual is let through, unless it began with
    other weights. None for fewer than three pairs. check: called before every step."""
    short = steps // SHARE
    left_out = data.pairs[2::SHARE]
    if not left_out or (short < LEAST_STEPS and settings.initial is not None):
        return None
    if short < LEAST_STEPS:
        short = 0
    kept = attrs.evolve(data, pairs=tuple(p for p in data.pairs if p not in left_out))
    learner = Learner(kept, attrs.evolve(settings, steps=short), device)
    while learner.step < short:
        check()
        learner.train_step(kept, short)
    return judge(learner.average, attrs.evolve(data, pairs=left_out), device=device)


def obey(network: ChromaNetwork, verdict: Verdict) -> None:
    """Set what the hold-outs chose."""
    network.position_on.fill_(float(verdict.position))
    network.strength.fill_(verdict.strength)
