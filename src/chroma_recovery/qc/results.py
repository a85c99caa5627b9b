"""What measuring a shot gives: plain values that the report, ``report.json`` and ``frames.csv`` are made from.

Codes are stable: ``Q1xx`` luma and range, ``Q2xx`` geometry (boxes, crops, seams), ``Q3xx`` colour against a truth,
``Q4xx`` colour over time, ``Q5xx`` colour within a frame. A rule and an outlier carry the code of their measure.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

__all__ = ["Column", "FrameRow", "Measure", "Outlier", "ShotMeasures"]


@attrs.frozen
class Measure:
    """One number of the whole shot. name: what was measured. value and unit: as printed. rule: the limit it is held
    to, empty where there is none. passed: None where there is no rule. detail: how it was measured. code: stable."""

    name: str
    value: float
    unit: str
    rule: str = ""
    passed: bool | None = None
    detail: str = ""
    code: str = ""


@attrs.frozen
class Column:
    """One quantity measured on every frame. name: as in ``frames.csv`` (QCTools' tag where the quantity is the same).
    limits: (low, high) drawn in the timeline, None where open."""

    name: str
    unit: str
    definition: str
    code: str = ""
    limits: tuple[float | None, float | None] = (None, None)


@attrs.frozen
class FrameRow:
    """One frame. values: column name -> value; a missing name was not measured on this frame."""

    frame: int
    values: Mapping[str, float]


@attrs.frozen
class Outlier:
    """A frame out of its shot's own distribution. value, limit: in the column's unit. reason: one sentence for
    people, saying what is wrong and what to do."""

    frame: int
    code: str
    column: str
    value: float
    limit: float
    reason: str


@attrs.frozen
class ShotMeasures:
    """Everything measured of one shot."""

    measures: tuple[Measure, ...]
    columns: tuple[Column, ...] = ()
    frames: tuple[FrameRow, ...] = ()
    outliers: tuple[Outlier, ...] = ()
    profile: str = ""

    @property
    def broken(self) -> tuple[Measure, ...]:
        """Measures whose rule does not hold."""
        return tuple(m for m in self.measures if m.passed is False)

    @property
    def passed(self) -> bool:
        """Whether every rule holds."""
        return not self.broken

    @property
    def decided_by(self) -> Measure | None:
        """The rule that decided the verdict: the first broken one by code; None where every rule holds."""
        return min(self.broken, key=lambda m: m.code or "Q999", default=None)
