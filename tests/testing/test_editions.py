"""Editions, modes and what they forbid."""

import pytest

from chroma_recovery.graph.graph import Graph
from chroma_recovery.nk import write
from chroma_recovery.testing import EDITIONS, FakeNuke


def many(count):
    graph = Graph()
    for number in range(count):
        graph.add("NoOp", f"Many_{number}", inputs=())
    return write(graph)


@pytest.mark.parametrize("edition", ["nc", "indie"])
def test_python_touches_ten_nodes(edition):
    with FakeNuke(edition=edition).installed() as nuke:
        made = [nuke.nodes.NoOp() for _ in range(10)]
        assert made[3].name() and nuke.toNode("NoOp3") is made[2], "the same nodes count once"
        with pytest.raises(RuntimeError, match="10 nodes"):
            nuke.nodes.NoOp()


@pytest.mark.parametrize("edition", ["nc", "indie"])
@pytest.mark.parametrize("way", ["paste", "file", "text"])
def test_text_does_not_count(edition, way, tmp_path):
    fake = FakeNuke(edition=edition)
    with fake.installed() as nuke:
        file = tmp_path / "many.nk"
        file.write_text(many(50))
        {
            "paste": nuke.nodePaste,
            "file": nuke.scriptReadFile,
            "text": lambda _: nuke.scriptReadText(many(50)),
        }[way](str(file))
        assert len(fake.nodes) == 50
        for number in range(9):
            assert nuke.toNode(f"Many_{number}") is not None
        with pytest.raises(RuntimeError, match="10 nodes"):
            nuke.allNodes()


def test_preferences_and_root_count():
    fake = FakeNuke(edition="nc", python_nodes=2)
    with fake.installed() as nuke:
        nuke.toNode("preferences"), nuke.root()
        with pytest.raises(RuntimeError):
            nuke.createNode("Blur")


def test_a_menu_command_counts_anew():
    fake = FakeNuke(edition="nc")
    with fake.installed() as nuke:
        nuke.menu("Nuke").addCommand("Six", lambda: [nuke.nodes.NoOp() for _ in range(6)] and None)
        fake.menus.invoke("Nuke/Six")
        fake.menus.invoke("Nuke/Six")
        assert len(fake.nodes) == 12


@pytest.mark.parametrize("edition", ["nukex", "nuke", "studio"])
def test_other_editions_do_not_count(edition):
    with FakeNuke(edition=edition).installed() as nuke:
        for _ in range(30):
            nuke.nodes.NoOp()
        assert len(nuke.allNodes()) == 30


def test_plain_nuke_has_no_copycat():
    fake = FakeNuke(edition="nuke")
    with fake.installed() as nuke:
        with pytest.raises(RuntimeError, match="NukeX"):
            nuke.createNode("CopyCat")
        nuke.scriptReadText("version 15.1 v4\nCopyCat {\n inputs 0\n name CopyCat1\n}\n")
        assert nuke.toNode("CopyCat1").hasError()
    with FakeNuke("terminal", edition="nuke").installed() as nuke:
        assert not nuke.createNode("CopyCat").hasError(), "a render licence trains"


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("mode", ["gui", "terminal"])
def test_environment(edition, mode):
    with FakeNuke(mode, edition, "16.0v3").installed() as nuke:
        assert nuke.env["gui"] is nuke.GUI is (mode == "gui")
        assert nuke.env.get("nc") is (edition == "nc") and nuke.env["indie"] is (edition == "indie")
        assert nuke.env["nukex"] is (edition != "nuke")
        assert nuke.env["studio"] is (edition in ("studio", "indie"))
        assert (nuke.NUKE_VERSION_MAJOR, nuke.NUKE_VERSION_MINOR, nuke.NUKE_VERSION_RELEASE) == (16, 0, 3)
        assert nuke.env["NukeVersionString"] == nuke.NUKE_VERSION_STRING == "16.0v3"
        assert "gui" in nuke.env and "nothing" not in nuke.env and not isinstance(nuke.env, dict)
        assert nuke.env.get("nothing", "text") == "text"
        with pytest.raises(TypeError):
            nuke.env.get("nothing", 3)
        with pytest.raises(KeyError):
            nuke.env["nothing"]


@pytest.mark.nuke(mode="terminal")
def test_terminal_mode_has_no_gui(nuke_session):
    import nuke
    import nukescripts

    for call in (
        lambda: nuke.menu("Nuke"),
        lambda: nuke.toolbar("Nodes"),
        lambda: nuke.message("hello"),
        lambda: nuke.ask("really?"),
        lambda: nuke.getFilename("where"),
        lambda: nuke.zoomToFitSelected(),
    ):
        with pytest.raises(RuntimeError):
            call()
    assert nuke.zoom(1) is None
    with pytest.raises(AttributeError):
        _ = nukescripts.panels


def test_nc_saves_what_only_nc_reads(tmp_path):
    fake = FakeNuke("terminal", "nc")
    with fake.installed() as nuke:
        nuke.scriptReadText(many(3))
        nuke.scriptSaveAs(str(tmp_path / "a.nk"), overwrite=1)
        saved = tmp_path / "a.nknc"
        assert nuke.root().name() == saved.as_posix() and "Many_0" not in saved.read_text()
        nuke.scriptOpen(str(saved))
        assert len(fake.nodes) == 3
    with (
        FakeNuke("terminal", "nukex").installed() as nuke,
        pytest.raises(RuntimeError, match="Non-commercial"),
    ):
        nuke.scriptOpen(str(saved))


def test_indie_saves_nkind(tmp_path):
    with FakeNuke("terminal", "indie").installed() as nuke:
        nuke.scriptSaveAs(str(tmp_path / "a.nkind"))
        assert (tmp_path / "a.nkind").read_text().startswith("#! Nuke")


@pytest.mark.parametrize("edition", ["nc", "indie"])
def test_deleting_a_selection(edition):
    """It does not hand out nodes, but takes no more than ten at once."""
    fake = FakeNuke(edition=edition)
    with fake.installed() as nuke:
        nuke.scriptReadText(many(25))
        fake.select(fake.nodes[:11])
        with pytest.raises(RuntimeError, match="at once"):
            nuke.nodeDelete()
        assert len(fake.nodes) == 25
        fake.select(fake.nodes[:10])
        assert nuke.nodeDelete() is True and len(fake.nodes) == 15
        assert not fake.touched
        fake.select([])
        assert nuke.nodeDelete() is False


def test_tcl_names_nodes_in_the_small_editions():
    fake = FakeNuke(edition="nc")
    with fake.installed() as nuke:
        nuke.scriptReadText(many(25))
        ids = nuke.tcl("nodes").split()
        assert (
            len(ids) == 25
            and nuke.tcl(f"class {ids[3]}") == "NoOp"
            and nuke.tcl(f"knob {ids[3]}.name") == "Many_3"
        )
        assert nuke.tcl("exists Many_4.label") == "1" and nuke.tcl("exists Gone") == "0"
        nuke.tcl("knob Many_4.label hello")
        nuke.tcl("knob Many_5.selected true")
        assert nuke.tcl("selected_nodes") == ids[5] and nuke.toNode("Many_4")["label"].value() == "hello"
        nuke.tcl("input Many_6 0 Many_7")
        assert nuke.tcl("inputs Many_6") == "1" and nuke.tcl("input Many_6 0") == ids[7]
        for bad in ("exec ls", "knob Many_4.label [exec ls]", "nodes; nodes", "knob Many_4.label $x"):
            with pytest.raises(AssertionError):
                nuke.tcl(bad)
        with pytest.raises(RuntimeError, match="no such node"):
            nuke.tcl("class Gone")
        assert len(fake.touched) == 1
