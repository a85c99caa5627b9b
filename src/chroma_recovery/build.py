"""A preset file in, every stage's .nk script out: what ``chroma-recovery build`` does, without engine or Nuke."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from .errors import GraphError, PathError, PresetError, Problem
from .frames import Pattern, timecode
from .graph.checks import check
from .headers import PictureSize, picture_size
from .nk import write as write_nk
from .paths import contained, posix, relative_to_project, rooted, write_text
from .preset.load import Loaded, load
from .preset.model import Clip, Preset
from .preset.rules import broken_rules
from .preset.trust import file_sha256, untrusted_models
from .stages.pipeline import Plan, ProjectPaths, Recovery
from .stages.pipeline import build as build_graph

__all__ = ["Scripts", "assemble", "assemble_loaded", "plain_cell", "write_scripts"]


Here: TypeAlias = Callable[[Loaded], Loaded]
"""The preset with clips where this machine finds them."""


@attrs.frozen
class Scripts:
    """Everything a build would write, still in memory.

    loaded: the preset and where each value came from. recovery: the graph and its stages. texts: file text by path
    below the project folder, in writing order. warnings: findings that do not stop the work.
    """

    loaded: Loaded
    recovery: Recovery
    texts: dict[str, str]
    warnings: tuple[Problem, ...]

    @property
    def graph_hash(self) -> str:
        """SHA-256 of the complete script, hexadecimal: which graph made a result."""
        complete = self.texts[complete_script(self.loaded.preset)]
        return hashlib.sha256(complete.encode()).hexdigest()


def complete_script(preset: Preset) -> str:
    """Path of the complete script below the project folder."""
    return f"{preset.output.folder}/{preset.shot}.nk"


def assemble(
    preset_file: Path, *, project: Path, edit: dict[str, object] | None = None, here: Here | None = None
) -> Scripts:
    """Load a preset, build its graph, check it against what Nuke knows, and make the text of every script.

    project: the --out folder; file knobs become relative to it. edit: dotted preset fields to replace after loading,
    e.g. ``{"training.steps": 600}``. here: gives the preset with the paths at which this machine finds the files of
    another's. Raises PresetError, StageError, GraphError or PathError with all findings.
    """
    loaded = load(preset_file)
    if edit:
        loaded = attrs.evolve(loaded, preset=edited(loaded.preset, edit))
    return assemble_loaded(loaded, project=project, here=here)


def assemble_loaded(loaded: Loaded, *, project: Path, here: Here | None = None) -> Scripts:
    """The same of a preset that has been read. Raises PresetError (CR195, CR196: models), StageError, GraphError or
    PathError with all findings."""
    preset = loaded.preset
    untrusted = tuple(untrusted_models(preset, (here(loaded) if here else loaded).preset, project))
    if untrusted:
        raise PresetError(untrusted)
    recovery = build_graph(preset, paths=project_paths(loaded, project, here))
    findings = check(recovery.graph)
    errors = [p for p in findings if p.severity == "error"]
    if errors:
        raise GraphError(errors)
    texts = {path: write_nk(graph) for path, graph in recovery.files.items()}
    texts[f"{preset.output.folder}/01_dataset_curation/{preset.shot}_pairs.csv"] = pair_table(recovery.plan)
    warnings = (*loaded.warnings, *recovery.warnings, *(p for p in findings if p.severity != "error"))
    return Scripts(loaded, recovery, texts, tuple(warnings))


def steps_edit(steps: int) -> dict[str, object]:
    """The ``edit`` that gives a training this many steps, whoever trains."""
    return {"training.steps": steps, "training.engine.steps": steps, "training.engine.minutes": None}


def edited(preset: Preset, edit: dict[str, object]) -> Preset:
    """The preset with some dotted fields replaced. Raises PresetError if it then breaks a rule."""
    for path, value in edit.items():
        preset = _replaced(preset, path.split("."), value)
    broken = [f for f in broken_rules(preset, frozenset(), frozenset()) if f.severity == "error"]
    if broken:
        raise PresetError(Problem(f.code, f.field, f.message, f.hint) for f in broken)
    return preset


def _replaced(owner: Any, names: list[str], value: object) -> Any:
    first, *below = names
    return attrs.evolve(owner, **{first: _replaced(getattr(owner, first), below, value) if below else value})


def project_paths(loaded: Loaded, project: Path, here: Here | None = None) -> ProjectPaths:
    """Where the Reads look, as text for their file knobs, and how large the frames are. here: gives the preset with
    the paths at which this machine finds the files of another's, for looking into them."""
    preset = loaded.preset
    found = here(loaded).preset if here is not None else preset
    places, sizes = {}, {}
    for branch, clip in (("source", preset.source), ("reference", preset.reference)):
        names = [f"{branch}.path", *(f"{branch}.then[{n}].path" for n in range(len(clip.then)))]
        patterns = [
            Path(loaded.folder_of(name)) / part.path for name, part in zip(names, clip.sequences, strict=True)
        ]
        places[branch] = tuple(
            posix(part.path) if rooted(part.path) else relative_to_project(pattern, project)
            for part, pattern in zip(clip.sequences, patterns, strict=True)
        )
        reading: Clip = getattr(found, branch)
        files = [
            Path(loaded.folder_of(name)) / part.path
            for name, part in zip(names, reading.sequences, strict=True)
        ]
        sizes[branch] = _size(reading, files, branch)
    return ProjectPaths(
        source=places["source"][0],
        reference=places["reference"][0],
        source_size=sizes["source"],
        reference_size=sizes["reference"],
        source_then=places["source"][1:],
        reference_then=places["reference"][1:],
        model_sha256=file_sha256(project / found.inference.model) if found.inference.model else "",
    )


def _size(clip: Clip, patterns: list[Path], branch: str) -> PictureSize:
    """The preset's, else that of the first frames, which must be the same in every sequence."""
    if clip.format is not None:
        return PictureSize(clip.format.width, clip.format.height, clip.format.pixel_aspect)
    sizes = [
        _first_frame(Path(Pattern.parse(posix(pattern)).at(part.first)), branch)
        for pattern, part in zip(patterns, clip.sequences, strict=True)
    ]
    odd = [Problem("CR192", posix(q), f"{s.width}x{s.height}") for q, s in zip(patterns, sizes, strict=True)]
    if len(set(sizes)) > 1:
        message = f"sequences of one {branch} differ in size; the first is {sizes[0].width}x{sizes[0].height}"
        raise PresetError(
            attrs.evolve(problem, message=f"{problem.message}: {message}", hint="export all alike")
            for problem, size in zip(odd, sizes, strict=True)
            if size != sizes[0]
        )
    return sizes[0]


def _first_frame(first: Path, branch: str) -> PictureSize:
    try:
        size = picture_size(first)
    except PathError as error:
        problem = error.problems[0]
        hint = f"check {branch}.path and {branch}.first, or give {branch}.format to build without the files"
        raise PresetError(
            attrs.evolve(problem, message=f"{branch}: first frame: {problem.message}", hint=hint)
        ) from None
    if size is None:
        hint = f"give {branch}.format: {{width: ..., height: ...}} in the preset"
        raise PresetError.at(
            "CR190", posix(first), "the size of this type of file is not read without image libraries", hint
        )
    return size


def pair_table(plan: Plan) -> str:
    """The table of indices and timecodes that the guide asks for, as CSV: training pairs, then hold-outs."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(
        ["pair", "set", "source_frame", "source_timecode", "reference_frame", "reference_timecode", "note"]
    )
    rates = plan.preset.source.fps, plan.preset.reference.fps
    for numbered in plan.pairs:
        frames = numbered.pair.source, numbered.pair.reference_frame
        times = (timecode(frame, fps) for frame, fps in zip(frames, rates, strict=True))
        places = [word for both in zip(frames, times, strict=True) for word in both]
        role = "hold-out" if numbered.hold_out else "training"
        rows.writerow([numbered.number, role, *places, plain_cell(numbered.pair.note)])
    return text.getvalue()


def plain_cell(text: str) -> str:
    """A text as a table cell that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in tuple("=+-@\t\r\n") else text


def write_scripts(scripts: Scripts, project: Path, *, overwrite: bool = False) -> list[Path]:
    """Write all scripts, or none: every file that is in the way is named first.

    Raises PathError (CR602) listing the files that exist with other contents, (CR601) if one would leave the project.
    """
    targets = {contained(project, path): text for path, text in scripts.texts.items()}
    if not overwrite:
        in_the_way = [
            Problem(
                "CR602",
                posix(target),
                "exists with other contents; nothing was written",
                "choose another --out, or pass --overwrite",
            )
            for target, text in targets.items()
            if target.exists() and not (target.is_file() and target.read_bytes() == text.encode())
        ]
        if in_the_way:
            raise PathError(in_the_way)
    return [write_text(target, text, overwrite=overwrite) for target, text in targets.items()]
