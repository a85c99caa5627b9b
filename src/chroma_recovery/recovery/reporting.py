"""Gathers what a run made and measured into its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from ..build import Scripts, complete_script
from ..engine.evaluate import Evaluator
from ..paths import posix
from ..qc.pictures import jpeg
from ..qc.report import Report, Still, write_report
from ..qc.results import Measure
from ..qc.taps import display_rgb
from .outcome import RECOVERED, Outcome
from .sampling import some_of

__all__ = ["Reporter"]


class Reporter:
    """Writes the report of one recovery through its evaluator."""

    def __init__(self, scripts: Scripts, project: Path, evaluator: Evaluator) -> None:
        self.scripts, self.project, self.evaluator = scripts, project, evaluator
        self.preset, self.plan = scripts.loaded.preset, scripts.recovery.plan
        self.names, self.domain = scripts.recovery.names, scripts.loaded.preset.colour.domain

    def write(
        self, outcome: Outcome, frames: Sequence[int], model: dict[str, str], *, overwrite: bool
    ) -> Path:
        """Write report.html and report.json and return the HTML file. model: what headers say of the model."""
        p = self.preset
        broken = [m.name for m in outcome.measures if m.passed is False]
        documentation = {
            **attrs.asdict(p.documentation),
            "reference": f"{p.reference.kind}. {p.reference.citation}",
        }
        report = Report(
            shot=p.shot,
            verdict=_verdict(outcome.measures),
            passed=not broken,
            measures=tuple(outcome.measures),
            stills=tuple(self._stills(frames)),
            losses=self._losses(),
            pairs=tuple(self._pairs()),
            settings=_settings("training", p.training) | _settings("colour", p.colour),
            documentation={k: v for k, v in documentation.items() if v},
            findings=self.scripts.warnings,
            files={
                "script": complete_script(p),
                "graph SHA-256": self.scripts.graph_hash,
                **{k.split("/")[1].replace("_sha256", " SHA-256"): v for k, v in model.items()},
                **{
                    node: f"{len(r.paths)} frames, {posix(r.paths[0].parent)}"
                    for node, r in outcome.renders.items()
                    if r.paths
                },
                **{f"{stage} took": f"{seconds:.1f} s" for stage, seconds in outcome.seconds.items()},
            },
        )
        folder = self.project / p.output.folder / "05_validation" / p.shot
        return write_report(report, folder, overwrite=overwrite)

    def _pairs(self) -> Iterator[dict[str, str]]:
        for q in self.plan.pairs:
            yield {
                "pair": str(q.number),
                "set": "hold-out" if q.hold_out else "training",
                "Source frame": str(q.pair.source),
                "Reference frame": str(q.pair.reference_frame),
                "note": q.pair.note,
            }

    def _stills(self, frames: Sequence[int]) -> Iterator[Still]:
        pairs = {p.pair.source: p for p in self.plan.pairs}
        graded = self.names.write_matchgrade
        baseline = self.evaluator.graph[graded].inputs[0] if graded is not None else None
        for frame in some_of(frames):
            shown = {"Source": (self.names.live_area, frame)}
            if frame in pairs:
                shown["Reference, not aligned"] = (
                    self.names.reference_read,
                    pairs[frame].pair.reference_frame,
                )
            if baseline is not None:
                shown["MatchGrade baseline"] = (baseline, frame)
            shown["Recovered"] = (self.names.inference, frame)
            pictures = {label: self._jpeg(node, at) for label, (node, at) in shown.items()}
            role = (
                "no pair" if frame not in pairs else "hold-out" if pairs[frame].hold_out else "training pair"
            )
            yield Still(frame, role, pictures)

    def _jpeg(self, node: str, frame: int) -> bytes:
        return jpeg(display_rgb(self.evaluator, self.domain, node, frame, self.names), width=900)

    def _losses(self) -> tuple[tuple[int, float, float | None], ...]:
        log = self.project / self.plan.data_directory / f"{self.plan.run}.csv"
        if not log.is_file():
            return ()
        rows = [line.split(",") for line in log.read_text().splitlines()[1:]]
        return tuple((int(r[0]), float(r[1]), float(r[2]) if len(r) > 2 and r[2] else None) for r in rows)


def _verdict(measures: Sequence[Measure]) -> str:
    broken = [m.name[0].lower() + m.name[1:] for m in measures if m.passed is False]
    if broken:
        ending = "breaks its rule" if len(broken) == 1 else "break their rules"
        return f"Look at this shot: {', '.join(broken)} {ending}."
    if any(m.name == RECOVERED for m in measures):
        return (
            "Every rule holds: luma is the Source's, and on the hold-outs the recovered colour is closer to the "
            "Reference than the Source's and the baseline's."
        )
    return "Every rule holds; without hold-outs the colour was not judged."


def _settings(section: str, values: attrs.AttrsInstance) -> dict[str, str]:
    rows = attrs.asdict(values, recurse=False).items()
    return {f"{section}.{k}": str(v) for k, v in rows if not attrs.has(type(v))}
