#!/usr/bin/env python3
"""Set up and run everything: ``python3 tasks.py demo``, ``test``, ``lint``, ``docs`` or ``setup``.

Needs Python 3.10 or newer and nothing else. Everything is installed into ``.venv`` beside this file, by
commands that are printed before they run; delete ``.venv`` to start afresh. Further words are handed on, for
example ``python3 tasks.py test tests/nk -q``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / ".chroma-recovery-setup"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
PYTHON = BIN / f"python{EXE}"

FUZZ = ",fuzz" if sys.platform == "linux" and platform.machine() == "x86_64" else ""
"""Coverage-guided fuzzing, where its library comes ready made."""

INSTALL = ("-m", "pip", "install", "-c", "constraints.txt", "-e", f".[engine,dev{FUZZ}]")


class TaskError(Exception):
    """A task cannot go on; the message says what to do."""


def say(text: str) -> None:
    """One line on stdout, at once."""
    print(text, flush=True)


def show(command: Sequence[str | Path]) -> str:
    """The command as one would type it in the project folder."""
    words = [str(word) for word in command]
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    return shlex.join(word.removeprefix(f"{ROOT}{os.sep}") for word in words)


def call(command: Sequence[str | Path], *, env: dict[str, str] | None = None) -> int:
    """Print a command, run it in the project folder and return its exit code."""
    say(f"$ {show(command)}")
    return subprocess.call([str(word) for word in command], cwd=ROOT, env=env, stdin=subprocess.DEVNULL)


def must(command: Sequence[str | Path]) -> None:
    """Run a command that has to succeed."""
    if code := call(command):
        raise TaskError(f"this command failed with exit code {code}: {show(command)}")


def debian_root() -> bool:
    """Whether packages may be installed with apt-get without asking anybody."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install Debian packages, as root on Debian only."""
    call(["apt-get", "update", "-qq"])
    must(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])


def fingerprint() -> str:
    """Changes when what has to be installed changes."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT} {INSTALL}".encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def make_venv() -> None:
    """Create ``.venv`` unless a working one is there."""
    if PYTHON.exists():
        return
    try:
        import ensurepip  # noqa: F401  (Debian splits it off)
    except ImportError:
        if not debian_root():
            raise TaskError(
                "this Python cannot make virtual environments; on Debian and Ubuntu: "
                "sudo apt-get install python3-venv"
            ) from None
        apt_install("python3-venv")
    must([sys.executable, "-m", "venv", VENV])


def setup() -> int:
    """Make ``.venv`` with the package (editable), the engine and the developer tools."""
    if STAMP.exists() and PYTHON.exists() and STAMP.read_text(encoding="utf-8") == fingerprint():
        return 0
    make_venv()
    STAMP.unlink(missing_ok=True)
    must([PYTHON, *INSTALL])
    STAMP.write_text(fingerprint(), encoding="utf-8")
    return 0


def need_tclsh() -> None:
    """The tests read every generated script with a real Tcl interpreter."""
    if shutil.which("tclsh"):
        return
    if debian_root():
        apt_install("tcl")
        return
    raise TaskError(
        "the tests need a Tcl interpreter named tclsh on the PATH. Debian, Ubuntu: sudo apt-get install tcl. "
        "Fedora: sudo dnf install tcl. macOS: it is part of the system, or: brew install tcl-tk. "
        "Windows: install any Tcl distribution, for example: winget install Magicsplat.TclTk"
    )


QT_PACKAGES = (
    "libegl1",
    "libgl1",
    "libxkbcommon0",
    "libfontconfig1",
    "libdbus-1-3",
    "libglib2.0-0",
    "fonts-dejavu-core",
)
QT_WORKS = """
from PySide6 import QtGui, QtWidgets
app = QtWidgets.QApplication([])
raise SystemExit(0 if QtGui.QFontDatabase.families() else "Qt finds no font")
"""


def qt_works() -> bool:
    """Whether Qt loads and draws text, without a screen."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [str(PYTHON), "-c", QT_WORKS]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        say("\n".join(done.stderr.strip().splitlines()[-2:]))
    return done.returncode == 0


def need_qt() -> None:
    """The tests draw the panel of the Nuke host; Qt's wheels take some libraries, and a font, from the system."""
    if qt_works():
        return
    if debian_root():
        apt_install(*QT_PACKAGES)
        if qt_works():
            return
    raise TaskError(
        "the tests need Qt with its system libraries and one font. Debian, Ubuntu: sudo apt-get install "
        + " ".join(QT_PACKAGES)
        + ". Fedora: sudo dnf install mesa-libEGL mesa-libGL libxkbcommon fontconfig dejavu-sans-fonts"
    )


CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def want_chromium() -> None:
    """The tests open the quality report in a real browser; without one, those say so and are left out."""
    if os.name == "nt" or any(map(shutil.which, CHROMIUM)):
        return
    if debian_root():
        apt_install("chromium")
        return
    say(
        "no Chromium on the PATH: the tests that open the report in a browser are left out. Debian, Ubuntu: "
        "sudo apt-get install chromium. Fedora: sudo dnf install chromium"
    )


def demo(extra: Sequence[str]) -> int:
    """Set up, then recover the shipped clip into ``demo-out`` (or the folder given with ``--out``)."""
    setup()
    named = any(word == "--out" or word.startswith("--out=") for word in extra)
    out = [] if named else ["--out", "demo-out"]
    return call([BIN / f"chroma-recovery{EXE}", "demo", *out, *extra])


def test(extra: Sequence[str]) -> int:
    """Set up, then run the tests on two processes."""
    setup()
    need_tclsh()
    need_qt()
    want_chromium()
    return call([PYTHON, "-m", "pytest", *(extra or ("-n", "2", "--dist", "loadfile"))])


def lint(extra: Sequence[str]) -> int:
    """Set up, then run ruff, mypy (strict) and the layer contracts; all of them, even if one fails."""
    if extra:
        raise TaskError("lint takes no further words")
    setup()
    codes = [
        call([PYTHON, "-m", "ruff", "check", "."]),
        call([PYTHON, "-m", "mypy"]),
        call([BIN / f"lint-imports{EXE}"]),
    ]
    return max(codes)


def docs(extra: Sequence[str]) -> int:
    """Set up, then build the documents into ``docs/_build``; a warning is an error."""
    setup()
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        *extra,
        "docs",
        "docs/_build",
    ]
    code = call(command)
    if not code:
        say("open docs/_build/index.html")
    return code


def bench(extra: Sequence[str]) -> int:
    """Set up, then run the benchmarks: all of them (hours), or ``--quick`` (minutes)."""
    setup()
    return call([PYTHON, ROOT / "benchmarks" / "everything.py", *extra])


def only_setup(extra: Sequence[str]) -> int:
    """Install what is missing and say where it is."""
    if extra:
        raise TaskError("setup takes no further words")
    setup()
    say(f"ready: {show([PYTHON])}")
    return 0


TASKS: dict[str, Callable[[Sequence[str]], int]] = {
    "demo": demo,
    "test": test,
    "lint": lint,
    "docs": docs,
    "bench": bench,
    "setup": only_setup,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one task and return its exit code."""
    layout = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="tasks.py", description=__doc__, formatter_class=layout)
    lines = [f"{name:6} {task.__doc__}" for name, task in TASKS.items()]
    parser.add_argument("task", choices=tuple(TASKS), help="\n".join(lines))
    parser.add_argument("extra", nargs=argparse.REMAINDER, help="words for the command behind the task")
    words = parser.parse_args(arguments)
    try:
        return TASKS[words.task](words.extra)
    except TaskError as error:
        print(f"tasks.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    if sys.version_info < (3, 10):  # noqa: UP036  (whoever starts this may have an older one)
        sys.exit("tasks.py: Python 3.10 or newer is needed, this is " + sys.version.split()[0])
    sys.exit(main())
