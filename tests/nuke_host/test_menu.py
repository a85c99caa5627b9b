"""The menu and toolbar: order, reasons, and every command from an empty script and from one with work in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.build import Scripts, assemble
from chroma_recovery.nuke_host.availability import ITEMS, State, availability
from chroma_recovery.nuke_host.editions import Running
from chroma_recovery.preset.load import load
from chroma_recovery.testing import FakeNuke, assert_same_graph, session_graph

LABELS = [
    "0 Project Setup",
    "1 Dataset Curation",
    "2 Alignment",
    "3 CopyCat Training",
    "4 Inference & Render",
    "5 Validation",
    "Whole Recovery",
    "Add Outlier Frames as Pairs",
    "Escalate Pairs (4 -> 7 -> 11)",
    "Preview Untrained Frame",
    "Use Latest Checkpoint",
    "Check Graph",
    "Open Preset",
    "Save Preset",
    "Report",
    "Send to Farm",
    "Help",
]
STAGE_ITEMS = {
    "1 Dataset Curation": "curation",
    "2 Alignment": "alignment",
    "3 CopyCat Training": "training",
    "4 Inference & Render": "inference",
    "5 Validation": "validation",
}
ICONS = Path(__file__).parents[2] / "src/chroma_recovery/nuke_host/icons"
ARTIST = "Read {\n inputs 0\n file other.exr\n name Source\n}\nBlur {\n size 3\n name Blur1\n}\n"


@pytest.fixture(params=["nukex", "nc"])
def gui(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A GUI with our menu in it, with and without the ten-node limit."""
    with FakeNuke("gui", request.param, "15.1v4").installed() as nuke:
        from chroma_recovery.nuke_host import menu

        menu.install(nuke)
        yield nuke


def choose(nuke: Any, label: str, *answers: Any, bar: str = "Nuke") -> list[str]:
    """Invoke an item; the messages it showed."""
    nuke.fake.dialogs.answers[:] = answers
    before = len(nuke.fake.dialogs.messages)
    nuke.fake.menus.invoke(f"{bar}/Chroma Recovery/{label}")
    assert not nuke.fake.dialogs.answers, "not everything was asked"
    messages = nuke.fake.dialogs.messages[before:]
    assert not any("unexpected error" in m for m in messages), messages
    return messages


def test_the_items_in_workflow_order_with_icons(gui: Any) -> None:
    for bar in ("Nuke", "Nodes"):
        found = [
            p.split("/", 2)[2] for p in gui.fake.menus.paths() if p.startswith(f"{bar}/Chroma Recovery/")
        ]
        assert found == LABELS
    for item in ITEMS:
        if item.name:
            assert (ICONS / f"cr_{item.icon}.png").is_file()
            assert (ICONS / f"cr_{item.icon}@2x.png").is_file()


def test_items_that_cannot_work_are_disabled_and_say_why(gui: Any) -> None:
    path = "Nuke/Chroma Recovery/"
    menus = gui.fake.menus
    assert {label for label in LABELS if not menus.enabled(path + label)} == {
        "Preview Untrained Frame",
        "Use Latest Checkpoint",
        "Check Graph",
        "Save Preset",
        "Report",
        "Send to Farm",
    }
    assert "build 4 Inference & Render first" in menus.tooltip(path + "Use Latest Checkpoint")
    assert "open a preset first" in menus.tooltip(path + "Save Preset")


def test_plain_nuke_lacks_what_needs_nukex() -> None:
    reasons = availability(State(Running((15, 1, 4), "nuke", True)))
    lacking = {"alignment", "training", "validation", "whole_recovery"}
    assert {k for k, v in reasons.items() if v and "NukeX" in v} == lacking
    assert reasons["inference"] is None
    ready = State(
        Running((15, 1, 4), "nukex", True), "p.yaml", True, ("training", "inference"), "a.1.cat", "r.html"
    )
    assert {k for k, v in availability(ready).items() if v} == {"send_to_farm"}


@pytest.mark.parametrize("label", [*STAGE_ITEMS, "Whole Recovery"])
@pytest.mark.parametrize("begin", ["empty", "with work in it"])
def test_stages(gui: Any, preset_file: Path, scripts: Scripts, label: str, begin: str) -> None:
    answers: list[Any] = [str(preset_file)]
    if begin != "empty":
        gui.scriptReadText(ARTIST)
        answers.append(True)  # project settings: yes
    before = session_graph(gui.fake)
    wanted = scripts.recovery.stages[STAGE_ITEMS[label]] if label in STAGE_ITEMS else scripts.recovery.graph
    choose(gui, label, *answers)
    now = session_graph(gui.fake)
    ours = [n for n in now if str(now.original(n.name).user("cr_id") or "").startswith("sh010/")]
    assert len(ours) == len(wanted)
    if begin == "empty":
        assert_same_graph(wanted, gui.fake)
    assert now.root["OCIO_config"] == wanted.root["OCIO_config"]
    built = session_graph(gui.fake)
    steps = len(gui.fake.journal.undos)
    messages = choose(gui, label)
    assert any("Nothing to change" in m for m in messages)
    assert len(gui.fake.journal.undos) == steps
    assert_same_graph(built, gui.fake, ignore_positions=False, ignore_root=False)
    gui.fake.journal.undo()
    assert_same_graph(before, gui.fake, ignore_positions=False, ignore_root=False)


def test_the_artist_may_refuse_the_project_settings(gui: Any, preset_file: Path) -> None:
    gui.scriptReadText(ARTIST)
    choose(gui, "1 Dataset Curation", str(preset_file), False)
    assert session_graph(gui.fake).root == {}


def test_project_setup(gui: Any, preset_file: Path, scripts: Scripts) -> None:
    before = session_graph(gui.fake)
    choose(gui, "0 Project Setup", str(preset_file))
    root = session_graph(gui.fake).root
    assert (root["first_frame"], root["last_frame"], root["fps"]) == (471, 499, 24)
    assert root["project_directory"] == preset_file.parent.resolve().as_posix()
    assert (preset_file.parent / scripts.recovery.plan.data_directory).is_dir()
    gui.fake.journal.undo()
    assert_same_graph(before, gui.fake, ignore_root=False)


def test_closing_the_file_dialog_does_nothing(gui: Any) -> None:
    assert choose(gui, "Whole Recovery", None) == []
    assert not gui.fake.nodes


def test_a_wrong_preset_is_told_with_its_place(gui: Any, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("extends: shot\nshot: a b\n")
    (message,) = choose(gui, "Whole Recovery", str(file))
    assert "bad.yaml:2:7" in message
    assert not gui.fake.nodes


def test_escalate_then_save(gui: Any, preset_file: Path) -> None:
    choose(gui, "Whole Recovery", str(preset_file))
    messages = choose(gui, "Escalate Pairs (4 -> 7 -> 11)")
    assert "471, 474, 478, 481, 488, 492, 499" in messages[-1]
    assert session_graph(gui.fake)["Source_pair_03"].knobs["firstFrame"] == 478
    assert preset_file.read_text().count("added for") == 0
    assert gui.fake.menus.enabled("Nuke/Chroma Recovery/Save Preset")
    choose(gui, "Save Preset", str(preset_file))
    text = preset_file.read_text()
    assert text.startswith("# the artist's own words\n")
    assert "  - 471        # wide\n" in text
    assert "   # faces\n" in text
    preset = load(preset_file).preset
    assert len(preset.training_pairs) == 7
    assert [p.source for p in preset.hold_out_pairs] == [485]
    assert_same_graph(assemble(preset_file, project=preset_file.parent).recovery.graph, gui.fake)
    assert not gui.fake.menus.enabled("Nuke/Chroma Recovery/Save Preset")
    choose(gui, "Escalate Pairs (4 -> 7 -> 11)")
    (message,) = choose(gui, "Escalate Pairs (4 -> 7 -> 11)")
    assert "CR411" in message


def test_outliers_become_pairs(gui: Any, preset_file: Path) -> None:
    choose(gui, "1 Dataset Curation", str(preset_file))
    choose(gui, "Add Outlier Frames as Pairs", "480-481")
    graph = session_graph(gui.fake)
    frames = [n.knobs["firstFrame"] for n in graph.of_class("FrameHold") if n.name.startswith("Source_pair")]
    assert frames == [471, 478, 480, 481, 492, 499]
    (message,) = choose(gui, "Add Outlier Frames as Pairs", "1")
    assert "CR412" in message


@pytest.mark.parametrize(
    ("record", "offered"),
    [
        (
            '{"found": [{"frame": 481}, {"frame": 478}, {"frame": 480}, {"frame": 480}, {"frame": 9999}]}',
            "480-481",
        ),
        ("{", "1"),
        ('{"found": [{"frame": "481"}, 3]}', "1"),
    ],
)
def test_recorded_outliers_are_offered(
    gui: Any, preset_file: Path, monkeypatch: pytest.MonkeyPatch, record: str, offered: str
) -> None:
    choose(gui, "1 Dataset Curation", str(preset_file))
    shot = load(preset_file).preset.shot
    place = preset_file.parent / "pipeline/05_validation" / shot / "outliers.json"
    place.parent.mkdir(parents=True)
    place.write_text(record)
    asked: list[str] = []
    monkeypatch.setattr(gui, "getInput", lambda text, default="": asked.append(default))
    gui.frame(1)
    choose(gui, "Add Outlier Frames as Pairs")
    assert asked == [offered]


def test_preview_shows_an_untrained_frame_and_stays(gui: Any, preset_file: Path) -> None:
    choose(gui, "3 CopyCat Training", str(preset_file))
    gui.frame(478)
    choose(gui, "Preview Untrained Frame")
    assert session_graph(gui.fake)["Preview_frame"].knobs["firstFrame"] == 477
    assert any("Nothing to change" in m for m in choose(gui, "3 CopyCat Training"))


def test_latest_checkpoint_of_any_run(gui: Any, preset_file: Path, scripts: Scripts) -> None:
    choose(gui, "Whole Recovery", str(preset_file))
    folder = preset_file.parent / scripts.recovery.plan.data_directory
    folder.mkdir(parents=True, exist_ok=True)
    suffix = "catnc" if gui.fake.edition == "nc" else "cat"
    for step in (1000, 20000):
        (folder / f"my [run] $1.{step}.{suffix}").write_bytes(b"x")
    (folder / f"my [run] $1.20000.{suffix}.part").write_bytes(b"x")
    choose(gui, "Whole Recovery")
    choose(gui, "Use Latest Checkpoint")
    node = session_graph(gui.fake)["Inference_recovery"]
    assert node.knobs["modelFile"] == f"{scripts.recovery.plan.data_directory}/my [run] $1.20000.{suffix}"
    assert any("Nothing to change" in m for m in choose(gui, "Whole Recovery"))


def test_check_graph(gui: Any, preset_file: Path) -> None:
    choose(gui, "Whole Recovery", str(preset_file))
    before = choose(gui, "Check Graph")
    assert "differs" not in before[0]
    gui.fake.new_operation()
    gui.toNode("Reference_median")["size"].setValue(30)
    assert "changed by you: Reference_median.size" in choose(gui, "Check Graph")[0]


def test_toolbar_and_menu_do_the_same(gui: Any, preset_file: Path, scripts: Scripts) -> None:
    choose(gui, "1 Dataset Curation", str(preset_file), bar="Nodes")
    assert_same_graph(scripts.recovery.stages["curation"], gui.fake)


def test_help_and_report_open_in_the_browser(
    gui: Any, preset_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url))
    choose(gui, "Help")
    assert opened[0].endswith("docs/artists.md")
    report = preset_file.parent / "pipeline/05_validation/sh010/report.html"
    report.parent.mkdir(parents=True)
    report.write_text("<html>")
    choose(gui, "Open Preset", str(preset_file))
    choose(gui, "Report")
    assert opened[1] == report.as_uri()
