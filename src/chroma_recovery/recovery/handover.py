"""What validation leaves beside the report for other tools: the baseline as .cube files, and a review timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..engine.evaluate import Evaluator
from ..frames import Pattern
from ..paths import posix
from ..qc.cube import write_cubes
from ..qc.results import Outlier
from ..qc.review_timeline import Layer, write_review_timeline
from ..qc.review_timeline import available as timeline_available
from ..stages.names import Names
from ..stages.plan import Plan

__all__ = ["NO_TIMELINE", "timeline_available", "write_baseline", "write_timeline"]

NO_TIMELINE = "no review timeline: OpenTimelineIO is not installed (pip install 'chroma-recovery[timeline]')"


def write_baseline(
    evaluator: Evaluator, plan: Plan, names: Names, folder: Path, *, overwrite: bool
) -> dict[str, Path]:
    """The baseline's .cube files, by what they are; empty if the preset has no baseline."""
    colour = plan.preset.colour
    plate = None if colour.domain == "aces-odt" else colour.read
    stem = f"{plan.run}_MatchGrade"
    written = write_cubes(evaluator, names, folder, stem, plate=plate, overwrite=overwrite)
    return {f"baseline LUT, {kind}": path for kind, path in written.items()}


def write_timeline(
    evaluator: Evaluator,
    plan: Plan,
    names: Names,
    folder: Path,
    outliers: Sequence[Outlier],
    *,
    overwrite: bool,
) -> Path | None:
    """The review timeline, ``<run>_review.otio``; None without OpenTimelineIO or without rendered frames."""
    layers = list(_layers(evaluator, plan, names))
    if not timeline_available() or not any(layer.name == "Recovered" for layer in layers):
        return None
    target = folder / f"{plan.run}_review.otio"
    fps = plan.preset.source.fps
    return write_review_timeline(
        target, layers, name=plan.preset.shot, fps=fps, outliers=outliers, overwrite=overwrite
    )


def _layers(evaluator: Evaluator, plan: Plan, names: Names) -> Iterator[Layer]:
    """Original, baseline, Recovered: those of which frames lie on disk, from the bottom up."""
    wanted = (
        ("Original", names.source_read, "the Source as scanned: not cropped, not reformatted"),
        ("Baseline", names.write_matchgrade, "MatchGrade, one 3D LUT"),
        ("Recovered", names.write, "Source luma, recovered chroma"),
    )
    first, last = plan.render_range
    for name, node, note in wanted:
        if node is None or evaluator.graph[node].cls not in ("Read", "Write"):
            continue
        path = evaluator.path(node)
        pattern = Pattern.parse(posix(path))
        there = tuple(f for f in range(first, last + 1) if Path(pattern.at(f)).is_file())
        if pattern.is_sequence and there:
            yield Layer(name, path, there, note)
