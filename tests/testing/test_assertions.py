"""What studios assert with."""

import subprocess
import sys

import pytest

from chroma_recovery.graph.graph import Graph
from chroma_recovery.graph.knobs import EvaluatedText
from chroma_recovery.graph.node import UserKnob
from chroma_recovery.nk import read, write
from chroma_recovery.testing import (
    FakeNuke,
    assert_no_errors,
    assert_same_graph,
    assert_wired,
    differences,
    session_graph,
)


def graph(**changes):
    made = Graph()
    made.add("Read", "Source", file=EvaluatedText("[python {nuke.script_directory()}]/a.exr"))
    made.add("Blur", "Soft", inputs=("Source",), size=changes.get("size", 3))
    made.add(
        "Grade",
        "Gain",
        inputs=("Soft", None),
        mask=changes.get("mask", "Source"),
        at=changes.get("at", (0, 0)),
    )
    mark = UserKnob("cr_run", 1, "run", flags=("+INVISIBLE",), value="a")
    made.add("NoOp", "Marked", inputs=("Gain",), user_knobs=(mark,))
    return made


def test_wired():
    assert_wired(graph(), "Soft", 0, "Source")
    assert_wired(graph(), "Gain", "mask", "Source")
    assert_wired(graph(), "Gain", 7, None)
    with pytest.raises(AssertionError, match="pipe 0 of Soft gets Source, not Gain"):
        assert_wired(graph(), "Soft", 0, "Gain")
    with pytest.raises(AssertionError, match="no node Nobody; there are: Source"):
        assert_wired(graph(), "Nobody", 0, None)


def test_same_graph_overlooks_only_what_does_not_matter():
    assert_same_graph(graph(), graph(at=(5, 5)))
    assert_same_graph(graph(), read(write(graph())))
    with pytest.raises(AssertionError, match="position 0 0 -> 5 5"):
        assert_same_graph(graph(), graph(at=(5, 5)), ignore_positions=False)
    with pytest.raises(AssertionError, match=r"Soft.size: 3 -> 4"):
        assert_same_graph(graph(), graph(size=4))
    with pytest.raises(AssertionError, match="pipes"):
        assert_same_graph(graph(), graph(mask="Soft"))


def test_differences_are_all_listed():
    other = graph(size=9)
    del other.nodes["Marked"]
    other.add("Crop", "New")
    other.root["fps"] = 25
    other.nodes["Gain"].knobs["gamma"] = 2
    assert differences(graph(), other, ignore_root=False) == [
        "- Marked (NoOp)",
        "+ New (Crop)",
        "  Soft.size: 3 -> 9",
        "  Gain.gamma: not set -> 2",
        "  Root.fps: not set -> 25",
    ]


def test_session_graph_is_what_was_built():
    fake = FakeNuke("terminal")
    with fake.installed() as nuke:
        nuke.scriptReadText(write(graph()))
        assert_same_graph(graph(), fake, ignore_positions=False)
        nuke.toNode("Soft")["size"].setValue(4)
        assert differences(graph(), session_graph(fake)) == ["  Soft.size: 3 -> 4"]


def test_no_errors(tmp_path):
    fake = FakeNuke()
    with fake.installed() as nuke:
        nuke.createNode("Blur")
        assert_no_errors(fake)
        nuke.createNode("Read")["file"].setValue("gone.exr")
        with pytest.raises(AssertionError, match=r"gone\.exr: no such file"):
            assert_no_errors(fake)


def test_fixture_as_a_plugin(tmp_path):
    """As a studio uses it: pytest_plugins in its own conftest, strict markers."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["chroma_recovery.testing.fixtures"]\n')
    (tmp_path / "test_preset.py").write_text(
        "import pytest\n"
        "def test_gui(nuke_session):\n    import nuke\n    assert nuke.GUI and nuke.fake is nuke_session\n"
        '@pytest.mark.nuke("terminal", edition="nc")\n'
        "def test_terminal(nuke_session):\n    import nuke\n    assert not nuke.GUI and nuke.env['nc']\n"
    )
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--strict-markers",
        "-p",
        "no:cacheprovider",
        str(tmp_path),
    ]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
