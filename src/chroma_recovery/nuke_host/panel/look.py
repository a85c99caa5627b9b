"""A preset that is being written: read by the very rules of preset files, but mistakes do not stop the reading.

What cannot be read counts as its neutral value, so that a pair table can be shown while a path is still missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from ...errors import PresetError, Problem
from ...paths import posix
from ...preset.convert import Reading, convert
from ...preset.extends import read_chain
from ...preset.fields import walk
from ...preset.model import Preset
from ...preset.places import Findings, Place, Spot, Text
from ...preset.rules import ancestors, broken_rules
from ...preset.text import checked

__all__ = ["Look", "Message", "look", "nearest"]

UNSAVED = "<unsaved preset>"


@attrs.frozen
class Message:
    """What is wrong, or worth a second look, at a field. field: its path, empty if it concerns the whole file.

    severity: ``error`` or ``warning``.
    """

    field: str
    code: str
    text: str
    hint: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        return self.text + (f" ({self.hint})" if self.hint else "")


@attrs.frozen
class Look:
    """A preset's text as it stands. preset: with neutral values where something is wrong.

    origin: field path -> place of its value, in whichever file. own: fields that this text itself says.
    """

    preset: Preset
    messages: tuple[Message, ...]
    origin: Mapping[str, Place]
    own: frozenset[str]
    files: tuple[Path, ...] = ()

    @property
    def errors(self) -> tuple[Message, ...]:
        return tuple(m for m in self.messages if m.severity == "error")

    @property
    def warnings(self) -> tuple[Message, ...]:
        return tuple(m for m in self.messages if m.severity != "error")

    def at(self, field: str) -> tuple[Message, ...]:
        """Messages of exactly this field."""
        return tuple(m for m in self.messages if m.field == field)


_FIELDS = frozenset(path for path, _ in walk())
_NUMBER = re.compile(r"\[\d+\]")


class _Noting(Reading):
    """Also keeps the field of each mistake."""

    notes: list[Message]

    def __init__(self, findings: Findings) -> None:
        super().__init__(findings)
        self.notes = []

    def wrong(self, code: str, spot: Spot, path: str, message: str, hint: str = "") -> None:
        self.notes.append(Message(path, code, message, hint))
        super().wrong(code, spot, path, message, hint)


def look(text: str, path: Path | None = None) -> Look:
    """Read a text. path: the file it belongs to, where ``extends`` starts; None while it has none.

    Raises PresetError only if the text is no YAML mapping, is too large or holds forbidden characters.
    """
    name = UNSAVED if path is None else posix(path)
    folder = "." if path is None else posix(path.parent)
    source = Text(name, checked(text, name), folder=folder)
    findings = Findings()
    root, files = read_chain(source, path, None, findings)
    if root is None:
        raise PresetError(findings.sorted())
    reading = _Noting(findings)
    preset: Preset = convert(Preset, root, reading)
    notes = reading.notes
    noted = {(m.field, m.code) for m in notes}
    for rule in broken_rules(preset, frozenset(reading.broken), frozenset(reading.origin)):
        notes.append(Message(rule.field, rule.code, rule.message, rule.hint, rule.severity))
    others = [m for m in map(_message, findings.sorted()) if (m.field, m.code) not in noted]
    own = frozenset(f for f, place in reading.origin.items() if place.file == name)
    return Look(preset, (*others, *notes), reading.origin, own, files)


def _message(problem: Problem) -> Message:
    """A finding that was noted only as text; its field stands before the first colon."""
    field, colon, rest = problem.message.partition(": ")
    if colon and (_NUMBER.sub("[]", field) in _FIELDS or field == "extends"):
        return Message(field, problem.code, rest, problem.hint, problem.severity)
    text = (
        f"{problem.message} (line {problem.place.split(':')[-2]})"
        if ":" in problem.place
        else problem.message
    )
    return Message("", problem.code, text, problem.hint, problem.severity)


def nearest(field: str, shown: frozenset[str]) -> str:
    """The shown field that a message belongs next to: itself, the first one below it, or one around it; ""."""
    if field in shown:
        return field
    below = sorted(f for f in shown if f.startswith((f"{field}.", f"{field}[")))
    if field and below:
        return below[0]
    return next((a for a in ancestors(field) if a in shown), "")
