"""What a training tells while it runs, and what it gives when it is done."""

from __future__ import annotations

from pathlib import Path

import attrs

from .device import Device
from .settings import TrainingSettings

__all__ = ["Progress", "TrainingResult"]


@attrs.frozen
class Progress:
    """Where a training is. loss: error of the latest steps, see :func:`base.fault` (Cb, Cr in full range).
    validation: the same on the hold-outs when last measured, or None. seconds: since the first step."""

    step: int
    steps: int
    loss: float
    validation: float | None
    seconds: float

    def __str__(self) -> str:
        """As Nuke prints it."""
        held = f" Validation:{self.validation:f}" if self.validation is not None else ""
        return f"[Step:{self.step}/{self.steps}] Loss:{self.loss:f}{held}"


@attrs.frozen
class TrainingResult:
    """A finished training. checkpoint: the model to use. loss, validation: as in :class:`Progress`, of that
    model. base: validation error of the base alone. position, strength: what the hold-outs chose. Without
    hold-outs validation and base are those of the rehearsal, whose choice counts then."""

    run: str
    steps: int
    pairs: int
    checkpoint: Path
    best: Path | None
    log: Path
    sheets: tuple[Path, ...]
    loss: float
    validation: float | None
    base: float | None
    position: bool
    strength: float
    seconds: float
    device: Device
    settings: TrainingSettings

    @property
    def chosen(self) -> str:
        """What hold-outs or the rehearsal chose, in words."""
        if self.strength == 0:
            return "the base alone; the network would not help on pairs left out"
        return f"base and {self.strength:.0%} of the network's residual"
