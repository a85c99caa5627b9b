"""init.py and menu.py of plug-in folders."""

import sys

import pytest

from chroma_recovery.testing import FakeNuke


def folder(path, init="", menu=""):
    path.mkdir()
    (path / "init.py").write_text(f"import nuke\n{init}\n")
    (path / "menu.py").write_text(f"import nuke\n{menu}\n")
    return path


@pytest.mark.parametrize("mode", ["gui", "terminal"])
def test_order_and_modes(tmp_path, mode):
    home = folder(tmp_path / "artist", "nuke.pluginAddPath('./tool')")
    folder(home / "tool", "import cr_inside", "nuke.menu('Nuke').addCommand('Tool', 'pass')")
    (home / "tool" / "cr_inside.py").write_text("here = 1\n")
    show = folder(tmp_path / "show")
    fake, before = FakeNuke(mode), list(sys.path)
    with fake.installed() as nuke:
        done = [f.replace(str(tmp_path), "").replace("\\", "/") for f in fake.start(home, show)]
        assert done[:3] == ["/show/init.py", "/artist/tool/init.py", "/artist/init.py"]
        assert sum(f.endswith("menu.py") for f in done) == (3 if mode == "gui" else 0)
        assert nuke.pluginPath()[0] == (home / "tool").as_posix()
        assert (home / "tool").as_posix() in sys.path
        assert fake.menus.paths() == (["Nuke/Tool"] if mode == "gui" else [])
    assert sys.path == before
    sys.modules.pop("cr_inside", None)


def test_an_exception_in_init_is_not_hidden(tmp_path):
    fake = FakeNuke()
    with fake.installed(), pytest.raises(ZeroDivisionError):
        fake.start(folder(tmp_path / "bad", "1/0"))


def test_plugin_paths(tmp_path):
    with FakeNuke().installed() as nuke:
        nuke.pluginAddPath(str(tmp_path / "a"))
        nuke.pluginAppendPath(str(tmp_path / "z"))
        nuke.pluginAddPath([str(tmp_path / "b"), str(tmp_path / "c")], addToSysPath=False)
        assert [p[-1] for p in nuke.pluginPath()] == ["b", "c", "a", "z"]
        assert (tmp_path / "b").as_posix() not in sys.path and (tmp_path / "a").as_posix() in sys.path
