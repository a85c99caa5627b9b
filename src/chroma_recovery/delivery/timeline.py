"""The review timeline of a project, made to fit a delivery: its media are the delivered frames beside it.

Read and written as JSON, so that a delivery needs no OpenTimelineIO. What is not delivered, such as the Source, becomes
a missing reference that keeps the name of its files: a clip to be linked again, not a path into somebody's project.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..paths import posix
from .copying import Item

__all__ = ["delivered_timeline"]

SEQUENCE, MISSING = "ImageSequenceReference.", "MissingReference.1"


def delivered_timeline(path: Path, items: Sequence[Item]) -> bytes:
    """The timeline at ``path`` for a place one folder below the delivery. items: what is delivered.

    Raises ValueError if the file is no OpenTimelineIO timeline.
    """
    try:
        timeline = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not isinstance(timeline, dict) or "OTIO_SCHEMA" not in timeline:
        raise ValueError("is no OpenTimelineIO timeline")
    folders: dict[tuple[Path, str], str] = {}
    for item in items:
        if isinstance(item.source, Path) and item.source.suffix.lower() == ".exr":
            folders[item.source.resolve().parent, item.source.name] = posix(Path(item.target).parent)
    return (json.dumps(_fitted(timeline, path.parent, folders), indent=4) + "\n").encode()


def _fitted(value: Any, folder: Path, delivered: dict[tuple[Path, str], str]) -> Any:
    if isinstance(value, list):
        return [_fitted(v, folder, delivered) for v in value]
    if not isinstance(value, dict):
        return value
    if not str(value.get("OTIO_SCHEMA", "")).startswith(SEQUENCE):
        return {k: _fitted(v, folder, delivered) for k, v in value.items()}
    prefix, suffix = (str(value.get(k, "")) for k in ("name_prefix", "name_suffix"))
    width = int(value.get("frame_zero_padding", 0))
    first = f"{prefix}{int(value.get('start_frame', 0)):0{width}d}{suffix}"
    place = (folder / str(value.get("target_url_base", ""))).resolve()
    if (place, first) in delivered:
        return {**value, "target_url_base": f"../{delivered[place, first]}/"}
    return {
        "OTIO_SCHEMA": MISSING,
        "metadata": {"chroma_recovery": {"files": prefix + "#" * max(width, 1) + suffix}},
        "name": "not part of the delivery",
        "available_range": value.get("available_range"),
        "available_image_bounds": None,
    }
