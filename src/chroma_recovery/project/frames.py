"""Which file frames a shot has on each side: from explicit numbers, own counts, source or record timecode."""

from __future__ import annotations

import attrs

from ..errors import FrameError
from ..preset.model import Pair
from ..preset.places import Findings, Spot
from .settings import ClipRule, ProjectSettings, ShotEntry
from .timecode import frames_at

__all__ = ["ShotFrames", "shot_frames", "spread"]

START = 1001
"""First file number of a shot whose files are counted for themselves."""


@attrs.frozen
class ShotFrames:
    """Frames of one shot, as its files are numbered. source, reference: first and last file of the range to use, with
    handles. cut: first and last Source frame between the handles. usable: those that pairs may name. offset: Reference
    frame less Source frame of the same moment.
    """

    source: tuple[int, int]
    reference: tuple[int, int]
    cut: tuple[int, int]
    usable: tuple[int, int]
    offset: int

    def pairs(self, entry: ShotEntry, count: int) -> tuple[Pair, ...]:
        """The shot's pairs with every Reference frame said: those given, else ``count`` over the usable frames; none of
        a shot without a Reference."""
        if not entry.has_reference:
            return ()
        given = entry.pairs or tuple(Pair(f) for f in spread(*self.usable, count))
        return tuple(
            attrs.evolve(p, reference=p.source + self.offset if p.reference is None else p.reference)
            for p in given
        )


def spread(first: int, last: int, count: int) -> tuple[int, ...]:
    """First, last, and evenly between; fewer where there are not as many frames.

    >>> spread(1001, 1041, 5)
    (1001, 1011, 1021, 1031, 1041)
    """
    length = last - first + 1
    count = min(count, length)
    if count < 2:
        return (first,) * (length > 0)
    return tuple(dict.fromkeys(first + round(n * (length - 1) / (count - 1)) for n in range(count)))


def shot_frames(
    entry: ShotEntry, settings: ProjectSettings, spot: Spot, findings: Findings
) -> ShotFrames | None:
    """None with a finding (CR184) where the list does not say enough, or contradicts itself."""
    try:
        return _Counting(entry, settings).frames()
    except FrameError as error:
        for problem in error.problems:
            findings.add("CR184", spot, f"{entry.shot}: {problem.message}", problem.hint)
        return None


@attrs.frozen
class _Counting:
    entry: ShotEntry
    settings: ProjectSettings

    def frames(self) -> ShotFrames:
        e, handles = self.entry, self.settings.handles
        length = self._length()
        if length < 1:
            raise FrameError.at("CR184", "", "has no frames", "its last frame comes before its first")
        first = self._first(self.settings.source, e.first)
        rule = self.settings.reference
        alike = e.reference_first is None and e.first is not None and rule.count == "shot" and rule.at is None
        none = not e.has_reference
        reference = first if alike or none else self._first(rule, e.reference_first)
        around = 0 if rule.count == "record" else handles  # record handles would be the neighbours' pictures
        last = first + length - 1
        usable = first + e.head, last - e.tail
        if usable[1] < usable[0]:
            raise FrameError.at(
                "CR184", "", f"{length} frames, less head {e.head} and tail {e.tail}, leave none for pairs"
            )
        return ShotFrames(
            (first - handles, last + handles),
            (reference - around, reference + length - 1 + around),
            (first, last),
            usable,
            reference - first,
        )

    def _length(self) -> int:
        e = self.entry
        if e.first is not None and e.last is not None:
            return e.last - e.first + 1
        for begin, end in ((e.source_in, e.source_out), (e.record_in, e.record_out)):
            if begin and end:
                return frames_at(end, self.settings.fps) - frames_at(begin, self.settings.fps)
        raise FrameError.at(
            "CR184", "", "how long it is is not said", "give first and last, or source_in and source_out"
        )

    def _first(self, rule: ClipRule, given: int | None) -> int:
        if given is not None:
            return given
        if rule.count == "shot":
            return (START if rule.at is None else rule.at) + self.settings.handles
        time = self.entry.source_in if rule.count == "source" else self.entry.record_in
        if not time:
            raise FrameError.at(
                "CR184",
                "",
                f"files count {rule.count} timecode, and {rule.count}_in is not given",
                "give it, or first",
            )
        fps = self.settings.fps
        return frames_at(time, fps) - frames_at(rule.zero or "00:00:00:00", fps) + (rule.at or 0)
