"""How colours changed from one frame to the next where the picture shows the same thing.

The Source's luma says where each pixel came from (dense inverse search optical flow, T. Kroeger and others 2016);
Source and Recovered are followed by the same flow. Only pixels whose luma agrees after that count, so cuts, flashes
and what appears or disappears do not.
"""

from __future__ import annotations

from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.image import Pixels
from .change import Floats, fit_change, moved_by

__all__ = ["DARK", "FLAT", "NAMES", "QUARTERS", "SKIN", "Step", "Tracker", "skin_of"]

DARK = 12.0
"""L* below which colour is not looked at."""

FLAT = 3.0
"""Standard deviation of L* below which a frame shows nothing to follow: black, white, a fade's end."""

SAME = 3.0
"""Largest difference of L* between what is taken for the same thing."""

FOLLOWED = 0.1
"""Least share of pixels that have to be followed."""

MOST = 3000
"""Pixels that a fit looks at."""

SKIN = (25.0, 75.0, 10.0, 42.0, 30.0, 88.0)
"""Skin: hue angle from and to (degrees in a*, b*), chroma from and to, L* from and to."""

QUARTERS = tuple((down, across) for down in range(3) for across in range(3))
"""Regions, each a quarter of the frame: row and column of its upper left corner, in quarters of height and width."""

NAMES = ("upper left", "top", "upper right", "left", "centre", "right", "lower left", "bottom", "lower right")
"""Of the regions, in the same order."""


def skin_of(lab: Any) -> Any:
    """Where colours (..., 3) are those of skin, of any complexion: hue varies little, lightness and chroma do."""
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    h0, h1, c0, c1, l0, l1 = SKIN
    inside = (hue > h0) & (hue < h1) & (chroma > c0) & (chroma < c1)
    return inside & (lab[..., 0] > l0) & (lab[..., 0] < l1)


@attrs.frozen(eq=False)
class Step:
    """From the frame before to this one. share: of pixels followed, 0-1. source: median change of the Source's L*,
    a*, b*. recovered: change of Recovered's colours, see :mod:`.change`. skin: median change of Recovered's skin in
    a*, b*; None without skin. regions: of each of QUARTERS, the median change of Recovered's a*, b* beyond the frame's
    and that of the Source's L*, a*, b* (regions, 5); NaN where too little was followed. The last four are None where
    nothing could be followed."""

    share: float
    source: Floats | None = None
    recovered: Floats | None = None
    skin: Floats | None = None
    regions: Floats | None = None


class Tracker:
    """Follows one frame after the other; keeps the latest only."""

    def __init__(self) -> None:
        self._flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._before: tuple[Pixels, Pixels] | None = None

    def step(self, source: Pixels, recovered: Pixels) -> Step | None:
        """The step to this frame; None for the first. Both L*a*b*, (h, w, 3)."""
        before, self._before = self._before, (source, recovered)
        if before is None or before[0].shape != source.shape:
            return None
        if min(float(p[..., 0].std()) for p in (before[0], source)) < FLAT:
            return Step(0.0)
        then, was, inside = self._brought(before, source)
        steep = sum(np.abs(cv2.Laplacian(was[..., n], cv2.CV_32F, ksize=3)) for n in (1, 2))
        same = np.abs(source[..., 0] - then[..., 0]) < SAME
        good = inside & same & (source[..., 0] > DARK) & (steep < 8)
        share = float(good.mean())
        if share < FOLLOWED:
            return Step(share)
        moved = recovered - was
        every = max(1, int(good.sum()) // MOST)
        colours, changes = was[good][::every, 1:], moved[good][::every, 1:]
        skin = good & skin_of(was)
        cause = source - then
        whole = np.asarray(np.median(cause[good], axis=0), np.float64)
        change = fit_change(colours, changes)
        return Step(
            share,
            whole,
            change,
            np.asarray(np.median(moved[skin][:, 1:], axis=0), np.float64) if skin.mean() > 0.01 else None,
            _by_region(good, moved[..., 1:] - moved_by(change, was[..., 1:]), cause - whole),
        )

    def _brought(self, before: tuple[Pixels, Pixels], source: Pixels) -> tuple[Pixels, Pixels, Any]:
        """The frame before, moved to where things are now; and where that is inside the picture."""
        now, then = (np.clip(p[..., 0] * 2.55, 0, 255).astype(np.uint8) for p in (source, before[0]))
        flow = self._flow.calc(now, then, None)
        height, width = now.shape
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        x, y = x + flow[..., 0], y + flow[..., 1]
        inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
        moved = [cv2.remap(p, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for p in before]
        return moved[0], moved[1], inside


def _by_region(good: Any, effect: Any, cause: Any) -> Floats:
    """Medians over what was followed in each region: (regions, 2 of effect and 3 of cause)."""
    height, width = good.shape
    found = np.full((len(QUARTERS), 5), np.nan)
    for n, (down, across) in enumerate(QUARTERS):
        top, left = down * height // 4, across * width // 4
        place = slice(top, top + height // 2), slice(left, left + width // 2)
        inside = good[place]
        if inside.mean() > FOLLOWED:
            both = np.concatenate([effect[place][inside], cause[place][inside]], -1)
            found[n] = np.median(both[:: max(1, len(both) // 1000)], axis=0)
    return found
