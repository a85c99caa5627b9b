"""init.py and menu.py as Nuke runs them: they make the package importable and never raise into Nuke."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[1]

NUKE = """\
import sys, types

class Touchy(types.ModuleType):
    def __getattr__(self, name):
        raise RuntimeError(f"nuke.{name} touched at start-up")

sys.modules["nuke"] = Touchy("nuke")
sys.modules["nuke"].GUI = @GUI@
"""


def start(
    folder: Path, *, then: str = "", before: str = "", gui: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run init.py, then menu.py, as Nuke does, in a fresh interpreter that cannot see this checkout."""
    code = f"{NUKE.replace('@GUI@', str(gui))}\n{before}\nimport runpy\n"
    code += "".join(f"runpy.run_path({str(folder / name)!r})\n" for name in ("init.py", "menu.py"))
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", code + then],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """What an artist has after unpacking: the start-up files and ``src``."""
    folder = tmp_path / "chroma recovery [1] é"
    folder.mkdir()
    for name in ("init.py", "menu.py"):
        shutil.copy(ROOT / name, folder / name)
    package = folder / "src" / "chroma_recovery"
    package.mkdir(parents=True)
    shutil.copy(ROOT / "src" / "chroma_recovery" / "__init__.py", package)
    return folder


def test_start_makes_the_package_importable_and_is_silent(unpacked: Path) -> None:
    done = start(unpacked, then="import chroma_recovery; print(chroma_recovery.__file__)")
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.strip()) == unpacked / "src" / "chroma_recovery" / "__init__.py"


def test_what_the_studio_has_comes_first(unpacked: Path) -> None:
    done = start(unpacked, then="print(sys.path[-1] == " + repr(str(unpacked / "src")) + ")")
    assert (done.returncode, done.stdout.strip()) == (0, "True")


def test_vendored_libraries_are_found(unpacked: Path) -> None:
    (unpacked / "vendor").mkdir()
    (unpacked / "vendor" / "attrs_of_ours.py").write_text("here = 1\n")
    done = start(unpacked, then="import attrs_of_ours; print(attrs_of_ours.here)")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "1", "")


def test_starting_twice_adds_the_folder_once(unpacked: Path) -> None:
    again = f"runpy.run_path({str(unpacked / 'init.py')!r})\n"
    done = start(unpacked, then=again + f"print(sys.path.count({str(unpacked / 'src')!r}))")
    assert (done.returncode, done.stdout.strip()) == (0, "1")


def test_a_missing_package_is_one_line_and_nuke_starts(unpacked: Path) -> None:
    shutil.rmtree(unpacked / "src")
    done = start(unpacked, then="print('Nuke is up')")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first.startswith("chroma_recovery: not loaded: no chroma_recovery folder at ")
    assert second == "Nuke is up"


def test_a_package_that_raises_is_one_line_and_nuke_starts(unpacked: Path) -> None:
    (unpacked / "src" / "chroma_recovery" / "__init__.py").write_text("raise ValueError('first\\nsecond')\n")
    done = start(unpacked, then="print('Nuke is up')", gui=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["chroma_recovery: no menu: ValueError: first second", "Nuke is up"]


def test_a_terminal_does_not_even_import_the_package(unpacked: Path) -> None:
    (unpacked / "src" / "chroma_recovery" / "__init__.py").write_text("raise ValueError\n")
    done = start(unpacked, then="print('Nuke is up')")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "Nuke is up", "")


def test_an_old_python_is_told_so(unpacked: Path) -> None:
    done = start(unpacked, before="sys.version_info = (3, 9, 10)\nsys.version = '3.9.10 (main)'", gui=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "chroma_recovery: not loaded: needs Nuke 15 or newer (Python 3.10), this is Python 3.9"
    ]


def test_nothing_fails_even_without_a_stdout(unpacked: Path) -> None:
    """On Windows a GUI program may have no standard streams at all."""
    shutil.rmtree(unpacked / "src")
    done = start(unpacked, before="out, sys.stdout = sys.stdout, None", then="print('Nuke is up', file=out)")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "Nuke is up", "")


def test_the_checkout_itself_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "nuke", SimpleNamespace(GUI=False))
    for name in ("init.py", "menu.py"):
        runpy.run_path(str(ROOT / name))
    assert capsys.readouterr() == ("", "")
