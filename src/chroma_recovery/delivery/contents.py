"""What a delivery holds, part by part, and what each kind of product has to bring."""

from __future__ import annotations

from pathlib import Path

import attrs

from ..errors import Problem
from .copying import Item

__all__ = ["FOLDERS", "GROUP", "MEMBER", "SHOT", "Frames", "Parts"]

FOLDERS = {
    "masters": "recovered frames, the masters",
    "final": "final plates: luma of the Source, recovered chroma",
    "baseline": "the same frames by one 3D LUT (MatchGrade), to compare",
    "preset": "every decision, as the presets that were written and as one file with all values",
    "graphs": "the Nuke scripts, one for each stage and one with all of them",
    "model": "the trained network",
    "pairs": "the table of the frame pairs that trained and judged it",
    "report": "the quality report",
    "qc": "contact sheets",
}
"""Folders of a delivery in the order of its README, and what is in them."""

SHOT = frozenset({"masters", "final", "baseline", "graph", "model", "report", "qc", "pairs"})
"""What a shot with a model of its own has to bring."""

MEMBER = SHOT - {"qc"}
"""What a shot brings that a group's model recovered; its sheets are the group's."""

GROUP = frozenset({"graph", "model", "qc", "pairs"})
"""What a group of shots brings: it renders nothing."""


@attrs.frozen
class Frames:
    """One rendered sequence. header: what its first frame says of its making. name: pattern of its file names."""

    name: str
    numbers: tuple[int, ...]
    header: dict[str, str]


@attrs.frozen
class Parts:
    """What was found. missing and wrong: errors unless the delivery may be partial; doubts: warnings."""

    items: list[Item]
    frames: dict[str, Frames]
    missing: list[Problem]
    wrong: list[Problem]
    doubts: list[Problem]
    model: Path | None
