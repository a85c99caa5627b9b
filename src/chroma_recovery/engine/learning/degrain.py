"""What takes grain out of the colour that is mapped.

A mean, 1-2-1 along rows and columns ``times`` over (a Gaussian of sqrt(times / 2) pixels, nearly), that stops at edges
of colour: a pixel goes to the mean by the share of the variance around it which grain explains in Cb and Cr (Lee,
Digital image enhancement and noise filtering by use of local statistics, 1980). The share is the same for Y', Cb and
Cr: sharp luma beside soft chroma would be a colour that neither side of an edge has.

Where a fade has left so little that grain is as strong as what it hides, a wide plain mean leaves smaller errors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["MOST", "Degrain", "filter_for", "finest", "grain_of"]

MOST = 8
"""Times at most, of the plain mean."""

TIMES = 4
"""At most, of the mean that stops at edges."""

LARGEST = 2.5
"""Standard deviations of the grain that still count as grain."""

GRAINY = 0.5 / 255
"""Grain of the mapped Cb and Cr together from which on the mean is plain."""

FULL = 420_000
"""Pixels of a picture from which on the means are as wide as they get: 960x540 less a wide crop."""

CALM = 0.05
"""Share of the places that are calmer than the one whose variance is taken for that of grain."""


@attrs.frozen
class Degrain:
    """times: 0 to MOST. variance: of what counts as grain in Cb and Cr, squares of 0-1; none for the plain mean."""

    times: int = 1
    variance: tuple[float, float] | None = None

    @classmethod
    def of(cls, network: Any) -> Degrain:
        """As a network's ``smoothing`` says: times, then variances; negative ones are none."""
        times, cb, cr = network.smoothing.tolist()
        return cls(int(times), None if cb < 0 else (cb, cr))

    def put(self, network: Any) -> None:
        network.smoothing.copy_(torch.tensor([float(self.times), *(self.variance or (-1.0, -1.0))]))

    def __call__(self, ycc: Tensor) -> Tensor:
        """(b, 3, h, w) Y'CbCr, float32 -> the same shape; the picture's edges are repeated."""
        if not self.times:
            return ycc
        return self.inner(functional.pad(ycc, [self.times] * 4, mode="replicate"), self.mean)

    def inner(self, ycc: Tensor, mean: Callable[[Tensor], Tensor]) -> Tensor:
        """(..., 3, h + 2 times, w + 2 times) -> (..., 3, h, w). mean: does what :meth:`mean` does."""
        n = self.times
        smooth = mean(ycc)
        if self.variance is None:
            return smooth
        chroma = ycc[..., 1:, :, :]
        around = mean(chroma * chroma).addcmul_(smooth[..., 1:, :, :], smooth[..., 1:, :, :], value=-1)
        grain = torch.tensor(self.variance, device=ycc.device).view(2, 1, 1)
        share = torch.div(grain, around.clamp_min_(1e-12), out=around).clamp_max_(1.0).mean(-3, keepdim=True)
        inside = ycc[..., n : ycc.shape[-2] - n, n : ycc.shape[-1] - n]
        return smooth.sub_(inside).mul_(share).add_(inside)

    def mean(self, wide: Tensor) -> Tensor:
        """(..., h + 2 times, w + 2 times) -> (..., h, w), new memory."""
        for side in (-2, -1):
            for _ in range(2 * self.times):
                count = wide.shape[side] - 1
                wide = wide.narrow(side, 0, count) + wide.narrow(side, 1, count)
        return wide * 0.0625**self.times

    @property
    def line(self) -> list[float]:
        """The mean's weights along one side, 2 times + 1 of them."""
        weights = [1.0]
        for _ in range(2 * self.times):
            weights = [(a + b) / 2 for a, b in zip([0.0, *weights], [*weights, 0.0], strict=True)]
        return weights


def finest(planes: Tensor) -> Tensor:
    """Standard deviation of the finest detail, that of 2x2 pixels which neither rows nor columns hold: (c, h, w) ->
    (c). From the median, so that edges count little."""
    high, wide = (n // 2 * 2 for n in planes.shape[1:])
    away = planes[:, :high:2, :wide] - planes[:, 1:high:2, :wide]
    fine = (away[..., ::2] - away[..., 1::2]) / 2
    return fine.abs().flatten(1).median(1).values / 0.6745


def grain_of(chroma: Tensor) -> Tensor:
    """Variance of the grain of Cb and Cr: (2, h, w) -> (2). That of the finest detail, or of the calmest places where
    it is more: grain of film, and chroma that was subsampled, are coarser than a pixel."""
    mean = Degrain(TIMES)
    away = mean((chroma - mean(chroma[None])[0])[None] ** 2)[0].flatten(1)
    calm = away.sort(1).values[:, int(CALM * (away.shape[1] - 1))]
    return torch.maximum(finest(chroma) ** 2, calm)


def filter_for(grain: Tensor, mapped: float, pixels: float) -> Degrain:
    """grain: (2), :func:`grain_of` the Source. mapped: :func:`finest` of Cb and of Cr, added, of what is made of the
    Source after the mean is taken once. pixels: of a picture; in a smaller one the same things are smaller."""
    part = min(pixels / FULL, 1.0)
    if mapped >= GRAINY:
        return Degrain(max(round(part * MOST), 1))
    cb, cr = (LARGEST**2 * grain).tolist()
    return Degrain(max(round(part * TIMES), 1), (cb, cr))
