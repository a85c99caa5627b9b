"""``nuke.Node``.

Every public method of a deleted node raises ``ValueError: A PythonObject is not attached to a node`` (A);
``node['missing']`` raises NameError, not KeyError (A); ``screenWidth()`` is 0 without a GUI (A). Clones are
nodes of their own that share name, class and knobs (A: saved scripts).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..graph.node import NAME
from .knob_classes import PUBLIC
from .knobs import Knob
from .unverified import NODE_GONE, UnverifiedBehaviour, not_known

if TYPE_CHECKING:
    from .live import Live
    from .session import FakeNuke

__all__ = ["Node", "attached_only"]

SIZES = {"Dot": (12, 12), "StickyNote": (80, 40)}
"""Pixels in the DAG (C); any other node 80 x 18, with a postage stamp 80 x 78."""


def attached_only(cls: type[Any]) -> type[Any]:
    """Every method first asks whether the node is still there."""
    for name, method in list(vars(cls).items()):
        if callable(method) and (not name.startswith("_") or name in ("__getitem__", "__len__")):
            setattr(cls, name, _checked(method))
    return cls


def _checked(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def wrapped(self: Node, *words: Any, **named: Any) -> Any:
        if not self._live.attached:
            raise ValueError(NODE_GONE)
        return method(self, *words, **named)

    return wrapped


class Node:
    """A node, as Python in Nuke sees it."""

    def __init__(self, live: Live) -> None:
        self._live = live

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise not_known(type(self).__name__, name)

    def __repr__(self) -> str:
        return f"<{self._live.name} at {id(self):#x}>" if self._live.attached else "<deleted node>"

    @property
    def _session(self) -> FakeNuke:
        return self._live.session

    def __getitem__(self, name: str) -> Knob:
        found = self._live.shared.find(name)
        if found is None:
            raise NameError(f"knob {name} does not exist")
        return found

    # -- names and classes

    def Class(self) -> str:
        return self._live.cls

    def name(self) -> str:
        return self._live.name

    def fullName(self) -> str:
        return self._live.full_name

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:
        """Counts the number up where the name is taken. An invalid name raises ValueError (B)."""
        if not isinstance(name, str):
            raise TypeError("a node name is text")
        if not NAME.match(name):
            raise ValueError(f"invalid node name: {name!r}")
        live, session = self._live, self._session
        if updateExpressions:
            raise UnverifiedBehaviour("setName(updateExpressions=True) is not modelled")
        free = session.free_name(name, live.group, besides=live.shared)
        if not uncollide and free != name:
            raise UnverifiedBehaviour(f"two nodes called {name}")
        session.journal.assign(live.shared, "name", free)
        session.modified = True

    def parent(self) -> Node:
        group = self._live.group
        return self._session.seen(group if group is not None else self._session.root)

    def clones(self) -> int:
        return len([n for n in self._live.shared.instances if n.attached]) - 1

    # -- knobs

    def knob(self, name: str | int, follow_link: bool = True) -> Knob | None:
        if isinstance(name, int):
            found = self._live.shared.all()
            return found[name] if 0 <= name < len(found) else None
        return self._live.shared.find(name)

    def knobs(self) -> dict[str, Knob]:
        return {k.spec.name: k for k in self._live.shared.all()}

    def allKnobs(self) -> list[Knob]:
        return self._live.shared.all()

    def numKnobs(self) -> int:
        return len(self._live.shared.all())

    def addKnob(self, knob: Knob) -> None:
        """The first user knob brings the tab User with it, unless it is a tab (A)."""
        if not isinstance(knob, Knob):
            raise TypeError("addKnob takes a knob")
        shared = self._live.shared
        if knob.shared is not None:
            raise UnverifiedBehaviour("a knob that belongs to a node already")
        if knob.spec.name and shared.find(knob.spec.name) is not None:
            raise UnverifiedBehaviour(f"{shared.name} has a knob {knob.spec.name} already")
        added = [knob]
        if not shared.user and knob.Class() != "Tab_Knob":
            added = [PUBLIC["Tab_Knob"]("User", "User"), knob]
        for one in added:
            one.shared = shared
        self._session.journal.assign(shared, "user", (*shared.user, *added))
        self._session.modified = True

    def removeKnob(self, knob: Knob) -> None:
        """Raises ValueError if it is not a user knob of this node (A: STUBS)."""
        shared = self._live.shared
        if not any(k is knob for k in shared.user):
            raise ValueError("knob not found")
        self._session.journal.assign(shared, "user", tuple(k for k in shared.user if k is not knob))
        self._session.modified = True

    # -- pipes

    def inputs(self) -> int:
        return self._live.count()

    def input(self, index: int) -> Node | None:
        found = self._live.pipe(index)
        return self._session.seen(found) if found is not None else None

    def minInputs(self) -> int:
        return self._live.shared.spec.min_inputs

    def maxInputs(self) -> int:
        return self._live.most_pipes

    minimumInputs = optionalInput = minInputs
    maximumInputs = maxInputs

    def canSetInput(self, index: int, node: Node | None) -> bool:
        """False for a pipe that is not there, a node of another group or without output, and a loop."""
        live = self._live
        if node is not None and not isinstance(node, Node):
            raise TypeError("setInput takes a node or None")
        if not 0 <= index < live.most_pipes:
            return False
        if node is None:
            return True
        other = node._live
        if not other.attached:
            raise ValueError(NODE_GONE)
        return other.group is live.group and other.has_output() and not live.feeds(other)

    def setInput(self, index: int, node: Node | None) -> bool:
        if not self.canSetInput(index, node):
            return False
        live = self._live
        pipes = list(live.pipes) + [None] * (index + 1 - len(live.pipes))
        wanted = node._live if node is not None else None
        if pipes[index] is not wanted:
            pipes[index] = wanted
            live.change("pipes", tuple(pipes))
        return True

    def connectInput(self, index: int, node: Node) -> bool:
        """The pipe, or the next free one."""
        for pipe in range(index, self._live.most_pipes):
            if self._live.pipe(pipe) is None:
                return bool(self.setInput(pipe, node))
        return False

    def dependencies(self, what: int = 31) -> list[Node]:
        """Nodes this one reads from; by pipes only, expressions are not looked at."""
        found = dict.fromkeys(
            p for i in range(len(self._live.pipes)) if (p := self._live.pipe(i)) is not None
        )
        return [self._session.seen(n) for n in found]

    def dependent(self, what: int = 31, forceEvaluate: bool = True) -> list[Node]:
        inside = self._session.inside(self._live.group)
        return [self._session.seen(n) for n in inside if self._live in n.pipes]

    # -- the DAG

    def xpos(self) -> int:
        return self._live.x

    def ypos(self) -> int:
        return self._live.y

    def setXpos(self, x: float) -> None:
        self._live.change("x", round(x))

    def setYpos(self, y: float) -> None:
        self._live.change("y", round(y))

    def setXYpos(self, x: float, y: float) -> None:
        with self._session.journal.group("move"):
            self._live.change("x", round(x))
            self._live.change("y", round(y))

    def screenWidth(self) -> int:
        return self._screen(0, "bdwidth")

    def screenHeight(self) -> int:
        stamp = self._live.shared.find("postage_stamp")
        shown = stamp is not None and stamp.value() and self._live.cls != "Dot"
        return self._screen(1, "bdheight") + (60 if shown and self._session.gui else 0)

    def _screen(self, side: int, knob: str) -> int:
        if not self._session.gui:
            return 0
        given = self._live.shared.find(knob)
        return int(given.value()) if given is not None else SIZES.get(self._live.cls, (80, 18))[side]

    def isSelected(self) -> bool:
        return self._live.selected

    def setSelected(self, selected: bool) -> None:
        self._live.change("selected", bool(selected), alone=False)

    def selectOnly(self) -> None:
        self._session.select([self._live])

    def redraw(self) -> None:
        return None

    # -- the properties panel

    def shown(self) -> bool:
        return self._live.panel

    def showControlPanel(self, forceFloat: bool = False) -> None:
        self._live.panel = self._session.gui

    def hideControlPanel(self) -> None:
        self._live.panel = False

    def setTab(self, index: int) -> None:
        return None

    # -- errors and images

    def hasError(self) -> bool:
        return bool(self._session.fault(self._live))

    def error(self) -> bool:
        return any(self._session.fault(n) for n in self._live.upstream())

    def treeHasError(self) -> bool:
        return bool(self.error())

    def forceValidate(self) -> None:
        return None

    def metadata(self, key: str | None = None, time: float | None = None, view: object = None) -> Any:
        """What the test put into ``FakeNuke.metadata[name]``."""
        known = self._session.metadata.get(self._live.name, {})
        return dict(known) if key is None else known.get(key)

    def firstFrame(self) -> int:
        return self._session.range_of(self._live)[0]

    def lastFrame(self) -> int:
        return self._session.range_of(self._live)[1]

    def resetKnobsToDefault(self) -> None:
        for knob in self._live.shared.own.made.values():
            if knob.held is not None:
                knob.keep("_value", None)


attached_only(Node)
