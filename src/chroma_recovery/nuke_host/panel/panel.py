"""The panel itself: form, pairs, training, build buttons around one preset."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from ...errors import Cancelled, ChromaRecoveryError
from ...paths import posix
from .build_bar import BUILDS, BuildBar
from .dialogs import Dialogs
from .host import NukeHost, PanelHost
from .jobs import Job
from .output_names import output_names
from .pair_row import PairRow
from .pairs_table import PairsTable, said_by
from .pairs_view import PairsView
from .preset_bar import PresetBar
from .preset_file import PresetFile
from .preset_tabs import PresetTabs
from .qt import QtCore, QtWidgets
from .style import colours_of, sheet
from .training_numbers import numbers
from .training_view import NumbersView, ProgressView
from .widgets import Fold, button

__all__ = ["RecoveryPanel"]


def _own_host() -> PanelHost:
    import nuke

    from ..menu import commands

    return NukeHost(commands(nuke))


class RecoveryPanel(PresetFile):
    """host: the Nuke around it; that of this process when left out. dialogs: who answers questions."""

    def __init__(
        self, host: PanelHost | None = None, dialogs: Dialogs | None = None, parent: Any = None
    ) -> None:
        super().__init__(host if host is not None else _own_host(), dialogs, parent)
        self._watched: float | None = None
        self._building = ""
        self.setWindowTitle("Chroma Recovery")
        self.setObjectName("ChromaRecoveryPanel")
        self._assemble()
        self.setStyleSheet(sheet(colours_of(self.palette())))
        if not self.follow_host():
            self.refresh()
        self.allow()

    # -- widgets

    def _assemble(self) -> None:
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.bar = PresetBar(
            new=self.new,
            open_=self.ask_open,
            save=self.save,
            save_as=self.save_as,
            undo=self.undo,
            next_problem=self.next_problem,
        )
        layout.addWidget(self.bar)
        self.tabs = PresetTabs(self.changed, self.reset)
        self.pages, self.rows = self.tabs.pages, self.tabs.rows
        layout.addWidget(self.tabs, 1)
        self.builds = BuildBar(self.build, self._built)
        layout.addWidget(self.builds)
        self.pairs = PairsView(changed=self.refresh, frame=self.host.frame, jump=self._jump, wipe=self._wipe)
        self.pages["Pairs"].column.insertWidget(0, self.pairs)
        self.numbers = NumbersView()
        self.pages["Training"].column.insertWidget(1, Fold("Comes to", self.numbers))
        self.progress = ProgressView(self._choose_log, self.measured)
        self.pages["Training"].column.insertWidget(2, Fold("Running training", self.progress))
        self.names = NumbersView()
        names = Fold("Names of what is written", self._names_body())
        self.pages["Render"].column.insertWidget(0, names)
        self._path_buttons()
        self.setMinimumWidth(430)

    def _names_body(self) -> Any:
        body = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(body)
        column.setContentsMargins(0, 4, 0, 4)
        row = QtWidgets.QHBoxLayout()
        self.project = QtWidgets.QLabel()
        self.project.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(self.project, 1)
        row.addWidget(
            button("Project Folder…", "Everything is written below this folder", self._choose_project)
        )
        column.addLayout(row)
        column.addWidget(self.names)
        return body

    def _path_buttons(self) -> None:
        for path, field in self.fields.items():
            row = self.rows[path]
            if path in ("source.path", "reference.path"):
                role = path.partition(".")[0]
                tip = "Take files and frame range from the Read that is selected in the node graph"
                row.add_button("From Read", tip, partial(self.from_read, role))
            if field.editor == "path" and path != "output.folder":
                row.add_button("…", "Choose a file", partial(self._browse, field)).setMaximumWidth(28)

    # -- showing

    def refresh(self) -> None:
        """Show the draft everywhere."""
        now = self.draft.now
        self.tabs.show_draft(self.draft, self._refused)
        self.bar.show_draft(self.draft)
        self.pairs.show_pairs(PairsTable(self.draft))
        speed = self._watched if self._watched is not None else self._speed
        come_to = numbers(now.preset, speed)
        self.numbers.show_lines(come_to.lines if come_to else (), "add pairs first")
        self.names.show_lines(output_names(now.preset), "name the shot and add pairs first")
        project = self.host.project()
        self.project.setText(f"Below {posix(project)}" if project else "Below the preset's folder")

    def next_problem(self) -> None:
        """Go to the next problem, errors first."""
        now = self.draft.now
        every = [m for m in (*now.errors, *now.warnings) if m.field]
        if every:
            self._problem = (self._problem + 1) % len(every)
            self.tabs.go_to(every[self._problem].field)

    # -- Nuke

    def allow(self) -> None:
        """Enable the build buttons that can work."""
        self.builds.allow(self.host.reasons())

    def build(self, command: str) -> None:
        """Build a stage: the preset is saved if the artist agrees, checked in the background, then built."""
        self.flush()
        if self._refused or self.draft.now.errors:
            count = len(self._refused) + len(self.draft.now.errors)
            self.say(f"Put {'this error' if count == 1 else f'these {count} errors'} right first.")
            self._problem = -1
            self.next_problem()
            return
        if self.draft.modified:
            if self.draft.path is not None and not self.dialogs.ask(f"Save {self.draft.name} and build?"):
                return
            if not self.save():
                return
        path = self.draft.path
        assert path is not None  # noqa: S101 - save() gave it one
        self._building = command
        label = next(tip.partition(":")[0] for name, _, tip in BUILDS if name == command)
        self._hand_over()
        self.builds.start(Job(f"Checking for {label}", lambda cancelled: self.host.check(path, cancelled)))

    def _built(self, job: Job[Any]) -> None:
        try:
            warnings = job.result()
        except Cancelled:
            self.say("Cancelled; nothing was built.", "warning")
            return
        except ChromaRecoveryError as error:
            self.say(said_by(error))
            return
        except Exception as error:
            self.say(f"Unexpected error: {error}")
            return
        self.say(f"Built, with {len(warnings)} warnings." if warnings else "Built.", "good")
        self.host.run(self._building)
        self.allow()
        self.refresh()

    def _jump(self, frame: int) -> None:
        self.host.jump(frame)
        self.say(f"Frame {frame}.", "")

    def _wipe(self, row: PairRow) -> None:
        try:
            self.say(self.host.wipe(self.draft.now.preset, row.number), "")
        except ChromaRecoveryError as error:
            self.say(said_by(error))

    def _choose_log(self) -> Path | None:
        return self.dialogs.open_file("Log of the training", "Logs (*.log *.txt);;All files (*)")

    def _choose_project(self) -> None:
        start = str(self.host.project() or (self.draft.path.parent if self.draft.path else ""))
        folder = self.dialogs.folder("Project Folder", start)
        if folder is not None:
            self.host.set_project(folder)
            self.refresh()

    def measured(self, seconds_per_step: float) -> None:
        """A speed was measured in a log."""
        self._watched = seconds_per_step
        self.refresh()

    def say(self, text: str, severity: str = "error") -> None:
        """One message above the build buttons."""
        self.builds.message.say(text, severity)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if not self._pending:
            self.follow_host()

    def closeEvent(self, event: Any) -> None:
        """Nothing goes on behind a closed panel."""
        self.flush()
        self.progress.cancel()
        self.builds.stop()
        super().closeEvent(event)
