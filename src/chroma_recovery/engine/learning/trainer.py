"""Training: what executing a CopyCat node does. See :mod:`training_run` for the files it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ...errors import Cancelled, EngineError, Problem
from .dataset import Dataset, load_dataset
from .device import choose_device, reproducible, tune_allocator
from .following import FollowingRun
from .results import Progress, TrainingResult
from .settings import read_settings
from .steadying import measured_steadying, steadied
from .together import joined, share_of
from .training_run import TrainingRun

if TYPE_CHECKING:
    from ..evaluate import Evaluator

__all__ = ["Progress", "TrainingResult", "train"]


def train(
    evaluator: Evaluator,
    node: str,
    *,
    steps: int | None = None,
    minutes: float | None = None,
    out: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    resume: bool | None = None,
    overwrite: bool = False,
    facts: Mapping[str, Any] | None = None,
) -> TrainingResult:
    """Train what a CopyCat node describes.

    steps: instead of the node's. minutes: instead of steps; their number is fixed once the first steps
    have shown how long one takes, so that repeating with that number gives the same model. out: instead of
    the node's dataDirectory. cancel: asked at every step. resume: instead of the node's trainingMode.
    overwrite: replace a run of the same name. facts: JSON values put into each checkpoint (preset, graph hash
    ...).

    Same node, frames, seed and steps give the same losses and weights on one machine. Started by ``torchrun``, several
    processes train together, see :mod:`together`; the first alone writes.

    Raises EngineError (CR504 unconnected; CR551-CR575 see the modules of this package), PathError (CR602) if
    the run exists, Cancelled (CR590) after the work so far was saved.
    """
    call = evaluator.call(node, evaluator.root_range.first)
    source, truth = call.source(0), call.source(1)
    if source is None or truth is None:
        missing = "Input (0)" if source is None else "GroundTruth (1)"
        raise EngineError(
            Problem("CR504", node, f"nothing is connected to its {missing}", "connect both branches")
        )
    data = load_dataset(evaluator, source, truth, node=node)
    settings = read_settings(evaluator, node, pairs=len(data.pairs), least_side=data.least_side, out=out)
    held = _hold_outs(evaluator, node)
    said = dict(facts or {})
    if settings.deflicker:
        steadying = measured_steadying(
            evaluator, settings.run, linear=data.linear, check=_asking(cancel, node)
        )
        data = steadied(data, steadying, evaluator, source)
        if held is not None:
            held = steadied(held, steadying, evaluator, _hold_out_nodes(evaluator, node)[0])
        if steadying is not None:
            said["steadying"] = steadying.as_json()
    if steps is not None:
        settings = attrs.evolve(settings, steps=steps, minutes=None, named=None)
    if minutes is not None:
        settings = attrs.evolve(settings, minutes=minutes, named=None)
    if resume is not None:
        settings = attrs.evolve(settings, resume=resume)
    device = choose_device(gpu=settings.gpu, precision=settings.precision)
    tune_allocator()
    with joined(share_of(), settings, device.name) as share, reproducible():
        kind = TrainingRun if share.first else FollowingRun
        again = overwrite or settings.resume
        run = kind(settings, device, data, held, said, again, progress, cancel, share)
        return run.go(settings.minutes)


def _asking(cancel: Callable[[], bool] | None, node: str) -> Callable[[], None]:
    def check() -> None:
        if cancel is not None and cancel():
            what = "stopped by the user while the shot's flicker was measured; nothing was trained"
            raise Cancelled(Problem("CR590", node, what, "train again"))

    return check


def _hold_out_nodes(evaluator: Evaluator, node: str) -> list[Any]:
    return [evaluator.graph.original(node).user(k) for k in ("cr_validation_input", "cr_validation_truth")]


def _hold_outs(evaluator: Evaluator, node: str) -> Dataset | None:
    names = _hold_out_nodes(evaluator, node)
    if not any(names):
        return None
    for knob, name in zip(("cr_validation_input", "cr_validation_truth"), names, strict=True):
        if not isinstance(name, str) or name not in evaluator.graph.nodes:
            raise EngineError(
                Problem(
                    "CR559",
                    f"{node}.{knob}",
                    f"{name!r} is no node of the graph",
                    "name both ends of the hold-out chain",
                )
            )
    return load_dataset(evaluator, str(names[0]), str(names[1]), node=node)
