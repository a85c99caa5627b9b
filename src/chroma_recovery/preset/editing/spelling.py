"""Values typed into a form, as YAML that fits on one line and inside ``{...}`` and ``[...]``. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import yaml

from ..model import Pair

__all__ = ["shown", "spell_numbers", "spell_pair", "spell_text", "spell_word"]

_BARE = re.compile(r"[^\s,\[\]{}#&*!|>'\"%@`:?-][^\s,\[\]{}#:'\"]*\Z|-[0-9.]\S*\Z")


def spell_text(text: str) -> str:
    """A text: bare where YAML reads it as this very text, else in double quotes."""
    if text and text == text.strip() and "\n" not in text:
        try:
            alone = yaml.safe_load(f"v: {text}")
            within = yaml.safe_load(f"{{v: {text}, w: [{text}]}}")
        except (yaml.YAMLError, ValueError, RecursionError):
            return _quoted(text)
        if alone == {"v": text} and within == {"v": text, "w": [text]}:
            return text
    return _quoted(text)


def _quoted(text: str) -> str:
    """JSON is YAML, but for characters that YAML wants escaped."""
    words = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escaped(c) for c in words)


def _escaped(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def spell_word(typed: str) -> str:
    """What was typed where a number is wanted: as it is if it is one word, so that mistakes read as typed."""
    word = typed.strip()
    return word if _BARE.match(word) and word.isascii() and word.isprintable() else spell_text(word)


def spell_numbers(typed: Sequence[str]) -> str:
    """A list of numbers as typed, ``[1, 2, 3, 4]``; ``null`` if nothing was typed at all."""
    if not any(t.strip() for t in typed):
        return "null"
    return "[" + ", ".join(spell_word(t) if t.strip() else '""' for t in typed) + "]"


def spell_pair(pair: Pair) -> str:
    """A pair: its frame, or a mapping where there is more to say."""
    words = [f"source: {pair.source}"]
    if pair.reference is not None:
        words.append(f"reference: {pair.reference}")
    if pair.note:
        words.append(f"note: {spell_text(pair.note)}")
    if pair.hold_out is not None:
        words.append(f"hold_out: {str(pair.hold_out).lower()}")
    return str(pair.source) if len(words) == 1 else "{" + ", ".join(words) + "}"


def shown(value: Any) -> str:
    """A value of the model as a form shows it; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.12f}".rstrip("0").rstrip(".")
    return str(value)
