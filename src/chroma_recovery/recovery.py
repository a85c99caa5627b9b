"""Evaluate a built recovery, stage by stage, and report: what ``chroma-recovery run`` does.

The graph is the one whose text is in the scripts. To measure hold-outs it is tapped with clones of its own nodes;
nothing else is added, dropped or rewired.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from . import __version__
from .build import Scripts, complete_script
from .engine.evaluate import Evaluator
from .engine.learning import TrainingResult, train
from .engine.learning.trainer import Progress as TrainingProgress
from .engine.render import RenderReport, render
from .errors import EngineError, Problem
from .frames import format_frames
from .paths import posix
from .qc.measures import luma_identity
from .qc.pictures import Display, difference, jpeg, sheet, write_jpeg
from .qc.report import Measure, Report, Still, write_report
from .qc.taps import HoldOutTaps, display_rgb, ycbcr_luma

__all__ = ["Outcome", "Recoverer"]

Tell = Callable[[int, int, str], None]
"""Progress: (done, total, note)."""

LUMA_TOLERANCE = 1e-5
"""Largest |dY| in the YCbCr domain that counts as the same luma."""


@attrs.define
class Outcome:
    """What a run made. seconds: wall time by stage. sheets, written: files by what they are."""

    training: TrainingResult | None = None
    renders: dict[str, RenderReport] = attrs.field(factory=dict)
    measures: list[Measure] = attrs.field(factory=list)
    seconds: dict[str, float] = attrs.field(factory=dict)
    sheets: dict[str, Path] = attrs.field(factory=dict)
    report: Path | None = None


class Recoverer:
    """One run over one project folder.

    frames: Source frames to render, None for the preset's whole range. overwrite: replace what an earlier run wrote.
    resume: keep what an earlier run finished. tell: makes a progress callback from a title. cancel: asked often; true
    stops the work with Cancelled, keeping what is finished.
    """

    def __init__(
        self,
        scripts: Scripts,
        project: Path,
        *,
        frames: Sequence[int] | None = None,
        overwrite: bool = False,
        resume: bool = False,
        tell: Callable[[str], Tell] = lambda title: lambda done, total, note: None,
        cancel: Callable[[], bool] | None = None,
    ) -> None:
        self.scripts, self.project = scripts, project
        self.preset = scripts.loaded.preset
        self.graph, self.names = scripts.recovery.graph, scripts.recovery.names
        self.plan = scripts.recovery.plan
        self.overwrite, self.resume, self.tell, self.cancel = overwrite, resume, tell, cancel
        first, last = self.plan.render_range
        self.frames = list(frames) if frames is not None else list(range(first, last + 1))
        outside = [f for f in self.frames if not first <= f <= last]
        if outside:
            raise EngineError.at("CR581", "--frames", f"{format_frames(outside)} lie outside the range {first}-{last} of the preset")
        self.taps = HoldOutTaps(copy.deepcopy(self.graph), self.names)
        self.evaluator = Evaluator(self.taps.graph, project=project)
        self.evaluator.cancel = cancel
        self.outcome = Outcome()

    def go(self, stages: Sequence[str]) -> Outcome:
        """Run the stages, in workflow order."""
        steps = {
            "curation": self.curate,
            "alignment": self.align,
            "training": self.train,
            "inference": self.infer,
            "validation": self.validate,
        }
        for name, step in steps.items():
            if name in stages:
                with self._timed(name):
                    step()
        return self.outcome

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.outcome.seconds[stage] = time.monotonic() - began

    # -- stages

    def curate(self) -> None:
        """Stage 1: a contact sheet of the pairs as they come, hold-outs included."""
        rows = []
        for number, pair in enumerate(self.plan.pairs, start=1):
            source, reference = (
                self._shown(read, frame)
                for read, frame in ((self.names.source_read, pair.pair.source), (self.names.reference_read, pair.pair.reference_frame))
            )
            role = "hold-out" if pair.hold_out else "training"
            rows.append((f"pair {number}  {role}  Source {pair.pair.source}  Reference {pair.pair.reference_frame}  {pair.pair.note}", {"Source": source, "Reference": reference}))
            self._tick("curation", number, len(self.plan.pairs))
        self._sheet("01_dataset_curation", "pairs", rows)

    def align(self) -> None:
        """Stage 2: solve every training pair and show what Merge (difference) shows: edges, not colour."""
        rows = []
        for pair in self.plan.training:
            source = self._shown(self.names.source_dataset, pair.number)
            aligned = self._shown(self.names.dissolve, pair.number)
            rows.append(
                (
                    f"pair {pair.number}  Source {pair.pair.source}",
                    {"Source": source, "aligned Reference": aligned, "difference of luma x4": difference(source, aligned)},
                )
            )
            self._tick("alignment", pair.number, len(self.plan.training))
        self._sheet("02_alignment", "alignment", rows)

    def train(self) -> None:
        """Stage 3: execute the training node."""
        tell = self.tell("training")

        def progress(at: TrainingProgress) -> None:
            held = f", hold-outs {at.validation:.4f}" if at.validation is not None else ""
            tell(at.step, at.steps, f"loss {at.loss:.4f}{held}")

        self.outcome.training = train(
            self.evaluator,
            self.names.training,
            progress=progress,
            cancel=self.cancel,
            resume=self.resume and self._has_run() or None,
            overwrite=self.overwrite,
            facts=self.provenance(),
        )
        self.evaluator.forget()

    def _has_run(self) -> bool:
        folder = self.project / self.plan.data_directory
        return any(folder.glob(f"{self.plan.run}.*.optimiser.safetensors"))

    def infer(self) -> None:
        """Stage 4: render the recovered masters."""
        self._render("inference", self.names.write)

    def validate(self) -> None:
        """Stage 5: the baseline, the final plate, the measures and the report."""
        for node in (self.names.write_matchgrade, self.names.write_final):
            if node is not None:
                self._render("validation: " + node, node)
        self.outcome.measures = self.measure()
        self.outcome.report = self.report()

    def _render(self, title: str, node: str) -> None:
        tell = self.tell(title)
        self.outcome.renders[node] = render(
            self.evaluator,
            node,
            self.frames,
            overwrite=self.overwrite,
            resume=self.resume,
            metadata=self.provenance(),
            progress=lambda done, total: tell(done, total, ""),
            cancel=self.cancel,
        )

    def provenance(self) -> dict[str, str]:
        """What every model and frame says of its making."""
        p = self.preset
        return {
            "chroma_recovery/version": __version__,
            "chroma_recovery/preset": p.shot,
            "chroma_recovery/graph_sha256": self.scripts.graph_hash,
            "chroma_recovery/reference_kind": p.reference.kind,
            "chroma_recovery/reference_citation": p.reference.citation,
        }

    # -- judging

    def measure(self) -> list[Measure]:
        """The numbers that need no truth: luma, and hold-outs against their Reference."""
        middle = self.frames[len(self.frames) // 2]
        found = [self._luma_of_truth()]
        recovered, domain = self.names.inference, self.preset.colour.domain
        fed = self.graph[recovered].inputs[0] or ""
        luma = [
            luma_identity(ycbcr_luma(self.evaluator, domain, fed, f), ycbcr_luma(self.evaluator, domain, recovered, f)).max
            for f in sorted({self.frames[0], middle, self.frames[-1]})
        ]
        found.append(
            Measure(
                "Luma of the recovered frames",
                max(luma),
                "max |dY|",
                f"at most {LUMA_TOLERANCE:g}",
                max(luma) <= LUMA_TOLERANCE,
                "Y of Inference's output against Y of its input, first, middle and last frame, before delivery",
            )
        )
        return found + self._hold_outs()

    def _luma_of_truth(self) -> Measure:
        worst = max(
            luma_identity(
                self.evaluator.image(self.names.source_ycbcr, pair.number).channel("red"),
                self.evaluator.image(self.names.ground_truth_ycbcr, pair.number).channel("red"),
            ).max
            for pair in self.plan.training
        )
        rule = f"at most {LUMA_TOLERANCE:g}"
        return Measure("Luma of the Ground Truth", worst, "max |dY|", rule, worst <= LUMA_TOLERANCE, "Y of Ground Truth against Y of Source, all training pairs")

    def _hold_outs(self) -> list[Measure]:
        held = [p.number for p in self.plan.hold_outs]
        errors = self.taps.errors(self.evaluator, self.preset.colour.domain, held)
        how = "mean CIEDE2000 of the hold-out pairs against Source luma + Reference chroma"
        found = [Measure(f"Colour error, {name}", value, "dE2000", detail=how) for name, value in errors.items() if name != "Recovered"]
        if "Recovered" in errors:
            rivals = [v for k, v in errors.items() if k != "Recovered"]
            passed = errors["Recovered"] < min(rivals) if rivals else None
            found.insert(0, Measure("Colour error, Recovered", errors["Recovered"], "dE2000", "below Source and baseline" if rivals else "", passed, how))
        return found

    def report(self) -> Path:
        """Write the report and return its place."""
        broken = [m.name for m in self.outcome.measures if m.passed is False]
        verdict = (
            "Every rule holds: luma is the Source's, and on the hold-outs the recovered colour is closer to the Reference than the baseline's."
            if not broken and any(m.name == "Colour error, Recovered" for m in self.outcome.measures)
            else "Every rule holds; without hold-outs the colour was not judged."
            if not broken
            else "Look at this shot: " + ", ".join(b[0].lower() + b[1:] for b in broken) + (" breaks its rule." if len(broken) == 1 else " break their rules.")
        )
        p = self.preset
        settings = {f"training.{k}": str(v) for k, v in attrs.asdict(p.training, recurse=False).items() if not attrs.has(type(v))}
        settings |= {f"colour.{k}": str(v) for k, v in attrs.asdict(p.colour).items()}
        report = Report(
            shot=p.shot,
            verdict=verdict,
            passed=not broken,
            measures=tuple(self.outcome.measures),
            stills=tuple(self._stills()),
            losses=self._losses(),
            pairs=tuple(
                {
                    "pair": str(q.number),
                    "set": "hold-out" if q.hold_out else "training",
                    "Source frame": str(q.pair.source),
                    "Reference frame": str(q.pair.reference_frame),
                    "note": q.pair.note,
                }
                for q in self.plan.pairs
            ),
            settings=settings,
            documentation={k: v for k, v in {**attrs.asdict(p.documentation), "reference": f"{p.reference.kind}. {p.reference.citation}"}.items() if v},
            findings=self.scripts.warnings,
            files={
                "script": complete_script(p),
                "graph SHA-256": self.scripts.graph_hash,
                "model": self.plan.model_file,
                **{node: f"{len(r.paths)} frames, {posix(r.paths[0].parent)}" for node, r in self.outcome.renders.items() if r.paths},
                **{f"{stage} took": f"{seconds:.1f} s" for stage, seconds in self.outcome.seconds.items()},
            },
        )
        return write_report(report, self.project / p.output.folder / "05_validation" / p.shot, overwrite=self.overwrite or self.resume)

    def _stills(self) -> Iterator[Still]:
        count = len(self.frames)
        trained = {p.pair.source for p in self.plan.training}
        for frame in sorted({self.frames[0], self.frames[count // 2], self.frames[-1]}):
            pictures = {"Source": self._shown(self.names.live_area, frame), "Recovered": self._shown(self.names.inference, frame)}
            yield Still(frame, "training pair" if frame in trained else "not trained on", {k: jpeg(v, width=900) for k, v in pictures.items()})

    def _losses(self) -> tuple[tuple[int, float, float | None], ...]:
        log = self.project / self.plan.data_directory / f"{self.plan.run}.csv"
        if not log.is_file():
            return ()
        rows = [line.split(",") for line in log.read_text().splitlines()[1:]]
        return tuple((int(r[0]), float(r[1]), float(r[2]) if len(r) > 2 and r[2] else None) for r in rows)

    # -- pictures

    def _shown(self, node: str, frame: int) -> Display:
        return display_rgb(self.evaluator, self.preset.colour.domain, node, frame, self.names)

    def _sheet(self, stage: str, what: str, rows: list[tuple[str, dict[str, Display]]]) -> None:
        target = self.project / self.preset.output.folder / stage / "QC" / f"{self.preset.shot}_{what}.jpg"
        self.outcome.sheets[what] = write_jpeg(target, sheet(rows), overwrite=self.overwrite or self.resume)

    def _tick(self, title: str, done: int, total: int) -> None:
        if done == 1:
            self._now = self.tell(title)
        self._now(done, total, "")
