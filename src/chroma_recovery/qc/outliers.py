"""Frames out of their shot's own distribution, with the reason in words.

A frame is out when its value lies above the shot's median by more than six robust standard deviations (median
absolute deviation, B. Iglewicz and D. Hoaglin 1993, scaled to a normal distribution) and is large enough to be seen, a
share of the rule's limit; or when it breaks the limit itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .profile import Profile
from .results import Column, FrameRow, Outlier
from .rules import rule

__all__ = ["REASONS", "outliers_of"]

REASONS = {
    "Q104": "luma differs from the Source's by {value:.3g} (99.9th percentile)",
    "Q111": "{value:.1%} of the pixels are below 0",
    "Q112": "{value:.1%} of the pixels are above 1",
    "Q202": "a border of {value:.0f} pixels holds no picture",
    "Q401": "its colour jumps {value:.1f} dE away from the frames around it",
    "Q402": "from here on the colour is another by {value:.1f} dE",
    "Q403": "its colour has wandered {value:.1f} dE from the middle of the shot",
    "Q404": "skin is {value:.1f} dE from where it is in the rest of the shot",
    "Q407": "the colour of one part of it jumps {value:.1f} dE away from the frames around it",
    "Q408": "the colour of one part of it has wandered {value:.1f} dE",
    "Q501": "{value:.0%} of the colour at edges does not follow the picture",
    "Q503": "{value:.0%} of the contrast of colour at edges is missing",
    "Q502": "{value:.1%} of the smooth areas show steps of colour",
}
"""By code; only these are looked for."""

AWAY = 6.0
"""Robust standard deviations."""

SEEN = 0.6
"""Share of the rule's limit that an outlier needs at least."""


def outliers_of(columns: Sequence[Column], rows: Sequence[FrameRow], profile: Profile) -> tuple[Outlier, ...]:
    """Every outlier, by frame, then by code. Measures without a limit in the profile are not looked at."""
    found: list[Outlier] = []
    for column in columns:
        limit = profile.limits.get(column.code)
        if column.code not in REASONS or limit is None:
            continue
        values = {r.frame: r.values[column.name] for r in rows if column.name in r.values}
        if not values:
            continue
        bound = min(_bound(list(values.values()), limit), limit) if len(values) > 4 else limit
        found += [
            Outlier(frame, column.code, column.name, value, bound, _reason(column.code, value))
            for frame, value in values.items()
            if value > bound
        ]
    return tuple(sorted(found, key=lambda o: (o.frame, o.code)))


def _bound(values: Sequence[float], limit: float) -> float:
    middle = float(np.median(values))
    deviation = 1.4826 * float(np.median(np.abs(np.array(values) - middle)))
    return max(middle + AWAY * deviation, SEEN * limit)


def _reason(code: str, value: float) -> str:
    return f"{REASONS[code].format(value=value)}. {rule(code).advice}"
