"""What cannot be built, and what may go wrong: every rule that needs more than one field of the preset."""

from __future__ import annotations

import math

import attrs

from ..colour.names import resolve
from ..colour.tables import find_config
from ..colour.views import odt
from ..errors import Problem, StageError
from ..graph.catalogue import catalogue
from ..preset.model import Preset
from .plan import Plan, ProjectPaths, make_plan

__all__ = ["plan_for"]

NON_COMMERCIAL_SIZE = (1920, 1080)
"""Largest picture that Nuke Non-commercial writes."""
ACES = frozenset({"aces2065-1", "acescg"})
SCENE_LINEAR = ACES | {"linear-rec709", "linear-p3d65", "linear-rec2020"}
"""Purposes (see ``colour.names``) of unbounded scene-linear spaces."""


def plan_for(preset: Preset, paths: ProjectPaths) -> Plan:
    """The plan, with its warnings. Raises StageError with everything that is wrong."""
    plan = make_plan(preset, paths)
    wrong = [*_size(plan), *_pairs(plan), *_domain(plan), *_boxes(plan)]
    if wrong:
        raise StageError(wrong)
    found = [*_picture_warnings(plan), *_training_warnings(plan), *_render_warnings(plan)]
    return attrs.evolve(plan, warnings=tuple(attrs.evolve(p, severity="warning") for p in found))


def _size(plan: Plan) -> list[Problem]:
    if plan.preset.source.format is not None or plan.paths.source_size is not None:
        return []
    hint = "give source.format: {width: ..., height: ...}, or build where the files can be read"
    return [Problem("CR401", "source.format", "the size of the Source frames is not known", hint)]


def _pairs(plan: Plan) -> list[Problem]:
    preset, t = plan.preset, plan.preset.training
    wrong: list[Problem] = []
    if not plan.training:
        hint = "give pairs that are not held out; the guide starts with 4-9"
        return [Problem("CR402", "pairs", "no pair is left for training", hint)]
    if t.batch > plan.frames_seen:
        text = (
            f"batch {t.batch} is larger than the {plan.frames_seen} pairs that train; {t.node} refuses that"
        )
        wrong.append(
            Problem("CR403", "training.batch", text, f"use {plan.frames_seen} or less, or add pairs")
        )
    if t.node == "BigCat":
        spec = catalogue().node("BigCat")
        if spec is None or not spec.exists_in(plan.version):
            text = f"BigCat came with Nuke 16.1; this preset is for {preset.nuke.version}"
            wrong.append(Problem("CR404", "training.node", text, "use CopyCat"))
        if not plan.hold_outs:
            text = "BigCat needs validation inputs and no pair is held out"
            wrong.append(Problem("CR405", "hold_out", text, "hold out 15-25 % of the pairs"))
    known = {p.pair.source for p in plan.pairs}
    for place, keys in (("alignment.keys", preset.alignment.keys), ("crop.keys", preset.crop.keys)):
        for number, frame in enumerate(key.pair for key in keys):
            if frame not in known:
                text = f"there is no pair with Source frame {frame}"
                wrong.append(
                    Problem("CR408", f"{place}[{number}].pair", text, "name the Source frame of a pair")
                )
    return wrong


def _domain(plan: Plan) -> list[Problem]:
    """The three domains of the guide; a scene-linear picture clamped to 0-1 is none of them."""
    colour = plan.preset.colour
    read = resolve(colour.read, config=colour.config)
    unbounded = read.purpose in SCENE_LINEAR or read.name.startswith("Output - ")  # inverse output transforms
    if colour.domain == "display" and unbounded:
        text = f"{colour.read} is unbounded light: a clamp to 0-1 crushes highlights and harms chroma mapping"
        hint = "use colour.domain: aces-odt for ACES masters, or export Rec.709 2.4 and read that"
        return [Problem("CR406", "colour.read", text, hint)]
    if colour.domain == "aces-odt" and read.purpose not in ACES and not find_config(colour.config).is_custom:
        text = f"colour.domain aces-odt starts from ACES masters, but the Reads are set to {colour.read}"
        hint = "set colour.read: ACES2065-1, or use colour.domain: display"
        return [Problem("CR407", "colour.read", text, hint)]
    if colour.domain == "aces-odt" and odt(colour.config) is None:
        text = f"{colour.config} has no known Rec.709 output transform"
        return [Problem("CR410", "colour.domain", text, "choose an ACES config, or colour.domain: display")]
    return []


def _boxes(plan: Plan) -> list[Problem]:
    preset = plan.preset
    boxes: list[tuple[str, tuple[float, ...] | None]] = [
        ("crop.box", preset.crop.box),
        ("inference.crop", preset.inference.crop),
        ("alignment.f_align.region", preset.alignment.f_align.region),
        *((f"crop.keys[{n}].box", key.box) for n, key in enumerate(preset.crop.keys)),
    ]
    wrong: list[Problem] = []
    for place, box in boxes:
        if box is not None and (box[0] >= box[2] or box[1] >= box[3]):
            text = "x {:g}, y {:g}, r {:g}, t {:g} holds no picture".format(*box)
            wrong.append(Problem("CR409", place, text, "r must exceed x, t must exceed y"))
    return wrong


def _picture_warnings(plan: Plan) -> list[Problem]:
    preset, patch = plan.preset, plan.preset.training.patch
    found: list[Problem] = []
    boxes = {plan.crop_box(p) for p in plan.pairs} if preset.crop.enabled else {plan.full_frame}
    across = min(min(b[2] - b[0], b[3] - b[1]) for b in boxes)
    if patch > across:
        text = f"patch {patch} is larger than the picture area ({across:g} pixels)"
        fitting = max((p for p in (32, 64, 128, 256) if p <= across), default=32)
        found.append(Problem("CR421", "training.patch", text, f"use patch {fitting} and raise steps"))
    if len({(b[2] - b[0], b[3] - b[1]) for b in boxes}) > 1:
        text = "the animated crop changes size, so pairs have different formats"
        found.append(Problem("CR422", "crop.keys", text, "move the box, keep its size"))
    if not preset.crop.enabled:
        text = "the shared crop is off: training sees borders and overlays"
        found.append(Problem("CR423", "crop.enabled", text, "enable it as the last step of alignment"))
    elif preset.crop.box is not None and preset.inference.crop is None:
        text = "training sees the cropped picture, Inference the full frame with its borders"
        found.append(
            Problem("CR424", "inference.crop", text, "give the live area, without sprockets and sound track")
        )
    if not plan.hold_outs:
        text = "no pair is held out, so nothing judges the model"
        found.append(Problem("CR425", "hold_out", text, "hold out 15-25 % of the pairs"))
    s, r = plan.size, plan.reference_size
    if (s.width, s.height) != (r.width, r.height):
        text = f"Source is {s.width}x{s.height}, Reference {r.width}x{r.height}: a Reformat makes them equal"
        found.append(Problem("CR426", "reference", text, "the guide exports both at one size"))
    return found


def _training_warnings(plan: Plan) -> list[Problem]:
    t, version = plan.preset.training, plan.preset.nuke.version
    found: list[Problem] = []
    asked = (("learningRate", "learning_rate", t.learning_rate is not None), ("seed", "seed", t.seed != 0))
    for knob, field, wanted in asked:
        if wanted and plan.knob(t.node, knob) is None:
            text = (
                f"{t.node}.{knob} is not known to exist in Nuke {version}; only the built-in engine uses it"
            )
            found.append(Problem("CR427", f"training.{field}", text))
    if not math.isclose(plan.total_steps, t.steps, rel_tol=0.1):
        text = f"whole epochs make {plan.total_steps} steps instead of {t.steps}"
        found.append(Problem("CR431", "training.steps", text))
    return found


def _render_warnings(plan: Plan) -> list[Problem]:
    preset, version = plan.preset, plan.preset.nuke.version
    found: list[Problem] = []
    if preset.inference.tile != "None" and plan.knob("Inference", "tileSize") is None:
        text = f"Inference.tileSize is not known to exist in Nuke {version}; only the built-in engine tiles"
        found.append(Problem("CR428", "inference.tile", text))
    wide, high = NON_COMMERCIAL_SIZE
    out = plan.delivery
    if preset.nuke.edition == "non-commercial" and (out.width > wide or out.height > high):
        text = f"Nuke Non-commercial writes at most {wide}x{high}; {out.width}x{out.height} was asked"
        hint = "give a smaller inference.format for previews; render masters with another edition"
        found.append(Problem("CR429", "inference.format", text, hint))
    first, last = plan.render_range
    if last - first + 1 > 100 and preset.inference.trial > last - first:
        text = "the trial is as long as the full render"
        found.append(Problem("CR430", "inference.trial", text, "the guide tries 50-100 frames"))
    return found
