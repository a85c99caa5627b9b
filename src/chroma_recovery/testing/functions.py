"""Functions of the module about nodes. Public names here are the names in ``nuke``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..nk.tcl import Word
from ..nk.values import understand
from .groups import Group
from .live import PLACED, Live, Shared
from .node import Node
from .script import encode, graph_of, insert, tcl_pairs, understood
from .script_functions import text_of
from .session import NUKEX_ONLY
from .unverified import NODE_GONE, UnverifiedBehaviour

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["NodeFunctions", "NodesNamespace"]

CLIPBOARD = "%clipboard%"


class NodeFunctions:
    """Creating, finding and deleting nodes."""

    def __init__(self, session: FakeNuke) -> None:
        self._session = session

    def _make(self, cls: str) -> Live:
        session = self._session
        if not isinstance(cls, str):
            raise TypeError("a node class is text")
        spec = session.catalogue.node(cls)
        if spec is None or not spec.exists_in(session.version) or cls == "Root":
            raise RuntimeError(f"{cls}: Unknown command")
        if session.edition == "nuke" and session.gui and cls.startswith(NUKEX_ONLY):
            raise RuntimeError(f"{cls}: needs NukeX")
        group = session.here()
        name = session.free_name(cls.rsplit(".", 1)[-1] + "1", group)
        live = Live(Shared(session, cls, name, spec), group)
        session.add(live)
        return live

    def createNode(self, node: str, args: str | None = None, inpanel: bool | None = None) -> Node:
        """Selects the new node, joins it to the selected one, and opens its panel in the GUI (B). Nodes
        below the selected one stay where they are (deviation)."""
        session = self._session
        with session.journal.group(f"create {node}"):
            live = self._make(node)
            above = [n for n in session.selected(live.group) if n.has_output()]
            if above and live.most_pipes and node != "Viewer":
                session.journal.assign(live, "pipes", (above[-1],))
            for name, text in tcl_pairs(args or ""):
                self._set(live, name, text)
            session.select([live])
            live.panel = session.gui and inpanel is not False
            python = session.seen(live)
            session.callbacks.fire("onUserCreate", live)
            session.callbacks.fire("onCreate", live)
        return python

    def _set(self, live: Live, name: str, text: str) -> None:
        if name in PLACED:
            value = text == "true" if name == "selected" else text if name == "name" else float(text)
            live.shared.own[name].setValue(value)
            return
        knob = live.shared.find(name)
        if knob is None:
            raise UnverifiedBehaviour(f"creating a {live.cls} with an unknown knob {name!r}")
        knob.load(understand(Word(text, 0, "quoted" if " " in text else "bare"), knob.spec))

    def toNode(self, name: str) -> Node | None:
        return self._session.to_node(name)

    def exists(self, name: str) -> bool:
        """A node, or ``node.knob``."""
        owner, _, knob = name.rpartition(".")
        live = self._session.find(name)
        above = self._session.find(owner) if owner else None
        return live is not None or (above is not None and above.shared.find(knob) is not None)

    def root(self) -> Node:
        return self._session.seen(self._session.root)

    def allNodes(
        self,
        filter: str | None = None,  # noqa: A002
        group: Group | None = None,
        recurseGroups: bool = False,
    ) -> list[Node]:
        """Of one class, or all. In NC and Indie this touches every node it gives."""
        session = self._session
        inside = session.inside(
            group._live if group is not None and group._live.cls != "Root" else session.here()
        )
        found: Iterable[Live] = session.every() if recurseGroups else inside
        return [session.seen(n) for n in found if filter in (None, n.cls)]

    def selectedNodes(self, filter: str | None = None) -> list[Node]:  # noqa: A002
        """The last selected first in Nuke; here in the order of the script, backwards."""
        session = self._session
        found = [n for n in session.selected(session.here()) if filter in (None, n.cls)]
        return [session.seen(n) for n in reversed(found)]

    def selectedNode(self) -> Node:
        """Raises ValueError if nothing is selected (text B)."""
        found = self._session.selected(self._session.here())
        if not found:
            raise ValueError("No node selected")
        return self._session.seen(found[-1])

    def nodesSelected(self) -> bool:
        return bool(self._session.selected(self._session.here()))

    def selectAll(self) -> None:
        self._session.select(self._session.inside(self._session.here()))

    def delete(self, node: Node) -> None:
        if not isinstance(node, Node):
            raise TypeError("delete takes a node")
        if not node._live.attached:
            raise ValueError(NODE_GONE)
        session = self._session
        session.seen(node._live)
        with session.journal.group("delete"):
            session.callbacks.fire("onDestroy", node._live)
            session.remove(node._live)

    def nodeDelete(self, *_: Any) -> bool:
        """Deletes the selected nodes; NC and Indie refuse more than the limit at once (C)."""
        session = self._session
        found = session.selected(session.here())
        if session.limit is not None and len(found) > session.limit:
            raise RuntimeError(f"{session.edition} deletes {session.limit} nodes at once, not {len(found)}")
        with session.journal.group("delete"):
            for live in found:
                session.remove(live)
        return bool(found)

    def clone(self, node: Node, args: Any = None, inpanel: bool | None = None) -> Node:
        live = node._live
        if not live.attached:
            raise ValueError(NODE_GONE)
        made = Live(live.shared, live.group)
        with self._session.journal.group("clone"):
            self._session.add(made)
        return self._session.seen(made)

    def thisNode(self) -> Node:
        """In a callback its node (A); outside one the fake does not know."""
        if not self._session.callbacks.this:
            raise UnverifiedBehaviour("nuke.thisNode() outside a callback")
        return self._session.seen(self._session.callbacks.this[-1][0])

    def thisKnob(self) -> Any:
        if not self._session.callbacks.this or self._session.callbacks.this[-1][1] is None:
            raise UnverifiedBehaviour("nuke.thisKnob() outside a knobChanged callback")
        return self._session.callbacks.this[-1][1]

    def thisGroup(self) -> Node:
        here = self._session.here()
        return self._session.seen(here if here is not None else self._session.root)

    def nodeCopy(self, target: str) -> bool:
        """The selected nodes into a file, or the clipboard; False if none are selected (A)."""
        session = self._session
        if target == CLIPBOARD and not session.gui:
            raise RuntimeError("Cannot copy to clipboard in non-GUI mode")
        chosen = session.selected(session.here())
        if not chosen:
            return False
        graph = graph_of(session, chosen, root=False)
        graph.layers = ()
        text = "set cut_paste_input [stack 0]\n" + encode(session, graph)
        if target == CLIPBOARD:
            session.clipboard = text
        else:
            Path(target).write_text(text, encoding="utf-8")
        return True

    def nodePaste(self, source: str) -> Node | None:
        """From a file or the clipboard; the last pasted node, or None (what is returned: U)."""
        session = self._session
        if source == CLIPBOARD:
            session.gui_only("nuke.nodePaste", "Cannot paste from clipboard in non-GUI mode")
        text = session.clipboard if source == CLIPBOARD else text_of(session, source)
        graph = understood(session, text, source, joined=True)
        if graph.root:
            session.doubt("project settings in pasted text were left out")
        group = session.here()
        chosen = session.selected(group)
        with session.journal.group("paste"):
            made = insert(session, graph, group=group, joined_to=chosen[-1] if chosen else None)
            session.select(made)
            if session.gui and made:
                self._move(made, chosen)
        return session.seen(made[-1]) if made else None

    def _move(self, made: list[Live], chosen: list[Live]) -> None:
        left, right = min(n.x for n in made), max(n.x for n in made)
        top, bottom = min(n.y for n in made), max(n.y for n in made)
        x, y = self._session.dag_centre
        dx, dy = x - (left + right) // 2, y - (top + bottom) // 2
        if chosen:
            dx, dy = chosen[-1].x - (left + right) // 2, max(n.y for n in chosen) + 50 - top
        for live in made:
            live.change("x", live.x + dx)
            live.change("y", live.y + dy)


class NodesNamespace:
    """``nuke.nodes``: neither selects nor joins to the selection nor opens a panel (B)."""

    def __init__(self, functions: NodeFunctions) -> None:
        self._functions = functions

    def __getattr__(self, cls: str) -> Any:
        if cls.startswith("__"):
            raise AttributeError(cls)

        def make(inputs: Iterable[Node | None] = (), **knobs: Any) -> Node:
            session = self._functions._session
            with session.journal.group(f"create {cls}"):
                live = self._functions._make(cls)
                for pipe, node in enumerate(inputs):
                    live.python.setInput(pipe, node)
                for name, value in knobs.items():
                    knob = live.shared.find(name)
                    if knob is None:
                        raise UnverifiedBehaviour(f"nuke.nodes.{cls}({name}=...): no such knob")
                    knob.setValue(value)
                session.callbacks.fire("onCreate", live)
                return session.seen(live)

        return make
