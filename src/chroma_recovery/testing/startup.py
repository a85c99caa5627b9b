"""Nuke's start: ``init.py`` of every plug-in folder in every mode, then ``menu.py`` in the GUI (A).

Folders are taken in reverse order of the plug-in path (A). A folder added by ``nuke.pluginAddPath`` inside an
``init.py`` has its own ``init.py`` run at once, and its ``menu.py`` with the others (B: how toolkits are
installed); a relative folder starts at the file that names it (B). ``__file__`` is set, ``__name__`` is
``__main__`` (U). An exception leaves the file and ends the start, as in Nuke (B).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["Startup", "add_folder", "start"]


@attrs.define
class Startup:
    """Where the start is. running: files being run, innermost last. done: files run, in order."""

    running: list[str] = attrs.field(factory=list)
    done: list[str] = attrs.field(factory=list)


def start(session: FakeNuke, folders: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Start with these plug-in folders, first of the path first, as ``NUKE_PATH`` gives them; the fake must be
    installed. Returns the files that were run, in order."""
    session.starting = Startup()
    given = [os.fspath(f) for f in folders]
    try:
        for folder in given:
            _note(session, folder, front=False, python=True)
        for folder in reversed(given):
            _run(session, folder, "init.py")
        for folder in reversed(session.plugin_path) if session.gui else ():
            _run(session, folder, "menu.py")
        return session.starting.done
    finally:
        session.starting = None


def add_folder(session: FakeNuke, folder: str, *, front: bool, python: bool) -> None:
    """``nuke.pluginAddPath`` and ``pluginAppendPath``."""
    starting = session.starting
    if starting is not None and starting.running:
        folder = os.path.join(os.path.dirname(starting.running[-1]), folder)
    added = _note(session, folder, front=front, python=python)
    if starting is not None and starting.running and starting.running[-1].endswith("init.py") and added:
        _run(session, folder, "init.py")


def _note(session: FakeNuke, folder: str, *, front: bool, python: bool) -> bool:
    path = os.path.abspath(folder).replace("\\", "/")
    new = path not in session.plugin_path
    if not new:
        session.plugin_path.remove(path)
    session.plugin_path.insert(0 if front else len(session.plugin_path), path)
    if python and path not in sys.path:
        sys.path.insert(0 if front else len(sys.path), path)
    return new


def _run(session: FakeNuke, folder: str, name: str) -> None:
    file = os.path.join(os.path.abspath(folder), name)
    starting = session.starting
    if starting is None or not os.path.isfile(file):
        return
    starting.running.append(file)
    try:
        code = compile(Path(file).read_text(encoding="utf-8"), file, "exec")
        exec(code, {"__name__": "__main__", "__file__": file})  # noqa: S102
    finally:
        starting.running.pop()
    starting.done.append(file)
