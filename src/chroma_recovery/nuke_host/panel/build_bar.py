"""The buttons that build stages, and what is going on: progress, cancel, and the last message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from .jobs import Job
from .qt import QtCore, QtWidgets
from .widgets import MessageLabel, button, mark

__all__ = ["BUILDS", "BuildBar"]

BUILDS = (
    ("project_setup", "0 Setup", "0 Project Setup: OCIO config, range, format of this script"),
    ("dataset_curation", "1 Dataset", "1 Dataset Curation: Reads, one FrameHold per pair, the two datasets"),
    ("alignment", "2 Align", "2 Alignment: F_Align, manual Transform, Dissolve per pair, shared Crop"),
    ("training", "3 Train", "3 CopyCat Training: luma of the Source, chroma of the Reference, CopyCat"),
    ("inference", "4 Render", "4 Inference & Render: Inference on the whole shot, trial and full Write"),
    ("validation", "5 Validate", "5 Validation: MatchGrade baseline, chroma merge, hold-outs"),
    ("whole_recovery", "Build Whole Recovery", "Whole Recovery: all stages at once"),
)
"""Command, label, tooltip; the commands are those of the menu."""
LOOK_EVERY = 50


class BuildBar(QtWidgets.QWidget):
    """build: called with a command's name. finished: called in the main thread with a job that is over."""

    def __init__(self, build: Callable[[str], None], finished: Callable[[Job[Any]], None]) -> None:
        super().__init__()
        self._finished = finished
        self.job: Job[Any] | None = None
        self._reasons: dict[str, str] = {}
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 8)
        layout.setSpacing(5)
        self.message = MessageLabel()
        layout.addWidget(self.message)
        self.buttons: dict[str, Any] = {}
        grid = QtWidgets.QGridLayout()
        grid.setSpacing(4)
        for n, (name, label, tip) in enumerate(BUILDS):
            made = button(label, tip, partial(build, name))
            made.setMinimumWidth(20)
            self.buttons[name] = made
            if name == "whole_recovery":
                grid.addWidget(made, 1, 0, 1, 6)
                mark(made, role="main")
            else:
                grid.addWidget(made, 0, n)
                grid.setColumnStretch(n, 1)
        self.building = QtWidgets.QWidget()
        self.building.setLayout(grid)
        grid.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.building)
        self.working = QtWidgets.QWidget()
        row = QtWidgets.QHBoxLayout(self.working)
        row.setContentsMargins(0, 0, 0, 0)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setRange(0, 0)
        self.cancel = button("Cancel", "Drop this work; nothing in the script is changed", self.stop)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.working.hide()
        layout.addWidget(self.working)
        self.timer = QtCore.QTimer(self)
        self.timer.setInterval(LOOK_EVERY)
        self.timer.timeout.connect(self.look)

    def allow(self, reasons: Mapping[str, str | None]) -> None:
        """Enable what can work now; the tooltip of the rest says why not."""
        for name, _, tip in BUILDS:
            reason = reasons.get(name)
            self.buttons[name].setEnabled(reason is None)
            self.buttons[name].setToolTip(tip if reason is None else f"{tip}\nNot now: {reason}.")

    def start(self, job: Job[Any]) -> None:
        """Show a job until it is over or cancelled."""
        self.job = job
        self.bar.setFormat(job.label)
        self.message.say(f"{job.label} …", "")
        self.building.setEnabled(False)
        self.working.show()
        job.start()
        self.timer.start()

    def stop(self) -> None:
        """The artist's Cancel."""
        if self.job is not None:
            self.job.cancel()
            self.look()

    def look(self) -> None:
        """Whether the job is over."""
        job = self.job
        if job is None or not job.done:
            return
        self.job = None
        self.timer.stop()
        self.working.hide()
        self.building.setEnabled(True)
        self._finished(job)
