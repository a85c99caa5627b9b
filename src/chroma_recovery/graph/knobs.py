"""What a knob may hold.

=================  =====================================================================================
Python value       meaning, and how Nuke writes it
=================  =====================================================================================
bool, int, float   a number (``true``, ``3``, ``0.5``)
str                literal text, whatever it contains: data, never evaluated, not even by Nuke's second
                   evaluation of file and label knobs
tuple              components of a vector knob: numbers, Curves or Expressions (``{0 0 1920 1080}``)
Curve              animation of the whole knob or of one component (``{{curve x1 0 x5 1}}``)
Expression         a Nuke expression (``{{parent.mix}}``)
EvaluatedText      text that Nuke evaluates as Tcl (``[python {nuke.script_directory()}]``)
Verbatim           a Tcl word kept exactly as it was read, for knobs whose inside we do not model
=================  =====================================================================================

No preset can make an Expression, EvaluatedText or Verbatim: the preset layer yields bool, int, float, str and tuples
of numbers only, and stage builders make the others from constants of their own. The one list that carries texts of a
preset, ModifyMetaData's, is made by ``nk.metadata``, which leaves nothing in them that could be evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import attrs

__all__ = ["Component", "Curve", "EvaluatedText", "Expression", "Key", "KnobValue", "Verbatim", "at_frame"]

INTERPOLATIONS = {"constant": "K", "linear": "L", "smooth": "S", "catmull-rom": "R", "cubic": "C"}


@attrs.frozen
class Key:
    """One key of a curve. frame: Nuke frame, may be fractional. Slopes and accelerations as in Nuke's curve format."""

    frame: float
    value: float
    interpolation: str = attrs.field(default="smooth", validator=attrs.validators.in_(INTERPOLATIONS))
    left_slope: float | None = None
    right_slope: float | None = None
    left_acceleration: float | None = None
    right_acceleration: float | None = None


def _keys(keys: Iterable[Key]) -> tuple[Key, ...]:
    return tuple(keys)


@attrs.frozen
class Curve:
    """Animation of one number over frames; keys in rising frame order, at least one."""

    keys: tuple[Key, ...] = attrs.field(converter=_keys)
    extrapolation: str = attrs.field(
        default="constant", validator=attrs.validators.in_(("constant", "linear"))
    )

    @keys.validator
    def _rising(self, _: object, keys: tuple[Key, ...]) -> None:
        if not keys:
            raise ValueError("a curve needs at least one key")
        if any(b.frame <= a.frame for a, b in pairwise(keys)):
            raise ValueError("curve keys must rise in frame")

    @classmethod
    def stepped(cls, values: dict[int, float]) -> Curve:
        """Constant interpolation: each value holds until the next key."""
        return cls(tuple(Key(f, v, "constant") for f, v in sorted(values.items())))

    @classmethod
    def linear(cls, values: dict[int, float]) -> Curve:
        return cls(tuple(Key(f, v, "linear") for f, v in sorted(values.items())))

    def at(self, frame: float) -> float:
        """The value at a frame. Constant and linear are exact; between smooth keys without slopes Nuke's
        default horizontal-ish easing is approximated by a cubic Hermite with Catmull-Rom slopes."""
        keys = self.keys
        if frame <= keys[0].frame:
            return keys[0].value
        if frame >= keys[-1].frame:
            return keys[-1].value
        n = next(i for i in range(len(keys) - 1) if keys[i].frame <= frame < keys[i + 1].frame)
        a, b = keys[n], keys[n + 1]
        t = (frame - a.frame) / (b.frame - a.frame)
        if t == 0 or a.interpolation == "constant":
            return a.value
        if a.interpolation == "linear":
            return a.value + (b.value - a.value) * t
        span = b.frame - a.frame
        out = a.right_slope if a.right_slope is not None else self._slope(n)
        into = b.left_slope if b.left_slope is not None else self._slope(n + 1)
        t2, t3 = t * t, t * t * t
        hermite = (2 * t3 - 3 * t2 + 1) * a.value + (t3 - 2 * t2 + t) * span * out
        return hermite + (-2 * t3 + 3 * t2) * b.value + (t3 - t2) * span * into

    def _slope(self, n: int) -> float:
        if n == 0 or n == len(self.keys) - 1:
            return 0.0
        a, b = self.keys[n - 1], self.keys[n + 1]
        return (b.value - a.value) / (b.frame - a.frame)


@attrs.frozen
class Expression:
    """A Nuke expression on a knob or component. Only our own code and the .nk reader make these."""

    text: str


@attrs.frozen
class EvaluatedText:
    """Text of a string knob that Nuke evaluates as Tcl. Only our own code and the .nk reader make these."""

    text: str


@attrs.frozen
class Verbatim:
    """A knob's Tcl word exactly as read (after Tcl's own unquoting); of preset data only by ``nk.metadata``."""

    word: str


Component = bool | int | float | str | Curve | Expression
KnobValue = bool | int | float | str | Curve | Expression | EvaluatedText | Verbatim | tuple[Component, ...]


def at_frame(value: KnobValue, frame: float) -> KnobValue:
    """The value with every curve replaced by its number at ``frame``; expressions stay as they are."""
    if isinstance(value, Curve):
        return value.at(frame)
    if isinstance(value, tuple):
        return tuple(v.at(frame) if isinstance(v, Curve) else v for v in value)
    return value
