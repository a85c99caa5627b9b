"""Stage 2: the Reference is laid onto the Source, pixel for pixel.

F_Align takes the Reference on its first pipe (Src, what moves) and the Source on its second (Ref, what
stays). A keyed Transform is the manual path, followed by a keyed CornerPin where a pair's key holds corners;
the Dissolve chooses per pair (0 automatic, 1 manual). The difference is for looking only. The Crop stands
last, is bypassed while solving, and is shared with stage 3 as a clone.
"""

from __future__ import annotations

from ..graph.graph import Graph
from ..graph.knobs import Curve, KnobValue
from . import notes
from .curation import number
from .names import Names
from .plan import Plan
from .section import GAP, Section
from .viewing import viewer_knobs

__all__ = ["F_ALIGN", "build_alignment"]

F_ALIGN = "OFXuk.co.thefoundry.furnace.f_align_v403"
DARK_RED = 0x6E3030FF


def build_alignment(graph: Graph, plan: Plan, names: Names) -> Section:
    """Training pairs on the left, hold-outs on the right through clones of the same keyed nodes."""
    section = Section(graph)
    auto, manual, source = section.strand(0), section.strand(1.25), section.strand(2.5)
    reference_stamp = auto.stamp("Align_Reference", names.reference_dataset, "TARGET DATASET")
    source_stamp = source.stamp("Align_Source", names.source_dataset, "SOURCE DATASET")
    auto.skip(GAP)
    manual.y = source.y = auto.y
    auto.node(F_ALIGN, names.f_align, inputs=(reference_stamp, source_stamp), knobs=_f_align(plan))
    manual.node("Transform", names.transform, inputs=(reference_stamp,), knobs=_transform(plan))
    if names.corner_pin is not None:
        manual.node("CornerPin2D", names.corner_pin, knobs=_corner_pin(plan))
    auto.skip(GAP)
    auto.skip(GAP)
    auto.node("Dissolve", names.dissolve, inputs=(auto.last, manual.last), knobs=_dissolve(plan))
    auto.skip(GAP)
    source.y = auto.y
    dissolve = auto.last
    look: dict[str, KnobValue] = {"operation": "difference", "label": "look only"}
    difference = source.node("Merge2", names.difference, inputs=(source_stamp, dissolve), knobs=look)
    auto.skip(2 * GAP)
    auto.node("Crop", names.crop, knobs=_crop(plan))
    seen = (source_stamp, dissolve, difference)
    source.node("Viewer", "Viewer_alignment", inputs=seen, knobs=viewer_knobs(plan, 1, len(plan.pairs)))
    if plan.hold_outs:
        _hold_outs(section, plan, names)
    section.checklist("Note_alignment", notes.ALIGNMENT)
    section.frame("Backdrop_alignment", "ALIGNMENT", DARK_RED)
    section.title("Title_alignment", "2.- ALIGNMENT")
    return section


def _hold_outs(section: Section, plan: Plan, names: Names) -> None:
    auto, manual, source = section.strand(4.25), section.strand(5.5), section.strand(6.75)
    reference = auto.stamp("Align_Reference_validation", names.reference_hold_outs or "", "TARGET VALIDATION")
    still = source.stamp("Align_Source_validation", names.source_hold_outs or "", "SOURCE VALIDATION")
    auto.skip(GAP)
    manual.y = auto.y
    auto.node(F_ALIGN, f"{names.f_align}_validation", inputs=(reference, still), knobs=_f_align(plan))
    manual.clone(names.transform, inputs=(reference,))
    if names.corner_pin is not None:
        manual.clone(names.corner_pin)
    auto.skip(GAP)
    auto.clone(names.dissolve, inputs=(auto.last, manual.last))
    source.y = auto.y
    source.clone(names.difference, inputs=(still, auto.last))
    auto.skip(2 * GAP)
    auto.clone(names.crop)


def _f_align(plan: Plan) -> dict[str, KnobValue]:
    f = plan.preset.alignment.f_align
    x, y, r, t = (number(v) for v in plan.region)
    return {
        "renderOn": True,
        "range": "Current Frame",
        "scale": f.scale,
        "rotate": f.rotate,
        "translate": f.translate,
        "perspective": f.perspective,
        "regionBL": (x, y),
        "regionTR": (r, t),
        "accuracy": number(f.accuracy),
        "filtering": f.filtering,
    }


def _per_pair(plan: Plan, values: list[float]) -> Curve:
    """A key on every pair, held until the next: editing one pair never moves another."""
    return Curve.stepped({p.number: number(v) for p, v in zip(plan.pairs, values, strict=True)})


def _transform(plan: Plan) -> dict[str, KnobValue]:
    keys = {k.pair: k for k in plan.preset.alignment.keys}
    found = [keys.get(p.pair.source) for p in plan.pairs]
    moved = [k.translate if k else (0.0, 0.0) for k in found]
    scaled = [k.scale if k else (1.0, 1.0) for k in found]
    turned = [k.rotate if k else 0.0 for k in found]
    translate = tuple(_per_pair(plan, [m[axis] for m in moved]) for axis in (0, 1))
    knobs: dict[str, KnobValue] = {"translate": translate}
    if any(turned):
        knobs["rotate"] = _per_pair(plan, turned)
    knobs["scale"] = tuple(_per_pair(plan, [s[axis] for s in scaled]) for axis in (0, 1))
    knobs["center"] = (number(plan.size.width / 2), number(plan.size.height / 2))
    return {**knobs, "filter": "Lanczos6", "black_outside": True}


def _corner_pin(plan: Plan) -> dict[str, KnobValue]:
    """Perspective per pair. It follows the Transform directly, so both are one filtering (Nuke concatenates them)."""
    width, height = number(plan.size.width), number(plan.size.height)
    own = ((0, 0), (width, 0), (width, height), (0, height))
    keys = {k.pair: k.corners for k in plan.preset.alignment.keys}
    found = [keys.get(p.pair.source) or tuple(v for corner in own for v in corner) for p in plan.pairs]
    knobs: dict[str, KnobValue] = {}
    for n, _ in enumerate(own):
        knobs[f"to{n + 1}"] = tuple(_per_pair(plan, [f[2 * n + axis] for f in found]) for axis in (0, 1))
    for n, corner in enumerate(own):
        knobs[f"from{n + 1}"] = corner
    return {**knobs, "filter": "Lanczos6", "black_outside": True}


def _dissolve(plan: Plan) -> dict[str, KnobValue]:
    keys = {k.pair: k.use for k in plan.preset.alignment.keys}
    uses = [keys.get(p.pair.source, plan.preset.alignment.use) for p in plan.pairs]
    which = _per_pair(plan, [1.0 if use == "manual" else 0.0 for use in uses])
    return {"which": which, "label": "0 auto, 1 manual"}


def _crop(plan: Plan) -> dict[str, KnobValue]:
    boxes = [plan.crop_box(p) for p in plan.pairs]
    box: KnobValue
    if plan.preset.crop.keys:
        box = tuple(_per_pair(plan, [b[side] for b in boxes]) for side in range(4))
    else:
        box = tuple(number(v) for v in boxes[0])
    knobs: dict[str, KnobValue] = {"box": box, "reformat": True, "crop": False, "softness": 0}
    knobs["label"] = "shared crop, cloned in stage 3"
    if not plan.preset.crop.enabled:
        knobs["disable"] = True
    return knobs
