"""Every node class that the engine evaluates, and how."""

from __future__ import annotations

from collections.abc import Mapping

from ..call import NodeOp
from . import (
    align,
    channel,
    colour,
    corner_pin,
    geometry,
    layout,
    learning,
    matchgrade,
    median,
    merge,
    passing,
    read,
    time,
)

__all__ = ["NODES"]

NODES: Mapping[str, NodeOp] = {
    # in and out
    "Read": read.READ,
    "Write": passing.WRITE,
    "Viewer": passing.VIEWER,
    "Constant": layout.CONSTANT,
    "ContactSheet": layout.CONTACT_SHEET,
    # passing on
    "Dot": passing.PASS,
    "NoOp": passing.PASS,
    "PostageStamp": passing.PASS,
    "ModifyMetaData": passing.MODIFY_METADATA,
    # time
    "FrameRange": time.FRAME_RANGE,
    "FrameHold": time.FRAME_HOLD,
    "AppendClip": time.APPEND_CLIP,
    "TimeOffset": time.TIME_OFFSET,
    # geometry
    align.F_ALIGN: align.ALIGN,
    "Transform": geometry.TRANSFORM,
    "CornerPin2D": corner_pin.CORNER_PIN,
    "Crop": geometry.CROP,
    "Reformat": geometry.REFORMAT,
    "Mirror2": geometry.MIRROR2,
    "CopyBBox": geometry.COPY_BBOX,
    "BlackOutside": geometry.BLACK_OUTSIDE,
    "AdjBBox": geometry.ADJ_BBOX,
    # merging
    "Merge2": merge.MERGE2,
    "Dissolve": merge.DISSOLVE,
    "Switch": merge.SWITCH,
    # channels
    "Shuffle2": channel.SHUFFLE2,
    "Copy": channel.COPY,
    "Remove": channel.REMOVE,
    "AddChannels": channel.ADD_CHANNELS,
    # colour
    "Colorspace": colour.COLORSPACE,
    "Grade": colour.GRADE,
    "Multiply": colour.MULTIPLY,
    "Clamp": colour.CLAMP,
    "Saturation": colour.SATURATION,
    "Log2Lin": colour.LOG2LIN,
    "OCIOColorSpace": colour.OCIO_COLORSPACE,
    "OCIODisplay": colour.OCIO_DISPLAY,
    # filters
    "Median": median.MEDIAN,
    # learning
    "CopyCat": learning.COPYCAT,
    "BigCat": learning.BIGCAT,
    "Inference": learning.INFERENCE,
    "MatchGrade": matchgrade.MATCHGRADE,
}
"""By Nuke's class name; a class that is not here is refused with a clear error."""
