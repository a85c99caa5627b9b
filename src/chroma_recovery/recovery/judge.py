"""Measures a run: the numbers that need no truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..build import Scripts
from ..engine.evaluate import Evaluator
from ..qc.improvement import improvement_measure
from ..qc.measures import luma_identity
from ..qc.results import Measure
from ..qc.taps import BASELINE, HoldOutTaps, ycbcr_luma
from .outcome import RECOVERED
from .sampling import some_of

__all__ = ["LUMA_TOLERANCE", "Judge"]

LUMA_TOLERANCE = 1e-5
"""Largest |dY| in the YCbCr domain that counts as the same luma."""


class Judge:
    """Judges one recovery through its evaluator. taps: the clones that see the hold-outs."""

    def __init__(self, scripts: Scripts, project: Path, evaluator: Evaluator, taps: HoldOutTaps) -> None:
        self.scripts, self.project, self.evaluator, self.taps = scripts, project, evaluator, taps
        self.preset, self.plan = scripts.loaded.preset, scripts.recovery.plan
        self.names, self.domain = scripts.recovery.names, scripts.loaded.preset.colour.domain

    # -- measures

    def measure(self, frames: Sequence[int]) -> list[Measure]:
        """Luma of Ground Truth and recovered frames, and the hold-outs against their Reference."""
        return [
            self._luma_of_truth(),
            self._luma_after_clamp(),
            self._luma_of_frames(frames),
            *self._hold_outs(),
        ]

    def _luma_of_truth(self) -> Measure:
        worst = max(
            luma_identity(
                self.evaluator.image(self.names.source_ycbcr, pair.number).channel("red"),
                self.evaluator.image(self.names.ground_truth_ycbcr, pair.number).channel("red"),
            ).max
            for pair in self.plan.training
        )
        return _luma(
            "Luma of the Ground Truth", worst, "Y of Ground Truth against Y of Source, all training pairs"
        )

    def _luma_after_clamp(self) -> Measure:
        worst = max(
            luma_identity(
                *(ycbcr_luma(self.evaluator, self.domain, node, pair.number) for node in self._ends())
            ).mean
            for pair in self.plan.training
        )
        how = "the same where they enter training, after the clamp to 0-1; only colours outside 0-1 move"
        return Measure("Luma of the clamped Ground Truth", worst, "mean |dY|", detail=how)

    def _ends(self) -> tuple[str, str]:
        return self.names.training_input, self.names.training_ground_truth

    def _luma_of_frames(self, frames: Sequence[int]) -> Measure:
        recovered = self.names.inference
        fed = self.evaluator.graph[recovered].inputs[0] or ""
        worst = max(
            luma_identity(
                *(ycbcr_luma(self.evaluator, self.domain, node, frame) for node in (fed, recovered))
            ).max
            for frame in some_of(frames)
        )
        how = "Y of Inference's output against Y of its input, first, middle and last frame, before delivery"
        return _luma("Luma of the recovered frames", worst, how)

    def _hold_outs(self) -> list[Measure]:
        held = [p.number for p in self.plan.hold_outs]
        by_frame = self.taps.errors(self.evaluator, self.domain, held)
        errors = {name: sum(values) / len(values) for name, values in by_frame.items()}
        how = "mean CIEDE2000 of the hold-out pairs against Source luma + Reference chroma"
        found = [
            Measure(f"Colour error, {n}", v, "dE2000", detail=how)
            for n, v in errors.items()
            if n != "Recovered"
        ]
        if "Recovered" in errors:
            rivals = [v for k, v in errors.items() if k != "Recovered"]
            passed = errors["Recovered"] < min(rivals) if rivals else None
            rule = "below every other" if rivals else ""
            found.insert(0, Measure(RECOVERED, errors["Recovered"], "dE2000", rule, passed, how))
            if BASELINE in by_frame:
                found.insert(1, improvement_measure(by_frame["Recovered"], by_frame[BASELINE]))
        return found


def _luma(name: str, worst: float, how: str) -> Measure:
    return Measure(name, worst, "max |dY|", f"at most {LUMA_TOLERANCE:g}", worst <= LUMA_TOLERANCE, how)
