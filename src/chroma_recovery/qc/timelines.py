"""One quantity over the frames of a shot, as SVG that takes its colours from the page.

A report has up to a score of these, and each is a line with two axes, so they are written out directly, in the looks of
:mod:`.plots`: matplotlib, which places the ticks, takes a tenth of a second for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from .plots import Floats, thinned

__all__ = ["timeline_plot"]

MOST_MARKS = 200
"""Outliers marked in one plot, the farthest first."""

WIDTH, LEFT, RIGHT, TOP = 860.0, 53.32, 853.12, 5.0
"""Across the drawing, and where its axes lie, in units of the view box."""

MARGIN = 0.14
"""Room above and below what is drawn, as a share of its height."""

TEXT = 'style="font-size: 8.5px; fill: var(--soft); text-anchor: '


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
    """A line, the limits as dashes, outliers as dots. values: NaN where not measured. span: first and last frame of the
    axis, so that several plots stand in line. name: letters, digits, hyphens; makes its ids unique on the page. ticks:
    whether frames are named."""
    x, y = np.asarray(frames, np.float64), np.asarray(values, np.float64)
    first, last = span or (int(x[0]), int(x[-1]))
    height = 78 if ticks else 64
    bottom = height - (16.0 if ticks else 3.0)
    known = y[np.isfinite(y)]
    middle = float(np.median(known)) if known.size else 0.0
    marked = sorted(outliers, key=lambda o: -abs(o[1] - middle))[:MOST_MARKS]
    dashed = [v for v in limits if v is not None]

    room = max(last - first, 1) * 0.006
    across = _Axis(first - room, last + room, LEFT, RIGHT)
    low, high = _within([*known, *dashed, *(v for _, v in marked)])
    up = _Axis(low, high, bottom, TOP)

    drawn = [_line(across.at(x), up.at(y), "stroke: var(--one); stroke-width: 1.1; stroke-linejoin: round")]
    if len(x) < 3:
        drawn += _dots(across.at(x), up.at(y), 2.0, "one")
    for value in dashed:
        level = up.at(np.full(2, value))
        drawn.append(
            _line(
                np.array([LEFT, RIGHT]),
                level,
                "stroke: var(--soft); stroke-width: 0.9; stroke-dasharray: 3.6,2.7",
            )
        )
    if marked:
        where = across.at(np.array([frame for frame, _ in marked], np.float64))
        strokes = "".join(f"M{p:.2f} {bottom:g}V{TOP:g}" for p in where)
        drawn.append(
            f'<path d="{strokes}" style="stroke: var(--bad); stroke-opacity: 0.35; stroke-width: 0.7"/>'
        )
        drawn += _dots(where, up.at(np.array([v for _, v in marked])), 2.3, "bad")

    axes = [f"M{LEFT} {TOP}V{bottom:g}H{RIGHT}"]
    words = []
    for value, place in across.ticks(MaxNLocator(12, integer=True, min_n_ticks=2)):
        if value % 1:
            continue
        axes.append(f"M{place:.2f} {bottom:g}v3")
        if ticks:
            words.append(f'<text {TEXT}middle" x="{place:.2f}" y="{bottom + 11.46:.2f}">{value:.0f}</text>')
    for value, place in up.ticks(MaxNLocator(3, min_n_ticks=2)):
        axes.append(f"M{LEFT} {place:.2f}h-3")
        words.append(f'<text {TEXT}end" x="{LEFT - 5:.2f}" y="{place + 3.23:.2f}">{value:.6g}</text>')
    return "\n".join(
        [
            f'<svg viewBox="0 0 {WIDTH:g} {height}" aria-hidden="true" focusable="false">',
            f'<clipPath id="{name}-inside"><rect x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT:g}" '
            f'height="{bottom - TOP:g}"/></clipPath>',
            f'<g clip-path="url(#{name}-inside)" style="fill: none">',
            *drawn,
            "</g>",
            f'<path d="{"".join(axes)}" style="fill: none; stroke: var(--line); stroke-width: 0.8"/>',
            *words,
            "</svg>",
        ]
    )


class _Axis:
    """From values between low and high to places between begin and end."""

    def __init__(self, low: float, high: float, begin: float, end: float) -> None:
        self.low, self.high, self.begin, self.scale = low, high, begin, (end - begin) / (high - low)

    def at(self, values: Floats) -> Floats:
        places: Floats = self.begin + (values - self.low) * self.scale
        return places

    def ticks(self, locator: MaxNLocator) -> Iterable[tuple[float, float]]:
        values = np.asarray(locator.tick_values(self.low, self.high), np.float64)
        inside = values[(values >= self.low) & (values <= self.high)]
        return zip(inside.tolist(), self.at(inside).tolist(), strict=True)


def _within(values: Sequence[float]) -> tuple[float, float]:
    """What an axis shows of values."""
    low, high = MaxNLocator().nonsingular(min(values), max(values)) if values else (0.0, 1.0)
    room = (high - low) * MARGIN
    return float(low - room), float(high + room)


def _line(x: Floats, y: Floats, style: str) -> str:
    """A line with gaps where y is NaN."""
    path, pen = [], "M"
    for across, down in zip(*thinned(x, y), strict=True):
        if np.isfinite(down):
            path.append(f"{pen}{across:.2f} {down:.2f}")
        pen = "L" if np.isfinite(down) else "M"
    return f'<path d="{"".join(path)}" style="{style}"/>'


def _dots(x: Floats, y: Floats, radius: float, colour: str) -> list[str]:
    return [
        f'<circle cx="{a:.2f}" cy="{b:.2f}" r="{radius}" style="fill: var(--{colour})"/>'
        for a, b in zip(x, y, strict=True)
        if np.isfinite(b)
    ]
