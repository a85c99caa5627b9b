"""Pictures made or laid out: Constant, ContactSheet."""

from __future__ import annotations

import attrs
import numpy as np

from ...frames import FrameRange
from ..call import Call, NodeOp, words
from ..channels import layer_channels
from ..formats import parse_format
from ..image import RGBA, Box, Format, Image
from ..resample import KERNELS, scale

__all__ = ["CONSTANT", "CONTACT_SHEET"]


def _format(call: Call) -> Format:
    if not call.is_set("format"):
        return call.evaluator.root_format
    try:
        return parse_format(call.text("format"))
    except ValueError as error:
        call.refuse("format", str(error))


def _constant(call: Call) -> Image:
    colour, format = call.vector("color", 4, (0.0, 0.0, 0.0, 0.0)), _format(call)
    names = layer_channels(call.text("channels").strip())
    if not names:
        call.refuse("channels", f"unknown layer {call.text('channels')!r}")
    values = [colour[RGBA.index(n)] if n in RGBA else colour[0] for n in names]
    return Image.filled(format.box, format, names, values)


CONSTANT = NodeOp(
    _constant,
    frozenset({"channels", "color", "format", "first", "last"}),
    range=lambda call: FrameRange(call.integer("first"), max(call.integer("first"), call.integer("last"))),
    format=_format,
)


def _places(call: Call) -> list[tuple[int, int]]:
    """(input, frame) of every cell in order: the inputs, or with splitinputs the frames of input 0."""
    if not call.flag("splitinputs"):
        return [(n, call.frame) for n in call.connected()]
    first, last = call.integer("startframe"), call.integer("endframe")
    span = (
        call.input_range()
        if not (call.is_set("startframe") and call.is_set("endframe"))
        else FrameRange(first, last)
    )
    return [(0, f) for f in span][: call.integer("rows") * call.integer("columns")]


def _sheet_format(call: Call) -> Format:
    return Format(call.integer("width"), call.integer("height"))


def _sheet(call: Call) -> Image:
    rows, columns, gap = call.integer("rows"), call.integer("columns"), call.integer("gap")
    format = _sheet_format(call)
    if rows < 1 or columns < 1:
        call.refuse("rows", "rows and columns are at least 1")
    width, height = (format.width - gap * (columns - 1)) / columns, (format.height - gap * (rows - 1)) / rows
    if width < 1 or height < 1:
        call.refuse("gap", "leaves no room for the pictures")
    order, row_order = call.choice("colorder"), call.choice("roworder")
    pictures = [call.input(n, f) for n, f in _places(call)[: rows * columns]]
    if not pictures:
        call.fail("CR504", "nothing is connected", "connect at least one picture")
    names = [c for c in RGBA if any(c in p.channels for p in pictures)]
    out = np.zeros((format.height, format.width, len(names)), np.float32)
    for n, picture in enumerate(pictures):
        row, column = divmod(n, columns)
        if order == "RightLeft" or (order == "Snake" and row % 2):
            column = columns - 1 - column
        from_top = row if row_order == "TopBottom" else rows - 1 - row
        left, top = round(column * (width + gap)), round(from_top * (height + gap))
        cell = Box(0, 0, min(round(width), format.width - left), min(round(height), format.height - top))
        small = _fitted(picture, cell, centred=call.flag("center"))
        out[top : top + cell.height, left : left + cell.width] = small.select(names)
    return Image(out, tuple(names), format.box, format)


def _fitted(picture: Image, cell: Box, *, centred: bool) -> Image:
    """The picture's format scaled to fit a cell, keeping its shape; lower left, or in the middle."""
    source = picture.format
    by = min(cell.width / (source.width * source.pixel_aspect), cell.height / source.height)
    sx, sy = by * source.pixel_aspect, by
    tx, ty = (
        ((cell.width - source.width * sx) / 2, (cell.height - source.height * sy) / 2)
        if centred
        else (0.0, 0.0)
    )
    whole = attrs.evolve(picture.crop_to(source.box), black_outside=True)
    pixels = scale(whole, cell, sx, sy, tx, ty, KERNELS["cubic"])
    return attrs.evolve(whole, pixels=pixels, box=cell)


CONTACT_SHEET = NodeOp(
    _sheet,
    words("width height rows columns gap center colorder roworder splitinputs startframe endframe"),
    format=_sheet_format,
    needs=_places,
)
