"""Measures a whole shot, frame by frame, in one pass: the numbers of every frame, of the shot, and its outliers.

Pictures are dropped as soon as they are measured, so memory does not grow with the number of frames beyond a few
numbers for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import attrs

from .borders import Borders
from .consistency import Consistency
from .edges import Edges
from .fidelity import Fidelity
from .meter import Meter
from .outliers import outliers_of
from .profile import Profile
from .results import FrameRow, Measure, ShotMeasures
from .steadiness import Steadiness
from .tags import Tags
from .views import Views

__all__ = ["measure_shot"]


def measure_shot(
    frames: Iterable[Views],
    *,
    profile: Profile | None = None,
    before: Sequence[Measure] = (),
    tell: Callable[[int], None] | None = None,
) -> ShotMeasures:
    """Measure every frame of a shot, scene or sequence.

    frames: in frame order, asked for one by one. profile: limits of the rules, the shipped ones if None. before:
    measures taken elsewhere (of pairs, hold-outs, before delivery); they come first in the result. tell: called with
    the number of frames done. Raises ValueError if Source and Recovered of a frame differ in size.
    """
    held = profile or Profile()
    meters: list[Meter] = [Fidelity(), Borders(), Steadiness(), Consistency(), Edges(), Tags()]
    rows: list[FrameRow] = []
    for done, views in enumerate(frames, start=1):
        if views.source.shape != views.recovered.shape:
            sizes = f"{views.source.shape} and {views.recovered.shape}"
            raise ValueError(f"frame {views.frame}: Source and Recovered of {sizes} cannot be compared")
        values: dict[str, float] = {}
        for meter in meters:
            values.update(meter.see(views))
        rows.append(FrameRow(views.frame, values))
        if tell is not None:
            tell(done)
    found = [m for meter in meters for m in meter.finish(rows, held)] if rows else []
    columns = tuple(
        attrs.evolve(c, limits=(None, held.limits.get(c.code))) for meter in meters for c in meter.columns
    )
    return ShotMeasures((*before, *found), columns, tuple(rows), outliers_of(columns, rows, held), held.name)
