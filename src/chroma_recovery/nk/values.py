"""Knob values as Tcl words and back, by the kind of the knob in the catalogue.

:func:`spell` and :func:`understand` are inverse for every value that fits its knob. A value that does not
fit, and literal text that could mean something else to Nuke than what it says, cannot be written:
TclError, CR301 to CR305. A word that does not fit its knob is read as Verbatim and written back as it was.
"""

from __future__ import annotations

import re

from ..graph.catalogue import KnobSpec
from ..graph.knobs import Component, Curve, EvaluatedText, Expression, KnobValue, Verbatim
from .curves import read_curve, read_number, spell_curve, spell_number
from .tcl import TclError, Word, escape, needs_evaluation, quote, quote_kept, split_list, unescape

__all__ = ["spell", "understand", "user_spec"]

USER_KINDS = {
    **dict.fromkeys((3, 7, 8, 12, 13, 14, 15, 16, 18, 19, 30, 78), ("number", False)),
    **dict.fromkeys((1, 2, 43), ("text", True)),
    **dict.fromkeys((4, 68, 83), ("choice", False)),
    **dict.fromkeys((11, 36, 40), ("channel", False)),
    **dict.fromkeys((22, 32, 35, 52), ("code", False)),
    6: ("boolean", False),
    17: ("text", False),
    20: ("tab", False),
    26: ("display", False),
}
PICKS = ("fromInput1", "fromInput2")


def user_spec(name: str, kind: int) -> KnobSpec:
    """What is known of a user knob from its addUserKnob number."""
    group, evaluated = USER_KINDS.get(kind, ("opaque", False))
    return KnobSpec(name, "", group, evaluated=evaluated)


# -- to script


def spell(value: KnobValue, spec: KnobSpec | None, pipes: int = 1) -> str:
    """The word for a value. spec: None for a knob we know nothing of. pipes: inputs of the node (Shuffle2
    only)."""
    kind = spec.kind if spec else "opaque"
    if isinstance(value, Verbatim):
        return quote_kept(value.word)
    if kind == "code":
        raise TclError("CR303", "holds code that Nuke would run")
    if isinstance(value, EvaluatedText):
        if spec is None or not spec.evaluated:
            raise TclError("CR304", "is not a knob whose text Nuke evaluates")
        return quote(value.text)
    if isinstance(value, str):
        return _spell_text(value, spec, pipes)
    if kind == "text":
        raise TclError("CR304", f"takes text, not {_what(value)}")
    if isinstance(value, tuple):
        return _spell_tuple(value, kind)
    if isinstance(value, (Curve, Expression)):
        inner = _component(value)
        return "{{" + inner + "}}" if kind == "channel" else "{" + inner + "}"
    if kind == "channel":
        raise TclError("CR304", f"takes channel names, not {_what(value)}")
    if kind == "boolean":
        if value not in (0, 1):
            raise TclError("CR304", f"takes true or false, not {value!r}")
        return "true" if value else "false"
    if kind == "colour":
        if not isinstance(value, int) or not 0 <= value <= 0xFFFFFFFF:
            raise TclError("CR304", f"takes 0xRRGGBBAA, not {value!r}")
        return hex(value)
    if kind == "choice":
        if isinstance(value, (bool, float)) or not (spec and 0 <= value < len(spec.values)):
            raise TclError("CR304", f"takes one of its values or its index, not {value!r}")
        return str(value)
    if isinstance(value, bool) and kind == "opaque":
        return "true" if value else "false"
    return spell_number(value)


def _spell_text(text: str, spec: KnobSpec | None, pipes: int) -> str:
    kind = spec.kind if spec else "opaque"
    if spec is not None and spec.name in PICKS and text in spec.values:
        names = spec.values[: max(2 if pipes > 1 else 1, spec.values.index(text) + 1)]
        return "{{" + str(spec.values.index(text)) + "} " + " ".join(names) + "}"
    if spec is not None and spec.evaluated:
        return quote(escape(text))
    if kind == "text":
        _refuse(text, r"[\[$\\]")
        return quote(text)
    if kind == "choice":
        _refuse(text, r'[\[$\\{}"\n\r\t]')
        if (
            spec
            and spec.values
            and text not in spec.values
            and text not in spec.aliases
            and read_number(text) is not None
        ):
            raise TclError("CR304", f"takes one of its values, not {text!r}")
        return quote(text)
    if kind == "channel":
        _refuse(text, r'[\[$\\{}"\s;]')
        if not text:
            raise TclError("CR304", "takes channel names, not empty text")
        return quote(text)
    if kind in ("number", "boolean", "colour"):
        raise TclError("CR304", f"takes a number, not the text {text!r}")
    _refuse(text, r"[\[$\\{}]")
    word = quote(text)
    return f'"{word}"' if word == text and _by_look(Word(word)) != text else word


def _spell_tuple(value: tuple[Component, ...], kind: str) -> str:
    if len(value) < 2:
        raise TclError("CR304", "has one component only: give it without the tuple")
    if kind == "channel":
        if not all(isinstance(v, str) for v in value):
            raise TclError("CR304", "takes channel names")
        for v in value:
            _refuse(str(v), r'[\[$\\{}"\s;]')
        return "{" + " ".join(quote(str(v)) for v in value) + "}"
    if kind not in ("number", "opaque", "display", "tab", "obsolete"):
        raise TclError("CR304", "takes one value, not several")
    return "{" + " ".join(_component(v) for v in value) + "}"


def _component(value: Component) -> str:
    if isinstance(value, Curve):
        return "{" + spell_curve(value) + "}"
    if isinstance(value, Expression):
        return "{" + quote(value.text) + "}"
    if isinstance(value, str):
        raise TclError("CR304", f"takes numbers, not the text {value!r}")
    return spell_number(value)


def _refuse(text: str, pattern: str) -> None:
    """Literal text with characters that Nuke might evaluate or parse here, where we cannot be sure to
    escape them."""
    if found := re.search(pattern, text):
        raise TclError("CR303", f"has {found[0]!r} in literal text, which is not safe in this knob")


def _what(value: object) -> str:
    return f"the {type(value).__name__} {value!r}"


# -- from script


def understand(word: Word, spec: KnobSpec | None) -> KnobValue:
    """The value a word means for its knob; Verbatim where we cannot say it better."""
    text, kind = word.text, spec.kind if spec else "opaque"
    if kind == "code":
        return Verbatim(text)
    if spec is not None and spec.evaluated:
        return EvaluatedText(text) if needs_evaluation(text) else unescape(text)
    if kind == "text":
        return Verbatim(text) if re.search(r"[\[$\\]", text) else text
    if kind == "boolean" and text in ("true", "false", "1", "0"):
        return text in ("true", "1")
    if kind == "number" and (number := read_number(text)) is not None:
        return number
    if kind == "colour":
        return (
            int(text, 0) if re.match(r"(0x[0-9a-fA-F]{1,8}|0|[1-9][0-9]{0,8})\Z", text) else _animated(text)
        )
    if kind == "choice":
        return _read_choice(text, spec)
    if kind == "channel":
        return _read_channel(text)
    if kind in ("boolean", "number"):
        return _animated(text, vector=kind == "number")
    return _by_look(word)


def _animated(text: str, vector: bool = False) -> KnobValue:
    parts = _components(text)
    if parts and len(parts) == 1 and isinstance(parts[0], (Curve, Expression)):
        return parts[0]
    if vector and parts and len(parts) > 1:
        return tuple(parts)
    return Verbatim(text)


def _read_choice(text: str, spec: KnobSpec | None) -> KnobValue:
    if spec and spec.name in PICKS and "{" in text:
        try:
            pick, *names = (w.text for w in split_list(text))
        except TclError:
            return Verbatim(text)
        index = read_number(pick)
        if isinstance(index, int) and tuple(names) == spec.values[: len(names)] and 0 <= index < len(names):
            return names[index]
        return Verbatim(text)
    if "{" in text:
        return _animated(text)
    if re.search(r'[\[$\\}"\n\r\t]', text):
        return Verbatim(text)
    if spec and spec.values and text not in spec.values and text not in spec.aliases:
        number = read_number(text)
        if number is not None:
            canonical = isinstance(number, int) and number < len(spec.values) and str(number) == text
            return number if canonical else Verbatim(text)
    return text


def _read_channel(text: str) -> KnobValue:
    if "{" in text:
        return _animated(text)
    if re.search(r'[\[$\\}";]', text) or not text.split():
        return Verbatim(text)
    names = text.split()
    return tuple(names) if len(names) > 1 else names[0]


def _by_look(word: Word) -> KnobValue:
    """A knob of unknown kind: number, true/false and vectors as they look, plain text, else Verbatim."""
    text = word.text
    if "{" in text:
        parts = _components(text)
        if not parts or _expressed(parts, text):
            return Verbatim(text)
        if len(parts) > 1:
            return tuple(parts)
        return parts[0] if isinstance(parts[0], (Curve, Expression)) else Verbatim(text)
    if re.search(r"[\[$\\}]", text):
        return Verbatim(text)
    if word.style == "braced":
        parts = _components(text)
        if parts and len(parts) > 1 and all(isinstance(p, (int, float)) for p in parts):
            return tuple(parts)
    if word.style == "bare":
        number = read_number(text)
        if number is not None and spell_number(number) == text:
            return number
        if text in ("true", "false"):
            return text == "true"
    return text


def _expressed(parts: list[Component], text: str) -> bool:
    """Expressions in a word that would be written differently: in a knob we do not know, spaces may
    matter."""
    try:
        return any(isinstance(p, Expression) for p in parts) and " ".join(map(_component, parts)) != text
    except TclError:  # signs that no script can hold: kept as they are
        return True


def _components(text: str) -> list[Component] | None:
    """Numbers, curves and expressions of a list; None if anything else is in it."""
    found: list[Component] = []
    try:
        for word in split_list(text):
            made: Component | None
            braced = word.style == "braced"
            made = _braced_component(split_list(word.text)) if braced else read_number(word.text)
            if made is None:
                return None
            found.append(made)
    except TclError:
        return None
    return found


def _braced_component(words: list[Word]) -> Curve | Expression | None:
    if not words:
        return None
    if len(words) == 1 and words[0].style == "braced":  # {{{parent.channels}}}
        words = split_list(words[0].text)
        return Expression(words[0].text) if len(words) == 1 else None
    first = words[0]
    if first.text == "curve" and first.style == "bare" and len(words) > 1:
        return read_curve([w.text for w in words[1:]])
    if len(words) == 1 or [w.text for w in words[1:]] == ["i"]:
        return Expression(first.text)
    return None
