"""How scripts are spelled: golden files for small graphs, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chroma_recovery.errors import GraphError, NkError
from chroma_recovery.graph import (
    Curve,
    EvaluatedText,
    Expression,
    Graph,
    Key,
    NukeVersion,
    UserKnob,
    Verbatim,
)
from chroma_recovery.nk import read, write

GOLDEN = Path(__file__).parents[1] / "golden"


def recovery() -> Graph:
    """A bit of the workflow's own graph: dataset, clones, Shuffle2, CopyCat."""
    graph = Graph(NukeVersion(15, 1, 4))
    graph.root.update(
        name="sh010.nk",
        first_frame=471,
        last_frame=499,
        fps=24,
        format="4096 3072 0 0 4096 3072 1 scan",
        colorManagement="OCIO",
        OCIO_config="aces_1.2",
    )
    graph.add(
        "BackdropNode", "BackdropNode1", at=(-100, -200), tile_color=0x388E8E00, label="SOURCE\nsh010",
        bdwidth=400, bdheight=300, z_order=1, note_font_size=42,
    )  # fmt: skip
    for name, path in (("Source", "plates/src.####.exr"), ("Reference", "plates/[ref] $1.%04d.exr")):
        graph.add(
            "Read",
            name,
            file_type="exr",
            file=path,
            first=471,
            last=499,
            origset=True,
            colorspace="color_picking",
        )
        graph.add("FrameHold", f"Hold_{name}", inputs=[name], firstFrame=471)
    graph.add("Colorspace", "ToYCbCr", inputs=["Hold_Reference"], colorspace_out="YCbCr")
    graph.clone("ToYCbCr", inputs=["Hold_Source"], at=(110, 0))
    graph.add(
        "Shuffle2", "Y_of_Source", inputs=["ToYCbCr", "ToYCbCr~2"], fromInput1="A", fromInput2="B",
        in2="rgba",
        mappings="4 rgba.red 0 0 rgba.red 0 0 rgba.green 1 1 rgba.green 0 1 rgba.blue 1 2 rgba.blue 0 2"
        " black -1 -1 rgba.alpha 0 3",
    )  # fmt: skip
    graph.add(
        "Grade", "Clamp", inputs=["Y_of_Source"], mask="Source", white_clamp=True, multiply=(1, 1.5, 1, 1)
    )
    graph.add("CopyBBox", "BBox", inputs=["ToYCbCr~2", "Clamp"])
    graph.add(
        "CopyCat", "Train", inputs=["BBox", "Clamp", None], dataDirectory="TRAINING/sh010", epochs=30000,
        batchSizeType="Manual", batchSize=3, cropSize="512",
    )  # fmt: skip
    graph.add("Inference", "Recover", inputs=["Hold_Source"], modelFile="TRAINING/sh010/x.40000.cat")
    return graph


def values() -> Graph:
    """One of every kind of value."""
    graph = Graph(NukeVersion(17, 0, 3), layers=(("chroma", "chroma.cb", "chroma.cr"),))
    graph.add("Constant", "C1", color=(0.5, Expression("frame/100"), Curve.linear({1: 0, 10: 1}), 1))
    smooth = Curve((Key(1, 0, "smooth", None, 2.5), Key(2.5, 1e-05, "cubic", 1, 1, 0.5, 0.5)), "linear")
    graph.add("Dissolve", "D1", inputs=["C1", None], which=Curve.stepped({1: 0, 2: 1, 3: 0}))
    graph.add(
        "Merge2", "M1", inputs=["D1", "C1"], mask="C1", operation="difference", mix=Expression("a [b] {c}")
    )
    graph.add(
        "Transform", "T1", inputs=["M1"], translate=smooth, scale=(Curve.linear({1: 1}), 2), rotate=-0.1,
        label=r"literal [exec x] $HOME \n {", disable=Expression("parent.off"),
    )  # fmt: skip
    graph.add("Remove", "R1", inputs=["T1"], channels=("-rgba.red", "rgba.green", "none"))
    graph.add(
        "Write", "W1", inputs=["R1"], file=EvaluatedText("[python {nuke.script_directory()}]/a.%04d.exr")
    )
    graph.add(
        "OFXuk.co.thefoundry.furnace.f_align_v403", "F1", inputs=["C1", "R1"],
        knobs={"Analysis Region": False, "regionBL": (14, 71), "accuracy": 1},
    )  # fmt: skip
    knobs = [
        UserKnob("tab", 20, "Recovery"),
        UserKnob("note", 1, 'a "note"', "tip", ("+INVISIBLE",), (), "[x] is text"),
        UserKnob("amount", 7, "", "", (), ("R", "-1", "1"), 0.25),
    ]
    graph.add("NoOp", "N1", inputs=["R1"], user_knobs=knobs)
    graph.add("ColorMatrix", "X1", inputs=["N1"], matrix=Verbatim(" {1 0 0}\n {0 1 0}\n {0 0 1}\n"))
    return graph


def groups() -> Graph:
    graph = Graph()
    inner, deepest = Graph(), Graph()
    deepest.add("Input", "Input1")
    deepest.add("Output", "Output1", inputs=["Input1"])
    inner.add("Input", "Input1", number=1)
    inner.add("Blur", "Blur1", inputs=["Input1"], size=4)
    inner.clone("Blur1", inputs=["Blur1"])
    inner.add("Group", "Inner", inputs=["Blur1~2"])
    inner["Inner"].children = deepest
    inner.add("Output", "Output1", inputs=["Inner"])
    graph.add("CheckerBoard2", "Checker")
    graph.add("Group", "Outer", inputs=["Checker"])
    graph["Outer"].children = inner
    graph.add("Viewer", "Viewer1", inputs=["Outer", "Checker"])
    return graph


@pytest.mark.parametrize("make", [recovery, values, groups])
def test_golden(make, tcl) -> None:
    """Set UPDATE_GOLDEN=1 to write the files anew after a change that is meant."""
    file, text = GOLDEN / f"{make.__name__}.nk", write(make())
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, "utf-8", newline="\n")
    assert text == file.read_text("utf-8")
    assert read(text) == make()
    view = tcl.run(text)
    assert (view.errors, view.attempted) == ([], [])


def test_what_is_on_top_of_the_stack_is_not_pushed() -> None:
    graph = Graph()
    graph.add("Constant", "A")
    graph.add("Dot", "B", inputs=["A"])
    graph.add("Dot", "C", inputs=["B"])
    text = write(graph)
    assert "push" not in text
    assert "set" not in text


def test_a_pushed_node_is_set_once_and_input_0_is_pushed_last() -> None:
    graph = Graph()
    graph.add("Constant", "A")
    graph.add("Constant", "B")
    graph.add("Merge2", "M", inputs=["A", "B"])
    lines = [line for line in write(graph).splitlines() if line.startswith(("set", "push", "Merge"))]
    assert [line.split()[0] for line in lines] == ["set", "push", "Merge2"]  # B is on top, A goes over it
    assert lines[0].split()[1] == "N" + lines[1].split("$N")[1]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_same_graph_same_bytes_whatever_the_hash_seed(seed: str) -> None:
    code = (
        "import sys; from chroma_recovery.nk import read, write; print(write(read(sys.stdin.read())), end='')"
    )
    text = write(values())
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=text, capture_output=True, text=True, check=True, encoding="utf-8",
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1",
             "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stdout == text


def test_ten_thousand_nodes_deep_and_wide() -> None:
    graph = Graph()
    graph.add("Constant", "N0")
    for n in range(1, 10_000):
        graph.add("Dot", f"N{n}", inputs=[f"N{n - 1}"])
    graph.add("AppendClip", "All", inputs=[f"N{n}" for n in range(0, 10_000, 2)])
    assert read(write(graph)) == graph


def test_all_that_cannot_be_written_is_reported_at_once() -> None:
    graph = Graph()
    graph.add(
        "Grade", "G", white="text", label="a\0b", mix=float("nan"), channels="[exec x]", knobs={"inputs": 2}
    )
    graph.add("exec", "Bad")
    graph.add("Write", "W", colorspace="{x}", beforeRender="import os", channels="")
    with pytest.raises(NkError) as caught:
        write(graph)
    assert {(p.place, p.code) for p in caught.value.problems} == {
        ("G.white", "CR304"),
        ("G.label", "CR301"),
        ("G.mix", "CR305"),
        ("G.channels", "CR303"),
        ("G.inputs", "CR309"),
        ("Bad", "CR308"),
        ("W.colorspace", "CR303"),
        ("W.beforeRender", "CR303"),
        ("W.channels", "CR304"),
    }


@pytest.mark.parametrize(
    ("cls", "knob"),
    [
        ("Read", "frame"),
        ("Reformat", "format"),
        ("Nope", "x"),
        ("Shuffle2", "mappings"),
        ("Expression", "temp_name0"),
    ],
)
def test_literal_text_is_refused_where_escaping_is_not_certain(cls: str, knob: str) -> None:
    graph = Graph()
    graph.add(cls, "A", knobs={knob: "[python {x}]"})
    with pytest.raises(NkError, match="CR303"):
        write(graph)


@pytest.mark.parametrize("name", ["x\nexec", "", "a~2", "[exec x]", "a;b", "{", "$x", "a\\", '"', "a\0"])
def test_names_that_are_not_safe(name: str) -> None:
    graph = Graph()
    graph.add("NoOp", name)
    with pytest.raises(NkError, match="CR306"):
        write(graph)


def test_clones_are_numbered_in_the_order_of_flow() -> None:
    graph = Graph()
    graph.add("Blur", "A", inputs=[None])
    graph.clone("A", inputs=["A"])
    graph.clone("A", inputs=["A"])
    graph["A~2"].inputs = ("A~3",)
    with pytest.raises(NkError, match="CR307"):
        write(graph)


def test_cycles_and_missing_nodes() -> None:
    graph = Graph()
    graph.add("Dot", "A", inputs=["B"])
    with pytest.raises(NkError, match="CR204"):
        write(graph)
    graph.add("Dot", "B", inputs=["A"])
    with pytest.raises((NkError, GraphError), match="CR203"):
        write(graph)


def test_odd_names_of_old_scripts_are_kept() -> None:
    text = 'NoOp {\n inputs 0\n name "grey 5 (1.05)"\n}\n'
    assert 'name "grey 5 (1.05)"' in write(read(text))
