"""Frame numbers, ranges and file sequences: one grammar, used everywhere.

A range is written ``10``, ``10-20`` or ``10-20x5`` (every fifth), several joined by commas. It converts to Nuke's
spelling (``10-20x5``, blanks between parts) and to Open Job Description's (``10-20:5``, commas).
A sequence pattern holds one run of ``#`` or one ``%0Nd``: ``plate.####.exr``, ``plate.%04d.exr``.

>>> parse_frames("1-3,8")
(1, 2, 3, 8)
>>> format_frames((1, 2, 3, 8, 10, 12))
'1-3,8-12x2'
>>> Pattern.parse("plate.####.exr").at(7)
'plate.0007.exr'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs

from .errors import FrameError

__all__ = ["FrameRange", "Pattern", "format_frames", "parse_frames", "timecode"]

MOST_FRAMES = 2_000_000
"""More frames than any film has (2 million = 23 hours at 24 fps); guards against absurd ranges."""

_PART = re.compile(r"\s*(-?\d{1,9})(?:\s*-\s*(-?\d{1,9})(?:\s*x\s*(\d{1,9}))?)?\s*\Z", re.ASCII)


@attrs.frozen(order=True)
class FrameRange:
    """Inclusive run of whole frames, ``first <= last``."""

    first: int
    last: int

    def __attrs_post_init__(self) -> None:
        if self.last < self.first:
            raise FrameError.at("CR801", "", f"frame range {self.first}-{self.last} ends before it begins")
        if self.last - self.first >= MOST_FRAMES:
            raise FrameError.at(
                "CR802", "", f"frame range {self.first}-{self.last} is longer than {MOST_FRAMES} frames"
            )

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.first <= frame <= self.last

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def parse_frames(text: str) -> tuple[int, ...]:
    """Frames named by a range text, in the order written, doubles dropped.

    Raises FrameError (CR803) if a part is not ``N``, ``N-M`` or ``N-MxS``, (CR801) if it runs backwards,
    (CR802) if it is absurdly long.
    """
    frames: dict[int, None] = {}
    for part in text.split(","):
        match = _PART.match(part)
        if not match:
            raise FrameError.at(
                "CR803",
                "",
                f"cannot read frames {part.strip()!r}",
                "write 10, 10-20 or 10-20x5, joined by commas",
            )
        first = int(match[1])
        span = FrameRange(first, int(match[2]) if match[2] else first)
        step = int(match[3]) if match[3] else 1
        if step < 1:
            raise FrameError.at("CR803", "", f"step 0 in {part.strip()!r}", "a step is 1 or more")
        if len(frames) + len(span) // step > MOST_FRAMES:
            raise FrameError.at("CR802", "", f"more than {MOST_FRAMES} frames in {text[:40]!r}")
        frames.update(dict.fromkeys(range(span.first, span.last + 1, step)))
    return tuple(frames)


def format_frames(frames: Iterable[int], *, step: str = "x", join: str = ",") -> str:
    """The shortest usual text for frames (sorted, doubles dropped); ``step=':'`` gives Open Job Description's."""
    left = sorted(set(frames))
    parts: list[str] = []
    at = 0
    while at < len(left):
        run = 1
        gap = left[at + 1] - left[at] if len(left) > at + 1 else 1
        while at + run < len(left) and left[at + run] - left[at + run - 1] == gap:
            run += 1
        if run == 1 or (run == 2 and gap > 1):
            parts.append(str(left[at]))
            run = 1
        else:
            parts.append(f"{left[at]}-{left[at + run - 1]}" + (f"{step}{gap}" if gap > 1 else ""))
        at += run
    return join.join(parts)


def timecode(frame: int, fps: float) -> str:
    """Non-drop timecode of a frame counted from 0, at the next whole frame rate (23.976 counts as 24).

    >>> timecode(471, 24)
    '00:00:19:15'
    """
    rate = max(1, round(fps))
    seconds, left = divmod(abs(frame), rate)
    sign = "-" if frame < 0 else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{left:02d}"


_TOKEN = re.compile(r"#+|%0?(\d*)d")


@attrs.frozen
class Pattern:
    """File name pattern of a sequence, or of a single file (``token`` is then empty)."""

    text: str
    token: str
    width: int

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Raises FrameError (CR804) if the file name holds more than one frame token or one in a folder name."""
        tokens = list(_TOKEN.finditer(text))
        if not tokens:
            return cls(text, "", 0)
        if len(tokens) > 1:
            raise FrameError.at(
                "CR804", "", f"{text!r} has {len(tokens)} frame tokens", "keep one of ####, %04d"
            )
        token = tokens[0]
        if "/" in text[token.end() :]:
            raise FrameError.at(
                "CR804", "", f"{text!r} has its frame token in a folder name", "put it in the file name"
            )
        width = len(token[0]) if token[0][0] == "#" else int(token[1][:9] or 1)
        if width > 12:
            raise FrameError.at("CR804", "", f"frame token {token[0][:20]!r} is wider than 12 digits")
        return cls(text, token[0], width)

    @property
    def is_sequence(self) -> bool:
        return bool(self.token)

    def at(self, frame: int) -> str:
        """The path of one frame."""
        if not self.token:
            return self.text
        number = f"{frame:0{self.width + (frame < 0)}d}"
        return self.text.replace(self.token, number, 1)

    def regex(self) -> re.Pattern[str]:
        """Matches the file *name* (no folder) of any frame; group 1 is the number."""
        name = self.text.rsplit("/", 1)[-1]
        if not self.token:
            return re.compile(re.escape(name) + r"()\Z")
        before, after = name.split(self.token, 1)
        return re.compile(re.escape(before) + rf"(-?\d{{{self.width},}})" + re.escape(after) + r"\Z")
