"""Longer lists of training pairs: the guide's 4 -> 7 -> 11, and frames that the model gets wrong.

What was chosen stays chosen: existing pairs are kept, hold-outs stay hold-outs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import attrs

from ...errors import Problem, StageError
from ..model import Pair, Preset

__all__ = ["LEVELS", "escalated", "untrained", "with_frames"]

LEVELS = (4, 7, 11)
"""Numbers of training pairs of the guide: begin with 4, add only where the result needs it."""


def escalated(preset: Preset) -> tuple[Pair, ...]:
    """All pairs, with training pairs added up to the next level, each in the middle of the widest gap.

    Raises StageError (CR411) if the last level is reached or no frame is free between the pairs.
    """
    now = len(preset.training_pairs)
    goal = next((level for level in LEVELS if level > now), None)
    if goal is None:
        hint = "add frames that fail by hand (Add Outlier Frames as Pairs)"
        raise StageError.at(
            "CR411", "pairs", f"{now} pairs train already; the last level is {LEVELS[-1]}", hint
        )
    chosen = sorted(p.source for p in preset.pairs)  # hold-outs too: a new pair next to one would flatter it
    added: list[int] = []
    while now + len(added) < goal:
        middle = _middle_of_widest_gap(chosen, preset.source.first, preset.source.last)
        if middle is None:
            text = f"no free frame is left between the pairs, {now + len(added)} of {goal} are reached"
            raise StageError(Problem("CR411", "pairs", text, "the shot is too short for more pairs"))
        chosen = sorted([*chosen, middle])
        added.append(middle)
    return _joined(preset, added, f"added for {goal} pairs")


def with_frames(preset: Preset, frames: Iterable[int], note: str = "outlier") -> tuple[Pair, ...]:
    """All pairs and these Source frames as further training pairs; a hold-out among them stays a hold-out.

    Raises StageError (CR412) naming frames outside the Source, (CR411) if nothing is new.
    """
    wanted = sorted(set(frames))
    first, last = preset.source.first, preset.source.last
    outside = [f for f in wanted if not first <= f <= last]
    if outside:
        text = f"frames {', '.join(map(str, outside))} lie outside the Source ({first}-{last})"
        raise StageError.at("CR412", "pairs", text)
    taken = {p.source for p in preset.pairs}
    new = [f for f in wanted if f not in taken]
    if not new:
        raise StageError.at("CR411", "pairs", "all of these frames are pairs already")
    return _joined(preset, new, note)


def untrained(preset: Preset, near: int) -> int:
    """The Source frame nearest to ``near`` that no pair uses; a hold-out, or ``near`` itself, if there is none."""
    first, last = preset.source.first, preset.source.last
    used = {p.source for p in preset.pairs}
    free = [f for f in range(first, last + 1) if f not in used]
    free = free or [p.source for p in preset.hold_out_pairs]
    return min(free, key=lambda f: (abs(f - near), f)) if free else min(max(near, first), last)


def _middle_of_widest_gap(chosen: list[int], first: int, last: int) -> int | None:
    """The middle of the widest gap between pairs; where they have none, of that before or after them."""
    between = sorted(itertools.pairwise(chosen), key=lambda gap: (gap[0] - gap[1], gap[0]))
    ends = [(first - 1, chosen[0]), (chosen[-1], last + 1)] if chosen else [(first - 1, last + 1)]
    for low, high in [*between, *sorted(ends, key=lambda gap: (gap[0] - gap[1], gap[0]))]:
        if high - low > 1:
            return (low + high) // 2
    return None


def _joined(preset: Preset, added: list[int], note: str) -> tuple[Pair, ...]:
    """All pairs in Source order. Who is held out is written down, so that adding pairs never moves it."""
    held = set(preset.hold_out_pairs)
    said = any(p.hold_out is not None for p in preset.pairs)
    old = [attrs.evolve(p, hold_out=True) if p in held and not said else p for p in preset.pairs]
    if not held and not said and preset.hold_out.share > 0:
        old[0] = attrs.evolve(
            old[0], hold_out=False
        )  # otherwise the share would hold out one of the longer list
    new = [Pair(f, _reference(preset.pairs, f), note) for f in added]
    return tuple(sorted([*old, *new], key=lambda p: p.source))


def _reference(pairs: tuple[Pair, ...], frame: int) -> int | None:
    """Reference frame: the same distance from the Source as at the nearest pair."""
    if not pairs:
        return None
    nearest = min(pairs, key=lambda p: (abs(p.source - frame), p.source))
    distance = nearest.reference_frame - nearest.source
    return frame + distance if distance else None
