"""What we do to the open script: look at nodes, select, copy and paste as text, connect, move, set a knob.

Two ways, one face. In full editions by Python. In Indie and Non-commercial, where Python may touch about ten nodes, by
Tcl commands, which name nodes instead of handing out Python objects (``nodes``, ``selected_nodes``, ``knob``,
``exists``, ``inputs``, ``input``: Nuke's list of Tcl commands; that they work in these editions is what published
tools for them rely on). Text goes in and out by ``nodePaste`` and ``nodeCopy`` in every edition.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import attrs

from ..nk.tcl import quote, split_list
from ..paths import posix
from ..stages.marks import ID
from .editions import Running

__all__ = ["Hands", "LiveNode", "hands_for"]

AT_ONCE = 8
"""Nodes deleted by one call where Nuke takes about ten at once."""


@attrs.frozen
class LiveNode:
    """A node of the open script. handle: how its Hands name it. mark: our id, empty for the artist's nodes.

    inputs: handles by pipe, None where nothing is connected. x, y: top left corner in the node graph.
    """

    handle: Any
    name: str
    cls: str
    mark: str
    inputs: tuple[Any, ...]
    x: int
    y: int


class Hands(Protocol):
    """What a session needs from Nuke."""

    def nodes(self) -> list[LiveNode]:
        """Every node at the top level of the script, clone instances one by one."""

    def selected(self) -> list[Any]:
        """Handles of the selected nodes."""

    def select(self, handles: Iterable[Any]) -> None:
        """Select these and no others."""

    def copy(self, handles: Sequence[Any]) -> str:
        """The nodes as .nk text; they are selected afterwards."""

    def paste(self, text: str) -> list[Any]:
        """Insert .nk text; handles of the new nodes, which are selected."""

    def delete(self, handles: Sequence[Any]) -> None: ...

    def connect(self, handle: Any, pipe: int, other: Any | None) -> None: ...

    def move(self, handle: Any, x: int, y: int) -> None: ...

    def get(self, handle: Any, knob: str) -> str | None:
        """A knob's state as script text, None if there is no such knob."""

    def set(self, handle: Any, knob: str, word: str) -> bool:
        """Set a knob from a .nk word; false if there is no such knob."""


def hands_for(nuke: Any, here: Running) -> Hands:
    """The way that works in this edition."""
    return TclHands(nuke) if here.limited else PythonHands(nuke)


@contextmanager
def _scratch() -> Any:
    """Path of a scratch .nk file, with '/' only: Nuke runs Tcl escapes over file names."""
    handle, name = tempfile.mkstemp(prefix="chroma_recovery_", suffix=".nk")
    os.close(handle)
    try:
        yield posix(name)
    finally:
        Path(name).unlink(missing_ok=True)


class _Text:
    """Copy and paste through a file, the same in both ways."""

    def __init__(self, nuke: Any) -> None:
        self.nuke = nuke

    def copy(self, handles: Sequence[Any]) -> str:
        self.select(handles)
        with _scratch() as name:
            self.nuke.nodeCopy(name)
            return Path(name).read_text(encoding="utf-8", errors="surrogateescape")

    def paste(self, text: str) -> list[Any]:
        self.select(())
        with _scratch() as name:
            Path(name).write_text(text, encoding="utf-8", errors="surrogateescape", newline="\n")
            self.nuke.nodePaste(name)
        return self.selected()

    def selected(self) -> list[Any]:
        raise NotImplementedError

    def select(self, handles: Iterable[Any]) -> None:
        raise NotImplementedError


class PythonHands(_Text):
    """Handles are nuke.Node objects."""

    def nodes(self) -> list[LiveNode]:
        return [self._look(node) for node in self.nuke.allNodes(group=self.nuke.root())]

    def _look(self, node: Any) -> LiveNode:
        knob = node.knob(ID)
        pipes = tuple(node.input(i) for i in range(node.inputs()))
        mark = str(knob.value()) if knob is not None else ""
        return LiveNode(node, node.name(), node.Class(), mark, pipes, int(node.xpos()), int(node.ypos()))

    def selected(self) -> list[Any]:
        return list(self.nuke.selectedNodes())

    def select(self, handles: Iterable[Any]) -> None:
        wanted = list(handles)
        for node in self.nuke.selectedNodes():
            node.setSelected(False)
        for node in wanted:
            node.setSelected(True)

    def delete(self, handles: Sequence[Any]) -> None:
        for node in handles:
            self.nuke.delete(node)

    def connect(self, handle: Any, pipe: int, other: Any | None) -> None:
        handle.setInput(pipe, other)

    def move(self, handle: Any, x: int, y: int) -> None:
        handle.setXYpos(x, y)

    def get(self, handle: Any, knob: str) -> str | None:
        found = handle.knob(knob)
        return None if found is None else str(found.toScript())

    def set(self, handle: Any, knob: str, word: str) -> bool:
        found = handle.knob(knob)
        if found is None:
            return False
        found.fromScript(_unquoted(word))
        return True


class TclHands(_Text):
    """Handles are Nuke's own node ids, text; ``root`` for the project settings."""

    def tcl(self, *words: object) -> str:
        """One Tcl command; every word is quoted, so no text of a script is ever run."""
        return str(self.nuke.tcl(" ".join(quote(str(w)) for w in words)) or "")

    def _ids(self, command: str) -> list[str]:
        return [w.text for w in split_list(self.tcl(command))]

    def nodes(self) -> list[LiveNode]:
        return [self._look(handle) for handle in self._ids("nodes")]

    def _look(self, handle: str) -> LiveNode:
        pipes = [self.tcl("input", handle, n) for n in range(int(self.tcl("inputs", handle) or 0))]
        return LiveNode(
            handle,
            self.tcl("knob", f"{handle}.name"),
            self.tcl("class", handle),
            self.get(handle, ID) or "",
            tuple(None if p in ("", "0") else p for p in pipes),
            _whole(self.tcl("knob", f"{handle}.xpos")),
            _whole(self.tcl("knob", f"{handle}.ypos")),
        )

    def selected(self) -> list[Any]:
        return list(self._ids("selected_nodes"))

    def select(self, handles: Iterable[Any]) -> None:
        wanted = list(handles)
        for handle in self._ids("selected_nodes"):
            self.tcl("knob", f"{handle}.selected", "false")
        for handle in wanted:
            self.tcl("knob", f"{handle}.selected", "true")

    def delete(self, handles: Sequence[Any]) -> None:
        for start in range(0, len(handles), AT_ONCE):
            self.select(handles[start : start + AT_ONCE])
            self.nuke.nodeDelete()

    def connect(self, handle: Any, pipe: int, other: Any | None) -> None:
        self.tcl("input", handle, pipe, 0 if other is None else other)

    def move(self, handle: Any, x: int, y: int) -> None:
        self.tcl("knob", f"{handle}.xpos", x)
        self.tcl("knob", f"{handle}.ypos", y)

    def get(self, handle: Any, knob: str) -> str | None:
        if self.tcl("exists", f"{handle}.{knob}") != "1":
            return None
        return self.tcl("knob", f"{handle}.{knob}")

    def set(self, handle: Any, knob: str, word: str) -> bool:
        if self.tcl("exists", f"{handle}.{knob}") != "1":
            return False
        self.tcl("knob", f"{handle}.{knob}", _unquoted(word))
        return True


def _unquoted(word: str) -> str:
    """A .nk word as Nuke hands it to the knob: quotes and braces of the word itself are gone."""
    return split_list(word)[0].text if word else ""


def _whole(text: str) -> int:
    try:
        return round(float(text))
    except ValueError:
        return 0
