"""Computed training numbers, and the progress of a training that runs elsewhere: on the farm or in another Nuke."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .curve import LossCurve
from .following import FileTail, PipeTail
from .qt import QtCore, QtWidgets
from .training_log import TrainingLog
from .training_numbers import duration
from .widgets import MessageLabel, button, mark

__all__ = ["NumbersView", "ProgressView"]

LOOK_EVERY = 500
"""Milliseconds between two looks at a log."""


class NumbersView(QtWidgets.QWidget):
    """Labels and values in two columns."""

    def __init__(self) -> None:
        super().__init__()
        self.grid = QtWidgets.QGridLayout(self)
        self.grid.setContentsMargins(0, 4, 0, 4)
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(3)
        self.grid.setColumnStretch(1, 1)
        self.shown: dict[str, Any] = {}

    def show_lines(self, lines: tuple[tuple[str, str], ...], nothing: str = "") -> None:
        """Label and value per line; ``nothing`` where there are none."""
        lines = lines or ((("", nothing),) if nothing else ())
        if [label for label, _ in lines] != list(self.shown):
            while self.grid.count():
                old = self.grid.takeAt(0).widget()
                old.hide()
                old.deleteLater()
            self.shown = {}
            for n, (label, _) in enumerate(lines):
                name = QtWidgets.QLabel(label)
                name.setMinimumWidth(128)
                name.setAlignment(QtCore.Qt.AlignmentFlag.AlignRight)
                mark(name, role="faint")
                value = QtWidgets.QLabel()
                value.setWordWrap(True)
                value.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
                self.grid.addWidget(name, n, 0)
                self.grid.addWidget(value, n, 1)
                self.shown[label] = value
        for label, text in lines:
            self.shown[label].setText(text)


class ProgressView(QtWidgets.QWidget):
    """Follows one log. choose: asks the artist for a log file. measured: told every newly measured speed."""

    def __init__(
        self,
        choose: Callable[[], Path | None],
        measured: Callable[[float], None],
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__()
        self._choose, self._measured = choose, measured
        self._clock = clock or time.monotonic
        self.log = TrainingLog()
        self.tail: FileTail | PipeTail | None = None
        self._old = False
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(6)
        top = QtWidgets.QHBoxLayout()
        self.bar = QtWidgets.QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(True)
        self.bar.setFormat("")
        self.watch = button("Watch Log…", "Follow the log of a training: nuke -X, or the farm's", self._ask)
        self.stop = button(
            "Stop Watching", "Stop following the log; the training itself goes on", self.cancel
        )
        for widget in (self.bar, self.watch, self.stop):
            top.addWidget(widget, 1 if widget is self.bar else 0)
        layout.addLayout(top)
        self.words = QtWidgets.QLabel()
        self.words.setWordWrap(True)
        layout.addWidget(self.words)
        self.curve = LossCurve()
        layout.addWidget(self.curve)
        self.files = QtWidgets.QLabel()
        self.files.setWordWrap(True)
        self.files.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        mark(self.files, role="faint")
        layout.addWidget(self.files)
        self.message = MessageLabel()
        layout.addWidget(self.message)
        self.timer = QtCore.QTimer(self)
        self.timer.setInterval(LOOK_EVERY)
        self.timer.timeout.connect(self.look)
        self._show()

    def _ask(self) -> None:
        file = self._choose()
        if file is not None:
            self.follow(FileTail(file))

    def follow(self, tail: FileTail | PipeTail) -> None:
        """Follow a log from its beginning."""
        self.cancel()
        self.log, self.tail = TrainingLog(), tail
        self._old = isinstance(tail, FileTail)
        self.timer.start()
        self.look()

    def cancel(self) -> None:
        """Stop following. What was read stays on show; the training is not touched."""
        self.timer.stop()
        if self.tail is not None:
            self.tail.close()
            self.tail = None
        self._show()

    @property
    def watching(self) -> bool:
        return self.tail is not None

    def look(self) -> None:
        """Read what is new."""
        tail = self.tail
        if tail is None:
            return
        text = tail.read()
        if tail.restarted:
            self.log, self._old = TrainingLog(), False
        new = self.log.feed(text, None if self._old else self._clock())
        if tail.caught_up:
            self._old = False
        if isinstance(tail, PipeTail) and tail.ended:
            new += self.log.end()
            self.cancel()
        speed = self.log.seconds_per_step
        if speed is not None and new:
            self._measured(speed)
        self._show()

    def _show(self) -> None:
        log, run = self.log, self.log.run
        self.stop.setVisible(self.watching)
        self.watch.setVisible(not self.watching)
        self.bar.setValue(round(1000 * run.fraction) if run else 0)
        self.bar.setFormat(f"{100 * run.fraction:.0f} %" if run else "")
        self.words.setText(self._sentence())
        self.curve.setVisible(run is not None)
        self.curve.show_points(run.points if run else [], run.total if run else 0)
        self.files.setText("\n".join(self._saved()))
        self.files.setVisible(bool(self.files.text()))
        self.message.say("\n".join(log.errors[-3:]))

    def _sentence(self) -> str:
        log, run = self.log, self.log.run
        if run is None:
            if not self.watching:
                return "No training is watched."
            missing = self.tail is not None and self.tail.missing
            return "Waiting for the log to be written …" if missing else "Waiting for the first step …"
        words = [run.name or "Training", f"step {run.step:,} of {run.total:,}".replace(",", " ")]
        if run.loss is not None:
            words.append(f"loss {run.loss:.6g}")
        left = log.seconds_left
        if log.state == "training" and left is not None:
            words.append(f"about {duration(left)} left")
        elif log.state in ("finished", "failed"):
            words.append(log.state)
        return "  ·  ".join(words)

    def _saved(self) -> list[str]:
        run = self.log.run
        found = [run.newest(kind) for kind in ("model", "optimiser", "contact sheet")] if run else []
        return [
            f"Newest {f.kind}, step {f.step}: {f.path.rpartition('/')[2]}" for f in found if f is not None
        ]
