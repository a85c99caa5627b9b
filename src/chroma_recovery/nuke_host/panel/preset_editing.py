"""Editing the open preset: what is typed waits until the artist pauses, then it goes into the draft."""

from __future__ import annotations

from typing import Any

from ...errors import ChromaRecoveryError, PresetError
from ...paths import posix
from ...preset.found_clip import found_clip
from .dialogs import Dialogs, QtDialogs
from .draft import Draft
from .form import FormField, form_fields
from .host import PanelHost
from .look import Message
from .pairs_table import said_by
from .qt import QtCore, QtWidgets

__all__ = ["PresetEditing"]

WAIT = 200
"""Milliseconds after the last key before what was typed is checked."""


class PresetEditing(QtWidgets.QWidget):
    """The part of the panel that changes the draft. host: the Nuke around it. dialogs: who answers questions.

    What it shows, and where, is for the class on top: ``refresh`` and ``say``.
    """

    def __init__(self, host: PanelHost, dialogs: Dialogs | None, parent: Any) -> None:
        super().__init__(parent)
        self.host = host
        self.dialogs = dialogs if dialogs is not None else QtDialogs(self)
        self.draft = Draft.shipped("shot")
        self.fields: dict[str, FormField] = {f.path: f for f in form_fields()}
        self._pending: dict[str, tuple[FormField, str | list[str]]] = {}
        self._refused: dict[str, Message] = {}
        self.timer = QtCore.QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(WAIT)
        self.timer.timeout.connect(self.flush)

    def refresh(self) -> None:
        """Show the draft everywhere."""
        raise NotImplementedError

    def say(self, text: str, severity: str = "error") -> None:
        """One message to the artist."""
        raise NotImplementedError

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
