"""Every quantity that quality control knows: stable code, unit, definition, source, and the rule it may be held to.

A code never changes its meaning. ``Q1xx`` luma and range, ``Q2xx`` geometry and pairs, ``Q3xx`` colour against a
truth, ``Q4xx`` colour over time, ``Q5xx`` colour within a frame. The limits here are the shipped profile's; a profile
in YAML changes them, see :mod:`chroma_recovery.qc.profile`.
"""

from __future__ import annotations

import attrs

__all__ = ["RULES", "Rule", "rule"]


@attrs.frozen
class Rule:
    """One measure of a shot.

    code: stable. name: as reports print it. unit: of value and limit. limit: the largest value that passes (the
    smallest where ``least`` is true), None where the number is only reported. definition: how it is measured. source:
    where the definition is from. meaning: what a value beyond the limit says, one sentence. advice: what to do then.
    """

    code: str
    name: str
    unit: str
    limit: float | None
    definition: str
    source: str
    meaning: str = ""
    advice: str = ""
    least: bool = False

    def holds(self, value: float, limit: float | None) -> bool | None:
        """Whether a value keeps a limit; None without one."""
        if limit is None:
            return None
        return value >= limit if self.least else value <= limit

    def words(self, limit: float | None) -> str:
        """The rule as printed: ``at most 0.5``; empty without a limit."""
        return "" if limit is None else f"{'at least' if self.least else 'at most'} {limit:g}"


_LUMA = "Guide, stage 3, Monitoring & QC: both to YCbCr, difference of Y near zero"
_RANGE = "Guide, stage 3, Monitoring & QC: no value below 0 or above 1"

RULES = (
    Rule(
        "Q101", "Luma of the Ground Truth", "max |dY|", 0.00001,
        "Y of the Ground Truth against Y of the Source in the graph's YCbCr domain, all training pairs.",
        _LUMA,
        "The Ground Truth does not carry the Source's luma, so training would learn another luma.",
        "Check that stage 3 takes Y from the Source and Cb, Cr from the Reference.",
    ),
    Rule(
        "Q102", "Luma of the clamped Ground Truth", "mean |dY|", None,
        "The same where pictures enter training, after the clamp to 0-1; only colours outside 0-1 move.",
        _LUMA,
    ),
    Rule(
        "Q103", "Luma before delivery", "max |dY|", 0.00001,
        "Y of Inference's output against Y of its input; first, middle and last frame.",
        _LUMA,
        "The model changes luma.",
        "Use a model that keeps Y, or deliver the final plate (Source Y with Recovered Cb, Cr).",
    ),
    Rule(
        "Q104", "Luma of the recovered frames", "p99.9 |dY|", 0.02,
        "Largest over the frames of the 99.9th percentile over pixels of |dY| between Recovered and Source as "
        "delivered, in the YCbCr domain.",
        _LUMA,
        "Luma of delivered frames is not the Source's: the picture was moved, scaled, graded or hard compressed.",
        "Check crop, reformat and colour space of the Write; prefer ZIP over DWAA.",
    ),
    Rule(
        "Q105", "Largest luma difference", "max |dY|", None,
        "Largest |dY| of any pixel of any delivered frame.",
        _LUMA,
    ),
    Rule(
        "Q111", "Values below 0", "share", 0.01,
        "Largest share over the frames of pixels with a channel below -0.002 in the YCbCr domain's R'G'B', beyond the "
        "Source's own share.",
        _RANGE,
        "Recovered frames hold colours outside the training range.",
        "Check range clamping before training; a display shows such colours clipped.",
    ),
    Rule(
        "Q112", "Values above 1", "share", 0.01,
        "The same with a channel above 1.002.",
        _RANGE,
        "Recovered frames hold values above white.",
        "Check range clamping before training; a display shows such values clipped.",
    ),
)  # fmt: skip
"""In the order in which they decide the verdict."""

_BY_CODE = {r.code: r for r in RULES}


def rule(code: str) -> Rule:
    """The rule with a code. Raises KeyError for an unknown one."""
    return _BY_CODE[code]
