"""Every generated script, run in a real Tcl interpreter: Tcl sees our nodes, our wiring, and runs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chroma_recovery.graph import Graph
from chroma_recovery.nk import read, write
from chroma_recovery.preset import model as m
from chroma_recovery.stages import ProjectPaths, Recovery

HOSTILE = (
    "[python {nuke.scriptClear()}]",
    "\\[exec touch /tmp/x]",
    "a\nNoOp {\n inputs 0\n}",
    '"; exec x; "',
    "$env(HOME) {{{ }",
    "}\n}\nexec x\n{",
)

PINNED = {
    "to1": "{curve K x1 0 x2 1.5 x3 0 x4 0 x5 0} {curve K x1 0 x2 2 x3 0 x4 0 x5 0}",
    "to3": "{curve K x1 4096 x2 4100.25 x3 4096 x4 4096 x5 4096} {curve K x1 3072 x2 3071 x3 3072 x4 3072 x5 3072}",
    "from1": "0 0",
    "from3": "4096 3072",
}
"""Corners of the second of five pairs in a 4096x3072 shot."""


def seen_by(tcl: Any, graph: Graph) -> set[tuple[str, str, tuple[str, ...]]]:
    """(name, class, names of the inputs) of every node as Tcl saw it; a clone has its source's name."""
    view = tcl.run(write(graph))
    assert (view.errors, view.attempted) == ([], [])

    def first(node: str) -> str:
        source = view.nodes[node].source
        return node if source == "-" else first(source)

    def name(node: str) -> str:
        return "" if node == "0" else str(view.nodes[first(node)].knobs["name"])

    return {
        (name(n), view.nodes[first(n)].cls, tuple(name(i) for i in view.nodes[n].inputs)) for n in view.nodes
    }


def ours(graph: Graph) -> set[tuple[str, str, tuple[str, ...]]]:
    def name(node: str | None) -> str:
        return graph.original(node).name if node else ""

    return {(name(n.name), n.cls, tuple(name(p) for p in n.inputs)) for n in graph}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"nuke": m.Nuke("17.0"), "training": m.Training(node="BigCat")},
        {
            "colour": m.Colour(domain="log"),
            "training": m.Training(augmentation=m.Augmentation(True, 4.0, 0.1, 0.1)),
        },
        {"colour": m.Colour(domain="aces-odt", read="ACES2065-1"), "hold_out": m.HoldOut(0.0)},
        {"pairs": 40},
    ],
)
def test_tcl_sees_the_same_wiring(tcl: Any, built: Callable[..., Recovery], more: dict[str, Any]) -> None:
    for graph in built(**more).files.values():
        assert seen_by(tcl, graph) == ours(graph)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_free_field_is_inert(
    tcl: Any, built: Callable[..., Recovery], text: str
) -> None:
    file = text.replace("\n", " ") + ".####.exr"
    recovery = built(
        [m.Pair(471 + n, note=text) for n in range(5)],
        paths=ProjectPaths(file, file),
        source=m.Clip(file, 471, 480, format=m.Format(64, 48)),
        reference=m.Reference(file, 471, 480, citation=text),
        documentation=m.Documentation(*[text] * 7),
        training=m.Training(initial_weights="Checkpoint", checkpoint=text.replace("\n", " ")),
        inference=m.Inference(model=text.replace("\n", " ") + ".cat"),
    )
    for graph in recovery.files.values():
        assert seen_by(tcl, graph) == ours(graph)
    labels = [str(n.knobs["label"]) for n in recovery.graph if "label" in n.knobs]
    view = tcl.run(write(recovery.graph))
    names = {n.knobs["name"]: n.knobs for n in view.nodes.values() if "name" in n.knobs}
    evaluated = [names[n.name]["label"] for n in recovery.graph if "label" in n.knobs]
    assert tcl.evaluate(evaluated) == labels


def test_corners_are_written_read_back_and_seen_by_tcl(tcl: Any, built: Callable[..., Recovery]) -> None:
    """The perspective of one pair, as the file says it: keys at the pair's place, rest at every other."""
    bent = (1.5, 2.0, 4090.0, -3.0, 4100.25, 3071.0, 0.5, 3075.0)
    graph = built(alignment=m.Alignment(keys=(m.AlignmentKey(478, corners=bent),))).graph
    text = write(graph)
    view = tcl.run(text)
    assert (view.errors, view.attempted) == ([], [])
    seen = next(n for n in view.nodes.values() if n.knobs.get("name") == "Align_corners")
    assert seen.cls == "CornerPin2D"
    assert {k: seen.knobs[k] for k in ("to1", "to3", "from1", "from3")} == PINNED
    assert read(text).knobs("Align_corners") == graph.knobs("Align_corners")
