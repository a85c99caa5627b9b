"""Read a project preset and its shot list: every mistake at once, each with file, line and column."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path

import attrs

from ..errors import PresetError, did_you_mean
from ..paths import posix
from ..preset.convert import Reading, convert
from ..preset.extends import find_base, merge, read_chain
from ..preset.nodes import Entry, ListNode, MapNode, Scalar, parse
from ..preset.places import Findings, Spot, Text
from ..preset.text import read
from .model import Project
from .settings import ProjectSettings, ShotEntry
from .shot_list import Row, read_shot_list
from .sources import Shared, ShotSource
from .trees import mapping
from .units import make_units

__all__ = ["is_project", "load_project"]

SAID_BY_PROJECT = ("shot", "pairs", "extends")
"""Preset fields that an exception cannot change."""


def is_project(path: Path) -> bool:
    """Whether a YAML file is a project preset: a mapping with ``project`` and without ``shot``. False for a file that
    cannot be read; the reader of presets then says why."""
    try:
        root = parse(Text(posix(path), read(path, posix(path))), Findings())
    except PresetError:
        return False
    return isinstance(root, MapNode) and "project" in root.entries and "shot" not in root.entries


def load_project(path: Path, out: Path) -> Project:
    """The project of a preset file, with a preset for every unit.

    out: the output folder; presets lie below it, so their paths start there. Raises PresetError with every problem:
    CR1xx as presets do; CR180 a shot list that cannot be read, CR181 names that clash, CR182 a shot that does not
    exist, CR183 a path pattern, CR184 frames that cannot be counted, CR186 OpenTimelineIO missing, CR187 pairs in
    uncertain frames (warning), CR188 a shot that is in two groups.
    """
    name = posix(path)
    text = Text(name, read(path, name), folder=posix(path.parent))
    findings = Findings()
    root = parse(text, findings)
    if not isinstance(root, MapNode):
        findings.add(
            "CR105", Spot(text, 1, 1), "a project preset needs a mapping of keys", "start with project: NAME"
        )
        raise PresetError(findings.sorted())
    plain, presets = _without_presets(root)
    reading = Reading(findings)
    settings: ProjectSettings = convert(ProjectSettings, plain, reading)
    shared = _shared(presets.get("preset"), text, root.spot, findings)
    rows = _rows(path, settings, reading, plain, presets, findings)
    if findings:
        raise PresetError(findings.sorted("error"))
    groups = {g.name: g for g in settings.groups}
    members = _members(settings, rows, reading, findings)
    sources = _shots(rows, members, findings)
    group_presets = {g.name: presets.get(f"groups[{n}].preset") for n, g in enumerate(settings.groups)}
    units = make_units(settings, sources, groups, group_presets, shared, path, out, findings)
    if findings:
        raise PresetError(findings.sorted("error"))
    by_name = {u.name: u for u in units}
    warnings = findings.sorted("warning")
    listed = path.parent / settings.shot_list if settings.shot_list else None
    content = settings.inputs == "content"
    words = shared.text(path, out)
    return Project(settings.project, path, by_name, words, content, warnings, shot_list=listed)


def _without_presets(root: MapNode) -> tuple[MapNode, dict[str, MapNode]]:
    """The tree without ``preset`` keys, and those by path (``preset``, ``shots[2].preset``)."""
    taken: dict[str, MapNode] = {}

    def strip(node: MapNode, path: str) -> MapNode:
        entries = dict(node.entries)
        found = entries.get("preset")
        if found is not None and isinstance(found.value, MapNode):
            taken[f"{path}preset"] = found.value
            del entries["preset"]
        return MapNode(entries, node.spot)

    top = strip(root, "")
    for key in ("shots", "groups"):
        entry = top.entries.get(key)
        if entry is not None and isinstance(entry.value, ListNode):
            items = tuple(
                strip(item, f"{key}[{n}].") if isinstance(item, MapNode) else item
                for n, item in enumerate(entry.value.items)
            )
            top.entries[key] = Entry(entry.key, ListNode(items, entry.value.spot))
    return top, taken


def _shared(said: MapNode | None, text: Text, start: Spot, findings: Findings) -> Shared:
    """The settings of all units, with what they extend (``shot`` where nothing is said)."""
    own = said or MapNode({}, start)
    key = Scalar("extends", True, own.spot)
    entry = own.entries.get("extends") or Entry(key, Scalar("shot", True, own.spot))
    base = find_base(entry, text, True, None, findings)
    tree: MapNode | None = None
    if base is not None:
        below = Text(posix(base), read(base, posix(base)), rank=2, folder=posix(base.parent))
        tree, _ = read_chain(below, base, None, findings)
    own = MapNode({k: e for k, e in own.entries.items() if k != "extends"}, own.spot)
    for name in ("shot", "source", "reference", "pairs"):
        if name in own.entries:
            spot = own.entries[name].key.spot
            findings.add("CR107", spot, f"preset.{name}: is said by the project or the shot", "move it there")
    named = entry.value.text if isinstance(entry.value, Scalar) else ""
    return Shared(own, merge(tree, own) if tree is not None else own, named, base)


def _rows(
    path: Path,
    settings: ProjectSettings,
    reading: Reading,
    plain: MapNode,
    presets: Mapping[str, MapNode],
    findings: Findings,
) -> dict[str, Row]:
    """The list's shots, completed and overruled by the project's own, by name."""
    rows: dict[str, Row] = {}
    if settings.shot_list and "shot_list" not in reading.broken:
        for row in read_shot_list(path.parent / settings.shot_list, settings, findings):
            name = _name(row.entry)
            if name in rows:
                hint = (
                    "naming: event tells two uses of one clip apart"
                    if not settings.shot_list.endswith(".csv")
                    else ""
                )
                findings.add("CR181", row.spot, f"shot {name!r} is in the list twice", hint)
            elif name:
                rows[name] = row
            else:
                rows[f"?{len(rows)}"] = row
    known = list(rows)
    entry = plain.entries.get("shots")
    for n, item in enumerate(entry.value.items if entry and isinstance(entry.value, ListNode) else ()):
        if not isinstance(item, MapNode):
            continue
        name, own = _name(item), presets.get(f"shots[{n}].preset")
        listed = rows.get(name)
        if listed is not None:
            joined = (
                own if listed.preset is None else listed.preset if own is None else merge(listed.preset, own)
            )
            rows[name] = Row(merge(listed.entry, item), joined, item.spot)
        else:
            if settings.shot_list:
                findings.add(
                    "CR182",
                    item.spot,
                    f"the list has no shot {name!r}",
                    did_you_mean(name, known) or "an entry here changes a shot of the list",
                )
            rows[name or f"?{len(rows)}"] = Row(item, own, item.spot)
    if not rows:
        findings.add("CR108", plain.spot, "the project has no shots", "give shots, or shot_list")
    return rows


def _name(entry: MapNode) -> str:
    said = entry.entries.get("shot")
    return said.value.text if said is not None and isinstance(said.value, Scalar) else ""


def _members(
    settings: ProjectSettings, rows: Mapping[str, Row], reading: Reading, findings: Findings
) -> dict[str, str]:
    """Shot -> group, by the patterns of the groups."""
    found: dict[str, str] = {}
    for g, group in enumerate(settings.groups):
        for m, member in enumerate(group.shots):
            spot = reading.spots[f"groups[{g}].shots[{m}]"]
            hits = [name for name in rows if fnmatch.fnmatchcase(name, member.shot)]
            if not hits:
                hint = did_you_mean(member.shot, list(rows))
                findings.add("CR182", spot, f"no shot is named {member.shot!r}", hint)
            for name in hits:
                if found.setdefault(name, group.name) != group.name:
                    findings.add("CR188", spot, f"shot {name} is in group {found[name]} already", "keep one")
    return found


def _shots(rows: Mapping[str, Row], members: Mapping[str, str], findings: Findings) -> list[ShotSource]:
    found: list[ShotSource] = []
    for name, row in rows.items():
        reading = Reading(findings)
        entry: ShotEntry = convert(ShotEntry, row.entry, reading)
        if not entry.use:
            continue
        grouped = members.get(name, "")
        if entry.group and grouped and entry.group != grouped:
            findings.add("CR188", row.spot, f"shot {name} is in group {grouped} already", "keep one")
        if grouped and not entry.group:
            entry = attrs.evolve(entry, group=grouped)
        own = row.preset or mapping({}, row.spot)
        for field in SAID_BY_PROJECT:
            if field in own.entries:
                spot = own.entries[field].key.spot
                findings.add("CR107", spot, f"preset.{field}: is said beside preset, not in it")
        if not reading.broken:
            found.append(ShotSource(entry, own, row.spot))
    return found
