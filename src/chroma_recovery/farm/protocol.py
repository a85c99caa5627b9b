"""What a task tells the scheduler on standard output: lines of the Open Job Description protocol."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

__all__ = ["Protocol", "one_line"]

LONGEST = 500


def one_line(text: str) -> str:
    """Text that cannot begin a line of its own, shortened."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST]


class Protocol:
    """Progress, status and failure of one task. Progress goes over all stages that the task works on.

    stages: how many progress callbacks will run from 0 to their end, at least 1; more never exceed 100 %.
    """

    def __init__(self, out: TextIO, stages: int = 1) -> None:
        self.out, self.stages, self.begun = out, max(stages, 1), 0
        self.shown, self.last = -1.0, 0.0

    def tell(self, title: str) -> Callable[[int, int, str], None]:
        """A progress callback for one piece of the work."""
        self.begun += 1
        before = min(self.begun, self.stages) - 1

        def progress(done: int, total: int, note: str) -> None:
            share = done / total if total else 1.0
            now = time.monotonic()
            if done < total and now - self.last < 0.5:
                return
            self.last = now
            percent = round(100 * min((before + share) / self.stages, 1.0), 1)
            if percent > self.shown:
                self.shown = percent
                self._line("progress", f"{percent:.1f}")
            self.status(f"{title} {done}/{total} {note}")

        return progress

    def status(self, text: str) -> None:
        self._line("status", one_line(text))

    def fail(self, text: str) -> None:
        """Why the task failed; the exit code still has to say that it did."""
        self._line("fail", one_line(text))

    def finished(self) -> None:
        self._line("progress", "100.0")

    def _line(self, word: str, text: str) -> None:
        self.out.write(f"openjd_{word}: {text}\n")
        self.out.flush()
