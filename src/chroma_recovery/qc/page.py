"""Makes the report's HTML page: what the templates need, in the form in which they need it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from importlib import resources

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from .. import __version__
from .plots import loss_plot, timeline_plot
from .report import Report
from .results import Column, Measure, Outlier, ShotMeasures
from .verdict import number

__all__ = ["page"]

MOST_PAIRS = 24
"""Pairs listed openly; more are folded away, and only the worst are listed."""

MOST_OUTLIERS = 40
"""Outliers listed; the rest are counted, and all are in ``frames.csv``."""

OPEN_TIMELINES, MOST_TIMELINES = 6, 16
"""Timelines shown openly, and drawn at all; the numbers of all are in ``frames.csv``."""

ORDER = "4532-1"
"""Families of codes in the order in which their timelines are shown; a hyphen is a quantity without a code."""


@attrs.frozen
class Timeline:
    """One quantity over the frames. summary: lowest, middle and highest value in words."""

    column: Column
    summary: str
    marked: int
    plot: str


def page(report: Report) -> str:
    """The whole page as text."""
    pages = Environment(
        loader=PackageLoader("chroma_recovery.qc", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["number"] = number
    pages.filters["inline"] = _inline
    pages.filters["drawing"] = Markup
    script = _file("wipe.js")
    measured = report.measured
    timelines, constant = _timelines(measured)
    worst, folded = _pairs(report.pairs)
    return pages.get_template(
        "report.html"
    ).render(
        report=report,
        style=Markup(_file("report.css")),  # noqa: S704  both are files of this package
        script=Markup(script),  # noqa: S704
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        ruled=sorted((m for m in measured.measures if m.passed is not None), key=_broken_first),
        told=[m for m in measured.measures if m.passed is None],
        loss=loss_plot(report.training.losses, report.training.checkpoints, report.training.best),
        timelines=timelines[:OPEN_TIMELINES],
        more_timelines=timelines[OPEN_TIMELINES:],
        constant=constant,
        untold=len(measured.columns) - len(timelines) - len(constant),
        outliers=_outliers(measured)[:MOST_OUTLIERS],
        outlier_count=len(measured.outliers),
        outlier_frames=len({o.frame for o in measured.outliers}),
        worst_pairs=worst,
        folded_pairs=folded,
        version=__version__,
    )


def _file(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8").strip()


def _inline(data: bytes) -> str:
    """A picture as a data URI."""
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64," + base64.b64encode(data).decode()


def _broken_first(measure: Measure) -> tuple[bool, str]:
    return bool(measure.passed), measure.code


def _outliers(measured: ShotMeasures) -> list[Outlier]:
    """Farthest beyond their limit first."""
    return sorted(measured.outliers, key=lambda o: -abs(o.value - o.limit) / (abs(o.limit) or 1.0))


def _timelines(measured: ShotMeasures) -> tuple[list[Timeline], list[tuple[Column, float]]]:
    """Drawn quantities, those with outliers first, then colour over time, within the frame, the rest; and quantities
    with a code that are the same on every frame, with their value."""
    counts = Counter(o.column for o in measured.outliers)
    frames = [r.frame for r in measured.frames]
    drawn: list[Timeline] = []
    constant: list[tuple[Column, float]] = []
    for column in sorted(measured.columns, key=lambda c: (-counts[c.name], ORDER.find(c.code[1:2] or "-"))):
        values = [r.values.get(column.name, float("nan")) for r in measured.frames]
        known = sorted(v for v in values if v == v)
        if not known:
            continue
        if number(known[0]) == number(known[-1]) and len(known) > 1 and not counts[column.name]:
            constant += [(column, known[0])] if column.code else []
            continue
        if len(drawn) == MOST_TIMELINES:
            continue
        marked = [(o.frame, o.value) for o in measured.outliers if o.column == column.name]
        name = f"t{len(drawn)}-" + re.sub(r"[^A-Za-z0-9]+", "-", column.name)
        span = frames[0], frames[-1]
        plot = timeline_plot(frames, values, name=name, limits=column.limits, outliers=marked, span=span)
        low, middle, high = (number(known[n]) for n in (0, len(known) // 2, -1))
        summary = f"{low} to {high}, middle {middle} {column.unit}".strip()
        drawn.append(Timeline(column, summary, len(marked), plot))
    return drawn, constant


def _pairs(pairs: Sequence[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Rows listed openly, and all rows where there are too many for that."""
    if len(pairs) <= MOST_PAIRS:
        return list(pairs), []

    def left(pair: dict[str, str]) -> float:
        try:
            return float(pair.get("residual p95", "0") or 0)
        except ValueError:
            return 0.0

    return sorted(pairs, key=left, reverse=True)[:8], list(pairs)
