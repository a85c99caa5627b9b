"""Where something stands in a preset file, and the line with a caret below it."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import attrs

from ..errors import PresetError, Problem

__all__ = ["Findings", "Place", "Spot", "Text"]

MOST_PROBLEMS = 500
"""Problems after which reading stops; no person reads more, and a hostile file could hold a million."""

_WIDEST = 100
"""Columns of source shown; longer lines are cut around the caret."""


class Place(NamedTuple):
    """Line and column count from 1, columns in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@attrs.frozen(eq=False)
class Text:
    """A preset's text: name as shown in errors, place in the extends chain (0 is the file asked for),
    folder.
    """

    name: str
    text: str
    rank: int = 0
    folder: str = "."
    lines: tuple[str, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(self.text.split("\n")))

    def excerpt(self, line: int, column: int, length: int = 1) -> str:
        """The line with its number, and a caret and tildes below ``length`` characters from ``column``."""
        if not 1 <= line <= len(self.lines):
            return ""
        source = self.lines[line - 1]
        start = max(0, column - 1 - _WIDEST // 2) if len(source) > _WIDEST else 0
        shown = source[start : start + _WIDEST].replace("\t", " ")
        before = shown[: column - 1 - start]
        marked = shown[column - 1 - start : column - 1 - start + max(1, length)]
        number = f"{line:5d} | "
        lead = ("..." if start else "") + shown.rstrip()
        pad = " " * (len(number) - 2) + "| " + " " * (_columns(before) + (3 if start else 0))
        return f"{number}{lead}\n{pad}^{'~' * max(0, _columns(marked.rstrip()) - 1)}"


def _columns(text: str) -> int:
    """Columns on a terminal: wide East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


class Spot(NamedTuple):
    """A stretch of a preset's text."""

    source: Text
    line: int
    column: int
    length: int = 1

    @property
    def place(self) -> Place:
        return Place(self.source.name, self.line, self.column)


class Findings:
    """Problems of a preset and of those it extends, kept in the order of the files."""

    def __init__(self) -> None:
        self._found: list[tuple[tuple[int, int, int, int], Problem]] = []

    def add(self, code: str, spot: Spot, message: str, hint: str = "", *, severity: str = "error") -> None:
        """Note a problem. Raises PresetError with everything found so far after MOST_PROBLEMS."""
        excerpt = spot.source.excerpt(spot.line, spot.column, spot.length)
        problem = Problem(code, str(spot.place), message, hint, excerpt, severity)
        self._found.append(((spot.source.rank, spot.line, spot.column, len(self._found)), problem))
        if len(self._found) >= MOST_PROBLEMS:
            last = Problem(
                "CR199", spot.source.name, f"more than {MOST_PROBLEMS} problems; reading stopped here"
            )
            raise PresetError((*self.sorted(), last))

    def sorted(self, severity: str = "") -> tuple[Problem, ...]:
        """All problems, or those of one severity, in file order."""
        found = sorted(self._found, key=lambda f: f[0])
        return tuple(p for _, p in found if not severity or p.severity == severity)

    def __bool__(self) -> bool:
        """Whether there is an error."""
        return any(p.severity == "error" for _, p in self._found)
