"""OpenTimelineIO timelines as events: the first video track's clips, with reels, dissolves and retimes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import PresetError
from ..paths import posix
from ..preset.places import Findings, Spot, Text
from ..preset.text import read
from .edl import Event

__all__ = ["read_timeline"]


def read_timeline(path: Path, fps: float, findings: Findings) -> list[Event]:
    """Events of a native .otio file. Frames are counted at the project's rate.

    Raises PresetError: CR101, CR102 if the file cannot be read, CR186 if opentimelineio is missing, CR180 if it is no
    timeline.
    """
    name = posix(path)
    content = read(path, name)
    try:
        import opentimelineio as otio
    except ImportError:
        raise PresetError.at(
            "CR186", name, "timelines need OpenTimelineIO", "pip install 'chroma-recovery[timeline]'"
        ) from None
    spot = Spot(Text(name, "", rank=1), 1, 1)
    try:
        json.loads(content)
        timeline = otio.adapters.read_from_string(content, adapter_name="otio_json")
        tracks = list(timeline.video_tracks()) if isinstance(timeline, otio.schema.Timeline) else []
        events = list(_of(otio, timeline, tracks[0], fps, spot)) if tracks else []
    except Exception as error:  # the library raises whatever it meets: KeyError, OTIOError, OverflowError ...
        raise PresetError.at("CR180", name, f"is no timeline: {str(error)[:120]}") from error
    if not tracks:
        raise PresetError.at("CR180", name, "holds no timeline with a video track")
    if len(tracks) > 1:
        findings.add(
            "CR180", spot, f"holds {len(tracks)} video tracks; only the first is read", severity="warning"
        )
    return events


def _of(otio: Any, timeline: Any, track: Any, fps: float, spot: Spot) -> list[Event]:
    start = timeline.global_start_time
    return _events(otio, track, fps, _frames(start, fps) if start is not None else 0, spot)


def _events(otio: Any, track: Any, fps: float, zero: int, spot: Spot) -> list[Event]:
    found: list[Event] = []
    before = behind = number = 0
    for item in track:
        if isinstance(item, otio.schema.Transition):
            before, behind = _frames(item.in_offset, fps), _frames(item.out_offset, fps)
            if found:
                last = found[-1]
                last.source = last.source[0], last.source[1] + behind
                last.record = last.record[0], last.record[1] + behind
                last.tail = before + behind
            continue
        if isinstance(item, otio.schema.Clip):
            number += 1
            trimmed, where = item.trimmed_range(), item.range_in_parent()
            begin = _frames(trimmed.start_time, fps) - before
            length = _frames(trimmed.duration, fps) + before
            record = zero + _frames(where.start_time, fps) - before
            found.append(
                Event(
                    spot,
                    f"{number:03d}",
                    _reel(item),
                    item.name or "",
                    (begin, begin + length),
                    (record, record + length),
                    head=before + behind,
                    speed=_speed(otio, item),
                )
            )
        before = behind = 0
    return found


def _speed(otio: Any, clip: Any) -> float:
    for effect in clip.effects:
        if isinstance(effect, otio.schema.FreezeFrame):
            return 0.0
        if isinstance(effect, otio.schema.LinearTimeWarp):
            return float(effect.time_scalar)
    return 1.0


def _frames(time: Any, fps: float) -> int:
    frames: float = time.rescaled_to(float(fps)).value
    return round(frames)


def _reel(clip: Any) -> str:
    """The reel as the cmx_3600 adapter keeps it, else the media's name."""
    media = clip.media_reference
    for metadata in (clip.metadata, getattr(media, "metadata", {})):
        said: Any = metadata.get("cmx_3600")
        if hasattr(said, "get") and isinstance(said.get("reel"), str):
            return str(said["reel"])
    return str(getattr(media, "name", "") or "")
