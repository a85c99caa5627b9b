"""Switches and text."""

from __future__ import annotations

from typing import Any

from ..graph.catalogue import KnobSpec
from ..graph.knobs import EvaluatedText, KnobValue, Verbatim
from ..nk.tcl import Word, escape
from ..nk.values import understand
from .knobs import Knob

__all__ = ["BooleanKnob", "EvaluatedKnob", "TextKnob"]


class BooleanKnob(Knob):
    """Boolean_Knob, Disable_Knob."""

    kind_number = 6

    @classmethod
    def user_kind(cls) -> str:
        return "boolean"

    def setup(self, *more: Any) -> None:
        self._value = bool(more[0]) if more else None

    def plain(self, value: KnobValue | None) -> bool:
        return bool(self.now(value)) if value is not None and not isinstance(value, Verbatim) else False

    def getValue(self) -> float:
        return float(self.value())

    def setValue(self, value: Any, *_: Any) -> bool:
        if not isinstance(value, (bool, int, float)):
            raise TypeError(f"{self.spec.name}: a Boolean_Knob takes bool, not {type(value).__name__}")
        return self.store(bool(value))


class TextKnob(Knob):
    """String_Knob, Font_Knob and other plain text."""

    kind_number = 1

    @classmethod
    def user_kind(cls) -> str:
        return "text"

    def setup(self, *more: Any) -> None:
        self._value = str(more[0]) if more else None

    def plain(self, value: KnobValue | None) -> str:
        if isinstance(value, Verbatim):
            return value.word
        return value.text if isinstance(value, EvaluatedText) else str(value if value is not None else "")

    def getText(self, context: object = None) -> str:
        return str(self.value())

    def setText(self, text: str) -> Any:
        return self.setValue(text)

    def setValue(self, value: Any, view: str = "default") -> Any:
        if not isinstance(value, str):
            raise TypeError(f"{self.spec.name}: takes text, not {type(value).__name__}")
        return self.store(understand(Word(value, 0, "quoted"), self.spec))


class EvaluatedKnob(TextKnob):
    """File_Knob, EvalString_Knob, Multiline_Eval_String_Knob: text over which Nuke runs Tcl substitution.

    ``setValue`` eats backslashes (B: two projects), so Windows paths need forward slashes. ``evaluate()``
    knows ``nuke.script_directory()``, ``[value root.name]`` and nothing else; any other bracket raises.
    """

    kind_number = 2

    def setup(self, *more: Any) -> None:
        self.spec = KnobSpec(self.spec.name, type(self).__name__, "text", evaluated=True)
        if more:
            self._value = understand(Word(str(more[0]), 0, "quoted"), self.spec)

    def plain(self, value: KnobValue | None) -> str:
        return escape(value) if isinstance(value, str) else super().plain(value)

    def evaluate(self, *_: Any) -> str | None:
        value = self._value if self._value is not None else self.spec.default
        if isinstance(value, EvaluatedText):
            return self.attached().session.substitute(value.text)
        return str(value) if value else None

    def getEvaluatedValue(self, *_: Any) -> str | None:
        return self.evaluate()

    def getValue(self, *_: Any) -> Any:
        return self.value()

    def fromUserText(self, text: str) -> None:
        self.setValue(text)
