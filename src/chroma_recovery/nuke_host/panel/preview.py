"""Pictures of the panel for documents, and a host without Nuke that shows it on any desktop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...build import assemble
from ...errors import NukeError, Problem
from ...preset.model import Pair, Preset
from ..checkpoints import Checkpoint, checkpoints
from .host import ReadClip
from .panel import RecoveryPanel
from .qt import QtCore, QtGui, QtWidgets
from .style import palette

__all__ = ["NoNuke", "application", "picture"]


class NoNuke:
    """A host for a desktop without Nuke: presets can be edited and checked, nothing is built."""

    def __init__(self, file: Path | None = None, project: Path | None = None) -> None:
        self.file, self.folder = file, project

    def preset_file(self) -> Path | None:
        return self.file

    def pending_pairs(self) -> tuple[Pair, ...] | None:
        return None

    def take(self, file: Path) -> None:
        self.file = file

    def project(self) -> Path | None:
        return self.folder

    def set_project(self, folder: Path) -> None:
        self.folder = folder

    def selected_read(self) -> ReadClip:
        raise NukeError.at("CR922", "", "there is no node graph here", "choose files with the … button")

    def frame(self) -> int:
        return 1

    def jump(self, frame: int) -> None:
        return None

    def wipe(self, preset: Preset, number: int) -> str:
        raise NukeError.at("CR922", "", "there is no Viewer here")

    def reasons(self) -> Mapping[str, str | None]:
        return {}

    def check(self, file: Path, cancelled: Callable[[], bool]) -> tuple[Problem, ...]:
        return assemble(file, project=self.folder or file.resolve().parent).warnings

    def run(self, command: str) -> None:
        return None

    def checkpoints(self, preset: Preset) -> list[Checkpoint]:
        return [] if self.folder is None else checkpoints(self.folder)


def application(*, dark: bool) -> Any:
    """The Qt application with a palette like Nuke's, or a light one."""
    app = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    app.setStyle("Fusion")
    app.setPalette(palette(dark))
    font = app.font()
    font.setFamily("DejaVu Sans")
    font.setPointSizeF(9.0)
    app.setFont(font)
    return app


def picture(
    file: Path,
    out: Path,
    *,
    tab: str,
    dark: bool = True,
    size: tuple[int, int] = (560, 760),
    prepare: Callable[[RecoveryPanel], None] | None = None,
) -> Path:
    """Draw the panel with a preset into a PNG, twice as fine as on a plain screen. prepare: called before drawing."""
    app = application(dark=dark)
    panel = RecoveryPanel(NoNuke(file))
    panel.resize(*size)
    panel.setAttribute(QtCore.Qt.WidgetAttribute.WA_DontShowOnScreen, True)
    panel.show()
    names = [panel.tabs.tabText(n).split(" ")[0] for n in range(panel.tabs.count())]
    panel.tabs.setCurrentIndex(names.index(tab))
    if prepare is not None:
        prepare(panel)
    app.processEvents()
    app.processEvents()
    image = QtGui.QPixmap(size[0] * 2, size[1] * 2)
    image.setDevicePixelRatio(2.0)
    panel.render(image)
    image.save(str(out))
    panel.close()
    panel.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, int(QtCore.QEvent.Type.DeferredDelete))
    return out
