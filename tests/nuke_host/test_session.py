"""Building and rebuilding in a live script, in every mode and edition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.build import Scripts, assemble
from chroma_recovery.errors import NukeError
from chroma_recovery.nuke_host.session import Session
from chroma_recovery.testing import FakeNuke, assert_same_graph, assert_wired, session_graph

STAGES = ("curation", "alignment", "training", "inference", "validation")
ARTIST = """\
Read {
 inputs 0
 file other.exr
 name Source
 xpos 5000
 ypos 0
}
Grade {
 multiply 2
 name Grade1
 xpos 5000
 ypos 200
}
"""


def build(nuke: Any, scripts: Scripts, *stages: str, **more: Any) -> Any:
    nuke.fake.new_operation()
    return Session(nuke).insert(scripts, stages or STAGES, **more)


def test_the_session_holds_the_graph_of_the_command(any_nuke: Any, scripts: Scripts) -> None:
    outcome = build(any_nuke, scripts)
    assert outcome.changed
    assert_same_graph(scripts.recovery.graph, any_nuke.fake)
    places = session_graph(any_nuke.fake)
    assert {n.name: (n.xpos, n.ypos) for n in places} == {
        n.name: (n.xpos, n.ypos) for n in scripts.recovery.graph
    }


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_alone_is_the_stage_of_the_command(nuke: Any, scripts: Scripts, stage: str) -> None:
    build(nuke, scripts, stage)
    assert_same_graph(scripts.recovery.stages[stage], nuke.fake)


def test_one_undo_removes_it_all(any_nuke: Any, scripts: Scripts) -> None:
    any_nuke.scriptReadText(ARTIST)
    before = session_graph(any_nuke.fake)
    build(any_nuke, scripts, settings=True, project=Path("/shows/x"))
    assert any_nuke.fake.journal.undo()
    assert_same_graph(before, any_nuke.fake, ignore_positions=False, ignore_root=False)


def test_a_second_run_touches_nothing(any_nuke: Any, scripts: Scripts) -> None:
    any_nuke.scriptReadText(ARTIST)
    build(any_nuke, scripts)
    steps = len(any_nuke.fake.journal.undos)
    outcome = build(any_nuke, scripts)
    assert outcome.changes == ()
    assert len(any_nuke.fake.journal.undos) == steps


def test_stages_one_after_the_other_end_in_the_same_graph(any_nuke: Any, scripts: Scripts) -> None:
    for stage in STAGES:
        build(any_nuke, scripts, stage)
    assert_same_graph(scripts.recovery.graph, any_nuke.fake)


def test_the_artists_nodes_and_wires_stay(any_nuke: Any, scripts: Scripts, preset_file: Path) -> None:
    any_nuke.scriptReadText(ARTIST)
    build(any_nuke, scripts)
    fake = any_nuke.fake
    fake.new_operation()
    grade, write = any_nuke.toNode("Grade1"), any_nuke.toNode("Write_recovered")
    grade.setInput(0, any_nuke.toNode("Delivery_format"))
    write.setInput(0, grade)
    text = preset_file.read_text().replace("pairs:\n", "training: {median: 6}\npairs:\n")
    preset_file.write_text(text)
    again = assemble(preset_file, project=preset_file.parent)
    outcome = build(any_nuke, again)
    assert outcome.changed
    assert_wired(fake, "Write_recovered", 0, "Grade1")
    assert_wired(fake, "Grade1", 0, "Delivery_format")
    assert session_graph(fake)["Reference_median"].knobs["size"] == 6
    assert build(any_nuke, again).changes == ()
    found = {n.name for n in session_graph(fake)} - {n.name for n in scripts.recovery.graph}
    assert found == {"Grade1", "Source1"}


def test_names_that_are_taken(nuke: Any, scripts: Scripts) -> None:
    nuke.scriptReadText(ARTIST)
    outcome = build(nuke, scripts, "curation")
    assert outcome.names["Source"] == "Source1"
    assert nuke.toNode("Source")["file"].value() == "other.exr"


def test_hand_keys_and_labels_stay_when_pairs_are_added(
    any_nuke: Any, scripts: Scripts, preset_file: Path
) -> None:
    build(any_nuke, scripts)
    any_nuke.fake.new_operation()
    align, path = any_nuke.toNode("Align_manual"), any_nuke.toNode("Align_path")
    align["translate"].setValueAt(40, 3, 0)  # pair 3 is frame 492
    path["which"].setValueAt(1, 1)
    path["label"].setValue("mine")
    assert build(any_nuke, scripts).changes == ()
    preset_file.write_text(preset_file.read_text().replace("  - 478\n", "  - 474\n  - 478\n"))
    again = assemble(preset_file, project=preset_file.parent)
    outcome = build(any_nuke, again)
    assert "Align_manual.translate" in outcome.kept.kept
    any_nuke.fake.new_operation()
    translate = any_nuke.toNode("Align_manual")["translate"]
    # 471 474 478 492 499 and the hold-out: the hand key moved from frame 3 to 4, the preset's from 2 to 3
    assert [translate.valueAt(n, 0) for n in range(1, 7)] == [0, 0, 2, 40, 0, 0]
    assert [translate.valueAt(n, 1) for n in range(1, 7)] == [0, 0, -1, 0, 0, 0]
    which = any_nuke.toNode("Align_path")["which"]
    assert which.valueAt(1) == 1
    assert any_nuke.toNode("Align_path")["label"].value() == "mine"


def test_a_preset_change_wins_over_the_artists_and_is_told(
    nuke: Any, scripts: Scripts, preset_file: Path
) -> None:
    build(nuke, scripts)
    nuke.toNode("Reference_median")["size"].setValue(20)
    assert build(nuke, scripts).changes == ()
    preset_file.write_text(preset_file.read_text() + "training: {median: 6}\n")
    outcome = build(nuke, assemble(preset_file, project=preset_file.parent))
    assert outcome.kept.overruled == ("Reference_median.size",)
    assert "CR905" in {p.code for p in outcome.notes}
    assert nuke.toNode("Reference_median")["size"].value() == 6


def test_the_artists_reads(any_nuke: Any, scripts: Scripts) -> None:
    any_nuke.scriptReadText(ARTIST)
    session = Session(any_nuke)
    handle = next(n.handle for n in session.hands.nodes() if n.name == "Source")
    build(any_nuke, scripts, reads={"source": handle})
    assert_wired(any_nuke.fake, "Source_one_frame", 0, "Source")
    assert session_graph(any_nuke.fake)["Source"].knobs["file"] == "other.exr"
    assert build(any_nuke, scripts).changes == ()
    assert_wired(any_nuke.fake, "Sequence_Source", 0, "Source")


def test_nodes_the_artist_renamed_are_found_again(nuke: Any, scripts: Scripts, preset_file: Path) -> None:
    build(nuke, scripts)
    nuke.toNode("Shared_crop").setName("my_crop")
    assert build(nuke, scripts).changes == ()
    preset_file.write_text(preset_file.read_text() + "training: {median: 6}\n")
    build(nuke, assemble(preset_file, project=preset_file.parent))
    assert nuke.toNode("my_crop") is not None
    assert nuke.toNode("Shared_crop") is None


def test_plain_nuke_says_what_needs_nukex(scripts: Scripts) -> None:
    with FakeNuke("gui", "nuke").installed() as nuke:
        with pytest.raises(NukeError, match=r"F_Align need NukeX|CopyCat and F_Align need NukeX"):
            Session(nuke).insert(scripts, ["alignment"])
        assert not nuke.fake.nodes
        assert Session(nuke).insert(scripts, ["inference"]).changed


def test_limits_of_non_commercial_are_named(scripts: Scripts) -> None:
    with FakeNuke("gui", "nc").installed() as nuke:
        said = " ".join(p.message for p in build(nuke, scripts).notes)
    assert "1920x1080" in said
    assert ".nknc" in said
    assert ".catnc" in said


def test_a_missing_plate_is_said_in_plain_words(nuke: Any, scripts: Scripts) -> None:
    notes = build(nuke, scripts, "curation").notes
    assert [p.place for p in notes if p.code == "CR911"] == ["Source", "Reference"]


def test_project_settings_only_where_asked(any_nuke: Any, scripts: Scripts) -> None:
    build(any_nuke, scripts, "curation")
    assert session_graph(any_nuke.fake).root == {}
    build(any_nuke, scripts, "curation", settings=True, project=Path("/shows/x"))
    # nothing changed on the nodes, yet the settings were asked for
    root = session_graph(any_nuke.fake).root
    assert (root["first_frame"], root["last_frame"]) == (471, 499)
    assert root["colorManagement"] == "OCIO"


def test_what_the_artist_deleted_comes_back(any_nuke: Any, scripts: Scripts) -> None:
    build(any_nuke, scripts)
    any_nuke.fake.new_operation()
    any_nuke.delete(any_nuke.toNode("Align_difference"))
    outcome = build(any_nuke, scripts, "alignment")
    assert "Align_difference is new" in outcome.changes
    assert_same_graph(scripts.recovery.graph, any_nuke.fake)


def test_a_rebuild_stays_where_the_artist_put_the_group(
    nuke: Any, scripts: Scripts, preset_file: Path
) -> None:
    build(nuke, scripts)
    for node in nuke.allNodes():
        node.setXYpos(node.xpos() + 7000, node.ypos() - 900)
    preset_file.write_text(preset_file.read_text() + "training: {median: 6}\n")
    again = assemble(preset_file, project=preset_file.parent)
    build(nuke, again)
    places = {n.name: (n.xpos - 7000, n.ypos + 900) for n in session_graph(nuke.fake)}
    assert places == {n.name: (n.xpos, n.ypos) for n in again.recovery.graph}


def test_a_new_group_never_lies_on_the_artists_nodes(nuke: Any, scripts: Scripts) -> None:
    nuke.scriptReadText(ARTIST.replace("5000", "0"))
    build(nuke, scripts)
    graph = session_graph(nuke.fake)
    mine = [n for n in graph if n.name in ("Source", "Grade1")]
    left = min(n.xpos for n in graph if n not in mine)
    assert left > max(n.xpos for n in mine) + 100


def test_inside_an_open_group_the_script_itself_is_meant(nuke: Any, scripts: Scripts) -> None:
    group = nuke.createNode("Group")
    with group:
        build(nuke, scripts, "curation")
    assert group.nodes() == []
    assert nuke.toNode("Source_dataset") is not None


def test_a_failure_on_the_way_leaves_the_script_alone(nuke: Any, scripts: Scripts, preset_file: Path) -> None:
    build(nuke, scripts)
    before = session_graph(nuke.fake)
    preset_file.write_text(preset_file.read_text() + "training: {median: 6}\n")
    session = Session(nuke)
    session.hands.paste = lambda text: (_ for _ in ()).throw(RuntimeError("no"))  # type: ignore[method-assign]
    with pytest.raises(NukeError, match="CR902"):
        session.insert(assemble(preset_file, project=preset_file.parent), ["training"])
    assert_same_graph(before, nuke.fake, ignore_positions=False)


def test_reads_given_later_take_over(any_nuke: Any, scripts: Scripts) -> None:
    build(any_nuke, scripts)
    any_nuke.scriptReadText(ARTIST.replace("name Source", "name Scan"))
    handle = next(n.handle for n in Session(any_nuke).hands.nodes() if n.name == "Scan")
    outcome = build(any_nuke, scripts, "curation", reads={"source": handle})
    assert "Source goes" in outcome.changes
    assert "Source_one_frame reads from your node" in outcome.changes
    assert_wired(any_nuke.fake, "Source_one_frame", 0, "Scan")
    assert build(any_nuke, scripts).changes == ()
