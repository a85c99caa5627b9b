"""Stage 4: the model on the whole shot, rendered to EXR; a short trial first.

The Source gets the live-area Crop and nothing else before Inference (and the training domain, where it is
not the display-referred one, through the very nodes that training used). The same Crop feeds the "before"
of the Viewer wipe and the Preview of stage 3.
"""

from __future__ import annotations

from ..colour.names import resolve
from ..graph.graph import Graph
from ..graph.knobs import KnobValue
from . import notes
from .curation import format_text, number, read_knobs
from .domain import Domain
from .header import WITH_HEADER, header
from .names import Names
from .plan import Plan
from .section import GAP, Section
from .viewing import viewer_knobs

__all__ = ["RENDER", "build_inference", "write_knobs"]

OLIVE = 0x66682FFF
RENDER = "04_inference_render"
EXPORTED = "model: chroma-recovery export,\nthen Create .cat beside the checkpoint"
"""Label of an Inference whose model is a checkpoint of the engine: how Nuke gets it."""


def write_knobs(plan: Plan, file: str, *, order: int, limits: tuple[int, int]) -> dict[str, KnobValue]:
    """EXR, 16 bit half, ZIP or DWAA, in the delivery space; render_order keeps MatchGrade's Write first."""
    w = plan.preset.inference.write
    first, last = limits
    knobs: dict[str, KnobValue] = {
        "channels": "rgb",
        "file": file,
        "file_type": "exr",
        "datatype": "16 bit half",
        "compression": "Zip (1 scanline)" if w.compression == "ZIP" else "DWAA",
    }
    if w.compression == "DWAA":
        knobs["dw_compression_level"] = number(w.dwaa_level)
    return {
        **knobs,
        "create_directories": True,
        "first": first,
        "last": last,
        "use_limit": True,
        "metadata": WITH_HEADER,
        "colorspace": resolve(plan.preset.colour.delivery, config=plan.preset.colour.config).token,
        "render_order": order,
    }


def read_back(plan: Plan, file: str) -> dict[str, KnobValue]:
    """A Read of rendered frames, in the delivery space."""
    first, last = plan.render_range
    return read_knobs(plan, file, first, last, plan.preset.colour.delivery, plan.delivery)


def reformat_knobs(plan: Plan) -> dict[str, KnobValue]:
    i = plan.preset.inference
    size = format_text(plan.delivery)
    return {
        "type": "to format",
        "format": size,
        "resize": i.resize,
        "center": True,
        "filter": "Lanczos6",
        "black_outside": True,
    }


def build_inference(graph: Graph, plan: Plan, names: Names, domain: Domain) -> Section:
    """Trial and full Write, Read back, Viewer."""
    section = Section(graph)
    main, before = section.strand(1.25), section.strand(0)
    main.stamp("Sequence_Source", names.source_read, "SOURCE SEQUENCE")
    main.skip(GAP)
    box = tuple(number(v) for v in plan.live_area)
    crop = main.node(
        "Crop", names.live_area, box=box, reformat=True, crop=False, softness=0, label="live area"
    )
    main.skip(GAP)
    domain.into(main)
    main.node("Inference", names.inference, knobs=_inference(plan))
    domain.back(main)
    main.skip(GAP)
    before.y = main.y
    main.node("Reformat", names.delivery_format, knobs=reformat_knobs(plan))
    before.clone(names.delivery_format, inputs=(crop,))
    original = before.node("Dot", names.original, label="before")
    recovered = main.node("ModifyMetaData", names.header, knobs=header(plan, "recovered master"))
    main.skip(GAP)
    trial = section.strand(2.5, main.y)
    full = plan.output(RENDER, plan.model_id)
    short = plan.output(RENDER, f"{plan.model_id}_trial", folder="trial")
    knobs = write_knobs(plan, short, order=2, limits=plan.trial_range)
    trial.node("Write", names.write_trial, inputs=(recovered,), knobs=knobs, label="1. trial range")
    knobs = write_knobs(plan, full, order=2, limits=plan.render_range)
    main.node("Write", names.write, inputs=(recovered,), knobs=knobs, label="2. full range")
    main.skip(GAP)
    trial.y = main.y
    read = main.node("Read", names.recovered_read, inputs=(), knobs=read_back(plan, full))
    section.note("Note_trial", notes.trial(plan), trial.x, trial.y)
    before.y = main.y
    before.node(
        "Viewer",
        "Viewer_recovery",
        inputs=(original, recovered, read),
        knobs=viewer_knobs(plan, *plan.render_range),
    )
    section.checklist("Note_inference", notes.INFERENCE)
    section.frame("Backdrop_inference", "TRAINING_RESULTS_RENDER1", OLIVE)
    section.title("Title_inference", "4.- INFERENCE RENDER")
    return section


def _inference(plan: Plan) -> dict[str, KnobValue]:
    i = plan.preset.inference
    knobs: dict[str, KnobValue] = {
        "useGPUIfAvailable": plan.preset.training.gpu,
        "modelFile": plan.model_file,
        "halfPrecision": i.half_precision,
    }
    if plan.exported:
        knobs["label"] = EXPORTED
    tile, overlap = plan.knob("Inference", "tileSize"), plan.knob("Inference", "tileOverlap")
    if i.tile != "None" and tile and overlap:
        knobs |= {tile: i.tile, overlap: i.tile_overlap}
    return knobs
