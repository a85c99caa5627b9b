"""Colour: Colorspace, Grade, Multiply, Clamp, Saturation, Log2Lin, OCIOColorSpace, OCIODisplay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ycbcr
from ..call import MASKING, Call, NodeOp
from ..image import RGB, RGBA, Image, Pixels

__all__ = [
    "CLAMP",
    "COLORSPACE",
    "GRADE",
    "LOG2LIN",
    "MULTIPLY",
    "OCIO_COLORSPACE",
    "OCIO_DISPLAY",
    "SATURATION",
]

COMMON = frozenset({"channels", "unpremult", *MASKING})


def _per_channel(call: Call, work: Callable[[Pixels, tuple[str, ...]], Pixels]) -> Image:
    """``work`` on the channels that the ``channels`` knob names, then mask and mix."""
    _no_unpremult(call)
    image = call.input(0)
    names = call.channels("channels", image.channels)
    if not names:
        return image
    return call.masked(image, image.with_channels(names, work(image.select(names), names)))


def _on_rgb(call: Call, work: Callable[[Pixels], Pixels]) -> Image:
    """``work`` on red, green and blue together; refused if the ``channels`` knob splits them."""
    _no_unpremult(call)
    image = call.input(0)
    chosen = call.channels("channels", image.channels)
    colours = [c for c in chosen if c in RGB]
    if not colours:
        return image
    others = [c for c in chosen if c not in RGBA]
    if len(colours) < len([c for c in RGB if c in image.channels]) or others:
        call.refuse(
            "channels",
            f"only red, green and blue together are evaluated, not {' '.join(chosen)}",
            "set it to rgb",
        )
    return call.masked(image, image.with_channels(RGB, work(image.rgb())))


def _no_unpremult(call: Call) -> None:
    if call.is_set("unpremult") and call.text("unpremult").strip() not in ("none", "", "false"):
        call.refuse("unpremult", "unpremultiplying around the node is not evaluated", "set it to none")


def _colour(call: Call, knob: str, names: tuple[str, ...]) -> Pixels:
    """A colour knob as one number per channel; channels that are not of rgba take the first."""
    values = call.vector(knob, 4)
    return np.array([values[RGBA.index(n)] if n in RGBA else values[0] for n in names], np.float32)


# -- Colorspace


def _converted(call: Call) -> Image:
    source, target = call.choice("colorspace_in"), call.choice("colorspace_out")
    for knob, space in (("colorspace_in", source), ("colorspace_out", target)):
        if space not in ycbcr.supported():
            call.refuse(knob, f"{space} is not evaluated", "known: " + ", ".join(ycbcr.supported()))
    for ends in (("illuminant_in", "illuminant_out"), ("primary_in", "primary_out")):
        first, second = (call.choice(k) for k in ends)
        if first != second:
            call.refuse(
                ends[1],
                f"a change from {first} to {second} is not evaluated",
                "use OCIOColorSpace, or leave D65 and sRGB",
            )
    if source == target:
        return call.input(0)
    return _on_rgb(call, lambda rgb: ycbcr.encode(ycbcr.decode(rgb, source), target))


COLORSPACE = NodeOp(
    _converted,
    COMMON
    | {
        "colorspace_in",
        "colorspace_out",
        "illuminant_in",
        "illuminant_out",
        "primary_in",
        "primary_out",
        "bradford_matrix",
    }
    | {"colormatrix"},
)

# -- Grade


def _graded(call: Call) -> Image:
    def work(x: Pixels, names: tuple[str, ...]) -> Pixels:
        knob = {
            k: _colour(call, k, names)
            if call.is_set(k)
            else np.float32(1 if k in ("white", "whitepoint", "multiply", "gamma") else 0)
            for k in ("blackpoint", "whitepoint", "black", "white", "multiply", "add", "gamma")
        }
        span = knob["whitepoint"] - knob["blackpoint"]
        if np.any(span == 0):
            call.refuse("whitepoint", "equals the black point")
        if np.any(np.asarray(knob["gamma"]) <= 0):
            call.refuse("gamma", "is not above 0")
        slope = knob["multiply"] * (knob["white"] - knob["black"]) / span
        offset = knob["add"] + knob["black"] - slope * knob["blackpoint"]
        gamma = np.asarray(knob["gamma"])
        if call.flag("reverse"):
            if np.any(slope == 0):
                call.refuse("reverse", "a slope of 0 cannot be reversed")
            out = (_power(x, gamma) - offset) / slope
        elif np.all(slope == 1) and np.all(offset == 0):
            out = _power(x, 1 / gamma)
        else:
            out = _power(x * slope + offset, 1 / gamma)
        low = 0.0 if call.flag("black_clamp") else None
        high = 1.0 if call.flag("white_clamp") else None
        return np.asarray(out if low is None and high is None else np.clip(out, low, high), np.float32)

    return _per_channel(call, work)


def _power(x: Pixels, exponent: Any) -> Pixels:
    """x ** exponent for positive values, unchanged below 0 (a gamma has no meaning there)."""
    if np.all(exponent == 1):
        return x
    result: Pixels = np.where(x > 0, np.maximum(x, 0) ** exponent.astype(np.float32), x)
    return result


GRADE = NodeOp(
    _graded,
    COMMON
    | {
        "blackpoint",
        "whitepoint",
        "black",
        "white",
        "multiply",
        "add",
        "gamma",
        "reverse",
        "black_clamp",
        "white_clamp",
    },
)

# -- Multiply, Clamp, Saturation

MULTIPLY = NodeOp(
    lambda call: _per_channel(call, lambda x, names: x * _colour(call, "value", names)), COMMON | {"value"}
)


def _clamped(call: Call) -> Image:
    def work(x: Pixels, names: tuple[str, ...]) -> Pixels:
        low = _colour(call, "minimum", names) if call.flag("minimum_enable") else None
        high = _colour(call, "maximum", names) if call.flag("maximum_enable") else None
        return x if low is None and high is None else np.clip(x, low, high)

    return _per_channel(call, work)


CLAMP = NodeOp(_clamped, COMMON | {"minimum", "maximum", "minimum_enable", "maximum_enable"})

_LUMA = {
    "Rec 709": (0.2126, 0.7152, 0.0722),
    "Ccir 601": (0.299, 0.587, 0.114),
    "Average": (1 / 3, 1 / 3, 1 / 3),
}


def _saturated(call: Call) -> Image:
    mode, amount = call.choice("mode"), np.float32(call.number("saturation"))

    def work(rgb: Pixels) -> Pixels:
        if mode == "Maximum":
            grey = rgb.max(-1, keepdims=True)
        elif mode in _LUMA:
            grey = (rgb @ np.array(_LUMA[mode], np.float32))[..., None]
        else:
            call.refuse("mode", f"unknown mode {mode!r}")
        return np.asarray(grey + (rgb - grey) * amount, np.float32)

    return _on_rgb(call, work)


SATURATION = NodeOp(_saturated, COMMON | {"saturation", "mode"})

# -- Log2Lin


def _logged(call: Call) -> Image:
    operation = call.choice("operation")
    points = [
        np.array(call.vector(k, 3, (d,) * 3)) for k, d in (("black", 95.0), ("white", 685.0), ("gamma", 0.6))
    ]
    if np.any(points[0] >= points[1]) or np.any(points[2] <= 0):
        call.refuse("black", "black must lie below white, and gamma above 0")
    work = {"log2lin": ycbcr.log_to_lin, "lin2log": ycbcr.lin_to_log}.get(operation)
    if work is None:
        call.refuse("operation", f"unknown operation {operation!r}")
    return _on_rgb(call, lambda rgb: work(rgb, *points))


LOG2LIN = NodeOp(_logged, COMMON | {"operation", "black", "white", "gamma"})

# -- OCIO


OCIO_COLORSPACE = NodeOp(
    lambda call: _on_rgb(
        call,
        lambda rgb: call.evaluator.colour.convert(
            rgb, call.choice("in_colorspace"), call.choice("out_colorspace")
        ),
    ),
    COMMON | {"in_colorspace", "out_colorspace"},
)


def _displayed(call: Call) -> Image:
    image = call.input(0)
    rgb = call.evaluator.colour.display(
        image.rgb(),
        call.choice("colorspace"),
        call.choice("display"),
        call.choice("view"),
        inverse=call.flag("invert"),
    )
    return image.with_channels(RGB, rgb)


OCIO_DISPLAY = NodeOp(_displayed, frozenset({"colorspace", "display", "view", "invert"}))
