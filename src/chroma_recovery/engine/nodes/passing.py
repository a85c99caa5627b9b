"""Nodes that pass an input on: Dot, NoOp, PostageStamp, Viewer, Write; and ModifyMetaData."""

from __future__ import annotations

import attrs

from ...nk.metadata import FRAME, read_metadata
from ...nk.tcl import TclError
from ..call import Call, NodeOp, words
from ..image import Image
from ..values import as_text

__all__ = ["MODIFY_METADATA", "PASS", "VIEWER", "WRITE"]

PASS = NodeOp(lambda call: call.input(0), needs=lambda call: [(0, call.frame)])

WRITE_KNOBS = words(
    "file file_type channels colorspace ocioColorspace transformType display view raw datatype "
    "compression dw_compression_level metadata first last use_limit create_directories render_order "
    "autocrop first_part interleave write_full_layer_names checkHashOnRead version out_colorspace "
    "in_colorspace views standard_layer_name_format write_ACES_compliant_EXR proxy"
)
"""What rendering obeys or checks (see ``render.py``); the image that a Write passes on is its input."""

WRITE = NodeOp(lambda call: call.input(0), WRITE_KNOBS, needs=lambda call: [(0, call.frame)])


def _shown(call: Call) -> int:
    """The input that a Viewer shows; ``input_number`` counts from 0."""
    return call.integer("input_number") if call.is_set("input_number") else 0


VIEWER = NodeOp(
    lambda call: call.input(_shown(call)),
    words(
        "input_number frame_range fps viewerProcess frame_increment monitorOutOutputTransform "
        "wipe_position masking_mode masking_ratio gain gamma frame frame_range_lock display_proxy "
        "viewerInputOrder input_process monitorOutNDISenderName safe_zone samplepoints colour_sample_bbox"
    ),
    needs=lambda call: [(_shown(call), call.frame)],
    format=lambda call: call.input_format(_shown(call)),
)
"""The picture before the viewer's own display transform."""


def _modified(call: Call) -> Image:
    image = call.input(0)
    text = as_text(call.evaluator.graph.knobs(call.name).get("metadata"))
    try:
        entries = read_metadata(text)
    except TclError as error:
        call.refuse("metadata", str(error), "use {set KEY VALUE} and {remove KEY}")
    metadata = dict(image.metadata)
    for verb, key, value in entries:
        if verb == "remove":
            metadata.pop(key, None)
        elif value == FRAME:
            metadata[key] = str(call.frame)
        elif "[" in value or "$" in value:
            call.refuse("metadata", f"{key} holds an expression; only {FRAME} is evaluated")
        else:
            metadata[key] = value
    return attrs.evolve(image, metadata=metadata)


MODIFY_METADATA = NodeOp(_modified, frozenset({"metadata"}))
