"""init.py and menu.py as Nuke runs them: they make the package importable and never raise into Nuke."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

NUKE = """\
import sys, types

class Touchy(types.ModuleType):
    def __getattr__(self, name):
        raise RuntimeError(f"nuke.{name} touched at start-up")

sys.modules["nuke"] = Touchy("nuke")
"""


def start(folder: Path, *, then: str = "", before: str = "") -> subprocess.CompletedProcess[str]:
    """Run init.py, then menu.py, as Nuke does, in a fresh interpreter that cannot see this checkout."""
    code = f"{NUKE}\n{before}\nimport runpy\n"
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
    (unpacked / "vendored").mkdir()
    (unpacked / "vendored" / "attrs_of_ours.py").write_text("here = 1\n")
    done = start(unpacked, then="import attrs_of_ours; print(attrs_of_ours.here)")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "1", "")


def test_starting_twice_adds_the_folder_once(unpacked: Path) -> None:
    again = f"runpy.run_path({str(unpacked / 'init.py')!r})\n"
    done = start(unpacked, then=again + f"print(sys.path.count({str(unpacked / 'src')!r}))")
    assert (done.returncode, done.stdout.strip()) == (0, "1")


def test_a_missing_package_is_two_lines_and_nuke_starts(unpacked: Path) -> None:
    shutil.rmtree(unpacked / "src")
    done = start(unpacked, then="print('Nuke is up')")
    assert (done.returncode, done.stdout.strip()) == (0, "Nuke is up")
    first, second = done.stderr.splitlines()
    assert first.startswith("chroma_recovery: not available in Nuke: no package in ")
    assert second.startswith("chroma_recovery: no menu in Nuke: ")


def test_a_package_that_raises_is_one_line_and_nuke_starts(unpacked: Path) -> None:
    (unpacked / "src" / "chroma_recovery" / "__init__.py").write_text("raise ValueError('first\\nsecond')\n")
    done = start(unpacked, then="print('Nuke is up')")
    assert (done.returncode, done.stdout.strip()) == (0, "Nuke is up")
    assert done.stderr == "chroma_recovery: no menu in Nuke: first second\n"


def test_an_old_python_is_told_so(unpacked: Path) -> None:
    done = start(unpacked, before="sys.version_info = (3, 9, 10)\nsys.version = '3.9.10 (main)'")
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == (
        "chroma_recovery: not available in Nuke: it needs Python 3.10 or newer, this is 3.9.10"
    )


def test_nothing_is_said_even_without_a_stderr(unpacked: Path) -> None:
    """On Windows a GUI program may have no stderr at all."""
    shutil.rmtree(unpacked / "src")
    done = start(unpacked, before="sys.stderr = None", then="print('Nuke is up')")
    assert (done.returncode, done.stdout.strip()) == (0, "Nuke is up")


def test_the_checkout_itself_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("init.py", "menu.py"):
        runpy.run_path(str(ROOT / name))
    assert capsys.readouterr() == ("", "")
