"""The top of the panel: which preset is open, opening and saving it, and how many problems it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...preset.extends import shipped_names
from .draft import Draft
from .qt import QtCore, QtWidgets
from .widgets import Choice, MessageLabel, button, mark

__all__ = ["PresetBar"]

NEW = "New from: "


class PresetBar(QtWidgets.QWidget):
    """new: called with a shipped preset's name. The other callables take nothing."""

    def __init__(
        self,
        *,
        new: Callable[[str], None],
        open_: Callable[[], None],
        save: Callable[[], Any],
        save_as: Callable[[], Any],
        undo: Callable[[], None],
        next_problem: Callable[[], None],
    ) -> None:
        super().__init__()
        self._new = new
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 4)
        layout.setSpacing(4)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(5)
        self.chooser = Choice(())
        self.chooser.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.chooser.setMinimumContentsLength(12)
        self.chooser.setToolTip("The open preset; choose a shipped one to begin a new preset on top of it")
        self.chooser.activated.connect(self._chosen)
        self.save = button("Save", "Write the preset; comments and order stay as they are", save)
        self.save_as = button("Save As…", "Write the preset into another file", save_as)
        self.undo = button("Undo", "Take back the last change in this panel", undo)
        row.addWidget(self.chooser, 1)
        for widget in (button("Open…", "Open a preset file", open_), self.save, self.save_as, self.undo):
            row.addWidget(widget)
        layout.addLayout(row)
        below = QtWidgets.QHBoxLayout()
        self.place = QtWidgets.QLabel()
        self.place.setMinimumWidth(40)
        mark(self.place, role="faint")
        self.problems = QtWidgets.QToolButton()
        self.problems.setAutoRaise(True)
        self.problems.setToolTip("Go to the next problem")
        self.problems.clicked.connect(lambda *_: next_problem())
        below.addWidget(self.place, 1)
        below.addWidget(self.problems)
        layout.addLayout(below)
        self.message = MessageLabel()
        layout.addWidget(self.message)
        self._names = shipped_names()

    def _chosen(self, place: int) -> None:
        if place > 0:
            self._new(self._names[place - 1])

    def show_draft(self, draft: Draft) -> None:
        """Name, place and state of a draft."""
        star = " *" if draft.modified else ""
        items = [draft.name + star, *(NEW + n for n in self._names)]
        if [self.chooser.itemText(n) for n in range(self.chooser.count())] != items:
            self.chooser.clear()
            self.chooser.addItems(items)
            self.chooser.insertSeparator(self.chooser.count())
        self.chooser.setCurrentIndex(0)
        folder = str(draft.path.parent) if draft.path is not None else "not saved yet"
        state = "unsaved changes  ·  " if draft.modified and draft.path is not None else ""
        metrics = self.place.fontMetrics()
        width = max(160, self.width() - 190)
        self.place.setText(metrics.elidedText(f"{state}{folder}", QtCore.Qt.TextElideMode.ElideMiddle, width))
        self.place.setToolTip(str(draft.path or ""))
        self.save.setEnabled(draft.modified)
        self._count(len(draft.now.errors), len(draft.now.warnings))
        self.message.show_messages([m for m in draft.now.messages if not m.field or m.field == "extends"])

    def _count(self, errors: int, warnings: int) -> None:
        words = [
            f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n
        ]
        self.problems.setText("  ·  ".join(words) or "✓ no problems")
        self.problems.setEnabled(bool(words))
