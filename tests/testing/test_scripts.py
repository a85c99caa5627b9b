"""Pasting, reading, saving and opening."""

import pytest

from chroma_recovery.graph.graph import Graph
from chroma_recovery.nk import write
from chroma_recovery.testing import FakeNuke, assert_same_graph, assert_wired, session_graph

TWO = """version 15.1 v4
Read {
 inputs 0
 name Source
 xpos 100
 ypos 50
}
Blur {
 size 7
 name Blur1
 xpos 100
 ypos 150
}
"""


def text_file(tmp_path, text, name="in.nk"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_paste_selects_renames_and_wires(nuke_session, tmp_path):
    import nuke

    mine = nuke.createNode("Blur")
    last = nuke.nodePaste(text_file(tmp_path, TWO))
    assert last.name() == "Blur2" and last["size"].value() == 7
    assert {n.name() for n in nuke.selectedNodes()} == {"Source", "Blur2"}
    assert not mine.isSelected() and mine.inputs() == 0
    assert_wired(nuke_session, "Blur2", 0, "Source")


def test_paste_in_the_gui_moves_the_nodes_together(tmp_path):
    for mode in ("gui", "terminal"):
        with FakeNuke(mode).installed() as nuke:
            anchor = nuke.createNode("NoOp")
            anchor.setXYpos(1000, 1000)
            nuke.nodePaste(text_file(tmp_path, TWO))
            source, blur = nuke.toNode("Source"), nuke.toNode("Blur1")
            assert (blur.xpos() - source.xpos(), blur.ypos() - source.ypos()) == (0, 100)
            assert (source.ypos() > 1000) is (mode == "gui")


def test_paste_point_joins_the_selected_node(nuke_session, tmp_path):
    import nuke

    read = nuke.createNode("Read")
    copied = "set cut_paste_input [stack 0]\nversion 15.1 v4\npush $cut_paste_input\nBlur {\n name Blur1\n}\n"
    nuke.nodePaste(text_file(tmp_path, copied))
    assert nuke.toNode("Blur1").input(0) is read
    nuke_session.select([])
    nuke.nodePaste(text_file(tmp_path, copied))
    assert nuke.toNode("Blur2").input(0) is None


def test_text_that_forgets_an_input_takes_the_selected_node(nuke_session, tmp_path):
    import nuke

    read = nuke.createNode("Read")
    nuke.nodePaste(text_file(tmp_path, "version 15.1 v4\nBlur {\n name Blur1\n}\n"))
    assert nuke.toNode("Blur1").input(0) is read


def test_copy_and_paste_are_one_graph(nuke_session, tmp_path):
    import nuke

    nuke.scriptReadText(TWO)
    assert nuke.nodeCopy(str(tmp_path / "c.nk")) is False
    nuke.selectAll()
    assert nuke.nodeCopy(str(tmp_path / "c.nk")) is True
    before = session_graph(nuke_session)
    nuke.scriptClear()
    nuke.nodePaste(str(tmp_path / "c.nk"))
    assert_same_graph(before, nuke_session)
    assert nuke.nodeCopy("%clipboard%")
    nuke.nodePaste("%clipboard%")
    assert len(nuke_session.nodes) == 4


@pytest.mark.nuke(mode="terminal")
def test_no_clipboard_without_gui(nuke_session):
    import nuke

    nuke.createNode("Blur")
    with pytest.raises(RuntimeError, match=r"^Cannot copy to clipboard in non-GUI mode$"):
        nuke.nodeCopy("%clipboard%")
    with pytest.raises(RuntimeError, match="non-GUI"):
        nuke.nodePaste("%clipboard%")


def clones() -> Graph:
    graph = Graph()
    graph.add("Read", "Source", inputs=())
    graph.add("Read", "Reference", inputs=())
    graph.add("Crop", "Shared_crop", inputs=("Source",), box=(0, 0, 10, 10))
    graph.clone("Shared_crop", inputs=("Reference",))
    graph.add("Merge2", "Both", inputs=("Shared_crop", "Shared_crop~2"), mask="Source")
    return graph


def test_clones_stay_clones(nuke_session, tmp_path):
    import nuke

    nuke.nodePaste(text_file(tmp_path, write(clones())))
    assert_same_graph(clones(), nuke_session)
    one, two = (n for n in nuke.allNodes("Crop"))
    assert one.name() == two.name() == "Shared_crop"
    two["box"].setValue([1, 1, 5, 5])
    assert one["box"].value() == [1, 1, 5, 5]
    nuke.nodePaste(text_file(tmp_path, write(clones())))
    again = [n for n in nuke.allNodes("Crop") if n.name() == "Shared_crop1"]
    assert len(again) == 2 and again[0]["box"].value() == [0, 0, 10, 10]


def test_unknown_knobs_warn_for_name_and_value_and_loading_goes_on(nuke_session):
    import nuke

    nuke.scriptReadText(
        "version 15.1 v4\nWrite {\n inputs 0\n nonsense scene_linear\n file a.exr\n name Write1\n}\n"
    )
    assert nuke_session.warnings == ["Write1.nonsense: no such knob", "Write1.scene_linear: no such knob"]
    assert nuke.toNode("Write1")["file"].value() == "a.exr"


@pytest.mark.nuke(version="14.0v5")
def test_knobs_of_a_younger_nuke_warn_and_obsolete_ones_do_not(nuke_session):
    import nuke

    nuke.scriptReadText(
        "version 15.0 v4\nWrite {\n inputs 0\n ocioColorspace scene_linear\n name Write1\n}\n"
    )
    assert nuke_session.warnings == [
        "Write1.ocioColorspace: no such knob",
        "Write1.scene_linear: no such knob",
    ]
    nuke_session.warnings.clear()
    nuke.scriptReadText("version 13.0 v1\nCopyCat {\n inputs 0\n runName mine\n name CopyCat1\n}\n")
    assert not nuke_session.warnings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version 15.1 v4\nBlur {\n inputs 0\n name Blur1\n}\nNope {\n}\n", r"^Nope: Unknown command$"),
        ("version 15.1 v4\nBlur {\n", "CR320"),
        ("version 15.1 v4\npython {import os}\n", "CR322"),
    ],
)
def test_text_that_cannot_be_run(nuke_session, text, message):
    import nuke

    with pytest.raises(RuntimeError, match=message):
        nuke.scriptReadText(text)
    assert not nuke_session.nodes and not nuke_session.journal.undos


def test_a_value_that_is_not_listed_puts_the_node_in_error(nuke_session):
    import nuke

    nuke.scriptReadText("version 15.1 v4\nCopyCat {\n inputs 0\n modelSize Huge\n name CopyCat1\n}\n")
    assert nuke.toNode("CopyCat1").hasError()
    nuke.toNode("CopyCat1")["modelSize"].setValue("Large")
    assert not nuke.toNode("CopyCat1").hasError()


def test_missing_file_shows_only_in_has_error(nuke_session, tmp_path):
    import nuke

    read = nuke.createNode("Read")
    below = nuke.createNode("Blur")
    read["file"].setValue(f"{tmp_path.as_posix()}/plate.####.exr")
    read["first"].setValue(7)
    assert read.hasError() and below.error() and below.treeHasError() and not below.hasError()
    (tmp_path / "plate.0007.exr").write_bytes(b"")
    assert not read.hasError() and not below.error()


def test_project_settings_are_not_pasted(nuke_session, tmp_path):
    import nuke

    text = "version 15.1 v4\nRoot {\n inputs 0\n fps 25\n}\n" + TWO.partition("\n")[2]
    nuke.nodePaste(text_file(tmp_path, text))
    assert nuke.root()["fps"].value() == 24 and "project settings" in nuke_session.uncertain[0]
    nuke.scriptOpen(text_file(tmp_path, text))
    assert nuke.root()["fps"].value() == 25


# -- saving


def test_save_as_does_not_overwrite_unless_told(tmp_path):
    for mode, answers, saved in (("terminal", [], False), ("gui", [False], False), ("gui", [True], True)):
        file = tmp_path / "s.nk"
        file.write_text("mine")
        fake = FakeNuke(mode)
        fake.dialogs.answers += answers
        with fake.installed() as nuke:
            nuke.scriptReadText(TWO)
            if saved:
                nuke.scriptSaveAs(str(file))
            else:
                with pytest.raises(RuntimeError, match="exists"):
                    nuke.scriptSaveAs(str(file))
            assert (file.read_text() != "mine") is saved
            assert (nuke.root().name() == "Root") is not saved
            with pytest.raises(RuntimeError, match="exists"):
                nuke.scriptSaveAs(str(file), overwrite=0)
            nuke.scriptSaveAs(str(file), overwrite=1)
            assert nuke.root().name() == file.as_posix()


def test_save_and_open_give_the_same_session(nuke_session, tmp_path):
    import nuke

    nuke.scriptReadText(write(clones()))
    nuke.root()["fps"].setValue(25)
    nuke.root()["project_directory"].setValue("[python {nuke.script_directory()}]")
    before = session_graph(nuke_session)
    file = tmp_path / "s.nk"
    assert nuke.modified()
    nuke.scriptSaveAs(str(file))
    assert not nuke.modified()
    nuke.scriptOpen(str(file))
    assert_same_graph(before, nuke_session, ignore_positions=False, ignore_root=False)
    assert nuke.Undo.undoSize() == 0
    nuke.scriptSave(str(tmp_path / "copy.nk"))
    assert nuke.root().name() == file.as_posix()
    with pytest.raises(RuntimeError):
        nuke.scriptOpen(str(tmp_path / "none.nk"))


def test_saving_a_nameless_script(nuke_session):
    import nuke

    with pytest.raises(RuntimeError):
        nuke.scriptSave()


def test_clear_and_new(tmp_path):
    for mode, left in (("gui", 0), ("terminal", 2)):
        fake = FakeNuke(mode)
        with fake.installed() as nuke:
            nuke.scriptReadText(TWO)
            blur = nuke.toNode("Blur1")
            nuke.scriptNew()
            assert len(fake.nodes) == left
            nuke.scriptClear()
            assert not fake.nodes
            with pytest.raises(ValueError, match="not attached"):
                blur.name()


def test_callbacks(nuke_session, tmp_path):
    import nuke

    seen = []
    nuke.addOnCreate(lambda: seen.append(nuke.thisNode().name()), nodeClass="Blur")
    nuke.addKnobChanged(lambda: seen.append(nuke.thisKnob().name()))
    nuke.addOnScriptLoad(lambda: seen.append("loaded"))
    nuke.nodePaste(text_file(tmp_path, TWO))
    assert seen == ["Blur1"]
    nuke.toNode("Blur1")["size"].setValue(1)
    assert seen == ["Blur1", "size"]
    nuke.scriptOpen(text_file(tmp_path, TWO))
    assert seen[-1] == "loaded"
    with pytest.raises(ValueError, match=r"^call must be a callable$"):
        nuke.addOnCreate("print(1)")
