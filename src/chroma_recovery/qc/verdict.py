"""What the first line of a report says: the verdict on a shot, and the rule that decided it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from .results import Measure, ShotMeasures
from .rules import RULES

__all__ = ["LOOK", "OPEN", "PASSES", "Verdict", "number", "verdict_of"]

PASSES, LOOK, OPEN = "passes", "look", "open"
"""States: every rule holds and colour was judged; a rule is broken; no rule judged the colour."""

NAMED = 4
"""Frames that stand out and are named in the first lines; all of them are listed further down."""

SUPERSCRIPTS = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)


@attrs.frozen
class Verdict:
    """state: one of PASSES, LOOK, OPEN. headline: one sentence. rule: what decided. advice: what to do next."""

    state: str
    headline: str
    rule: str
    advice: str

    @property
    def passed(self) -> bool:
        """Whether no rule is broken."""
        return self.state != LOOK


def number(value: float, digits: int = 3) -> str:
    """A number as people print it: three significant digits, powers of ten where it is very small or large.

    >>> number(0.000000312), number(12.345), number(0), number(123456.7)
    ('3.12 \u00d7 10\u207b\u2077', '12.3', '0', '123457')
    """
    if value != value:
        return "not a number"
    if value in (float("inf"), float("-inf")):
        return "\u221e" if value > 0 else "-\u221e"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e6:
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.{digits}g}"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa} \u00d7 10{str(int(power)).translate(SUPERSCRIPTS)}"


def amount(measure: Measure) -> str:
    """Value and unit of a measure."""
    return f"{number(measure.value)} {measure.unit}".strip()


def judged_on_colour(measures: Sequence[Measure]) -> bool:
    """Whether a rule on the colour against a truth was asked."""
    return any(m.passed is not None and m.code.startswith("Q3") for m in measures)


def verdict_of(shot: str, found: ShotMeasures) -> Verdict:
    """The verdict: a shot passes when every rule that applies holds."""
    rules = [m for m in found.measures if m.passed is not None]
    broken = [m for m in rules if not m.passed]
    profile = f" of the profile \u201c{found.profile}\u201d" if found.profile else ""
    frames = sorted({o.frame for o in found.outliers})
    first = found.decided_by
    if first is not None:
        known = next((r for r in RULES if r.code == first.code), None)
        meaning = f"{known.meaning} " if known and known.meaning else ""
        others = [m for m in broken if m is not first]
        count = f", and {len(others)} more {'do' if len(others) > 1 else 'does'}" if others else ""
        also = " Broken too: " + ", ".join(_named(m) for m in others) + "." if others else ""
        where = f" ({first.detail})" if known and first.detail not in ("", known.definition) else ""
        return Verdict(
            LOOK,
            f"{shot} needs a look: \u201c{first.name}\u201d breaks its rule{count}.",
            f"{meaning}Decided by {_named(first)}: it is {amount(first)}{where}; the rule{profile} says {first.rule}. "
            f"{len(rules) - len(broken)} of {len(rules)} rules hold.{also}",
            (known.advice if known else "")
            or "Look at the frames marked below, add them as pairs, and train again.",
        )
    if not judged_on_colour(found.measures):
        return Verdict(
            OPEN,
            f"{shot}: nothing is wrong that could be measured, but nothing judged its colour.",
            f"{_all(len(rules))}{profile} holds, but no pair was held out of training, "
            "so the recovered colour could not be compared with a Reference that the model had not seen.",
            "Hold out 15-25 % of the pairs (hold_out in the preset) and run again, or judge the colour by eye.",
        )
    return Verdict(
        PASSES,
        f"{shot} passes: all {len(rules)} rules hold.",
        f"A shot passes when every rule{profile} that applies holds.{_standing_out(frames)}",
        "Look at what stands out (Pictures shows the worst of it, Frames says why), then deliver."
        if frames
        else "Look at the pictures once, then deliver.",
    )


def _standing_out(frames: Sequence[int]) -> str:
    """A sentence that names the first few of the frames, or nothing."""
    if not frames:
        return ""
    if len(frames) == 1:
        return f" Frame {frames[0]} stands out from the shot and should be looked at."
    few = ", ".join(map(str, frames[:NAMED])) + (" and more" if len(frames) > NAMED else "")
    return f" {len(frames)} frames stand out from the shot and should be looked at: {few}."


def _named(measure: Measure) -> str:
    return f"{measure.code} {measure.name}".strip()


def _all(count: int) -> str:
    return {0: "No rule applied; every rule", 1: "The one rule"}.get(count, f"Each of the {count} rules")
