"""Measures a run: pairs, hold-outs, luma before delivery, then every delivered frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..build import Scripts
from ..engine.evaluate import Evaluator
from ..qc.improvement import improvement_measure
from ..qc.measures import luma_identity
from ..qc.profile import Profile
from ..qc.results import Measure, ShotMeasures
from ..qc.rules import rule
from ..qc.shot import measure_shot
from ..qc.taps import BASELINE, HoldOutTaps, shot_views, ycbcr_luma
from .outcome import RECOVERED
from .pair_judge import PairJudge
from .sampling import some_of

__all__ = ["Judge"]


class Judge:
    """Judges one recovery through its evaluator. taps: the clones that see the hold-outs. profile: limits of the rules,
    the shipped ones if None."""

    def __init__(
        self,
        scripts: Scripts,
        project: Path,
        evaluator: Evaluator,
        taps: HoldOutTaps,
        profile: Profile | None = None,
    ) -> None:
        self.scripts, self.project, self.evaluator, self.taps = scripts, project, evaluator, taps
        self.preset, self.plan = scripts.loaded.preset, scripts.recovery.plan
        self.names, self.domain = scripts.recovery.names, scripts.loaded.preset.colour.domain
        self.profile = profile or Profile()
        self.pairs = PairJudge(scripts, evaluator, self.profile)

    def shot(
        self,
        frames: Sequence[int],
        tell: Callable[[int], None] | None = None,
        see: Callable[[int], None] | None = None,
    ) -> ShotMeasures:
        """Everything that can be measured of rendered frames; they have to be there. tell: frames done. see: told each
        frame while its pictures are in memory."""
        views = shot_views(self.evaluator, self.domain, self.names, frames, see=see)
        return measure_shot(views, profile=self.profile, before=self.before(frames), tell=tell)

    def before(self, frames: Sequence[int]) -> list[Measure]:
        """What is measured before delivery: Ground Truth, pairs, Inference's own output, hold-outs."""
        return [
            *self.pairs.measures(),
            self._luma_of_frames(frames),
            *self._hold_outs(),
        ]

    # -- parts

    def _luma_of_frames(self, frames: Sequence[int]) -> Measure:
        recovered = self.names.inference
        fed = self.evaluator.graph[recovered].inputs[0] or ""
        worst = max(
            luma_identity(
                *(ycbcr_luma(self.evaluator, self.domain, node, frame) for node in (fed, recovered))
            ).max
            for frame in some_of(frames)
        )
        return self.profile.measure("Q103", worst)

    def _hold_outs(self) -> list[Measure]:
        held = [p.number for p in self.plan.hold_outs]
        for number in held:
            self.pairs.hold(number, held_out=True)
        errors = self.taps.errors(self.evaluator, self.domain, held)
        means = {n: float(np.mean([e.mean for e in each])) for n, each in errors.items()}
        known = rule("Q301")
        found = [
            Measure(f"Colour error, {n}", v, known.unit, detail=known.definition, code="Q301")
            for n, v in means.items()
            if n != "Recovered"
        ]
        if "Recovered" in means:
            own = errors["Recovered"]
            rivals = [v for n, v in means.items() if n != "Recovered"]
            passed = means["Recovered"] < min(rivals) if rivals else None
            words = "below every other" if rivals else ""
            first = Measure(
                RECOVERED, means["Recovered"], known.unit, words, passed, known.definition, "Q301"
            )
            found.insert(0, first)
            if BASELINE in errors:
                rival = [e.mean for e in errors[BASELINE]]
                found.insert(
                    1, improvement_measure([e.mean for e in own], rival, limit=self.profile.limit("Q390"))
                )
            found.append(self.profile.measure("Q302", float(np.mean([e.p95 for e in own]))))
            found.append(self.profile.measure("Q303", float(np.mean([e.psnr for e in own]))))
        return found
