"""Functions of the module about scripts. Public names here are the names in ``nuke``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .script import decode, encode, graph_of, insert, load_root, understood
from .unverified import UnverifiedBehaviour

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["ScriptFunctions", "text_of"]

EXTENSIONS = {"nc": ".nknc", "indie": ".nkind"}


def text_of(session: FakeNuke, path: str) -> str:
    """A script file as text. Raises RuntimeError."""
    if not os.path.isfile(path):
        raise RuntimeError(f"{path}: No such file or directory")
    return decode(session, Path(path).read_text(encoding="utf-8"))


class ScriptFunctions:
    """Opening, reading and saving scripts."""

    def __init__(self, session: FakeNuke) -> None:
        self._session = session

    def scriptReadText(self, text: str) -> None:
        """Nodes from text, where they say they are; selection as the text has it (U)."""
        self._read(text, "<text>")

    def scriptReadFile(self, path: str) -> None:
        self._read(text_of(self._session, path), path)

    def _read(self, text: str, name: str) -> None:
        session = self._session
        graph = understood(session, text, name)
        if graph.root:
            session.doubt("project settings in text that was read were left out")
        with session.journal.group("read script"):
            insert(session, graph, group=session.here())

    def scriptOpen(self, path: str) -> None:
        """Raises RuntimeError for a file that is not there or cannot be read."""
        session = self._session
        graph = understood(session, text_of(session, path), path)
        session.reset()
        session.script_name = path.replace("\\", "/")
        session.opened_version = graph.nuke
        with session.journal.silent():
            load_root(session, graph)
            insert(session, graph, group=None)
        session.modified = False
        session.callbacks.fire("onScriptLoad", session.root)

    def scriptClear(self, *_: Any) -> None:
        self._session.reset()

    def scriptNew(self, *_: Any) -> None:
        """In terminal mode the nodes stay (C)."""
        if self._session.gui:
            self._session.reset()
        else:
            self._session.script_name = ""

    def scriptClose(self, *_: Any) -> bool:
        self._session.callbacks.fire("onScriptClose", self._session.root)
        self._session.reset()
        return True

    def scriptSave(self, filename: str | None = None) -> bool:
        """A copy that leaves the script's name alone, or the script itself; raises where it fails (A)."""
        session = self._session
        if filename is None and not session.script_name:
            raise RuntimeError("the script has no name")
        self._save(filename or session.script_name)
        if filename is None:
            session.modified = False
        return True

    def scriptSaveAs(self, filename: str | None = None, overwrite: int = -1) -> None:
        """overwrite: 1 always, 0 never, -1 asks in the GUI and is 0 without one (A). What is raised when the
        file stays: RuntimeError (U)."""
        session = self._session
        if not filename:
            raise UnverifiedBehaviour("scriptSaveAs without a file name opens a dialog")
        path = self._named(filename)
        if os.path.exists(path) and overwrite != 1:
            asked = overwrite == -1 and session.gui
            if not (asked and session.dialogs.answer("ask", f"{path} exists. Overwrite?", bool)):
                raise RuntimeError(f"{path}: file exists")
        self._save(path)
        session.script_name = path.replace("\\", "/")
        session.modified = False

    def _named(self, filename: str) -> str:
        wanted = EXTENSIONS.get(self._session.edition)
        stem, ending = os.path.splitext(filename)
        if wanted and ending != wanted:
            self._session.doubt(f"{filename} was saved as {wanted}")
            return stem + wanted
        return filename

    def _save(self, path: str) -> None:
        session = self._session
        session.callbacks.fire("onScriptSave", session.root)
        text = encode(session, graph_of(session))
        try:
            Path(path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise RuntimeError(f"{path}: {error.strerror}") from error

    def modified(self, status: bool | None = None) -> bool:
        if status is not None:
            self._session.modified = bool(status)
        return self._session.modified
