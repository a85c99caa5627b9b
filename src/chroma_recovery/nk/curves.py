"""Animation curves as Nuke spells them: ``curve K x1 0 x5 1``.

Grammar (Foundry's developer guide, curve format)::

    curve [i] { [K|L|S|R|C] [k|l] [xFRAME] VALUE [sLEFT] [tRIGHT] [uLEFT] [vRIGHT] }

An interpolation letter holds until the next one. Where x is left out the first key is on 0, the second one
frame later, and every further one continues the interval before it. We always write x.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ..graph.knobs import INTERPOLATIONS, Curve, Key
from .tcl import TclError

__all__ = ["NUMBER", "read_curve", "read_number", "spell_curve", "spell_number"]

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
LETTERS = {letter: name for name, letter in INTERPOLATIONS.items()}
PARTS = {"s": "left_slope", "t": "right_slope", "u": "left_acceleration", "v": "right_acceleration"}


def spell_number(value: float) -> str:
    """The shortest spelling that reads back as the same number. Raises TclError (CR305) unless finite."""
    if isinstance(value, int):
        return str(int(value))
    if not math.isfinite(value):
        raise TclError("CR305", f"{value!r} is no number a knob can hold")
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def read_number(text: str) -> int | float | None:
    """int for whole numbers, float otherwise, None for anything else (also for what overflows)."""
    if not NUMBER.match(text) or len(text) > 400:
        return None
    if text.lstrip("+-").isdigit():
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else None


def spell_curve(curve: Curve) -> str:
    words = ["curve"]
    if curve.extrapolation == "linear":
        words.append("l")
    now = "smooth"
    for key in curve.keys:
        if key.interpolation != now:
            now = key.interpolation
            words.append(INTERPOLATIONS[now])
        words += ["x" + spell_number(key.frame), spell_number(key.value)]
        for letter, attribute in PARTS.items():
            part = getattr(key, attribute)
            if part is not None:
                words.append(letter + spell_number(part))
    return " ".join(words)


def read_curve(words: Sequence[str]) -> Curve | None:
    """The words after ``curve``; None if they say something we do not model."""
    keys: list[dict[str, float]] = []
    letters: list[str] = []
    extrapolation: set[str] = set()
    now, frame = "S", None
    for word in words:
        if word in LETTERS:
            now = word
        elif word in ("k", "l"):
            extrapolation.add(word)
        elif word in ("i", "I"):
            continue
        else:
            letter, rest = ("", word) if word[:1] not in "xstuv" else (word[:1], word[1:])
            number = read_number(rest)
            if number is None or (letter in PARTS and not keys):
                return None
            if letter == "x":
                frame = number
            elif letter:
                keys[-1][PARTS[letter]] = number
            else:
                keys.append({"frame": _next(keys) if frame is None else frame, "value": number})
                letters.append(LETTERS[now])
                frame = None
    if len(extrapolation) > 1 or frame is not None:
        return None
    try:
        made = tuple(Key(interpolation=i, **k) for i, k in zip(letters, keys, strict=True))
        return Curve(made, "linear" if extrapolation == {"l"} else "constant")
    except ValueError:
        return None


def _next(keys: Sequence[dict[str, float]]) -> float:
    if not keys:
        return 0
    last = keys[-1]["frame"]
    return last + (last - keys[-2]["frame"] if len(keys) > 1 else 1)
