"""What a project preset may say, as plain frozen values, in the manner of ``preset/model.py``.

The keys ``preset`` (of the project, of a shot, of a group) hold any fields of a preset; they are kept as trees and
merged before they are read, so they are not listed here.
"""

from __future__ import annotations

import attrs

from ..preset.model import Format, Pair
from ..preset.said import said

__all__ = ["ClipRule", "GroupEntry", "Member", "ProjectSettings", "ReferenceRule", "ShotEntry"]

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
TIMECODE = r"([0-9]{1,2}:[0-9]{2}:[0-9]{2}[:;][0-9]{2})?"
FRAME = {"unit": "frame", "low": -9999999, "high": 9999999}


@attrs.frozen
class ClipRule:
    """Where one side's sequences lie, and how its files are numbered."""

    path: str = said(
        "File pattern with #### or %04d; {shot}, {reel} and {group} stand for the shot's own. Relative paths start at "
        "the project preset's folder.",
        example="plates/{shot}/source.####.exr",
        form="path",
    )
    count: str = said(
        "What the file numbers count: each shot from one number on (shot), source timecode (source) or record timecode "
        "(record).",
        "shot",
        choices=("shot", "source", "record"),
    )
    at: int | None = said(
        "Number of the first file, handles included (count shot; 1001 when left out), or of the file at ``zero`` "
        "(counts source and record; 0 when left out).",
        None,
        **FRAME,
    )
    zero: str = said(
        "Timecode of the file with number ``at``; counts source and record.", "00:00:00:00", pattern=TIMECODE
    )
    format: Format | None = said("Size and pixel aspect; read from the files when left out.", None)


@attrs.frozen
class ReferenceRule(ClipRule):
    """The Reference's side."""

    kind: str = said("As in a preset.", "dvd", choices=("telecine", "dvd", "print", "video", "constructed"))
    citation: str = said("As in a preset.", "", form="prose")


@attrs.frozen
class ShotEntry:
    """One shot: from the list, or said here, or both (what is said here wins)."""

    shot: str = said("Name of the shot.", pattern=NAME, example="sh010")
    reel: str = said("Name of its reel.", "", pattern=rf"({NAME})?", example="A001")
    group: str = said("Group whose model it shares.", "", pattern=rf"({NAME})?", example="sc04")
    first: int | None = said("First Source frame of the cut, as the files are numbered.", None, **FRAME)
    last: int | None = said("Last Source frame of the cut.", None, **FRAME)
    reference_first: int | None = said("Reference frame of the cut's first.", None, **FRAME)
    source_in: str = said("Source timecode of the first frame.", "", pattern=TIMECODE)
    source_out: str = said("Source timecode behind the last frame.", "", pattern=TIMECODE)
    record_in: str = said("Record timecode of the first frame.", "", pattern=TIMECODE)
    record_out: str = said("Record timecode behind the last frame.", "", pattern=TIMECODE)
    head: int = said(
        "Frames at the beginning that no pair may use: a dissolve, an uncertain cut.",
        0,
        unit="frames",
        low=0,
        high=100000,
    )
    tail: int = said("Frames at the end that no pair may use.", 0, unit="frames", low=0, high=100000)
    speed: float = said(
        "Speed of a retime in the list; other than 1, pairs must be given by hand.",
        1.0,
        low=-100.0,
        high=100.0,
    )
    has_reference: bool = said(
        "Off: there is no Reference of it. It takes the model of its group and gives no pairs.", True
    )
    use: bool = said("Off leaves a shot of the list out of the project.", True)
    pairs: tuple[Pair, ...] = said(
        "Pairs, as in a preset; spread evenly when left out.", (), shorthand="source"
    )


@attrs.frozen
class Member:
    """A shot of a group."""

    shot: str = said(
        "Name, or a pattern with *.", pattern=r"[A-Za-z0-9*][A-Za-z0-9._*-]{0,63}", example="sc04_*"
    )


@attrs.frozen
class GroupEntry:
    """Shots that share one model, trained from the pairs of all of them."""

    name: str = said("Name of the group; names of shots and groups all differ.", pattern=NAME, example="sc04")
    scope: str = said("What it is.", "scene", choices=("scene", "sequence"))
    shots: tuple[Member, ...] = said("Its shots, besides those that say so themselves.", (), shorthand="shot")


@attrs.frozen
class ProjectSettings:
    """A project preset, whole."""

    project: str = said("Name of the project.", pattern=NAME, example="reel3")
    source: ClipRule = said("The faded Source.", example="{path: plates/{shot}/source.####.exr}")
    reference: ReferenceRule = said(
        "The colour Reference.", example="{path: plates/{shot}/reference.####.exr, kind: dvd}"
    )
    schema: int = said("Version of the format.", 1, choices=(1,))
    fps: float = said(
        "Frame rate of Source, Reference and timecodes.", 24.0, unit="frames per second", low=1.0, high=1000.0
    )
    handles: int = said(
        "Frames before and behind each cut that the plates hold; they are recovered too, but no pair uses them.",
        0,
        unit="frames",
        low=0,
        high=10000,
    )
    spread: int = said(
        "Pairs per shot where none are given: first, last, and evenly between (guide: 4-9).",
        5,
        low=2,
        high=1000,
    )
    shot_list: str = said(
        "Shot list: .csv, .edl (CMX 3600) or .otio; relative to the project preset.", "", form="path"
    )
    naming: str = said(
        "Names of shots from an EDL or a timeline: the clip's name, or reel and event.",
        "clip",
        choices=("clip", "event"),
    )
    inputs: str = said(
        "How changed input files are noticed: by name, size and time of change, or by content.",
        "stat",
        choices=("stat", "content"),
    )
    shots: tuple[ShotEntry, ...] = said("Shots, or exceptions for shots of the list.", ())
    groups: tuple[GroupEntry, ...] = said("Groups.", ())
