"""Comparing the nodes we want with those that stand in the script, and finding each one's successor. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import attrs

from ..graph.graph import Graph
from ..stages.marks import BUILT, ID, same
from .artist_edits import PLACE
from .hands import LiveNode

__all__ = ["Outside", "differences", "marks_of", "outside", "signatures", "successors"]

ARTIST = "*"
"""In a signature: a pipe that comes from a node of the artist's."""

Signature = tuple[str, ...]
"""Marks of what is connected, by pipe."""


@attrs.frozen
class Outside:
    """Connections between our nodes and the artist's, by handle: (to, pipe, from)."""

    into_ours: tuple[tuple[Any, int, Any], ...]
    from_ours: tuple[tuple[Any, int, Any], ...]


def marks_of(graph: Graph) -> dict[str, str]:
    """Node name -> mark, clone instances having that of their first."""
    return {name: str(graph.original(name).user(ID) or "") for name in graph.nodes}


def signatures(graph: Graph) -> list[tuple[str, Signature]]:
    """(mark, signature) of every node of a graph."""
    marks = marks_of(graph)
    return [(marks[n], _trimmed([marks[p] if p else "" for p in graph.pipes(n)])) for n in graph.nodes]


def _trimmed(pipes: Sequence[str]) -> Signature:
    left = list(pipes)
    while left and not left[-1]:
        left.pop()
    return tuple(left)


def live_signatures(ours: Sequence[LiveNode]) -> list[tuple[str, Signature]]:
    """The same of nodes in the script."""
    marks = {node.handle: node.mark for node in ours}
    pipes = [[("" if p is None else marks.get(p, ARTIST)) for p in node.inputs] for node in ours]
    return [(node.mark, _trimmed(p)) for node, p in zip(ours, pipes, strict=False)]


def outside(nodes: Sequence[LiveNode], ours: Sequence[LiveNode]) -> Outside:
    """What would be lost if our nodes went away."""
    mine = {node.handle for node in ours}
    into: list[tuple[Any, int, Any]] = []
    out: list[tuple[Any, int, Any]] = []
    for node in nodes:
        for pipe, other in enumerate(node.inputs):
            if other is None or (node.handle in mine) == (other in mine):
                continue
            (into if node.handle in mine else out).append((node.handle, pipe, other))
    return Outside(tuple(into), tuple(out))


def differences(wanted: Graph, current: Graph, ours: Sequence[LiveNode]) -> list[str]:
    """Where the script's nodes are not those wanted, one line each; empty if nothing is to be done.

    wanted: with the artist's changes merged in already. current: our nodes, read from their text.
    """
    found: list[str] = []
    want, have = defaultdict(list), defaultdict(list)
    for mark, signature in signatures(wanted):
        want[mark].append(signature)
    for mark, signature in live_signatures(ours):
        have[mark].append(signature)
    for mark in {**want, **have}:
        short = mark.rpartition("/")[2]
        if len(want[mark]) > len(have[mark]):
            found.append(f"{short} is new")
        elif len(want[mark]) < len(have[mark]):
            found.append(f"{short} goes")
        elif not _matches(want[mark], have[mark]):
            found.append(f"{short} is connected otherwise")
    now = {str(n.user(ID)): n for n in current if n.clone_of is None}
    for node in wanted:
        old = now.get(str(node.user(ID))) if node.clone_of is None else None
        if old is None:
            continue
        knobs = [k for k in {**node.knobs, **old.knobs} if k not in PLACE]
        found += [
            f"{old.name}.{k} changes"
            for k in knobs
            if not _equal(node.cls, k, node.knobs.get(k), old.knobs.get(k))
        ]
        if node.user(BUILT) != old.user(BUILT):
            found.append(f"{old.name}: the preset changed it")
    return found


def _equal(cls: str, knob: str, wanted: Any, current: Any) -> bool:
    """Equal, or left out because it has a default that we do not know."""
    if same(cls, knob, wanted, current):
        return True
    from ..graph.catalogue import catalogue

    spec = catalogue().knob(cls, knob)
    return current is None and (spec is None or spec.default is None)


def _matches(want: list[Signature], have: list[Signature]) -> bool:
    """Whether every wanted signature has its own among the present ones; the artist's wires fit everything."""
    left = list(have)
    for signature in sorted(want):
        found = next((h for h in left if _fits(signature, h)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _fits(want: Signature, have: Signature) -> bool:
    longest = max(len(want), len(have))
    pairs = zip(want + ("",) * (longest - len(want)), have + ("",) * (longest - len(have)), strict=False)
    return all(a == b or b == ARTIST for a, b in pairs)


def successors(before: Sequence[LiveNode], after: Sequence[LiveNode]) -> dict[Any, Any]:
    """Old handle -> new handle: by mark, instances of a clone by what feeds them."""
    new: dict[str, list[tuple[LiveNode, Signature]]] = defaultdict(list)
    for node, (mark, signature) in zip(after, live_signatures(after), strict=False):
        new[mark].append((node, signature))
    found: dict[Any, Any] = {}
    for node, (mark, signature) in zip(before, live_signatures(before), strict=False):
        if new[mark]:
            best = max(new[mark], key=lambda item: _likeness(item[1], signature))
            found[node.handle] = best[0].handle
            new[mark].remove(best)
    return found


def _likeness(a: Signature, b: Signature) -> int:
    return sum(x == y for x, y in zip(a, b, strict=False))
