"""Several inputs into one: Merge2, Dissolve, Switch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from ..call import MASK, MASKING, Call, NodeOp, words
from ..channels import layer_channels
from ..image import ALPHA, Image, Pixels
from .channel import copy_box

__all__ = ["DISSOLVE", "MERGE2", "OPERATIONS", "SWITCH"]

# -- Merge2

Blend = Callable[[Pixels, Pixels, Pixels, Pixels], Any]


def _hard_light(a: Pixels, b: Pixels) -> Any:
    return np.where(a < 0.5, 2 * a * b, 1 - 2 * (1 - a) * (1 - b))


def _divide(a: Pixels, b: Pixels) -> Pixels:
    return np.divide(a, b, out=np.zeros_like(a), where=b != 0)


OPERATIONS: dict[str, Blend] = {
    "atop": lambda A, B, a, b: A * b + B * (1 - a),
    "average": lambda A, B, a, b: (A + B) / 2,
    "copy": lambda A, B, a, b: A,
    "difference": lambda A, B, a, b: np.abs(A - B),
    "divide": lambda A, B, a, b: _divide(A, B),
    "exclusion": lambda A, B, a, b: A + B - 2 * A * B,
    "from": lambda A, B, a, b: B - A,
    "hard-light": lambda A, B, a, b: _hard_light(A, B),
    "hypot": lambda A, B, a, b: np.hypot(A, B),
    "in": lambda A, B, a, b: A * b,
    "mask": lambda A, B, a, b: B * a,
    "matte": lambda A, B, a, b: A * a + B * (1 - a),
    "max": lambda A, B, a, b: np.maximum(A, B),
    "min": lambda A, B, a, b: np.minimum(A, B),
    "minus": lambda A, B, a, b: A - B,
    "multiply": lambda A, B, a, b: A * B,
    "out": lambda A, B, a, b: A * (1 - b),
    "over": lambda A, B, a, b: A + B * (1 - a),
    "overlay": lambda A, B, a, b: _hard_light(B, A),
    "plus": lambda A, B, a, b: A + B,
    "screen": lambda A, B, a, b: np.where(
        (A >= 0) & (A <= 1) & (B >= 0) & (B <= 1), A + B - A * B, np.maximum(A, B)
    ),
    "stencil": lambda A, B, a, b: B * (1 - a),
    "under": lambda A, B, a, b: A * (1 - b) + B,
    "xor": lambda A, B, a, b: A * (1 - b) + B * (1 - a),
}
"""Formulas that Nuke's own menu of the node prints (A, B channels; a, b their alphas). Those not listed are
refused."""


def _merged(call: Call) -> Image:
    extra = [n for n in call.connected() if n > 1]
    if extra:
        call.refuse("inputs", "more than one A input is not evaluated", "chain two Merge nodes")
    operation = call.choice("operation")
    if operation not in OPERATIONS:
        call.refuse("operation", f"{operation!r} is not evaluated", "known: " + ", ".join(OPERATIONS))
    for knob in ("sRGB", "screen_alpha"):
        if call.is_set(knob) and call.flag(knob):
            call.refuse(knob, "is not evaluated", "switch it off")
    if not call.has_input(1):
        return call.input(0)
    if not call.has_input(0):
        a = call.input(1)
        b = Image.filled(a.box, a.format, a.channels, black_outside=True)
    else:
        b, a = call.input(0), call.input(1)
    box = copy_box(call, a, b)
    a, b = a.crop_to(box, None), b.crop_to(box, None)
    names = _same_layer(call, a, b)
    before = b.with_channels(names, b.select(names))
    alphas = a.channel(ALPHA)[..., None], b.channel(ALPHA)[..., None]
    values = OPERATIONS[operation](a.select(names), b.select(names), *alphas)
    after = before.with_channels(names, np.asarray(values, np.float32))
    return attrs.evolve(call.masked(before, after), black_outside=a.black_outside and b.black_outside)


def _same_layer(call: Call, a: Image, b: Image) -> list[str]:
    """The channels that are merged: of the chosen layer, and of also_merge, those that A or B has."""
    layers = {k: call.text(k).strip() for k in ("Achannels", "Bchannels", "output")}
    if len(set(layers.values())) > 1:
        call.refuse(
            "output",
            f"layers differ ({', '.join(layers.values())})",
            "use one layer for A, B and output; Shuffle before",
        )
    present = [*b.channels, *(c for c in a.channels if c not in b.channels)]
    words = layers["output"].split()
    if call.is_set("also_merge"):
        words += call.text("also_merge").split()
    wanted = {
        c
        for w in words
        if not w.startswith("-")
        for c in (present if w == "all" else layer_channels(w, present))
    }
    return [c for c in present if c in wanted]


MERGE2 = NodeOp(
    _merged,
    MASKING
    | words("operation Achannels Bchannels output also_merge bbox metainput rangeinput sRGB screen_alpha"),
)

# -- Dissolve and Switch


def _between(call: Call) -> list[tuple[int, float]]:
    """(input, share) that a Dissolve mixes; ``which`` 0.25: three quarters of input 0, one of input 1."""
    which = max(0.0, call.number("which"))
    low = math.floor(which)
    share = which - low
    last = max(call.connected(), default=0)
    if low >= last:
        return [(last, 1.0)]
    return [(low, 1.0)] if share == 0 else [(low, 1 - share), (low + 1, share)]


def _dissolved(call: Call) -> Image:
    if call.has_input(MASK) or (
        call.is_set("maskChannelInput") and call.text("maskChannelInput").strip() != "none"
    ):
        call.refuse("maskChannelMask", "masks on a Dissolve are not evaluated", "disconnect the mask")
    parts = [(call.input(n), share) for n, share in _between(call)]
    first = parts[0][0]
    if len(parts) == 1:
        return first
    if call.is_set("channels") and call.text("channels").strip() != "all":
        call.refuse("channels", "a mix of only some channels is not evaluated", "set it to all")
    second, share = parts[1]
    box = first.box.union(second.box)
    names = [*first.channels, *(c for c in second.channels if c not in first.channels)]
    one, two = (i.crop_to(box, None).select(names) for i in (first, second))
    mixed = one + (two - one) * np.float32(share)
    black = first.black_outside and second.black_outside
    return attrs.evolve(first, pixels=mixed, channels=tuple(names), box=box, black_outside=black)


DISSOLVE = NodeOp(
    _dissolved,
    frozenset(
        {"which", "channels", "metainput", "mergerange", "maskChannelMask", "maskChannelInput", "invert_mask"}
    ),
    needs=lambda call: [(n, call.frame) for n, _ in _between(call)],
)


def _switched(call: Call) -> int:
    return min(max(0, math.floor(call.number("which") + 1e-9)), max(call.connected(), default=0))


SWITCH = NodeOp(
    lambda call: call.input(_switched(call)),
    frozenset({"which"}),
    needs=lambda call: [(_switched(call), call.frame)],
    format=lambda call: call.input_format(_switched(call)),
)
