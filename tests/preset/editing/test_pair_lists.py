"""Longer pair lists, and the same list written into the user's own text."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.errors import PresetError, StageError
from chroma_recovery.preset.editing.pair_lists import LEVELS, escalated, untrained, with_frames
from chroma_recovery.preset.editing.pairs_block import with_pairs
from chroma_recovery.preset.load import loads
from chroma_recovery.preset.model import Preset

HEAD = (
    "# mine\nextends: shot\nshot: a\nsource: {path: s.####.exr, first: 1, last: 200}\n"
    "reference: {path: r.####.exr, first: 1, last: 300, kind: dvd}\n"
)


def preset(pairs: str) -> tuple[str, Preset]:
    text = HEAD + f"pairs: {pairs}\ntraining: {{steps: 40000}}  # enough\n"
    return text, loads(text).preset


def frames(p: Preset) -> list[int]:
    return [x.source for x in p.training_pairs]


def test_four_seven_eleven_keeps_what_was_chosen() -> None:
    _, first = preset("[1, 50, 100, 150, 200]")
    held = [p.source for p in first.hold_out_pairs]
    assert (frames(first), held) == ([1, 50, 150, 200], [100])
    second = attrs.evolve(first, pairs=escalated(first))
    assert frames(second) == [1, 50, 75, 125, 150, 175, 200]
    third = attrs.evolve(second, pairs=escalated(second))
    assert frames(third) == [1, 25, 37, 50, 62, 75, 87, 125, 150, 175, 200]
    for p in (second, third):
        assert [x.source for x in p.hold_out_pairs] == held
    assert set(frames(first)) < set(frames(second)) < set(frames(third))
    with pytest.raises(StageError, match="CR411"):
        escalated(third)


def test_the_reference_keeps_its_distance() -> None:
    _, p = preset(
        "[{source: 1, reference: 11}, {source: 60, reference: 70}, {source: 100, reference: 130}, 150]"
    )
    new = {x.source: x.reference_frame for x in escalated(p)}
    assert new[30] == 40
    assert all(x in new for x in (1, 60, 100, 150))


def test_a_shot_that_is_too_short() -> None:
    text = (
        HEAD.replace("last: 200", "last: 5")
        + "pairs: [1, 2, 3, 4, 5]\nhold_out: {share: 0}\ntraining: {batch: 3}\n"
    )
    with pytest.raises(StageError, match="no free frame"):
        escalated(loads(text).preset)


def test_frames_outside_or_known_are_refused() -> None:
    _, p = preset("[1, 50, 100, 150]")
    with pytest.raises(StageError, match="CR412"):
        with_frames(p, [201])
    with pytest.raises(StageError, match="CR411"):
        with_frames(p, [50])
    assert 77 in [x.source for x in with_frames(p, [77, 50])]


def test_untrained_frames_are_never_pairs() -> None:
    _, p = preset("[1, 50, 51, 52, 200]")
    assert untrained(p, 51) in (49, 53)
    assert untrained(p, 120) == 120


STYLES = {
    "flow": lambda fs: "[" + ", ".join(map(str, fs)) + "]  # five",
    "block": lambda fs: "\n" + "".join(f"  - {f}  # frame {f}\n" for f in fs),
    "flush": lambda fs: "\n" + "".join(f"- {f}\n" for f in fs),
    "maps": lambda fs: "\n" + "".join(f"  # about {f}\n  - source: {f}\n    note: n{f}\n" for f in fs),
    "inline": lambda fs: "\n" + "".join(f'  - {{source: {f}, note: "a, b: {f}"}}\n' for f in fs),
    "broken": lambda fs: "[" + ",\n        ".join(map(str, fs)) + "]",
}


@given(
    st.sampled_from(sorted(STYLES)),
    st.lists(st.integers(1, 200), min_size=4, max_size=8, unique=True).map(sorted),
    st.lists(st.integers(1, 200), min_size=1, max_size=4, unique=True),
)
def test_only_the_pairs_change_in_the_users_text(style: str, chosen: list[int], added: list[int]) -> None:
    text, p = preset(STYLES[style](chosen))
    if set(added) <= set(chosen):
        return
    wanted = with_frames(p, added)
    result = with_pairs(text, wanted, p)
    again = loads(result).preset
    assert again.pairs == wanted
    assert attrs.evolve(again, pairs=p.pairs) == p
    kept = {line for line in text.splitlines() if "pairs" not in line}
    changed = {str(x.source) for x in wanted if x.hold_out is not None}
    lost = [line for line in kept if line not in result and not any(f in line for f in changed)]
    assert style in ("flow", "broken") or not lost


def test_a_preset_that_takes_its_pairs_from_another_gets_its_own() -> None:
    _, p = preset("[1, 50, 100, 150]")
    text = "extends: base\nshot: b"
    result = with_pairs(text, p.pairs, p)
    assert result.startswith(text + "\n\npairs:\n  - 1\n")


def test_what_cannot_be_edited_is_refused_whole() -> None:
    text, p = preset("[1, 50, 100, 150]")
    with pytest.raises(PresetError, match="CR191"):
        with_pairs(text.replace("[1, 50, 100, 150]", "[1, 50, 100]"), escalated(p), p)
    assert LEVELS == (4, 7, 11)
