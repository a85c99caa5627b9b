"""Every conversion is named, and every Source frame finds its Reference frame, or is told why it has none."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from chroma_recovery.demo.reference import DvdReference
from chroma_recovery.pairs.clips import Sequence
from chroma_recovery.pairs.signatures import pace_of, repeats_in
from chroma_recovery.pairs.timing import find_timing

Write = Callable[..., Sequence]
LOOK = DvdReference(borders=(4, 3), raster=(320, 180), shift=(2.0, -1.0))


def woven(count: int) -> list[tuple[int, int]]:
    """Top and bottom field of 3:2 pulldown."""
    cadence = ((0, 0), (1, 1), (1, 2), (2, 3), (3, 3))
    return [(4 * (k // 5) + a, 4 * (k // 5) + b) for k in range(count * 5 // 4) for a, b in [cadence[k % 5]]]


ORDERS: dict[str, tuple[list[tuple[int, int]], float, str]] = {
    "PAL": ([(n, n) for n in range(24)], 25, "played at 25 instead of 24"),
    "pulldown": ([(n * 4 // 5,) * 2 for n in range(30)], 30, "one in five repeated"),
    "dropped": ([(n * 5 // 4,) * 2 for n in range(19)], 24, "one in five dropped"),
    "woven": (woven(24), 30, "interlaced"),
    "held": ([(n, n) if n < 8 or n > 15 else (8, 8) if n == 8 else (n - 1, n - 1) for n in range(24)], 24, "irregular"),
}  # fmt: skip


def converted(film: list[Any], order: list[tuple[int, int]]) -> list[Any]:
    chance = np.random.default_rng(4)
    made = []
    for top, bottom in order:
        picture = LOOK.truth(film[top]).copy()
        picture[1::2] = LOOK.truth(film[bottom])[1::2]
        made.append(np.clip(picture + chance.normal(0, 0.005, picture.shape), 0, 1).astype(np.float32))
    return made


def panned(film: list[Any]) -> list[Any]:
    """A shaking camera, eight pixels a frame at least, and as soft from row to row as interlaced video has to be."""
    wide = [cv2.GaussianBlur(cv2.resize(f, (640, 360)), (1, 9), sigmaX=0.1, sigmaY=1.5) for f in film]
    at = np.random.default_rng(2).integers(0, 6, len(wide)) + np.arange(len(wide)) % 2 * 14
    return [np.ascontiguousarray(f[90:270, x : x + 320]) for x, f in zip(at.tolist(), wide, strict=True)]


@pytest.mark.parametrize("name", list(ORDERS))
def test_every_frame_finds_its_partner(film: list[Any], sequence: Write, name: str) -> None:
    order, fps, words = ORDERS[name]
    if name == "woven":
        film = panned(film)
    source = sequence("Source", film, first=101, fps=24)
    reference = sequence("Reference", converted(film, order), first=1, fps=fps)
    paces = pace_of(source, woven=False), pace_of(reference)
    assert paces[0].repeated == ()
    found = find_timing(source, reference, paces=paces, every=True)
    assert found.frames is not None and words in found.kind
    for n in range(24):
        clean = [k + 1 for k, (a, b) in enumerate(order) if a == b == n]
        partner = found.frames.partner[101 + n]
        assert partner in clean if clean else partner is None, (n, partner, clean)
        assert bool(found.why_not(101 + n)) == (not clean)
    if name == "woven":
        assert paces[1].combed == tuple(k + 1 for k, (a, b) in enumerate(order) if a != b)
    elif name in ("pulldown", "held"):
        assert paces[1].repeated == tuple(k + 1 for k in range(1, len(order)) if order[k] == order[k - 1])
    else:
        assert paces[1].repeated == paces[1].combed == ()


def test_only_bands_of_tall_frames_are_read_and_colour_does_not_matter(
    film: list[Any], sequence: Write
) -> None:
    tall = [cv2.resize(film[n - n // 5], (640, 1280)) for n in range(20)]
    turned = [np.ascontiguousarray(p[..., ::-1]) * 0.7 for p in tall]
    one, other = pace_of(sequence("Source", tall)), pace_of(sequence("Reference", turned))
    assert one.repeated == other.repeated == (6, 11, 16) and "30 made of 24" in one.rhythm


def test_an_even_clip_and_one_that_stops_hold_no_repeats() -> None:
    chance = np.random.default_rng(0)
    even = {n: 0.05 + 0.003 * float(v) for n, v in enumerate(chance.standard_normal(60))}
    assert repeats_in(even) == ()
    slower = {n: max(0.02, 0.1 * 0.97**n) for n in range(60)}
    assert repeats_in(slower) == ()
