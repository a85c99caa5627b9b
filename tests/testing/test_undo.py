"""Undo steps and their grouping."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chroma_recovery.testing import FakeNuke, assert_same_graph, session_graph


def test_a_group_is_one_step(nuke_session):
    import nuke

    with nuke.Undo("Build"):
        a = nuke.createNode("Read")
        b = nuke.createNode("Blur")
        b["size"].setValue(9)
        b.setXYpos(100, 200)
        with nuke.Undo("inner"):
            nuke.delete(nuke.createNode("Crop"))
    assert nuke.Undo.undoSize() == 1 and nuke.Undo.undoDescribe() == "Build"
    after = session_graph(nuke_session)
    nuke.undo()
    assert not nuke_session.nodes
    with pytest.raises(ValueError, match="not attached"):
        a.name()
    nuke.redo()
    assert_same_graph(nuke_session, after, ignore_positions=False)
    assert a.name() == "Read1" and b.xpos() == 100


def test_begin_name_end(nuke_session):
    import nuke

    undo = nuke.Undo()
    undo.begin()
    undo.name("Two nodes")
    nuke.createNode("Read"), nuke.createNode("Read")
    undo.end()
    assert nuke.Undo.undoDescribe(0) == "Two nodes"
    nuke.Undo.undo()
    assert not nuke_session.nodes
    with pytest.raises(RuntimeError):
        undo.end()


def test_cancel_takes_back(nuke_session):
    import nuke

    nuke.createNode("Read")
    nuke.Undo.begin("bad")
    nuke.createNode("Blur")
    nuke.Undo.cancel()
    assert [n.name for n in nuke_session.nodes] == ["Read1"] and nuke.Undo.undoSize() == 1


def test_outside_a_group_every_change_is_a_step(nuke_session):
    import nuke

    node = nuke.createNode("Blur")
    node["size"].setValue(3)
    node["size"].setValue(4)
    assert nuke.Undo.undoSize() == 3
    nuke.undo()
    assert node["size"].value() == 3


def test_a_new_change_forgets_redo(nuke_session):
    import nuke

    nuke.createNode("Blur")
    nuke.undo()
    nuke.createNode("Crop")
    nuke.redo()
    assert [n.name for n in nuke_session.nodes] == ["Crop1"]


def test_deleting_and_undoing_keeps_pipes(nuke_session):
    import nuke

    a = nuke.createNode("Read")
    b = nuke.createNode("Blur")
    nuke.delete(a)
    assert b.input(0) is None and b.inputs() == 0
    assert nuke_session.uncertain, "what Nuke does with pipes below a deleted node is not known"
    nuke.undo()
    assert b.input(0) is a


def test_disable(nuke_session):
    import nuke

    nuke.Undo.disable()
    nuke.createNode("Blur")
    nuke.Undo.enable()
    assert nuke.Undo.undoSize() == 0 and not nuke.Undo.disabled()


def test_an_exception_keeps_the_step(nuke_session):
    import nuke

    with pytest.raises(ZeroDivisionError), nuke.Undo("x"):
        nuke.createNode("Blur")
        raise ZeroDivisionError
    assert nuke.Undo.undoSize() == 1 and not nuke_session.journal.depth


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["create", "clone", "delete", "size", "move", "join", "user", "paste"]),
        st.integers(0, 7),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(ACTIONS, st.booleans())
def test_undoing_everything_gives_the_start_and_redoing_the_end(actions, grouped):
    fake = FakeNuke("terminal")
    with fake.installed() as nuke:
        nuke.createNode("Blur")
        start = session_graph(fake)
        fake.journal.forget()
        if grouped:
            nuke.Undo.begin("all")
        for what, number in actions:
            act(nuke, what, number)
        if grouped:
            nuke.Undo.end()
        end = session_graph(fake)
        steps = nuke.Undo.undoSize()
        assert not grouped or steps <= 1
        for _ in range(steps):
            nuke.undo()
        assert_same_graph(start, fake, ignore_positions=False, ignore_root=False)
        for _ in range(steps):
            nuke.redo()
        assert_same_graph(end, fake, ignore_positions=False, ignore_root=False)


def act(nuke, what, number):
    nodes = nuke.allNodes("Blur")
    node = nodes[number % len(nodes)] if nodes else nuke.nodes.Blur()
    if what == "create":
        nuke.createNode("Blur")
    elif what == "clone":
        nuke.clone(node)
    elif what == "delete":
        nuke.delete(node)
    elif what == "size":
        node["size"].setValue(number)
    elif what == "move":
        node.setXYpos(number, -number)
    elif what == "join":
        node.setInput(number % 2, nodes[0] if nodes else None)
    elif what == "user" and node.knob(f"k{number}") is None:
        node.addKnob(nuke.Int_Knob(f"k{number}", ""))
    elif what == "paste":
        nuke.scriptReadText(
            "version 15.1 v4\nBlur {\n inputs 0\n size 3\n name Blur1\n}\nBlur {\n name Blur2\n}\n"
        )
