"""Borders that Recovered has and the Source has not: crop mismatch."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.image import Pixels
from .encoding import Bring, as_given
from .meter import Values
from .profile import Profile
from .results import Column, FrameRow, Measure
from .scan import luma_of
from .views import Views

__all__ = ["SIDES", "Borders", "dead_border"]

SIDES = ("left", "right", "top", "bottom")

FIRST = 12
"""Lines that are looked at first: only if all of them are dead are there more."""

DEEPEST = 0.25
"""Share of the picture up to which a border is followed inwards."""


class Borders:
    """Column ``border``: rows or columns at an edge that hold picture in the Source but not in Recovered."""

    columns = (
        Column(
            "border", "pixels", "deepest border of Recovered without picture where the Source has it", "Q202"
        ),
    )

    def __init__(self) -> None:
        self._sides: list[str] = []

    def see(self, views: Views) -> Values:
        """Numbers of one frame."""
        depths = dead_border(views.source, views.recovered, views.bring)
        side = max(depths, key=lambda s: depths[s])
        self._sides.append(side)
        return {"border": float(depths[side])}

    def finish(self, rows: list[FrameRow], profile: Profile) -> list[Measure]:
        """The deepest border of any frame."""
        at = int(np.argmax([r.values["border"] for r in rows]))
        value = rows[at].values["border"]
        return [
            profile.measure("Q202", value, f"{self._sides[at]} edge, frame {rows[at].frame}" if value else "")
        ]


def dead_border(source: Pixels, recovered: Pixels, bring: Bring = as_given) -> dict[str, int]:
    """Depth in pixels, by side, of what is black or repeats one line in Recovered but not in the Source.

    source, recovered: (height, width, 3), of one size. bring: takes lines of them to R'G'B' of one encoding, 0-1.
    """
    found = {}
    for side in SIDES:
        plain, made = _inwards(source, side), _inwards(recovered, side)
        for lines in (FIRST, len(plain)):
            both = (luma_of(bring(np.ascontiguousarray(p[:lines]))) for p in (plain, made))
            found[side] = _depth(*both)
            if found[side] < lines - 1:
                break
    return found


def _inwards(picture: Any, side: str) -> Any:
    """Lines from an edge inwards, (lines, pixels, 3), about 400 pixels of each and at most DEEPEST of the picture."""
    lines = picture if side in ("top", "bottom") else picture.swapaxes(0, 1)
    lines = lines[::-1] if side in ("bottom", "right") else lines
    return lines[: max(2, int(len(lines) * DEEPEST)), :: max(1, lines.shape[1] // 400)]


def _depth(source: Any, recovered: Any) -> int:
    """Lines from the edge on that are dead in Recovered and alive in the Source."""
    black = recovered.max(axis=1) < 0.02
    alive = source.mean(axis=1) > np.maximum(recovered.mean(axis=1) + 0.01, 0.02)
    same = np.abs(np.diff(recovered, axis=0)).max(axis=1) < 1e-4
    differs = np.abs(np.diff(source, axis=0)).max(axis=1) > 0.01
    return max(_first_false(black & alive), _first_false(same & differs))


def _first_false(flags: Any) -> int:
    return int(np.argmin(flags)) if not flags.all() else len(flags)
