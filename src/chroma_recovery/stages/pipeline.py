"""From a preset to the whole graph: builds every stage, places them, and cuts out each stage's own script.

There is one graph. A stage's script holds the stage and everything that feeds it, so it opens and works by
itself.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ..errors import Problem
from ..graph.graph import Graph
from ..graph.knobs import EvaluatedText
from ..graph.layout import backdrop, bounds, box_of, move, stretch
from ..preset.model import Preset
from .alignment import build_alignment
from .checking import plan_for
from .curation import build_curation, project_settings
from .domain import Domain
from .inference import RENDER, build_inference
from .marks import mark
from .names import Names
from .plan import Plan, ProjectPaths
from .section import GAP, Section
from .training import build_training
from .validation import VALIDATION, build_validation

__all__ = ["Names", "Plan", "ProjectPaths", "Recovery", "build"]

GREEN = 0x35523BFF
TITLE_BAND = 160
"""Free height for the title above a stage, pixels."""
TITLE = "Title_recovery"
TITLE_HEIGHT = 260
BETWEEN = 400
"""Free width and height between stages, pixels."""


@attrs.frozen
class Recovery:
    """A preset as node graphs.

    graph: the complete graph. stages: by name (curation, alignment, training, inference, validation), each
    self-contained. files: graphs by output path below the project folder. names: node names to look up.
    plan: pairs, steps, regions, file names as worked out. warnings: what may go wrong but was built.
    sections: what each stage put on the page.
    """

    graph: Graph
    stages: dict[str, Graph]
    files: dict[str, Graph]
    names: Names
    plan: Plan
    sections: dict[str, tuple[Section, ...]] = attrs.field(factory=dict, repr=False)

    def part(self, stages: Iterable[str]) -> Graph:
        """One graph of several stages and all that feeds them, without project settings."""
        chosen = set(stages)
        if chosen >= set(self.stages):
            part = self.graph.subset(self.graph.nodes)
        else:
            parts = [section for group in self.sections.values() for section in group]
            own = tuple(s for name, group in self.sections.items() if name in chosen for s in group)
            part = _stage(self.graph, own, parts)
        part.root = {}
        return part

    def working(self, stage: str) -> set[str]:
        """Names of a stage's nodes and of all that feeds them, without notes and backdrops."""
        return _feeding(self.graph, [n for section in self.sections[stage] for n in section.names])

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return self.plan.warnings


def build(preset: Preset, *, paths: ProjectPaths) -> Recovery:
    """The graph of every stage. Same preset and paths, same graph.

    Raises StageError (CR401-CR410) with everything that cannot be built, ColourError for unknown colour
    names.
    """
    plan = plan_for(preset, paths)
    names = _names(plan)
    graph = Graph(plan.version)
    project_settings(graph, plan)
    domain = Domain(plan, names)
    target, source = build_curation(graph, plan, names)
    alignment = build_alignment(graph, plan, names)
    training = build_training(graph, plan, names, domain)
    inference = build_inference(graph, plan, names, domain)
    preview = graph[names.preview]
    preview.inputs = (names.live_area,)
    validation = build_validation(graph, plan, names, domain)
    _place(graph, (target, source), alignment, training, inference, validation)
    sections = {
        "curation": (target, source),
        "alignment": (alignment,),
        "training": (training,),
        "inference": (inference,),
    }
    if validation is not None:
        sections["validation"] = (validation,)
    parts = [section for group in sections.values() for section in group]
    mark(graph, plan, names)
    stages = {name: _stage(graph, group, parts) for name, group in sections.items()}
    for name, stage in stages.items():
        _settings(stage, plan, depth=2)
        if name in ("alignment", "training"):
            stage.root |= {"frame": 1, "first_frame": 1, "last_frame": len(plan.pairs)}
    _settings(graph, plan, depth=1)
    _backdrops_first(graph)
    return Recovery(graph, stages, _files(plan, graph, stages), names, plan, sections)


def _names(plan: Plan) -> Names:
    """The names, less those of nodes that this preset does without."""
    names = Names(training=f"{plan.preset.training.node}_training")
    if all(k.corners is None for k in plan.preset.alignment.keys):
        names = attrs.evolve(names, corner_pin=None)
    if not plan.hold_outs:
        names = attrs.evolve(names, source_hold_outs=None, reference_hold_outs=None)
        names = attrs.evolve(names, validation_input=None, validation_ground_truth=None)
    if not plan.preset.validation.match_grade:
        names = attrs.evolve(names, matchgrade_fit=None, header_matchgrade=None)
        names = attrs.evolve(names, write_matchgrade=None, matchgrade_read=None)
    if not plan.preset.validation.chroma_merge:
        names = attrs.evolve(names, header_final=None, write_final=None, final_read=None)
    return names


def _place(
    graph: Graph,
    curation: tuple[Section, Section],
    alignment: Section,
    training: Section,
    inference: Section,
    validation: Section | None,
) -> None:
    """Stages 1-3 under each other on the right, 4 and 5 on the left; the page's own title and backdrop."""
    target, source = curation
    first = target.move_to(left=0, top=0)
    source.move_to(left=first.r + 120, top=0)
    title_height = _backdrop_top(graph, target) - first.y
    _shift_to_top(graph, source, first.y + title_height)
    second = bounds(source.boxes())
    third = alignment.move_to(left=0, top=max(first.b, second.b) + TITLE_BAND)
    fourth = training.move_to(left=0, top=third.b + TITLE_BAND)
    edge = max(second.r, third.r, fourth.r)
    for name in ("Backdrop_target_dataset", "Backdrop_source_dataset"):
        stretch(graph, name, bottom=max(first.b, second.b))
    for name in ("Backdrop_source_dataset", "Backdrop_alignment", "Backdrop_training"):
        stretch(graph, name, right=edge)
    right = bounds([first, second, third, fourth])
    outer = backdrop(graph, "Backdrop_recovery", "", [right], colour=GREEN, padding=80, z_order=0)
    x, y = graph[outer].xpos, graph[outer].ypos
    graph.add("StickyNote", TITLE, at=(x, y - TITLE_HEIGHT), label="CHROMA RECOVERY", note_font_size=150)
    above = inference.move_to(right=x - BETWEEN, top=0)
    if validation is not None:
        below = validation.move_to(right=x - BETWEEN, top=above.b + TITLE_BAND)
        edge = min(above.x, below.x)
        inference.move_to(left=edge, top=0)
        validation.move_to(left=edge, top=above.b + TITLE_BAND)
        for name in ("Backdrop_inference", "Backdrop_matchgrade"):
            stretch(graph, name, right=x - BETWEEN)


def _backdrop_top(graph: Graph, section: Section) -> int:
    return min(graph[n].ypos for n in section.furniture if graph[n].cls == "BackdropNode")


def _shift_to_top(graph: Graph, section: Section, top: int) -> None:
    """Bring a section's backdrop to a height, so that two backdrops side by side are level."""
    dy = top - _backdrop_top(graph, section)
    for name in (*section.names, *section.furniture):
        graph[name].ypos += dy


def _stage(graph: Graph, own: tuple[Section, ...], parts: list[Section]) -> Graph:
    """A stage and what feeds it, with the notes and backdrops of every section that is mostly there. Single
    nodes of other sections are brought close."""
    wanted = _feeding(graph, [n for section in own for n in section.names])
    here = [(section, [n for n in section.names if n in wanted]) for section in parts]
    whole = [section for section, names in here if 2 * len(names) > len(section.names)]
    page = Graph(graph.nuke, graph.root, graph.layers, {n.name: attrs.evolve(n) for n in graph})
    keep = wanted | {TITLE} | {n for section in whole for n in section.furniture}
    area = bounds(
        box_of(page, n) for section in whole for n in (*section.names, *section.furniture) if n in keep
    )
    y = area.y
    for section, names in here:
        if names and not any(section is other for other in whole):
            box = bounds(box_of(page, n) for n in names)
            move(page, names, area.x - BETWEEN // 2 - box.r, y - box.y)
            y += box.height + GAP
    page[TITLE].xpos, page[TITLE].ypos = area.x, area.y - TITLE_HEIGHT
    stage = page.subset(keep)
    _backdrops_first(stage)
    return stage


def _feeding(graph: Graph, names: Iterable[str]) -> set[str]:
    """The nodes and all that pipes bring to them; a clone does not need its source, the subset makes it a
    node."""
    wanted: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in wanted:
            wanted.add(name)
            left.extend(p for p in graph.pipes(name) if p is not None)
    return wanted


def _backdrops_first(graph: Graph) -> None:
    """Nuke writes backdrops before all other nodes."""
    graph.nodes = dict(sorted(graph.nodes.items(), key=lambda item: item[1].cls != "BackdropNode"))


def _settings(graph: Graph, plan: Plan, *, depth: int) -> None:
    """The project directory: the --out folder, found from the script's own folder. depth: stage folders
    below the pipeline folder, plus one."""
    up = "/.." * (len([p for p in plan.preset.output.folder.split("/") if p not in ("", ".")]) + depth - 1)
    graph.root = {
        "project_directory": EvaluatedText(f"[python {{nuke.script_directory()}}]{up}"),
        **graph.root,
    }


def _files(plan: Plan, graph: Graph, stages: dict[str, Graph]) -> dict[str, Graph]:
    folder, shot = plan.preset.output.folder, plan.preset.shot
    places = {
        "curation": f"01_dataset_curation/{shot}.nk",
        "alignment": f"02_alignment/{shot}.nk",
        "training": f"03_copycat_training/{shot}.nk",
        "inference": f"{RENDER}/{shot}_render.nk",
        "validation": f"{VALIDATION}/{shot}.nk",
    }
    return {f"{folder}/{shot}.nk": graph, **{f"{folder}/{places[s]}": g for s, g in stages.items()}}
