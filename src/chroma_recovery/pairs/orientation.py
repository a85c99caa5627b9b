"""Names a Reference that is mirrored, upside down or turned, which no alignment would put right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from ..engine.comparison import brightness, normalised
from ..engine.image import Pixels
from ..engine.registration import Motions, RegistrationError, register
from .alignment import Side
from .tiles import grey

__all__ = ["ORIENTATIONS", "orientation_of"]

WIDTH = 320
"""Width of the pictures that are compared: orientation shows in the large."""

SURE = 0.45
"""Correlation from which another orientation is named; unrelated pictures reach 0.14, see ``engine.registration``."""

CERTAIN = 0.7
"""Correlation at which no other orientation is tried."""

THUMB, TRIED = (96, 54), 3
"""Size of the pictures that say which orientations are aligned first, and how many of them are."""

ORIENTATIONS: dict[str, Callable[[Any], Any]] = {
    "mirrored (left and right exchanged): put a Mirror2 with flop after its Read": lambda p: p[:, ::-1],
    "upside down: turn it by 180 degrees": lambda p: p[::-1, ::-1],
    "mirrored and upside down (top and bottom exchanged): put a Mirror2 with flip after its Read": lambda p: (
        p[::-1]
    ),
    "turned by 90 degrees clockwise: turn it back": lambda p: np.rot90(p),
    "turned by 90 degrees counter-clockwise: turn it back": lambda p: np.rot90(p, -1),
}
"""What is wrong and what to do, and the change of an array that puts it right."""


def orientation_of(source: Side, reference: Side) -> str:
    """What is wrong with the Reference's orientation, empty if nothing else fits better than as it is."""
    a, b = source.at(WIDTH), reference.at(WIDTH)
    grid = brightness(_linear(a.picture))
    best, found = SURE, ""
    alike = {words: _likeness(a.picture, turn(b.picture)) for words, turn in ORIENTATIONS.items()}
    for words in sorted(alike, key=lambda w: -alike[w])[:TRIED]:
        turn = ORIENTATIONS[words]
        try:
            score = register(
                grid, _linear(np.ascontiguousarray(turn(b.picture))), a.live, Motions(perspective=False)
            ).score
        except RegistrationError:
            continue
        if score > best:
            best, found = score, f"the Reference is {words}"
            if score > CERTAIN:
                break
    return found


def _likeness(one: Pixels, other: Pixels) -> float:
    """How alike two pictures are in the large, -1..1, allowing for some other framing."""
    small = []
    for picture in (one, other):
        plane: Any = cv2.resize(grey(np.clip(picture, 0, 1)), THUMB, interpolation=cv2.INTER_AREA)
        small.append(normalised(plane, 5.0))
    inner = small[0][4:-4, 6:-6]
    return float(cv2.matchTemplate(small[1], inner, cv2.TM_CCOEFF_NORMED).max())


def _linear(picture: Pixels) -> Pixels:
    return np.asarray(cv2.pow(np.clip(picture, 0, 1), 2.2), np.float32)
