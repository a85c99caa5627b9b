"""How pictures are brought to the domain in which they are measured."""

from __future__ import annotations

import numpy as np

from chroma_recovery.engine import ycbcr
from chroma_recovery.qc.encoding import srgb


def test_the_quick_curve_is_the_graphs_own() -> None:
    linear = np.concatenate([np.linspace(-0.5, 2, 9000), np.linspace(-0.005, 0.005, 3000)])
    picture = linear.astype(np.float32).reshape(40, 100, 3)
    assert np.abs(srgb(picture) - ycbcr.encode(picture, "sRGB")).max() < 1e-6
