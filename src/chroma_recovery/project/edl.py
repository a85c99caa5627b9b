"""CMX 3600 edit decision lists: events, reels, dissolves and clip names, as far as a shot list needs them.

An event is ``NUMBER REEL TRACKS TRANSITION [LENGTH] SOURCE_IN SOURCE_OUT RECORD_IN RECORD_OUT``; out points are
exclusive. A dissolve (``D``) or wipe (``W001``) is two lines with one number: the outgoing clip as a cut of length 0,
then the incoming clip. ``M2`` retimes an event. ``* FROM CLIP NAME:`` and ``* TO CLIP NAME:`` name the clips.
Lines that say nothing about picture are skipped; a line that fits nothing is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from ..errors import FrameError
from ..preset.places import Findings, Spot, Text
from .timecode import frames_at

__all__ = ["Event", "read_edl"]

_TC = r"([0-9]{2}:[0-9]{2}:[0-9]{2}[:;.,][0-9]{2})"
_EVENT = re.compile(
    rf"\s*([0-9]{{1,6}}[A-Z]?)\s+(\S{{1,64}})\s+(\S+)\s+(C|D|W[0-9]{{1,3}}|K[BO]?)(?:\s+([0-9]{{1,4}}))?"
    rf"\s+{_TC}\s+{_TC}\s+{_TC}\s+{_TC}\s*\Z"
)
_NOTE = re.compile(r"\*\s*(FROM|TO) CLIP NAME:\s*(.*\S)\s*\Z", re.IGNORECASE)
_SPEED = re.compile(r"M2\s+(\S+)\s+(-?[0-9]{1,4}(?:\.[0-9]{1,4})?)\s+\S+\s*\Z")
_FCM = re.compile(r"FCM:\s*(NON[- ]DROP|DROP)[- ]FRAME\s*\Z", re.IGNORECASE)
_SKIPPED = re.compile(
    r"(\*|TITLE:|>>>|SPLIT:|AUD\b|GPI\b|EFFECTS NAME|FINAL CUT PRO|SOURCE FILE|M1\b|DISSOLVE|KEY\b|BLEND|REEL\b)",
    re.I,
)


@attrs.define
class Event:
    """One picture event. Frames are counted from timecode 0; out points are exclusive and include the frames for which
    a clip goes on under the next dissolve. head, tail: frames at its ends that are mixed with a neighbour's. speed:
    frames per second of an M2 line, as a share of the list's rate."""

    spot: Spot
    number: str
    reel: str
    clip: str
    source: tuple[int, int]
    record: tuple[int, int]
    head: int = 0
    tail: int = 0
    speed: float = 1.0


def read_edl(text: Text, fps: float, findings: Findings) -> list[Event]:
    """Picture events in order; mistakes go to ``findings`` (CR180)."""
    reader = _Reader(fps, findings)
    for number, line in enumerate(text.lines, start=1):
        spot = Spot(text, number, 1, max(1, len(line)))
        if line.strip():
            reader.line(line, spot)
    return list(reader.finished())


class _Reader:
    def __init__(self, fps: float, findings: Findings) -> None:
        self.fps, self.findings, self.drop = fps, findings, False
        self.events: list[Event] = []
        self.outgoing: Event | None = None

    def line(self, line: str, spot: Spot) -> None:
        if match := _EVENT.match(line):
            self._event(match, spot)
        elif match := _NOTE.match(line.strip()):
            self._named(match[1].upper(), match[2])
        elif match := _SPEED.match(line.strip()):
            self._speed(match[1], float(match[2]))
        elif match := _FCM.match(line.strip()):
            self.drop = match[1].upper() == "DROP"
        elif not _SKIPPED.match(line.strip()):
            self.findings.add(
                "CR180",
                spot,
                f"cannot read {line.strip()[:60]!r}",
                "an event is NUMBER REEL TRACKS TRANSITION, source in and out, record in and out",
            )

    def _event(self, match: re.Match[str], spot: Spot) -> None:
        number, reel, tracks, transition, length = match[1], match[2], match[3].upper(), match[4], match[5]
        if "V" not in tracks and tracks not in ("B", "NONE"):
            return
        try:
            times = [
                frames_at(match[n].replace(".", ":").replace(",", ";"), self.fps, drop=self.drop)
                for n in range(6, 10)
            ]
        except FrameError as error:
            problem = error.problems[0]
            self.findings.add("CR180", spot, problem.message, problem.hint)
            return
        source, record = (times[0], times[1]), (times[2], times[3])
        if source[1] < source[0] or record[1] < record[0]:
            self.findings.add("CR180", spot, f"event {number} ends before it begins", "check the timecodes")
            return
        event = Event(spot, number, reel, "", source, record)
        if transition == "C" and source[0] == source[1] and record[0] == record[1]:
            self.outgoing = event  # the first line of a dissolve: where the clip before goes on from
            return
        if transition != "C":
            event.head = int(length or 0)
            before = self._continued(event, number)
            if before is not None:
                before.tail = event.head
                before.source = before.source[0], before.source[1] + event.head
                before.record = before.record[0], before.record[1] + event.head
        self.outgoing = None
        self.events.append(event)

    def _continued(self, event: Event, number: str) -> Event | None:
        """The event that a dissolve comes from: the one before it, if it ends where the dissolve begins."""
        if self.outgoing is None or self.outgoing.number != number or not self.events:
            return None
        last = self.events[-1]
        return last if last.record[1] == event.record[0] and last.reel == self.outgoing.reel else None

    def _named(self, which: str, name: str) -> None:
        """TO names the incoming clip; FROM names the event's own clip, or the outgoing one in a dissolve."""
        if not self.events:
            return
        last = self.events[-1]
        if which == "TO":
            last.clip = name
        elif last.head and len(self.events) > 1:
            before = self.events[-2]
            before.clip = before.clip or name
        else:
            last.clip = name

    def _speed(self, reel: str, rate: float) -> None:
        if self.events and self.events[-1].reel == reel:
            self.events[-1].speed = rate / round(self.fps)

    def finished(self) -> Iterator[Event]:
        for event in self.events:
            if event.reel.upper() in ("BL", "BLACK"):
                continue
            lengths = event.source[1] - event.source[0], event.record[1] - event.record[0]
            if lengths[0] != lengths[1] and event.speed == 1.0:
                event.speed = lengths[0] / lengths[1] if lengths[1] else 0.0
            if event.record[1] > event.record[0]:
                yield event
