"""``nuke.Group`` and ``nuke.Root``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..graph.catalogue import GROUPS
from .node import Node, attached_only
from .unverified import UnverifiedBehaviour

if TYPE_CHECKING:
    from .live import Live

__all__ = ["Group", "Root", "facade"]


def facade(live: Live) -> Node:
    """The Python object of a node."""
    kind = Root if live.cls == "Root" else Group if live.cls in GROUPS else Node
    return kind(live)


class Group(Node):
    """Group, Gizmo and the like; a context manager that makes it the current group (A)."""

    def nodes(self) -> list[Node]:
        return [self._session.seen(n) for n in self._live.inside]

    def numNodes(self) -> int:
        return len(self._live.inside)

    def node(self, name: str) -> Node | None:
        return self._session.to_node(name, self._live)

    def begin(self) -> Group:
        self._session.current.append(self._live)
        return self

    def end(self) -> None:
        self._session.current.pop()

    def __enter__(self) -> Group:
        self.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def output(self) -> Node | None:
        found = next((n for n in self._live.inside if n.cls == "Output"), None)
        return self._session.seen(found) if found is not None else None


class Root(Group):
    """The project settings."""

    def name(self) -> str:
        """The script's path; ``Root`` while it is not saved (A)."""
        return self._session.script_name or "Root"

    def fullName(self) -> str:
        return "root"

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:
        raise UnverifiedBehaviour("root().setName: use nuke.scriptSaveAs")

    def begin(self) -> Root:
        self._session.current.append(None)
        return self

    def modified(self) -> bool:
        return self._session.modified

    def setModified(self, modified: bool) -> None:
        self._session.modified = bool(modified)

    def firstFrame(self) -> int:
        return int(self["first_frame"].value())

    def lastFrame(self) -> int:
        return int(self["last_frame"].value())

    def fps(self) -> int:
        return int(self["fps"].value())

    def realFps(self) -> float:
        return float(self["fps"].value())

    def setFrame(self, frame: float) -> None:
        self._session.frame = frame

    def nodes(self) -> list[Node]:
        return [self._session.seen(n) for n in self._session.nodes]

    def numNodes(self) -> int:
        return len(self._session.nodes)

    def node(self, name: str) -> Node | None:
        return self._session.to_node(name)


attached_only(Group)
attached_only(Root)
