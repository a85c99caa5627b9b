"""Waveform and vectorscope of pictures, as in a grading room, drawn for the report.

Both are densities: how many pixels have this luma in this column, or this chroma. The vectorscope shows Cb to the
right and Cr upwards, the angles of BT.601; its skin line is the +I axis of NTSC, to which skin of every
complexion lies close (Poynton, *Digital Video and HD*, "NTSC and PAL chroma modulation").
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import attrs
import cv2
import numpy as np
import numpy.typing as npt
from matplotlib import rc_context

from ..colour.ycbcr import CB_DIVISOR, CR_DIVISOR, KB, KG, KR
from .measures import chroma
from .pictures import clipped
from .plots import INK, LINE, SOFT, STYLE, figure, svg

__all__ = ["SKIN_ANGLE", "VectorScope", "vectorscope", "vectorscope_plot", "waveform", "waveform_plot"]

Picture = npt.NDArray[np.float32]
"""(height, width, 3) display R'G'B', 0-1."""

Density = npt.NDArray[np.float64]
"""Pixels per cell, divided by the number of pixels; row 0 at the bottom."""

CELLS = 240
WAVE_COLUMNS, WAVE_LEVELS = 320, 160
TRACE = (0.24, 0.62, 0.52)
"""Colour of the waveform, as readable on black as on white."""

SKIN_ANGLE = math.degrees(
    math.atan2(
        math.cos(math.radians(33)) / (0.877 * CR_DIVISOR), -math.sin(math.radians(33)) / (0.493 * CB_DIVISOR)
    )
)
"""Direction of +I in the plane of Cb and Cr, degrees from +Cb counter-clockwise: about 132. I lies 33 degrees from V;
U = 0.493 (B'-Y'), V = 0.877 (R'-Y') (ITU-R BT.470)."""

_TO_CELLS = (
    np.array(
        [
            [-KR / CB_DIVISOR, -KG / CB_DIVISOR, (1 - KB) / CB_DIVISOR, 0.5],
            [(1 - KR) / CR_DIVISOR, -KG / CR_DIVISOR, -KB / CR_DIVISOR, 0.5],
        ]
    )
    * CELLS
)
"""From R'G'B' to (Cb, Cr), counted in cells."""

BARS = {"R": (1, 0, 0), "Mg": (1, 0, 1), "B": (0, 0, 1), "Cy": (0, 1, 1), "G": (0, 1, 0), "Yl": (1, 1, 0)}
"""The colours of a vectorscope's boxes, at 75 %."""


@attrs.define
class VectorScope:
    """Adds up pictures. counts: (cells, cells) pixels, [Cr, Cb], both from -0.5 to 0.5."""

    counts: Density = attrs.field(factory=lambda: np.zeros((CELLS, CELLS)))
    pixels: int = 0

    def add(self, picture: Picture) -> None:
        """Count a picture's chroma; values outside 0-1 count as clipped."""
        cells = cv2.transform(np.ascontiguousarray(clipped(picture)), _TO_CELLS)
        np.clip(cells, 0, CELLS - 0.5, out=cells)
        span = [0.0, float(CELLS)] * 2
        self.counts += cv2.calcHist([cells], [1, 0], None, [CELLS, CELLS], span)
        self.pixels += picture.shape[0] * picture.shape[1]

    @property
    def density(self) -> Density:
        """Share of pixels in each cell."""
        return self.counts / max(self.pixels, 1)


def vectorscope(pictures: Iterable[Picture]) -> Density:
    """Density of chroma over several pictures."""
    scope = VectorScope()
    for picture in pictures:
        scope.add(picture)
    return scope.density


def waveform(picture: Picture) -> Density:
    """Density of luma (BT.601 on R'G'B', 0-1) by column of the picture: (levels, columns)."""
    luma = clipped(picture) @ np.array([KR, KG, KB], np.float32)
    width = luma.shape[1]
    columns = np.minimum(np.arange(width) * WAVE_COLUMNS // width, WAVE_COLUMNS - 1)
    levels = np.minimum((luma * WAVE_LEVELS).astype(int), WAVE_LEVELS - 1)
    flat = levels * WAVE_COLUMNS + columns[None, :]
    counts = np.bincount(flat.reshape(-1), minlength=WAVE_LEVELS * WAVE_COLUMNS)
    if width < WAVE_COLUMNS:  # a narrow picture: leave no empty columns between
        grid = counts.reshape(WAVE_LEVELS, WAVE_COLUMNS)[:, np.unique(columns)].astype(np.float64)
        stretched = cv2.resize(grid, (WAVE_COLUMNS, WAVE_LEVELS), interpolation=cv2.INTER_NEAREST)
        return np.asarray(stretched / max(luma.size, 1), np.float64)
    return np.asarray(counts.reshape(WAVE_LEVELS, WAVE_COLUMNS) / max(luma.size, 1), np.float64)


def waveform_plot(density: Density, *, name: str) -> str:
    """SVG of a waveform, 0 to 100 %."""
    with rc_context(STYLE):
        drawing = figure(520, 210)
        axes = drawing.add_axes((0.06, 0.04, 0.93, 0.92))
        axes.patch.set_visible(False)
        for level in (0, 25, 50, 75, 100):
            axes.axhline(level, color=LINE, linewidth=0.7, zorder=0)
        picture = np.empty((*density.shape, 4))
        picture[..., :3] = TRACE
        picture[..., 3] = _strength(density)
        axes.imshow(
            _eight_bit(picture), origin="lower", extent=(0, 1, 0, 100), aspect="auto", interpolation="none"
        )
        axes.set(xlim=(0, 1), ylim=(-2, 102), xticks=[], yticks=[0, 50, 100])
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        return svg(drawing, name)


def vectorscope_plot(density: Density, *, name: str) -> str:
    """SVG of a vectorscope: every chroma in its own hue, graticule at 75 %, skin line."""
    with rc_context(STYLE):
        drawing = figure(300, 300)
        axes = drawing.add_axes((0.01, 0.01, 0.98, 0.98))
        axes.patch.set_visible(False)
        turn = np.linspace(0, 2 * np.pi, 181)
        for radius, width in ((0.5, 0.9), (0.25, 0.6)):
            axes.plot(radius * np.cos(turn), radius * np.sin(turn), color=LINE, linewidth=width)
        axes.plot([-0.5, 0.5], [0, 0], color=LINE, linewidth=0.6)
        axes.plot([0, 0], [-0.5, 0.5], color=LINE, linewidth=0.6)
        axis = np.linspace(-0.5, 0.5, CELLS)
        picture = np.dstack([_hues(axis), _strength(density)])
        axes.imshow(
            _eight_bit(picture), origin="lower", extent=(-0.5, 0.5, -0.5, 0.5), interpolation="bilinear"
        )
        for label, colour in BARS.items():
            cb, cr = chroma(np.array(colour, np.float64) * 0.75)
            side = 0.022
            axes.plot(
                [cb - side, cb + side, cb + side, cb - side, cb - side],
                [cr - side, cr - side, cr + side, cr + side, cr - side],
                color=SOFT,
                linewidth=0.9,
            )
            axes.text(cb * 1.19, cr * 1.19, label, ha="center", va="center", color=SOFT, fontsize=11)
        skin = math.radians(SKIN_ANGLE)
        axes.plot([0, 0.5 * math.cos(skin)], [0, 0.5 * math.sin(skin)], color=INK, linewidth=0.9, alpha=0.75)
        axes.text(
            0.475 * math.cos(skin) - 0.03,
            0.46 * math.sin(skin) + 0.03,
            "skin",
            ha="right",
            color=INK,
            fontsize=11,
        )
        axes.set(xlim=(-0.53, 0.53), ylim=(-0.53, 0.53), aspect="equal")
        axes.axis("off")
        return svg(drawing, name)


def _strength(density: Density) -> Density:
    """Opacity 0-1 of a density, logarithmic: one pixel in a million is just seen."""
    if not density.any():
        return np.zeros_like(density)
    top = float(np.percentile(density[density > 0], 99))
    floor = max(top * 1e-4, 1e-7)
    found = np.log(np.maximum(density, floor) / floor) / max(math.log(top / floor), 1e-6)
    return np.asarray(np.where(density > 0, np.clip(0.12 + 0.88 * found, 0, 1), 0), np.float64)


def _hues(axis: Sequence[float] | Density) -> Density:
    """R'G'B' of each cell of the Cb-Cr plane at a middle luma, (cells, cells, 3), clipped."""
    cb, cr = np.meshgrid(axis, axis)
    stretch = 0.3 / np.maximum(np.hypot(cb, cr), 0.08)  # near the middle stay near grey
    cb, cr = cb * stretch, cr * stretch
    luma = 0.55
    red, blue = luma + CR_DIVISOR * cr, luma + CB_DIVISOR * cb
    green = (luma - KR * red - KB * blue) / KG
    return np.asarray(np.clip(np.dstack([red, green, blue]), 0, 1), np.float64)


def _eight_bit(picture: Density) -> npt.NDArray[np.uint8]:
    return np.asarray(picture * 255 + 0.5, np.uint8)
