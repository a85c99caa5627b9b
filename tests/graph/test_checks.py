"""Every finding of the graph checks, one by one and all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.graph import (
    Curve,
    EvaluatedText,
    Expression,
    Graph,
    Node,
    NukeVersion,
    UserKnob,
    Verbatim,
)
from chroma_recovery.graph import checks as checks_module
from chroma_recovery.graph.checks import check


def found(graph: Graph) -> list[tuple[str, str]]:
    return [(p.place, p.code) for p in check(graph)]


def one(cls: str, *, version: str = "15.1", **knobs: Any) -> Graph:
    graph = Graph(NukeVersion.parse(version))
    graph.add("Constant", "In")
    graph.add(
        cls, "A", inputs=["In"] * {"Read": 0, "Write": 1, "CopyCat": 2, "Merge2": 2}.get(cls, 1), knobs=knobs
    )
    return graph


@pytest.mark.parametrize(
    ("cls", "knobs", "code"),
    [
        ("Grade", {"blackk": 1}, "CR211"),
        ("Grade", {"knobChanged": "import os"}, "CR212"),
        ("Grade", {"onCreate": Verbatim("import os")}, "CR212"),
        ("Write", {"beforeRender": "x"}, "CR212"),
        ("CopyCat", {"startTraining": "x"}, "CR212"),
        ("Merge2", {"operation": "differnce"}, "CR213"),
        ("Merge2", {"operation": 99}, "CR213"),
        ("CopyCat", {"cropSize": "300"}, "CR213"),
        ("Merge2", {"operation": 1.5}, "CR214"),
        ("Grade", {"white": "1"}, "CR214"),
        ("Grade", {"black_clamp": 2}, "CR214"),
        ("Grade", {"black_clamp": "true"}, "CR214"),
        ("Grade", {"tile_color": -1}, "CR214"),
        ("Grade", {"label": 3}, "CR214"),
        ("Grade", {"channels": ""}, "CR214"),
        ("Read", {"format": "1920x1080 wide"}, "CR214"),
        ("Grade", {"white": (1, 2)}, "CR215"),
        ("Grade", {"mix": (1, 2)}, "CR215"),
        ("Grade", {"black_clamp": (True, False)}, "CR215"),
        ("CopyCat", {"showValidation": False}, "CR216"),
        ("CopyCat", {"isFirstTime": False}, "CR216"),
        ("CopyCat", {"trainingInfo": "x"}, "CR227"),
        ("Grade", {"maskFrom": "x"}, "CR227"),
        ("Grade", {"xpos": 3}, "CR229"),
        ("Grade", {"name": "x"}, "CR229"),
        ("Grade", {"label": Expression("x")}, "CR231"),
        ("Read", {"file": Curve.linear({1: 1})}, "CR231"),
        ("Read", {"frame": EvaluatedText("[x]")}, "CR231"),
        ("Read", {"frame": "[python {x}]"}, "CR232"),
        ("Read", {"colorspace": "[python {x}]"}, "CR232"),
        ("Grade", {"channels": "rgb alpha"}, "CR232"),
        ("Transform", {"filter": "Bicubic"}, "CR234"),
        ("Grade", {"label": "a\0b"}, "CR235"),
        ("Grade", {"label": "a\x1bb"}, "CR235"),
        ("Grade", {"mix": float("inf")}, "CR236"),
        ("Grade", {"white": (1, 1, 1, float("nan"))}, "CR236"),
    ],
)
def test_one_wrong_knob(cls: str, knobs: dict[str, Any], code: str) -> None:
    (name,) = knobs
    assert found(one(cls, **knobs)) == [(f"A.{name}", code)]


@pytest.mark.parametrize(
    ("cls", "knobs"),
    [
        (
            "Grade",
            {
                "white": 1.5,
                "black": (0, 0, 0, Expression("x")),
                "mix": Curve.linear({1: 0}),
                "channels": "rgb",
            },
        ),
        ("Grade", {"label": "[exec x] $a {", "disable": Expression("x"), "tile_color": 0xFF0000FF}),
        ("Read", {"colorspace": "any name of any config (really)", "file": EvaluatedText("[x]/a")}),
        ("Read", {"format": "4096 3072 0 0 4096 3072 1 scan"}),
        ("Write", {"compression": "DWAA", "dw_compression_level": 45, "datatype": "16 bit half"}),
        ("Merge2", {"operation": 6}),
        ("Remove", {"channels": ("-rgba.red", "rgba.green")}),
        ("CopyCat", {"epochs": 30000, "cropSize": "512", "batchSizeType": "Manual"}),
        ("Median", {"size": Verbatim("anything {at all}")}),
    ],
)
def test_what_is_right(cls: str, knobs: dict[str, Any]) -> None:
    assert found(one(cls, **knobs)) == []


@pytest.mark.parametrize(
    ("version", "cls", "knob", "hint"),
    [
        ("12.2", "FrameHold", "firstFrame", "first_frame"),
        ("15.1", "FrameHold", "first_frame", "firstFrame"),
        ("14.0", "Write", "ocioColorspace", "leave it out"),
        ("16.1", "Write", "transformType", "leave it out"),
    ],
)
def test_a_knob_of_another_version(version: str, cls: str, knob: str, hint: str) -> None:
    value = 1 if cls == "FrameHold" else "display" if knob == "transformType" else "x"
    (problem,) = check(one(cls, version=version, **{knob: value}))
    assert (problem.code, problem.place) == ("CR225", f"A.{knob}")
    assert hint in problem.hint


def test_a_class_of_another_version() -> None:
    graph = Graph(NukeVersion(15, 1))
    graph.add("Constant", "In")
    graph.add("BigCat", "A", inputs=["In"] * 4)
    assert found(graph) == [("A", "CR226")]
    graph.nuke = NukeVersion(16, 1)
    assert found(graph) == []


def test_pipes() -> None:
    graph = Graph()
    graph.add("Constant", "In")
    graph.add("Merge2", "Few", inputs=["In"])
    graph.add("Crop", "Open", inputs=[None])
    graph.add("Grade", "Many", inputs=["In", "In"])
    graph.add("Crop", "Masked", inputs=["In"], mask="In")
    graph.add("Dot", "Loose")
    graph.add("Grade", "Lost", inputs=["Nowhere"])
    graph.add("Grade", "Off", disable=True)
    assert [(p.place, p.code, p.severity) for p in check(graph)] == [
        ("Few", "CR217", "error"),
        ("Open", "CR217", "error"),
        ("Many", "CR218", "error"),
        ("Masked", "CR219", "error"),
        ("Loose", "CR217", "warning"),
        ("Lost", "CR220", "error"),
        ("Off", "CR217", "warning"),
    ]


def test_a_cycle() -> None:
    graph = Graph()
    graph.add("Dot", "A", inputs=["B"])
    graph.add("Dot", "B", inputs=["A"])
    (problem,) = check(graph)
    assert problem.code == "CR221"
    assert "A -> B -> A" in problem.message


def test_clones() -> None:
    graph = Graph()
    graph.add("Constant", "In")
    graph.add("Blur", "A", inputs=["In"])
    graph.clone("A", inputs=["In"])
    assert found(graph) == []
    graph.nodes["A~5"] = Node("A~5", "Blur", {"size": 3}, ("In",), clone_of="A")
    graph.nodes["X~2"] = Node("X~2", "Blur", {}, ("In",), clone_of="X")
    graph.nodes["A~3"] = Node("A~3", "Crop", {}, ("In",), clone_of="A")
    assert sorted(found(graph)) == [("A~3", "CR222"), ("A~5", "CR223"), ("A~5", "CR228"), ("X~2", "CR222")]


def test_names() -> None:
    graph = Graph()
    graph.add("Constant", "not a name")
    graph.nodes["B"] = Node("C", "Constant")
    assert found(graph) == [("not a name", "CR224"), ("B", "CR224")]


def test_unknown_classes_are_still_searched_for_code() -> None:
    graph = Graph()
    graph.add("Grad", "A", user_knobs=[UserKnob("go", 22)], knobChanged=Verbatim("import os"), anything=1)
    problems = check(graph)
    assert [(p.place, p.code) for p in problems] == [
        ("A", "CR210"),
        ("A.knobChanged", "CR212"),
        ("A.go", "CR212"),
    ]
    assert "'Grade'" in problems[0].hint


def test_user_knobs() -> None:
    knobs = [UserKnob("a", 1), UserKnob("a", 1), UserKnob("mix", 7), UserKnob("xpos", 3), UserKnob("a b", 3)]
    knobs += [UserKnob("tcl", 32), UserKnob("menu", 35), UserKnob("py", 52), UserKnob("t", 1, "a\0b")]
    graph = Graph()
    graph.add("Constant", "In")
    graph.add("Grade", "A", inputs=["In"], user_knobs=knobs)
    assert found(graph) == [
        ("A.a", "CR233"),
        ("A.mix", "CR233"),
        ("A.xpos", "CR229"),
        ("A.a b", "CR233"),
        ("A.tcl", "CR212"),
        ("A.menu", "CR212"),
        ("A.py", "CR212"),
        ("A.t", "CR235"),
    ]


def test_root_and_layers() -> None:
    graph = Graph(
        NukeVersion(12, 1), {"fps": "x", "onScriptLoad": "import os", "monitorOutLUT": "x", "format": "HD"}
    )
    graph.layers = (("lonely",),)
    assert sorted(found(graph)) == [
        ("Root.fps", "CR214"),
        ("Root.monitorOutLUT", "CR225"),
        ("Root.onScriptLoad", "CR212"),
        ("add_layer", "CR237"),
    ]


def test_groups_are_checked_inside() -> None:
    graph, inner = Graph(), Graph()
    inner.add("Input", "Input1")
    inner.add("Blur", "Blur1", inputs=["Input1"], sise=3)
    graph.add("Constant", "In")
    graph.add("Group", "G", inputs=["In", "In"])
    graph.add("Dot", "D", inputs=["G"])
    graph.add("Group", "Empty")
    graph["G"].children = inner
    graph["D"].children = Graph(NukeVersion(13, 0))
    graph["Empty"].children = Graph()
    assert found(graph) == [
        ("G", "CR218"),
        ("D", "CR230"),
        ("D", "CR230"),
        ("D", "CR230"),
        ("Empty", "CR230"),
        ("G.Blur1.sise", "CR211"),
    ]


def test_every_code_is_in_the_table_and_has_a_test() -> None:
    table = {line.split()[0] for line in (checks_module.__doc__ or "").splitlines() if line.startswith("CR")}
    assert table == {f"CR{n}" for n in range(210, 238)}
    text = Path(__file__).read_text("utf-8")
    assert [c for c in sorted(table) if f'"{c}"' not in text] == []
