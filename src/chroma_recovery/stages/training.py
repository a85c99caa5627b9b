"""Stage 3: Input and Ground Truth that differ in chroma only, and the node that learns it.

Ground Truth is Source luma (Y) with Reference chroma (Cb, Cr). The Input makes the same YCbCr round trip
through clones of the same Colorspace nodes. Augmented copies are made before that build, through cloned
nodes on both branches, so that the Ground Truth keeps the Input's Y in every copy; the clamps stand behind
them.
"""

from __future__ import annotations

import attrs

from ..graph.graph import Graph
from ..graph.knobs import KnobValue
from . import notes
from .curation import number
from .domain import Domain
from .names import Names
from .plan import Plan
from .section import GAP, STEP, Section, Strand
from .training_node import add_training_node

__all__ = ["CHROMA_MAPPING", "build_training"]

SLATE_BLUE = 0x46546CFF

CHROMA_MAPPING = (
    "4 rgba.red 1 0 rgba.red 0 0 rgba.green 0 1 rgba.green 0 1 "
    "rgba.blue 0 2 rgba.blue 0 2 black -1 -1 rgba.alpha 0 3"
)
"""red <- in2 (pipe A, Source) red = Y; green, blue <- in1 (pipe B, Reference) = Cb, Cr; alpha <- black."""

SHUFFLE: dict[str, KnobValue] = {
    "fromInput1": "B",
    "in1": "rgba",
    "fromInput2": "A",
    "in2": "rgb",
    "out1": "rgba",
    "mappings": CHROMA_MAPPING,
    "label": "Y Source, CbCr Reference",
}


@attrs.frozen
class _Builder:
    section: Section
    plan: Plan
    names: Names
    domain: Domain

    def shared(self, strand: Strand, cls: str, name: str, knobs: dict[str, KnobValue]) -> str:
        """The node, or one more instance of it where it stands already."""
        if name in self.section.graph.nodes:
            return strand.clone(name)
        return strand.node(cls, name, knobs=knobs)

    def pair(self, truth: Strand, given: Strand, *, augment: bool) -> None:
        """Two strands, from the stamps to what the training node takes. ``truth`` is the Reference's side."""
        names = self.names
        median = self.plan.preset.training.median
        if median:
            self.shared(truth, "Median", "Reference_median", {"size": median, "ignore_top_line": False})
        given.clone(names.crop)
        if augment and self.plan.variants:
            given.y = truth.y = max(given.y, truth.y)
            self._augment(truth, given)
        given.y = truth.y = max(given.y, truth.y)
        for strand in (truth, given):
            self.domain.into(strand)
            self.domain.to_ycbcr(strand)
        luma = names.source_ycbcr if augment else f"{names.source_ycbcr}_validation"
        given.skip(4)
        given.node("Dot", luma)
        given.skip(4)
        inputs = (truth.last, luma)
        if names.ground_truth_ycbcr in self.section.graph.nodes:
            truth.clone(names.ground_truth_ycbcr, inputs=inputs)
        else:
            truth.node("Shuffle2", names.ground_truth_ycbcr, inputs=inputs, knobs=dict(SHUFFLE))
        given.y = truth.y
        for strand in (truth, given):
            self.domain.to_rgb(strand)
        clamps: dict[str, KnobValue] = {"black_clamp": True, "white_clamp": True}
        self.shared(truth, "Grade", "Clamp_GroundTruth", dict(clamps))
        self.shared(given, "Grade", "Clamp_Input", dict(clamps))

    def _augment(self, truth: Strand, given: Strand) -> None:
        """Base and augmented copies side by side, joined by one AppendClip per branch."""
        ends: list[list[str | None]] = [[truth.last], [given.last]]
        top = truth.y
        x, y, r, t = self.plan.training_box
        middle = (number((r - x) / 2), number((t - y) / 2))
        for n, variant in enumerate(self.plan.variants):
            knobs: dict[str, KnobValue] = dict(variant.knobs)
            if variant.cls == "Transform":
                knobs |= {"center": middle, "filter": "Lanczos6", "black_outside": False}
            if variant.cls == "Multiply":
                knobs = {"channels": "rgb", **knobs}
            row = top + n * (20 + GAP)
            name = f"Augment_{variant.name}"
            left, right = Strand(self.section, truth.x + STEP, row), Strand(self.section, given.x + STEP, row)
            ends[0].append(left.node(variant.cls, name, inputs=(truth.last,), knobs=knobs))
            ends[1].append(right.clone(name, inputs=(given.last,)))
        for strand, name, fed in (
            (truth, "Augmented_Reference", ends[0]),
            (given, "Augmented_Source", ends[1]),
        ):
            strand.y = top + len(self.plan.variants) * (20 + GAP)
            strand.node("AppendClip", name, inputs=fed, firstFrame=1)


def build_training(graph: Graph, plan: Plan, names: Names, domain: Domain) -> Section:
    """The training pair and, through clones, the validation pair beside it."""
    section = Section(graph)
    build = _Builder(section, plan, names, domain)
    truth, given = section.strand(0), section.strand(3)
    truth.stamp("Training_Reference", names.crop, "TARGET DATASET\nMATCHED LUMA")
    given.stamp("Training_Source", names.source_dataset, "SOURCE DATASET")
    build.pair(truth, given, augment=True)
    truth.node("Remove", names.training_ground_truth, operation="remove", channels="alpha")
    given.node("Remove", "Input_no_alpha", operation="remove", channels="alpha")
    given.node("CopyBBox", names.training_input, inputs=(given.last, truth.last))
    validation: tuple[str, str] | None = None
    bottom = max(truth.y, given.y)
    if plan.hold_outs:
        validation = _validation(build, section.strand(5.5), section.strand(8))
    end = section.strand(1.5, bottom + 2 * GAP)
    preview = section.strand(2.25, bottom + GAP // 2)
    add_training_node(end, preview, plan, names, domain, validation)
    section.checklist("Note_training", notes.training(plan))
    section.frame("Backdrop_training", "COPYCAT_TRAINING1", SLATE_BLUE)
    section.title("Title_training", "3.- COPYCAT TRAINING")
    return section


def _validation(build: _Builder, truth: Strand, given: Strand) -> tuple[str, str]:
    """The hold-out pair through the same nodes; ends in two named NoOps."""
    names, graph = build.names, build.section.graph
    crop = next(n.name for n in graph if n.clone_of == names.crop and _is_dissolve(graph, n.inputs[0]))
    truth.stamp("Validation_Reference", crop, "TARGET VALIDATION\nMATCHED LUMA")
    given.stamp("Validation_Source", names.source_hold_outs or "", "SOURCE VALIDATION")
    build.pair(truth, given, augment=False)
    truth.clone(names.training_ground_truth)
    given.clone("Input_no_alpha")
    given.clone(names.training_input, inputs=(given.last, truth.last))
    truth.y = given.y = max(truth.y, given.y)
    return (
        given.node("NoOp", names.validation_input or "Validation_Input"),
        truth.node("NoOp", names.validation_ground_truth or "Validation_GroundTruth"),
    )


def _is_dissolve(graph: Graph, name: str | None) -> bool:
    return name is not None and graph[name].cls == "Dissolve"
