"""The baseline as ``.cube`` files, for Resolve, OCIO and any grading tool.

Two tables say the same in two encodings, and each states its own:

``log``    exactly what MatchGrade holds. In and out: Cineon log (black 95, white 685, gamma 0.6 of 1023 codes, as
           Nuke's Log2Lin) of the working space's linear R, G, B.
``plate``  the whole way from the plate's encoding and back (plate -> working space -> log -> table -> log -> working
           space -> plate), sampled into one table: laid on the clip as exported, with no other node.

``log`` is the same as the engine's baseline to the last digit written; ``plate`` is as near as its lattice allows.
Both clamp inputs to 0-1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ..engine import ycbcr
from ..engine.evaluate import Evaluator
from ..engine.image import Pixels
from ..engine.lut import Lut3D
from ..engine.nodes.matchgrade import fitted
from ..stages.names import Names

__all__ = ["PLATE_SIZE", "baked", "log_lut", "plate_lut", "write_cubes"]

PLATE_SIZE = 65
"""Lattice points a side of the plate table; the most that Resolve reads."""

CINEON = (np.full(3, 95.0), np.full(3, 685.0), np.full(3, 0.6))
"""Black, white and gamma of Nuke's Log2Lin as it stands in the graph."""


def log_lut(evaluator: Evaluator, names: Names) -> Lut3D | None:
    """What MatchGrade holds, None if the graph has none. Raises as :func:`fitted`."""
    if names.matchgrade_fit is None:
        return None
    return fitted(evaluator.call(names.matchgrade_fit, evaluator.range(names.matchgrade_fit).first))


def baked(through: Callable[[Pixels], Pixels], size: int = PLATE_SIZE) -> Lut3D:
    """Any colour mapping of R, G, B from 0-1 as a table. through: takes and gives (height, width, 3) float32."""
    axis = np.linspace(0, 1, size, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).astype(np.float32)
    flat = np.ascontiguousarray(grid.reshape(size * size, size, 3))
    return Lut3D(np.ascontiguousarray(through(flat), np.float32).reshape(size, size, size, 3))


def plate_lut(lut: Lut3D, evaluator: Evaluator, plate: str, *, size: int = PLATE_SIZE) -> Lut3D:
    """The log table from plate encoding to plate encoding. plate: a display-referred colour space of the config."""
    colour = evaluator.colour

    def through(values: Pixels) -> Pixels:
        linear = colour.convert(values, plate, colour.working)
        graded = ycbcr.log_to_lin(lut.apply(ycbcr.lin_to_log(linear, *CINEON)), *CINEON)
        return colour.convert(np.asarray(graded, np.float32), colour.working, plate)

    return baked(through, size)


def write_cubes(
    evaluator: Evaluator, names: Names, folder: Path, stem: str, *, plate: str | None, overwrite: bool = False
) -> Mapping[str, Path]:
    """Write ``<stem>_log.cube`` and, for display-referred plates, ``<stem>_plate.cube``; what was written by kind.

    plate: colour space of the plates, None for scene-linear ones (ACES masters): without a bound, no plate table can
    hold them. Raises PathError (CR602) if a file exists and ``overwrite`` is false.
    """
    lut = log_lut(evaluator, names)
    if lut is None:
        return {}
    working = evaluator.colour.working
    said = [
        "Baseline of a chroma recovery: the best one 3D LUT does for the same pairs.",
        f"Input and output: Cineon log (black 95, white 685, gamma 0.6 of 1023, Nuke's Log2Lin) of {working}.",
        "Values outside 0-1 are clamped on input.",
    ]
    written = {
        "log": lut.export_cube(
            folder / f"{stem}_log.cube", title=f"{stem} log", comments=said, overwrite=overwrite
        )
    }
    if plate is not None:
        space = evaluator.colour.space(plate)
        said[1] = f"Input and output: the plate as exported ({space} of the OCIO config), full range."
        table = plate_lut(lut, evaluator, space)
        written["plate"] = table.export_cube(
            folder / f"{stem}_plate.cube", title=f"{stem} plate", comments=said, overwrite=overwrite
        )
    return written
