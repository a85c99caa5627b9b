"""Technical balance of a faded scan, the same for the whole shot: a straight density stretch per channel, then one
tone curve for all three.

The guide's "global cast neutralization": channels come into the same ballpark before training, nothing
creative. It takes the magenta cast away; the colours that are lost stay lost. The tone curve is what a colourist sets
by eye against the Reference, so that the picture is neither too light nor too flat; recovery keeps this luma.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np

from .density import DENSEST, Array, density, from_density

__all__ = ["DensityBalance"]

Triple = tuple[float, float, float]


@attrs.frozen
class DensityBalance:
    """Density D of a channel becomes ``to_lightest + (D - lightest) / (densest - lightest) * to_range``.

    lightest, densest: densities of red, green and blue at the ends of the shot.
    to_lightest: where the lightest one goes; 0.1 is about the base density of a projection print.
    to_range: how far all three then reach. tone: points (density, density) of the tone curve, rising; none: straight.
    """

    lightest: Triple
    densest: Triple
    to_lightest: float = 0.1
    to_range: float = 2.0
    tone: tuple[tuple[float, float], ...] = ()

    @classmethod
    def fit(cls, scans: Iterable[Array], *, like: Iterable[Array] = (), ends: float = 0.5) -> DensityBalance:
        """Measure a shot. scans: some of its frames, picture only, height x width x 3, display-encoded 0..1.
        like: frames of the Reference, picture only, whose tones are to be met.

        ends: percent of pixels beyond each end. The best kept channel gives the range, within 1.8..2.4
        densities, about what a projected print shows of a scene. Raises ValueError if a channel has no
        range or there is no frame.
        """
        seen = [scan[::4, ::4] for scan in scans]
        found = [density(scan).reshape(-1, 3) for scan in seen]
        if not found:
            raise ValueError("no frame to measure")
        low, high = np.percentile(np.concatenate(found), (ends, 100 - ends), axis=0)
        if (high - low < 1e-4).any():
            raise ValueError(f"a channel has no range: densities {low} to {high}")
        reach = float(np.clip((high - low).max(), 1.8, 2.4))
        red, green, blue = (float(v) for v in low)
        straight = cls((red, green, blue), (float(high[0]), float(high[1]), float(high[2])), to_range=reach)
        wanted = [picture[::4, ::4] for picture in like]
        if not wanted:
            return straight
        levels = [_tones([straight(scan) for scan in seen]), _tones(wanted)]
        return attrs.evolve(straight, tone=tuple((float(a), float(b)) for a, b in zip(*levels, strict=True)))

    def __call__(self, scan: Array) -> Array:
        """The balanced frame. scan, result: float32 height x width x 3, display-encoded (sRGB) 0..1."""
        low, high = np.asarray(self.lightest, np.float32), np.asarray(self.densest, np.float32)
        gain = np.float32(self.to_range) / (high - low)
        level = np.clip((density(scan) - low) * gain + np.float32(self.to_lightest), 0, DENSEST)
        if self.tone:
            come, go = np.array(self.tone, np.float32).T
            level = np.interp(level, come, go).astype(np.float32)
        return from_density(level)


def _tones(pictures: list[Array]) -> Array:
    """Densities of luma (BT.601 of display values) at nine shares of the pixels, ends added: strictly rising."""
    luma = np.concatenate([(p @ np.array([0.299, 0.587, 0.114], np.float32)).ravel() for p in pictures])
    levels = np.percentile(density(luma), (1, 5, 15, 30, 50, 70, 85, 95, 99))
    whole = np.concatenate([[0.0], levels, [DENSEST]])
    steps = np.maximum(np.diff(np.clip(whole, 0, DENSEST)), 1e-3)
    return np.concatenate([[0.0], np.cumsum(steps)]).astype(np.float32)
