"""The panel itself, drawn without a screen: typing, pairs, building, cancelling, saving."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chroma_recovery.errors import Problem, StageError
from chroma_recovery.preset.load import load
from chroma_recovery.preset.model import Pair


def type_into(panel: Any, path: str, text: str) -> None:
    """As the user does: select everything, press the keys, pause."""
    from PySide6 import QtTest

    widget = editor(panel, path).widget
    widget.clear()
    QtTest.QTest.keyClicks(widget, text)
    if not text:
        widget.textEdited.emit("")
    assert panel.timer.isActive()
    panel.timer.stop()
    panel.flush()


def editor(panel: Any, path: str) -> Any:
    return next(e for e in panel.rows[path].editors if e.field.path == path)


def message(panel: Any, path: str) -> str:
    return str(panel.rows[path].message.text()) if not panel.rows[path].message.isHidden() else ""


def run_until(app: Any, done: Callable[[], bool]) -> None:
    from PySide6 import QtCore

    timer = QtCore.QElapsedTimer()
    timer.start()
    while not done() and timer.elapsed() < 20_000:
        app.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 20)
    assert done()


def test_every_field_has_an_editor_with_its_value(opened: Any) -> None:
    assert set(opened.rows) == set(opened.fields)
    for path, field in opened.fields.items():
        assert editor(opened, path).value() == opened.draft.typed(field), path
    assert opened.fields["training.patch"].help in editor(opened, "training.patch").widget.toolTip()


def test_typing_shows_the_files_own_messages(opened: Any) -> None:
    type_into(opened, "training.batch", "4000")
    assert message(opened, "training.batch") == "Must be 1 to 1024, got 4000"
    assert opened.tabs.tabText(2) == "Training ✕"
    assert opened.bar.problems.text() == "1 error"
    type_into(opened, "training.batch", "9")
    assert "4 image pairs" in message(opened, "training.batch")
    type_into(opened, "training.batch", "2")
    assert message(opened, "training.batch") == ""
    assert opened.tabs.tabText(2) == "Training"
    type_into(opened, "source.path", "[exec rm].####.exr")
    assert "must not hold '['" in message(opened, "source.path")
    assert editor(opened, "source.path").widget.property("severity") == "error"


def test_next_problem_goes_to_the_field(opened: Any) -> None:
    type_into(opened, "documentation.stock", "x\u202ey") if False else type_into(
        opened, "nuke.version", "9.0"
    )
    opened.tabs.setCurrentIndex(0)
    opened.bar.problems.click()
    assert opened.tabs.tabText(opened.tabs.currentIndex()).startswith("Render")


def test_switches_choices_and_resetting(opened: Any) -> None:
    box = editor(opened, "training.multi_resolution").widget
    box.click()
    assert opened.draft.now.preset.training.multi_resolution is False
    assert not opened.rows["training.multi_resolution"].reset.isHidden()
    opened.rows["training.multi_resolution"].reset.click()
    assert opened.draft.now.preset.training.multi_resolution is True and box.isChecked()
    choice = editor(opened, "training.patch").widget
    choice.setCurrentIndex(choice.findText("256"))
    choice.activated.emit(choice.currentIndex())
    assert "patch: 256   # the whole face fits" in opened.draft.text
    assert "raise steps" in message(opened, "training.patch")


def test_a_box_of_four_numbers(opened: Any) -> None:
    from PySide6 import QtTest, QtWidgets

    lines = editor(opened, "crop.box").widget.findChildren(QtWidgets.QLineEdit)
    for line, text in zip(lines, ("10", "20", "1000", "15"), strict=True):
        QtTest.QTest.keyClicks(line, text)
    opened.flush()
    assert opened.draft.now.preset.crop.box == (10, 20, 1000, 15)
    assert "holds no picture" in message(opened, "crop.box")


def test_pairs_are_added_marked_and_removed(opened: Any, host: Any) -> None:
    from PySide6.QtCore import Qt

    view = opened.pairs
    assert view.table.rowCount() == 5
    view.here.click()
    assert view.frame.value() == 480
    view.add.click()
    assert [r.frame for r in view.rows] == ["471", "478", "480", "485", "492", "499"]
    assert "  - 480\n" in opened.draft.text
    view.add.click()
    assert "already" in view.message.text()
    view.table.item(2, 6).setText("blue: sky")
    view.table.item(0, 4).setCheckState(Qt.CheckState.Checked)
    view.table.item(2, 5).setCheckState(Qt.CheckState.Checked)
    assert [(r.note, r.hold_out, r.alignment) for r in view.rows][:3] == [
        ("", True, "auto"),
        ("", False, "manual"),
        ("blue: sky", False, "manual"),
    ]
    view.table.item(1, 1).setText("700")
    assert "outside the Source" in view.message.text()
    assert opened.tabs.tabText(1) == "Pairs ✕"
    view.table.selectRow(1)
    view.remove.click()
    assert [r.frame for r in view.rows] == ["471", "480", "485", "492", "499"]
    assert not view.remove.isEnabled() and view.message.text() == ""
    assert opened.tabs.tabText(1) == "Pairs"
    view.table.selectRow(3)
    view.jump.click()
    view.wipe.click()
    assert host.did == [("jump", 492), ("wipe", "sh010", view.rows[3].number)]
    view.escalate.click()
    assert len(opened.draft.now.preset.training_pairs) == 4
    opened.bar.undo.click()
    assert len(opened.draft.now.preset.training_pairs) == 3


def test_the_numbers_follow(opened: Any, tmp_path: Path) -> None:
    assert opened.numbers.shown["Epochs"].text() == "30\u202f000"
    type_into(opened, "training.steps", "80000")
    assert opened.numbers.shown["Epochs"].text() == "60\u202f000"
    assert opened.names.shown["Recovered frames"].text().endswith("sh010_v001_CopyCat80000_####.exr")
    opened.measured(0.5)
    assert opened.numbers.shown["Time"].text() == "about 11 h 7 min, at 0.5 s per step"


def test_reads_become_clips(opened: Any, host: Any) -> None:
    opened.from_read("source")
    clip = opened.draft.now.preset.source
    assert (clip.path, clip.first, clip.last) == ("/plates/scan.####.dpx", 1001, 1100)
    host.read = None
    opened.from_read("reference")
    assert opened.builds.message.text() == "0 Reads are selected (select exactly one in the node graph)"


def test_a_chosen_file_becomes_a_clip(opened: Any, answers: Any, preset_file: Path) -> None:
    folder = preset_file.parent / "plates"
    folder.mkdir()
    for n in (86, 87, 99):
        (folder / f"new_v2.{n:05d}.exr").touch()
    answers.paths = [folder / "new_v2.00087.exr"]
    opened._browse(opened.fields["reference.path"])
    clip = opened.draft.now.preset.reference
    assert (clip.path, clip.first, clip.last) == ("plates/new_v2.#####.exr", 86, 99)


def test_build_saves_checks_and_runs(
    opened: Any, app: Any, host: Any, answers: Any, preset_file: Path
) -> None:
    type_into(opened, "training.steps", "60000")
    answers.yes = [False]
    opened.builds.buttons["alignment"].click()
    assert host.did == [] and "steps" not in preset_file.read_text()
    answers.yes = [True]
    host.checking = lambda cancelled: (Problem("CR1", "", "look"),)
    opened.builds.buttons["alignment"].click()
    assert opened.builds.cancel.isVisible() and not opened.builds.building.isEnabled()
    run_until(app, lambda: opened.builds.job is None)
    assert load(preset_file).preset.training.steps == 60000
    assert [d for d in host.did if d[0] != "take"] == [("check", "sh010.yaml"), ("run", "alignment")]
    assert opened.builds.message.text() == "Built, with 1 warnings." and opened.builds.building.isEnabled()


def test_build_with_errors_goes_to_the_error(opened: Any, host: Any) -> None:
    type_into(opened, "inference.trial", "0")
    opened.builds.buttons["whole_recovery"].click()
    assert host.did == [] and opened.builds.message.text() == "Put this error right first."
    assert opened.tabs.currentIndex() == 3


def test_build_is_cancelled(opened: Any, app: Any, host: Any) -> None:
    hold = threading.Event()
    told: list[bool] = []

    def work(cancelled: Callable[[], bool]) -> tuple[Problem, ...]:
        hold.wait(20)
        told.append(cancelled())
        return ()

    host.checking = work
    opened.builds.buttons["training"].click()
    job = opened.builds.job
    opened.builds.cancel.click()
    assert opened.builds.job is None and "Cancelled" in opened.builds.message.text()
    hold.set()
    assert job.wait(20) and told == [True]
    app.processEvents()
    assert ("run", "training") not in host.did


def test_what_the_check_finds_is_told(opened: Any, app: Any, host: Any) -> None:
    def work(cancelled: object) -> tuple[Problem, ...]:
        raise StageError.at("CR401", "crop.box", "is outside", "make it smaller")

    host.checking = work
    opened.builds.buttons["training"].click()
    run_until(app, lambda: opened.builds.job is None)
    assert opened.builds.message.text() == "is outside (make it smaller)"
    assert ("run", "training") not in host.did


def test_buttons_say_why_not(opened: Any, host: Any) -> None:
    host.why = {"training": "CopyCat needs NukeX"}
    opened.allow()
    assert not opened.builds.buttons["training"].isEnabled()
    assert "CopyCat needs NukeX" in opened.builds.buttons["training"].toolTip()
    assert opened.builds.buttons["alignment"].isEnabled()


def test_saving_as_and_leaving(opened: Any, answers: Any, tmp_path: Path, host: Any) -> None:
    type_into(opened, "shot", "sh011")
    answers.yes = [False]
    opened.new("scene")
    assert opened.draft.now.preset.shot == "sh011"
    answers.paths = [tmp_path / "sh011.yaml"]
    opened.bar.save_as.click()
    assert "# the artist's own words" in (tmp_path / "sh011.yaml").read_text()
    assert host.file == tmp_path / "sh011.yaml" and opened.bar.chooser.currentText() == "sh011.yaml"
    opened.bar.chooser.activated.emit(1)
    assert opened.draft.path is None and "extends:" in opened.draft.text


def test_a_broken_file_opens_to_be_put_right(panel: Any, tmp_path: Path, host: Any) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("extends: shot\nshot: s\npairs: [1, x]\ntraining: {patch: 500}\nold_key: 1\n")
    assert panel.open(file)
    assert "old_key: unknown key" in panel.bar.message.text().lower()
    assert editor(panel, "training.patch").value() == "500"
    assert [r.frame for r in panel.pairs.rows] == ["1", "x"]
    assert ("take", "broken.yaml") not in host.did
    file.write_text("a: [1")
    assert not panel.open(file)
    assert "not YAML" in panel.builds.message.text()


def test_the_menus_preset_and_pairs_are_followed(panel: Any, host: Any, preset_file: Path) -> None:
    host.file = preset_file
    host.pending = (*load(preset_file).preset.pairs, Pair(495, None, "outlier"))
    assert panel.follow_host()
    assert [r.frame for r in panel.pairs.rows][-1] == "499" and "495" in [r.frame for r in panel.pairs.rows]
    assert panel.draft.path == preset_file and panel.draft.modified


def test_a_training_is_watched_and_left(opened: Any, answers: Any, tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    answers.paths = [log]
    view = opened.progress
    now = [0.0]
    view._clock = lambda: now[0]
    view.watch.click()
    assert view.watching and "Waiting for the log" in view.words.text()
    log.write_text("[Step:1/100] Loss:0.5\n[Step:10/100] Loss:0.25\n")
    view.look()
    assert view.bar.value() == 100 and view.curve.points == [(1, 0.5), (10, 0.25)]
    assert "step 10 of 100  ·  loss 0.25" in view.words.text()
    for seconds, step in ((10.0, 20), (20.0, 30)):
        now[0] = seconds
        with log.open("a") as out:
            out.write(f"[Step:{step}/100] Loss:0.2\n [*] Cat file saved at /d/hero.{step}.cat\n")
        view.look()
    assert "hero" in view.words.text() and "1 min 10 s left" in view.words.text()
    assert opened.numbers.shown["Time"].text().endswith("at 1 s per step")
    assert view.files.text() == "Newest model, step 30: hero.30.cat"
    view.stop.click()
    assert not view.watching and not view.timer.isActive()
    with log.open("a") as out:
        out.write("[Step:40/100] Loss:0.1\n")
    view.look()
    assert "step 30 of 100" in view.words.text()


def test_closing_stops_everything(opened: Any, host: Any, tmp_path: Path) -> None:
    from chroma_recovery.nuke_host.panel.following import FileTail

    hold = threading.Event()
    host.checking = lambda cancelled: hold.wait(20)
    opened.progress.follow(FileTail(tmp_path / "x.log"))
    opened.builds.buttons["training"].click()
    job = opened.builds.job
    opened.close()
    hold.set()
    assert job.cancelled and not opened.progress.watching and not opened.builds.timer.isActive()


@pytest.mark.parametrize("dark", [True, False])
def test_pictures(app: Any, tmp_path: Path, preset_file: Path, dark: bool) -> None:
    from PySide6 import QtGui

    from chroma_recovery.nuke_host.panel.preview import application, picture

    before = preset_file.read_bytes()
    made = picture(preset_file, tmp_path / "p.png", tab="Pairs", dark=dark)
    application(dark=True)
    image = QtGui.QImage(str(made))
    assert (image.width(), image.height()) == (1120, 1520)
    corner = image.pixelColor(4, 4).lightness()
    assert corner < 80 if dark else corner > 200
    letters = {image.pixel(x, y) for x in range(0, 1120, 3) for y in range(180, 420, 3)}
    assert len(letters) > 60  # smooth text, so a font was found
    assert preset_file.read_bytes() == before
