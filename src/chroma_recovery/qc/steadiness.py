"""Colour over time: flicker, jumps, drift, seams at the ends and at joins, skin.

Two views of the same shot have to agree before anything is called a fault. Following the picture from frame to frame
(:mod:`.tracking`) says how colours changed, less what the Source's own changes explain; the shot's colour map
(:mod:`.colour_map`) says how far a frame departs from what the recovery makes of the same Source colours elsewhere.
A flickering Source moves the first but not the second, a pan to other things the second but not the first; a fault of
the recovery moves both. So every number here is the smaller of the two, in units of dE (a*, b* of CIE L*a*b*,
root mean square over the frame's colours).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .change import Floats, Palette, lab_of, size_of
from .colour_map import ColourMap
from .meter import Values
from .profile import Profile
from .regions import Regions
from .results import Column, FrameRow, Measure
from .tracking import DARK, Step, Tracker
from .views import Views, reduced

__all__ = ["Steadiness"]

Flags: TypeAlias = npt.NDArray[np.bool_]
Deviations: TypeAlias = Callable[[Floats], Floats]

WIDTH = 192
"""Pixels across at which colour is followed."""

NEAR = 2
"""Frames each way whose median a frame is compared with, for flicker."""

SIDE = 3
"""Frames on each side of a jump, and each way of the median that drift is read from."""

RIDGE = 0.005
"""Squared change of the Source (L*a*b*) that is taken for noise when its changes are to explain Recovered's."""


class Steadiness:
    """Columns ``flicker``, ``flicker Source``, ``jump``, ``drift``, ``skin``, ``followed``, and those of a region."""

    columns = (
        Column(
            "flicker",
            "dE",
            "distance of the frame's colour from the median of the five frames around it",
            "Q401",
        ),
        Column("flicker Source", "dE", "change of the Source's median colour from the frame before", ""),
        Column(
            "jump",
            "dE",
            "distance between the colour of the three frames before and the three from here",
            "Q402",
        ),
        Column("drift", "dE", "distance of the smoothed colour from the middle of the shot", "Q403"),
        Column("skin", "dE", "distance of skin from its median over the shot", "Q404"),
        *Regions.columns,
        Column("followed", "share", "pixels that show the same as in the frame before", ""),
    )

    def __init__(self) -> None:
        self._tracker, self._map, self._regions = Tracker(), ColourMap(), Regions()
        self._steps: list[Step | None] = []
        self._palettes: list[Palette] = []

    def see(self, views: Views) -> Values:
        """Numbers of one frame that are known at once; the others follow in :meth:`finish`."""
        small = [reduced(p, WIDTH) for p in (views.shown.source, views.shown.recovered)]
        source, recovered = lab_of(small[0]), lab_of(small[1])
        step = self._tracker.step(source, recovered)
        self._map.add(source, recovered)
        self._regions.add(step, source, recovered)
        self._steps.append(step)
        colours = recovered[source[..., 0] > DARK][:, 1:]
        if len(colours):
            a, b = (float(v) for v in colours.mean(axis=0))
            self._palettes.append(Palette(a, b, float(colours.var(axis=0).sum())))
        else:
            self._palettes.append(Palette())
        if step is None:
            return {}
        known: Values = {"followed": step.share}
        if step.source is not None:
            known["flicker Source"] = float(np.hypot(step.source[1], step.source[2]))
        return known

    def finish(self, rows: list[FrameRow], profile: Profile) -> list[Measure]:
        """Fill in the columns and judge the shot."""
        departures, skin_departures = self._map.departures()
        followed, whole = self._followed()
        seen = ~np.isnan(departures[:, 0])
        mapped = np.where(seen[:, None], departures, 0.0)
        flicker = self._least(_unlike_neighbours, followed, mapped)
        jumps = self._jumps(followed, mapped, whole)
        frames = [r.frame for r in rows]
        drift, ends = self._drift(followed, mapped, frames), self._seams(followed, mapped)
        skin = self._skin(skin_departures)
        for n, row in enumerate(rows):
            if seen[n] and isinstance(row.values, dict):
                row.values.update({"flicker": flicker[n], "jump": jumps[n], "drift": drift[0][n]})
                if not np.isnan(skin[n]):
                    row.values["skin"] = float(skin[n])
        flicker, jumps = flicker * seen, jumps * seen
        found = [
            _worst(profile, "Q401", flicker, frames),
            _worst(profile, "Q402", jumps, frames),
            profile.measure("Q403", drift[1], drift[2]),
            _worst(profile, "Q211", ends * seen, frames),
            _worst(profile, "Q212", self._joins(mapped, whole) * seen, frames),
        ]
        if not np.isnan(skin).all():
            found.append(_worst(profile, "Q404", np.nan_to_num(skin), frames))
        return [*found, *self._regions.finish(rows, profile, seen)]

    # -- the two views

    def _followed(self) -> tuple[Floats, Flags]:
        """Colour of each frame as the sum of followed changes, less what the Source explains (frames, 4); and where a
        frame could be followed from the one before."""
        count = len(self._steps)
        whole = np.array([s is not None and s.recovered is not None for s in self._steps])
        changes = np.zeros((count, 4))
        good = [s for s in self._steps if s is not None and s.recovered is not None]
        if len(good) > 5:
            causes = np.array([s.source for s in good], np.float64)
            effects = np.array([s.recovered for s in good], np.float64)
            normal = causes.T @ causes + np.eye(3) * RIDGE * len(good)
            changes[whole] = effects - causes @ np.linalg.solve(normal, causes.T @ effects)
        elif good:
            changes[whole] = [s.recovered for s in good]
        return np.cumsum(changes, axis=0), whole

    def _least(self, how: Deviations, *paths: Floats) -> Floats:
        """The smaller of the two views, frame by frame."""
        sizes = [
            np.array([float(size_of(c, p)) for c, p in zip(how(path), self._palettes, strict=True)])
            for path in paths
        ]
        return np.asarray(np.minimum(*sizes), np.float64)

    # -- what is made of them

    def _jumps(self, followed: Floats, mapped: Floats, whole: Flags) -> Floats:
        """Zero where nothing could be followed: a cut is no jump."""
        return np.where(whole, self._least(_change_of_level, followed, mapped), 0.0)

    def _joins(self, mapped: Floats, whole: Flags) -> Floats:
        """At frames that could not be followed, by the map alone."""
        cuts = ~whole
        cuts[0] = False
        found = np.zeros(len(mapped))
        changes = _change_of_level(mapped)
        for n in np.flatnonzero(cuts):
            found[n] = min(float(size_of(changes[n], self._palettes[k])) for k in (n - 1, n))
        return found

    def _drift(self, followed: Floats, mapped: Floats, frames: Sequence[int]) -> tuple[Floats, float, str]:
        """Per frame against the middle of the shot; the largest distance of any two frames, thinned to 64."""
        middle = self._palettes[len(self._palettes) // 2]
        spread = np.mean([p.spread for p in self._palettes])
        palette = Palette(middle.a, middle.b, float(spread))
        smooth = [_medians(p, SIDE) for p in (followed, mapped)]
        each = np.minimum(*(size_of(s - np.median(s, axis=0), palette) for s in smooth))
        some = np.unique(np.linspace(0, len(followed) - 1, 64).astype(int))
        apart = np.minimum(*(size_of(s[some][:, None] - s[some][None], palette) for s in smooth))
        first, second = np.unravel_index(int(apart.argmax()), apart.shape)
        low, high = sorted((int(some[first]), int(some[second])))
        turn = np.degrees(smooth[1][high][3] - smooth[1][low][3])
        words = f"between frames {frames[low]} and {frames[high]}; hue turned by {turn:+.1f} degrees"
        return np.asarray(each, np.float64), float(apart.max()), words

    def _seams(self, followed: Floats, mapped: Floats) -> Floats:
        """First and last frame against the five beside them."""
        found = np.zeros(len(followed))
        if len(followed) > 2 * SIDE:
            for at, beside in ((0, slice(1, 6)), (-1, slice(-6, -1))):
                palette = self._palettes[at]
                found[at] = min(
                    float(size_of(p[at] - np.median(p[beside], axis=0), palette)) for p in (followed, mapped)
                )
        return found

    def _skin(self, departures: Floats) -> Floats:
        """Distance of skin from its median over the shot, NaN where there is none."""
        moved = [s.skin if s is not None and s.skin is not None else np.zeros(2) for s in self._steps]
        path = np.cumsum(np.array(moved, np.float64).reshape(-1, 2), axis=0)
        seen = ~np.isnan(departures[:, 0])
        result = np.full(len(departures), np.nan)
        if seen.sum() > 2 * SIDE:
            sizes = [np.hypot(*(p - np.median(p[seen], axis=0)).T) for p in (path, departures)]
            result[seen] = np.minimum(*sizes)[seen]
        return result


def _medians(path: Floats, reach: int) -> Floats:
    """Median of the frames around each, mirrored at the ends."""
    reach = min(reach, len(path) - 1)
    padded = np.pad(path, ((reach, reach), (0, 0)), mode="reflect") if reach else path
    around = np.stack([padded[n : n + len(path)] for n in range(2 * reach + 1)])
    return np.asarray(np.median(around, axis=0), np.float64)


def _unlike_neighbours(path: Floats) -> Floats:
    return path - _medians(path, NEAR)


def _change_of_level(path: Floats) -> Floats:
    found = np.zeros_like(path)
    for n in range(1, len(path)):
        found[n] = np.median(path[n : n + SIDE], axis=0) - np.median(path[max(0, n - SIDE) : n], axis=0)
    return found


def _worst(profile: Profile, code: str, values: Floats, frames: Sequence[int]) -> Measure:
    at = int(values.argmax())
    where = f"largest at frame {frames[at]}" if values[at] > 0 else ""
    return profile.measure(code, float(values[at]), where)
