"""The panel in the stand-in for Nuke: registered without Qt, and its requests reach the script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.errors import NukeError
from chroma_recovery.testing import FakeNuke

MODES = [("nukex", "15.1v4"), ("indie", "16.0v1"), ("nc", "15.1v4")]


def made(nuke: Any) -> Any:
    from chroma_recovery.nuke_host.menu import commands
    from chroma_recovery.nuke_host.panel.host import NukeHost

    return NukeHost(commands(nuke))


def test_registering_loads_no_qt(tmp_path: Path) -> None:
    code = """
import sys, time
from chroma_recovery.testing import FakeNuke
fake = FakeNuke()
with fake.installed() as nuke:
    from chroma_recovery.nuke_host.panel import PANEL_ID, TITLE, register
    register()
    assert not any(name.startswith(("PySide", "shiboken")) for name in sys.modules)
    panel = fake.menus.panels[PANEL_ID]
    assert panel.name == TITLE
    import __main__
    assert eval(panel.widget.rpartition(".")[0], vars(__main__)).TITLE == TITLE
    print("fine")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.strip() == "fine", done.stderr


def test_the_registered_name_is_the_panel(app: Any) -> None:
    fake = FakeNuke()
    with fake.installed():
        from chroma_recovery.nuke_host.panel import PANEL_ID, register

        register()
        panel = fake.menus.panels[PANEL_ID].widget_class()()
        assert panel.windowTitle() == "Chroma Recovery"
        panel.close()
        panel.deleteLater()


@pytest.mark.parametrize(("edition", "version"), MODES)
def test_selected_read(edition: str, version: str) -> None:
    fake = FakeNuke("gui", edition, version)
    with fake.installed() as nuke:
        host = made(nuke)
        with pytest.raises(NukeError) as caught:
            host.selected_read()
        assert caught.value.problems[0].code == "CR922"
        nuke.createNode("Read", "file /plates/a.%04d.exr first 7 last 90", inpanel=False)
        clip = host.selected_read()
        assert (clip.path, clip.first, clip.last) == ("/plates/a.%04d.exr", 7, 90)
        host.jump(30)
        assert host.frame() == 30


def test_build_reaches_the_script_and_pairs_are_wiped(preset_file: Path) -> None:
    class Window:
        def __init__(self, node: Any) -> None:
            self.shown: list[tuple[int, bool]] = []
            self._node = node

        def node(self) -> Any:
            return self._node

        def activateInput(self, pipe: int, secondary: bool = False) -> None:  # noqa: N802
            self.shown.append((pipe, secondary))

    fake = FakeNuke()
    with fake.installed() as nuke:
        host = made(nuke)
        assert host.check(preset_file, lambda: False) is not None
        host.take(preset_file)
        with pytest.raises(NukeError) as caught:
            host.wipe(host.commands.scripts().loaded.preset, 2)
        assert caught.value.problems[0].hint == "build 2 Alignment first"
        host.run("alignment")
        preset = host.commands.scripts().loaded.preset
        nuke.activeViewer = lambda: None
        assert "Viewer_alignment" in host.wipe(preset, 2) and host.frame() == 2
        window = Window(nuke.toNode("Viewer_alignment"))
        nuke.activeViewer = lambda: window
        host.wipe(preset, 3)
        assert window.shown == [(0, False), (1, True)] and host.frame() == 3
        assert host.reasons()["training"] is None


def test_without_qt_one_clear_error(monkeypatch: pytest.MonkeyPatch, app: Any) -> None:
    from chroma_recovery.nuke_host.panel import qt

    assert qt.BINDING in qt.BINDINGS
    asked: list[str] = []

    def missing(name: str) -> Any:
        asked.append(name)
        raise ImportError(f"no {name}")

    monkeypatch.setattr(qt.importlib, "import_module", missing)
    with pytest.raises(NukeError) as caught:
        qt.load()
    problem = caught.value.problems[0]
    assert problem.code == "CR921" and "PySide6: no" in problem.message and "PySide2: no" in problem.message
    assert asked == ["PySide6.QtCore", "PySide2.QtCore"]


def test_pyside2_is_taken_where_it_is_loaded(monkeypatch: pytest.MonkeyPatch, app: Any) -> None:
    from chroma_recovery.nuke_host.panel import qt

    monkeypatch.setitem(sys.modules, "PySide2.QtCore", object())  # type: ignore[arg-type]
    monkeypatch.delitem(sys.modules, "PySide6.QtCore")
    monkeypatch.setattr(qt.importlib, "import_module", lambda name: name)
    assert qt.load() == ("PySide2", "PySide2.QtCore", "PySide2.QtGui", "PySide2.QtWidgets")
