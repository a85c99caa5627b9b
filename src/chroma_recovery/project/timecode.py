"""Timecode to frames, drop-frame included (SMPTE ST 12-1)."""

from __future__ import annotations

import re

from ..errors import FrameError

__all__ = ["frames_at"]

_TIMECODE = re.compile(r"([0-9]{1,2}):([0-9]{2}):([0-9]{2})([:;])([0-9]{2})\Z", re.ASCII)


def frames_at(text: str, fps: float, *, drop: bool = False) -> int:
    """Frames counted from 00:00:00:00 at the next whole rate; ``;`` before the frames, or ``drop``, is drop-frame.

    Raises FrameError (CR805) for what is no timecode at this rate.

    >>> frames_at("00:00:19:15", 24)
    471
    >>> frames_at("00:10:00;00", 29.97)
    17982
    """
    rate = max(1, round(fps))
    match = _TIMECODE.match(text)
    if not match:
        raise FrameError.at("CR805", "", f"{text!r} is no timecode", "write HH:MM:SS:FF")
    hours, minutes, seconds, count = (int(match[n]) for n in (1, 2, 3, 5))
    if minutes > 59 or seconds > 59 or count >= rate:
        raise FrameError.at("CR805", "", f"{text} is no timecode at {rate} frames per second", "check fps")
    total = ((hours * 60 + minutes) * 60 + seconds) * rate + count
    if not (drop or match[4] == ";"):
        return total
    if rate not in (30, 60):
        raise FrameError.at(
            "CR805", "", f"{text} is drop-frame, which exists at 29.97 and 59.94 only", "check fps"
        )
    dropped = rate // 15
    if minutes % 10 and seconds == 0 and count < dropped:
        raise FrameError.at("CR805", "", f"{text} does not exist in drop-frame timecode")
    whole = hours * 60 + minutes
    return total - dropped * (whole - whole // 10)
