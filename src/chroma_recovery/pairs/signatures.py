"""Cheap prints of every frame of a clip: enough to see repeated and combed frames, at a fraction of the cost of reading
the pictures.

Only BANDS bands of ROWS rows of each file are read. An EXR compressed in blocks of rows opens no others: about
0.02 s of CPU time at 1920x1080 and 0.06 s at 4096x2160, a third to a
seventh of reading the whole frame. What is kept of a frame is 24 kB; the frame
before is all that is compared with, so memory does not grow with the clip.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from math import comb
from typing import Any

import attrs
import cv2
import numpy as np

from ..engine.bands import BANDS, ROWS, bands_of, tops
from .clips import Sequence

__all__ = ["BANDS", "ROWS", "Pace", "bands_of", "combing", "pace_of", "repeats_in", "rhythm", "signature"]

ACROSS = 96
PART = 8
"""Cells of a signature along a band, and the rows of a band that make one row of it."""

RASTERS = (480, 576)
"""Lines of interlaced video, which a Reference of another height was made from. Its own height is always tried."""

SAME = 0.2
"""A step below this share of the usual one around it is a repeated frame."""

SPLIT, EQUAL = 1.8, 1.45
"""Noise keeps repeats from being equal. Steps fall into two kinds if the least of the one is this many times the
greatest of the other, and the lesser kind is noise: within it, the greatest is
at most EQUAL times the least."""

LESSER = 0.62
"""Share of the usual step that the lesser kind may reach."""

WOVEN = 0.36
ABOVE = 1.45
SURELY = 0.9
"""Combing above which a frame is woven of two moments, where it is also so many times what the clip's quieter frames
show, and above which it needs no quieter frames beside it. Progressive pictures were measured at 0.2 to 0.31, woven
ones at 0.59 to 6, with a raster that is not one of RASTERS at 0.42."""

_ORDER = 8


@attrs.frozen
class Pace:
    """How a clip moves. repeated: frames that show what the frame before shows. jumps: frames before which about twice
    the usual movement lies, as after a dropped frame. combed: frames woven of two moments. rhythm: what the repetition
    means, in words. read: frames that could be read."""

    repeated: tuple[int, ...] = ()
    jumps: tuple[int, ...] = ()
    combed: tuple[int, ...] = ()
    rhythm: str = ""
    read: int = 0


def signature(bands: Any) -> Any:
    """(rows, ACROSS) detail of :func:`bands_of` relative to all detail: colour, exposure and flicker are gone."""
    parts = max(1, bands.shape[1] // PART)
    small = np.concatenate(
        [cv2.resize(b, (ACROSS, parts), interpolation=cv2.INTER_AREA).reshape(parts, ACROSS) for b in bands]
    )
    detail = small - cv2.GaussianBlur(small, (0, 0), sigmaX=6.0, sigmaY=0.01)
    return np.asarray(detail / (float(detail.std()) + 1e-3), np.float32)


def combing(bands: Any, height: int) -> float:
    """Energy of detail that alternates from row to row against detail a little coarser, where it is strongest: 95 % of
    the places have less. Tried at the frame's own rows and at video rasters. bands: of :func:`bands_of`. height: of the
    frame."""
    return max(
        _comb_at(bands, height, lines) for lines in (height, *(n for n in RASTERS if n < 0.98 * height))
    )


def _comb_at(bands: Any, height: int, lines: int) -> float:
    found = []
    for top, band in zip(tops(height), bands, strict=True):
        rows = band if lines == height else _at_raster(band, top, height, lines)
        margin = _ORDER // 2
        if len(rows) < 2 * margin + 4:
            return 0.0
        fine, coarse = (cv2.filter2D(rows, -1, k)[margin:-margin] ** 2 for k in _KERNELS)
        tall, wide = min(16, len(fine)), 16 if lines == height else 8
        high, across = fine.shape[0] // tall * tall, fine.shape[1] // wide * wide
        if not across:
            return 0.0
        f, c = (p[:high, :across].reshape(high // tall, tall, -1, wide).mean((1, 3)) for p in (fine, coarse))
        found.append((f / (c + 3 * float(np.percentile(f, 20)) + 1e-6)).ravel())  # grain is even
    return float(np.percentile(np.concatenate(found), 95))


def _kernels() -> tuple[Any, Any]:
    """Columns that pass the finest vertical detail, and that at 0.3 cycles a row."""
    at = np.arange(_ORDER + 1)
    bell = np.array([comb(_ORDER, int(n)) for n in at], np.float64)
    fine = bell * (-1.0) ** at
    coarse = bell * np.cos(0.6 * np.pi * (at - _ORDER / 2))
    coarse -= coarse.sum() * bell / bell.sum()
    one, other = (np.asarray(k / np.linalg.norm(k), np.float32)[:, None] for k in (fine, coarse))
    return one, other


_KERNELS = _kernels()


def _at_raster(band: Any, top: int, height: int, lines: int) -> Any:
    """A band's rows as a raster of so many lines has them, every second column; centres of lines at (n + 0.5) / lines
    of the height."""
    first = int(np.ceil(top * lines / height - 0.5 + 1e-6))
    last = int(np.floor((top + len(band)) * lines / height - 0.5 - 1e-6))
    at = np.clip((np.arange(first, last + 1) + 0.5) * height / lines - 0.5 - top, 0, len(band) - 1)
    x, y = np.meshgrid(np.arange(0, band.shape[1], 2, dtype=np.float32), at.astype(np.float32))
    return cv2.remap(band, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def pace_of(
    clip: Sequence,
    *,
    woven: bool = True,
    frames: Iterable[int] | None = None,
    tell: Callable[[int], None] | None = None,
) -> Pace:
    """Read bands of every frame once, in order. Files that are missing or broken are passed over. woven: look for
    combing as well. tell: called with the number of frames done."""
    steps: dict[int, float] = {}
    combs: dict[int, float] = {}
    before: tuple[int, Any] | None = None
    read = 0
    for done, frame in enumerate(clip.span if frames is None else frames, start=1):
        path = clip.path(frame)
        found = bands_of(path) if path.is_file() else None
        if found is not None:
            read += 1
            mark = signature(found[0])
            if woven:
                combs[frame] = combing(*found)
            if before is not None and before[0] == frame - 1 and before[1].shape == mark.shape:
                steps[frame] = float(np.sqrt(((mark - before[1]) ** 2).mean()))
            before = frame, mark
        if tell is not None:
            tell(done)
    combed = _combed(combs)
    again = repeats_in(steps, sure=len(combed) > 0.1 * read)
    return Pace(again, _jumps(steps, again), combed, rhythm(again), read)


def repeats_in(steps: dict[int, float], *, sure: bool = False) -> tuple[int, ...]:
    """Repeated frames, from how far each frame is from the one before. sure: only what is far below its surroundings;
    woven frames share a field with their neighbours, and so differ less as well."""
    share = _shares(steps)
    least = sorted(s for s in share.values() if s < LESSER)
    limit = SAME
    gaps = [] if sure else [(b / max(a, 1e-6), a, b) for a, b in pairwise([*least, 1.0])]
    for gap, a, b in sorted(gaps, reverse=True):
        noise = [steps[f] for f, s in share.items() if s <= a]
        if gap < SPLIT or max(noise) > EQUAL * min(noise):
            continue
        limit = max(limit, (a * b) ** 0.5)
        break
    return tuple(sorted(f for f, s in share.items() if s < limit))


def _shares(steps: dict[int, float]) -> dict[int, float]:
    """Each step relative to the usual one of the eleven frames around; 60 % of them decide what is usual, because
    repeats may be half of all frames."""
    if len(steps) < 4:
        return {}
    found = {}
    for frame, step in steps.items():
        near = [steps[f] for f in range(frame - 5, frame + 6) if f in steps and f != frame]
        usual = float(np.percentile(near, 60)) if near else 0.0
        if usual > 0.02:
            found[frame] = step / usual
    return found


def _jumps(steps: dict[int, float], again: tuple[int, ...]) -> tuple[int, ...]:
    found = []
    for frame, step in steps.items():
        near = [steps[f] for f in range(frame - 5, frame + 6) if f in steps and f != frame and f not in again]
        if len(near) >= 4 and 1.35 * float(np.median(near)) < step and step > 1.15 * max(near):
            found.append(frame)
    return tuple(found)


def _combed(combs: dict[int, float]) -> tuple[int, ...]:
    """Each frame is judged against the quieter of the 25 around it; a clip all of which is strongly combed has none."""
    found = []
    numbers = sorted(combs)
    for n, frame in enumerate(numbers):
        near = [combs[f] for f in numbers[max(0, n - 24) : n + 25]]
        quiet = float(np.percentile(near, 20))
        if combs[frame] > WOVEN and (combs[frame] > ABOVE * quiet or quiet > SURELY):
            found.append(frame)
    return tuple(found)


def _gap(frames: Iterable[int]) -> int:
    """The usual distance of frames, 0 where there is none."""
    ordered = sorted(frames)
    gaps = Counter(b - a for a, b in pairwise(ordered)).most_common(1)
    return gaps[0][0] if gaps and len(ordered) >= 3 and gaps[0][1] >= 0.6 * (len(ordered) - 1) else 0


def rhythm(frames: tuple[int, ...]) -> str:
    """What a regular repetition means."""
    gap = _gap(frames)
    if not gap:
        return "irregular: held or dropped frames" if frames else ""
    known = {2: "on twos", 4: "as 24 made of 18", 5: "as 30 made of 24", 6: "as 30 made of 25",
             25: "as 25 made of 24"}  # fmt: skip
    return f"one frame in {gap} again" + (f", {known[gap]}" if gap in known else "")
