"""One editor per kind of field, and the form made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .form import FormField, Group
from .look import Message
from .qt import QtCore, QtWidgets
from .widgets import Choice, Fold, MessageLabel, button, mark

__all__ = ["Editor", "FieldRow", "FormPage", "make_editor"]

Qt = QtCore.Qt
LABEL_WIDTH = 128
NUMBER_WIDTH = 92
BOX = ("x", "y", "r", "t")
SIDE_BY_SIDE = {"first": ("last", "Frame range"), "width": ("height", "Size")}
"""Fields that share a line with the one behind them, and the label of that line."""

Changed = Callable[[FormField, "str | list[str]"], None]


class Editor:
    """widget: what stands in the form. Calls ``changed`` when the user, and nobody else, changes the value."""

    def __init__(
        self,
        field: FormField,
        widget: Any,
        read: Callable[[], Any],
        write: Callable[[Any], None],
        marked: list[Any] | None = None,
    ) -> None:
        self.field = field
        self.widget = widget
        self.value = read
        self._write = write
        self._marked = [widget] if marked is None else marked

    def show(self, value: str | list[str]) -> None:
        """Show a value, unless it is being typed into or is there already."""
        if self.value() != value and not self.busy():
            self._write(value)

    def busy(self) -> bool:
        focus = QtWidgets.QApplication.focusWidget()
        return (
            focus is not None and (focus is self.widget or self.widget.isAncestorOf(focus)) and self._typed()
        )

    def _typed(self) -> bool:
        return isinstance(
            QtWidgets.QApplication.focusWidget(), (QtWidgets.QLineEdit, QtWidgets.QPlainTextEdit)
        )

    def set_severity(self, severity: str) -> None:
        for widget in self._marked:
            mark(widget, severity=severity)


def make_editor(field: FormField, changed: Changed) -> Editor:
    """The editor of a field."""
    makers: dict[str, Callable[[FormField, Changed], Editor]] = {
        "switch": _switch,
        "choice": _choice,
        "numbers": _numbers,
        "prose": _prose,
    }
    editor = makers.get(field.editor, _line)(field, changed)
    editor.widget.setToolTip(field.tooltip)
    editor.widget.setObjectName(field.path)
    editor.widget.setAccessibleName(f"{field.label}: {field.help}")
    return editor


def _line(field: FormField, changed: Changed) -> Editor:
    widget = QtWidgets.QLineEdit()
    widget.setPlaceholderText(field.hint)
    if field.editor == "number":
        widget.setMaximumWidth(NUMBER_WIDTH)
    widget.textEdited.connect(lambda text: changed(field, text))
    return Editor(field, widget, widget.text, widget.setText)


def _switch(field: FormField, changed: Changed) -> Editor:
    widget = QtWidgets.QCheckBox()
    widget.clicked.connect(lambda on: changed(field, "true" if on else "false"))
    return Editor(
        field,
        widget,
        lambda: "true" if widget.isChecked() else "false",
        lambda v: widget.setChecked(v == "true"),
    )


def _choice(field: FormField, changed: Changed) -> Editor:
    widget = Choice(field.choices)
    widget.activated.connect(lambda *_: changed(field, widget.currentText()))
    return Editor(field, widget, widget.currentText, widget.show_value)


def _prose(field: FormField, changed: Changed) -> Editor:
    widget = QtWidgets.QPlainTextEdit()
    widget.setTabChangesFocus(True)
    widget.setPlaceholderText(field.hint)
    widget.setFixedHeight(widget.fontMetrics().lineSpacing() * 3 + 12)
    quiet = [False]

    def write(text: str) -> None:
        quiet[0] = True
        widget.setPlainText(text)
        quiet[0] = False

    widget.textChanged.connect(lambda: None if quiet[0] else changed(field, widget.toPlainText()))
    return Editor(field, widget, widget.toPlainText, write)


def _numbers(field: FormField, changed: Changed) -> Editor:
    widget = QtWidgets.QWidget()
    row = QtWidgets.QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    lines: list[Any] = []

    def read() -> list[str]:
        return [line.text() for line in lines]

    for n in range(field.size):
        name = QtWidgets.QLabel(BOX[n] if field.size == 4 else "xy"[n])
        mark(name, role="unit")
        line = QtWidgets.QLineEdit()
        line.setMaximumWidth(NUMBER_WIDTH - 20)
        line.setToolTip(field.tooltip)
        line.setPlaceholderText("auto" if field.optional else "")
        line.textEdited.connect(lambda _: changed(field, read()))
        row.addWidget(name)
        row.addWidget(line)
        lines.append(line)
    row.addStretch(1)

    def write(values: list[str]) -> None:
        for line, value in zip(lines, values, strict=True):
            line.setText(value)

    editor = Editor(field, widget, read, write, marked=lines)
    return editor


class FieldRow:
    """A line of the form: label, editors, unit, reset, and the messages below."""

    def __init__(
        self, fields: list[FormField], label: str, changed: Changed, reset: Callable[[FormField], None]
    ) -> None:
        self.fields = fields
        self._reset = reset
        self.editors = [make_editor(f, changed) for f in fields]
        self.label = QtWidgets.QLabel(label)
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.label.setMinimumWidth(LABEL_WIDTH)
        self.label.setToolTip(fields[0].tooltip)
        self.message = MessageLabel()
        self.reset = QtWidgets.QToolButton()
        self.reset.setText("↺")
        self.reset.setToolTip("Back to what the preset below it, or the default, says")
        mark(self.reset, role="reset")
        self.reset.clicked.connect(self._back)
        self.line = QtWidgets.QHBoxLayout()
        self.line.setSpacing(5)
        for n, editor in enumerate(self.editors):
            if n:
                self.line.addWidget(QtWidgets.QLabel("–" if fields[0].path.endswith("first") else "×"))
            self.line.addWidget(editor.widget, 1 if _wide(editor.field) else 0)
        if fields[0].unit and fields[0].editor != "numbers":
            unit = QtWidgets.QLabel(fields[0].unit)
            mark(unit, role="unit")
            self.line.addWidget(unit)
        if not _wide(fields[0]):
            self.line.addStretch(1)

    def _back(self, *_: Any) -> None:
        for field in self.fields:
            self._reset(field)

    def add_button(self, text: str, tip: str, clicked: Callable[[], Any]) -> Any:
        made = button(text, tip, clicked)
        self.line.addWidget(made)
        return made

    def show(self, values: list[str | list[str]], said: list[bool], messages: list[list[Message]]) -> None:
        """Values, whether this preset says them itself, and messages, one each per field."""
        for editor, value, found in zip(self.editors, values, messages, strict=True):
            editor.show(value)
            kinds = {m.severity for m in found}
            editor.set_severity("error" if "error" in kinds else "warning" if kinds else "")
        mark(self.label, said=str(any(said)).lower())
        self.reset.setVisible(any(said) and not any(f.required for f in self.fields))
        self.message.show_messages([m for found in messages for m in found])


def _wide(field: FormField) -> bool:
    return field.editor in ("text", "path", "prose", "numbers")


class FormPage(QtWidgets.QWidget):
    """Groups of fields. rows: field path -> its line."""

    def __init__(
        self, groups: tuple[Group, ...], changed: Changed, reset: Callable[[FormField], None]
    ) -> None:
        super().__init__()
        self.rows: dict[str, FieldRow] = {}
        self.folds: dict[str, Fold] = {}
        self.column = QtWidgets.QVBoxLayout(self)
        self.column.setContentsMargins(10, 8, 10, 10)
        self.column.setSpacing(8)
        for group in groups:
            fold = Fold(group.title, self._body(group, changed, reset), folded=group.folded)
            self.folds[group.path] = fold
            self.column.addWidget(fold)
        self.column.addStretch(1)

    def _body(self, group: Group, changed: Changed, reset: Callable[[FormField], None]) -> Any:
        body = QtWidgets.QWidget()
        grid = QtWidgets.QGridLayout(body)
        grid.setContentsMargins(0, 4, 0, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(2, 18)
        left = list(group.fields)
        while left:
            fields, label = [left.pop(0)], ""
            name = fields[0].path.rpartition(".")[2]
            beside = SIDE_BY_SIDE.get(name)
            if beside and left and left[0].path.rpartition(".")[2] == beside[0]:
                fields.append(left.pop(0))
                label = beside[1]
            row = FieldRow(fields, label or fields[0].label, changed, reset)
            at = grid.rowCount()
            top = fields[0].editor == "prose"
            grid.addWidget(row.label, at, 0, Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag(0))
            grid.addLayout(row.line, at, 1)
            grid.addWidget(row.reset, at, 2)
            grid.addWidget(row.message, at + 1, 1, 1, 2)
            self.rows.update({f.path: row for f in fields})
        return body

    def unfold(self, path: str) -> None:
        """Open the group that a field stands in."""
        group = path.rpartition(".")[0]
        if group in self.folds:
            self.folds[group].unfold()
