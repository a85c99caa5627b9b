"""Plots for the report, drawn by matplotlib as SVG that takes its colours from the page.

A plot has no ground of its own. Its lines and text are drawn in placeholder colours which become the page's CSS
variables (``--ink``, ``--soft``, ``--line``, ``--one``, ``--two``, ``--bad``), so one drawing suits light, dark and
paper. Text stays text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

__all__ = [
    "BAD",
    "INK",
    "LINE",
    "ONE",
    "SOFT",
    "TWO",
    "figure",
    "loss_plot",
    "svg",
    "thinned",
    "timeline_plot",
]

Floats = npt.NDArray[np.float64]

INK, SOFT, LINE, ONE, TWO, BAD = (f"#0a0b0{n}" for n in range(1, 7))
"""Placeholder colours, each of them one variable of the page."""

VARIABLES = {INK: "ink", SOFT: "soft", LINE: "line", ONE: "one", TWO: "two", BAD: "bad"}

MOST_POINTS = 1200
"""Points of one line; longer ones keep the lowest and highest value of each stretch."""

MOST_MARKS = 200
"""Outliers marked in one plot, the farthest first."""

STYLE = {
    "svg.fonttype": "none",
    "font.size": 8.5,
    "font.family": "sans-serif",
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "text.color": INK,
    "lines.linewidth": 1.2,
    "lines.solid_joinstyle": "round",
    "grid.color": LINE,
    "grid.linewidth": 0.6,
}


def figure(width: float, height: float) -> Figure:
    """An empty figure without ground. width, height: in units of the drawing's view box (1/72 inch)."""
    drawing = Figure(figsize=(width / 72, height / 72))
    drawing.patch.set_visible(False)
    FigureCanvasSVG(drawing)
    return drawing


def svg(drawing: Figure, name: str) -> str:
    """The drawing as an ``<svg>`` element. name: letters, digits, hyphens; makes its ids unique on the page."""
    text = io.StringIO()
    with rc_context({**STYLE, "svg.hashsalt": name}):
        drawing.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    found = text.getvalue()
    found = found[found.index("<svg") :]
    found = re.sub(r"<metadata>.*?</metadata>\s*", "", found, flags=re.DOTALL)
    found = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>\s*", "", found, flags=re.DOTALL)
    found = re.sub(r'\sxmlns(:xlink)?="[^"]*"', "", found)
    box = re.search(r'viewBox="[^"]*"', found)
    head = f'<svg {box[0] if box else ""} aria-hidden="true" focusable="false">'
    found = re.sub(r"<svg[^>]*>", head, found, count=1)
    found = re.sub(r"<!--.*?-->\s*", "", found, flags=re.DOTALL)
    found = re.sub(r"font(-family)?: ?([^;\"]*?)'?(DejaVu Sans|sans-serif)[^;\"]*", _font, found)
    found = re.sub(r'(\sid=")', rf"\1{name}-", found)
    found = re.sub(r"(url\(#|xlink:href=\"#)", rf"\1{name}-", found)
    found = re.sub(r' d="[^"]*"', lambda path: re.sub(r"(\d+\.\d{2})\d+", r"\1", path[0]), found)
    for colour, variable in VARIABLES.items():
        found = found.replace(colour, f"var(--{variable})")
    return found.strip()


def _font(match: re.Match[str]) -> str:
    """The page's own font at the drawn size."""
    size = re.search(r"[\d.]+px", match[0])
    return f"font-size: {size[0]}" if size else "font-style: normal"


def _axes(drawing: Figure, box: tuple[float, float, float, float]) -> Any:
    axes = drawing.add_axes(box)
    axes.patch.set_visible(False)
    axes.tick_params(length=3, pad=2)
    return axes


def thinned(x: Floats, y: Floats, most: int = MOST_POINTS) -> tuple[Floats, Floats]:
    """At most ``most`` points; each stretch keeps its lowest and highest value, so that no peak is lost. NaN is a
    gap."""
    if len(x) <= most:
        return x, y
    edges = np.linspace(0, len(x), most // 2 + 1).astype(int)
    keep: list[int] = []
    for low, high in pairwise(edges):
        part = y[low:high]
        if np.isfinite(part).any():
            keep += sorted({low + int(np.nanargmin(part)), low + int(np.nanargmax(part))})
        else:
            keep.append(int(low))
    return x[keep], y[keep]


def loss_plot(
    losses: Sequence[tuple[int, float, float | None]],
    checkpoints: Sequence[int] = (),
    best: int | None = None,
) -> str:
    """Training and hold-out loss over steps, logarithmic, with checkpoints as ticks and the best one named. Empty if
    there are fewer than two values. losses: (step, training loss, hold-out loss or None)."""
    steps = np.array([s for s, v, _ in losses if v > 0], np.float64)
    training = np.array([v for _, v, _ in losses if v > 0], np.float64)
    held = [(s, h) for s, _, h in losses if h is not None and h > 0]
    if len(steps) < 2:
        return ""
    with rc_context(STYLE):
        drawing = figure(860, 230)
        axes = _axes(drawing, (0.062, 0.13, 0.93, 0.83))
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.plot(*thinned(steps, training), color=ONE, label="training")
        if held:
            marker = "o" if len(held) < 60 else None
            axes.plot(*zip(*held, strict=True), color=TWO, marker=marker, markersize=3, label="hold-outs")
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:g}")
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlim(0, steps[-1] * 1.005)
        axes.set_xlabel("step", labelpad=1)
        shown = [c for c in checkpoints if 0 < c <= steps[-1]]
        shown = shown[:: max(1, len(shown) // 40)]
        where = axes.get_xaxis_transform()
        for step in shown:
            axes.plot([step, step], [0, 0.035], transform=where, color=SOFT, linewidth=1.6)
        if best is not None:
            axes.axvline(best, color=SOFT, linewidth=0.9, linestyle=(0, (3, 3)))
            side = "right" if best > 0.8 * steps[-1] else "left"
            pad = -4 if side == "right" else 4
            axes.annotate(
                f"best, step {best}",
                (best, 1),
                (pad, -8),
                xycoords=where,
                textcoords="offset points",
                ha=side,
                color=SOFT,
            )
        return svg(drawing, "loss")


def timeline_plot(
    frames: Sequence[int],
    values: Sequence[float],
    *,
    name: str,
    limits: tuple[float | None, float | None] = (None, None),
    outliers: Sequence[tuple[int, float]] = (),
    span: tuple[int, int] | None = None,
    ticks: bool = True,
) -> str:
    """One quantity over the frames of a shot: a line, the limits as dashes, outliers as dots. values: NaN where not
    measured. span: first and last frame of the axis, so that several plots stand in line. name: see :func:`svg`."""
    x, y = np.asarray(frames, np.float64), np.asarray(values, np.float64)
    first, last = span or (int(x[0]), int(x[-1]))
    with rc_context(STYLE):
        height = 78 if ticks else 64
        drawing = figure(860, height)
        bottom = 16 / height if ticks else 3 / height
        axes = _axes(drawing, (0.062, bottom, 0.93, 1 - bottom - 5 / height))
        axes.plot(*thinned(x, y), color=ONE, linewidth=1.1, marker="o" if len(x) < 3 else None, markersize=3)
        for limit in limits:
            if limit is not None:
                axes.axhline(limit, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
        if outliers:
            middle = float(np.nanmedian(y)) if np.isfinite(y).any() else 0.0
            marked = sorted(outliers, key=lambda o: -abs(o[1] - middle))[:MOST_MARKS]
            at = [frame for frame, _ in marked]
            strokes = np.array([[frame, frame, np.nan] for frame in at]).reshape(-1)
            heights = np.tile([0.0, 1.0, np.nan], len(at))
            where = axes.get_xaxis_transform()
            axes.plot(strokes, heights, color=BAD, linewidth=0.7, alpha=0.35, transform=where)
            axes.plot(at, [value for _, value in marked], "o", color=BAD, markersize=3.6, linestyle="none")
        room = max(last - first, 1) * 0.006
        axes.set_xlim(first - room, last + room)
        axes.xaxis.set_major_locator(MaxNLocator(12, integer=True, min_n_ticks=2))
        axes.yaxis.set_major_locator(MaxNLocator(3, min_n_ticks=2))
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:.6g}")
        axes.margins(y=0.14)
        if not ticks:
            axes.tick_params(labelbottom=False)
        return svg(drawing, name)
