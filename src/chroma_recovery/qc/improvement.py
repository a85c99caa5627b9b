"""Is the recovery clearly better than the baseline? A margin and a paired test over hold-out frames.

The guide accepts a shot that shows "clear improvement vs MatchGrade baseline". Clear means here, all three:

- the margin: on average over the hold-out frames the recovered colour's error is smaller than the baseline's by at
  least :data:`MARGIN` of the baseline's;
- every frame: on no hold-out frame is the recovered colour worse than the baseline's;
- the test, from :data:`ENOUGH` frames on instead of "every frame": the lower end of the one-sided 95 % confidence
  interval of the mean paired difference (Student's t) is above zero.

Frames are paired because some are harder than others for both. With one or two hold-outs, as a shot of four to nine
pairs has, no interval means anything; then only margin and "every frame" decide, and the words say so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
from scipy.special import stdtrit

from .results import Measure

__all__ = ["CODE", "ENOUGH", "MARGIN", "Improvement", "clear_improvement", "improvement_measure"]

CODE = "Q390"

MARGIN = 0.10
"""Share of the baseline's error by which the recovery must be better."""

ENOUGH = 5
"""Hold-out frames from which the confidence interval decides."""

CONFIDENCE = 0.95


@attrs.frozen
class Improvement:
    """Paired comparison over frames. gain: mean of baseline error minus recovered error, in the errors' unit. share:
    gain divided by the mean baseline error. low: lower end of the one-sided 95 % interval of the gain, None below two
    frames. worse: frames on which the recovery is worse. clear: see the module. frames: how many were compared."""

    gain: float
    share: float
    low: float | None
    worse: int
    clear: bool
    frames: int


def clear_improvement(
    recovered: Sequence[float], baseline: Sequence[float], *, margin: float = MARGIN
) -> Improvement:
    """Compare errors of the same frames, in the same order. Raises ValueError for none, or for two lengths."""
    gains = [b - r for r, b in zip(recovered, baseline, strict=True)]
    if not gains:
        raise ValueError("no frames to compare")
    count = len(gains)
    mean = sum(gains) / count
    whole = sum(baseline) / count
    share = mean / whole if whole > 0 else 0.0
    low = None
    if count > 1:
        spread = math.sqrt(sum((g - mean) ** 2 for g in gains) / (count - 1))
        low = mean - float(stdtrit(count - 1, CONFIDENCE)) * spread / math.sqrt(count)
    worse = sum(g < 0 for g in gains)
    sure = low > 0 if low is not None and count >= ENOUGH else worse == 0
    return Improvement(mean, share, low, worse, bool(share >= margin and sure), count)


def improvement_measure(
    recovered: Sequence[float],
    baseline: Sequence[float],
    *,
    limit: float | None = 100 * MARGIN,
    unit: str = "dE2000",
) -> Measure:
    """The acceptance rule as a measure: value is the share by which the error is below the baseline's, in per cent.
    limit: the margin in per cent, None to report without deciding."""
    found = clear_improvement(recovered, baseline, margin=MARGIN if limit is None else limit / 100)
    held = f"{found.frames} hold-out frame{'s' if found.frames != 1 else ''}"
    detail = (
        f"mean error of the baseline minus that of the recovery, paired over {held}: {found.gain:+.2f} {unit}"
    )
    if found.low is not None and found.frames >= ENOUGH:
        detail += f", at least {found.low:+.2f} with 95 % confidence (Student's t)"
        rule = f"at least {limit or 0:g} %, and above zero with 95 % confidence"
    else:
        detail += f"; too few for a confidence interval, so every frame must be better ({found.worse} worse)"
        rule = f"at least {limit or 0:g} %, and better on every hold-out"
    if limit is None:
        return Measure("Improvement over the baseline", 100 * found.share, "%", detail=detail, code=CODE)
    return Measure("Improvement over the baseline", 100 * found.share, "%", rule, found.clear, detail, CODE)
