"""Qt without a screen, and a Nuke that only remembers what was asked of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

PRESET = """\
# the artist's own words
extends: shot
shot: sh010
source: {path: plates/source.####.exr, first: 471, last: 499, format: {width: 2048, height: 1556}}
reference: {path: plates/ref.####.exr, first: 471, last: 499, format: {width: 2048, height: 1556}, kind: dvd}
pairs:
  - 471        # wide
  - 478
  - {source: 485, hold_out: true}   # faces
  - 492
  - {source: 499, note: last}
alignment:
  keys:
    - {pair: 478, translate: [2, -1]}   # weaves here
training:
  patch: 512   # the whole face fits
"""


@pytest.fixture
def preset_file(tmp_path: Path) -> Path:
    file = tmp_path / "sh010.yaml"
    file.write_text(PRESET, encoding="utf-8")
    return file


class RecordingHost:
    """Does nothing and remembers everything."""

    def __init__(self) -> None:
        from chroma_recovery.nuke_host.panel.host import ReadClip

        self.did: list[tuple[Any, ...]] = []
        self.file: Path | None = None
        self.pending: tuple[Any, ...] | None = None
        self.folder: Path | None = None
        self.now = 480
        self.why: dict[str, str | None] = {}
        self.read: ReadClip | None = ReadClip("Read1", "/plates/scan.####.dpx", 1001, 1100)
        self.checking: Callable[[Callable[[], bool]], Any] = lambda cancelled: ()
        self.found: list[Any] = []

    def preset_file(self) -> Path | None:
        return self.file

    def pending_pairs(self) -> tuple[Any, ...] | None:
        return self.pending

    def take(self, file: Path) -> None:
        self.file = file
        self.did.append(("take", file.name))

    def project(self) -> Path | None:
        return self.folder

    def set_project(self, folder: Path) -> None:
        self.folder = folder

    def selected_read(self) -> Any:
        from chroma_recovery.errors import NukeError

        if self.read is None:
            raise NukeError.at("CR922", "", "0 Reads are selected", "select exactly one in the node graph")
        return self.read

    def frame(self) -> int:
        return self.now

    def jump(self, frame: int) -> None:
        self.did.append(("jump", frame))

    def wipe(self, preset: Any, number: int) -> str:
        self.did.append(("wipe", preset.shot, number))
        return f"Pair {number}"

    def reasons(self) -> Mapping[str, str | None]:
        return self.why

    def check(self, file: Path, cancelled: Callable[[], bool]) -> Any:
        self.did.append(("check", file.name))
        return self.checking(cancelled)

    def run(self, command: str) -> None:
        self.did.append(("run", command))

    def checkpoints(self, preset: Any) -> list[Any]:
        return self.found


class Answers:
    """Dialogs that are answered in advance: path or None per question, yes or no for ask."""

    def __init__(self) -> None:
        self.paths: list[Path | None] = []
        self.yes: list[bool] = []
        self.asked: list[str] = []

    def _path(self, title: str) -> Path | None:
        self.asked.append(title)
        return self.paths.pop(0)

    def open_file(self, title: str, kinds: str, folder: str = "") -> Path | None:
        return self._path(title)

    def save_file(self, title: str, kinds: str, name: str) -> Path | None:
        return self._path(title)

    def folder(self, title: str, start: str) -> Path | None:
        return self._path(title)

    def ask(self, question: str) -> bool:
        self.asked.append(question)
        return self.yes.pop(0)


@pytest.fixture(scope="session")
def app() -> Any:
    """The Qt application."""
    try:
        from chroma_recovery.nuke_host.panel.preview import application
    except Exception as error:
        pytest.fail(f"{error}\nOn Debian: python3 tasks.py test installs what Qt needs.", pytrace=False)
    return application(dark=True)


def destroy(widget: Any) -> None:
    """Close a widget and delete it now, in this thread."""
    from PySide6 import QtCore

    widget.close()
    widget.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete.value)


@pytest.fixture
def host() -> RecordingHost:
    return RecordingHost()


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def panel(app: Any, host: RecordingHost, answers: Answers) -> Iterator[Any]:
    """A panel with a new preset."""
    from chroma_recovery.nuke_host.panel.panel import RecoveryPanel

    made = RecoveryPanel(host, answers)
    made.resize(600, 800)
    made.show()
    yield made
    destroy(made)


@pytest.fixture
def opened(panel: Any, preset_file: Path, host: RecordingHost) -> Any:
    """A panel with the preset above."""
    assert panel.open(preset_file)
    host.did.clear()
    return panel
