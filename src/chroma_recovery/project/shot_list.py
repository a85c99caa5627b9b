"""Shot lists as rows with their places: CSV, EDL and OpenTimelineIO give the same tree that YAML shots give.

CSV: a header line names columns: fields of a shot (see ``settings.ShotEntry``) or dotted fields of a preset such as
``training.steps``. ``pairs`` holds ``471 478/12 485!``: a Source frame, behind ``/`` the Reference's, ``!`` held out.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import attrs

from ..errors import PresetError, did_you_mean
from ..paths import posix
from ..preset.fields import fields_of, walk
from ..preset.model import Preset
from ..preset.nodes import Entry, MapNode, Scalar
from ..preset.places import Findings, Spot, Text
from ..preset.text import read
from .edl import Event, read_edl
from .settings import ProjectSettings, ShotEntry
from .trees import listed, mapping

__all__ = ["Row", "clean", "read_shot_list"]

MOST_ROWS = 20_000

_PAIR = re.compile(r"(-?[0-9]{1,7})(?:/(-?[0-9]{1,7}))?(!?)\Z", re.ASCII)
_SUFFIX = re.compile(r"\.(mov|mxf|mp4|avi|exr|dpx|tiff?|ari|r3d|braw)\Z", re.IGNORECASE)


@attrs.frozen(eq=False)
class Row:
    """One shot of a list. entry: its fields as a tree. preset: exceptions, as a tree of preset fields."""

    entry: MapNode
    preset: MapNode | None
    spot: Spot


def read_shot_list(path: Path, settings: ProjectSettings, findings: Findings) -> list[Row]:
    """Rows of a .csv, .edl or .otio file; mistakes go to ``findings`` (CR180, CR107, CR181).

    Raises PresetError: CR101, CR102 as any preset file; CR186 if a timeline needs opentimelineio and it is missing.
    """
    suffix, name = path.suffix.lower(), posix(path)
    if suffix == ".otio":
        from .timeline import read_timeline

        return _rows(read_timeline(path, settings.fps, findings), settings, findings)
    if suffix not in (".csv", ".edl"):
        raise PresetError.at("CR180", name, "is no shot list", "its name must end in .csv, .edl or .otio")
    text = Text(name, read(path, name), rank=1, folder=posix(path.parent))
    if suffix == ".csv":
        return _csv(text, findings)
    return _rows(read_edl(text, settings.fps, findings), settings, findings)


# -- EDL and timelines


def _rows(events: list[Event], settings: ProjectSettings, findings: Findings) -> list[Row]:
    rows: list[Row] = []
    rate = round(settings.fps)
    for event in events:
        name = _name(event, settings.naming)
        source, record = event.source, event.record
        values: dict[str, object] = {
            "shot": name,
            "reel": clean(event.reel),
            "source_in": _text(source[0], rate),
            "source_out": _text(source[1], rate),
            "record_in": _text(record[0], rate),
            "record_out": _text(record[1], rate),
            "head": event.head or None,
            "tail": event.tail or None,
            "speed": None if event.speed == 1.0 else float(event.speed),
        }
        rows.append(Row(mapping(values, event.spot), None, event.spot))
    return rows


def _name(event: Event, naming: str) -> str:
    by_event = f"{clean(event.reel) or 'shot'}_{event.number}"
    return by_event if naming == "event" else (clean(event.clip) or by_event)


def clean(text: str) -> str:
    """A clip's or reel's name as file names allow it: no suffix, ``_`` for signs that are not letters or digits."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", _SUFFIX.sub("", text.strip())).strip("._-")[:64]


def _text(frames: int, rate: int) -> str:
    seconds, left = divmod(max(0, frames), rate)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{left:02d}"


# -- CSV


def _csv(text: Text, findings: Findings) -> list[Row]:
    lines = list(text.lines)
    head = next((n for n, line in enumerate(lines) if line.strip()), None)
    if head is None:
        findings.add("CR180", Spot(text, 1, 1), "the shot list is empty", "its first line names the columns")
        return []
    delimiter = next((d for d in ("\t", ";") if d in lines[head]), ",")
    rows: list[Row] = []
    reader = csv.reader(lines[head:], delimiter=delimiter, strict=True)
    columns: list[str] = []
    number = head
    try:
        for cells in reader:
            spot = Spot(text, number + 1, 1, max(1, len(lines[number])) if number < len(lines) else 1)
            if not columns:
                columns = _columns([c.strip() for c in cells], spot, findings)
            elif any(c.strip() for c in cells):
                if len(cells) > len(columns):
                    findings.add(
                        "CR180",
                        spot,
                        f"{len(cells)} cells for {len(columns)} columns",
                        "check the delimiters",
                    )
                elif len(rows) >= MOST_ROWS:
                    findings.add("CR180", spot, f"more than {MOST_ROWS} shots", "split the list")
                    break
                else:
                    rows.append(_row(dict(zip(columns, cells, strict=False)), spot, lines[number], findings))
            number = head + reader.line_num
    except csv.Error as error:
        findings.add("CR180", Spot(text, number + 1, 1), f"no CSV: {error}", "check the quotes")
    return rows


def _columns(names: list[str], spot: Spot, findings: Findings) -> list[str]:
    own = list(fields_of(ShotEntry))
    known = {*own, *(path for path, field in walk(Preset) if field.kind in ("str", "int", "float", "bool"))}
    for name in names:
        if names.count(name) > 1:
            findings.add("CR106", spot, f"column {name!r} is here a second time", "keep one")
        elif name not in known:
            hint = did_you_mean(name, sorted(known)) or "known: " + ", ".join(own) + ", or a preset's field"
            findings.add("CR107", spot, f"{name[:60]!r}: unknown column", hint)
    if "shot" not in names:
        findings.add("CR108", spot, "shot: must be given: a column with the names of the shots")
    return names


def _row(cells: dict[str, str], spot: Spot, line: str, findings: Findings) -> Row:
    own = fields_of(ShotEntry)
    entry: dict[str, Any] = {}
    preset: dict[str, Any] = {}
    for name, cell in cells.items():
        text = cell.strip()
        at = line.find(cell) if text else -1
        here = spot._replace(column=at + 1, length=max(1, len(cell))) if at >= 0 else spot
        if not text:
            continue
        if name == "pairs":
            entry[name] = _pairs(text, here, findings)
        elif name in own:
            entry[name] = Scalar(text, True, here)
        else:
            below = preset
            *owners, last = name.split(".")
            for owner in owners:
                below = below.setdefault(owner, {})
            below[last] = Scalar(text, True, here)
    return Row(mapping(entry, spot), mapping(preset, spot) if preset else None, spot)


def _pairs(text: str, spot: Spot, findings: Findings) -> Any:
    found: list[object] = []
    for word in text.split():
        match = _PAIR.match(word)
        if not match:
            findings.add("CR180", spot, f"pairs: cannot read {word[:40]!r}", "write 471, 471/12 or 471!")
            continue
        values = {"source": Scalar(match[1], True, spot)}
        if match[2]:
            values["reference"] = Scalar(match[2], True, spot)
        if match[3]:
            values["hold_out"] = Scalar("true", True, spot)
        found.append(MapNode({k: Entry(Scalar(k, True, spot), v) for k, v in values.items()}, spot))
    return listed(found, spot)
