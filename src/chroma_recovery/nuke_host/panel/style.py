"""Colours and the few rules of style of the panel, by the palette it finds: Nuke's dark one or a light one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from ...paths import posix
from .qt import QtGui

__all__ = ["Colours", "colours_of", "palette", "sheet"]


@attrs.frozen
class Colours:
    """Text colours, with a contrast of 4.5 or more against the window; line, field and tick are areas."""

    error: str
    warning: str
    good: str
    faint: str
    line: str
    accent: str
    field: str
    tick: str


TICK = posix(Path(__file__).with_name("tick.png"))

DARK = Colours("#ff8a80", "#f0b75a", "#8ccf8c", "#a0a0a0", "#4a4a4a", "#f0a040", "#262626", "#c9782a")
LIGHT = Colours("#b3261e", "#8a5a00", "#2e7033", "#5f5f5f", "#c4c4c4", "#a85d00", "#ffffff", "#c46a10")


def colours_of(palette: Any) -> Colours:
    """The set that fits a palette."""
    return DARK if palette.color(QtGui.QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def sheet(colours: Colours) -> str:
    """Style sheet of the panel's own widgets; nothing outside it is touched."""
    return f"""
    QLabel[role="message"][severity="error"] {{ color: {colours.error}; }}
    QLabel[role="message"][severity="warning"] {{ color: {colours.warning}; }}
    QLabel[role="message"][severity="good"] {{ color: {colours.good}; }}
    QLabel[role="faint"] {{ color: {colours.faint}; }}
    QLabel[role="unit"] {{ color: {colours.faint}; }}
    QLabel[said="true"] {{ font-weight: bold; }}
    QLabel[role="value"] {{ font-weight: bold; }}
    QToolButton[role="fold"] {{ border: none; font-weight: bold; padding: 4px 2px; text-align: left; }}
    QToolButton[role="reset"] {{ border: none; color: {colours.faint}; }}
    QToolButton[role="reset"]:hover {{ color: {colours.accent}; }}
    QPushButton[role="main"] {{ font-weight: bold; }}
    QCheckBox::indicator, QTableView::indicator {{ width: 13px; height: 13px; border: 1px solid {colours.faint};
        border-radius: 2px; background: {colours.field}; }}
    QCheckBox::indicator:checked, QTableView::indicator:checked {{ background: {colours.tick};
        border-color: {colours.tick}; image: url("{TICK}"); }}
    QFrame[role="rule"] {{ background: {colours.line}; max-height: 1px; border: none; }}
    QLineEdit[severity="error"], QPlainTextEdit[severity="error"], QComboBox[severity="error"] {{
        border: 1px solid {colours.error}; border-radius: 2px; background: {colours.field}; padding: 2px; }}
    QLineEdit[severity="warning"], QPlainTextEdit[severity="warning"], QComboBox[severity="warning"] {{
        border: 1px solid {colours.warning}; border-radius: 2px; background: {colours.field}; padding: 2px; }}
    """


def palette(dark: bool) -> Any:
    """A palette for pictures and for running the panel outside Nuke."""
    role = QtGui.QPalette.ColorRole
    if dark:
        window, base, text, button, mid = "#323232", "#262626", "#dcdcdc", "#3f3f3f", "#202020"
        quiet, chosen, over = "#8c8c8c", "#c9782a", "#ffffff"
    else:
        window, base, text, button, mid = "#f0f0f0", "#ffffff", "#1c1c1c", "#e8e8e8", "#b8b8b8"
        quiet, chosen, over = "#747474", "#c46a10", "#ffffff"
    found = QtGui.QPalette(QtGui.QColor(button), QtGui.QColor(window))
    pairs = (
        (role.Window, window),
        (role.WindowText, text),
        (role.Base, base),
        (role.AlternateBase, window),
        (role.Text, text),
        (role.Button, button),
        (role.ButtonText, text),
        (role.Mid, mid),
        (role.Highlight, chosen),
        (role.HighlightedText, over),
        (role.ToolTipBase, base),
        (role.ToolTipText, text),
        (role.PlaceholderText, quiet),
    )
    for which, colour in pairs:
        found.setColor(which, QtGui.QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        found.setColor(QtGui.QPalette.ColorGroup.Disabled, which, QtGui.QColor(quiet))
    return found
