"""What a CopyCat node asks of its training, read from its knobs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ...errors import EngineError, Problem, UnsupportedNode
from ..values import as_flag, as_number, as_text
from .model_files import model_file

if TYPE_CHECKING:
    from ..call import Call
    from ..evaluate import Evaluator

__all__ = ["AUTO_BATCH", "KNOBS", "MOST_STEPS", "TrainingSettings", "model_file", "read_settings"]

AUTO_BATCH = 4
"""Pairs per step for batchSizeType Auto, or all pairs if there are fewer."""

MOST_STEPS = 2000
"""Steps where the preset names none for this engine: the guide's tens of thousands are for CopyCat's network."""

LARGEST_CROP = 256
"""Larger crops take more time per step and made nothing better."""

_KNOBS = """
useGPUIfAvailable dataDirectory epochs initialWeights checkpointFile modelSize batchSizeType batchSize
cropSize checkpointInterval imageInterval useMultiResolution trainingMode learningRate seed totalSteps
autoBatchSize maxCheckpoints useAutomaticMixedPrecision previousModelSize liveUpdates logScale smoothness
showOriginal overlay preview showValidation isCachingEnabled useParallelDataFetch gpuName trainingInfo
isFirstTime
"""

KNOBS = frozenset(_KNOBS.split())
"""Knobs of CopyCat that training reads, or that change nothing outside Nuke's own panel and network."""


@attrs.frozen
class TrainingSettings:
    """Numbers of one training.

    steps: user knob ``cr_engine_steps``, or else ``epochs * pairs / batch``, rounded down, 1 to MOST_STEPS.
    minutes: instead of steps. named: the number that the node's own steps give, which the last checkpoint bears in
    its name, because Inference in the graph looks for it; None: the steps made. crop: side of the crops in
    pixels, at most LARGEST_CROP and the least side of a pair. learning_rate, schedule, warm_up, precision: of this
    engine's own network (user knobs ``cr_*``); CopyCat's ``learningRate`` belongs to Nuke's network and is not used.
    deflicker: whether the Source's flicker is taken out, see :mod:`steadying`.
    """

    run: str
    folder: Path
    steps: int
    batch: int
    crop: int
    model: str
    seed: int
    checkpoint_every: int
    sheet_every: int
    learning_rate: float
    schedule: str
    warm_up: int
    precision: str
    gpu: bool
    resume: bool
    initial: Path | None
    minutes: float | None = None
    named: int | None = None
    deflicker: bool = True

    def as_json(self) -> dict[str, Any]:
        """What makes the training what it is; no paths."""
        left_out = ("folder", "checkpoint_every", "sheet_every", "gpu", "resume", "initial", "named")
        return {k: v for k, v in attrs.asdict(self).items() if k not in left_out}


def read_settings(
    evaluator: Evaluator, node: str, *, pairs: int, least_side: int, out: Path | None = None
) -> TrainingSettings:
    """pairs: number of training pairs. least_side: least side of any of them in pixels. out: folder instead
    of ``dataDirectory``. Raises UnsupportedNode (CR502) and EngineError (CR559), all findings at once."""
    call = evaluator.call(node, evaluator.root_range.first)
    problems: list[Problem] = []

    def wrong(knob: str, reason: str, hint: str = "", code: str = "CR559") -> None:
        problems.append(Problem(code, f"{node}.{knob}", reason, hint))

    auto = call.choice("batchSizeType") == "Auto"
    batch = min(AUTO_BATCH, pairs) if auto else call.integer("batchSize")
    if not 1 <= batch <= pairs:
        wrong(
            "batchSize",
            f"is {batch}; allowed are 1 to {pairs}, the number of pairs",
            "lower it, or add pairs",
        )
    epochs = call.integer("epochs")
    if epochs < 1:
        wrong("epochs", f"is {epochs}; at least 1 is needed")
    try:
        crop = int(call.choice("cropSize"))
    except ValueError:
        crop = 0
    if crop < 32:
        wrong("cropSize", f"is {call.choice('cropSize')!r}; allowed are 32, 64, 128, 256, 512")
    model = call.choice("modelSize")
    if model not in ("Small", "Medium", "Large"):
        wrong("modelSize", f"is {model!r}; allowed are Small, Medium, Large")
    mode = call.choice("trainingMode")
    if mode not in ("Train", "Resume"):
        wrong(
            "trainingMode",
            f"CopyCat: the engine trains and resumes, {mode!r} it cannot",
            "use a Train run with hold-outs",
            "CR502",
        )
    initial: Path | None = None
    weights = call.choice("initialWeights")
    if weights == "Checkpoint":
        initial = model_file(evaluator.path(node, "checkpointFile"), f"{node}.checkpointFile")
    elif weights != "None":
        wrong(
            "initialWeights",
            f"CopyCat: the weights {weights!r} come with Nuke and run in Nuke alone",
            "use None, or Checkpoint",
            "CR502",
        )
    schedule = as_text(_user(call, "cr_schedule", "cosine"))
    if schedule not in ("cosine", "constant"):
        wrong("cr_schedule", f"is {schedule!r}; allowed are cosine, constant")
    rate = as_number(_user(call, "cr_learning_rate", 0.004))
    if not 0 < rate <= 1:
        wrong("cr_learning_rate", f"is {rate:g}; allowed is more than 0, up to 1")
    own = int(as_number(_user(call, "cr_engine_steps", 0)))
    minutes = as_number(_user(call, "cr_minutes", 0))
    if own < 0:
        wrong("cr_engine_steps", f"is {own}; allowed are 1 and more, or 0 for the node's own")
    if not 0 <= minutes <= 1e6:
        wrong("cr_minutes", f"is {minutes:g}; allowed is more than 0, or 0 for none")
    run = as_text(_user(call, "cr_run", "")) or "Training"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", run):
        wrong("cr_run", f"{run!r} is no name for a run", "use letters, digits, . _ -")
    if problems:
        kind = UnsupportedNode if all(p.code == "CR502" for p in problems) else EngineError
        raise kind(problems)
    named = max(epochs * pairs // batch, 1)
    return TrainingSettings(
        run=run,
        folder=out if out is not None else evaluator.path(node, "dataDirectory"),
        steps=own or min(named, MOST_STEPS),
        batch=batch,
        crop=min(crop, LARGEST_CROP, least_side) // 2 * 2,
        model=model,
        seed=max(int(as_number(_user(call, "cr_seed", call.integer("seed")))), 0),
        checkpoint_every=max(call.integer("checkpointInterval"), 1),
        sheet_every=max(call.integer("imageInterval"), 1),
        learning_rate=rate,
        schedule=schedule,
        warm_up=max(int(as_number(_user(call, "cr_warm_up", 20))), 0),
        precision=as_text(_user(call, "cr_precision", "auto")),
        gpu=call.flag("useGPUIfAvailable"),
        resume=mode == "Resume",
        initial=initial,
        minutes=minutes or None,
        named=named,
        deflicker=as_flag(_user(call, "cr_deflicker", True)),
    )


def _user(call: Call, knob: str, default: Any) -> Any:
    value = call.user(knob)
    return default if value is None else value
