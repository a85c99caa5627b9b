"""One training's state: network, its moving average, optimiser; one step; saved and taken up again."""

from __future__ import annotations

import copy
import math
from pathlib import Path

import attrs
import torch
from torch import Tensor

from .base import BLOCK, fault, fit_base
from .checkpoint import load_tensors, save_tensors
from .dataset import Batch, Dataset
from .device import Device
from .network import ARCHITECTURES, ChromaNetwork
from .settings import TrainingSettings
from .together import ALONE, Share

__all__ = ["LEVEL", "Learner", "rate_at"]

BETAS = (0.9, 0.99)
LOWEST_RATE = 0.02
"""Share of the learning rate that the cosine ends at."""

LEVEL = 20
"""First steps that do not depend on how many will follow."""

UNPLACED = 0.15
"""Share of the crops that train without position, so that the network also works where it is not known."""


def rate_at(step: int, steps: int, settings: TrainingSettings) -> float:
    """Learning rate of a step (0-based): linear warm-up, then cosine to 2 % or constant."""
    warm = min(1.0, (step + 1) / settings.warm_up) if settings.warm_up else 1.0
    if settings.schedule == "constant":
        return settings.learning_rate * warm
    done = max(step - LEVEL, 0) / max(steps - LEVEL, 1)
    fall = 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
    return settings.learning_rate * warm * (fall * (1 - LOWEST_RATE) + LOWEST_RATE)


class Learner:
    """What changes while training. ``average`` is the network to use: an exponential moving average of
    ``network``.

    start: goes on with this network. initial: another training's; its base is fitted anew to the pairs at hand, and its
    residual is carried over (``carried``) if that training let any of it through."""

    def __init__(
        self,
        data: Dataset,
        settings: TrainingSettings,
        device: Device,
        *,
        start: ChromaNetwork | None = None,
        initial: ChromaNetwork | None = None,
        share: Share = ALONE,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.carried = initial is not None and float(initial.strength) > 0
        if start is None:
            shape = ARCHITECTURES[settings.model] if initial is None else initial.architecture
            self.network = ChromaNetwork(attrs.evolve(shape, linear=data.linear))
            fit_base(self.network, data)
            if initial is not None and self.carried:
                self.network.load_state_dict(dict(initial.named_parameters()), strict=False)
                self.network.residual_scale.copy_(initial.residual_scale)
        else:
            self.network = copy.deepcopy(start)
            self.network.strength.fill_(1.0)
            self.network.position_on.fill_(1.0)
        self.network.to(device.name)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).eval()
        self.settings = settings
        self.device = device
        self.share = share
        self.step = 0
        fused = device.name in ("cpu", "cuda")
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=settings.learning_rate, betas=BETAS, weight_decay=1e-4, fused=fused
        )

    def train_step(self, data: Dataset, steps: int) -> float:
        """One step of ``steps``; gives the error of its crops, see :func:`base.fault`."""
        s = self.settings
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.step, steps, s)
        batch = data.batch(seed=s.seed, step=self.step, size=s.batch, crop=s.crop)
        unplaced = (
            torch.rand(s.batch, generator=torch.Generator().manual_seed(s.seed * 1_000_003 + self.step))
            < UNPLACED
        )
        batch.where[:, 4] *= (~unplaced).to(batch.where)
        row, column = divmod(self.step % 4, 2)
        part = self.share.part(batch)
        loss = self._loss(part.to(self.device.name), row, column)
        if self.share.world > 1:
            loss = loss * self.share.weight(*(m.mask[..., row::2, column::2] for m in (part, batch)))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        error = self.share.add_up(self.network, loss)
        self.optimiser.step()
        self.step += 1
        self._follow(steps)
        return error

    def _loss(self, batch: Batch, row: int, column: int) -> Tensor:
        """Error of a quarter of the pixels; neighbours are too alike to be worth the time."""
        ycc = batch.ycc.contiguous(memory_format=torch.channels_last)
        with self.device.autocast():
            predicted = self.network.thinned(ycc, batch.where, row, column)
        chroma, mask = batch.chroma[..., row::2, column::2], batch.mask[..., row::2, column::2]
        return fault(predicted - chroma, mask, BLOCK // 2)

    def _follow(self, steps: int) -> None:
        horizon = max(20.0, steps / 200)
        weight = 1 - min(1 - 1 / horizon, 1 - 1 / (self.step + 1))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), weight)

    # -- on disk

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Everything a resumed run needs beside step and settings, as one safetensors file."""
        save_tensors(path, self._state(), overwrite=overwrite)

    def restore(self, path: Path, step: int) -> None:
        """Raises EngineError (CR556, CR557)."""
        held = load_tensors(path, {k: tuple(v.shape) for k, v in self._state().items()})
        for prefix, network in (("network.", self.network), ("average.", self.average)):
            network.load_state_dict(
                {k.removeprefix(prefix): v for k, v in held.items() if k.startswith(prefix)}
            )
        for name, parameter in self.network.named_parameters():
            moments = {"exp_avg": held[f"first.{name}"], "exp_avg_sq": held[f"second.{name}"]}
            # the fused optimiser walks memory, so the layout must be the parameter's
            laid = {k: torch.empty_like(parameter, requires_grad=False).copy_(v) for k, v in moments.items()}
            self.optimiser.state[parameter] = {"step": torch.tensor(float(step)), **laid}
        self.step = step

    def _state(self) -> dict[str, Tensor]:
        state = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        state |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        for name, parameter in self.network.named_parameters():
            held = self.optimiser.state.get(parameter, {})
            state[f"first.{name}"] = held.get("exp_avg", torch.zeros_like(parameter))
            state[f"second.{name}"] = held.get("exp_avg_sq", torch.zeros_like(parameter))
        return state
