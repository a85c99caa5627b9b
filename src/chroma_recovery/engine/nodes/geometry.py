"""Geometry: Transform, Crop, Reformat, Mirror2, CopyBBox, BlackOutside, AdjBBox."""

from __future__ import annotations

import math

import attrs
import numpy as np

from ..call import Call, NodeOp, words
from ..formats import parse_format
from ..image import Box, Format, Image
from ..resample import KERNELS, Kernel, Matrix, corners_box, scale, warp

__all__ = [
    "ADJ_BBOX",
    "BLACK_OUTSIDE",
    "COPY_BBOX",
    "CROP",
    "MIRROR2",
    "REFORMAT",
    "TRANSFORM",
    "crop_box",
    "moved_by",
    "moved_image",
    "transform_matrix",
]

NEAR = 1e-6
"""A window edge this close to a whole pixel counts as whole."""


def filter_kernel(call: Call, knob: str = "filter") -> Kernel:
    name = call.choice(knob)
    if name not in KERNELS:
        call.refuse(knob, f"filter {name!r} is not evaluated", "known: " + ", ".join(KERNELS))
    return KERNELS[name]


def outer(x: float, y: float, r: float, t: float) -> Box:
    """The smallest whole box around these bounds."""
    return Box(math.floor(x + NEAR), math.floor(y + NEAR), math.ceil(r - NEAR), math.ceil(t - NEAR))


def moved_image(
    image: Image, matrix: Matrix, kernel: Kernel, *, black_outside: bool, format: Format | None = None
) -> Image:
    """The image through a 3x3 map of coordinates (source to output, x right, y up), filtered.

    black_outside: what lies outside the source's data window is black, with soft edges; else as the image
    says. The new data window surrounds the old one's corners, cut to the format grown by its own size on
    every side.
    """
    if black_outside and not image.black_outside:
        image = attrs.evolve(image, black_outside=True)
    format = format or image.format
    matrix = np.asarray(matrix, np.float64) / matrix[2][2]
    limit = Box(-format.width, -format.height, 2 * format.width, 2 * format.height)
    bounds = corners_box(matrix, image.box)
    box = limit if bounds is None else outer(*(float(np.clip(b, -1e9, 1e9)) for b in bounds)).intersect(limit)
    if image.box.empty or box.empty:
        empty = Box(box.x, box.y, box.x, box.y)
        return attrs.evolve(
            image, pixels=np.zeros((0, 0, len(image.channels)), np.float32), box=empty, format=format
        )
    affine = abs(matrix[2, 0]) < 1e-15 and abs(matrix[2, 1]) < 1e-15
    straight = affine and matrix[0, 1] == 0 and matrix[1, 0] == 0 and matrix[0, 0] > 0 and matrix[1, 1] > 0
    if (
        straight
        and matrix[0, 0] == 1
        and matrix[1, 1] == 1
        and matrix[0, 2] % 1 == 0
        and matrix[1, 2] % 1 == 0
    ):
        pixels = image.area(box.moved(-int(matrix[0, 2]), -int(matrix[1, 2])))
    elif straight:
        pixels = scale(image, box, matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2], kernel)
    else:
        pixels = warp(image, box, np.asarray(np.linalg.inv(matrix), np.float64), kernel)
    return attrs.evolve(image, pixels=pixels, box=box, format=format)


# -- Transform


def transform_matrix(call: Call) -> Matrix:
    """3x3 of a Transform: scale, then skew, then rotation (degrees, counter-clockwise) about ``center``, then
    translate."""
    for knob in ("skewX", "skewY"):
        if call.is_set(knob) and call.number(knob) != 0:
            call.refuse(
                knob, "the unit of Nuke's skew is not documented, so it is not evaluated", "set it to 0"
            )
    tx, ty = call.vector("translate", 2, (0.0, 0.0))
    sx, sy = call.vector("scale", 2, (1.0, 1.0))
    cx, cy = call.vector("center", 2, (0.0, 0.0))
    angle = math.radians(call.number("rotate"))
    if sx == 0 or sy == 0:
        call.refuse("scale", "a scale of 0 leaves no picture")
    cos, sin = (1.0, 0.0) if angle == 0 else (math.cos(angle), math.sin(angle))
    forward = np.array([[sx * cos, -sy * sin, 0.0], [sx * sin, sy * cos, 0.0], [0.0, 0.0, 1.0]])
    forward[:2, 2] = (cx + tx, cy + ty) - forward[:2, :2] @ (cx, cy)
    return np.linalg.inv(forward) if call.is_set("invert_matrix") and call.flag("invert_matrix") else forward


def moved_by(call: Call, matrix: Matrix) -> Image:
    """The input through a map, with the node's filter and black_outside; a map that moves nothing, to 1e-12, changes
    nothing. Refuses motion blur."""
    if call.is_set("motionblur") and call.number("motionblur") != 0:
        call.refuse("motionblur", "motion blur is not evaluated", "set it to 0")
    image, black = call.input(0), call.flag("black_outside")
    if np.allclose(matrix, np.eye(3), rtol=0, atol=1e-12):
        return attrs.evolve(image, black_outside=True) if black else image
    return moved_image(image, matrix, filter_kernel(call), black_outside=black)


def _transformed(call: Call) -> Image:
    return moved_by(call, transform_matrix(call))


TRANSFORM = NodeOp(
    _transformed,
    words(
        "translate rotate scale skewX skewY skew_order center filter black_outside invert_matrix "
        "motionblur shutter shutteroffset shuttercustomoffset"
    ),
)

# -- Crop


def crop_box(call: Call) -> Box:
    """The box of a Crop, each side rounded to the nearest whole pixel; the input's format where it is not
    set."""
    if not call.is_set("box"):
        return call.input_format().box
    x, y, r, t = (math.floor(v + 0.5) for v in call.vector("box", 4))
    if r <= x or t <= y:
        call.refuse("box", f"{x} {y} {r} {t} holds no pixel")
    return Box(x, y, r, t)


def _cropped(call: Call) -> Image:
    if call.is_set("softness") and any(call.vector("softness")):
        call.refuse("softness", "soft edges are not evaluated", "set it to 0")
    image = call.input(0)
    whole = crop_box(call)
    box = whole.intersect(image.box) if call.flag("intersect") else whole
    cut = image.crop_to(box, None)
    if call.flag("crop"):
        cut = attrs.evolve(cut, black_outside=True)
    if not call.flag("reformat"):
        return cut
    format = Format(whole.width, whole.height, image.format.pixel_aspect)
    return attrs.evolve(cut, box=box.moved(-whole.x, -whole.y), format=format)


def _crop_format(call: Call) -> Format:
    upstream = call.input_format()
    if not call.flag("reformat"):
        return upstream
    box = crop_box(call)
    return Format(box.width, box.height, upstream.pixel_aspect)


CROP = NodeOp(
    _cropped, frozenset({"box", "preset", "softness", "reformat", "intersect", "crop"}), format=_crop_format
)

# -- Reformat


@attrs.frozen
class Fit:
    """How a Reformat places the input: out = scale * in + move, in a new format."""

    sx: float
    sy: float
    tx: float
    ty: float
    format: Format


def reformat_fit(call: Call, source: Format) -> Fit:
    """Keeps the picture's shape on screen (pixel aspects counted), except for ``distort``."""
    kind, resize = call.choice("type"), call.choice("resize")
    keep = True
    if kind == "to format":
        target = call.evaluator.root_format
        if call.is_set("format"):
            try:
                target = parse_format(call.text("format"))
            except ValueError as error:
                call.refuse("format", str(error))
    elif kind == "to box":
        target = Format(
            call.integer("box_width"), call.integer("box_height"), call.number("box_pixel_aspect")
        )
        keep = call.flag("box_fixed")
    elif kind == "scale":
        by = call.vector("scale", 2, (1.0, 1.0))
        target = Format(round(source.width * by[0]), round(source.height * by[1]), source.pixel_aspect)
        resize = "distort"
    else:
        call.refuse("type", f"unknown type {kind!r}")
    if target.width < 1 or target.height < 1:
        call.refuse("type", f"the new format is {target}, which holds no pixel")
    wide, high = target.width / source.width, target.height / source.height
    aspect = target.pixel_aspect / source.pixel_aspect
    by_width, by_height = (wide, wide * aspect), (high / aspect, high)
    scales = {
        "none": (1.0, 1.0),
        "width": by_width,
        "height": by_height,
        "fit": min(by_width, by_height),
        "fill": max(by_width, by_height),
        "distort": (wide, high),
    }
    if resize not in scales:
        call.refuse("resize", f"unknown way {resize!r}")
    sx, sy = scales[resize]
    if not keep and resize in ("width", "height", "fit", "fill"):
        size = max(1, round(source.width * sx)), max(1, round(source.height * sy))
        target = Format(size[0], size[1], target.pixel_aspect)
    tx = ty = 0.0
    if call.flag("center"):
        tx, ty = (target.width - source.width * sx) / 2, (target.height - source.height * sy) / 2
        if resize == "none":
            tx, ty = math.floor(tx), math.floor(ty)
    return Fit(sx, sy, tx, ty, target)


def _reformatted(call: Call) -> Image:
    if call.is_set("turn") and call.flag("turn"):
        call.refuse("turn", "the direction of the turn is not documented, so it is not evaluated")
    image = call.input(0)
    fit = reformat_fit(call, image.format)
    black = call.flag("black_outside")
    matrix = np.array([[fit.sx, 0.0, fit.tx], [0.0, fit.sy, fit.ty], [0.0, 0.0, 1.0]])
    if black and not image.black_outside and (fit.sx, fit.sy) == (1.0, 1.0):
        image = attrs.evolve(image, black_outside=True)
    moved = moved_image(image, matrix, filter_kernel(call), black_outside=False, format=fit.format)
    flip, flop = (call.is_set(k) and call.flag(k) for k in ("flip", "flop"))
    if flip or flop:
        moved = mirrored(moved, flip=flip, flop=flop)
    if not call.flag("pbb"):
        moved = moved.crop_to(moved.box.intersect(fit.format.box), None)
    return attrs.evolve(moved, black_outside=True) if black else moved


REFORMAT = NodeOp(
    _reformatted,
    words(
        "type format box_width box_height box_fixed box_pixel_aspect scale resize center flip flop turn "
        "filter black_outside pbb"
    ),
    format=lambda call: reformat_fit(call, call.input_format()).format,
)

# -- Mirror2 and windows


def mirrored(image: Image, *, flip: bool, flop: bool) -> Image:
    """Turned upside down (flip) and left to right (flop) about the middle of the format."""
    box, pixels = image.box, image.pixels
    if flip:
        pixels = pixels[::-1]
        box = Box(box.x, image.format.height - box.t, box.r, image.format.height - box.y)
    if flop:
        pixels = pixels[:, ::-1]
        box = Box(image.format.width - box.r, box.y, image.format.width - box.x, box.t)
    return attrs.evolve(image, pixels=np.ascontiguousarray(pixels), box=box)


MIRROR2 = NodeOp(
    lambda call: mirrored(call.input(0), flip=call.flag("flip"), flop=call.flag("flop")),
    frozenset({"flip", "flop"}),
)

COPY_BBOX = NodeOp(lambda call: call.input(0).crop_to(call.input(1).box, None))
"""Input 0 with the data window of input 1; where it is larger, what input 0 has there."""

BLACK_OUTSIDE = NodeOp(lambda call: attrs.evolve(call.input(0), black_outside=True))


def _adjusted(call: Call) -> Image:
    image = call.input(0)
    dx, dy = (round(v) for v in call.vector("numpixels", 2, (25.0, 25.0)))
    x, y, r, t = image.box.x - dx, image.box.y - dy, image.box.r + dx, image.box.t + dy
    if r <= x or t <= y:
        call.refuse("numpixels", "leaves no pixel")
    return image.crop_to(Box(x, y, r, t), None)


ADJ_BBOX = NodeOp(_adjusted, frozenset({"numpixels"}))
