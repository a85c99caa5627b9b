"""The clip and pairs of a group: its shots' sequences end to end, every frame renumbered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from ..preset.model import Pair
from ..preset.nodes import ListNode, MapNode, Scalar
from .frames import ShotFrames

__all__ = ["LEAST", "GroupClips", "Member", "grouped_clips", "lenders"]

LEAST = 2
"""Pairs that must train in a preset."""

Part = tuple[str, int, int]


@attrs.frozen
class Member:
    """A shot of a group. paths: of Source and Reference. preset: its exceptions."""

    name: str
    frames: ShotFrames
    pairs: tuple[Pair, ...]
    paths: tuple[str, str]
    preset: MapNode

    @property
    def trained(self) -> int:
        """How many of its pairs train."""
        return sum(not p.hold_out for p in self.pairs)


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
            for member, shift in zip(self.members, self.shifts, strict=True):
                keys += [
                    {**_fields(key), "pair": number + shift}
                    for key in _keys(member.preset, section)
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


def grouped_clips(members: Sequence[Member], *, rendered: bool = False) -> GroupClips:
    """Handles are left out: nothing there trains. rendered: but those of the first member, which is rendered. Members
    without pairs have no part in the Reference."""
    spans = [m.frames.source if rendered and n == 0 else m.frames.cut for n, m in enumerate(members)]
    sources = join([(m.paths[0], *span) for m, span in zip(members, spans, strict=True)])
    paired = [m for m in members if m.pairs]
    references = join(
        [(m.paths[1], *(frame + m.frames.offset for frame in m.frames.cut)) for m in paired]  # type: ignore[misc]
    )
    beside = {m.name: shift for m, shift in zip(paired, references.shifts, strict=True)}
    pairs: dict[int, Pair] = {}
    for member, ahead in zip(members, sources.shifts, strict=True):
        for pair in member.pairs:
            moved = attrs.evolve(
                pair,
                source=pair.source + ahead,
                reference=pair.reference_frame + beside[member.name],
                note=f"{member.name}: {pair.note}" if pair.note else member.name,
            )
            pairs.setdefault(moved.source, moved)
    return GroupClips(sources.words, references.words, tuple(pairs.values()), tuple(members), sources.shifts)


def lenders(members: Sequence[Member], borrower: Member) -> list[Member]:
    """The shots nearest in the list whose pairs a shot takes along that has too few of its own."""
    at = members.index(borrower)
    others = sorted(
        ((abs(n - at), m) for n, m in enumerate(members) if m.pairs and n != at), key=lambda item: item[0]
    )
    found: list[Member] = []
    for _, member in others:
        if borrower.trained + sum(m.trained for m in found) >= LEAST:
            break
        found.append(member)
    return found
