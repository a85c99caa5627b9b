"""Source and Recovered of one frame as a display shows them, with what several measures need of them made once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.image import Pixels
from .change import lab_of

__all__ = ["SOFT", "Shown", "strong_edges"]

SOFT = 0.8
"""Gaussian that takes the finest grain away first, in pixels."""

STRONG, STRONGEST = 8.0, 85
"""An edge: gradient of L* (Sobel) of at least this, and among the strongest 15 % of the frame."""


def strong_edges(light: Pixels) -> Any:
    """Where L* has its strong edges, boolean (height, width)."""
    steep = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))
    return steep > max(float(np.percentile(steep, STRONGEST)), STRONG)


@attrs.frozen(eq=False, slots=False)
class Shown:
    """source, recovered: display R'G'B' (height, width, 3) float32 of one size, 0-1, at most 480 pixels across."""

    source: Pixels = attrs.field(repr=False)
    recovered: Pixels = attrs.field(repr=False)

    @cached_property
    def source_lab(self) -> Pixels:
        """L*a*b* of the Source."""
        return lab_of(self.source)

    @cached_property
    def recovered_lab(self) -> Pixels:
        """L*a*b* of Recovered."""
        return lab_of(self.recovered)

    @cached_property
    def guide(self) -> Pixels:
        """The Source without its finest grain, display R'G'B'."""
        return np.asarray(cv2.GaussianBlur(self.source, (0, 0), SOFT), np.float32)

    @cached_property
    def guide_lab(self) -> Pixels:
        """L*a*b* of the Source without its finest grain."""
        return lab_of(self.guide)

    @cached_property
    def edge(self) -> Any:
        """Where the Source has strong edges, boolean (height, width)."""
        return strong_edges(self.guide_lab[..., 0])
