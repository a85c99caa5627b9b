"""Which knobs of a graph may be left aside, which must be understood, and what a file knob says without
running it."""

from __future__ import annotations

from ..errors import EngineError, Problem, UnsupportedNode
from ..graph import EvaluatedText, Graph, Node
from ..graph.catalogue import catalogue
from .call import NodeOp, words
from .values import alike, as_text

__all__ = ["COSMETIC", "SCRIPT_FOLDER", "check_knobs", "file_text"]

COSMETIC = words(
    "name label autolabel help xpos ypos selected hide_input postage_stamp postage_stamp_frame "
    "tile_color gl_color note_font note_font_size note_font_color icon indicators bookmark cached "
    "dope_sheet onCreate onDestroy knobChanged updateUI panel rootNodeUpdated disable process_mask "
    "Mask bdwidth bdheight z_order inputs inject maskFromFlag lifetimeStart lifetimeEnd"
)
"""Knobs that change no pixel of the node that bears them. (Python callbacks are never run.)"""

SCRIPT_FOLDER = (
    "[python {nuke.script_directory()}]",
    "[python nuke.script_directory()]",
    "[file dirname [value root.name]]",
    "[value root.project_directory]",
)
"""Evaluated texts that mean the folder of the script: the only ones that are understood, at the start of a
path."""


def check_knobs(graph: Graph, node: Node, op: NodeOp) -> None:
    """Raise UnsupportedNode (CR502) with every set knob that is neither understood, cosmetic nor at its
    default."""
    problems = []
    for knob, value in graph.knobs(node.name).items():
        if knob in op.checked or knob in COSMETIC:
            continue
        known = catalogue().knob(node.cls, knob) is not None
        if known and alike(value, catalogue().default(node.cls, knob)):
            continue
        reason = f"{node.cls}: the engine does not evaluate this knob (set to {as_text(value)[:60]!r})"
        problems.append(
            Problem("CR502", f"{node.name}.{knob}", reason, "leave it at its default, or render in Nuke")
        )
    if problems:
        raise UnsupportedNode(problems)


def file_text(graph: Graph, name: str, knob: str) -> str:
    """The path that a file knob holds, without the script folder in front; nothing in it is evaluated.

    Raises UnsupportedNode (CR503) for any other evaluated text, EngineError (CR505) for an empty knob.
    """
    held = graph.knobs(name).get(knob, "")
    text = held.text if isinstance(held, EvaluatedText) else as_text(held)
    for prefix in SCRIPT_FOLDER:
        if text.replace("\\", "").startswith(prefix):
            text = text.replace("\\", "")[len(prefix) :].lstrip("/")
            break
    if isinstance(held, EvaluatedText) and "[" in text:
        raise UnsupportedNode(
            Problem(
                "CR503",
                f"{name}.{knob}",
                f"holds the evaluated text {held.text[:80]!r}, which is never run",
                "write the path itself, or start it with [python {nuke.script_directory()}]",
            )
        )
    if not text:
        raise EngineError(Problem("CR505", f"{name}.{knob}", "names no file", "set it"))
    return text
