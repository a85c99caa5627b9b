"""File knobs as paths, and the frame ranges of nodes.

A path that is not absolute starts at the project directory (A: saved scripts). Of Tcl the fake knows
``[python {nuke.script_directory()}]`` and ``[value root.name]``; anything else raises UnverifiedBehaviour.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import FrameError, PathError
from ..frames import Pattern
from ..graph.knobs import EvaluatedText
from .unverified import UnverifiedBehaviour

if TYPE_CHECKING:
    from .knobs import Knob
    from .live import Live

__all__ = ["file_path", "frame_range", "substitute"]


def substitute(text: str, script: str) -> str:
    """The text with the known expressions replaced. script: path of the script, empty if not saved."""
    folder = os.path.dirname(script).replace("\\", "/")
    text = text.replace("[python {nuke.script_directory()}]", folder)
    text = text.replace("[python nuke.script_directory()]", folder)
    text = text.replace("[value root.name]", script)
    if "[" in text.replace("\\[", "") or "$" in text.replace("\\$", ""):
        raise UnverifiedBehaviour(f"the fake does not evaluate {text!r}")
    return text


def _text(knob: Knob, script: str) -> str:
    held = knob.held
    if isinstance(held, EvaluatedText):
        return substitute(held.text, script)
    return str(held) if held is not None else ""


def file_path(live: Live, knob: str, frame: int | None = None) -> str:
    """The path a file knob means, ``--remap`` done, with forward slashes; empty if the knob is. frame: replaces
    ``####`` and ``%04d``."""
    session = live.session
    text = _text(live.shared.own[knob], session.script_name)
    if not text:
        return ""
    if frame is not None:
        with suppress(FrameError, PathError):
            text = Pattern.parse(text).at(frame)
    project = _text(session.root.shared.own["project_directory"], session.script_name)
    path = os.path.normpath(os.path.join(project, text)).replace("\\", "/")
    for source, target in session.remap:
        if path.startswith(source):
            return target + path[len(source) :]
    return path


def frame_range(live: Live) -> tuple[int, int]:
    """By input 0 upwards to a Read, FrameRange or AppendClip, whose clips are counted; else the project's.
    Nuke also joins the ranges of other inputs and shifts by TimeOffset (deviation)."""
    node: Live | None = live
    while node is not None:
        own = node.shared.own
        if node.cls == "AppendClip":
            clips = [c for i in range(len(node.pipes)) if (c := node.pipe(i)) is not None]
            ranges = [frame_range(c) for c in clips]
            first = int(own["firstFrame"].value())
            return first, first + sum(b - a + 1 for a, b in ranges) - 1
        names = {"Read": ("first", "last"), "FrameRange": ("first_frame", "last_frame")}.get(node.cls)
        if names:
            return int(own[names[0]].value()), int(own[names[1]].value())
        node = node.pipe(0)
    own = live.session.root.shared.own
    return int(own["first_frame"].value()), int(own["last_frame"].value())
