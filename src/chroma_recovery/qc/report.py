"""The report of one recovery: a single HTML file that opens from disk, and the same numbers as JSON.

Everything that came from a preset or a file name is escaped by the template engine; the page loads nothing from
anywhere and runs no script.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from .. import __version__
from ..errors import Problem
from ..paths import write_text
from .results import Measure

__all__ = ["Report", "Still", "write_report"]


@attrs.frozen
class Still:
    """A row of pictures of one Source frame. pictures: label -> JPEG bytes, in the order shown."""

    frame: int
    role: str
    pictures: dict[str, bytes]


@attrs.frozen
class Report:
    """What the report says; see :func:`write_report`.

    verdict: one sentence. passed: whether every rule holds. losses: (step, training loss, hold-out loss or None),
    mean absolute chroma error in the YCbCr domain. pairs, settings, files: rows of text for the tables.
    """

    shot: str
    verdict: str
    passed: bool
    measures: tuple[Measure, ...]
    stills: tuple[Still, ...] = ()
    losses: tuple[tuple[int, float, float | None], ...] = ()
    pairs: tuple[dict[str, str], ...] = ()
    settings: dict[str, str] = attrs.field(factory=dict)
    documentation: dict[str, str] = attrs.field(factory=dict)
    findings: tuple[Problem, ...] = ()
    files: dict[str, str] = attrs.field(factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Everything but the pictures."""
        return {
            "report": 1,
            "chroma_recovery": __version__,
            "shot": self.shot,
            "verdict": self.verdict,
            "passed": self.passed,
            "measures": [attrs.asdict(m) for m in self.measures],
            "losses": [list(row) for row in self.losses],
            "pairs": list(self.pairs),
            "settings": self.settings,
            "documentation": self.documentation,
            "findings": [p.as_json() for p in self.findings],
            "files": self.files,
        }


def write_report(report: Report, folder: Path, *, overwrite: bool = False) -> Path:
    """Write ``report.html`` and ``report.json`` into a folder and return the HTML file."""
    pages = Environment(
        loader=PackageLoader("chroma_recovery.qc", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    stills = [
        (
            s,
            {
                label: "data:image/jpeg;base64," + base64.b64encode(data).decode()
                for label, data in s.pictures.items()
            },
        )
        for s in report.stills
    ]
    html = pages.get_template("report.html").render(
        report=report, stills=stills, curve=_curve(report.losses), version=__version__
    )
    write_text(folder / "report.json", json.dumps(report.as_json(), indent=1) + "\n", overwrite=overwrite)
    return write_text(folder / "report.html", html, overwrite=overwrite)


def _curve(
    losses: tuple[tuple[int, float, float | None], ...], width: int = 640, height: int = 160
) -> dict[str, Any]:
    """Points of the loss curves for an SVG of this size; the vertical axis is logarithmic."""
    from math import log10

    every = max(1, len(losses) // 400)
    training = [(s, v) for s, v, _ in losses[::every] if v > 0]
    hold_out = [(s, v) for s, _, v in losses if v is not None and v > 0]
    values = [v for _, v in training + hold_out]
    if len(training) < 2:
        return {}
    low, high = min(values), max(values)
    span = max(log10(high) - log10(low), 1e-6)
    last = max(s for s, _ in training + hold_out)

    def points(rows: list[tuple[int, float]]) -> str:
        return " ".join(
            f"{width * s / last:.1f},{height * (log10(high) - log10(v)) / span:.1f}" for s, v in rows
        )

    return {
        "training": points(training),
        "hold_out": points(hold_out),
        "width": width,
        "height": height,
        "low": f"{low:.2g}",
        "high": f"{high:.2g}",
        "last": last,
    }
