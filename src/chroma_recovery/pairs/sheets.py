"""Contact sheets of pairs: Source, aligned Reference, difference, edges; the crop drawn in, the verdict told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..engine.comparison import Matrix
from ..qc.pictures import bytes_of, edge_difference, jpeg, sheet, write_jpeg
from .alignment import Side
from .reading import area_scaled
from .table import PairRecord

__all__ = ["contact_sheets", "row_of"]

VIEWS = "Source | aligned Reference | difference | edges"

PAGE = 12
"""Pairs on one contact sheet."""

CELL, SHOWN = 360, 480
"""Width of each view, and of the pictures from which it is made, pixels."""


def row_of(source: Side, reference: Side, matrix: Matrix, box: tuple[int, int, int, int]) -> bytes:
    """One pair as a JPEG of its four views. matrix: in full pixels. box: the crop on the Source's working picture."""
    by = SHOWN / source.size[0]
    fixed, moved = (area_scaled(p, SHOWN) for p in (source.picture, source.under(reference, matrix)[0]))
    x, y, r, b = (round(v * min(by, 1.0)) for v in box)
    views = [fixed, moved, np.abs(fixed - moved), edge_difference(fixed, moved)]
    cells = []
    for view in views:
        cell = np.ascontiguousarray(bytes_of(np.asarray(view, np.float32)))
        cv2.rectangle(cell, (x, y), (r - 1, b - 1), (255, 200, 0), 1)
        size = (CELL, round(CELL * cell.shape[0] / cell.shape[1]))
        cells.append(cv2.resize(cell, size, interpolation=cv2.INTER_AREA))
    return jpeg(np.hstack(cells))


def contact_sheets(
    records: Sequence[PairRecord], row_file: Callable[[int], Path], folder: Path, shot: str
) -> list[Path]:
    """Twelve pairs to a sheet; pairs without a row (never compared) are left out. Existing sheets of the same name are
    replaced."""
    written = []
    for number, first in enumerate(range(0, len(records), PAGE), start=1):
        strips: list[tuple[str, Any]] = []
        for r in records[first : first + PAGE]:
            file = row_file(r.source)
            strip = cv2.imread(str(file)) if file.is_file() else None
            if strip is not None:
                why = "; ".join(r.reasons)
                title = f"{r.shot}  Source {r.source}  Reference {r.reference}  {r.verdict.upper()}: {why}"
                strips.append((title, strip[..., ::-1]))
        if strips:
            picture = sheet([(title, {VIEWS: strip}) for title, strip in strips], width=4 * CELL)
            target = folder / f"{shot}_pairs_{number:03d}.jpg"
            written.append(write_jpeg(target, picture, overwrite=True))
    return written
