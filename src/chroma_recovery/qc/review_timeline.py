"""A review timeline in OpenTimelineIO: Recovered over the baseline over the Original, markers where a frame stands out.

For Resolve (File > Import > Timeline), Nuke Studio, or any tool that reads ``.otio``. Media are image sequences with
paths relative to the file, so the project folder can be moved. As the guide has it, a composite mode ``Color`` on the
Recovered track shows the chroma merge: Original luma, Recovered chroma.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import attrs

from ..frames import Pattern
from ..paths import posix, writing
from .results import Outlier

__all__ = ["Layer", "available", "write_review_timeline"]


@attrs.frozen
class Layer:
    """One track. name: as people read it. pattern: path of the frames, with a frame token. frames: which exist, in
    order. note: what the pictures are, for the clip's metadata."""

    name: str
    pattern: Path
    frames: tuple[int, ...]
    note: str = ""


def available() -> bool:
    """Whether OpenTimelineIO is installed (extra ``timeline``)."""
    return find_spec("opentimelineio") is not None


def write_review_timeline(
    target: Path,
    layers: Sequence[Layer],
    *,
    name: str,
    fps: float,
    outliers: Sequence[Outlier] = (),
    overwrite: bool = False,
) -> Path:
    """Write the timeline. layers: from the bottom track to the top one; markers lie on the top one. Frames keep their
    numbers as time: the timeline starts at the first frame of all.

    Raises PathError (CR602) if the file exists and ``overwrite`` is false, ModuleNotFoundError without OpenTimelineIO.
    """
    import opentimelineio as otio

    shown = [layer for layer in layers if layer.frames]
    first = min(layer.frames[0] for layer in shown)
    timeline = otio.schema.Timeline(name, global_start_time=otio.opentime.RationalTime(first, fps))
    for place, layer in enumerate(shown):
        track = otio.schema.Track(layer.name, kind=otio.schema.TrackKind.Video)
        at = first
        for run in _runs(layer.frames):
            if run[0] > at:
                track.append(otio.schema.Gap(duration=otio.opentime.RationalTime(run[0] - at, fps)))
            marked = [o for o in outliers if run[0] <= o.frame <= run[-1]] if place == len(shown) - 1 else []
            track.append(_clip(layer, run, fps, target.parent, marked))
            at = run[-1] + 1
        timeline.tracks.append(track)
    with writing(target, overwrite=overwrite) as scratch:
        otio.adapters.write_to_file(timeline, str(scratch), adapter_name="otio_json")
    return target


def _clip(layer: Layer, run: Sequence[int], fps: float, folder: Path, marked: Sequence[Outlier]) -> Any:
    import opentimelineio as otio

    here = Pattern.parse(posix(layer.pattern))
    base = Path(here.text).parent
    try:
        relative = posix(os.path.relpath(base, folder))
    except ValueError:  # another drive on Windows
        relative = posix(base)
    span = otio.opentime.TimeRange(
        otio.opentime.RationalTime(run[0], fps), otio.opentime.RationalTime(len(run), fps)
    )
    before, after = Path(here.text).name.split(here.token, 1)
    media = otio.schema.ImageSequenceReference(
        target_url_base=relative + "/",
        name_prefix=before,
        name_suffix=after,
        start_frame=run[0],
        frame_step=1,
        rate=fps,
        frame_zero_padding=here.width,
        missing_frame_policy=otio.schema.ImageSequenceReference.MissingFramePolicy.error,
        available_range=span,
    )
    clip = otio.schema.Clip(f"{layer.name} {run[0]}-{run[-1]}", media_reference=media, source_range=span)
    clip.metadata["chroma_recovery"] = {"layer": layer.name, "note": layer.note}
    for outlier in marked:
        where = otio.opentime.TimeRange(
            otio.opentime.RationalTime(outlier.frame, fps), otio.opentime.RationalTime(1, fps)
        )
        marker = otio.schema.Marker(
            f"{outlier.code} {outlier.column}",
            where,
            color=otio.schema.MarkerColor.RED,
            comment=outlier.reason,
        )
        marker.metadata["chroma_recovery"] = {
            "code": outlier.code,
            "column": outlier.column,
            "value": outlier.value,
            "limit": outlier.limit,
        }
        clip.markers.append(marker)
    return clip


def _runs(frames: Sequence[int]) -> Iterator[list[int]]:
    """Unbroken runs of frames."""
    run: list[int] = []
    for frame in frames:
        if run and frame != run[-1] + 1:
            yield run
            run = []
        run.append(frame)
    if run:
        yield run
