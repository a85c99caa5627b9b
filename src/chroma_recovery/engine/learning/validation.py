"""What hold-outs say: the error, whether position helps, and how much of the residual is let through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import torch

from .apply import predict_chroma
from .base import fault
from .dataset import Dataset, Pair
from .device import Device
from .learner import Learner
from .network import ChromaNetwork
from .settings import TrainingSettings

__all__ = ["Verdict", "judge", "obey", "rehearse"]

STRENGTHS = (1.0, 0.75, 0.5, 0.25, 0.0)

PARSIMONY = 2.0
"""What may learn a Reference's faults has to be better by so much: on mild fades of cameras that stand still gains of 9
and 17 % against the Reference on pairs left out were losses of 12 and 26 % against the truth."""

CLEARLY = 0.99
"""Position is given up only for an error below this share of the one with it, and only if hold-outs say so: a
rehearsal knows fewer pairs than the training, whose base has judged by all of them whether the place matters."""

LEAST_STEPS = 100
"""A training of fewer steps says nothing about the network; it is worse than its base."""

TRAININGS = 3
"""The training itself and two rehearsals of it, as long: what pairs left out say of a training does not hold for a
longer one, which may know its pairs by heart."""

LOOKS = 10
"""Times that a rehearsal is judged; it ends where two in a row let nothing through, after a third of its steps."""

LEFT_OUT = 5
"""One of so many pairs is left out of a rehearsal."""

Errors = dict[tuple[bool, float], float]
"""By whether position is used, and the strength of the residual."""


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
    """Measure a network on hold-outs; its ``strength`` and ``position_on`` are left as they were."""
    known = held.places_known
    return _chosen([_measured(network, held, device, (True, False) if known else (False,))], known)


def _measured(network: ChromaNetwork, held: Dataset, device: Device, positions: Sequence[bool]) -> Errors:
    before = float(network.strength), float(network.position_on)
    errors: Errors = {}
    weight = sum(float(p.mask.sum()) for p in held.pairs)
    for pair in held.pairs:
        share = float(pair.mask.sum()) / weight
        for position in positions:
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
    return errors


def _chosen(found: list[Errors], known: bool) -> Verdict:
    """What serves all of several measurements, each against its own base.

    A Reference's own faults repeat where the camera stands still, and learning them lowers the error too; so the whole
    residual has to earn PARSIMONY, a part of it that part.
    """

    def cost(choice: tuple[bool, float]) -> float:
        position, strength = choice
        dearer = 1.0 if position == known else 1 / CLEARLY
        worst = max(errors[choice] / max(errors[known, 0.0], 1e-12) for errors in found)
        return worst * dearer * (1 + (PARSIMONY - 1) * strength)

    best = min(found[0], key=cost)
    error, base = (sum(errors[c] for errors in found) / len(found) for c in (best, (best[0], 0.0)))
    return Verdict(error, best[0], best[1], base)


def rehearse(
    data: Dataset, settings: TrainingSettings, device: Device, steps: int, check: Callable[[], None]
) -> Verdict:
    """What hold-outs would say where there are none: a training without some of the pairs, judged on those; and a
    second one, without others, where the first lets something of the network through. Both have to gain. Where the
    training has too few ``steps`` to say anything, nothing of its residual is let through; nor where there is a single
    picture, be it twice. check: called before every step."""
    count = len(data.pairs)
    if count < 2 or (count == 2 and _same(*data.pairs)):
        untrained = Learner(data, settings, device).average
        return _chosen([_measured(untrained, data, device, (data.places_known,))], data.places_known)
    found: list[Errors] = []
    for first in (2, 1) if count > 2 else (1, 0):
        found.append(_rehearsed(data, settings, device, steps, data.pairs[first::LEFT_OUT], check))
        verdict = _chosen(found, data.places_known)
        if verdict.strength == 0:
            break
    return verdict


def _same(one: Pair, other: Pair) -> bool:
    """A still picture is trained as two pairs."""
    return torch.equal(one.ycc, other.ycc) and torch.equal(one.chroma, other.chroma)


def _rehearsed(
    data: Dataset,
    settings: TrainingSettings,
    device: Device,
    steps: int,
    left_out: tuple[Pair, ...],
    check: Callable[[], None],
) -> Errors:
    kept = attrs.evolve(data, pairs=tuple(p for p in data.pairs if p not in left_out))
    held = attrs.evolve(data, pairs=left_out)
    learner = Learner(kept, attrs.evolve(settings, steps=steps), device)
    if steps < LEAST_STEPS:
        return _measured(learner.average, held, device, (data.places_known,))
    in_vain = 0
    while True:
        check()
        learner.train_step(kept, steps)
        if learner.step == steps or learner.step % (steps // LOOKS) == 0:
            errors = _measured(learner.average, held, device, (data.places_known,))
            in_vain = in_vain + 1 if _chosen([errors], data.places_known).strength == 0 else 0
            if learner.step == steps or (in_vain > 1 and learner.step >= steps // 3):
                return errors


def obey(network: ChromaNetwork, verdict: Verdict) -> None:
    """Set what the hold-outs chose."""
    network.position_on.fill_(float(verdict.position))
    network.strength.fill_(verdict.strength)
