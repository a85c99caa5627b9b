"""The tabs with the preset's fields: one page each, marked where something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .draft import Draft
from .editors import FormPage
from .form import TABS, FormField, groups
from .look import Message, nearest
from .qt import QtCore, QtWidgets

__all__ = ["PresetTabs"]

PAIRED = ("pairs", "alignment.keys", "crop.keys")
"""Fields that the pair table shows."""


class PresetTabs(QtWidgets.QTabWidget):
    """changed, reset: called as in FormPage. pages: by the tab's name. rows: by the field's path."""

    def __init__(
        self, changed: Callable[[FormField, str | list[str]], None], reset: Callable[[FormField], None]
    ) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self.pages: dict[str, FormPage] = {}
        for name, _ in TABS:
            page = FormPage(groups(name), changed, reset)
            scroll = QtWidgets.QScrollArea()
            scroll.setWidgetResizable(True)
            scroll.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
            scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            scroll.setWidget(page)
            self.pages[name] = page
            self.addTab(scroll, name)
        self.rows: dict[str, Any] = {
            path: row for page in self.pages.values() for path, row in page.rows.items()
        }

    def show_draft(self, draft: Draft, refused: Mapping[str, Message]) -> None:
        """Values and messages of a draft. refused: by path, what was typed and cannot be taken in; it stays there."""
        found: dict[str, list[Message]] = {}
        shown = frozenset(self.rows)
        for message in (*draft.now.messages, *refused.values()):
            if not message.field.startswith(PAIRED):
                found.setdefault(nearest(message.field, shown), []).append(message)
        for row in {id(r): r for r in self.rows.values()}.values():
            row.show(
                [
                    draft.typed(f) if f.path not in refused else e.value()
                    for f, e in zip(row.fields, row.editors, strict=True)
                ],
                [draft.says(f) for f in row.fields],
                [found.get(f.path, []) for f in row.fields],
            )
        self._mark(draft, found)

    def _mark(self, draft: Draft, found: Mapping[str, list[Message]]) -> None:
        for n, (name, _) in enumerate(TABS):
            kinds = {m.severity for path in self.pages[name].rows for m in found.get(path, [])}
            if name == "Pairs":
                kinds |= {m.severity for m in draft.now.messages if m.field.startswith(PAIRED)}
            sign = " ✕" if "error" in kinds else " !" if kinds else ""
            self.setTabText(n, name + sign)

    def go_to(self, field: str) -> None:
        """Show the field's tab and unfold its group; the keyboard goes there."""
        path = nearest(field, frozenset(self.rows))
        for n, (name, _) in enumerate(TABS):
            page = self.pages[name]
            if field.startswith(PAIRED):
                if name == "Pairs":
                    self.setCurrentIndex(n)
            elif path in page.rows:
                self.setCurrentIndex(n)
                page.unfold(path)
                row = page.rows[path]
                editor = row.editors[[f.path for f in row.fields].index(path)]
                editor.widget.setFocus()
                self.widget(n).ensureWidgetVisible(editor.widget)
