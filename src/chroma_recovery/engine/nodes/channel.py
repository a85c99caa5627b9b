"""Channels: Shuffle2, Remove, Copy, AddChannels."""

from __future__ import annotations

import re
from itertools import accumulate

import attrs
import numpy as np

from ..call import MASKING, Call, NodeOp
from ..channels import LAYERS, layer_channels, selected, short
from ..image import Box, Image, Pixels, copy_channels
from ..values import as_text

__all__ = ["ADD_CHANNELS", "COPY", "REMOVE", "SHUFFLE2", "Mapping", "parse_mappings"]

# -- Shuffle2


@attrs.frozen
class Mapping:
    """One line of a Shuffle2: destination channel from a source channel (short names) of input block 0 or 1
    (``in1``/``in2``), or from ``black``/``white`` (block -1)."""

    source: str
    block: int
    target: str


def parse_mappings(text: str) -> tuple[Mapping, ...]:
    """Reads ``N SRC group index DST group index ...``. Raises ValueError.

    group of a source: 0 = in1, 1 = in2, -1 = a constant. The indices repeat the channel's place in its layer
    and are not needed.
    """
    words = text.replace("{", " ").replace("}", " ").split()
    if not words:
        return ()
    count = int(words[0])
    if len(words) != 1 + 6 * count:
        raise ValueError(f"says {count} entries but holds {(len(words) - 1) / 6:g}")
    found = []
    for n in range(count):
        source, block, _, target, _, _ = words[1 + 6 * n : 7 + 6 * n]
        if int(block) < 0 and source not in ("black", "white"):
            raise ValueError(f"{source} has no input block")
        if int(block) not in (-1, 0, 1):
            raise ValueError(f"{source} has input block {block}")
        found.append(Mapping(short(source), int(block), short(target)))
    return tuple(found)


def _pipe(call: Call, knob: str) -> int:
    """Which node input a block reads: ``{{1} B A}`` says input 1 (A)."""
    if not call.is_set(knob):
        return 0
    words = re.findall(r"[^\s{}]+", as_text(call.value(knob)))
    if not words:
        return 0
    if words[0] in ("B", "A"):
        return "BA".index(words[0])
    if not words[0].isdigit() or int(words[0]) > 1:
        call.refuse(knob, f"cannot be read: {words[0]!r}", "write {{0} B A} or {{1} B A}")
    return int(words[0])


def _identity(call: Call, image: Image) -> tuple[Mapping, ...]:
    """What a Shuffle2 without mappings does: in1 to out1 (and in2 to out2), channel by channel."""
    found = []
    for block, (source, target) in enumerate((("in1", "out1"), ("in2", "out2"))):
        names = [
            call.text(k).strip() if call.is_set(k) else ("rgba" if block == 0 else "none")
            for k in (source, target)
        ]
        if "none" in names:
            continue
        pairs = zip(
            layer_channels(names[0], image.channels),
            layer_channels(names[1], image.channels),
            strict=False,
        )
        found += [Mapping(s, block, t) for s, t in pairs]
    return tuple(found)


def _shuffled(call: Call) -> Image:
    pipes = [_pipe(call, "fromInput1"), _pipe(call, "fromInput2")]
    base = call.input(0)
    try:
        mappings = parse_mappings(call.text("mappings")) if call.is_set("mappings") else _identity(call, base)
    except ValueError as error:
        call.refuse("mappings", f"cannot be read: {error}")
    used = {pipes[m.block] for m in mappings if m.block >= 0}
    images = {n: call.input(n) for n in sorted(used | {0}) if n == 0 or call.has_input(n)}
    missing = used - set(images)
    if missing:
        call.fail("CR504", f"it reads input {missing.pop()}, where nothing is connected", "connect it")
    box = base.box
    for image in images.values():
        box = box.union(image.box)
    targets = [m.target for m in mappings]
    for knob in ("out1", "out2"):  # channels of the output layers that no line reaches are black
        layer = call.text(knob).strip() if call.is_set(knob) else ("rgba" if knob == "out1" else "none")
        if layer in LAYERS and call.is_set("mappings"):
            targets += [c for c in LAYERS[layer] if c not in targets and c in base.channels]
    values = np.zeros((box.height, box.width, len(targets)), np.float32)
    areas = {n: image.crop_to(box, None) for n, image in images.items()}
    first = dict(zip(areas, accumulate((len(a.channels) for a in areas.values()), initial=0), strict=False))
    places = []
    for n, mapping in enumerate(mappings):
        if mapping.source == "white" and mapping.block < 0:
            values[..., n] = 1
        elif mapping.block >= 0:
            at = areas[pipes[mapping.block]].index(mapping.source)
            places += [] if at is None else [(first[pipes[mapping.block]] + at, n)]
    copy_channels([a.pixels for a in areas.values()], values, places)
    keep = areas[0].with_channels(targets, values)
    order = [
        *(c for c in LAYERS["rgba"] if c in keep.channels),
        *(c for c in keep.channels if c not in LAYERS["rgba"]),
    ]
    return keep if tuple(order) == keep.channels else keep.with_pixels(keep.select(order), order)


SHUFFLE2 = NodeOp(
    _shuffled, frozenset({"fromInput1", "fromInput2", "in1", "in2", "out1", "out2", "mappings", "shuffle"})
)

# -- Remove

CHANNEL_KNOBS = ("channels", "channels2", "channels3", "channels4")


def _removed(call: Call) -> Image:
    image = call.input(0)
    named: set[str] = set()
    for knob in CHANNEL_KNOBS:
        if knob == "channels" or call.is_set(knob):
            named.update(selected(call.text(knob), image.channels))
    keep = call.choice("operation") == "keep"
    return image.only([c for c in image.channels if (c in named) == keep])


REMOVE = NodeOp(_removed, frozenset({"operation", *CHANNEL_KNOBS}))

# -- Copy


def _copied(call: Call) -> Image:
    b, a = call.input(0), call.input(1)
    box = copy_box(call, a, b)
    b, a = b.crop_to(box, None), a.crop_to(box, None)
    names: list[str] = []
    values: list[Pixels] = []
    for n in range(4):
        source, target = short(call.text(f"from{n}").strip()), short(call.text(f"to{n}").strip())
        if target in ("none", "") or source in ("none", ""):
            continue
        names.append(target)
        values.append(a.channel(source))
    for name in selected(call.text("channels"), a.channels):
        if name not in names:
            names.append(name)
            values.append(a.channel(name))
    if not names:
        return b
    after = b.with_channels(names, np.stack(values, -1))
    return call.masked(b, after)


def copy_box(call: Call, a: Image, b: Image) -> Box:
    """Data window by a ``bbox`` knob: union, intersection, B or A (``B side``, ``A side``)."""
    rule = call.choice("bbox")
    boxes = {"A": a.box, "B": b.box, "intersection": a.box.intersect(b.box), "union": a.box.union(b.box)}
    if rule not in boxes:
        call.refuse("bbox", f"unknown rule {rule!r}")
    return boxes[rule]


COPY = NodeOp(
    _copied,
    frozenset({"bbox", "channels", "metainput", "rangeinput", *MASKING})
    | {f"{side}{n}" for side in ("from", "to") for n in range(4)},
)

# -- AddChannels


def _added(call: Call) -> Image:
    image = call.input(0)
    colour = call.vector("color", 4, (0.0, 0.0, 0.0, 0.0))
    names = []
    for knob in CHANNEL_KNOBS:
        for word in call.text(knob).split():
            if word != "none" and not word.startswith("-"):
                names += [
                    c
                    for c in layer_channels(word, image.channels)
                    if c not in image.channels and c not in names
                ]
    if not names:
        return image
    values = np.empty((*image.pixels.shape[:2], len(names)), np.float32)
    for n, name in enumerate(names):
        place = LAYERS["rgba"].index(name) if name in LAYERS["rgba"] else 0
        values[..., n] = colour[place]
    return image.with_channels(names, values)


ADD_CHANNELS = NodeOp(_added, frozenset({"color", *CHANNEL_KNOBS}))
