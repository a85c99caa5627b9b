"""Small widgets that the parts of the panel share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .look import Message
from .qt import QtCore, QtWidgets

__all__ = ["Choice", "Fold", "MessageLabel", "button", "mark", "rule"]

Qt = QtCore.Qt


def mark(widget: Any, **properties: str) -> None:
    """Set properties that the style sheet asks for, and have it looked at again."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def button(text: str, tip: str, clicked: Callable[[], Any]) -> Any:
    """A push button that calls without arguments."""
    made = QtWidgets.QPushButton(text)
    made.setToolTip(tip)
    made.setAutoDefault(False)
    made.clicked.connect(lambda *_: clicked())
    return made


def rule() -> Any:
    """A thin line."""
    line = QtWidgets.QFrame()
    line.setFixedHeight(1)
    mark(line, role="rule")
    return line


class MessageLabel(QtWidgets.QLabel):
    """Says what is wrong; takes no room while nothing is."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setProperty("role", "message")
        font = self.font()
        font.setPointSizeF(max(7.0, font.pointSizeF() * 0.92))
        self.setFont(font)
        self.hide()

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Errors first, one per line."""
        ordered = sorted(messages, key=lambda m: m.severity != "error")
        self.say("\n".join(_sentence(str(m)) for m in ordered), ordered[0].severity if ordered else "")

    def say(self, text: str, severity: str = "error") -> None:
        """A text of ours; empty hides it."""
        self.setText(text)
        mark(self, severity=severity)
        self.setVisible(bool(text))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


class Choice(QtWidgets.QComboBox):
    """A choice that the mouse wheel passes over while the form is scrolled."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__()
        self.choices = tuple(choices)
        self.addItems(list(choices))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToContents)

    def wheelEvent(self, event: Any) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def show_value(self, text: str) -> None:
        """Show a value, also one that is not among the choices: the file may say anything."""
        while self.count() > len(self.choices):
            self.removeItem(self.count() - 1)
        place = self.findText(text)
        if place < 0:
            self.addItem(text)
            place = self.count() - 1
        self.setCurrentIndex(place)


class Fold(QtWidgets.QWidget):
    """A titled group that closes. Without a title it is just its contents."""

    def __init__(self, title: str, body: Any, *, folded: bool = False) -> None:
        super().__init__()
        self.body = body
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.head: Any = None
        if title:
            self.head = QtWidgets.QToolButton()
            self.head.setText(title)
            self.head.setCheckable(True)
            self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self.head.setSizePolicy(
                QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed
            )
            mark(self.head, role="fold")
            self.head.toggled.connect(self._turn)
            layout.addWidget(self.head)
            layout.addWidget(rule())
        layout.addWidget(body)
        self._turn(not folded)

    def _turn(self, is_open: bool) -> None:
        self.body.setVisible(is_open)
        if self.head is not None:
            self.head.setChecked(is_open)
            self.head.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)

    def unfold(self) -> None:
        self._turn(True)
