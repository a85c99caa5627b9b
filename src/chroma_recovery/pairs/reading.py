"""The last few frames of a side at working size, so that every step shares one decoding."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from ..engine.reduced import WORK, Glimpse, area_scaled, glimpse, working_width

__all__ = ["WORK", "Glimpse", "Kept", "area_scaled", "glimpse", "working_width"]

KEPT = 16
"""Pictures that one side keeps, 3 MB each: short clips are then decoded once for all steps."""


class Kept:
    """The last few frames at working size, as half floats, so that parity, timing, alignment and crop share one
    decoding. A file that changed on disk is read again."""

    def __init__(self, most: int = KEPT) -> None:
        self.most = most
        self._held: OrderedDict[tuple[Any, ...], tuple[npt.NDArray[np.float16], Glimpse]] = OrderedDict()

    def of(self, path: Path) -> Glimpse:
        """As :func:`glimpse` at working size."""
        try:
            stat = path.stat()
        except OSError:
            return glimpse(path)  # which raises
        mark = (str(path), stat.st_size, stat.st_mtime_ns)
        if mark in self._held:
            self._held.move_to_end(mark)
        else:
            found = glimpse(path)
            half = np.clip(found.picture, -65504, 65504).astype(np.float16)
            self._held[mark] = half, attrs.evolve(found, picture=np.empty((0, 0, 3), np.float32))
            while len(self._held) > self.most:
                self._held.popitem(last=False)
        half, said = self._held[mark]
        return attrs.evolve(said, picture=half.astype(np.float32))
