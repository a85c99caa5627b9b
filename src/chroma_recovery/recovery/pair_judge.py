"""Measures the training pairs of a run: each pair's chain of nodes is evaluated once, whatever is asked of it."""

from __future__ import annotations

from typing import Any

from ..build import Scripts
from ..engine.evaluate import Evaluator
from ..qc.measures import luma_identity
from ..qc.pair_checks import PairCheck, PairChecks
from ..qc.profile import Profile
from ..qc.results import Measure
from ..qc.taps import display_rgb, ycbcr_luma

__all__ = ["HELD", "PairJudge"]

HELD = 1 << 28
"""Bytes of aligned References that are kept through a run, so that training, measures and report do not move the same
pixels again."""


class PairJudge:
    """The pairs of one recovery, seen through its evaluator."""

    def __init__(self, scripts: Scripts, evaluator: Evaluator, profile: Profile) -> None:
        self.evaluator, self.profile = evaluator, profile
        self.plan, self.names = scripts.recovery.plan, scripts.recovery.names
        self.domain = scripts.loaded.preset.colour.domain
        self._held = 0

        clones = (n.name for n in evaluator.graph if n.clone_of == self.names.dissolve)
        self.held_out_dissolve = next(clones, None)

    def hold(self, number: int, *, held_out: bool = False) -> None:
        """Keep the aligned Reference of a pair that was just evaluated, as long as there is room (:data:`HELD`)."""
        node = self.held_out_dissolve if held_out else self.names.dissolve
        if node is None:
            return
        image = self.evaluator.image(node, number)
        if self._held + image.nbytes <= HELD:
            self._held += image.nbytes * len(self.evaluator.kept.pin({(node, number): image}))

    def measures(self) -> list[Measure]:
        """Q101, Q102, Q201 and, from three pairs on, Q221 and Q222."""
        checks = PairChecks()
        truth = clamped = 0.0
        odd = []
        for pair in self.plan.training:
            n = pair.number
            checks.add(n, *self.both(n))
            self.hold(n)
            truth = max(truth, self._luma_of_truth(n))
            clamped = max(clamped, self._luma_after_clamp(n))
            given, wanted = (self.evaluator.image(node, n) for node in self._ends)
            if given.box != wanted.box or given.format != wanted.format:
                odd.append(n)
        said = "pairs " + ", ".join(map(str, odd)) if odd else ""
        return [
            self.profile.measure("Q101", truth),
            self.profile.measure("Q102", clamped),
            self.profile.measure("Q201", float(len(odd)), said),
            *self._agreement(checks.found()),
        ]

    def both(self, number: int) -> tuple[Any, Any]:
        """Source and aligned Reference of a pair inside the shared crop, display R'G'B'."""
        box = self.evaluator.image(self.names.training_input, number).box
        pictures = []
        for node in (self.names.source_dataset, self.names.dissolve):
            whole = display_rgb(self.evaluator, self.domain, node, number, self.names)
            height = whole.shape[0]
            inside = whole[height - box.t : height - box.y, box.x : box.r]
            pictures.append(inside if inside.size else whole)
        return pictures[0], pictures[1]

    @property
    def _ends(self) -> tuple[str, str]:
        return self.names.training_input, self.names.training_ground_truth

    def _luma_of_truth(self, number: int) -> float:
        both = (self.names.source_ycbcr, self.names.ground_truth_ycbcr)
        return luma_identity(*(self.evaluator.image(node, number).channel("red") for node in both)).max

    def _luma_after_clamp(self, number: int) -> float:
        return luma_identity(
            *(ycbcr_luma(self.evaluator, self.domain, node, number) for node in self._ends)
        ).mean

    def _agreement(self, checks: list[PairCheck]) -> list[Measure]:
        if len(checks) < 3:
            return []
        source = {p.number: p.pair.source for p in self.plan.training}
        least = min(checks, key=lambda c: c.structure_share)
        most = max(checks, key=lambda c: c.error_ratio)
        structure = f"pair {least.number} (Source {source[least.number]}): correlation {least.structure:.2f}"
        colour = f"pair {most.number} (Source {source[most.number]}): {most.error:.1f} dE from the others"
        return [
            self.profile.measure("Q221", least.structure_share, structure),
            self.profile.measure("Q222", most.error_ratio, colour),
        ]
