"""What the panel asks the artist, in windows of its own; tests answer in their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from .qt import QtWidgets

__all__ = ["Dialogs", "QtDialogs"]

PRESETS = "Presets (*.yaml *.yml)"


class Dialogs(Protocol):
    """Every question; None or False where the artist closed the window."""

    def open_file(self, title: str, kinds: str, folder: str = "") -> Path | None: ...

    def save_file(self, title: str, kinds: str, name: str) -> Path | None:
        """The artist has agreed to replace what is there."""

    def folder(self, title: str, start: str) -> Path | None: ...

    def ask(self, question: str) -> bool: ...


class QtDialogs:
    """The system's dialogs."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent

    def open_file(self, title: str, kinds: str, folder: str = "") -> Path | None:
        name = QtWidgets.QFileDialog.getOpenFileName(self.parent, title, folder, kinds)[0]
        return Path(name) if name else None

    def save_file(self, title: str, kinds: str, name: str) -> Path | None:
        chosen = QtWidgets.QFileDialog.getSaveFileName(self.parent, title, name, kinds)[0]
        if not chosen:
            return None
        return Path(chosen) if chosen.endswith((".yaml", ".yml")) else Path(f"{chosen}.yaml")

    def folder(self, title: str, start: str) -> Path | None:
        name = QtWidgets.QFileDialog.getExistingDirectory(self.parent, title, start)
        return Path(name) if name else None

    def ask(self, question: str) -> bool:
        box = QtWidgets.QMessageBox
        yes, no = box.StandardButton.Yes, box.StandardButton.No
        return bool(box.question(self.parent, "Chroma Recovery", question, yes | no) == yes)
