"""What Nuke prints while CopyCat trains, read as it grows. Pure.

The lines are those of a Nuke 16.0v1 farm job: ``[Step:1/30] Loss:0.022428`` at step 1 and every tenth, then
``[*] Cat file saved at``, ``Optimiser saved at`` and ``Contactsheet saved at``. Farms put words in front of a line, so
nothing is expected at its beginning. A run may be renamed while it trains: only step and suffix of a file count.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import attrs

from ..log import understand

__all__ = ["Run", "SavedFile", "TrainingLog", "thinned"]

_FILE = re.compile(r"(?P<run>.+)\.(?P<step>\d{1,12})\.(?P<suffix>[A-Za-z]+)\Z")
_TOTAL = re.compile(r"Total render time:\s*(.+?)\s*\Z")
_UNIT = re.compile(r"([\d.]+)\s*(hour|minute|second)s?")
_SECONDS = {"hour": 3600.0, "minute": 60.0, "second": 1.0}
MOST_LINE = 10_000
"""Characters of a line that are looked at."""
MOST_ERRORS = 100


@attrs.frozen
class SavedFile:
    """A file that the training said it wrote. kind: ``model``, ``optimiser`` or ``contact sheet``."""

    kind: str
    path: str
    run: str
    step: int


@attrs.define
class Run:
    """One training in the log. name: by its files, empty until one was saved. points: (step, loss)."""

    total: int = 0
    step: int = 0
    name: str = ""
    points: list[tuple[int, float]] = attrs.field(factory=list)
    files: list[SavedFile] = attrs.field(factory=list)

    @property
    def fraction(self) -> float:
        """0-1."""
        return min(1.0, self.step / self.total) if self.total else 0.0

    @property
    def loss(self) -> float | None:
        return self.points[-1][1] if self.points else None

    def newest(self, kind: str) -> SavedFile | None:
        """The last file of a kind."""
        return next((f for f in reversed(self.files) if f.kind == kind), None)


class TrainingLog:
    """Feed it what arrives, in pieces of any size; it tells runs, errors and how fast it goes.

    errors: texts of error lines. finished: Nuke printed its total time. failed: an error line, and no step
    after it.
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.errors: list[str] = []
        self.finished = False
        self.failed = False
        self._rest = ""
        self._first: tuple[float, int] | None = None
        self._last: tuple[float, int] | None = None
        self._whole: float | None = None

    @property
    def run(self) -> Run | None:
        """The training that is going on, or the last one."""
        return self.runs[-1] if self.runs else None

    def feed(self, text: str, now: float | None = None) -> int:
        """Take text; an unfinished last line waits for its end. Returns the number of new steps and files.

        now: seconds of a steady clock at which the text was written; None for what was written before we looked.
        """
        found = 0
        lines = (self._rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop()[-MOST_LINE:]
        for line in lines:
            found += self._line(line[:MOST_LINE], now)
        return found

    def end(self) -> int:
        """The text is over: its last line counts even without a line end."""
        return self.feed("\n") if self._rest else 0

    def _line(self, line: str, now: float | None) -> int:
        event = understand(line)
        if event.kind == "step":
            self._step(event.done, event.total, event.text, now)
            return 1
        if event.kind == "saved":
            return self._saved(event.what, event.text)
        total = _TOTAL.search(line)
        if total:
            self._over(total[1])
        elif event.kind in ("licence", "error"):
            self._wrong(event.text)
        return 0

    def _step(self, step: int, total: int, loss: str | None, now: float | None) -> None:
        run = self.run
        if run is None or step < run.step or self.finished:
            run = Run()
            self.runs.append(run)
            self._first = self._last = self._whole = None
        self.finished = self.failed = False
        run.step, run.total = step, total
        value = _number(loss)
        if value is not None:
            run.points.append((step, value))
        if now is not None:
            if self._first is None:
                self._first = (now, step)
            self._last = (now, step)

    def _saved(self, what: str, path: str) -> int:
        match = _FILE.match(path.replace("\\", "/").rsplit("/", 1)[-1])
        if match is None:
            return 0
        if not self.runs:
            self.runs.append(Run())
        run = self.runs[-1]
        run.name = match["run"]
        run.files.append(SavedFile(what, path, match["run"], int(match["step"])))
        return 1

    def _over(self, words: str) -> None:
        self.finished = True
        seconds = sum(float(n) * _SECONDS[unit] for n, unit in _UNIT.findall(words) if n.count(".") < 2)
        run = self.run
        if run is not None and seconds > 0 and run.points and not self.failed:
            done = run.step - run.points[0][0] + 1
            self._whole = seconds / done if done > 1 else None

    def _wrong(self, text: str) -> None:
        self.failed = True
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(text)

    @property
    def seconds_per_step(self) -> float | None:
        """Measured while the log grew; else from the total time that Nuke printed; else None."""
        if self._first is not None and self._last is not None:
            steps, seconds = self._last[1] - self._first[1], self._last[0] - self._first[0]
            if steps > 0 and seconds > 0:
                return seconds / steps
        return self._whole

    @property
    def seconds_left(self) -> float | None:
        """What the running training still needs, at the measured speed."""
        speed, run = self.seconds_per_step, self.run
        if speed is None or run is None or self.finished:
            return None
        return max(0, run.total - run.step) * speed

    @property
    def state(self) -> str:
        """``waiting``, ``training``, ``finished`` or ``failed``."""
        if self.failed:
            return "failed"
        if self.finished:
            return "finished"
        return "training" if self.run is not None else "waiting"


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def thinned(points: Sequence[tuple[int, float]], most: int) -> list[tuple[int, float]]:
    """At most about ``most`` points that look the same when drawn: lowest and highest of each stretch are kept."""
    if len(points) <= most or most < 4:
        return list(points)
    kept = [points[0]]
    stretches = (most - 2) // 2
    inner = points[1:-1]
    for n in range(stretches):
        part = inner[n * len(inner) // stretches : (n + 1) * len(inner) // stretches]
        if part:
            ends = {min(part, key=lambda p: p[1]), max(part, key=lambda p: p[1])}
            kept += sorted(ends)
    return [*kept, points[-1]]
