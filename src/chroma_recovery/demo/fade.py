"""How a chromogenic print fades and is scanned, in the density domain.

The model, and where its facts come from:

* A colour print holds three dye images. What a scanner measures behind red, green and blue filters is
  D = S c + Dmin, with the dye amounts c (cyan, magenta, yellow) and the matrix S of main and side absorptions
  (M. Chambah, B. Besserer 2000, digital restoration of faded films, who first remove the side absorptions).
* Fading in the dark takes away a share of each dye: c' = c (1 - f), with another f for each dye (G. Trumpy,
  B. Flueckiger, A. Chatterjee and others on dye loss told from neutral black, 2018-2023).
* On Eastman stocks up to the early 1980s cyan goes first, then yellow, magenta hardly: prints turn pink (H.
  Wilhelm, "The Permanence and Care of Color Photographs", 1993; the National Film Preservation Foundation's
  preservation guide).
* Ageing stains the base yellowish, most of all in blue density (Wilhelm 1993, chapter 5).
* Rolls fade unevenly: edges, patches, mottle, with storage and winding.

The absorption matrix and the shares below are round figures in the range those sources give; no stock is
measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import attrs
import cv2
import numpy as np

from .density import Array, density, encode

__all__ = ["ABSORPTION", "FADES", "DyeFade", "FadedScan"]

Triple = tuple[float, float, float]

_SIDE = np.array([[1.00, 0.13, 0.02], [0.18, 1.00, 0.10], [0.08, 0.22, 1.00]], np.float32)
ABSORPTION = _SIDE / _SIDE.sum(axis=1, keepdims=True)
"""S: rows are red, green and blue density; columns cyan, magenta and yellow dye. Equal amounts: neutral."""


@attrs.frozen(kw_only=True)
class DyeFade:
    """What happened to a print, and how it was scanned. Triples: cyan, magenta, yellow or red, green, blue.

    lost: share 0..1 of each dye that is gone everywhere. lost_more: further share where the uneven field is
    1. field: where it faded more: nowhere, from one edge of the roll with a soft patch, or in large
    mottles. stain: density added to red, green and blue. vignette: density added in the corners. grain:
    standard deviation of dye amount where that is 1; grows with its square root; sits in the dye, so fades
    with it. flicker, dye_flicker: standard deviation per frame of all dyes together and of each dye, in dye
    amount. scan_flicker: the same of the scanner's exposure, in density. scan_noise: in linear light.
    scan_bits: bits per channel of the display-encoded scan, 8..16.
    """

    lost: Triple = (0.0, 0.0, 0.0)
    lost_more: Triple = (0.0, 0.0, 0.0)
    field: Literal["none", "edge", "mottle"] = "none"
    stain: Triple = (0.0, 0.0, 0.0)
    vignette: float = 0.0
    grain: float = 0.0
    flicker: float = 0.0
    dye_flicker: float = 0.0
    scan_flicker: float = 0.0
    scan_noise: float = 0.0
    scan_bits: int = attrs.field(default=16, validator=attrs.validators.in_(range(8, 17)))

    def __attrs_post_init__(self) -> None:
        if any(not 0 <= share <= 1 for share in (*self.lost, *self.lost_more)):
            raise ValueError(f"shares of lost dye lie in 0..1: {self.lost}, {self.lost_more}")


FADES: Mapping[str, DyeFade] = MappingProxyType(
    {
        "mild": DyeFade(
            lost=(0.60, 0.08, 0.30), stain=(0.01, 0.03, 0.10),
            grain=0.012, flicker=0.004, dye_flicker=0.002, scan_flicker=0.001, scan_noise=0.0008,
            scan_bits=10,
        ),
        "strong": DyeFade(
            lost=(0.95, 0.10, 0.75), lost_more=(0.03, 0.05, 0.15), field="mottle",
            stain=(0.02, 0.06, 0.16), vignette=0.05,
            grain=0.02, flicker=0.012, dye_flicker=0.006, scan_flicker=0.001, scan_noise=0.0015, scan_bits=8,
        ),
        "uneven": DyeFade(
            lost=(0.45, 0.05, 0.15), lost_more=(0.45, 0.05, 0.45), field="edge",
            stain=(0.01, 0.04, 0.12), vignette=0.05,
            grain=0.015, flicker=0.008, dye_flicker=0.004, scan_flicker=0.001, scan_noise=0.001, scan_bits=8,
        ),
        "collapse": DyeFade(
            lost=(0.995, 0.15, 0.96), lost_more=(0.0, 0.05, 0.02), field="mottle",
            stain=(0.02, 0.06, 0.18), vignette=0.05,
            grain=0.02, flicker=0.012, dye_flicker=0.006, scan_flicker=0.001, scan_noise=0.002, scan_bits=8,
        ),
    }
)  # fmt: skip
"""mild: cyan more than half gone; strong: cyan nearly gone, most of yellow, mottled; uneven: one edge.
collapse: cyan and yellow as good as gone, so that different colours fall together."""


class FadedScan:
    """One faded print of a given size, scanned frame by frame. Same seed, same pixels."""

    def __init__(self, fade: DyeFade, width: int, height: int, *, seed: int = 0) -> None:
        self.fade, self.seed = fade, seed
        self.field = _field(fade.field, width, height, np.random.default_rng([seed, 0x0F1E]))
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        corners = (x / width - 0.5) ** 2 + (y / height - 0.5) ** 2
        self._vignette = np.float32(fade.vignette * 2) * corners

    def kept(self) -> Array:
        """Share of each dye that is left, height x width x 3 (cyan, magenta, yellow), 0.005..1."""
        lost_more = np.asarray(self.fade.lost_more, np.float32)
        lost = np.asarray(self.fade.lost, np.float32) + self.field[..., None] * lost_more
        return np.maximum(np.float32(1) - lost, np.float32(0.005))

    def __call__(self, frame: Array, number: int) -> Array:
        """The scan of one frame: float32 height x width x 3, display-encoded (sRGB) 0..1, like ``frame``.

        ``number`` chooses the grain and flicker of that frame. Raises ValueError if the size is another one.
        """
        if frame.shape != (*self.field.shape, 3):
            raise ValueError(f"frame is {frame.shape}, the print is {(*self.field.shape, 3)}")
        fade, chance = self.fade, np.random.default_rng([self.seed, number & 0xFFFFFFFF])
        dye = density(frame) @ np.linalg.inv(ABSORPTION).T.astype(np.float32)
        if fade.grain:
            dye += np.float32(fade.grain) * _grain(frame.shape, chance) * np.sqrt(np.clip(dye, 0.05, 3))
        flicker = chance.normal(0, 1) * fade.flicker + chance.normal(0, 1, 3) * fade.dye_flicker
        dye += flicker.astype(np.float32)
        dye *= self.kept()
        measured = dye @ ABSORPTION.T + np.asarray(fade.stain, np.float32) + self._vignette[..., None]
        exposure = (chance.normal(0, 1) + 0.5 * chance.normal(0, 1, 3)) * fade.scan_flicker
        measured += exposure.astype(np.float32)
        light: Array = np.float32(10) ** -measured
        if fade.scan_noise:
            light += np.float32(fade.scan_noise) * chance.standard_normal(frame.shape, np.float32)
        steps = np.float32(2**fade.scan_bits - 1)
        return np.asarray(np.round(encode(np.clip(light, 0, 1)) * steps) / steps, np.float32)


def _grain(shape: tuple[int, ...], chance: np.random.Generator) -> Array:
    """Soft-edged grain, mean 0 and standard deviation about 1."""
    clumps = cv2.GaussianBlur(chance.standard_normal(shape, np.float32), (0, 0), 0.8)
    return np.asarray(clumps, np.float32) * np.float32(2.8)


def _field(kind: str, width: int, height: int, chance: np.random.Generator) -> Array:
    """Where the print faded more, height x width, 0..1."""
    if kind == "none":
        return np.zeros((height, width), np.float32)
    if kind == "mottle":
        coarse = chance.standard_normal((6, 8)).astype(np.float32)
        spread = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
        found: Array = (spread - spread.min()) / (spread.max() - spread.min())
        return found
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    edge = np.clip((x - 0.35) / 0.65, 0, 1) ** 1.5
    patch = 0.8 * np.exp(-(((x - 0.25) / 0.16) ** 2 + ((y - 0.7) / 0.2) ** 2))
    return np.asarray(np.clip(edge + patch, 0, 1), np.float32)
