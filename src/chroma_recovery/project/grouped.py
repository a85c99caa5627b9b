"""The clip and pairs of a group: its shots' sequences end to end, every frame renumbered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from ..preset.model import Pair
from ..preset.nodes import ListNode, MapNode, Scalar
from .frames import ShotFrames

__all__ = ["GroupClips", "grouped_clips"]

Part = tuple[str, int, int]
Member = tuple[ShotFrames, Sequence[Pair], tuple[str, str], str, MapNode]
"""Frames, pairs, paths of Source and Reference, name, exceptions."""


@attrs.frozen
class Joined:
    """One side of a group. parts: sequences in order. shifts: what to add to a frame of each shot."""

    parts: tuple[Part, ...]
    last: int
    shifts: tuple[int, ...]

    @property
    def words(self) -> tuple[str, tuple[int, int], tuple[Part, ...]]:
        path, first, _ = self.parts[0]
        return path, (first, self.last), self.parts[1:]


def join(parts: Sequence[Part]) -> Joined:
    """One sequence where all have one path, else end to end behind the first."""
    if len({path for path, _, _ in parts}) == 1:
        first, last = min(p[1] for p in parts), max(p[2] for p in parts)
        return Joined(((parts[0][0], first, last),), last, (0,) * len(parts))
    at, shifts = parts[0][1], []
    for _, first, last in parts:
        shifts.append(at - first)
        at += last - first + 1
    return Joined(tuple(parts), at - 1, tuple(shifts))


@attrs.frozen
class GroupClips:
    """A group's clips, as (path, span, further parts), and pairs. shifts: of Source frames, per member."""

    source: tuple[str, tuple[int, int], tuple[Part, ...]]
    reference: tuple[str, tuple[int, int], tuple[Part, ...]]
    pairs: tuple[Pair, ...]
    members: tuple[Member, ...]
    shifts: tuple[int, ...]

    def keyed(self) -> dict[str, object]:
        """Alignment and crop keys of the shots, with the pairs' new numbers."""
        found: dict[str, object] = {}
        numbers = {p.source for p in self.pairs}
        for section in ("alignment", "crop"):
            keys: list[object] = []
            for (_, _, _, _, preset), shift in zip(self.members, self.shifts, strict=True):
                keys += [
                    {**_fields(key), "pair": number + shift}
                    for key in _keys(preset, section)
                    if (number := _number(key)) is not None and number + shift in numbers
                ]
            if keys:
                found[section] = {"keys": keys}
        return found


def _keys(preset: MapNode, section: str) -> list[MapNode]:
    entry = preset.entries.get(section)
    below = (
        entry.value.entries.get("keys") if entry is not None and isinstance(entry.value, MapNode) else None
    )
    items = below.value.items if below is not None and isinstance(below.value, ListNode) else ()
    return [item for item in items if isinstance(item, MapNode)]


def _number(key: MapNode) -> int | None:
    entry = key.entries.get("pair")
    text = entry.value.text if entry is not None and isinstance(entry.value, Scalar) else ""
    return int(text) if text.lstrip("-").isdigit() else None


def _fields(key: MapNode) -> Mapping[str, object]:
    return {name: entry.value for name, entry in key.entries.items()}


def grouped_clips(members: Sequence[Member]) -> GroupClips:
    """Handles are left out: nothing there trains."""
    sources = join([(paths[0], *frames.cut) for frames, _, paths, _, _ in members])
    references = join(
        [
            (paths[1], frames.cut[0] + frames.offset, frames.cut[1] + frames.offset)
            for frames, _, paths, _, _ in members
        ]
    )
    pairs: dict[int, Pair] = {}
    for (_, own, _, name, _), ahead, beside in zip(members, sources.shifts, references.shifts, strict=True):
        for pair in own:
            moved = attrs.evolve(
                pair,
                source=pair.source + ahead,
                reference=pair.reference_frame + beside,
                note=f"{name}: {pair.note}" if pair.note else name,
            )
            pairs.setdefault(moved.source, moved)
    return GroupClips(sources.words, references.words, tuple(pairs.values()), tuple(members), sources.shifts)
