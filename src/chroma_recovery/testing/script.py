"""Text into the session and back.

What is known: ``nodePaste`` reads the result of ``nodeCopy`` (A), a file begins ``set cut_paste_input [stack
0]`` / ``push $cut_paste_input`` (A), which joins the first node to the selected one; pasted nodes are selected
afterwards, and in the GUI move to below the selected node or to the middle of the DAG (B). Knobs that Nuke
does not know give ``Node.knob: no such knob``, and the same for the token that follows; loading goes on (A).
A class it does not know: ``RuntimeError: Nope: Unknown command`` (A for creating; U that nothing of the text
is loaded then). Project settings in text that is pasted or read into a script are left out here (U), and a
doubt is noted.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import GraphError, NkError
from ..graph.graph import Graph
from ..graph.knobs import EvaluatedText, Expression, KnobValue, Verbatim
from ..graph.node import Node as GraphNode
from ..nk import read, write
from ..nk.tcl import TclError, split_list
from .knob_classes import declared, user_knob
from .knobs import FLAGS
from .live import PLACED, Live, Shared

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["decode", "encode", "graph_of", "insert", "load_root", "understood"]

PASTE_POINT = "chroma_recovery_paste_point"
ENCRYPTED = "Nuke NC mode encrypted text"


def understood(session: FakeNuke, text: str, name: str, *, joined: bool = False) -> Graph:
    """The text as a graph whose classes Nuke knows. joined: what lies on the stack first is the paste point.

    Raises RuntimeError as Nuke does for text it cannot run.
    """
    first = f"NoOp {{inputs 0 name {PASTE_POINT}}}\n" if joined else ""
    try:
        graph = read(first + text, name=name)
    except NkError as error:
        raise RuntimeError(str(error)) from error
    for node in _every(graph):
        spec = session.catalogue.node(node.cls)
        if spec is None or not spec.exists_in(session.version):
            raise RuntimeError(f"{node.cls}: Unknown command")
    return graph


def _every(graph: Graph) -> Iterable[GraphNode]:
    for node in graph:
        yield node
        if node.children is not None:
            yield from _every(node.children)


def insert(
    session: FakeNuke, graph: Graph, *, group: Live | None, joined_to: Live | None = None
) -> list[Live]:
    """Make the nodes of a graph. joined_to: what the paste point stands for."""
    missing = tuple(layer for layer in graph.layers if layer not in session.layers)
    if missing:
        session.journal.assign(session, "layers", (*session.layers, *missing))
    made: dict[str, Live] = {}
    for node in graph:
        if node.name == PASTE_POINT:
            continue
        made[node.name] = _make(session, node, group, made)
    for node in graph:
        if node.name in made:
            _wire(session, node, made, joined_to)
    for node in graph:
        if node.name in made:
            _knobs(session, made[node.name], node.knobs)
            session.callbacks.fire("onCreate", made[node.name])
    return list(made.values())


def _make(session: FakeNuke, node: GraphNode, group: Live | None, made: dict[str, Live]) -> Live:
    if node.clone_of is not None:
        shared = made[node.clone_of].shared
        live = Live(shared, group)
    else:
        spec = session.catalogue.node(node.cls)
        if spec is None:
            raise RuntimeError(f"{node.cls}: Unknown command")
        shared = Shared(session, node.cls, session.free_name(node.name, group), spec)
        live = Live(shared, group)
        shared.user = tuple(user_knob(k) for k in node.user_knobs)
        for added in shared.user:
            added.shared = shared
    live.x, live.y = node.xpos, node.ypos
    session.add(live)
    if node.children is not None:
        insert(session, node.children, group=live)
    return live


def _knobs(session: FakeNuke, live: Live, knobs: dict[str, KnobValue]) -> None:
    for name, value in knobs.items():
        if name == "selected":
            live.change("selected", value is True, alone=False)
            continue
        knob = live.shared.find(name)
        if knob is None or name in PLACED:
            session.warnings += [f"{live.name}.{t}: no such knob" for t in (name, *_tokens(value))]
        else:
            knob.load(value)


def _tokens(value: KnobValue) -> list[str]:
    text = value.word if isinstance(value, Verbatim) else value
    text = text.text if isinstance(text, (EvaluatedText, Expression)) else text
    return [str(text)] if isinstance(text, (str, int, float)) else []


def _wire(session: FakeNuke, node: GraphNode, made: dict[str, Live], joined_to: Live | None) -> None:
    live = made[node.name]

    def end(name: str | None) -> Live | None:
        return joined_to if name == PASTE_POINT else made[name] if name is not None else None

    pipes = [end(n) for n in node.inputs]
    mask = live.mask_pipe
    if node.mask is not None and mask is not None:
        pipes += [None] * (mask - len(pipes))
        pipes.insert(mask, end(node.mask))
    session.journal.assign(live, "pipes", tuple(pipes))


def load_root(session: FakeNuke, graph: Graph) -> None:
    """Project settings of an opened script."""
    for name, value in graph.root.items():
        knob = session.root.shared.find(name)
        if name == "name":
            continue
        if knob is None:
            session.warnings.append(f"Root.{name}: no such knob")
        else:
            knob.load(value)


def graph_of(session: FakeNuke, nodes: Iterable[Live] | None = None, *, root: bool = True) -> Graph:
    """The session, or some of its nodes, as our Graph. Clone instances are named ``<source>~2`` ..."""
    chosen = list(session.nodes if nodes is None else nodes)
    settings: dict[str, KnobValue] = {}
    if root:
        for name, knob in session.root.shared.own.made.items():
            if (value := knob.held) is not None:
                settings[name] = value
    graph = Graph(session.version, settings, session.layers)
    _fill(graph, chosen)
    return graph


def _fill(graph: Graph, chosen: list[Live]) -> None:
    names: dict[int, str] = {}
    count: dict[int, int] = {}
    for live in chosen:
        number = count[id(live.shared)] = count.get(id(live.shared), 0) + 1
        names[id(live)] = live.name if number == 1 else f"{live.name}~{number}"
    for live in chosen:
        name = names[id(live)]
        pipes: list[str | None] = []
        for i in range(len(live.pipes)):
            up = live.pipe(i)
            pipes.append(names.get(id(up)) if up is not None else None)
        mask = None
        if live.mask_pipe is not None and live.mask_pipe < len(pipes):
            mask = pipes.pop(live.mask_pipe)
        node = GraphNode(name, live.cls, {}, tuple(pipes), mask, live.x, live.y)
        if name != live.name:
            node.clone_of = live.name
        else:
            node.user_knobs = tuple(declared(k) for k in live.shared.user)
            for knob in live.shared.own.made.values():
                if (value := knob.held) is not None and not knob.getFlag(FLAGS["DO_NOT_WRITE"]):
                    node.knobs[knob.spec.name] = value
        if live.inside:
            node.children = Graph(graph.nuke)
            _fill(node.children, list(live.inside))
        graph.nodes[name] = node


def encode(session: FakeNuke, graph: Graph) -> str:
    """Text of a saved script; NC's cannot be read by others (B), here by base64. Raises RuntimeError."""
    try:
        text = write(graph)
    except (NkError, GraphError) as error:
        raise RuntimeError(str(error)) from error
    if session.edition == "nc":
        return ENCRYPTED + "\n" + base64.b64encode(text.encode()).decode() + "\n"
    return text


def decode(session: FakeNuke, text: str) -> str:
    """Text of a script file. Raises RuntimeError for an NC script in another edition (B)."""
    if not text.startswith(ENCRYPTED):
        return text
    if session.edition != "nc":
        raise RuntimeError("this script was saved by Nuke Non-commercial")
    return base64.b64decode(text.split("\n", 1)[1]).decode()


def tcl_pairs(text: str) -> list[tuple[str, str]]:
    """``createNode``'s second argument. Raises RuntimeError where it is no list of pairs."""
    try:
        words = [w.text for w in split_list(text)]
    except TclError as error:
        raise RuntimeError(str(error)) from error
    if len(words) % 2:
        raise RuntimeError(f"{words[-1]}: no value")
    return list(zip(words[::2], words[1::2], strict=True))
