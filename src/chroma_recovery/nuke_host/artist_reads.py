"""The artist's own Reads: which of them is which, and how the graph runs from them instead of from ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..graph.graph import Graph
from ..paths import posix
from .hands import LiveNode
from .rebuild import Outside, marks_of

__all__ = ["artist_reads", "left_out", "roles_of", "wires"]


def roles_of(files: dict[Any, tuple[str, str]], source: str, reference: str) -> dict[str, Any]:
    """Which selected Read is which. files: handle -> (node name, file). Same file name first, then telling words;
    of exactly two, the one that is left has the other role."""
    found: dict[str, Any] = {}
    for role, path, words in (
        ("reference", reference, ("reference", "ref", "dvd", "telecine", "target")),
        ("source", source, ("source", "src", "scan", "plate")),
    ):
        tail = posix(path).rsplit("/", 1)[-1]
        left = {h: v for h, v in files.items() if h not in found.values()}
        match = [h for h, (_, file) in left.items() if posix(file).strip('"').endswith(tail)]
        match = match or [
            h for h, (name, file) in left.items() if any(w in f"{name} {file}".lower() for w in words)
        ]
        if len(match) == 1:
            found[role] = match[0]
    if len(files) == 2 and len(found) == 1:
        other = "source" if "reference" in found else "reference"
        found[other] = next(h for h in files if h not in found.values())
    return found


def left_out(wanted: Graph, reads: Mapping[str, Any]) -> dict[tuple[str, int], Any]:
    """Take Reads out of the graph; (mark, pipe) of every pipe they fed -> the handle that feeds it instead."""
    marks = marks_of(wanted)
    links: dict[tuple[str, int], Any] = {}
    for name, handle in reads.items():
        if name not in wanted.nodes:
            continue
        for node in wanted:
            for pipe, up in enumerate(node.inputs):
                if up == name:
                    links[marks[node.name], pipe] = handle
            node.inputs = tuple(None if up == name else up for up in node.inputs)
        del wanted.nodes[name]
    return links


def artist_reads(wanted: Graph, ours: Sequence[LiveNode], reads: Any, lost: Outside) -> dict[str, Any]:
    """Reads that the artist replaced by nodes of his own in an earlier run."""
    marks = {n.handle: n.mark.partition("/")[2] for n in ours}
    found: dict[str, Any] = {}
    for name in reads:
        if not ours or name in marks.values() or name not in wanted.nodes:
            continue
        fed = {(node.name, pipe) for node in wanted for pipe, up in enumerate(node.inputs) if up == name}
        feeders = [other for handle, pipe, other in lost.into_ours if (marks[handle], pipe) in fed]
        if feeders:
            found[name] = feeders[0]
    return found


def wires(links: Mapping[tuple[str, int], Any], nodes: Sequence[LiveNode]) -> list[tuple[Any, int, Any]]:
    """The links as (to, pipe, from), those left out that are so already."""
    return [
        (node.handle, pipe, handle)
        for node in nodes
        for (mark, pipe), handle in links.items()
        if node.mark == mark and (node.inputs[pipe] if pipe < len(node.inputs) else None) != handle
    ]
