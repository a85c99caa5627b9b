"""Stage 5: the MatchGrade baseline (what one LUT can do) and the final plate (Original Y, Recovered
Cb/Cr)."""

from __future__ import annotations

from ..graph.graph import Graph
from ..graph.knobs import Curve, KnobValue
from ..graph.layout import box_of
from . import notes
from .domain import Domain
from .header import baseline_header, header
from .inference import read_back, write_knobs
from .names import Names
from .plan import Plan
from .section import GAP, Section, Strand
from .viewing import viewer_knobs

__all__ = ["VALIDATION", "build_validation"]

VIOLET = 0x6C4A8CFF
VALIDATION = "05_validation"


def build_validation(graph: Graph, plan: Plan, names: Names, domain: Domain) -> Section | None:
    """Either part may be left out by the preset; None if both are."""
    section = Section(graph)
    wanted = plan.preset.validation
    if not (wanted.match_grade or wanted.chroma_merge):
        return None
    recovered, before = section.strand(4.25), section.strand(5.5)
    seen = [
        before.stamp("Merge_Original", names.original, "ORIGINAL"),
        recovered.stamp("Merge_Recovered", names.recovered_read, "RECOVERED"),
    ]
    if wanted.match_grade:
        seen.append(_matchgrade(section, plan, names))
    if wanted.chroma_merge:
        seen.append(_chroma_merge(recovered, before, plan, names, domain))
    bottom = max(box_of(graph, n).b for n in section.names)
    viewer = section.strand(3.4, bottom + 2 * GAP)
    viewer.node("Viewer", "Viewer_validation", inputs=seen, knobs=viewer_knobs(plan, *plan.render_range))
    section.frame("Backdrop_matchgrade", "MATCHGRADE", VIOLET)
    section.title("Title_validation", "5.- MATCHGRADE RENDER")
    return section


def _log(strand: Strand, name: str, operation: str) -> str:
    if name in strand.section.graph.nodes:
        return strand.clone(name)
    return strand.node("Log2Lin", name, operation=operation)


def _matchgrade(section: Section, plan: Plan, names: Names) -> str:
    fit, apply = names.matchgrade_fit or "", section.strand(2.5)
    target, source = section.strand(0), section.strand(1.25)
    graph = section.graph
    target.stamp("MatchGrade_Target", names.crop, "TARGET DATASET\nALIGNED")
    source.stamp("MatchGrade_Source", _cropped_source(graph, names), "SOURCE DATASET\nCROPPED")
    apply.stamp("MatchGrade_Sequence", names.source_read, "SOURCE\nSEQUENCE")
    y = max(s.y for s in (target, source, apply)) + GAP
    for strand in (target, source, apply):
        strand.y = y
        _log(strand, "To_log", "lin2log")
    keys = Curve.linear({p.number: p.number for p in plan.training})
    knobs: dict[str, KnobValue] = {
        "matchGradeTask": "Match Graded Source",
        "analysisType": "Analyze Reference Frames",
        "transform": "3D LUT",
        "prelut": "Logarithmic",
        "lutres": plan.preset.validation.lut_size,
        "mask": "None",
        "sourceRefFrames": keys,
        "targetRefFrames": keys,
    }
    source.node("MatchGrade", fit, inputs=(source.last, target.last), knobs=knobs)
    apply.clone(fit, inputs=(apply.last, target.last))
    for strand in (source, apply):
        _log(strand, "From_log", "log2lin")
    apply.clone(names.live_area)
    apply.clone(names.delivery_format)
    apply.skip(GAP)
    apply.node("ModifyMetaData", names.header_matchgrade or "", knobs=baseline_header(plan))
    file = plan.output(VALIDATION, "MatchGrade")
    write = write_knobs(plan, file, order=1, limits=plan.render_range)
    apply.node("Write", names.write_matchgrade or "", knobs=write, label="baseline")
    apply.skip(GAP)
    section.note("Note_matchgrade", notes.MATCHGRADE, target.x, source.y + 2 * GAP, font_size=16)
    return apply.node("Read", names.matchgrade_read or "", inputs=(), knobs=read_back(plan, file))


def _cropped_source(graph: Graph, names: Names) -> str:
    """Stage 3's Source after the shared Crop: the clone that the training Source stamp feeds."""
    return next(n.name for n in graph if n.clone_of == names.crop and n.inputs == ("Training_Source",))


def _chroma_merge(recovered: Strand, before: Strand, plan: Plan, names: Names, domain: Domain) -> str:
    """Y of the frame before recovery, Cb/Cr of the rendered one, through the nodes of stage 3."""
    for strand in (recovered, before):
        domain.into(strand)
        domain.to_ycbcr(strand)
    recovered.skip(GAP)
    recovered.clone(names.ground_truth_ycbcr, inputs=(recovered.last, before.last))
    domain.to_rgb(recovered)
    domain.back(recovered)
    recovered.skip(GAP)
    product = "final plate, Original luma and Recovered chroma"
    recovered.node("ModifyMetaData", names.header_final or "", knobs=header(plan, product))
    file = plan.output(VALIDATION, f"{plan.model_id}_final")
    write = write_knobs(plan, file, order=3, limits=plan.render_range)
    recovered.node("Write", names.write_final or "", knobs=write, label="final plate")
    recovered.skip(GAP)
    recovered.section.note(
        "Note_validation", notes.VALIDATION, before.x - 20, before.y + 3 * GAP, font_size=16
    )
    return recovered.node("Read", names.final_read or "", inputs=(), knobs=read_back(plan, file))
