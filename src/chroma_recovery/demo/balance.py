"""Technical balance of a faded scan: one straight density stretch per channel, the same for the whole shot.

The guide's "global cast neutralization": channels come into the same ballpark before training, nothing
creative. It takes the magenta cast away; the colours that are lost stay lost.
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
    to_range: how far all three then reach.
    """

    lightest: Triple
    densest: Triple
    to_lightest: float = 0.1
    to_range: float = 2.0

    @classmethod
    def fit(cls, scans: Iterable[Array], *, ends: float = 0.5) -> DensityBalance:
        """Measure a shot. scans: some of its frames, picture only, height x width x 3, display-encoded 0..1.

        ends: percent of pixels beyond each end. The best kept channel gives the range, within 1.8..2.4
        densities, about what a projected print shows of a scene. Raises ValueError if a channel has no
        range or there is no frame.
        """
        found = [density(scan[::4, ::4]).reshape(-1, 3) for scan in scans]
        if not found:
            raise ValueError("no frame to measure")
        low, high = np.percentile(np.concatenate(found), (ends, 100 - ends), axis=0)
        if (high - low < 1e-4).any():
            raise ValueError(f"a channel has no range: densities {low} to {high}")
        reach = float(np.clip((high - low).max(), 1.8, 2.4))
        red, green, blue = (float(v) for v in low)
        return cls((red, green, blue), (float(high[0]), float(high[1]), float(high[2])), to_range=reach)

    def __call__(self, scan: Array) -> Array:
        """The balanced frame. scan, result: float32 height x width x 3, display-encoded (sRGB) 0..1."""
        low, high = np.asarray(self.lightest, np.float32), np.asarray(self.densest, np.float32)
        gain = np.float32(self.to_range) / (high - low)
        return from_density(np.clip((density(scan) - low) * gain + np.float32(self.to_lightest), 0, DENSEST))
