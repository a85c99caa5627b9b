"""The table of pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ChromaRecoveryError
from .look import Message
from .pair_row import PairRow
from .pairs_table import PairsTable, said_by
from .qt import QtCore, QtGui, QtWidgets
from .style import colours_of
from .widgets import MessageLabel, button

__all__ = ["PairsView"]

Qt = QtCore.Qt
COLUMNS = ("Pair", "Frame", "Timecode", "Reference", "Hold-out", "Manual", "Note")
PAIR, FRAME, TIMECODE, REFERENCE, HOLD_OUT, MANUAL, NOTE = range(7)
TIPS = (
    "Number in the dataset: its frame in the AppendClips of stages 1-3",
    "Source frame",
    "Timecode of the Source frame, counted from 0",
    "Reference frame, where it is another",
    "Kept out of training, to judge the model",
    "Alignment of this pair. Off: F_Align (auto). On: your Transform (manual)",
    "Why this pair",
)
MOST_MESSAGES = 4


class PairsView(QtWidgets.QWidget):
    """changed: called after every change of the draft. frame: the frame on screen. jump, wipe: what Nuke does."""

    def __init__(
        self,
        *,
        changed: Callable[[], None],
        frame: Callable[[], int],
        jump: Callable[[int], None],
        wipe: Callable[[PairRow], None],
    ) -> None:
        super().__init__()
        self._changed, self._frame, self._jump, self._wipe = changed, frame, jump, wipe
        self.model: PairsTable | None = None
        self.rows: tuple[PairRow, ...] = ()
        self._filling = False
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(6)
        self.table = QtWidgets.QTableWidget(0, len(COLUMNS))
        self._set_up()
        layout.addWidget(self.table)
        self.frame = QtWidgets.QSpinBox()
        self.frame.setRange(-9999999, 9999999)
        self.frame.setToolTip("Source frame of the new pair")
        self.here = button("⤓", "Take the frame on screen", lambda: self.frame.setValue(self._frame()))
        self.here.setMaximumWidth(30)
        self.add = button("Add", "Make this Source frame a training pair", self._add)
        self.remove = button("Remove", "Take the selected pairs out, with their hand alignment", self._remove)
        self.sort = button("Sort", "Pairs in frame order", lambda: self._try(self._table().sort))
        self.escalate = button(
            "4 → 7 → 11", "More pairs, in the widest gaps", lambda: self._try(self._table().escalate)
        )
        self.jump = button("Jump to Frame", "Show the selected pair's Source frame", self._go)
        self.wipe = button(
            "Wipe Pair", "Source against aligned Reference, in the alignment's Viewer", self._compare
        )
        for line in (
            (self.frame, self.here, self.add, self.remove, self.sort),
            (self.escalate, self.jump, self.wipe),
        ):
            row = QtWidgets.QHBoxLayout()
            row.setSpacing(5)
            for widget in line:
                row.addWidget(widget)
            row.addStretch(1)
            layout.addLayout(row)
        self.message = MessageLabel()
        layout.addWidget(self.message)
        self._enable()

    def _set_up(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels(list(COLUMNS))
        for n, tip in enumerate(TIPS):
            table.horizontalHeaderItem(n).setToolTip(tip)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        table.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        mode = QtWidgets.QHeaderView.ResizeMode
        letters = table.fontMetrics().horizontalAdvance("0")
        for n, width in enumerate((5, 8, 12, 10, 9, 11, 0)):
            header.setSectionResizeMode(n, mode.Stretch if n == NOTE else mode.Interactive)
            if width:
                table.setColumnWidth(n, width * letters)
        table.setMinimumHeight(190)
        table.itemChanged.connect(self._edited)
        table.itemSelectionChanged.connect(self._enable)
        table.cellDoubleClicked.connect(
            lambda row, column: self._go() if column in (PAIR, TIMECODE) else None
        )

    # -- showing

    def show_pairs(self, model: PairsTable) -> None:
        """Show the pairs of a draft."""
        self.model = model
        self.rows = model.rows()
        self._filling = True
        try:
            self.table.setRowCount(len(self.rows))
            for n, row in enumerate(self.rows):
                self._fill(n, row)
        finally:
            self._filling = False
        self.escalate.setText(model.level())
        source = model.preset.source
        if not source.first <= self.frame.value() <= source.last:
            self.frame.setValue(source.first)
        self._show_messages(model)
        self._enable()

    def _show_messages(self, model: PairsTable) -> None:
        about = [
            Message(m.field, m.code, f"{r.frame}: {m.text}", m.hint, m.severity)
            for r in self.rows
            for m in r.messages
        ]
        if len(about) > MOST_MESSAGES:
            about = [*about[:MOST_MESSAGES], Message("", "", f"and {len(about) - MOST_MESSAGES} more")]
        self.message.show_messages(
            [*model.draft.now.at("pairs"), *model.draft.now.at("alignment.keys"), *about]
        )

    def _fill(self, n: int, row: PairRow) -> None:
        colours = colours_of(self.palette())
        trained = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        texts = (
            str(row.number or ""),
            row.frame,
            row.timecode,
            row.reference or "same",
            "auto" if row.automatic and row.hold_out else "",
            "manual" if row.alignment == "manual" else "auto",
            row.note,
        )
        for column, text in enumerate(texts):
            item = self.table.item(n, column)
            if item is None:
                item = QtWidgets.QTableWidgetItem()
                self.table.setItem(n, column, item)
            item.setText(text)
            flags = trained
            if column in (FRAME, REFERENCE, NOTE):
                flags |= Qt.ItemFlag.ItemIsEditable
            if column in (HOLD_OUT, MANUAL):
                flags |= Qt.ItemFlag.ItemIsUserCheckable
                on = row.hold_out if column == HOLD_OUT else row.alignment == "manual"
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            item.setFlags(flags)
            item.setToolTip(
                "\n".join(map(str, row.messages)) or (row.note if column == NOTE else TIPS[column])
            )
            faint = column in (PAIR, TIMECODE) or (column == REFERENCE and not row.reference)
            colour = {"error": colours.error, "warning": colours.warning}.get(
                row.severity if column == FRAME else ""
            )
            if colour is None and faint:
                colour = colours.faint
            brush = QtGui.QBrush(QtGui.QColor(colour)) if colour else QtGui.QBrush()
            item.setData(Qt.ItemDataRole.ForegroundRole, brush if colour else None)

    def selected(self) -> list[PairRow]:
        """The selected pairs, in order."""
        chosen = sorted({index.row() for index in self.table.selectionModel().selectedIndexes()})
        return [self.rows[n] for n in chosen if n < len(self.rows)]

    def _enable(self) -> None:
        count = len(self.selected())
        self.remove.setEnabled(count > 0)
        self.jump.setEnabled(count == 1)
        self.wipe.setEnabled(count == 1)

    # -- changing

    def _table(self) -> PairsTable:
        assert self.model is not None  # noqa: S101 - nothing can be pressed before pairs are shown
        return self.model

    def _try(self, change: Callable[[], Any]) -> None:
        """Make a change; one that cannot be made is told and leaves everything as it was."""
        try:
            change()
        except ChromaRecoveryError as error:
            if self.model is not None:
                self.show_pairs(self.model)
            self.message.say(said_by(error))
        else:
            self._changed()

    def _add(self) -> None:
        self._try(lambda: self._table().add(self.frame.value()))

    def _remove(self) -> None:
        rows = self.selected()
        self._try(lambda: self._table().remove([r.index for r in rows]))
        self.table.clearSelection()

    def _go(self) -> None:
        for row in self.selected()[:1]:
            self._jump(row.pair.source)

    def _compare(self) -> None:
        for row in self.selected()[:1]:
            self._wipe(row)

    def _edited(self, item: Any) -> None:
        if self._filling or item.row() >= len(self.rows):
            return
        row, column, table = self.rows[item.row()], item.column(), self._table()
        on = item.checkState() == Qt.CheckState.Checked
        text = str(item.text())
        if column == FRAME and text != row.frame:
            self._try(lambda: table.set_frame(row.index, text))
        elif column == REFERENCE and text not in (row.reference, "same"):
            self._try(lambda: table.set_reference(row.index, text))
        elif column == NOTE and text != row.note:
            self._try(lambda: table.set_note(row.index, text))
        elif column == HOLD_OUT and on != row.hold_out:
            self._try(lambda: table.set_hold_out(row.index, on))
        elif column == MANUAL and on != (row.alignment == "manual"):
            self._try(lambda: table.set_alignment(row.index, "manual" if on else "auto"))
