"""The order nodes are written in, and what the stack must hold for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import NkError, Problem
from ..graph.graph import Graph
from ..graph.node import Node

__all__ = ["name_problems", "script_order", "to_push"]

WRITABLE = re.compile(r"[^\0-\x1f\x7f\ud800-\udfff~\[\]{}$\\\"';]{1,200}\Z")
"""Looser than ``graph.node.NAME``, which the checks ask for: saved scripts hold names such as
``grey 5 (1.05)``."""
INSTANCE = re.compile(r"(.+)~([0-9]{1,6})\Z", re.DOTALL)


def name_problems(graph: Graph, place: str = "") -> list[Problem]:
    """CR306 names that are not safe to write, CR307 clones not numbered ``source~2``, ``source~3`` ..."""
    found: list[Problem] = []
    counts: dict[str, set[str]] = {}
    for key, node in graph.nodes.items():
        where = place + key
        if key != node.name:
            found.append(Problem("CR306", where, f"the node under this name calls itself {node.name!r}"))
        elif node.clone_of is None:
            if not WRITABLE.match(key):
                found.append(
                    Problem("CR306", where, f"{key!r} is no node name", "better letters, digits and _ only")
                )
        else:
            counts.setdefault(node.clone_of, set()).add(key)
            source = graph.nodes.get(node.clone_of)
            if source is None or source.clone_of is not None:
                found.append(
                    Problem(
                        "CR307", where, f"is a clone of {node.clone_of!r}, which is no ordinary node here"
                    )
                )
    for source_name, names in counts.items():
        wanted = {f"{source_name}~{k}" for k in range(2, len(names) + 2)}
        for name in sorted(names - wanted):
            found.append(
                Problem("CR307", place + name, f"clones of {source_name} are called {source_name}~2, ~3 ...")
            )
    return found


def script_order(graph: Graph) -> list[Node]:
    """Backdrops first, as Nuke saves them; then every node after what feeds it, clones by number;
    otherwise in graph order. Raises GraphError (CR203, CR204) for cycles and missing nodes, NkError
    (CR307) where an earlier clone would have to come after a later one."""
    graph.topological()
    order: list[Node] = [n for n in graph if n.cls == "BackdropNode" and not n.inputs and n.clone_of is None]
    state: dict[str, bool] = {n.name: True for n in order}
    for start in graph.nodes:
        if start in state:
            continue
        state[start] = False
        stack = [(start, _before(graph, start))]
        while stack:
            name, needs = stack[-1]
            for need in needs:
                if need not in state:
                    state[need] = False
                    stack.append((need, _before(graph, need)))
                    break
                if not state[need]:
                    raise NkError(
                        Problem(
                            "CR307",
                            name,
                            f"feeds {need}, an earlier instance of the same clone",
                            "swap the numbers",
                        )
                    )
            else:
                stack.pop()
                state[name] = True
                order.append(graph.nodes[name])
    return order


def _before(graph: Graph, name: str) -> Iterator[str]:
    node = graph.nodes[name]
    if node.clone_of is not None:
        match = INSTANCE.match(name)
        earlier = f"{node.clone_of}~{int(match[2]) - 1}" if match else ""
        yield earlier if earlier in graph.nodes else node.clone_of
    for pipe in graph.pipes(name):
        if pipe is not None:
            yield pipe


def to_push(stack: list[str | None], pipes: tuple[str | None, ...]) -> list[str | None]:
    """What must be pushed, in order, so that popping gives ``pipes`` (input 0 is popped first). What
    already lies right on top is used, as Nuke does. The used part is taken off ``stack``."""
    wanted = list(reversed(pipes))
    top = stack[-1] if stack else None
    ready = 0
    if top is not None:
        for count in range(min(len(wanted), len(stack)), 0, -1):
            if wanted[count - 1] == top and stack[-count:] == wanted[:count] and None not in wanted[:count]:
                ready = count
                break
    if ready:
        del stack[-ready:]
    return wanted[ready:]
