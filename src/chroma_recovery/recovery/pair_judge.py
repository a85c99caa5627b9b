"""Measures the training pairs of a run: each pair's chain of nodes is evaluated once, whatever is asked of it."""

from __future__ import annotations

import numpy as np

from ..build import Scripts
from ..engine.evaluate import Evaluator
from ..engine.image import Pixels
from ..qc.measures import luma_identity
from ..qc.pair_checks import PairCheck, PairChecks
from ..qc.pair_places import PairPlaces, PlacesOf, marked
from ..qc.pictures import jpeg
from ..qc.profile import Profile
from ..qc.report import Contact
from ..qc.results import Measure
from ..qc.rules import rule
from ..qc.taps import display_rgb, ycbcr_luma
from ..qc.views import SMALL, reduced
from ..stages.plan import NumberedPair

__all__ = ["HELD", "PairJudge"]

HELD = 1 << 28
"""Bytes of aligned References that are kept through a run, so that training, measures and report do not move the same
pixels again."""


NAMED, SHOWN, WIDTH = 6, 6, 560
"""Suspect pairs that are named and shown, and the pixels across of a picture."""


class PairJudge:
    """The pairs of one recovery, seen through its evaluator."""

    def __init__(self, scripts: Scripts, evaluator: Evaluator, profile: Profile) -> None:
        self.evaluator, self.profile = evaluator, profile
        self.plan, self.names = scripts.recovery.plan, scripts.recovery.names
        self.domain = scripts.loaded.preset.colour.domain
        self._held = 0
        self.suspects: list[tuple[NumberedPair, PlacesOf]] = []

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
        """Q101, Q102, Q201, Q223 and, from three pairs on, Q221 and Q222."""
        checks, places = PairChecks(), PairPlaces()
        truth = clamped = 0.0
        odd = []
        for pair in self.plan.training:
            n = pair.number
            both = self._compared(pair)
            checks.add(n, *both)
            places.add(n, *both)
            self.hold(n)
            truth = max(truth, self._luma_of_truth(n))
            clamped = max(clamped, self._luma_after_clamp(n))
            given, wanted = (self.evaluator.image(node, n) for node in self._ends)
            if given.box != wanted.box or given.format != wanted.format:
                odd.append(n)
        for pair in self.plan.hold_outs:
            places.add(pair.number, *self._compared(pair))
            self.hold(pair.number, held_out=True)
        said = "pairs " + ", ".join(map(str, odd)) if odd else ""
        return [
            self.profile.measure("Q101", truth),
            self.profile.measure("Q102", clamped),
            self.profile.measure("Q201", float(len(odd)), said),
            *self._agreement(checks.found()),
            self._moments(places.found()),
        ]

    def contact(self) -> Contact | None:
        """The worst suspects for the eye: Source, aligned Reference, and the Source where they disagree; None without
        one."""
        cells = []
        for pair, places in self.suspects[:SHOWN]:
            source, reference = self.both(pair)
            apart = marked(source, places.tiles, places.worst - places.beyond + self._allowed)
            held = ", hold-out" if pair.hold_out else ""
            name = (
                f"pair {pair.number}, Source {pair.pair.source}, Reference {pair.pair.reference_frame}{held}"
            )
            shown = (jpeg(np.asarray(p), width=WIDTH, quality=86) for p in (source, reference, apart))
            cells.append((name, tuple(shown)))
        if not cells:
            return None
        labels = ("Source", "aligned Reference", "where they differ")
        return Contact("Pairs whose two sides show different things (Q223)", labels, tuple(cells), large=True)

    def both(self, pair: NumberedPair) -> tuple[Pixels, Pixels]:
        """Source and aligned Reference of a pair inside the shared crop, display R'G'B'."""
        names, number = self.names, pair.number
        if pair.hold_out:
            fed, source, reference = names.validation_input, names.source_hold_outs, self.held_out_dissolve
        else:
            fed, source, reference = names.training_input, names.source_dataset, names.dissolve
        assert fed and source and reference  # noqa: S101 - there where the plan has hold-outs
        box = self.evaluator.image(fed, number).box
        pictures = []
        for node in (source, reference):
            whole = display_rgb(self.evaluator, self.domain, node, number, self.names)
            height = whole.shape[0]
            inside = whole[height - box.t : height - box.y, box.x : box.r]
            pictures.append(inside if inside.size else whole)
        return pictures[0], pictures[1]

    def _compared(self, pair: NumberedPair) -> tuple[Pixels, Pixels]:
        """The same, reduced once for all that compare them."""
        source, reference = (reduced(p, SMALL) for p in self.both(pair))
        return source, reference

    @property
    def _ends(self) -> tuple[str, str]:
        return self.names.training_input, self.names.training_ground_truth

    @property
    def _allowed(self) -> float:
        limit = self.profile.limit("Q223")
        return rule("Q223").limit or 0.0 if limit is None else limit

    def _moments(self, found: list[PlacesOf]) -> Measure:
        """Q223. A suspect pair is named with its frames, the worst first."""
        by_set = [*self.plan.training, *self.plan.hold_outs]
        rows = sorted(zip(by_set, found, strict=True), key=lambda row: -row[1].beyond)
        self.suspects = [row for row in rows if row[1].beyond > self._allowed]
        named = self.suspects or rows[:1]
        said = "; ".join(
            f"{'hold-out ' if p.hold_out else ''}pair {p.number}, Source {p.pair.source}, Reference "
            f"{p.pair.reference_frame}: {q.worst:.0%} of the contrast unexplained, {q.worst - q.beyond:.0%} is usual"
            for p, q in named[:NAMED]
        )
        more = f"; and {len(named) - NAMED} more" if len(named) > NAMED else ""
        return self.profile.measure("Q223", rows[0][1].beyond if rows else 0.0, said + more)

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
