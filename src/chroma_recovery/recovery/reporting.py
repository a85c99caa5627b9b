"""Gathers what a run made and measured into its report."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

import attrs
import cv2
import numpy as np
import yaml

from .. import __version__
from ..build import Scripts, complete_script
from ..engine.evaluate import Evaluator
from ..engine.learning.loss_log import read_losses
from ..pairs.table import PairRecord, record_of
from ..paths import contained, posix
from ..qc.checklists import checklists
from ..qc.pictures import jpeg
from ..qc.report import Report, Training, write_report
from ..qc.verdict import number, verdict_of
from .facts import facts_of
from .outcome import Outcome
from .stills import Stills

__all__ = ["Reporter"]

LIBRARIES = (
    "numpy",
    "torch",
    "OpenImageIO",
    "opencolorio",
    "opencv-python-headless",
    "scikit-image",
    "matplotlib",
)


class Reporter:
    """Writes the report of one recovery through its evaluator."""

    def __init__(self, scripts: Scripts, project: Path, evaluator: Evaluator) -> None:
        self.scripts, self.project, self.evaluator = scripts, project, evaluator
        self.preset, self.plan = scripts.loaded.preset, scripts.recovery.plan
        self.names = scripts.recovery.names
        self.stills = Stills(evaluator, self.plan, self.names)

    @property
    def folder(self) -> Path:
        """Where everything of the validation of this shot lies."""
        return self.project / self.preset.output.folder / "05_validation" / self.preset.shot

    def write(
        self, outcome: Outcome, frames: Sequence[int], model: dict[str, str], *, overwrite: bool
    ) -> Path:
        """Write report.html, report.json and frames.csv; return the HTML file. model: what headers say of the model."""
        measured = outcome.shot
        stills, scopes = self.stills.stills(frames, measured)
        contacts = self.stills.contact(frames), self.stills.pairs()
        self.stills.forget()
        training, records = self._training(outcome), self._records()
        report = Report(
            shot=self.preset.shot,
            verdict=verdict_of(self.preset.shot, measured),
            measured=measured,
            about=self._about(frames),
            figures=tuple(self._figures(outcome, frames)),
            stills=tuple(stills),
            contacts=(
                *((outcome.suspects,) if outcome.suspects else ()),
                *contacts,
            ),
            training=training,
            scopes=scopes.drawn(),
            checklists=checklists(measured, facts_of(self.scripts, outcome, frames, training, records)),
            pairs=tuple(self._pairs(records)),
            citation=f"{self.preset.reference.kind}. {self.preset.reference.citation}".strip(),
            constructed=self.preset.reference.kind == "constructed",
            settings=self._settings(),
            documentation=self._documentation(),
            findings=self.scripts.warnings,
            files=self._files(outcome, model),
            versions=_versions() | {"OCIO config": self.preset.colour.config},
        )
        return write_report(report, self.folder, overwrite=overwrite)

    # -- words and numbers

    def _about(self, frames: Sequence[int]) -> str:
        held, trained = len(self.plan.hold_outs), len(self.plan.training)
        exam = (
            f" {held} more {'were' if held > 1 else 'was'} kept out of training to judge it." if held else ""
        )
        return (
            f"The colour of {len(frames)} frames ({frames[0]}-{frames[-1]}) was rebuilt by a small network that "
            f"learned from {trained} pair{'s' if trained != 1 else ''} of faded and reference frames of this film, in "
            f"{self.plan.total_steps} steps.{exam} Only chroma is new; luma is the Source's."
        )

    def _figures(self, outcome: Outcome, frames: Sequence[int]) -> Iterator[tuple[str, str, str]]:
        by_name = {m.name: m for m in outcome.measures}
        by_code = {m.code: m for m in outcome.measures if m.code}
        recovered = by_name.get("Colour error, Recovered")
        if recovered is not None:
            others = [
                f"{n.removeprefix('Colour error, ')} {number(m.value)}"
                for n, m in by_name.items()
                if n.startswith("Colour error, ") and m is not recovered
            ]
            yield f"{number(recovered.value)} dE", "Colour error on hold-outs", "; ".join(others)
        gain = by_code.get("Q390")
        if gain is not None:
            yield (
                f"{gain.value:+.0f} %",
                "Improvement over the baseline",
                "clear" if gain.passed else "not clear",
            )
        luma = by_code.get("Q104") or by_code.get("Q103") or by_name.get("Luma of the recovered frames")
        if luma is not None:
            yield (
                number(luma.value),
                "Luma difference to the Source",
                f"{luma.unit}, allowed {luma.rule or 'any'}",
            )
        yield str(len(frames)), "Frames", f"{frames[0]}-{frames[-1]}"
        if outcome.shot.frames:
            out = len({o.frame for o in outcome.shot.outliers})
            yield str(out), "Frames that stand out", "listed below" if out else "none"

    def _pairs(self, records: dict[int, PairRecord]) -> Iterator[dict[str, str]]:
        for q in self.plan.pairs:
            row = {
                "pair": str(q.number),
                "set": "hold-out" if q.hold_out else "training",
                "Source": str(q.pair.source),
                "Reference": str(q.pair.reference_frame),
            }
            if records:
                record = records.get(q.pair.source)
                row["residual p50"] = f"{record.p50:.2f}" if record else ""
                row["residual p95"] = f"{record.p95:.2f}" if record else ""
                row["path"] = record.method if record else ""
                row["judged"] = record.verdict if record else "not measured"
            row["note"] = q.pair.note
            yield row

    def _records(self) -> dict[int, PairRecord]:
        """What ``chroma-recovery pairs`` measured, by Source frame; empty where it has not run."""
        place = f"{self.preset.output.folder}/01_dataset_curation/pairs/{self.preset.shot}_pair_table.yaml"
        table = contained(self.project, place)
        if not table.is_file():
            return {}
        try:
            rows = yaml.safe_load(table.read_text(encoding="utf-8"))["pairs"]
            return {r.source: r for r in map(record_of, rows)}
        except (yaml.YAMLError, TypeError, KeyError, AttributeError):
            return {}

    def _training(self, outcome: Outcome) -> Training:
        folder = self.project / self.plan.data_directory
        log = folder / f"{self.plan.run}.csv"
        steps = {}
        for path in folder.glob(f"{self.plan.run}.*.safetensors"):
            found = re.fullmatch(r"(\d+)\.safetensors", path.name.removeprefix(f"{self.plan.run}."))
            if found:
                steps[int(found[1])] = path
        losses = tuple(read_losses(log)) if log.is_file() else ()
        held = [(h, s) for s, _, h in losses if h is not None]
        best = min(held)[1] if held and outcome.training is not None and outcome.training.best else None
        sheets = sorted(folder.glob(f"{self.plan.run}.*.png"), key=lambda p: p.stat().st_mtime)
        return Training(losses, tuple(sorted(steps)), best, _small(sheets[-1]) if sheets else b"")

    # -- tables

    def _settings(self) -> dict[str, str]:
        p = self.preset
        rows: dict[str, str] = {}
        for section in ("colour", "alignment", "training", "inference"):
            values = attrs.asdict(getattr(p, section), recurse=False)
            rows |= {
                f"{section}.{k}": str(v)
                for k, v in values.items()
                if not attrs.has(type(v)) and v not in ((), None)
            }
        return rows

    def _documentation(self) -> dict[str, str]:
        said = {k: v for k, v in attrs.asdict(self.preset.documentation).items() if v}
        said["reference"] = f"{self.preset.reference.kind}. {self.preset.reference.citation}".strip()
        return said

    def _files(self, outcome: Outcome, model: dict[str, str]) -> dict[str, str]:
        files = {"script": complete_script(self.preset), "graph SHA-256": self.scripts.graph_hash}
        for path in self.scripts.loaded.files[:1]:
            files["preset SHA-256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        files |= {k.split("/")[1].replace("_sha256", " SHA-256"): v for k, v in model.items()}
        for node, r in outcome.renders.items():
            if r.paths:
                files[node] = f"{len(r.paths)} frames, {self._inside(r.paths[0].parent)}"
        for later in (self.names.write_matchgrade, self.names.write_final):
            if later is not None and later not in outcome.renders:
                files[later] = (
                    f"rendered after this report, {self._inside(self.evaluator.path(later).parent)}"
                )
        files |= {f"{stage} took": f"{seconds:.1f} s" for stage, seconds in outcome.seconds.items()}
        return files

    def _inside(self, place: Path) -> str:
        return posix(place.relative_to(self.project) if place.is_relative_to(self.project) else place)


def _small(path: Path) -> bytes:
    """A contact sheet as JPEG, at most 1100 pixels wide; empty if it cannot be read."""
    data = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    return b"" if data is None else jpeg(np.ascontiguousarray(data[..., ::-1]), width=1100, quality=86)


def _versions() -> dict[str, str]:
    found = {"chroma-recovery": __version__, "Python": platform.python_version(), "system": platform.system()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
