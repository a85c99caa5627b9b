from typing import Any

import numpy as np
import pytest

from chroma_recovery.engine.image import Image
from chroma_recovery.errors import UnsupportedNode
from chroma_recovery.frames import FrameRange


def numbered(frame: int) -> Image:
    return Image.of(np.full((1, 1, 3), frame, np.float32))


def shown(bench: Any, node: str, frames: range) -> list[int]:
    evaluator = bench.evaluator()
    return [int(evaluator.image(node, f).pixels[0, 0, 0]) for f in frames]


def test_frame_range_moves_nothing(bench: Any) -> None:
    node = bench.add("FrameRange", bench.given(numbered), first_frame=1, last_frame=1)
    assert bench.evaluator().range(node) == FrameRange(1, 1)
    assert shown(bench, node, range(3, 6)) == [3, 4, 5]


@pytest.mark.parametrize("knob", ["firstFrame", "first_frame"])
def test_frame_hold_in_both_spellings(bench: Any, knob: str) -> None:
    node = bench.add("FrameHold", bench.given(numbered), **{knob: 471})
    assert shown(bench, node, range(1, 4)) == [471, 471, 471]


def test_frame_hold_increment(bench: Any) -> None:
    node = bench.add("FrameHold", bench.given(numbered), firstFrame=10, increment=4)
    assert shown(bench, node, range(9, 19)) == [6, 10, 10, 10, 10, 14, 14, 14, 14, 18]


def test_the_reference_graph_gives_pair_k_at_frame_k(bench: Any) -> None:
    """Read -> FrameRange 1..1 -> FrameHold per pair -> AppendClip -> AppendClip (reference-graph page, stage
    1)."""
    base = bench.add("FrameRange", bench.given(numbered), first_frame=1, last_frame=1)
    holds = [bench.add("FrameHold", base, firstFrame=f) for f in (471, 478, 492, 499)]
    clip = bench.add("AppendClip", bench.add("AppendClip", *holds))
    assert bench.evaluator().range(clip) == FrameRange(1, 4)
    assert shown(bench, clip, range(1, 5)) == [471, 478, 492, 499]
    assert shown(bench, clip, range(-1, 1)) == [471, 471]
    assert shown(bench, clip, range(5, 7)) == [499, 499]


def test_append_clip_adds_lengths_from_its_first_frame(bench: Any) -> None:
    a = bench.add("FrameRange", bench.given(numbered), first_frame=11, last_frame=13)
    b = bench.add("FrameRange", bench.given(numbered), first_frame=50, last_frame=51)
    clip = bench.add("AppendClip", a, None, b, firstFrame=101)
    assert bench.evaluator().range(clip) == FrameRange(101, 105)
    assert shown(bench, clip, range(101, 106)) == [11, 12, 13, 50, 51]


def test_append_clip_refuses_dissolves(bench: Any) -> None:
    node = bench.add("AppendClip", bench.given(numbered), dissolve=3)
    with pytest.raises(UnsupportedNode, match=r"AppendClip_1\.dissolve"):
        bench.image(node)


def test_time_offset(bench: Any) -> None:
    base = bench.add("FrameRange", bench.given(numbered), first_frame=1, last_frame=10)
    node = bench.add("TimeOffset", base, time_offset=-3)
    assert bench.evaluator().range(node) == FrameRange(-2, 7)
    assert shown(bench, node, range(-2, 0)) == [1, 2]


def test_a_switch_or_dissolve_end_asks_for_one_input_only(bench: Any) -> None:
    broken = bench.add("STMap", bench.given(numbered))
    good = bench.given(numbered)
    assert shown(bench, bench.add("Switch", broken, good, which=1), range(7, 8)) == [7]
    assert shown(bench, bench.add("Dissolve", good, broken, which=0), range(7, 8)) == [7]


def test_viewer_shows_its_input_number(bench: Any) -> None:
    node = bench.add("Viewer", bench.given(np.zeros((1, 1, 3))), bench.given(numbered), input_number=1)
    assert shown(bench, node, range(4, 5)) == [4]
