"""What the delivery of a whole film says of itself, above what each of its shots says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import attrs

from .. import __version__
from ..build import Scripts
from ..errors import Problem
from ..frames import format_frames
from ..stages.header import DIGITAL_SOURCE, preset_digest
from .contents import Parts
from .telling import checks, entry, heading, wrapped

__all__ = ["Delivery", "film_provenance", "film_readme"]

WHAT = """
This folder holds a recovered version of {count} of the film "{name}", whose dyes had faded. Each shot lies in a folder
of its own with everything that made it; its README.txt says how the colour was rebuilt and from what.
"""


@attrs.frozen
class Delivery:
    """One shot or group of the film. below: its folder. gaps: what it lacks."""

    name: str
    below: str
    scripts: Scripts
    parts: Parts
    gaps: Sequence[Problem]

    @property
    def frames(self) -> str:
        """Numbers of the masters, empty for a group."""
        masters = self.parts.frames.get("masters")
        return format_frames(masters.numbers) if masters else ""


def film_readme(name: str, shots: Sequence[Delivery], *, now: datetime, hash_name: str, bag: bool) -> str:
    """For somebody who has this folder and nothing else."""
    count = sum(bool(s.frames) for s in shots)
    lines = [f"{name}: recovered colour", "=" * (len(name) + 18), ""]
    lines += wrapped(WHAT.format(count=f"{count} shot{'s' if count != 1 else ''}", name=name))
    lines += ["", *entry("Delivered", f"{now:%Y-%m-%d %H:%M} UTC by chroma-recovery {__version__}")]
    gaps = [g.message for s in shots for g in s.gaps]
    if gaps:
        lines += heading("NOT IN THIS DELIVERY")
        lines += [line for g in gaps for line in wrapped(f"- {g}")]
    lines += heading("What is where")
    lines += entry("project/", "the project preset, its shot list and the settings that all shots share.")
    lines += entry("report/", "the report on the whole film; it leads to the report of each shot.")
    lines += entry("provenance.json", "the shots and their hashes for programs.")
    lines += entry("ascmhl/", "the checksum of every file (ASC Media Hash List v2.0).")
    for shot in shots:
        what = f"frames {shot.frames}." if shot.frames else "the model that several shots share; no frames."
        lines += entry(f"{shot.below}/", what)
    return "\n".join([*lines, *checks(hash_name, bag=bag)]) + "\n"


def film_provenance(name: str, shots: Sequence[Delivery], *, now: datetime, hash_name: str) -> str:
    """The film's provenance.json: which shots, where, and by which presets and graphs; theirs say the rest."""
    said = {
        "chroma_recovery_film_delivery": 1,
        "project": name,
        "made": now.isoformat(timespec="seconds"),
        "tool": f"chroma-recovery {__version__}",
        "digital_source_type": DIGITAL_SOURCE,
        "hash": hash_name,
        "shots": [
            {
                "shot": s.name,
                "folder": s.below,
                "frames": s.frames,
                "preset_sha256": preset_digest(s.scripts.loaded.preset),
                "graph_sha256": s.scripts.graph_hash,
                "missing": [g.as_json() for g in s.gaps],
            }
            for s in shots
        ],
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"
