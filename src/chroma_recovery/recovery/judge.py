"""Measures a run and writes its report: the numbers that need no truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from ..build import Scripts, complete_script
from ..engine.evaluate import Evaluator
from ..engine.learning import TrainingResult
from ..engine.render import RenderReport
from ..paths import posix
from ..qc.measures import luma_identity
from ..qc.pictures import jpeg
from ..qc.report import Report, Still, write_report
from ..qc.results import Measure
from ..qc.taps import HoldOutTaps, display_rgb, ycbcr_luma

__all__ = ["LUMA_TOLERANCE", "Judge", "Outcome"]

LUMA_TOLERANCE = 1e-5
"""Largest |dY| in the YCbCr domain that counts as the same luma."""

RECOVERED = "Colour error, Recovered"


@attrs.define
class Outcome:
    """What a run made. seconds: wall time by stage. sheets: contact sheets by what they show."""

    training: TrainingResult | None = None
    renders: dict[str, RenderReport] = attrs.field(factory=dict)
    measures: list[Measure] = attrs.field(factory=list)
    seconds: dict[str, float] = attrs.field(factory=dict)
    sheets: dict[str, Path] = attrs.field(factory=dict)
    report: Path | None = None


class Judge:
    """Judges one recovery through its evaluator. taps: the clones that see the hold-outs."""

    def __init__(self, scripts: Scripts, project: Path, evaluator: Evaluator, taps: HoldOutTaps) -> None:
        self.scripts, self.project, self.evaluator, self.taps = scripts, project, evaluator, taps
        self.preset, self.plan = scripts.loaded.preset, scripts.recovery.plan
        self.names, self.domain = scripts.recovery.names, scripts.loaded.preset.colour.domain

    # -- measures

    def measure(self, frames: Sequence[int]) -> list[Measure]:
        """Luma of Ground Truth and recovered frames, and the hold-outs against their Reference."""
        return [
            self._luma_of_truth(),
            self._luma_after_clamp(),
            self._luma_of_frames(frames),
            *self._hold_outs(),
        ]

    def _luma_of_truth(self) -> Measure:
        worst = max(
            luma_identity(
                self.evaluator.image(self.names.source_ycbcr, pair.number).channel("red"),
                self.evaluator.image(self.names.ground_truth_ycbcr, pair.number).channel("red"),
            ).max
            for pair in self.plan.training
        )
        return _luma(
            "Luma of the Ground Truth", worst, "Y of Ground Truth against Y of Source, all training pairs"
        )

    def _luma_after_clamp(self) -> Measure:
        worst = max(
            luma_identity(
                *(ycbcr_luma(self.evaluator, self.domain, node, pair.number) for node in self._ends())
            ).mean
            for pair in self.plan.training
        )
        how = "the same where they enter training, after the clamp to 0-1; only colours outside 0-1 move"
        return Measure("Luma of the clamped Ground Truth", worst, "mean |dY|", detail=how)

    def _ends(self) -> tuple[str, str]:
        return self.names.training_input, self.names.training_ground_truth

    def _luma_of_frames(self, frames: Sequence[int]) -> Measure:
        recovered = self.names.inference
        fed = self.evaluator.graph[recovered].inputs[0] or ""
        worst = max(
            luma_identity(
                *(ycbcr_luma(self.evaluator, self.domain, node, frame) for node in (fed, recovered))
            ).max
            for frame in _some(frames)
        )
        how = "Y of Inference's output against Y of its input, first, middle and last frame, before delivery"
        return _luma("Luma of the recovered frames", worst, how)

    def _hold_outs(self) -> list[Measure]:
        held = [p.number for p in self.plan.hold_outs]
        errors = self.taps.errors(self.evaluator, self.domain, held)
        how = "mean CIEDE2000 of the hold-out pairs against Source luma + Reference chroma"
        found = [
            Measure(f"Colour error, {n}", v, "dE2000", detail=how)
            for n, v in errors.items()
            if n != "Recovered"
        ]
        if "Recovered" in errors:
            rivals = [v for k, v in errors.items() if k != "Recovered"]
            passed = errors["Recovered"] < min(rivals) if rivals else None
            rule = "below every other" if rivals else ""
            found.insert(0, Measure(RECOVERED, errors["Recovered"], "dE2000", rule, passed, how))
        return found

    # -- report

    def report(
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
        for frame in _some(frames):
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


def _luma(name: str, worst: float, how: str) -> Measure:
    return Measure(name, worst, "max |dY|", f"at most {LUMA_TOLERANCE:g}", worst <= LUMA_TOLERANCE, how)


def _some(frames: Sequence[int]) -> list[int]:
    """First, middle and last."""
    return sorted({frames[0], frames[len(frames) // 2], frames[-1]})


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
