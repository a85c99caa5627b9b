"""Nodes, pipes and selection, row by row of what is known of Nuke's Python."""

import pytest

from chroma_recovery.testing import FakeNuke, UnverifiedBehaviour, assert_wired


def test_missing_knob_is_a_name_error(nuke_session):
    import nuke

    node = nuke.createNode("Crop")
    with pytest.raises(NameError, match=r"^knob missing does not exist$"):
        node["missing"]
    assert node.knob("missing") is None


@pytest.mark.parametrize("make", [lambda nuke: nuke.createNode("Nope"), lambda nuke: nuke.nodes.Nope()])
def test_unknown_class(nuke_session, make):
    import nuke

    with pytest.raises(RuntimeError, match=r"^Nope: Unknown command$"):
        make(nuke)
    assert not nuke_session.nodes


@pytest.mark.nuke(version="13.0v1")
def test_class_younger_than_this_nuke(nuke_session):
    import nuke

    with pytest.raises(RuntimeError, match="BigCat: Unknown command"):
        nuke.nodes.BigCat()


def test_deleted_node_raises_on_every_method(nuke_session):
    import nuke

    node = nuke.createNode("Blur")
    knob = node["size"]
    nuke.delete(node)
    public = [n for n in dir(type(node)) if not n.startswith("_")]
    assert len(public) > 40
    for name in public:
        with pytest.raises(ValueError, match=r"^A PythonObject is not attached to a node$"):
            getattr(node, name)()
    with pytest.raises(ValueError, match="not attached"):
        node["size"]
    with pytest.raises(ValueError, match="not attached"):
        knob.setValue(3)
    with pytest.raises(ValueError, match="not attached"):
        nuke.delete(node)


def test_create_node_joins_selects_and_opens(nuke_session):
    import nuke

    read = nuke.createNode("Read")
    crop = nuke.createNode("Crop", "box {0 0 10 20} name Shared xpos 40 ypos -7", inpanel=False)
    assert_wired(nuke_session, "Shared", 0, "Read1")
    assert nuke.selectedNode() is crop and not read.isSelected()
    assert crop["box"].value() == [0, 0, 10, 20] and (crop.xpos(), crop["ypos"].value()) == (40, -7)
    assert read.shown() and not crop.shown()


def test_nodes_namespace_neither_joins_nor_selects(nuke_session):
    import nuke

    read = nuke.createNode("Read")
    blur = nuke.nodes.Blur(inputs=[None], size=3)
    assert blur.input(0) is None and blur["size"].value() == 3
    assert nuke.selectedNodes() == [read]
    with pytest.raises(UnverifiedBehaviour):
        nuke.nodes.Blur(wrong=1)


def test_selected_node_without_selection(nuke_session):
    import nuke

    with pytest.raises(ValueError, match="No node selected"):
        nuke.selectedNode()


def test_pipes(nuke_session):
    import nuke

    a, b, merge = nuke.nodes.Read(), nuke.nodes.Read(), nuke.nodes.Merge2()
    assert merge.inputs() == 0 and (merge.minInputs(), merge.optionalInput()) == (2, 2)
    assert merge.setInput(1, a) is True
    assert merge.inputs() == 2 and merge.input(0) is None
    assert merge.setInput(0, b) and merge.setInput(2, b)
    assert nuke_session.find("Merge1") is None and merge.name() == "Merge21"
    assert_wired(nuke_session, "Merge21", "mask", "Read2")
    assert merge.dependencies() == [b, a]
    assert a.dependent() == [merge]
    assert a.setInput(0, merge) is False
    assert merge.setInput(4000, a) is False
    blur = nuke.nodes.Blur(inputs=[merge])
    assert merge.setInput(0, blur) is False, "a loop"
    assert merge.setInput(0, nuke.nodes.StickyNote()) is False, "no output"


def test_names_count_up(nuke_session):
    import nuke

    first, second = nuke.nodes.Crop(), nuke.nodes.Crop()
    assert (first.name(), second.name()) == ("Crop1", "Crop2")
    second.setName("Crop1")
    assert second.name() == "Crop2"
    second.setName("Source")
    first.setName("Source")
    assert first.name() == "Source1"
    with pytest.raises(ValueError):
        first.setName("with space")
    assert nuke.toNode("Source1") is first and nuke.toNode("nothing") is None


def test_root_and_preferences(nuke_session):
    import nuke

    assert nuke.root().name() == "Root"
    assert nuke.toNode("preferences") is not None
    assert nuke.allNodes() == []


@pytest.mark.parametrize(("mode", "size"), [("gui", (80, 18)), ("terminal", (0, 0))])
def test_screen_size(mode, size):
    with FakeNuke(mode).installed() as nuke:
        node = nuke.createNode("Blur")
        assert (node.screenWidth(), node.screenHeight()) == size


def test_clones_share_knobs_and_name(nuke_session):
    import nuke

    grade = nuke.nodes.Grade(gamma=2)
    other = nuke.clone(grade)
    other["gamma"].setValue(0.5)
    assert grade["gamma"].value() == 0.5
    other.setName("Shared")
    assert grade.name() == "Shared" and grade.clones() == 1
    nuke.delete(grade)
    assert other.name() == "Shared" and other["gamma"].value() == 0.5
    assert nuke.toNode("Shared") is other


def test_groups(nuke_session):
    import nuke

    group = nuke.nodes.Group(name="Tool")
    with group:
        nuke.nodes.Input()
        inner = nuke.nodes.Blur()
        with nuke.nodes.Group():
            deep = nuke.nodes.Crop()
        assert nuke.thisGroup() is group
    assert inner.fullName() == "Tool.Blur1" and nuke.toNode("Tool.Blur1") is inner
    assert group.node("Blur1") is inner and nuke.toNode("Blur1") is None
    assert group.maxInputs() == 1 and nuke.allNodes() == [group]
    assert set(nuke.allNodes(group=group)) == set(group.nodes())
    assert inner.parent() is group
    nuke.delete(group)
    with pytest.raises(ValueError, match="not attached"):
        inner.name()
    with pytest.raises(ValueError, match="not attached"):
        deep.name()
    nuke.undo()
    assert deep.fullName() == "Tool.Group1.Crop1" and inner.name() == "Blur1"


def test_what_the_fake_does_not_know_it_says(nuke_session):
    import nuke

    for ask in (
        lambda: nuke.maxPerformanceInfo,
        lambda: nuke.nodes.Blur().opHashes,
        lambda: nuke.createNode("Blur")["size"].getDerivative,
        lambda: nuke.menu("Nuke").addAction,
    ):
        with pytest.raises(AttributeError, match="fake knows"):
            ask()


def test_installing_puts_back_what_was_there():
    import sys

    assert "nuke" not in sys.modules
    with FakeNuke().installed() as outer:
        with FakeNuke("terminal").installed() as inner:
            assert sys.modules["nuke"] is inner and not inner.GUI
        assert sys.modules["nuke"] is outer and outer.GUI
    assert "nuke" not in sys.modules and "nukescripts" not in sys.modules


def test_never_over_a_real_nuke(monkeypatch):
    import sys
    import types

    monkeypatch.setitem(sys.modules, "nuke", types.ModuleType("nuke"))
    with pytest.raises(RuntimeError, match="real Nuke"), FakeNuke().installed():
        pass


def test_wrong_words_for_the_session():
    with pytest.raises(ValueError, match="gui"):
        FakeNuke("batch")
    with pytest.raises(ValueError, match="nukex"):
        FakeNuke(edition="pro")
