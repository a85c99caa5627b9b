"""Scans that show more of the film than its picture: perforations, sound track, frame lines, rounded gate, dust.

A 35 mm print has four perforations beside each frame at both edges, and its sound track between the left ones and the
picture (SMPTE ST 139, ST 40). A scanner without a gate shows all of it; light comes through perforations, and clear
film is white, black film dark. Proportions are round figures.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np

from .density import Array

__all__ = ["SCANS", "Overscan"]

Mask = np.ndarray


@attrs.frozen(kw_only=True)
class Overscan:
    """perforations: value of the holes, None without. track: variable-area sound track. lines: frame lines with a
    sliver of the neighbouring frames. base: value of the film around the picture. corner: radius of the gate's corners,
    share of the height. tilt: degrees that the gate is turned by. rough: pixels that its edges are uneven by. dust:
    specks per frame. gap: width of the film's strip between picture and what is beside it, share of the height."""

    perforations: float | None = None
    track: bool = False
    lines: bool = False
    base: float = 0.02
    corner: float = 0.0
    tilt: float = 0.0
    rough: float = 0.0
    dust: int = 0
    gap: float = 0.012

    def live(self, width: int, height: int) -> Array:
        """1 where the scan shows picture, 0 outside, soft in between; (height, width)."""
        left, top, right, bottom = self._gate(width, height)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        turn = np.radians(self.tilt)
        cx, cy = (left + right) / 2, (top + bottom) / 2
        u = (x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)
        v = -(x - cx) * np.sin(turn) + (y - cy) * np.cos(turn)
        chance = np.random.default_rng(71)
        if self.rough:
            waves = [
                np.interp(np.arange(n), np.linspace(0, n, 40), chance.normal(0, self.rough, 40)).astype(
                    np.float32
                )
                for n in (height, width)
            ]
            u = u + waves[0][:, None] * np.sign(u)
            v = v + waves[1][None, :] * np.sign(v)
        radius = self.corner * height
        a, b = np.abs(u) - (right - left) / 2 + radius, np.abs(v) - (bottom - top) / 2 + radius
        away = np.hypot(np.maximum(a, 0), np.maximum(b, 0)) + np.minimum(np.maximum(a, b), 0) - radius
        return np.asarray(np.clip(0.5 - away / 1.5, 0, 1), np.float32)

    def __call__(
        self, picture: Array, number: int, *, before: Array | None = None, after: Array | None = None
    ) -> Array:
        """The scan of a picture that fills the whole frame, same size, display-encoded 0..1. before, after: the
        neighbouring frames, for the slivers beyond the frame lines."""
        height, width = picture.shape[:2]
        chance = np.random.default_rng([number, 0x05CA])
        left, top, right, bottom = self._gate(width, height)
        film = np.full_like(picture, self.base)
        if self.lines:
            line = max(3, round(0.022 * height))
            for other, rows, part in (
                (before, slice(0, max(0, top - line)), slice(bottom - max(0, top - line), bottom)),
                (
                    after,
                    slice(min(height, bottom + line), height),
                    slice(top, top + height - min(height, bottom + line)),
                ),
            ):
                if other is not None and rows.stop > rows.start:
                    film[rows, left:right] = other[part, left:right]
        gap = round(self.gap * height)
        if self.track:
            wide = round(0.07 * height)
            for row, size in enumerate(self._wave(height, number)):
                half = round(size * wide / 2)
                film[row, left - gap - wide : left - gap] = 0.03
                film[row, left - gap - wide // 2 - half : left - gap - wide // 2 + half] = 0.93
        if self.perforations is not None:
            wide, high = round(0.11 * height), round(0.085 * height)
            pitch, phase = height / 3.9, chance.normal(0, 0.6)
            inner = left - gap - (round(0.07 * height) + gap if self.track else 0)
            for x in (inner - wide, right + gap):
                for k in range(-1, 5):
                    y = round((k + 0.35) * pitch + phase)
                    hole = np.zeros((height, width), np.uint8)
                    cv2.rectangle(hole, (x, y), (x + wide - 1, y + high), 255, -1)
                    cv2.rectangle(hole, (x, y), (x + 2, y + 2), 0, -1)
                    film[hole > 0] = self.perforations
        cover = self.live(width, height)[..., None]
        found = film + cover * (picture - film)
        for _ in range(self.dust):
            at = (int(chance.integers(width)), int(chance.integers(height)))
            value = float(chance.choice([0.02, 0.97]))
            cv2.circle(found, at, int(chance.integers(1, 4)), (value, value, value), -1, cv2.LINE_AA)
        found = cv2.GaussianBlur(found, (0, 0), 0.7) + chance.normal(0, 0.006, found.shape)
        return np.asarray(np.clip(found, 0, 1), np.float32)

    def _gate(self, width: int, height: int) -> tuple[int, int, int, int]:
        """left, top, right, bottom of the picture, last two excluded."""
        side = round((0.015 + (self.perforations is not None) * (0.12 + self.gap)) * height)
        left = side + (round((0.07 + self.gap) * height) if self.track else 0)
        rows = round((0.055 if self.lines else 0.02) * height)
        return left, rows, width - side, height - rows

    def _wave(self, height: int, number: int) -> Sequence[float]:
        chance = np.random.default_rng([number, 0x50D])
        steps = chance.uniform(0.1, 1, height // 6 + 2)
        found: list[float] = np.interp(np.arange(height) / 6, np.arange(len(steps)), steps).tolist()
        return found


SCANS = {
    "black edges, uneven and tilted": Overscan(rough=1.2, tilt=0.35, dust=6),
    "rounded gate": Overscan(corner=0.06),
    "clear film around, rounded gate": Overscan(corner=0.05, base=0.97),
    "clear film around, tilted": Overscan(tilt=0.4, base=0.97, rough=1.0),
    "perforations, light": Overscan(perforations=1.0, corner=0.03),
    "perforations, dark in clear film": Overscan(perforations=0.02, base=0.95),
    "perforations touch the picture": Overscan(perforations=1.0, gap=0.0),
    "sound track": Overscan(track=True, corner=0.03),
    "sound track touches the picture": Overscan(track=True, gap=0.0),
    "frame lines and neighbours": Overscan(lines=True),
    "everything, dusty": Overscan(
        perforations=1.0, track=True, lines=True, corner=0.04, tilt=0.2, rough=0.8, dust=12
    ),
    "everything, clear film": Overscan(perforations=1.0, track=True, lines=True, base=0.95, tilt=-0.2),
}
"""Named scans for tests and benchmarks."""
