"""Knob values as Python values: every spelling that a graph may hold, read without evaluating anything."""

from __future__ import annotations

from typing import Any

from ..graph import EvaluatedText, Expression, KnobValue, Verbatim

__all__ = ["alike", "as_flag", "as_number", "as_numbers", "as_text", "expression_in", "first_item"]


def expression_in(value: KnobValue | None) -> str | None:
    """The text of an expression anywhere in a value, else None."""
    if isinstance(value, (Expression, EvaluatedText)):
        return value.text
    if isinstance(value, tuple):
        return next((v.text for v in value if isinstance(v, Expression)), None)
    if isinstance(value, Verbatim) and ("[" in value.word or "curve" in value.word):
        return value.word
    return None


def first_item(text: str) -> str:
    """The part of an enumeration item before its first TAB: what Nuke stores."""
    return text.split("\t", 1)[0]


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Verbatim):
        return value.word
    if isinstance(value, tuple):
        return " ".join(as_text(v) for v in value)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def as_number(value: Any) -> float:
    """Raises ValueError if the value is no number."""
    if isinstance(value, tuple) and value:
        return as_number(value[0])
    if isinstance(value, (bool, int, float)):
        return float(value)
    words = as_text(value).replace("{", " ").replace("}", " ").split()
    if not words:
        raise ValueError("is empty")
    if words[0] in ("true", "false"):
        return float(words[0] == "true")
    return float(words[0])


def as_numbers(value: Any, size: int) -> tuple[float, ...]:
    """Exactly ``size`` numbers; one number stands for all. Raises ValueError."""
    if isinstance(value, (bool, int, float)):
        return (float(value),) * size
    parts = (
        list(value)
        if isinstance(value, tuple)
        else as_text(value).replace("{", " ").replace("}", " ").split()
    )
    found = tuple(as_number(p) for p in parts)
    if len(found) == 1:
        return found * size
    if len(found) == 3 and size == 4:  # a colour without alpha
        return (*found, found[-1])
    if len(found) < size:
        raise ValueError(f"holds {len(found)} numbers, {size} are needed")
    return found[:size]


def as_flag(value: Any) -> bool:
    if isinstance(value, (bool, int, float)):
        return bool(value)
    word = as_text(value).strip().casefold()
    if word in ("true", "1", "on", "yes", "1.0"):
        return True
    if word in ("false", "0", "off", "no", "", "0.0"):
        return False
    raise ValueError(f"{word!r} is neither true nor false")


def alike(a: Any, b: Any) -> bool:
    """Whether two spellings mean the same value (``0`` and ``{0 0}``, ``over`` and ``over<TAB>Over``)."""
    if a == b:
        return True
    if a is None or b is None:
        return as_text(a).strip() == as_text(b).strip()
    try:
        size = max(len(v) if isinstance(v, tuple) else 1 for v in (a, b))
        return all(
            abs(x - y) <= 1e-9 * max(1.0, abs(x))
            for x, y in zip(as_numbers(a, size), as_numbers(b, size), strict=True)
        )
    except ValueError:
        return first_item(as_text(a)).strip() == first_item(as_text(b)).strip()
