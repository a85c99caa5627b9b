"""``nuke-package``: the release zip."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..package import build_release
from ..paths import posix
from .console import Console
from .words import Commands

__all__ = ["add_nuke_package", "nuke_package"]


def add_nuke_package(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``nuke-package``."""
    command = commands.add_parser("nuke-package", help="make the release zip for a Nuke plug-in folder")
    pythons = ("3.10", "3.11")
    command.add_argument("--python", required=True, choices=pythons, help="Nuke 15: 3.10, Nuke 16, 17: 3.11")
    command.add_argument("--out", type=Path, required=True, metavar="ZIP", help="the zip to write")
    command.add_argument("--overwrite", action="store_true", help="replace a zip that is there")
    command.set_defaults(run=nuke_package)
    return command


def nuke_package(arguments: argparse.Namespace, console: Console) -> int:
    """Write the zip for one of Nuke's Pythons."""
    major, minor = (int(n) for n in arguments.python.split("."))
    names = build_release(arguments.out, (major, minor), overwrite=arguments.overwrite)
    console.say(f"{posix(arguments.out)} ({len(names)} files, Python {arguments.python})")
    console.result({"ok": True, "zip": posix(arguments.out), "files": names})
    return 0
