"""CopyCat or BigCat as the preset sets it, with what only the built-in engine reads in hidden user knobs."""

from __future__ import annotations

from ..graph.knobs import KnobValue
from ..graph.node import UserKnob
from ..paths import posix
from .curation import number
from .domain import Domain
from .names import Names
from .plan import Plan
from .section import Strand

__all__ = ["add_training_node"]

FLOP_PROBABILITY = 0.5
"""Foundry trained its own weights with augmentation probabilities of 0.5."""

INVISIBLE = ("+INVISIBLE",)
STRING, INTEGER, BOOLEAN, DOUBLE, TAB = 1, 3, 6, 7, 20


def add_training_node(
    end: Strand, preview: Strand, plan: Plan, names: Names, domain: Domain, validation: tuple[str, str] | None
) -> str:
    """Preview branch and training node. Pipes: 0 Input, 1 GroundTruth, 2 Preview; BigCat: the two
    validation pipes before the Preview (their order is not verified)."""
    hold = plan.knob("FrameHold", "firstFrame") or "firstFrame"
    frame = plan.preset.preview_frame
    knobs: dict[str, KnobValue] = {
        hold: frame,
        "label": f"preview frame {frame}\nof Live_area, stage 4",
        "hide_input": True,
    }
    # the stage 4 Crop does not stand yet; the pipeline connects it
    preview.node("FrameHold", names.preview, inputs=(None,), knobs=knobs)
    domain.into(preview)
    shown = preview.last
    end.y = max(end.y, preview.y)
    inputs: list[str | None] = [names.training_input, names.training_ground_truth]
    t = plan.preset.training
    if t.node == "BigCat":
        inputs += list(validation or ())
    inputs.append(shown)
    return end.node(
        t.node, names.training, inputs=inputs, knobs=_knobs(plan), user_knobs=_user_knobs(plan, validation)
    )


def _knobs(plan: Plan) -> dict[str, KnobValue]:
    t = plan.preset.training
    wanted: dict[str, KnobValue | None] = {
        "useGPUIfAvailable": t.gpu,
        "dataDirectory": plan.data_directory,
        "epochs": plan.epochs,
        "initialWeights": t.initial_weights,
        "checkpointFile": posix(t.checkpoint) if t.initial_weights == "Checkpoint" else None,
        "modelSize": t.model,
        "batchSizeType": "Manual",
        "batchSize": t.batch,
        "cropSize": str(t.patch),
        "checkpointInterval": t.checkpoint_every,
        "imageInterval": t.contact_sheet_every,
        "useMultiResolution": t.multi_resolution,
        "trainingMode": "Resume" if t.resume else "Train",
        "learningRate": t.learning_rate,
        "seed": t.seed or None,
    }
    if t.node == "BigCat":
        wanted |= _bigcat(plan)
    spelled = {plan.knob(t.node, knob): value for knob, value in wanted.items() if value is not None}
    return {knob: value for knob, value in spelled.items() if knob is not None}


def _bigcat(plan: Plan) -> dict[str, KnobValue | None]:
    """BigCat flips by itself. Its gain, contrast and saturation stay off: whether they treat both sides
    alike is not known, and a changed Ground Truth would teach wrong colour. Shift, scale and exposure use
    our paired branches."""
    if not plan.preset.training.augmentation.flip:
        return {}
    return {"useTransformAugmentation": True, "flopProbability": FLOP_PROBABILITY}


def _user_knobs(plan: Plan, validation: tuple[str, str] | None) -> list[UserKnob]:
    e, t = plan.preset.training.engine, plan.preset.training
    values: list[tuple[str, int, KnobValue]] = [
        ("cr_run", STRING, plan.run),
        ("cr_shot", STRING, plan.preset.shot),
        ("cr_version", INTEGER, plan.preset.inference.write.version),
        ("cr_steps", INTEGER, plan.total_steps),
        ("cr_schedule", STRING, e.schedule),
        ("cr_warm_up", INTEGER, e.warm_up),
        ("cr_learning_rate", DOUBLE, number(e.learning_rate)),
        ("cr_precision", STRING, e.precision),
        ("cr_seed", INTEGER, t.seed),
    ]
    if e.steps is not None:
        values.append(("cr_engine_steps", INTEGER, e.steps))
    if e.minutes is not None:
        values.append(("cr_minutes", DOUBLE, number(e.minutes)))
    if not e.deflicker:
        values.append(("cr_deflicker", BOOLEAN, False))
    if validation:
        values += [
            ("cr_validation_input", STRING, validation[0]),
            ("cr_validation_truth", STRING, validation[1]),
        ]
    tab = UserKnob("chroma_recovery", TAB, "Chroma Recovery", flags=INVISIBLE)
    return [
        tab,
        *(
            UserKnob(name, kind, name[3:].replace("_", " "), flags=INVISIBLE, value=v)
            for name, kind, v in values
        ),
    ]
