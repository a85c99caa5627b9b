"""The report of one recovery: a single HTML file that opens from disk, the same as JSON, every frame as CSV.

Everything that came from a preset or a file name is escaped by the template engine. The page loads nothing from
anywhere; its one script, named by its hash in the page's security policy, moves the wipe and is not needed to read it.
"""

from __future__ import annotations

import csv
import io
import json
import math
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import attrs

from .. import __version__
from ..build import plain_cell
from ..errors import Problem
from ..paths import write_text
from .checklists import Checklist
from .results import ShotMeasures
from .verdict import Verdict

__all__ = ["Contact", "Report", "Still", "Training", "frames_csv", "report_schema", "write_report"]


@attrs.frozen
class Still:
    """A frame shown in several ways, all of one size. pictures: label -> JPEG bytes, in the order shown. role: what
    the frame is to the job. why: why it is shown, may be empty. held: whether it is a hold-out, shown first."""

    frame: int
    role: str
    pictures: dict[str, bytes]
    why: str = ""
    held: bool = False


@attrs.frozen
class Contact:
    """A contact sheet. labels: what the pictures of a cell show, from the top. cells: (caption, JPEG bytes of each).
    large: few cells to be looked at closely."""

    title: str
    labels: tuple[str, ...]
    cells: tuple[tuple[str, tuple[bytes, ...]], ...]
    large: bool = False


@attrs.frozen
class Training:
    """How the model was trained. losses: (step, training loss, hold-out loss or None), mean absolute chroma error in
    the YCbCr domain. checkpoints: steps. best: step of the best one, None if unknown. sheet: JPEG, may be empty."""

    losses: tuple[tuple[int, float, float | None], ...] = ()
    checkpoints: tuple[int, ...] = ()
    best: int | None = None
    sheet: bytes = b""


@attrs.frozen
class Report:
    """What the report says; see :func:`write_report`.

    about: one paragraph, what was done to this shot. figures: (value, label, note) shown large. scopes: (title, SVG)
    by kind of scope. pairs, settings, documentation, files, versions: rows of text for the tables. citation: of the
    Reference; constructed: whether its colour is an estimate.
    """

    shot: str
    verdict: Verdict
    measured: ShotMeasures
    about: str = ""
    figures: tuple[tuple[str, str, str], ...] = ()
    stills: tuple[Still, ...] = ()
    contacts: tuple[Contact, ...] = ()
    training: Training = Training()
    scopes: dict[str, tuple[tuple[str, str], ...]] = attrs.field(factory=dict)
    checklists: tuple[Checklist, ...] = ()
    pairs: tuple[dict[str, str], ...] = ()
    citation: str = ""
    constructed: bool = False
    settings: dict[str, str] = attrs.field(factory=dict)
    documentation: dict[str, str] = attrs.field(factory=dict)
    findings: tuple[Problem, ...] = ()
    files: dict[str, str] = attrs.field(factory=dict)
    versions: dict[str, str] = attrs.field(factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Everything but pictures and plots; numbers that are not finite become null. See :func:`report_schema`."""
        m = self.measured
        return {
            "report": 1,
            "chroma_recovery": __version__,
            "shot": self.shot,
            "verdict": attrs.asdict(self.verdict),
            "passed": self.verdict.passed,
            "profile": m.profile,
            "measures": [_plain(attrs.asdict(x)) for x in m.measures],
            "columns": [_plain(attrs.asdict(c)) for c in m.columns],
            "frames": [{"frame": r.frame, **_plain(dict(r.values))} for r in m.frames],
            "outliers": [_plain(attrs.asdict(o)) for o in m.outliers],
            "stills": [{"frame": s.frame, "role": s.role, "shown": list(s.pictures)} for s in self.stills],
            "losses": [_plain(list(row)) for row in self.training.losses],
            "checkpoints": list(self.training.checkpoints),
            "best_checkpoint": self.training.best,
            "checklists": [attrs.asdict(c) for c in self.checklists],
            "pairs": list(self.pairs),
            "reference": {"citation": self.citation, "constructed": self.constructed},
            "settings": self.settings,
            "documentation": self.documentation,
            "findings": [p.as_json() for p in self.findings],
            "files": self.files,
            "versions": self.versions,
        }


def _plain(value: Any) -> Any:
    """Plain JSON values; null for what is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


@cache
def report_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of ``report.json``, as shipped in the package."""
    text = resources.files(__package__).joinpath("report-1.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def frames_csv(measured: ShotMeasures) -> str:
    """One line per frame: every column, and the codes of its outliers. No cell is a formula to a spreadsheet."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    names = [c.name for c in measured.columns]
    rows.writerow([plain_cell(n) for n in ("frame", *names, "outlier")])
    codes: dict[int, list[str]] = {}
    for outlier in measured.outliers:
        codes.setdefault(outlier.frame, []).append(outlier.code)
    for row in measured.frames:
        values = [f"{row.values[n]:.7g}" if n in row.values else "" for n in names]
        rows.writerow([row.frame, *values, plain_cell(" ".join(sorted(set(codes.get(row.frame, [])))))])
    return text.getvalue()


def write_report(report: Report, folder: Path, *, overwrite: bool = False) -> Path:
    """Write ``report.html``, ``report.json`` and, where frames were measured, ``frames.csv`` into a folder; return the
    HTML file. Raises PathError (CR602) if one exists and ``overwrite`` is false."""
    from .page import page

    html = page(report)
    text = json.dumps(report.as_json(), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(folder / "report.json", text + "\n", overwrite=overwrite)
    if report.measured.frames:
        write_text(folder / "frames.csv", frames_csv(report.measured), overwrite=overwrite)
    return write_text(folder / "report.html", html, overwrite=overwrite)
