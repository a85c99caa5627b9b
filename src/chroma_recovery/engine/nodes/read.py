"""Read: image files, their frame range, and the conversion into the working space."""

from __future__ import annotations

from pathlib import Path

import attrs

from ...errors import ImageFileError
from ...frames import FrameRange, Pattern
from ...paths import posix
from ..call import Call, NodeOp, words
from ..files import FileImage, read_format, read_image
from ..formats import parse_format
from ..image import ALPHA, RGB, Format, Image

__all__ = ["READ", "file_frame", "read_pattern"]


def read_pattern(call: Call) -> Pattern:
    """The file pattern, with the project folder in front where it is relative."""
    return Pattern.parse(posix(call.evaluator.path(call.name)))


def _range(call: Call) -> FrameRange:
    if call.is_set("frame") and call.text("frame").strip():
        call.refuse("frame", "retiming a Read is not evaluated", "use TimeOffset, or leave it empty")
    first, last = call.integer("first"), call.integer("last")
    if last < first:
        call.refuse("last", f"is {last}, before first, which is {first}")
    return FrameRange(first, last)


def file_frame(call: Call) -> int | None:
    """The frame number of the file that is read; None where ``before`` or ``after`` says black."""
    span = _range(call)
    frame = call.frame
    if frame in span:
        return frame
    rule = call.choice("before" if frame < span.first else "after")
    if rule == "black":
        return None
    if rule == "hold":
        return span.first if frame < span.first else span.last
    size = len(span)
    at = frame - span.first
    if rule == "loop":
        return span.first + at % size
    if rule == "bounce":
        turn = at % (2 * size)
        return span.first + (turn if turn < size else 2 * size - 1 - turn)
    call.refuse("before", f"unknown rule {rule!r}")


def _existing(pattern: Pattern, span: FrameRange, frame: int) -> int | None:
    """The nearest frame of the range whose file exists (the earlier one of two as near)."""
    near = sorted(span, key=lambda f: (abs(f - frame), f))
    return next((f for f in near if Path(pattern.at(f)).is_file()), None)


def _read(call: Call) -> Image:
    pattern, span = read_pattern(call), _range(call)
    frame = file_frame(call)
    if frame is None:
        return _black(call)
    path = Path(pattern.at(frame))
    if not path.is_file():
        rule = call.choice("on_error")
        if rule == "black":
            return _black(call)
        if rule == "nearest frame":
            near = _existing(pattern, span, frame)
            if near is not None:
                path = Path(pattern.at(near))
        elif rule != "error":
            call.refuse("on_error", f"{rule!r} is not evaluated", "use error, black or nearest frame")
    try:
        found = read_image(path)
    except ImageFileError as error:
        raise ImageFileError(
            [
                attrs.evolve(p, message=f"{p.message} (read by {call.name}, frame {call.frame})")
                for p in error.problems
            ]
        ) from error
    raw = call.is_set("raw") and call.flag("raw")
    image = found.image if raw else _into_working_space(call, found)
    format = _said_format(call)
    if format is not None and (format.width, format.height) == (image.format.width, image.format.height):
        image = attrs.evolve(image, format=format)
    if call.is_set("auto_alpha") and call.flag("auto_alpha") and ALPHA not in image.channels:
        ones = Image.filled(image.box, image.format, (ALPHA,), 1.0).pixels
        image = image.with_channels((ALPHA,), ones)
    metadata = {**image.metadata, "input/filename": posix(path), "input/frame": str(frame)}
    return attrs.evolve(image, metadata=metadata)


def _into_working_space(call: Call, found: FileImage) -> Image:
    colour = call.evaluator.colour
    named = call.choice("colorspace")
    source = colour.default_space(found.kind) if named in ("default", "") else named
    if not any(c in found.channels for c in RGB):
        return found.image
    if call.is_set("premultiplied") and call.flag("premultiplied"):
        call.refuse("premultiplied", "is not evaluated", "switch it off")
    return found.converted(lambda rgb: colour.convert(rgb, source, colour.working))


def _said_format(call: Call) -> Format | None:
    if not call.is_set("format"):
        return None
    try:
        return parse_format(call.text("format"))
    except ValueError as error:
        call.refuse("format", str(error))


def _format(call: Call) -> Format:
    pattern, span = read_pattern(call), _range(call)
    said = _said_format(call)
    near = _existing(pattern, span, min(max(call.frame, span.first), span.last))
    if near is None:
        if said is not None:
            return said
        read_format(Path(pattern.at(span.first)))  # raises, naming the file
    format, _ = read_format(Path(pattern.at(near if near is not None else span.first)))
    same = said is not None and (said.width, said.height) == (format.width, format.height)
    return said if same and said is not None else format


def _black(call: Call) -> Image:
    format = _format(call)
    return Image.filled(format.box, format, RGB, black_outside=True)


READ = NodeOp(
    _read,
    words(
        "file file_type first last origfirst origlast origset before after on_error colorspace raw "
        "auto_alpha format premultiplied localizationPolicy cacheLocal version proxy proxy_format "
        "in_colorspace out_colorspace frame_mode frame"
    ),
    range=_range,
    format=_format,
)
