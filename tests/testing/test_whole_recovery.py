"""The shipped presets in every kind of Nuke, and trained by the stub."""

import re
from pathlib import Path

import pytest

from chroma_recovery.build import assemble, write_scripts
from chroma_recovery.nk import write
from chroma_recovery.testing import (
    EDITIONS,
    FakeNuke,
    assert_no_errors,
    assert_same_graph,
    assert_wired,
    session_graph,
)
from chroma_recovery.testing.stub_nuke import main

PRESET = Path(__file__).parents[2] / "presets" / "example_shot.yaml"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    project = tmp_path_factory.mktemp("project")
    scripts = assemble(PRESET, project=project)
    write_scripts(scripts, project)
    return scripts, project


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("mode", ["gui", "terminal"])
def test_pasted_is_what_was_built_and_undone_is_nothing(built, tmp_path, mode, edition):
    scripts, _ = built
    graph = scripts.recovery.graph
    file = tmp_path / "all.nk"
    file.write_text(write(graph), encoding="utf-8")
    fake = FakeNuke(mode, edition, str(graph.nuke).replace(" ", ""))
    with fake.installed() as nuke:
        nuke.createNode("Blur", "name Mine")
        with nuke.Undo("Build"):
            nuke.nodePaste(str(file))
        assert fake.warnings == []
        nuke.delete(nuke.toNode("Mine"))
        assert_same_graph(graph, fake)
        nuke.undo()
        nuke.undo()
        assert [n.name for n in fake.nodes] == ["Mine"]


def test_opened_without_errors_and_saved_as_it_was(built, tmp_path):
    scripts, project = built
    graph = scripts.recovery.graph
    fake = FakeNuke("gui", version=str(graph.nuke).replace(" ", ""), check_files=False)
    with fake.installed() as nuke:
        nuke.scriptOpen(str(project / "pipeline" / f"{scripts.loaded.preset.shot}.nk"))
        assert fake.warnings == []
        assert_no_errors(fake)
        assert_same_graph(graph, fake, ignore_positions=False)
        names = scripts.recovery.names
        assert_wired(fake, names.training, 0, names.training_input)
        assert_wired(fake, names.training, 1, names.training_ground_truth)
        before = session_graph(fake)
        nuke.scriptSaveAs(str(tmp_path / "again.nk"))
        nuke.scriptOpen(str(tmp_path / "again.nk"))
        assert_same_graph(before, fake, ignore_positions=False, ignore_root=False)


def test_pairs_are_counted_as_planned(built):
    """The frames CopyCat sees are the training pairs, so the steps are those that the preset promises."""
    scripts, project = built
    preset, names = scripts.loaded.preset, scripts.recovery.names
    fake = FakeNuke("terminal")
    with fake.installed() as nuke:
        nuke.scriptOpen(str(project / "pipeline" / f"{preset.shot}.nk"))
        training = nuke.toNode(names.training)
        for pipe in (0, 1):
            above = training.input(pipe)
            assert above.lastFrame() - above.firstFrame() + 1 == len(preset.training_pairs)


def test_trained_by_the_stub(built, capfd, monkeypatch):
    scripts, project = built
    shot, names = scripts.loaded.preset.shot, scripts.recovery.names
    file = str(project / "pipeline" / f"{shot}.nk")
    monkeypatch.delenv("NUKE_PATH", raising=False)
    monkeypatch.setenv("CHROMA_RECOVERY_STUB_STEPS", "20")
    words = ["-X", names.training, "-F", "1", "--gpu", file]
    assert main(words) == 1
    assert "No valid or writable data directory" in capfd.readouterr().err
    folder = project / "pipeline" / "03_copycat_training" / shot
    folder.mkdir(parents=True)
    assert main(words) == 0
    assert re.search(r"\[Step:20/20\] Loss:\d", capfd.readouterr().out)
    assert [p.suffix for p in folder.iterdir()].count(".cat") == 1
