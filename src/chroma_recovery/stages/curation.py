"""Stages 0 and 1: project settings, the two Reads with one ingest, and the datasets made of held frames.

Reference and Source go through the same steps: Read, FrameRange 1..1 (so that every FrameHold is one frame
long), one FrameHold per pair, the staging AppendClip, and the AppendClip that every PostageStamp refers to.
Pair k is frame k. Hold-outs have an AppendClip of their own that starts at frame N+1, so that pair numbers
go on and keyed nodes can be shared, yet no hold-out can reach the training.
"""

from __future__ import annotations

from ..colour.names import resolve
from ..colour.root import root_knobs
from ..colour.views import resolve_view
from ..graph.graph import Graph
from ..graph.knobs import KnobValue
from ..graph.layout import bounds, box_of, columns_for
from ..headers import PictureSize
from ..preset.model import Clip
from . import notes
from .names import Names
from .plan import NumberedPair, Plan
from .section import GAP, STEP, Section, Strand

__all__ = ["build_curation", "format_text", "number", "project_settings", "read_knobs"]

GREY, PURPLE = 0x6B6B6BFF, 0x5C4A73FF

FILE_TYPES = {
    "exr": "exr",
    "dpx": "dpx",
    "cin": "cin",
    "png": "png",
    "tif": "tiff",
    "tiff": "tiff",
    "jpg": "jpeg",
}
"""File suffix -> Read.file_type; Nuke finds out others by itself."""


def number(value: float) -> int | float:
    """24.0 -> 24, so that files do not carry needless decimals."""
    return int(value) if float(value).is_integer() else value


def format_text(size: PictureSize) -> str:
    """Nuke's format text: width height x y r t pixel_aspect name (no name)."""
    w, h = size.width, size.height
    return f"{w} {h} 0 0 {w} {h} {number(size.pixel_aspect)} "


def project_settings(graph: Graph, plan: Plan) -> None:
    """Root: frame range, rate, format and colour management. The pipeline adds the project directory."""
    source = plan.preset.source
    graph.root.update(
        {
            "frame": source.first,
            "first_frame": source.first,
            "last_frame": source.last,
            "lock_range": True,
            "fps": number(source.fps),
            "format": format_text(plan.size),
        }
    )
    colour = plan.preset.colour
    view = resolve_view(colour.display, colour.view, config=colour.config)
    graph.root.update(root_knobs(colour.config, working=colour.working, view=view))


def read_knobs(
    plan: Plan, file: str, first: int, last: int, colorspace: str, size: PictureSize | None
) -> dict[str, KnobValue]:
    """The ingest of every Read; only file, frames and size differ. Alpha is never made."""
    knobs: dict[str, KnobValue] = {"file": file}
    file_type = FILE_TYPES.get(file.rsplit(".", 1)[-1].lower())
    if file_type:
        knobs = {"file_type": file_type, **knobs}
    if size is not None:
        knobs["format"] = format_text(size)
    return {
        **knobs,
        "first": first,
        "last": last,
        "origfirst": first,
        "origlast": last,
        "origset": True,
        "before": "hold",
        "after": "hold",
        "on_error": "error",
        "colorspace": resolve(colorspace, config=plan.preset.colour.config).token,
    }


def build_curation(graph: Graph, plan: Plan, names: Names) -> tuple[Section, Section]:
    """The Reference section and the Source section."""
    target, source = Section(graph), Section(graph)
    p = plan.preset
    references = (plan.paths.reference, *plan.paths.reference_then)
    sources = (plan.paths.source, *plan.paths.source_then)
    _branch(target, plan, names.reference_read, references, p.reference, plan.reference_size)
    _branch(source, plan, names.source_read, sources, p.source, plan.size)
    area = bounds(target.boxes())
    told = target.note("Note_curation", notes.CURATION, area.x, area.b + 40, font_size=16)
    target.note(
        "Note_documentation", notes.documentation(plan), box_of(graph, told).r + 40, area.b + 40, font_size=16
    )
    area = bounds(source.boxes())
    source.note("Note_pairs", notes.pair_table(plan), area.x, area.b + 40, font_size=16)
    target.frame("Backdrop_target_dataset", "TARGET_DATASET1", GREY)
    source.frame("Backdrop_source_dataset", "SOURCE_DATASET1", PURPLE)
    target.title("Title_curation", "1.- DATASET CURATION")
    return target, source


def _branch(
    section: Section, plan: Plan, name: str, files: tuple[str, ...], clip: Clip, size: PictureSize
) -> None:
    columns = columns_for(len(plan.training))
    strand = section.strand((columns - 1) / 2)
    read = _ingest(section, strand, plan, name, files, clip, size)
    if name != "Source" and (size.width, size.height) != (plan.size.width, plan.size.height):
        section.graph[read].knobs["label"] = "size differs from the Source"
        knobs: dict[str, KnobValue] = {
            "format": format_text(plan.size),
            "resize": "fit",
            "filter": "Lanczos6",
            "black_outside": True,
        }
        strand.node("Reformat", f"{name}_to_Source_size", knobs=knobs)
    one = strand.node("FrameRange", f"{name}_one_frame", first_frame=1, last_frame=1)
    strand.skip(GAP)
    _clip(Strand(section, 0, strand.y), plan, plan.training, name, one)
    if plan.hold_outs:
        _clip(Strand(section, columns * STEP + STEP // 2, strand.y), plan, plan.hold_outs, name, one)


def _ingest(
    section: Section,
    strand: Strand,
    plan: Plan,
    name: str,
    files: tuple[str, ...],
    clip: Clip,
    size: PictureSize,
) -> str:
    """The Read; of several sequences one Read each, in rows, and the AppendClip that plays them end to end."""
    space = plan.preset.colour.read
    if len(files) == 1:
        knobs = read_knobs(plan, files[0], clip.first, clip.last, space, size)
        return strand.node("Read", name, inputs=(), knobs=knobs)
    columns, digits = columns_for(len(files)), max(2, len(str(len(files))))
    left, y, reads = strand.x - (columns - 1) * STEP // 2, strand.y, []
    for number, (file, part) in enumerate(zip(files, clip.sequences, strict=True), start=1):
        knobs = read_knobs(plan, file, part.first, part.last, space, size)
        here = Strand(section, left + (number - 1) % columns * STEP, y)
        reads.append(here.node("Read", f"{name}_{number:0{digits}d}", inputs=(), knobs=knobs))
        if number % columns == 0 or number == len(files):
            y = box_of(section.graph, reads[-1]).b + GAP
    strand.y = y + GAP
    return strand.node("AppendClip", name, inputs=reads, firstFrame=clip.first)


def _clip(start: Strand, plan: Plan, pairs: tuple[NumberedPair, ...], name: str, feed: str) -> None:
    """FrameHolds in rows from a corner on, and the two AppendClips below them."""
    section, graph, left, y = start.section, start.section.graph, start.x, start.y
    kind, clip = ("hold_out", "validation") if pairs[0].hold_out else ("pair", "dataset")
    digits = max(2, len(str(len(plan.pairs))))
    hold = plan.knob("FrameHold", "firstFrame") or "firstFrame"
    columns = columns_for(len(pairs))
    holds: list[str] = []
    for first in range(0, len(pairs), columns):
        row = []
        for column, pair in enumerate(pairs[first : first + columns]):
            frame = pair.pair.source if name == "Source" else pair.pair.reference_frame
            knobs: dict[str, KnobValue] = {hold: frame, "label": notes.hold_label(pair, frame)}
            node = f"{name}_{kind}_{pair.number:0{digits}d}"
            row.append(
                Strand(section, left + column * STEP, y).node("FrameHold", node, inputs=(feed,), knobs=knobs)
            )
        holds += row
        y = max(box_of(graph, n).b for n in row) + GAP
    end = Strand(section, left + (columns - 1) * STEP // 2, y + GAP)
    number_one = pairs[0].number
    end.node(
        "AppendClip", f"{name}_{clip}_staging", inputs=holds, firstFrame=number_one, label="reorder here"
    )
    end.node("AppendClip", f"{name}_{clip}", firstFrame=number_one, label="stamps refer here")
