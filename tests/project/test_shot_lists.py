"""Shot lists: EDL, CSV, OpenTimelineIO - the same shots whichever way they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from chroma_recovery.errors import FrameError, PresetError
from chroma_recovery.preset.places import Findings, Text
from chroma_recovery.project import Project
from chroma_recovery.project.edl import read_edl
from chroma_recovery.project.load import is_project, load_project
from chroma_recovery.project.timecode import frames_at

PROJECT = """\
project: reel3
handles: 4
spread: 4
shot_list: {list}
source: {{path: "plates/{{shot}}/source.####.exr", format: {{width: 640, height: 480}}}}
reference: {{path: "dvd/film.######.exr", count: record, format: {{width: 640, height: 480}}}}
{more}"""

EDL = """\
TITLE: REEL 3
FCM: NON-DROP FRAME

001  A001     V     C        01:00:00:00 01:00:02:00 00:00:00:00 00:00:02:00
* FROM CLIP NAME: sh010.mov
002  A001     V     C        01:00:02:00 01:00:02:00 00:00:02:00 00:00:02:00
002  A002     V     D    012 02:00:00:00 02:00:03:00 00:00:02:00 00:00:05:00
* FROM CLIP NAME: sh010.mov
* TO CLIP NAME: sh 020
>>> SOURCE
003  BL       V     C        00:00:00:00 00:00:01:00 00:00:05:00 00:00:06:00
004  A002     AA/V  C        02:10:00:00 02:10:02:12 00:00:06:00 00:00:08:12
* FROM CLIP NAME: sh030
* LOC: 01:00:00:00 RED
005  A002     A     C        02:10:00:00 02:10:02:12 00:00:06:00 00:00:08:12
"""


def project(folder: Path, listed: str, text: str, more: str = "") -> Project:
    (folder / listed).write_text(text)
    (folder / "project.yaml").write_text(PROJECT.format(list=listed, more=more))
    return load_project(folder / "project.yaml", folder / "out")


def test_an_edl_gives_shots_with_handles_and_dissolves(tmp_path: Path) -> None:
    units = project(tmp_path, "cut.edl", EDL).units
    assert list(units) == ["sh010", "sh_020", "sh030"]
    first, second, third = units.values()
    # 48 frames, 12 more under the dissolve, 4 of handles at both ends
    assert (first.frames, second.frames, third.frames) == ((1001, 1068), (1001, 1080), (1001, 1068))
    # pairs keep away from handles and from the dissolve, on both of its sides
    assert [p.source for p in first.preset.pairs] == [1005, 1021, 1036, 1052]
    assert [p.reference_frame for p in first.preset.pairs] == [0, 16, 31, 47]
    assert [p.source for p in second.preset.pairs] == [1005 + 12, 1037, 1056, 1076]
    assert [p.reference_frame for p in second.preset.pairs] == [48 + 12, 80, 99, 119]
    assert (third.preset.reference.first, third.preset.reference.last) == (144, 203)


def test_a_csv_says_the_same(tmp_path: Path) -> None:
    text = """\
shot,reel,first,last,reference_first,tail,head,training.patch
sh010,A001,1005,1064,0,12,,
sh_020,A002,1005,1076,48,,12,
sh030,A002,1005,1064,144,,,128
"""
    by_csv = project(tmp_path, "shots.csv", text)
    other = tmp_path / "other"
    other.mkdir()
    by_edl = project(other, "cut.edl", EDL, "shots: [{shot: sh030, preset: {training: {patch: 128}}}]\n")
    assert {n: u.preset for n, u in by_csv.units.items()} == {n: u.preset for n, u in by_edl.units.items()}
    assert by_csv.units["sh030"].preset.training.patch == 128


def test_pairs_in_a_csv(tmp_path: Path) -> None:
    text = "shot\tfirst\tlast\treference_first\tpairs\nsh010\t1001\t1060\t1\t1001 1020/22! 1040 1060\n"
    preset = project(tmp_path, "shots.csv", text).units["sh010"].preset
    assert [(p.source, p.reference_frame, p.hold_out) for p in preset.pairs] == [
        (1001, 1, None),
        (1020, 22, True),
        (1040, 40, None),
        (1060, 60, None),
    ]


def test_a_timeline_says_the_same(tmp_path: Path) -> None:
    otio = pytest.importorskip("opentimelineio")
    track = otio.schema.Track(kind="Video")

    def clip(name: str, start: int, length: int) -> object:
        rate = otio.opentime.RationalTime
        span = otio.opentime.TimeRange(rate(start, 24), rate(length, 24))
        return otio.schema.Clip(name=name, source_range=span, metadata={"cmx_3600": {"reel": "A001"}})

    track.append(clip("sh010", 86400, 48))
    rate = otio.opentime.RationalTime
    # the whole dissolve lies behind the cut, as in the EDL
    track.append(otio.schema.Transition(name="d", in_offset=rate(0, 24), out_offset=rate(12, 24)))
    track.append(clip("sh_020", 172800, 72))
    gap = otio.opentime.TimeRange(rate(0, 24), rate(24, 24))
    track.append(otio.schema.Gap(source_range=gap))
    track.append(clip("sh030", 187200, 60))
    timeline = otio.schema.Timeline(name="reel")
    timeline.tracks.append(track)
    text = otio.adapters.write_to_string(timeline, "otio_json")
    by_otio = project(tmp_path, "cut.otio", text)
    other = tmp_path / "other"
    other.mkdir()
    by_edl = project(other, "cut.edl", EDL)
    assert {n: u.preset for n, u in by_otio.units.items()} == {n: u.preset for n, u in by_edl.units.items()}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("001  A001  V  C  01:00:00:00 01:00:02:00 00:00:00:00", "cannot read"),
        ("001  A001  V  C  01:00:00:00 01:00:02:24 00:00:00:00 00:00:02:00", "no timecode at 24"),
        ("001  A001  V  C  01:00:03:00 01:00:02:00 00:00:00:00 00:00:02:00", "ends before it begins"),
        ("[python {import os}]", "cannot read"),
    ],
)
def test_a_bad_line_is_named(line: str, message: str) -> None:
    findings = Findings()
    read_edl(Text("cut.edl", f"TITLE: X\n{line}\n"), 24, findings)
    (problem,) = findings.sorted()
    assert problem.code == "CR180"
    assert problem.place == "cut.edl:2:1"
    assert message in problem.message


def test_a_retimed_shot_needs_its_pairs(tmp_path: Path) -> None:
    text = EDL.replace("* LOC: 01:00:00:00 RED", "M2   A002       048.0                02:10:00:00")
    with pytest.raises(PresetError) as caught:
        project(tmp_path, "cut.edl", text)
    (problem,) = caught.value.problems
    assert (problem.code, "retimed (2 times)" in problem.message) == ("CR184", True)
    found = project(tmp_path, "cut.edl", text, "shots: [{shot: sh030, pairs: [1010, 1020, 1030, 1040]}]\n")
    assert [p.source for p in found.units["sh030"].preset.pairs] == [1010, 1020, 1030, 1040]


def test_every_mistake_of_a_csv_at_once_with_its_place(tmp_path: Path) -> None:
    text = "shot,first,last,pears\nsh010,1001,10x0,\n../etc,1,9,\nsh030,5,2,\n"
    with pytest.raises(PresetError) as caught:
        project(tmp_path, "shots.csv", text)
    places = [(p.code, p.place.rsplit("/", 1)[-1]) for p in caught.value.problems]
    assert places == [("CR107", "shots.csv:1:1")]
    with pytest.raises(PresetError) as caught:
        project(tmp_path, "shots.csv", text.replace(",pears", ",head"))
    places = [(p.code, p.place.rsplit("/", 1)[-1]) for p in caught.value.problems]
    assert places == [("CR109", "shots.csv:2:12"), ("CR113", "shots.csv:3:1"), ("CR184", "shots.csv:4:1")]


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ("groups: [{name: sc01, shots: [sh01]}]\n", "CR182", "no shot is named 'sh01'"),
        ("groups: [{name: sh010, shots: [sh_020]}]\n", "CR181", "'sh010' is named twice"),
        (
            "groups: [{name: a, shots: [sh010, sh030]}, {name: b, shots: ['*']}]\n",
            "CR188",
            "shot sh010 is in group a already",
        ),
        ("shots: [{shot: sh01O}]\n", "CR182", "the list has no shot 'sh01O'"),
        ("preset: {pairs: [1, 2]}\n", "CR107", "preset.pairs: is said by the project or the shot"),
        ("preset: {training: {patch: 100}}\n", "CR110", "training.patch: must be"),
        ("preset: {extends: shoot}\n", "CR115", "no shipped preset is named 'shoot'"),
        ("colour: red\n", "CR107", "colour: unknown key"),
    ],
)
def test_mistakes_of_a_project(tmp_path: Path, more: str, code: str, message: str) -> None:
    with pytest.raises(PresetError) as caught:
        project(tmp_path, "cut.edl", EDL, more)
    assert [p.code for p in caught.value.problems] == [code] * len(caught.value.problems)
    assert any(message in p.message for p in caught.value.problems)
    assert all(p.place.split(":")[1].isdigit() for p in caught.value.problems)


def test_a_placeholder_must_be_known_and_filled(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(
        'project: p\nshots: [{shot: a, first: 1, last: 9}]\nsource: {path: "{reel}/a.####.exr"}\n'
        'reference: {path: "{scene}/b.####.exr"}\n'
    )
    with pytest.raises(PresetError) as caught:
        load_project(tmp_path / "project.yaml", tmp_path)
    assert sorted((p.code, p.message) for p in caught.value.problems) == [
        ("CR183", "a: source.path needs its reel"),
        ("CR183", "reference.path: unknown placeholder {scene}"),
    ]


def test_a_project_is_told_from_a_preset(tmp_path: Path) -> None:
    project(tmp_path, "cut.edl", EDL)
    assert is_project(tmp_path / "project.yaml")
    (tmp_path / "shot.yaml").write_text("shot: sh010\n")
    assert not is_project(tmp_path / "shot.yaml")
    assert not is_project(tmp_path / "none.yaml")


def test_timecode() -> None:
    assert frames_at("01:00:00:00", 23.976) == 86400
    assert frames_at("00:01:00;02", 29.97) == 1800
    assert frames_at("00:01:00:02", 29.97, drop=True) == 1800
    for text, fps in (("00:01:00;00", 29.97), ("00:00:00;01", 24), ("00:60:00:00", 24), ("1.2", 24)):
        with pytest.raises(FrameError):
            frames_at(text, fps)
