"""CornerPin2D: the plane map that takes four points to four others."""

from __future__ import annotations

import numpy as np

from ..call import Call, NodeOp, words
from ..image import Image
from ..resample import Matrix
from .geometry import moved_by

__all__ = ["CORNER_PIN", "pin_matrix"]


def pin_matrix(call: Call) -> Matrix:
    """3x3 from the input to the output, in Nuke's coordinates: from1..4 go to to1..4."""
    for n in range(1, 5):
        if call.is_set(f"enable{n}") and not call.flag(f"enable{n}"):
            call.refuse(
                f"enable{n}", "a CornerPin with fewer than four corners is not evaluated", "enable all four"
            )
    pairs = [(call.vector(f"from{n}", 2), call.vector(f"to{n}", 2)) for n in range(1, 5)]
    rows, aims = [], []
    for (x, y), (u, v) in pairs:
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        aims += [u, v]
    try:
        solved = np.linalg.solve(np.array(rows, np.float64), np.array(aims, np.float64))
    except np.linalg.LinAlgError:
        call.refuse("to1", "three corners lie on one line")
    matrix = np.append(solved, 1.0).reshape(3, 3)
    if abs(float(np.linalg.det(matrix))) < 1e-12:
        call.refuse("to1", "the corners leave no picture")
    return np.linalg.inv(matrix) if call.is_set("invert") and call.flag("invert") else matrix


def _pinned(call: Call) -> Image:
    if call.is_set("clamp") and call.flag("clamp"):
        call.refuse(
            "clamp", "what Nuke clamps here is not documented, so it is not evaluated", "switch it off"
        )
    return moved_by(call, pin_matrix(call))


CORNER_PIN = NodeOp(
    _pinned,
    words(
        "to1 to2 to3 to4 from1 from2 from3 from4 enable1 enable2 enable3 enable4 invert filter black_outside clamp "
        "motionblur shutter shutteroffset shuttercustomoffset"
    ),
)
