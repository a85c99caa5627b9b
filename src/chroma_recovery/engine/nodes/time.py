"""Time: FrameRange, FrameHold, AppendClip, TimeOffset.

FrameRange only says how long a branch is, it moves no frame (that is why ``FrameRange 1-1 -> FrameHold 471``
is one frame long and shows frame 471). AppendClip plays input 0 first, each from its own first frame, and
holds its first and last frame outside.
"""

from __future__ import annotations

from ...frames import FrameRange
from ..call import Call, NodeOp

__all__ = ["APPEND_CLIP", "FRAME_HOLD", "FRAME_RANGE", "TIME_OFFSET", "held_frame"]


def _own_range(call: Call) -> FrameRange:
    upstream = call.input_range() if call.has_input(0) else call.evaluator.root_range
    first = call.integer("first_frame") if call.is_set("first_frame") else upstream.first
    last = call.integer("last_frame") if call.is_set("last_frame") else upstream.last
    if last < first:
        call.refuse("last_frame", f"ends at {last}, before its first frame {first}")
    return FrameRange(first, last)


FRAME_RANGE = NodeOp(
    lambda call: call.input(), frozenset({"first_frame", "last_frame", "time"}), range=_own_range
)


def held_frame(call: Call) -> int:
    """The input frame that a FrameHold shows: first, then every ``increment``-th after it."""
    knob = "first_frame" if call.is_set("first_frame") and not call.is_set("firstFrame") else "firstFrame"
    first = call.integer(knob) if call.is_set(knob) else 0
    increment = call.integer("increment")
    if increment < 0:
        call.refuse("increment", f"is {increment}; only 0 and more are evaluated")
    return first if increment == 0 else first + (call.frame - first) // increment * increment


FRAME_HOLD = NodeOp(
    lambda call: call.input(0, held_frame(call)),
    frozenset({"firstFrame", "first_frame", "increment"}),
    needs=lambda call: [(0, held_frame(call))],
)


def _clips(call: Call) -> list[tuple[int, FrameRange]]:
    """(input number, its range) of the connected inputs, in play order."""
    clips = [(n, call.input_range(n)) for n in call.connected()]
    if not clips:
        call.fail("CR504", "nothing is connected", "connect at least one clip")
    return clips


def _playing(call: Call) -> tuple[int, int]:
    """(input number, input frame) that an AppendClip shows."""
    for knob in ("fadeIn", "fadeOut", "dissolve"):
        if call.is_set(knob) and call.number(knob) != 0:
            call.refuse(knob, "fades and dissolves between clips are not evaluated", "set it to 0")
    clips = _clips(call)
    at = max(0, call.frame - call.integer("firstFrame"))
    for number, span in clips:
        if at < len(span):
            return number, span.first + at
        at -= len(span)
    number, span = clips[-1]
    return number, span.last


def _appended(call: Call) -> FrameRange:
    first = call.integer("firstFrame")
    return FrameRange(first, first + sum(len(span) for _, span in _clips(call)) - 1)


APPEND_CLIP = NodeOp(
    lambda call: call.input(*_playing(call)),
    frozenset({"firstFrame", "lastFrame", "fadeIn", "fadeOut", "dissolve", "time", "meta_from_first"}),
    range=_appended,
    needs=lambda call: [_playing(call)],
)


def _offset_range(call: Call) -> FrameRange:
    upstream, by = call.input_range(), call.integer("time_offset")
    return FrameRange(upstream.first + by, upstream.last + by)


def _offset_frame(call: Call) -> int:
    return call.frame - call.integer("time_offset")


TIME_OFFSET = NodeOp(
    lambda call: call.input(0, _offset_frame(call)),
    frozenset({"time_offset", "time"}),
    range=_offset_range,
    needs=lambda call: [(0, _offset_frame(call))],
)
