"""The loss curve of a training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .qt import QtCore, QtGui, QtWidgets
from .style import colours_of
from .training_log import thinned

__all__ = ["LossCurve"]


class LossCurve(QtWidgets.QWidget):
    """Loss against steps; the loss axis is logarithmic, as losses fall by orders of magnitude."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[tuple[int, float]] = []
        self.total = 0
        self.setMinimumHeight(110)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> Any:
        return QtCore.QSize(360, 120)

    def show_points(self, points: Sequence[tuple[int, float]], total: int) -> None:
        self.points = thinned([p for p in points if p[1] > 0], 800)
        self.total = total
        self.update()

    def paintEvent(self, event: Any) -> None:
        painter = QtGui.QPainter(self)
        colours = colours_of(self.palette())
        left, right, top, bottom = 52, 10, 8, 18
        area = QtCore.QRectF(left, top, self.width() - left - right, self.height() - top - bottom)
        painter.fillRect(self.rect(), self.palette().color(QtGui.QPalette.ColorRole.Base))
        font = painter.font()
        font.setPointSizeF(max(6.5, font.pointSizeF() * 0.8))
        painter.setFont(font)
        if len(self.points) < 2:
            painter.setPen(QtGui.QColor(colours.faint))
            painter.drawText(self.rect(), QtCore.Qt.AlignmentFlag.AlignCenter, "no losses yet")
            painter.end()
            return
        self._axes(painter, area, colours)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 1.5))
        low, high = self._range()
        last = max(self.total, self.points[-1][0])
        line = [
            QtCore.QPointF(
                area.left() + area.width() * step / last,
                area.bottom() - area.height() * (math.log10(loss) - low) / (high - low),
            )
            for step, loss in self.points
        ]
        painter.drawPolyline(QtGui.QPolygonF(line))
        painter.end()

    def _range(self) -> tuple[float, float]:
        losses = [math.log10(loss) for _, loss in self.points]
        low, high = min(losses), max(losses)
        return (low - 0.05, high + 0.05) if high - low > 0.05 else (low - 0.1, high + 0.1)

    def _axes(self, painter: Any, area: Any, colours: Any) -> None:
        low, high = self._range()
        flags = QtCore.Qt.AlignmentFlag
        for n in range(3):
            value = 10 ** (low + (high - low) * n / 2)
            y = area.bottom() - area.height() * n / 2
            painter.setPen(QtGui.QColor(colours.line))
            painter.drawLine(QtCore.QPointF(area.left(), y), QtCore.QPointF(area.right(), y))
            painter.setPen(QtGui.QColor(colours.faint))
            box = QtCore.QRectF(0, y - 8, area.left() - 6, 16)
            painter.drawText(box, flags.AlignRight | flags.AlignVCenter, f"{value:.2g}")
        last = max(self.total, self.points[-1][0])
        below = QtCore.QRectF(area.left(), area.bottom() + 2, area.width(), 15)
        painter.drawText(below, flags.AlignLeft | flags.AlignTop, "0")
        painter.drawText(below, flags.AlignRight | flags.AlignTop, f"{last:,} steps".replace(",", " "))
