"""One training by several processes: each takes a part of every batch, all make the same step.

Gradients are summed over the processes, weighted so that the sum is the gradient of the whole batch; weights start
equal and so stay equal. Which crops a batch holds depends on seed and step alone, so every process draws the same
batch and takes its rows. Process 0 alone writes, validates and reports.

The processes are those of ``torchrun`` (environment variables RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT);
``run --processes N`` starts them the same way. They speak by NCCL on GPUs and by Gloo on CPUs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import torch
from torch import Tensor, distributed

from ...errors import EngineError
from .dataset import Batch

if TYPE_CHECKING:
    from .network import ChromaNetwork
    from .settings import TrainingSettings

__all__ = ["ALONE", "Share", "joined", "share_of"]

PATIENCE = timedelta(hours=2)
"""How long a process waits for the others: as long as a validation, or the stages before training, may take."""


@attrs.frozen
class Share:
    """Which of several processes this is. rank: from 0. world: how many. local: which on this machine."""

    rank: int = 0
    world: int = 1
    local: int = 0

    @property
    def first(self) -> bool:
        """Whether this process writes."""
        return self.rank == 0

    def part(self, batch: Batch) -> Batch:
        """The rows of a batch that are this process's."""
        if self.world == 1:
            return batch
        rows = slice(self.rank, None, self.world)
        return Batch(batch.ycc[rows], batch.chroma[rows], batch.mask[rows], batch.where[rows])

    def weight(self, part: Tensor, whole: Tensor) -> float:
        """What the error of a part counts, so that those of all parts add up to that of the whole batch. part, whole:
        masks; :func:`base.fault` divides by the mean of the mask that it is given."""
        if self.world == 1:
            return 1.0
        own, all_of_it = (float(m.mean().clamp_min(1e-6)) for m in (part, whole))
        return len(part) / len(whole) * own / all_of_it

    def add_up(self, network: ChromaNetwork, loss: Tensor) -> float:
        """Sum gradients and error over the processes; the error."""
        if self.world == 1:
            return float(loss.detach())
        held = [p for p in network.parameters() if p.grad is not None]
        flat = torch.cat(
            [*(p.grad.reshape(-1) for p in held if p.grad is not None), loss.detach().reshape(1)]
        )
        distributed.all_reduce(flat)
        at = 0
        for parameter in held:
            assert parameter.grad is not None  # noqa: S101 - chosen for having one
            count = parameter.numel()
            parameter.grad.copy_(flat[at : at + count].view_as(parameter))
            at += count
        return float(flat[-1])

    def start_equal(self, *networks: ChromaNetwork) -> None:
        """Take over process 0's weights, whatever this one computed."""
        if self.world > 1:
            for network in networks:
                for tensor in network.state_dict().values():
                    distributed.broadcast(tensor, 0)


ALONE = Share()


def share_of(environment: Mapping[str, str] | None = None) -> Share:
    """This process's share, by the variables of ``torchrun``; ALONE without them.

    Raises EngineError (CR575) where they cannot be.
    """
    said = os.environ if environment is None else environment
    try:
        world = int(said.get("WORLD_SIZE", "1"))
        rank = int(said.get("RANK", "0"))
        local = int(said.get("LOCAL_RANK", said.get("RANK", "0")))
    except ValueError:
        raise EngineError.at(
            "CR575", "WORLD_SIZE", "and RANK must be numbers", "start with torchrun"
        ) from None
    if world < 2:
        return ALONE
    if not 0 <= rank < world or not said.get("MASTER_ADDR") or not said.get("MASTER_PORT"):
        text = f"process {rank} of {world} has no address to meet at, or a number that cannot be"
        raise EngineError.at("CR575", "RANK", text, "start with torchrun, or run --processes N")
    return Share(rank, world, local)


@contextmanager
def joined(share: Share, settings: TrainingSettings, device: str) -> Iterator[Share]:
    """Meet the other processes, and part from them at the end.

    Raises EngineError (CR575) if the batch cannot be shared, if minutes were asked for, which each process would count
    for itself, or if the others do not come.
    """
    if share.world == 1:
        yield share
        return
    if settings.batch < share.world:
        text = f"a batch of {settings.batch} cannot be shared by {share.world} processes"
        raise EngineError.at("CR575", "batchSize", text, "raise training.batch, or start fewer")
    if settings.minutes is not None:
        text = "several processes train a number of steps, not minutes"
        raise EngineError.at("CR575", "cr_minutes", text, "give training.steps or --steps")
    if device.startswith("cuda"):
        torch.cuda.set_device(share.local)
    try:
        distributed.init_process_group(
            "nccl" if device.startswith("cuda") else "gloo",
            timeout=PATIENCE,
            rank=share.rank,
            world_size=share.world,
        )
    except (RuntimeError, ValueError) as error:
        text = f"the {share.world} processes did not meet: {str(error).splitlines()[0]}"
        raise EngineError.at("CR575", os.environ["MASTER_ADDR"], text, "start all of them") from error
    try:
        yield share
    finally:
        distributed.destroy_process_group()
