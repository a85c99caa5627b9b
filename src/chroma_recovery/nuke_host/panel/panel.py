"""The panel itself: form, pairs, training, build buttons around one preset."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from ...errors import Cancelled, ChromaRecoveryError, PresetError
from ...paths import posix
from ..checkpoints import Checkpoint
from .build_bar import BUILDS, BuildBar
from .clips import found_clip
from .dialogs import PRESETS, Dialogs, QtDialogs
from .draft import Draft
from .editors import FormPage
from .form import TABS, FormField, form_fields, groups
from .host import NukeHost, PanelHost
from .jobs import Job
from .look import Message, nearest
from .output_names import output_names
from .pairs_table import PairRow, PairsTable, said_by
from .pairs_view import PairsView
from .preset_bar import PresetBar
from .qt import QtCore, QtWidgets
from .style import colours_of, sheet
from .training_numbers import numbers, speed_of
from .training_view import NumbersView, ProgressView
from .widgets import Fold, button

__all__ = ["RecoveryPanel"]

WAIT = 200
"""Milliseconds after the last key before what was typed is checked."""
PAIRED = ("pairs", "alignment.keys", "crop.keys")
"""Fields that the pair table shows."""


def _own_host() -> PanelHost:
    import nuke

    from ..menu import commands

    return NukeHost(commands(nuke))


class RecoveryPanel(QtWidgets.QWidget):
    """host: the Nuke around it; that of this process when left out. dialogs: who answers questions."""

    def __init__(
        self, host: PanelHost | None = None, dialogs: Dialogs | None = None, parent: Any = None
    ) -> None:
        super().__init__(parent)
        self.host = host if host is not None else _own_host()
        self.dialogs = dialogs if dialogs is not None else QtDialogs(self)
        self.draft = Draft.shipped("shot")
        self.fields: dict[str, FormField] = {f.path: f for f in form_fields()}
        self._pending: dict[str, tuple[FormField, str | list[str]]] = {}
        self._refused: dict[str, Message] = {}
        self._speed: float | None = None
        self._watched: float | None = None
        self._building = ""
        self._problem = -1
        self.setWindowTitle("Chroma Recovery")
        self.setObjectName("ChromaRecoveryPanel")
        self.timer = QtCore.QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(WAIT)
        self.timer.timeout.connect(self.flush)
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
        self.tabs = QtWidgets.QTabWidget()
        self.tabs.setDocumentMode(True)
        self.pages: dict[str, FormPage] = {}
        for name, _ in TABS:
            page = FormPage(groups(name), self.changed, self.reset)
            scroll = QtWidgets.QScrollArea()
            scroll.setWidgetResizable(True)
            scroll.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
            scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            scroll.setWidget(page)
            self.pages[name] = page
            self.tabs.addTab(scroll, name)
        self.rows = {path: row for page in self.pages.values() for path, row in page.rows.items()}
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
        found: dict[str, list[Message]] = {}
        shown = frozenset(self.rows)
        for message in (*now.messages, *self._refused.values()):
            if not message.field.startswith(PAIRED):
                found.setdefault(nearest(message.field, shown), []).append(message)
        for row in {id(r): r for r in self.rows.values()}.values():
            row.show(
                [
                    self.draft.typed(f) if f.path not in self._refused else e.value()
                    for f, e in zip(row.fields, row.editors, strict=True)
                ],
                [self.draft.says(f) for f in row.fields],
                [found.get(f.path, []) for f in row.fields],
            )
        self.bar.show_draft(self.draft)
        self.pairs.show_pairs(PairsTable(self.draft))
        speed = self._watched if self._watched is not None else self._speed
        come_to = numbers(now.preset, speed)
        self.numbers.show_lines(come_to.lines if come_to else (), "add pairs first")
        self.names.show_lines(output_names(now.preset), "name the shot and add pairs first")
        project = self.host.project()
        self.project.setText(f"Below {posix(project)}" if project else "Below the preset's folder")
        self._mark_tabs(found)

    def _mark_tabs(self, found: dict[str, list[Message]]) -> None:
        for n, (name, _) in enumerate(TABS):
            kinds = {m.severity for path in self.pages[name].rows for m in found.get(path, [])}
            if name == "Pairs":
                kinds |= {m.severity for m in self.draft.now.messages if m.field.startswith(PAIRED)}
            sign = " ✕" if "error" in kinds else " !" if kinds else ""
            self.tabs.setTabText(n, name + sign)

    def next_problem(self) -> None:
        """Go to the next problem, errors first."""
        now = self.draft.now
        every = [m for m in (*now.errors, *now.warnings) if m.field]
        if every:
            self._problem = (self._problem + 1) % len(every)
            self._go_to(every[self._problem].field)

    def _go_to(self, field: str) -> None:
        path = nearest(field, frozenset(self.rows))
        for n, (name, _) in enumerate(TABS):
            page = self.pages[name]
            if field.startswith(PAIRED):
                if name == "Pairs":
                    self.tabs.setCurrentIndex(n)
            elif path in page.rows:
                self.tabs.setCurrentIndex(n)
                page.unfold(path)
                row = page.rows[path]
                editor = row.editors[[f.path for f in row.fields].index(path)]
                editor.widget.setFocus()
                self.tabs.widget(n).ensureWidgetVisible(editor.widget)

    # -- changing

    def changed(self, field: FormField, value: str | list[str]) -> None:
        """The user changed a field; texts are checked when he pauses."""
        self._pending[field.path] = (field, value)
        if field.editor in ("switch", "choice"):
            self.flush()
        else:
            self.timer.start()

    def flush(self) -> None:
        """Take in what was typed."""
        self.timer.stop()
        pending, self._pending = self._pending, {}
        for path, (field, value) in pending.items():
            self._refused.pop(path, None)
            try:
                self.draft.set(field, value)
            except PresetError as error:
                problem = error.problems[0]
                self._refused[path] = Message(path, problem.code, problem.message, problem.hint)
        self.refresh()

    def reset(self, field: FormField) -> None:
        """Back to what the preset below says."""
        self.flush()
        self._refused.pop(field.path, None)
        try:
            self.draft.reset(field)
        except PresetError as error:
            self.say(said_by(error))
        self.refresh()

    def undo(self) -> None:
        """Take the last change back."""
        self.flush()
        self._refused.clear()
        self.say("" if self.draft.undo() else "There is nothing to undo.", "")
        self.refresh()

    def from_read(self, role: str) -> None:
        """Take the selected Read as Source or Reference."""
        try:
            clip = self.host.selected_read()
        except ChromaRecoveryError as error:
            self.say(said_by(error))
            return
        self._set_clip(role, clip.path, clip.first, clip.last)
        self.say(f"{role.capitalize()} is {clip.node}, frames {clip.first}-{clip.last}.", "good")

    def _set_clip(self, role: str, path: str, first: int | None, last: int | None) -> None:
        self.changed(self.fields[f"{role}.path"], path)
        if first is not None and last is not None:
            self.changed(self.fields[f"{role}.first"], str(first))
            self.changed(self.fields[f"{role}.last"], str(last))
        self.flush()

    def _browse(self, field: FormField) -> None:
        folder = self.draft.path.parent if self.draft.path is not None else None
        chosen = self.dialogs.open_file(field.label, "", str(folder or ""))
        if chosen is None:
            return
        if field.path in ("source.path", "reference.path"):
            clip = found_clip(chosen, folder)
            self._set_clip(field.path.partition(".")[0], clip.path, clip.first, clip.last)
        else:
            self.changed(field, posix(chosen))
            self.flush()

    # -- the preset's file

    def _may_leave(self) -> bool:
        self.flush()
        if not self.draft.modified or not self.draft.now.own - {"extends"}:
            return True
        return self.dialogs.ask(f"{self.draft.name} has unsaved changes. Drop them?")

    def new(self, name: str) -> None:
        """Begin a preset on top of a shipped one."""
        if self._may_leave():
            self._take(Draft.shipped(name))
            self.say(
                f"New preset on top of {name!r}: name the shot, take Source and Reference, add pairs.", ""
            )
        self.refresh()

    def ask_open(self) -> None:
        """Open a preset file that the artist chooses."""
        if self._may_leave() and (path := self.dialogs.open_file("Open Preset", PRESETS)) is not None:
            self.open(path)

    def open(self, path: Path) -> bool:
        """Open a preset file; one with mistakes opens too, so that they can be put right here."""
        try:
            draft = Draft.opened(path)
        except PresetError as error:
            self.say("\n".join(f"{p.place}: {p.message}" for p in error.problems[:3]))
            return False
        self._take(draft)
        self.say("")
        self._hand_over()
        return True

    def _take(self, draft: Draft) -> None:
        self.draft = draft
        self._pending.clear()
        self._refused.clear()
        self._problem = -1
        self._speed = speed_of(self._checkpoints())
        self.refresh()

    def _checkpoints(self) -> list[Checkpoint]:
        return [] if self.draft.path is None else self.host.checkpoints(self.draft.now.preset)

    def _hand_over(self) -> None:
        """Let the menu's commands work with this preset, once it is without errors."""
        if self.draft.path is not None and not self.draft.now.errors and not self.draft.modified:
            try:
                self.host.take(self.draft.path)
            except ChromaRecoveryError as error:
                self.say(said_by(error))
        self.allow()
        self.refresh()

    def follow_host(self) -> bool:
        """Show the preset that the menu works with, and pairs that it added, unless there are changes here."""
        file = self.host.preset_file()
        if file is None:
            return False
        touched = self.draft.modified and bool(self.draft.now.own - {"extends"})
        if file != self.draft.path and not touched:
            try:
                self._take(Draft.opened(file))
            except PresetError:
                return False
        pairs = self.host.pending_pairs()
        if pairs is not None and file == self.draft.path and pairs != self.draft.now.preset.pairs:
            try:
                PairsTable(self.draft).replace(pairs)
            except ChromaRecoveryError as error:
                self.say(said_by(error))
        self.refresh()
        return True

    def save(self) -> bool:
        """Write the preset into its file."""
        self.flush()
        if self.draft.path is None:
            return self.save_as()
        replace = False
        if self.draft.changed_on_disk():
            replace = self.dialogs.ask(
                f"Somebody else has changed {self.draft.name} since it was opened. Replace it?"
            )
            if not replace:
                return False
        return self._write(None, replace)

    def save_as(self) -> bool:
        """Write the preset into a file that the artist chooses."""
        self.flush()
        shot = self.draft.now.preset.shot or "preset"
        start = str(self.draft.path or Path(self.host.project() or Path.home()) / f"{shot}.yaml")
        target = self.dialogs.save_file("Save Preset", PRESETS, start)
        return target is not None and self._write(target, True)

    def _write(self, target: Path | None, replace: bool) -> bool:
        try:
            written = self.draft.save(target, replace=replace)
        except (ChromaRecoveryError, OSError) as error:
            self.say(said_by(error) if isinstance(error, ChromaRecoveryError) else str(error))
            self.refresh()
            return False
        self.say(f"Saved {written.name}", "good")
        self._hand_over()
        return True

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
