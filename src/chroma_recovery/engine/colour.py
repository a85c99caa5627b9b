"""Colour management of a project: OCIO processors on float32 pixels, made once and kept.

Processors are built without lossy optimisation: OCIO's default replaces curves by fast approximations, up to
2.4e-5 off, which would eat the tolerance that luma identity is held to; exact ones cost at most half as much
again. A matrix at the end of a processor is applied by itself, without OCIO's detour over four channels: for
2048x1556 pixels 0.01 s instead of 0.1 s (measured).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import cv2
import numpy as np
import PyOpenColorIO as ocio

from .. import colour as names
from ..colour.tables import CUSTOM
from ..errors import ColourError
from ..graph import KnobValue
from .half import looked_up, table_of, widened
from .image import Pixels
from .values import as_text

__all__ = ["CHROMATICITIES", "Colour"]

CHROMATICITIES = {
    "AP0": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.0770, 0.32168, 0.33767),
    "AP1": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
    "Rec.709": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    "Rec.2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "P3-D65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}
"""CIE xy of red, green, blue, white. SMPTE ST 2065-1 (AP0), AMPAS S-2014-004 (AP1), ITU-R BT.709, BT.2020,
SMPTE EG 432-1."""

_GAMUTS = {
    "AP0": "aces2065-1",
    "AP1": "acescg",
    "Rec.709": "linear-rec709",
    "Rec.2020": "linear-rec2020",
    "P3-D65": "linear-p3d65",
}

STRIPE = 32
"""Rows converted at once, which stay in the processor's cache; several threads share a frame."""


@attrs.frozen(eq=False)
class _Conversion:
    """first: OCIO's CPU processor or a curve, None for none. matrix: (3, 4) float32 applied after it, None for none.
    before: the same applied before it."""

    first: Any
    matrix: Pixels | None
    before: Pixels | None = None

    @classmethod
    def of(cls, processor: Any) -> _Conversion:
        best = processor.getOptimizedProcessor(ocio.OPTIMIZATION_LOSSLESS)
        steps = list(best.createGroupTransform())
        matrix, curve = _matrix(steps[-1:]), _Curve.of(steps[:1])
        if len(steps) == 2 and curve is None and (curve := _Curve.of(steps[1:])) is not None:
            before = _matrix(steps[:1])
            if before is not None:
                return cls(curve, None, before)
        if matrix is None or (len(steps) > 1 and not _exact(steps[:-1])):
            return cls(processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS), None)
        if len(steps) == 1:
            return cls(None, matrix)
        if len(steps) == 2 and curve is not None:
            return cls(curve, matrix)
        others = ocio.GroupTransform()
        for step in steps[:-1]:
            others.appendTransform(step)
        made = ocio.Config.CreateRaw().getProcessor(others)
        return cls(made.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS), matrix)

    def apply(self, given: Any, pixels: Pixels) -> None:
        """From given pixels, float32 or finite float16, any layout, into others; (rows, columns, 3), contiguous."""
        by_table = given.dtype == np.float16 and isinstance(self.first, _Curve) and self.before is None
        if by_table:
            looked_up(self.first.table, given, pixels)
        elif given.dtype == np.float16:
            widened(given, pixels)
        else:
            pixels[...] = given
        if self.before is not None:
            cv2.transform(pixels, self.before, pixels)
        if self.first is not None and not by_table:
            self.first.applyRGB(pixels)
        if self.matrix is not None:
            cv2.transform(pixels, self.matrix, pixels)


def _matrix(steps: list[Any]) -> Pixels | None:
    """The one step as (3, 4) float32, if it is a matrix that leaves alpha out."""
    if [type(s) for s in steps] != [ocio.MatrixTransform]:
        return None
    square = np.array(steps[0].getMatrix(), np.float64).reshape(4, 4)
    offset = np.array(steps[0].getOffset(), np.float64)
    if steps[0].getDirection() != ocio.TRANSFORM_DIR_FORWARD or square[:3, 3].any():
        return None
    return np.concatenate([square[:3, :3], offset[:3, None]], 1).astype(np.float32)


@attrs.frozen(slots=False)
class _Curve:
    """A linear piece, then a power, the same for three channels, with the linear piece going on below 0: OCIO's
    ExponentWithLinearTransform; such is sRGB. decodes: to light, else from it."""

    gamma: float
    offset: float
    decodes: bool

    @classmethod
    def of(cls, steps: list[Any]) -> _Curve | None:
        """The one step, if it is such a curve."""
        if [type(s) for s in steps] != [ocio.ExponentWithLinearTransform]:
            return None
        step = steps[0]
        gamma, offset = list(step.getGamma()), list(step.getOffset())
        same = gamma[0] == gamma[1] == gamma[2] > 1 and offset[0] == offset[1] == offset[2] > 0
        if not same or step.getNegativeStyle() != ocio.NEGATIVE_LINEAR:
            return None
        return cls(gamma[0], offset[0], step.getDirection() == ocio.TRANSFORM_DIR_FORWARD)

    @cached_property
    def table(self) -> Pixels:
        """What it makes of every half float."""
        return table_of(self.applyRGB)

    def applyRGB(self, pixels: Pixels) -> None:  # noqa: N802 - as OCIO's
        """In place."""
        meet = self.offset / (self.gamma - 1)
        slope = ((meet + self.offset) / (1 + self.offset)) ** self.gamma / meet
        if (
            not self.decodes
        ):  # the pieces meet, so each stands still beyond that place, and their sum needs no choice
            foot = np.minimum(pixels, np.float32(slope * meet))
            foot *= np.float32(1 / slope)
            np.maximum(pixels, np.float32(slope * meet), out=pixels)
            cv2.pow(pixels, 1 / self.gamma, pixels)
            pixels *= np.float32(1 + self.offset)
            pixels -= np.float32(self.offset + meet)
            pixels += foot
            return
        dark = pixels <= np.float32(meet)
        power = np.maximum(pixels, np.float32(meet))
        power += np.float32(self.offset)
        power *= np.float32(1 / (1 + self.offset))
        np.power(power, np.float32(self.gamma), out=power)
        pixels *= np.float32(slope)
        np.copyto(pixels, power, where=~dark)


def _exact(steps: list[Any]) -> bool:
    """Whether steps are formulas, which come out of a processor as they went in."""
    return all(isinstance(s, (ocio.ExponentTransform, ocio.ExponentWithLinearTransform)) for s in steps)


class Colour:
    """One OCIO config, with the names that Nuke uses for it.

    config: Nuke's name of the config, or the path of a .ocio file. root: the project's colour knobs.
    Raises ColourError CR702 for an unknown config, CR706 for one that OCIO cannot load.
    """

    def __init__(self, config: str, root: Mapping[str, KnobValue]) -> None:
        self.name = config
        self.root = root
        builtin = names.engine_config(config)
        try:
            if builtin is not None:
                self.config = ocio.Config.CreateFromBuiltinConfig(builtin)
            else:
                self.config = ocio.Config.CreateFromFile(config)
        except ocio.Exception as error:
            raise ColourError.at(
                "CR706", config, f"OCIO cannot load this config: {str(error)[:300]}"
            ) from error
        self._processors: dict[tuple[str, ...], _Conversion | None] = {}
        self._threads = min(4, os.cpu_count() or 1)

    @classmethod
    def of_project(cls, root: Mapping[str, KnobValue], config: str | None, project: Path) -> Colour:
        """The config that is asked for, else the Root's. Raises ColourError (CR707) if the project does not
        use OCIO."""
        if config is not None:
            return cls(config, root)
        if as_text(root.get("colorManagement", "Nuke")) != "OCIO":
            raise ColourError.at(
                "CR707",
                "Root.colorManagement",
                "the project does not use OCIO; Nuke's own colour management is not evaluated",
                "set Root colorManagement OCIO, or name a config",
            )
        named = as_text(root.get("OCIO_config", "nuke-default"))
        if named == CUSTOM:
            named = str(project / as_text(root.get("customOCIOConfigPath", "")))
        return cls(named, root)

    # -- names

    def space(self, name: str) -> str:
        """Name of a colour space in the loaded config, from any spelling that Nuke or a preset uses."""
        return names.engine_space(name, config=self.name).name

    @property
    def working(self) -> str:
        """The project's working space."""
        return self.space(as_text(self.root.get("workingSpaceLUT", "scene_linear")))

    def default_space(self, kind: str) -> str:
        """What ``colorspace default`` means for a kind of file: int8, int16, log or float."""
        fallback = {
            "int8": "matte_paint",
            "int16": "texture_paint",
            "log": "compositing_log",
            "float": "scene_linear",
        }
        return self.space(as_text(self.root.get(f"{kind}Lut", fallback[kind])))

    def chromaticities(self, name: str) -> tuple[float, ...] | None:
        """CIE xy of the primaries and white of a linear space that is one of the known gamuts, else None."""
        wanted = self.space(name)
        for gamut, purpose in _GAMUTS.items():
            try:
                if names.engine_space(purpose, config=self.name).name == wanted:
                    return CHROMATICITIES[gamut]
            except ColourError:
                continue
        return None

    # -- pixels

    def _processor(self, key: tuple[str, ...], transform: Any) -> _Conversion | None:
        if key not in self._processors:
            try:
                made = (
                    self.config.getProcessor(*transform)
                    if isinstance(transform, tuple)
                    else self.config.getProcessor(transform)
                )
            except ocio.Exception as error:
                raise ColourError.at(
                    "CR706", " -> ".join(key), f"OCIO cannot convert: {str(error)[:300]}"
                ) from error
            self._processors[key] = None if made.isNoOp() else _Conversion.of(made)
        return self._processors[key]

    def _apply(self, processor: _Conversion | None, rgb: Any) -> Pixels:
        """A converted copy; rgb (height, width, 3) float32 or float16, any layout."""
        out: Pixels = rgb
        if processor is None:
            return out
        out = np.empty(rgb.shape, np.float32)

        def stripes(tops: range) -> None:
            for top in tops:
                processor.apply(rgb[top : top + STRIPE], out[top : top + STRIPE])

        tops = range(0, len(out), STRIPE)
        if self._threads > 1 and len(tops) > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(stripes, (tops[n :: self._threads] for n in range(self._threads))))
        else:
            stripes(tops)
        return out

    def convert(self, rgb: Any, source: str, target: str) -> Pixels:
        """Pixels (height, width, 3) from one colour space to another, float32; the same array if nothing changes.
        Finite half floats, as files hold them, may be given too."""
        a, b = self.space(source), self.space(target)
        made: Pixels = rgb if a == b else self._apply(self._processor((a, b), (a, b)), rgb)
        return made

    def display(self, rgb: Pixels, source: str, display: str, view: str, *, inverse: bool = False) -> Pixels:
        """Pixels through a view of a display (or back). Raises ColourError as ``colour.engine_view``."""
        shown = names.engine_view(display, view, config=self.name)
        a = self.space(source)
        key = (a, shown.display, shown.view, "inverse" if inverse else "")
        transform = ocio.DisplayViewTransform(src=a, display=shown.display, view=shown.view)
        transform.setDirection(ocio.TRANSFORM_DIR_INVERSE if inverse else ocio.TRANSFORM_DIR_FORWARD)
        return self._apply(self._processor(key, transform), rgb)
