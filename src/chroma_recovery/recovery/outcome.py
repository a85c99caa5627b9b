"""What a run made."""

from __future__ import annotations

from pathlib import Path

import attrs

from ..engine.learning import TrainingResult
from ..engine.render import RenderReport
from ..qc.report import Contact
from ..qc.results import Measure, ShotMeasures

__all__ = ["RECOVERED", "Outcome"]

RECOVERED = "Colour error, Recovered"


@attrs.define
class Outcome:
    """What a run made. seconds: wall time by stage. sheets: contact sheets by what they show. handed:
    files for other tools by what they are. notes: what was left out, and why. suspects: pictures of pairs whose two
    sides show different things, None without one."""

    training: TrainingResult | None = None
    renders: dict[str, RenderReport] = attrs.field(factory=dict)
    shot: ShotMeasures = ShotMeasures(())
    seconds: dict[str, float] = attrs.field(factory=dict)
    sheets: dict[str, Path] = attrs.field(factory=dict)
    handed: dict[str, Path] = attrs.field(factory=dict)
    notes: list[str] = attrs.field(factory=list)
    suspects: Contact | None = None
    report: Path | None = None

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The numbers of the whole shot."""
        return self.shot.measures
