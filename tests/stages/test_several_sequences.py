"""A clip of several sequences end to end: one model that learns from several shots, still one preset and one graph."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chroma_recovery import nk
from chroma_recovery.errors import PresetError
from chroma_recovery.graph.checks import check
from chroma_recovery.headers import PictureSize
from chroma_recovery.preset import loads
from chroma_recovery.preset.model import Clip, ClipPart, Pair, Reference
from chroma_recovery.stages import ProjectPaths, Recovery

PRESET = """\
shot: sc04
scope: scene
source:
  path: a/source.####.exr
  first: 1001
  last: {last}
  then:
    - {{path: b/source.####.exr, first: 5, last: {end}}}
    - {{path: c/source.####.exr, first: 100, last: 103}}
reference:
  path: a/reference.####.exr
  first: 1001
  last: 1020
pairs: [1001, 1004, 1009, 1012, 1013, 1016]
"""


def test_the_first_sequence_keeps_its_numbers_and_the_others_follow() -> None:
    clip = loads(PRESET.format(last=1020, end=10)).preset.source
    assert clip.sequences == (
        ClipPart("a/source.####.exr", 1001, 1010),
        ClipPart("b/source.####.exr", 5, 10),
        ClipPart("c/source.####.exr", 100, 103),
    )


@pytest.mark.parametrize(
    ("last", "end", "field"), [(1010, 10, "source.then"), (1020, 4, "source.then[0].last")]
)
def test_sequences_that_do_not_fit_are_refused(last: int, end: int, field: str) -> None:
    with pytest.raises(PresetError) as caught:
        loads(PRESET.format(last=last, end=end))
    found = [p for p in caught.value.problems if p.code == "CR120"]
    assert len(found) == 1
    assert found[0].message.startswith(field)


@pytest.fixture
def scene(built: Callable[..., Recovery]) -> Recovery:
    paths = ProjectPaths(
        "../a/s.####.exr",
        "../a/r.####.exr",
        PictureSize(640, 480),
        PictureSize(640, 480),
        source_then=("../b/s.####.exr", "../c/s.####.exr"),
        reference_then=("../b/r.####.exr",),
    )
    then = (ClipPart("b/s.####.exr", 5, 10), ClipPart("c/s.####.exr", 100, 103))
    return built(
        [Pair(f) for f in (1001, 1004, 1009, 1012, 1013, 1016)],
        paths=paths,
        source=Clip("a/s.####.exr", 1001, 1020, then=then),
        reference=Reference("a/r.####.exr", 1001, 1020, then=(ClipPart("b/r.####.exr", 1, 10),)),
    )


def test_each_sequence_is_a_read_and_an_appendclip_plays_them(scene: Recovery) -> None:
    graph = scene.graph
    assert graph["Source"].cls == "AppendClip"
    assert graph["Source"].knobs["firstFrame"] == 1001
    reads = [graph[name] for name in graph["Source"].inputs if name]
    assert [(r.knobs["file"], r.knobs["first"], r.knobs["last"]) for r in reads] == [
        ("../a/s.####.exr", 1001, 1010),
        ("../b/s.####.exr", 5, 10),
        ("../c/s.####.exr", 100, 103),
    ]
    assert {r.knobs["colorspace"] for r in reads} == {graph["Source_01"].knobs["colorspace"]}
    assert graph["Reference"].inputs == ("Reference_01", "Reference_02")
    assert not [p for p in check(graph) if p.severity == "error"]
    assert set(scene.stages["training"].nodes) >= {"Source_03", "Reference_02"}


def test_the_script_reads_back(scene: Recovery) -> None:
    text = nk.write(scene.graph)
    assert nk.write(nk.read(text)) == text


def test_no_node_lies_on_another(scene: Recovery) -> None:
    spots = [
        (n.xpos, n.ypos) for n in scene.graph if n.cls in ("Read", "AppendClip", "FrameRange", "FrameHold")
    ]
    assert len(spots) == len(set(spots))
