"""How the command speaks: people on a terminal, quiet lines in logs, JSON for scripts.

Findings and progress go to standard error, results to standard output; with ``--json`` standard output holds exactly
one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from ..errors import Problem

__all__ = ["Console", "Progress"]


class Console:
    """as_json: results as one JSON object. out, err: streams, standard ones by default."""

    def __init__(
        self, *, as_json: bool = False, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self.as_json = as_json
        self.out = out or sys.stdout
        self.err = err or sys.stderr

    def say(self, text: str) -> None:
        """A line of result for people; nothing with ``--json``."""
        if not self.as_json:
            print(text, file=self.out, flush=True)

    def note(self, text: str) -> None:
        """A line about the work, on standard error."""
        print(text, file=self.err, flush=True)

    def problems(self, problems: Iterable[Problem], closing: str = "") -> None:
        """Findings, each as it prints itself; with ``--json`` they are part of the result instead."""
        found = list(problems)
        if self.as_json:
            return
        for problem in found:
            word = "" if problem.severity == "error" else f"{problem.severity}: "
            self.note(f"{word}{problem}")
        if closing and found:
            self.note(closing)

    def result(self, value: dict[str, Any]) -> None:
        """The one JSON object of ``--json``."""
        if self.as_json:
            json.dump(value, self.out, indent=1, default=str)
            self.out.write("\n")
            self.out.flush()

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], *, words: bool = False) -> None:
        """An aligned table; the first column to the left, the others to the right, or all to the left for words."""
        cells = [list(head), *[list(r) for r in rows]]
        widths = [max(len(r[c]) for r in cells) for c in range(len(head))]
        for n, row in enumerate(cells):
            columns = enumerate(zip(row, widths, strict=True))
            self.say(
                "  ".join(t.ljust(w) if words or c == 0 else t.rjust(w) for c, (t, w) in columns).rstrip()
            )
            if n == 0:
                self.say("  ".join("-" * w for w in widths))

    def progress(self, title: str) -> Progress:
        return Progress(title, self.err)


class Progress:
    """Called with (done, total, note); redraws one line on a terminal, prints a line every quarter or 30 s in a log."""

    def __init__(self, title: str, stream: TextIO) -> None:
        self.title, self.stream = title, stream
        self.live = stream.isatty()
        self.began = self.last = time.monotonic()
        self.quarter = 0

    def __call__(self, done: int, total: int, note: str = "") -> None:
        now = time.monotonic()
        share = done / total if total else 1.0
        finished = done >= total
        if self.live:
            if not finished and now - self.last < 0.1 and done > 1:
                return
            bar = "#" * int(24 * share)
            left = (now - self.began) / share * (1 - share) if share > 0.02 else 0.0
            rest = "" if finished else f"  {left:4.0f} s left"
            self.stream.write(
                f"\r\033[K{self.title} [{bar:<24}] {done}/{total}  {note}{rest}" + ("\n" if finished else "")
            )
        elif finished or int(4 * share) != self.quarter or now - self.last > 30:
            self.quarter = int(4 * share)
            self.stream.write(f"{self.title}: {done}/{total}  {note}".rstrip() + "\n")
        else:
            return
        self.last = now
        self.stream.flush()
