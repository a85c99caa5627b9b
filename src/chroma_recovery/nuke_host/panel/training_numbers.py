"""What the training values come to: image pairs, epochs, steps, files, and how long it will take. Pure.

A time is only ever given from a measured speed: of a running training, of its log, or of its checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ...errors import ChromaRecoveryError
from ...preset.model import Preset
from ...stages.plan import ProjectPaths, make_plan
from ..checkpoints import Checkpoint

__all__ = ["TrainingNumbers", "duration", "numbers", "speed_of"]


@attrs.frozen
class TrainingNumbers:
    """pairs: training pairs; copies: times each is seen; frames: image pairs that the node sees.

    epochs: what goes into the node. steps: total steps that these epochs come to. seconds: expected duration, None
    while no speed was measured.
    """

    pairs: int
    copies: int
    frames: int
    epochs: int
    steps: int
    checkpoints: int
    contact_sheets: int
    seconds: float | None = None
    seconds_per_step: float | None = None

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Label and value, for a form."""
        seen = f"{self.frames}" + (f" ({self.pairs} pairs × {self.copies} copies)" if self.copies > 1 else "")
        files = f"{_spaced(self.checkpoints)} checkpoints, {_spaced(self.contact_sheets)} contact sheets"
        time = "unknown until a step was measured"
        if self.seconds is not None and self.seconds_per_step is not None:
            time = f"about {duration(self.seconds)}, at {self.seconds_per_step:.3g} s per step"
        return (
            ("Image pairs", seen),
            ("Epochs", _spaced(self.epochs)),
            ("Total steps", _spaced(self.steps)),
            ("Files", files),
            ("Time", time),
        )


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def numbers(preset: Preset, seconds_per_step: float | None = None) -> TrainingNumbers | None:
    """The numbers of a preset; None while no pair trains or its values make no plan."""
    training = preset.training
    if not preset.training_pairs or training.batch < 1:
        return None
    try:
        plan = make_plan(preset, ProjectPaths("", ""))
    except ChromaRecoveryError:
        return None
    steps = plan.total_steps
    return TrainingNumbers(
        len(plan.training),
        1 + len(plan.variants),
        plan.frames_seen,
        plan.epochs,
        steps,
        -(-steps // max(training.checkpoint_every, 1)),
        -(-steps // max(training.contact_sheet_every, 1)),
        None if seconds_per_step is None else steps * seconds_per_step,
        seconds_per_step,
    )


def speed_of(found: Sequence[Checkpoint]) -> float | None:
    """Seconds per step between the first and last checkpoint of the newest run; None without two of them.

    found: as ``checkpoints`` gives them, oldest first. Files copied together have no usable times: None.
    """
    if not found:
        return None
    run = [c for c in found if c.run == found[-1].run]
    first, last = run[0], run[-1]
    if last.step <= first.step or last.modified - first.modified < 1:
        return None
    return (last.modified - first.modified) / (last.step - first.step)


def duration(seconds: float) -> str:
    """``3 h 20 min``: two units, rounded.

    >>> duration(12000)
    '3 h 20 min'
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min" + (f" {left} s" if left and minutes < 10 else "")
    hours, minutes = divmod(round(whole / 60), 60)
    if hours < 48:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    days, hours = divmod(round(whole / 3600), 24)
    return f"{days} d" + (f" {hours} h" if hours else "")
