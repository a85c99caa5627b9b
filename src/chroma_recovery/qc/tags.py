"""The numbers that archives know from QCTools, of every Recovered frame: the tags of FFmpeg's ``signalstats`` filter.

Values are 8-bit codes of Y'CbCr (Y 16-235, U and V 16-240, centre 128), as QCTools shows them, of the graph's YCbCr
domain. Y tags and TOUT look at every pixel; U, V, SAT, HUE and BRNG at the picture reduced to 480 pixels across, about
what chroma subsampling leaves of a 2K frame. Definitions: FFmpeg documentation, ``signalstats``; QCTools by Bay Area
Video Coalition and MediaArea.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import cv2
import numpy as np

from ..colour.ycbcr import CB_DIVISOR, CR_DIVISOR, KB, KG, KR
from ..engine.image import Pixels
from .meter import Values
from .profile import Profile
from .results import Column, FrameRow, Measure
from .views import Views

__all__ = ["Tags"]

_STATS = (
    ("MIN", "smallest"),
    ("LOW", "10th percentile"),
    ("AVG", "mean"),
    ("HIGH", "90th percentile"),
    ("MAX", "largest"),
)
_PLANES = (("Y", "Y"), ("U", "Cb"), ("V", "Cr"), ("SAT", "saturation, distance of (Cb, Cr) from the centre"))

CODES = 256

SPIKE = 4
"""Codes by which a pixel has to stand out from those above and below it to count for TOUT."""


ROWS = 64
"""Rows that are looked at together, which stay in the processor's cache."""


class Tags:
    """Columns YMIN ... YMAX, U*, V*, SAT*, HUEMED, HUEAVG, TOUT, BRNG."""

    columns = (
        *(Column(p + s, "8-bit code", f"{words} of {of}") for p, of in _PLANES for s, words in _STATS),
        Column("HUEMED", "degrees", "median hue, 0-360"),
        Column("HUEAVG", "degrees", "mean hue, 0-360"),
        Column("TOUT", "share", "pixels whose Y stands out by more than 4 codes from those above and below"),
        Column("BRNG", "share", "pixels with Y outside 16-235, or Cb or Cr outside 16-240"),
    )

    def see(self, views: Views) -> Values:
        """Numbers of one frame."""
        found: Values = {}
        codes = views.full.codes
        found.update(
            _of_counts("Y", cv2.calcHist([codes], [0], None, [256], [0, 256]).ravel().astype(np.int64))
        )
        found["TOUT"] = _spikes(codes)
        small = np.clip(_codes(views.small_recovered), 0, 255).astype(np.uint8)
        y, u, v = (small[..., n] for n in range(3))
        both = np.bincount((u.astype(np.intp) * CODES + v).ravel(), minlength=CODES**2)
        for name, along in (("U", 1), ("V", 0)):
            found.update(_of_counts(name, both.reshape(CODES, CODES).sum(axis=along)))
        saturation, hue = _polar()
        found.update(_of_counts("SAT", np.bincount(saturation, both)))
        counts = np.bincount(hue, both)
        found["HUEMED"] = float(np.searchsorted(np.cumsum(counts), u.size / 2))
        found["HUEAVG"] = float((counts * np.arange(len(counts))).sum() / u.size)
        broken = (y < 16) | (y > 235) | (u < 16) | (u > 240) | (v < 16) | (v > 240)
        found["BRNG"] = float(broken.mean())
        return found

    def finish(self, rows: list[FrameRow], profile: Profile) -> list[Measure]:
        """None: the tags describe the picture, they do not judge it."""
        return []


@cache
def _polar() -> tuple[Any, Any]:
    """Saturation, and hue in whole degrees, of each pair of codes of U and V."""
    across, up = (p.ravel().astype(np.float32) - 128 for p in np.mgrid[0:CODES, 0:CODES])
    hue = np.floor(np.degrees(np.arctan2(across, up)) + 180) % 360
    return np.hypot(across, up).astype(np.intp), hue.astype(np.intp)


def _of_counts(name: str, counts: Any) -> Iterator[tuple[str, float]]:
    """Statistics of a histogram of codes."""
    total, sums = int(counts.sum()), np.cumsum(counts)
    places = np.flatnonzero(counts)
    yield name + "MIN", float(places[0])
    yield name + "LOW", float(np.searchsorted(sums, 0.1 * total))
    yield name + "AVG", float((counts * np.arange(len(counts))).sum() / total)
    yield name + "HIGH", float(np.searchsorted(sums, 0.9 * total))
    yield name + "MAX", float(places[-1])


def _codes(rgb: Pixels) -> Pixels:
    """8-bit codes of Y, Cb, Cr as fractions, rounded by half a code when cut."""
    luma = rgb @ np.array([KR, KG, KB], np.float32)
    cb, cr = (rgb[..., 2] - luma) / CB_DIVISOR, (rgb[..., 0] - luma) / CR_DIVISOR
    codes: Pixels = np.stack([16.5 + 219 * luma, 128.5 + 224 * cb, 128.5 + 224 * cr], -1).astype(np.float32)
    return codes


def _spikes(codes: Any) -> float:
    """Share of pixels that stand out vertically, together with both neighbours, at one row's and two rows' distance."""
    height, found = codes.shape[0], 0
    if height < 5 or codes.shape[1] < 3:
        return 0.0
    for top in range(2, height - 2, ROWS):
        found += _spikes_within(codes[top - 2 : min(top + ROWS, height - 2) + 2])
    share: float = found / codes.size
    return share


def _spikes_within(codes: Any) -> int:
    """How many of all but the first and last two rows. A pixel between its neighbours never stands out; beyond both of
    them the farther side is the nearer one and what is between them, so the nearer one tells all, in 8-bit numbers."""
    height = codes.shape[0]
    middle, out = codes[2:-2], None
    for rows in (1, 2):
        above, below = codes[2 - rows : height - 2 - rows], codes[2 + rows : height - 2 + rows]
        least = cv2.min(cv2.absdiff(above, middle), cv2.absdiff(below, middle))
        beyond = cv2.subtract(cv2.add(least, least), cv2.absdiff(below, above))
        away = np.asarray(beyond > 2 * SPIKE + 1)  # the sum of the sides, less twice what is between them
        out = away if out is None else out & away
    assert out is not None  # noqa: S101 - the loop ran
    return int(np.count_nonzero(out[:, :-2] & out[:, 1:-1] & out[:, 2:]))
