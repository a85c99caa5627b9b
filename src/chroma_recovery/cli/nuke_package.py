"""``nuke-package``: the release zip."""

from __future__ import annotations

import argparse

from ..package import build_release
from ..paths import posix
from .console import Console

__all__ = ["nuke_package"]


def nuke_package(arguments: argparse.Namespace, console: Console) -> int:
    """Write the zip for one of Nuke's Pythons."""
    major, minor = (int(n) for n in arguments.python.split("."))
    names = build_release(arguments.out, (major, minor), overwrite=arguments.overwrite)
    console.say(f"{posix(arguments.out)} ({len(names)} files, Python {arguments.python})")
    console.result({"ok": True, "zip": posix(arguments.out), "files": names})
    return 0
