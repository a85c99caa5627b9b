"""MatchGrade: a 3D LUT fitted to the reference frames of Source (input 0) and Target (input 1).

Foundry does not publish its fit; ours is a smooth least-squares LUT (:mod:`chroma_recovery.engine.lut`), the
strongest baseline of its kind. A clone shows other pictures through the LUT that was fitted on the original's
inputs, as the graph's second MatchGrade, holding the same solution, does in Nuke.
"""

from __future__ import annotations

from ...graph import Curve
from ..call import Call, NodeOp
from ..image import RGB, Image
from ..lut import LARGEST, Lut3D, fit_lut, stack_colours

__all__ = ["MATCHGRADE", "fitted"]

ONLY = {
    "matchGradeTask": "Match Graded Source",
    "analysisType": "Analyze Reference Frames",
    "transform": "3D LUT",
    "prelut": "Logarithmic",
    "mask": "None",
    "colorspace": "RGB",
}
"""What is evaluated of each enumeration."""

_IGNORED = """
sourceRefFrames targetRefFrames lutres output serializeKnob interactKnob outfile iterations applyToMask
autoCrop userMessage lutExists isLog isExecuting isExported firstExecution minimumSampleThreshold crop
boxWidth boxHeight scale translation
"""

IGNORED = frozenset(_IGNORED.split())


def _reference_frames(call: Call) -> list[int]:
    """Frames keyed on sourceRefFrames; without keys those of input 0."""
    held = call.evaluator.graph.knobs(call.name).get("sourceRefFrames")
    if isinstance(held, tuple) and held:
        held = held[0] if not isinstance(held[0], (bool, int, float)) else None
    if isinstance(held, Curve):
        return [round(key.frame) for key in held.keys]
    return list(call.input_range(0))


def fitted(call: Call) -> Lut3D:
    """The LUT of a MatchGrade or of a clone of one, fitted once per evaluator.

    Raises UnsupportedNode (CR502) for settings that are not evaluated, EngineError (CR504) for an unconnected
    input, (CR553) if the two sides differ in size, (CR570, CR571) see :func:`fit_lut`.
    """
    original = call.evaluator.call(call.evaluator.graph.original(call.name).name, call.frame)
    for knob, value in ONLY.items():
        if call.choice(knob) != value:
            call.refuse(knob, f"only {value!r} is evaluated, not {call.choice(knob)!r}", f"set it to {value}")
    size = call.integer("lutres")
    if not 2 <= size <= LARGEST:
        call.refuse("lutres", f"a LUT of {size}^3 is not evaluated", f"use 2 to {LARGEST}")

    def fit() -> Lut3D:
        sources, targets = [], []
        for frame in _reference_frames(original):
            a, b = original.input(0, frame), original.input(1, frame)
            common = a.box.intersect(b.box)
            if common.empty or a.format != b.format:
                original.fail(
                    "CR553",
                    f"Source and Target of reference frame {frame} do not lie over each other",
                    "crop both alike",
                )
            sources.append(a.crop_to(common).rgb())
            targets.append(b.crop_to(common).rgb())
        return fit_lut(stack_colours(sources), stack_colours(targets), size)

    return call.evaluator.memo(("matchgrade", original.name), fit)


def _graded(call: Call) -> Image:
    lut = fitted(call)
    output = call.choice("output")
    if output != "Matched":
        return call.input({"Source": 0, "Target": 1}[output])
    image = call.input(0)
    return image if image.box.empty else image.with_channels(RGB, lut.apply(image.rgb()))


MATCHGRADE = NodeOp(
    _graded,
    frozenset(ONLY) | IGNORED,
    needs=lambda call: [(0, call.frame)],
    range=lambda call: call.input_range(0),
)
