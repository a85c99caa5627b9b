"""Evaluate a built recovery, stage by stage, and report: what ``chroma-recovery run`` does.

The graph is the one whose text is in the scripts. To measure hold-outs it is tapped with clones of its own nodes;
nothing else is added, dropped or rewired.
"""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from .. import __version__
from ..build import Scripts
from ..engine.evaluate import Evaluator
from ..engine.learning import train
from ..engine.learning.settings import model_file
from ..engine.learning.trainer import Progress as TrainingProgress
from ..engine.render import occupied, render
from ..errors import EngineError, PathError
from ..frames import format_frames
from ..nk.metadata import encoded
from ..qc.pictures import Display, edge_difference
from ..qc.profile import Profile
from ..qc.taps import HoldOutTaps, display_rgb
from .handover import NO_TIMELINE, timeline_available, write_baseline, write_timeline
from .judge import Judge
from .outcome import Outcome
from .outliers import write_record
from .sheets import write_pages

__all__ = ["Recoverer", "Tell"]

Tell = Callable[[int, int, str], None]
"""Progress: (done, total, note)."""

Row: TypeAlias = tuple[str, Mapping[str, Display]]
"""Title and pictures by label of one pair on a contact sheet."""


class Recoverer:
    """One run over one project folder.

    frames: Source frames to render, None for the preset's whole range. overwrite: replace what an earlier run wrote.
    resume: keep what an earlier run finished. tell: makes a progress callback from a title. cancel: asked often; true
    stops the work with Cancelled, keeping what is finished. profile: limits of quality control, the shipped ones if
    None.
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
        profile: Profile | None = None,
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
            raise EngineError.at(
                "CR581",
                "--frames",
                f"{format_frames(outside)} lie outside the range {first}-{last} of the preset",
            )
        self.taps = HoldOutTaps(copy.deepcopy(self.graph), self.names)
        self.evaluator = Evaluator(self.taps.graph, project=project)
        self.evaluator.cancel = cancel
        self.judge = Judge(scripts, project, self.evaluator, self.taps, profile)
        self.outcome = Outcome()

    def go(self, stages: Sequence[str]) -> Outcome:
        """Run the stages, in workflow order. Raises PathError (CR602) before the first of them where sequences are
        there already that must not be replaced."""
        steps = {
            "curation": self.curate,
            "alignment": self.align,
            "training": self.train,
            "inference": self.infer,
            "validation": self.validate,
        }
        if not (self.overwrite or self.resume):
            self._refuse_occupied(stages)
        for name, step in steps.items():
            if name in stages:
                with self._timed(name):
                    step()
        return self.outcome

    def _refuse_occupied(self, stages: Sequence[str]) -> None:
        last = (self.names.write_matchgrade, self.names.write_final)
        nodes = [self.names.write] * ("inference" in stages) + [*last] * ("validation" in stages)
        found = [occupied(self.evaluator, n, self.frames) for n in nodes if n is not None]
        problems = [p for p in found if p is not None]
        if problems:
            raise PathError(problems)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.outcome.seconds[stage] = time.monotonic() - began

    # -- stages

    def curate(self) -> None:
        """Stage 1: contact sheets of the pairs as they come, hold-outs included."""
        self._sheets("01_dataset_curation", "pairs", self._as_they_come())

    def _as_they_come(self) -> Iterator[Row]:
        for number, pair in enumerate(self.plan.pairs, start=1):
            role = "hold-out" if pair.hold_out else "training"
            frames = f"Source {pair.pair.source}  Reference {pair.pair.reference_frame}"
            title = f"pair {number}  {role}  {frames}  {pair.pair.note}"
            source = self._shown(self.names.source_read, pair.pair.source)
            reference = self._shown(self.names.reference_read, pair.pair.reference_frame)
            yield title, {"Source": source, "Reference": reference}
            self._tick("curation", number, len(self.plan.pairs))

    def align(self) -> None:
        """Stage 2: solve every training pair and show where edges differ, whatever the colour."""
        self._sheets("02_alignment", "alignment", self._as_aligned())

    def _as_aligned(self) -> Iterator[Row]:
        for pair in self.plan.training:
            source = self._shown(self.names.source_dataset, pair.number)
            aligned = self._shown(self.names.dissolve, pair.number)
            self.judge.pairs.hold(pair.number)
            views = {
                "Source": source,
                "aligned Reference": aligned,
                "difference of edges": edge_difference(source, aligned),
            }
            yield f"pair {pair.number}  Source {pair.pair.source}", views
            self._tick("alignment", pair.number, len(self.plan.training))

    def train(self) -> None:
        """Stage 3: execute the training node."""
        tell = self.tell("training")

        def progress(at: TrainingProgress) -> None:
            held = f", hold-outs {at.validation:.4f}" if at.validation is not None else ""
            tell(at.step, at.steps, f"loss {at.loss:.4f}{held}")

        trained = self.outcome.training = train(
            self.evaluator,
            self.names.training,
            progress=progress,
            cancel=self.cancel,
            resume=(self.resume and self._has_run()) or None,
            overwrite=self.overwrite,
            facts=self.provenance(),
        )
        tell(trained.steps, trained.steps, f"loss {trained.loss:.4f}; {trained.chosen}")
        for pair in self.plan.hold_outs:
            self.judge.pairs.hold(pair.number, held_out=True)
        self.evaluator.kept.clear()  # pictures made with an older model; solved alignments stay

    def _has_run(self) -> bool:
        folder = self.project / self.plan.data_directory
        return any(folder.glob(f"{self.plan.run}.*.optimiser.safetensors"))

    def infer(self) -> None:
        """Stage 4: render the recovered masters."""
        self._render("inference", self.names.write)

    def validate(self) -> None:
        """Stage 5: measures and report first, then the baseline, the final plate and the timeline over them."""
        from .reporting import Reporter  # loads what draws plots: only where there is something to draw

        tell = self.tell("measuring")
        reporter = Reporter(self.scripts, self.project, self.evaluator)
        self.outcome.shot = self.judge.shot(
            self.frames,
            lambda done: tell(done, len(self.frames), ""),
            lambda frame: reporter.stills.take(self.frames, frame),
        )
        self.outcome.suspects = self.judge.pairs.contact()
        write_record(self.project, self.preset, self.frames, self.outcome.shot)
        again = self.overwrite or self.resume
        of = self.evaluator, self.plan, self.names, reporter.folder
        self.outcome.handed |= write_baseline(*of, overwrite=again)
        self.outcome.report = reporter.write(self.outcome, self.frames, self.model(), overwrite=again)
        for node in (self.names.write_matchgrade, self.names.write_final):
            if node is not None:
                self._render("validation: " + node, node)
        timeline = write_timeline(*of, self.outcome.shot.outliers, overwrite=again)
        if timeline is not None:
            self.outcome.handed["review timeline"] = timeline
        elif not timeline_available():
            self.outcome.notes.append(NO_TIMELINE)

    def _render(self, title: str, node: str) -> None:
        tell = self.tell(title)
        self.outcome.renders[node] = render(
            self.evaluator,
            node,
            self.frames,
            overwrite=self.overwrite,
            resume=self.resume,
            metadata=self.provenance()
            | (self._model_header() if node != self.names.write_matchgrade else {}),
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

    def model(self) -> dict[str, str]:
        """The model that Inference loads, by name and SHA-256; empty if the named file is not there.

        Raises EngineError (CR558) where the engine cannot use it, as Inference does.
        """
        node = self.names.inference
        path = model_file(self.evaluator.path(node, "modelFile"), f"{node}.modelFile")
        if not path.is_file():
            return {}
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return {"chroma_recovery/model": path.name, "chroma_recovery/model_sha256": digest}

    def _model_header(self) -> dict[str, str]:
        """The same under the names of ``stages.header`` too, which could not know it when the script was built."""
        said = self.model()
        return said | {
            k: encoded(v) for k, v in zip(("ModelCheckpoint", "ModelHash"), said.values(), strict=False)
        }

    # -- pictures

    def _shown(self, node: str, frame: int) -> Display:
        return display_rgb(self.evaluator, self.preset.colour.domain, node, frame, self.names)

    def _sheets(self, stage: str, what: str, rows: Iterator[Row]) -> None:
        folder = self.project / self.preset.output.folder / stage / "QC"
        again = self.overwrite or self.resume
        pages = write_pages(folder, f"{self.preset.shot}_{what}", rows, overwrite=again)
        self.outcome.sheets[what] = pages[0]

    def _tick(self, title: str, done: int, total: int) -> None:
        if done == 1:
            self._now = self.tell(title)
        self._now(done, total, "")
