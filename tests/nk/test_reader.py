"""Reading scripts in the style of saved ones; every sample here is made up."""

from __future__ import annotations

import pytest

from chroma_recovery.errors import NkError
from chroma_recovery.graph import Curve, EvaluatedText, Expression, Key, NukeVersion, Verbatim
from chroma_recovery.graph.checks import check
from chroma_recovery.nk import read, write

SAVED = r"""#! /opt/Nuke13.2v8/libnuke-13.2.8.so -nx
#write_info Write1 file:"a.png" format:"8 8 1" chans:":rgba.red:" framerange:"1 1"
version 13.2 v8
define_window_layout_xml {<?xml version="1.0" encoding="UTF-8"?>
<layout version="1.0">
    <window x="0" y="0"/>
</layout>
}
Root {
 inputs 0
 name plates/shot.nk
 project_directory "\[python \{nuke.script_directory()\}]"
 format "2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)"
 views {
  {main ""}
 }
 lock_range true
}
BackdropNode {
 inputs 0
 name BackdropNode1
 tile_color 0x388e8e00
 bdwidth 444
}
add_layer {despill despill.red}
Read {
 inputs 0
 file_type exr
 file plates/a.%04d.exr
 first 1001
 name Read1
 xpos 10
 ypos -20
}
set N1a2b [stack 0]
Blur {
 size {{curve i x1001 0 x1020 4 x1040 -5 13 -14 11 x1118 -13}}
 name Blur1
}
set C77 [stack 0]
push $N1a2b
clone $C77 {
 inputs 1+1
 xpos 5
 ypos 6
 selected false
}
push 0
push $N1a2b
Merge2 {
 inputs 2
 operation 6
 mix {{"\[value Blur1.size]" x5 1}}
 bbox "A side"
 name Merge1
 label "\\\[not run]\nsecond line"
 knobChanged "import os"
}
Unheard {
 lut {master {} red {curve x0 1}}
 number 2
 words "a b"
 odd "a\[b"
}
"""


def test_a_saved_script() -> None:
    graph = read(SAVED)
    assert graph.nuke == NukeVersion(13, 2, 8)
    assert graph.layers == (("despill", "despill.red"),)
    assert graph.root["project_directory"] == EvaluatedText("[python {nuke.script_directory()}]")
    assert graph.root["lock_range"] is True
    assert list(graph.nodes) == ["BackdropNode1", "Read1", "Blur1", "Blur1~2", "Merge1", "Unheard1"]
    assert graph["BackdropNode1"].knobs == {"tile_color": 0x388E8E00, "bdwidth": 444}
    assert (graph["Read1"].xpos, graph["Read1"].ypos, graph["Read1"].inputs) == (10, -20, ())
    assert (graph["Blur1~2"].clone_of, graph["Blur1~2"].xpos) == ("Blur1", 5)
    assert graph["Merge1"].inputs == ("Read1", None)
    assert graph["Unheard1"].inputs == ("Merge1",)
    assert graph["Unheard1"].knobs == {
        "lut": Verbatim("master {} red {curve x0 1}"),
        "number": 2,
        "words": "a b",
        "odd": Verbatim("a[b"),
    }


def test_pipes_of_the_masked_clone_come_off_the_stack_in_order() -> None:
    clone = read(SAVED)["Blur1~2"]
    assert (clone.inputs, clone.mask) == (("Read1",), "Blur1")


def test_values_of_a_saved_script() -> None:
    merge = read(SAVED)["Merge1"].knobs
    assert merge["operation"] == 6
    assert merge["mix"] == Verbatim('{"\\[value Blur1.size]" x5 1}'), "leftover keys are kept"
    assert merge["label"] == "[not run]\nsecond line"
    assert merge["knobChanged"] == Verbatim("import os")


def test_left_out_frames_of_a_curve_continue_the_interval() -> None:
    size = read(SAVED)["Blur1"].knobs["size"]
    assert isinstance(size, Curve)
    assert [k.frame for k in size.keys] == [1001, 1020, 1040, 1060, 1080, 1100, 1118]
    assert [k.value for k in size.keys] == [0, 4, -5, 13, -14, 11, -13]


@pytest.mark.parametrize(
    ("text", "curve"),
    [
        ("curve K x1 5 6 7", Curve((Key(1, 5, "constant"), Key(2, 6, "constant"), Key(3, 7, "constant")))),
        ("curve 5 6", Curve((Key(0, 5), Key(1, 6)))),
        ("curve L l x1 2", Curve((Key(1, 2, "linear"),), "linear")),
        (
            "curve x1 2 s0.5 t-1 u1 v2 K x3 4",
            Curve((Key(1, 2, "smooth", 0.5, -1, 1, 2), Key(3, 4, "constant"))),
        ),
    ],
)
def test_curves(text: str, curve: Curve) -> None:
    assert read(f"Blur {{mix {{{{{text}}}}}}}")["Blur1"].knobs["mix"] == curve


@pytest.mark.parametrize(
    "text", ["curve x5 1 x4 2", "curve s1", "curve x", "curve x1 nan", "curve x1 1 ?", "curve x1"]
)
def test_curves_we_cannot_model_are_kept(text: str) -> None:
    assert read(f"Blur {{mix {{{{{text}}}}}}}")["Blur1"].knobs["mix"] == Verbatim(f"{{{text}}}")


@pytest.mark.parametrize(
    ("cls", "knob", "word", "value"),
    [
        ("Crop", "box", '{0 {"input.height%32 == 0"} {input.width} 5}',
         (0, Expression("input.height%32 == 0"), Expression("input.width"), 5)),
        ("Crop", "box", "{0 0 1920 1080.5}", (0, 0, 1920, 1080.5)),
        ("Crop", "softness", "10", 10),
        ("Dilate", "channels", "{{{parent.D.channels}}}", Verbatim("{{parent.D.channels}}")),
        ("Blur", "channels", "{{{parent.D.channels}}}", Expression("parent.D.channels")),
        ("Blur", "channels", "{-rgba.red rgba.green none}", ("-rgba.red", "rgba.green", "none")),
        ("Blur", "disable", "{{!parent.x}}", Expression("!parent.x")),
        ("Blur", "mix", "{{parent.mix i}}", Expression("parent.mix")),
        ("Blur", "mix", "1_000", Verbatim("1_000")),
        ("Blur", "crop", "1", True),
        ("Write", "compression", "7", 7),
        ("Write", "file_type", "exr", "exr"),
        ("CopyCat", "cropSize", "512", "512"),
        ("Shuffle2", "fromInput1", "{{1} B A}", "A"),
        ("Shuffle2", "fromInput1", "{\n   {0}\n   B\n  }", "B"),
        ("Read", "file", '"\\\\\\$x \\\\n"', "$x \n"),
        ("NoOp", "tile_color", "0xff", 255),
    ],
)  # fmt: skip
def test_values_are_typed_by_the_catalogue(cls: str, knob: str, word: str, value: object) -> None:
    text = f"{cls} {{inputs 0 {knob} {word}}}"
    graph = read(text)
    assert graph[f"{cls}1"].knobs == {knob: value}
    assert read(write(graph)) == graph


def test_pasted_text_and_its_form_of_clones() -> None:
    graph = read(
        """set cut_paste_input [stack 0]
version 10.5 v5
push $cut_paste_input
clone node35b4e000|Grade|13948 Grade {
 multiply {2 1 1 1}
 name Grade1
}
set C35b4e000 [stack 0]
clone $C35b4e000 {
 xpos 4
 ypos 5
 selected true
}
"""
    )
    assert graph["Grade1"].inputs == (None,)
    assert graph["Grade1"].knobs == {"multiply": (2, 1, 1, 1)}
    assert (graph["Grade1~2"].clone_of, graph["Grade1~2"].inputs) == ("Grade1", ("Grade1",))


def test_groups_and_gizmos() -> None:
    graph = read(
        """version 13.1 v1
Gizmo {
 inputs 2
 addUserKnob {20 User l "My \\"tab\\""}
 addUserKnob {7 gain l "" R -1 1}
 gain 0.5
 addUserKnob {22 go l Go T "import os" +STARTLINE}
}
 Input {
  inputs 0
  name A
 }
 Group {
  name Inner
 }
  Input {
   inputs 0
  }
  Output {
  }
 end_group
 Output {
  name Out
 }
end_group
Dot {
}
"""
    )
    gizmo = graph["Gizmo1"]
    assert gizmo.inputs == (None, None)
    assert graph["Dot1"].inputs == ("Gizmo1",)
    assert [k.name for k in gizmo.user_knobs] == ["User", "gain", "go"]
    assert (gizmo.user("gain"), gizmo.user_knobs[1].arguments) == (0.5, ("l", "", "R", "-1", "1"))
    assert gizmo.user_knobs[0].label == 'My "tab"'
    assert gizmo.children is not None
    inner = gizmo.children["Inner"].children
    assert inner is not None
    assert (list(inner.nodes), inner["Output1"].inputs) == (["Input1", "Output1"], ("Input1",))
    assert inner.nuke == NukeVersion(13, 1, 1)
    assert "CR212" in [p.code for p in check(graph)], "the button is code"
    assert read(write(graph)) == graph


def test_a_mask_written_as_an_ordinary_input() -> None:
    graph = read("Constant {inputs 0 name C}\npush 0\npush 0\nGrade {inputs 2}")
    assert (graph["Grade1"].inputs, graph["Grade1"].mask) == ((None,), None)
    graph = read("Constant {inputs 0 name C}\npush 0\nGrade {inputs 2}")
    assert (graph["Grade1"].inputs, graph["Grade1"].mask) == ((None,), "C")


def test_names_that_are_taken_count_up() -> None:
    graph = read("NoOp {name A9}\nNoOp {name A9}\nNoOp {name A}\nNoOp {name A}")
    assert list(graph.nodes) == ["A9", "A10", "A", "A1"]


def test_ancient_and_windows_texts() -> None:
    assert read("version 4.5030\r\nDot {\r\n inputs 0\r\n}\r\n").nuke == NukeVersion(4, 5)
    assert list(read("\ufeffversion 15.1 v4\nDot {inputs 0}").nodes) == ["Dot1"]


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("version 15.1 v4\nGrade {\n name {A\n}\n", "CR320", "2:7"),
        ("Grade {a {b}c}\n", "CR321", "1:13"),
        ("Grade {a b c}\n", "CR323", "1:12"),
        ("\n exec touch x\n", "CR322", "2:2"),
        ("exec {touch x}\n", "CR322", "1:1"),
        ("python {import os}\n", "CR322", "1:1"),
        ("[exec touch x]\n", "CR322", "1:1"),
        ("set x [exec touch x]\n", "CR322", "1:1"),
        ("push [exec touch x]\n", "CR322", "1:1"),
        ("Grade {inputs many}\n", "CR324", "1:15"),
        ("Grade {inputs 99999}\n", "CR324", "1:15"),
        ("push $N1\n", "CR325", "1:1"),
        ("clone $C1 {xpos 1}\n", "CR325", "1:1"),
        ("NoOp {inputs 0}\nset N1 [stack 0]\nGroup {inputs 0}\npush $N1\nend_group\n", "CR325", "4:1"),
        ("end_group\n", "CR327", "1:1"),
        ("Group {inputs 0}\nDot {}\n", "CR328", "1:1"),
        ("version fifteen\n", "CR331", "1:1"),
        ("Grade {addUserKnob {x}}\n", "CR321", "1:21"),
        ("Grade {inputs 0\n label \"a\\nb}\n", "CR320", "2:8"),
    ],
)  # fmt: skip
def test_errors_say_where(text: str, code: str, where: str) -> None:
    with pytest.raises(NkError) as caught:
        read(text, name="shot.nk")
    assert [(p.code, p.place) for p in caught.value.problems] == [(code, f"shot.nk:{where}")]


def test_all_errors_at_once_with_a_caret() -> None:
    with pytest.raises(NkError) as caught:
        read("push $N1\nGrade {a}\nfoo bar baz\nend_group\n")
    assert [p.code for p in caught.value.problems] == ["CR325", "CR323", "CR322", "CR327"]
    assert caught.value.problems[2].excerpt == "  foo bar baz\n  ^"


def test_absurd_nesting_is_refused() -> None:
    with pytest.raises(NkError, match="CR329"):
        read("Group {inputs 0}\n" * 3000)


def test_nothing_in_a_script_runs(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = 'NoOp {\n inputs 0\n label "\\[exec touch x]"\n'
    text += " knobChanged \"open('x', 'w')\"\n onCreate \"open('x', 'w')\"\n}\n"
    graph = read(text)
    write(graph)
    assert sorted(p.place for p in check(graph) if p.code == "CR212") == [
        "NoOp1.knobChanged",
        "NoOp1.onCreate",
    ]
    assert list(tmp_path.iterdir()) == []


def test_an_expression_with_bytes_that_are_no_text_is_kept_as_it_is():
    graph = read("NoOp { odd {{\udc98}} name A }")
    assert graph["A"].knobs["odd"] == Verbatim("{\udc98}")
