"""What a studio asserts about a session or a graph."""

from __future__ import annotations

from typing import Any

from ..graph.graph import Graph
from ..graph.node import Node
from .script import graph_of
from .session import FakeNuke

__all__ = ["assert_no_errors", "assert_same_graph", "assert_wired", "differences", "session_graph"]


def session_graph(fake: FakeNuke, *, root: bool = True) -> Graph:
    """The live session as a Graph. Clone instances are called ``<source>~2``, ``~3`` ... in session order.
    root: with the project settings that are set."""
    return graph_of(fake, root=root)


def assert_wired(where: Graph | FakeNuke, node: str, pipe: int | str, upstream: str | None) -> None:
    """Pipe number ``pipe`` (or ``"mask"``) of a node gets the node ``upstream``, or nothing if None.

    Raises AssertionError naming what is there instead.
    """
    graph = where if isinstance(where, Graph) else session_graph(where)
    if node not in graph.nodes:
        raise AssertionError(f"there is no node {node}; there are: {', '.join(graph.nodes) or 'none'}")
    found = graph[node]
    there = found.mask
    if pipe != "mask":
        there = dict(enumerate(found.inputs)).get(int(pipe))
    if there != upstream:
        raise AssertionError(
            f"pipe {pipe} of {node} gets {there}, not {upstream}; its pipes: {_pipes(found)}"
        )


def assert_no_errors(fake: FakeNuke) -> None:
    """No node of the session is in error. Raises AssertionError with every reason."""
    wrong = [why for live in fake.every() if (why := fake.fault(live))]
    if wrong:
        raise AssertionError("nodes in error:\n  " + "\n  ".join(wrong))


def differences(a: Graph, b: Graph, *, ignore_positions: bool = True, ignore_root: bool = True) -> list[str]:
    """What ``b`` has otherwise than ``a``, one line each; empty if they are the same. Unconnected last pipes
    and the order of nodes and knobs do not count."""
    lines = [f"- {name} ({a[name].cls})" for name in a.nodes if name not in b.nodes]
    lines += [f"+ {name} ({b[name].cls})" for name in b.nodes if name not in a.nodes]
    for name in a.nodes:
        if name in b.nodes:
            lines += [f"  {name}{line}" for line in _node(a[name], b[name], ignore_positions)]
    if not ignore_root:
        lines += [f"  Root{line}" for line in _values(dict(a.root), dict(b.root))]
    missing = [layer for layer in a.layers if layer not in b.layers]
    lines += [f"- layer {' '.join(layer)}" for layer in missing]
    return lines


def assert_same_graph(
    a: Graph | FakeNuke,
    b: Graph | FakeNuke,
    *,
    ignore_positions: bool = True,
    ignore_root: bool = True,
) -> None:
    """Two graphs (or sessions) have the same nodes, knobs, pipes, clones and user knobs.

    Raises AssertionError with the list of :func:`differences`.
    """
    left, right = (g if isinstance(g, Graph) else session_graph(g) for g in (a, b))
    found = differences(left, right, ignore_positions=ignore_positions, ignore_root=ignore_root)
    if found:
        raise AssertionError(
            f"the graphs differ in {len(found)} places (- first, + second):\n" + "\n".join(found)
        )


def _node(a: Node, b: Node, ignore_positions: bool) -> list[str]:
    lines: list[str] = []
    if a.cls != b.cls:
        lines.append(f": class {a.cls} -> {b.cls}")
    if _pipes(a) != _pipes(b):
        lines.append(f": pipes {_pipes(a)} -> {_pipes(b)}")
    if a.clone_of != b.clone_of:
        lines.append(f": clone of {a.clone_of} -> {b.clone_of}")
    lines += _values(dict(a.knobs), dict(b.knobs))
    lines += _values({k.name: k for k in a.user_knobs}, {k.name: k for k in b.user_knobs})
    if not ignore_positions and (a.xpos, a.ypos) != (b.xpos, b.ypos):
        lines.append(f": position {a.xpos} {a.ypos} -> {b.xpos} {b.ypos}")
    if a.children is not None or b.children is not None:
        inner = differences(a.children or Graph(), b.children or Graph(), ignore_positions=ignore_positions)
        lines += [f"/ {line}" for line in inner]
    return lines


def _values(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for name in dict.fromkeys([*a, *b]):
        if name == "selected":
            continue
        if name not in b:
            lines.append(f".{name}: {_short(a[name])} -> not set")
        elif name not in a:
            lines.append(f".{name}: not set -> {_short(b[name])}")
        elif a[name] != b[name]:
            lines.append(f".{name}: {_short(a[name])} -> {_short(b[name])}")
    return lines


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def _pipes(node: Node) -> str:
    names = [n or "-" for n in node.inputs]
    while names and names[-1] == "-":
        names.pop()
    return "(" + ", ".join([*names, *([f"mask {node.mask}"] if node.mask else [])]) + ")"
