"""A preset being edited: same rules as the file, no text lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from chroma_recovery.errors import PathError, PresetError, StageError
from chroma_recovery.nuke_host.panel.draft import Draft
from chroma_recovery.nuke_host.panel.form import TABS, form_fields, groups
from chroma_recovery.nuke_host.panel.look import look, nearest
from chroma_recovery.nuke_host.panel.pairs_table import PairsTable
from chroma_recovery.preset.fields import walk
from chroma_recovery.preset.load import load, loads
from chroma_recovery.preset.model import Pair

FIELDS = {f.path: f for f in form_fields()}


def test_the_form_has_every_single_value_of_the_model_once() -> None:
    wanted = {p for p, f in walk() if "[]" not in p and f.kind not in ("model", "models")} - {"schema"}
    assert set(FIELDS) == wanted
    shown = [f.path for tab, _ in TABS for g in groups(tab) for f in g.fields]
    assert sorted(shown) == sorted(wanted)
    assert all(f.help and f.label for f in FIELDS.values())
    assert FIELDS["training.patch"].choices == ("32", "64", "128", "256", "512")
    assert FIELDS["source.path"].editor == "path"
    assert FIELDS["crop.box"].size == 4


BROKEN = """\
extends: shot
shot: s 1
source: {path: "[exec rm].####.exr", first: 10, last: 1}
reference: {path: r.####.exr, first: ten, last: 20, kind: painted}
pairs: [3, 3, x]
training: {patch: 500, batch: 0, step: 3}
"""


def test_messages_are_those_of_the_file() -> None:
    """Every problem of loading is a message at its field, and no other is an error."""
    with pytest.raises(PresetError) as caught:
        loads(BROKEN)
    seen = look(BROKEN)
    wanted = sorted(
        (p.code, p.message.partition(": ")[2]) for p in caught.value.problems if ": " in p.message
    )
    assert sorted((m.code, m.text) for m in seen.errors if m.field) == [w for w in wanted if w[0] != "CR107"]
    assert [m.code for m in seen.errors if not m.field] == ["CR107"]
    assert {m.field for m in seen.errors} >= {
        "shot",
        "source.path",
        "reference.first",
        "reference.kind",
        "pairs[1].source",
        "pairs[2].source",
        "training.patch",
        "training.batch",
    }


def test_a_valid_text_says_what_the_loader_says(preset_file: Path) -> None:
    seen, loaded = look(preset_file.read_text(), preset_file), load(preset_file)
    assert seen.preset == loaded.preset
    assert not seen.errors
    assert len(seen.warnings) == len(loaded.warnings)


def test_a_message_finds_its_line() -> None:
    shown = frozenset({"source.path", "source.first", "crop.box"})
    assert nearest("source.first", shown) == "source.first"
    assert nearest("source", shown) == "source.first"
    assert nearest("crop.box[2]", shown) == "crop.box"
    assert nearest("nuke", shown) == ""


def test_typing_changes_one_value(preset_file: Path) -> None:
    draft = Draft.opened(preset_file)
    before = draft.text
    draft.set(FIELDS["training.patch"], "256")
    assert draft.text == before.replace("patch: 512  ", "patch: 256  ")
    assert [m.code for m in draft.now.at("training.patch")] == ["CR143"]
    draft.set(FIELDS["training.patch"], "many")
    assert [m.code for m in draft.now.at("training.patch")] == ["CR109"]
    assert draft.typed(FIELDS["training.patch"]) == "many"
    assert draft.undo()
    assert draft.typed(FIELDS["training.patch"]) == "256"
    draft.reset(FIELDS["training.patch"])
    assert "# patch: 256   # the whole face fits" in draft.text
    assert draft.now.preset.training.patch == 512


def test_every_field_can_be_set_and_gives_its_value_back(preset_file: Path) -> None:
    """Also after saving and loading: the file says what the form showed."""
    draft = Draft.opened(preset_file)
    typed: dict[str, str | list[str]] = {}
    for path, field in FIELDS.items():
        if field.editor == "choice":
            value: str | list[str] = field.choices[-1]
        elif field.editor == "switch":
            value = "false" if draft.typed(field) == "true" else "true"
        elif field.editor == "numbers":
            value = ["10", "20", "1000", "900.5"]
        elif field.editor == "number":
            value = {"float": "0.2"}.get(field.kind, "480")
        else:
            value = {"shot": "x1", "nuke.version": "16.1", "output.folder": "out"}.get(
                path, f"text, of: {path}"
            )
        typed[path] = value
        draft.set(field, value)
        assert draft.typed(field) == value, path
    for line in ("# the artist's own words", "# wide", "# faces", "# weaves here", "# the whole face fits"):
        assert line in draft.text
    values = {path: draft.typed(field) for path, field in FIELDS.items()}
    assert values == typed
    draft.save()
    assert {p: Draft.opened(preset_file).typed(f) for p, f in FIELDS.items()} == typed


def test_emptied_fields(preset_file: Path) -> None:
    draft = Draft.opened(preset_file)
    draft.set(FIELDS["training.preview"], "480")
    draft.set(FIELDS["training.preview"], "")
    assert draft.now.preset.training.preview is None
    draft.set(FIELDS["training.steps"], "60000")
    draft.set(FIELDS["training.steps"], "")
    assert draft.now.preset.training.steps == 40000 and "steps" not in draft.text
    for name in ("width", "height"):
        draft.set(FIELDS[f"source.format.{name}"], "")
    assert draft.now.preset.source.format is None and not draft.now.errors
    draft.set(FIELDS["crop.box"], ["1", "2", "", "4"])
    assert [m.code for m in draft.now.messages if m.field.startswith("crop.box")] == ["CR109"]
    draft.set(FIELDS["crop.box"], [""] * 4)
    assert draft.now.preset.crop.box is None


def test_saving_keeps_bytes_and_never_overwrites_silently(preset_file: Path, tmp_path: Path) -> None:
    preset_file.write_bytes(b"\xef\xbb\xbf" + preset_file.read_bytes().replace(b"\n", b"\r\n"))
    before = preset_file.read_bytes()
    draft = Draft.opened(preset_file)
    assert not draft.modified
    draft.set(FIELDS["training.patch"], "256")
    draft.save()
    assert preset_file.read_bytes() == before.replace(b"patch: 512", b"patch: 256")
    other = tmp_path / "other.yaml"
    other.write_text("mine")
    with pytest.raises(PathError) as caught:
        draft.save(other)
    assert caught.value.problems[0].code == "CR602" and other.read_text() == "mine"
    preset_file.write_text("somebody else")
    draft.set(FIELDS["training.patch"], "128")
    with pytest.raises(PathError) as caught:
        draft.save()
    assert caught.value.problems[0].code == "CR602" and preset_file.read_text() == "somebody else"
    draft.save(replace=True)
    assert load(preset_file).preset.training.patch == 128


def test_a_new_preset_from_nothing() -> None:
    draft = Draft.shipped("shot")
    assert {m.field for m in draft.now.errors} == {"shot", "source", "reference", "pairs"}
    for path, value in {
        "shot": "sh1",
        "source.path": "a.####.exr",
        "source.first": "1",
        "source.last": "100",
        "reference.path": "b.####.exr",
        "reference.first": "1",
        "reference.last": "100",
    }.items():
        draft.set(FIELDS[path], value)
    PairsTable(draft).escalate()
    assert loads(draft.text).preset == draft.now.preset
    assert [p.source for p in draft.now.preset.pairs] == [1, 34, 67, 100]
    with pytest.raises(PresetError):
        Draft.shipped("nothing")


def test_pairs_table(preset_file: Path) -> None:
    table = PairsTable(Draft.opened(preset_file))
    rows = table.rows()
    assert [(r.frame, r.number, r.hold_out, r.alignment) for r in rows] == [
        ("471", 1, False, "auto"),
        ("478", 2, False, "manual"),
        ("485", 5, True, "auto"),
        ("492", 3, False, "auto"),
        ("499", 4, False, "auto"),
    ]
    assert rows[0].timecode == "00:00:19:15" and rows[4].note == "last"
    table.add(480, "blue: sky")
    assert '  - 478\n  - {source: 480, note: "blue: sky"}\n' in table.draft.text
    table.set_note(0, "wide #1")
    assert '  - {source: 471, note: "wide #1"}        # wide\n' in table.draft.text
    table.set_hold_out(0, True)
    table.set_hold_out(3, False)
    assert [r.hold_out for r in table.rows()] == [True, False, False, False, False, False]
    table.set_alignment(1, "auto")
    table.set_alignment(4, "manual")
    assert [r.alignment for r in table.rows()] == ["auto", "auto", "auto", "auto", "manual", "auto"]
    assert "# weaves here" in table.draft.text
    table.set_frame(1, "479")
    assert table.preset.alignment.keys[0].pair == 479 and not table.draft.now.errors
    table.set_reference(1, "481")
    assert table.preset.pairs[1].reference == 481
    table.set_reference(1, "")
    assert table.preset.pairs[1].reference is None
    table.remove([1])
    assert [k.pair for k in table.preset.alignment.keys] == [492] and not table.draft.now.errors
    assert loads(table.draft.text).preset == table.preset


def test_pairs_that_cannot_be(preset_file: Path) -> None:
    table = PairsTable(Draft.opened(preset_file))
    before = table.draft.text
    for frame, code in ((478, "CR411"), (9, "CR412")):
        with pytest.raises(StageError) as caught:
            table.add(frame)
        assert caught.value.problems[0].code == code
    table.set_frame(0, "x")
    row = table.rows()[0]
    assert (row.frame, row.severity) == ("x", "error")
    table.draft.undo()
    assert table.draft.text == before


def test_pairs_escalate_and_sort(preset_file: Path) -> None:
    table = PairsTable(Draft.opened(preset_file))
    assert table.level() == "4 → 7 pairs"
    table.escalate()
    assert len(table.preset.training_pairs) == 7
    assert [p.source for p in table.preset.hold_out_pairs] == [485]
    table.escalate()
    assert len(table.preset.training_pairs) == 11
    with pytest.raises(StageError):
        table.escalate()
    table.set_frame(0, "487")
    table.sort()
    frames = [p.source for p in table.preset.pairs]
    assert frames == sorted(frames) and 487 in frames
    assert "- 487        # wide" in table.draft.text


def test_pairs_of_a_preset_below_become_own(preset_file: Path) -> None:
    child = preset_file.with_name("child.yaml")
    child.write_text("extends: ./sh010.yaml\nshot: other\n", encoding="utf-8")
    before = preset_file.read_bytes()
    table = PairsTable(Draft.opened(child))
    table.add(480)
    table.set_alignment(0, "manual")
    assert [p.source for p in table.preset.pairs] == [471, 478, 480, 485, 492, 499]
    assert [(k.pair, k.translate, k.use) for k in table.preset.alignment.keys] == [
        (478, (2.0, -1.0), "manual"),
        (471, (0.0, 0.0), "manual"),
    ]
    table.draft.save()
    assert load(child).preset == table.preset and preset_file.read_bytes() == before


def test_who_is_held_out_by_the_share_stays_when_one_changes() -> None:
    draft = Draft.shipped("shot")
    text = draft.text + "source: {path: a.exr, first: 1, last: 9}\npairs: [1, 3, 5, 7, 9]\n"
    draft.change(text)
    table = PairsTable(draft)
    assert [(r.hold_out, r.automatic) for r in table.rows()][2] == (True, True)
    table.set_hold_out(0, True)
    assert [r.hold_out for r in table.rows()] == [True, False, True, False, False]
    assert table.preset.pairs[0] == Pair(1, None, "", True)
