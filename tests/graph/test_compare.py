"""Graphs compared in words."""

from __future__ import annotations

from chroma_recovery.graph import Graph, NukeVersion
from chroma_recovery.graph.compare import changes, shown
from chroma_recovery.graph.knobs import Curve, Expression


def graph(size: int = 3, *, second: bool = True, inputs: tuple[str, ...] = ("A",), label: str = "") -> Graph:
    made = Graph(NukeVersion(15, 1))
    made.add("Constant", "A")
    made.add("Median", "B", inputs=inputs, knobs={"size": size, "label": label, "tile_color": size})
    if second:
        made.add("StickyNote", "Note", knobs={"label": label})
        made.add("Dot", "C")
    return made


def told(*args, **more):
    return [str(c) for c in changes(*args, **more)]


def test_knobs_pipes_and_nodes():
    assert told(graph(), graph()) == []
    assert told(graph(), graph(5)) == ["B.size: 3 -> 5"]
    assert told(graph(), graph(inputs=("C",))) == ["B.input 0: A -> C"]
    assert told(graph(), graph(inputs=())) == ["B.input 0: A -> not set"]
    assert told(graph(), graph(second=False)) == ["C: gone (Dot)"]
    assert told(graph(second=False), graph()) == ["C: new (Dot)"]


def test_notes_only_on_request():
    assert told(graph(), graph(label="x")) == []
    assert told(graph(), graph(label="x"), notes=True) == [
        "B.label: not set -> x",
        "Note.label: not set -> x",
    ]


def test_the_version_and_project_settings():
    other = graph()
    other.nuke = NukeVersion(17, 0)
    other.root["fps"] = 25
    assert told(graph(), other) == ["Root.version: 15.1 v1 -> 17.0 v1", "Root.fps: not set -> 25"]


def test_values_on_one_line():
    assert shown((1, 2.0, Curve.stepped({1: 0, 5: 1}))) == "{1 2.0 keys 1: 0, 5: 1}"
    assert shown(Expression("parent.mix")) == "= parent.mix"
    assert shown(True) == "true"
    assert len(shown("x" * 500)) == 120
