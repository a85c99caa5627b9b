"""From shots and groups to units: one preset each, as YAML text and as a value.

A group's clip is that of its shots end to end (or one sequence, where all lie in one), its pairs are those of all
shots, renumbered; what is keyed to a pair is renumbered with it. Its shots name the model that the group will train.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ..paths import posix, rooted
from ..preset.convert import Reading, convert
from ..preset.extends import merge
from ..preset.load import load
from ..preset.model import Pair, Preset
from ..preset.nodes import MapNode
from ..preset.places import Findings, Spot
from ..preset.rules import ancestors, broken_rules
from ..stages.plan import ProjectPaths, make_plan
from .frames import ShotFrames, shot_frames
from .grouped import LEAST, Member, grouped_clips, lenders
from .model import GROUP, MEMBER, OWN, Places, Unit
from .own import edited_by_hand
from .settings import ClipRule, GroupEntry, ProjectSettings, ShotEntry
from .sources import Once, Shared, ShotSource, marked, relative
from .trees import mapping
from .unit_trees import clip_tree, pair_tree, unit_text

__all__ = ["make_units"]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

QUIET = frozenset({"CR122", "CR133", "CR134"})
"""Warnings that a project answers itself: ranges differ by handles, groups hold the pairs."""


@attrs.frozen
class _Shot:
    source: ShotSource
    frames: ShotFrames
    pairs: tuple[Pair, ...]
    paths: tuple[str, str]

    @property
    def entry(self) -> ShotEntry:
        return self.source.entry


def make_units(
    settings: ProjectSettings,
    sources: Sequence[ShotSource],
    groups: Mapping[str, GroupEntry],
    group_presets: Mapping[str, MapNode | None],
    shared: Shared,
    file: Path,
    out: Path,
    findings: Findings,
) -> list[Unit]:
    """Groups first, then shots, as listed. Mistakes go to ``findings``."""
    maker = _Maker(settings, shared, file, Places(out), findings)
    shots = [shot for source in sources if (shot := maker.shot(source)) is not None]
    maker.unlike_names([s.source for s in shots])
    if findings:
        return []
    by_group: dict[str, list[_Shot]] = {}
    for shot in shots:
        if shot.entry.group:
            by_group.setdefault(shot.entry.group, []).append(shot)
    units: list[Unit] = []
    models: dict[str, str] = {}
    members = {name: [maker.member(s) for s in of] for name, of in by_group.items()}
    for name, of in by_group.items():
        group = groups.get(name) or GroupEntry(name)
        unit = maker.group(group, members[name], of[0].source.spot, group_presets.get(name))
        if unit is not None:
            units.append(unit)
            effective = maker.effective(unit)
            models[name] = make_plan(effective, ProjectPaths("", "")).model_file
    for shot in shots:
        group_name = shot.entry.group
        if group_name and group_name not in models:
            continue  # what is wrong with the group has been said
        unit = maker.unit(shot, models.get(group_name, ""), groups, members.get(group_name, []))
        if unit is not None:
            units.append(unit)
    return units


@attrs.define
class _Maker:
    settings: ProjectSettings
    shared: Shared
    file: Path
    places: Places
    findings: Findings
    told: set[tuple[str, str]] = attrs.field(factory=set)

    # -- shots

    def shot(self, source: ShotSource) -> _Shot | None:
        entry, spot = source.entry, source.spot
        frames = shot_frames(entry, self.settings, spot, self.findings)
        paths = self._path("source", entry, spot), self._path("reference", entry, spot)
        if frames is None or None in paths:
            return None
        if not entry.has_reference and (entry.pairs or not entry.group):
            message = f"{entry.shot}: has no Reference" + (", but pairs" if entry.pairs else ", and no group")
            hint = "take the pairs away" if entry.pairs else "put it into a group, whose model it then takes"
            self.findings.add("CR194", spot, message, hint)
            return None
        if entry.speed != 1.0 and not entry.pairs and entry.has_reference:
            message = f"{entry.shot}: is retimed ({entry.speed:g} times); Reference frames cannot be counted"
            hint = (
                "give its pairs, or leave it out with use: false, or its Reference with has_reference: false"
            )
            self.findings.add("CR184", spot, message, hint)
            return None
        low, high = frames.usable
        pairs = frames.pairs(entry, self.settings.spread)
        kept = tuple(p for p in pairs if low <= p.source <= high)
        if len(kept) < len(pairs):
            lost = ", ".join(str(p.source) for p in pairs if p not in kept)
            message = f"{entry.shot}: pairs {lost} lie outside the frames that pairs may use, {low}-{high}; left out"
            hint = "handles, dissolves (head, tail) and uncertain cuts give no pairs"
            self.findings.add("CR187", spot, message, hint, severity="warning")
        return _Shot(source, frames, kept, (paths[0] or "", paths[1] or ""))

    def _path(self, side: str, entry: ShotEntry, spot: Spot) -> str | None:
        """The side's pattern with its placeholders filled."""
        rule: ClipRule = getattr(self.settings, side)
        known = {"shot": entry.shot, "reel": entry.reel, "group": entry.group}
        text = rule.path
        for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
            if name not in known:
                hint = "known are {shot}, {reel} and {group}"
                message = f"{side}.path: unknown placeholder {{{name[:40]}}}"
                if ("CR183", message) not in self.told:
                    self.told.add(("CR183", message))
                    self.findings.add("CR183", spot, message, hint)
                return None
            if not known[name]:
                self.findings.add(
                    "CR183", spot, f"{entry.shot}: {side}.path needs its {name}", f"give {name}"
                )
                return None
            text = text.replace(f"{{{name}}}", known[name])
        return posix(text) if rooted(text) else relative(self.file.parent / text, self.places.shared.parent)

    def unlike_names(self, sources: Sequence[ShotSource]) -> None:
        """Names become file names; two must differ in more than case."""
        seen: dict[str, str] = {}
        names = [(s.entry.shot, s.spot) for s in sources]
        used = {s.entry.group: s.spot for s in sources if s.entry.group}
        for name, spot in (*names, *used.items()):
            other = seen.setdefault(name.casefold(), name)
            if other is not name:
                message = (
                    f"{name!r} and {other!r} would be one file"
                    if name != other
                    else f"{name!r} is named twice"
                )
                self.findings.add(
                    "CR181", spot, message, "names of shots and groups must differ in more than case"
                )

    # -- presets

    def member(self, shot: _Shot) -> Member:
        """The shot as a part of its group, with hold-outs said outright."""
        pairs = marked(shot.pairs, self.shared_share(shot))
        return Member(shot.entry.shot, shot.frames, pairs, shot.paths, shot.source.preset)

    def unit(
        self, shot: _Shot, model: str, groups: Mapping[str, GroupEntry], members: Sequence[Member]
    ) -> Unit | None:
        """members: of its group, where it takes the group's model."""
        entry, s = shot.entry, shot.frames
        values: dict[str, object] = {
            "shot": entry.shot,
            "source": clip_tree(self.settings, "source", shot.paths[0], s.source),
            "reference": clip_tree(self.settings, "reference", shot.paths[1], s.reference),
            "pairs": [pair_tree(p) for p in shot.pairs],
        }
        scope, keyed, lent = "shot", dict[str, object](), list[Member]()
        if model:
            scope = groups[entry.group].scope if entry.group in groups else "scene"
            own = next(m for m in members if m.name == entry.shot)
            lent = lenders(members, own) if own.trained < LEAST else []
            values |= {"scope": scope, "inference": {"model": model}}
            values["pairs"] = [pair_tree(p) for p in own.pairs]
            if lent:  # the preset has to hold pairs; they are judged, not trained
                clips = grouped_clips([own, *lent], rendered=True)
                values |= {
                    "source": clip_tree(self.settings, "source", *clips.source),
                    "reference": clip_tree(self.settings, "reference", *clips.reference),
                    "pairs": [pair_tree(p) for p in clips.pairs],
                    "inference": {"model": model, "first": s.source[0], "last": s.source[1]},
                }
                keyed = clips.keyed()
            self._unused(shot)
            # nothing is trained in this preset; the node only has to be a valid one
            values["training"] = {"batch": max(1, own.trained + sum(m.trained for m in lent))}
        tree = merge(mapping(values, shot.source.spot), shot.source.preset)
        tree = merge(tree, mapping(keyed, shot.source.spot)) if keyed else tree
        preset = self._read(tree, shot.source.spot, entry.shot)
        if preset is None:
            return None
        i = preset.inference
        frames = (s.source[0] if i.first is None else i.first, s.source[1] if i.last is None else i.last)
        stages = MEMBER if model else OWN
        group = entry.group if model else ""
        names, text = tuple(m.name for m in lent), unit_text(tree)
        return Unit(
            entry.shot, scope, stages, frames, len(shot.pairs), text, preset, group=group, lenders=names
        )

    def _unused(self, shot: _Shot) -> None:
        """A warning about settings of a training that a shot of a group gives."""
        said = shot.source.preset.entries.get("training")
        if said is not None:
            who = shot.entry.group
            message = f"{shot.entry.shot}: preset.training changes nothing: {who} trains its model"
            hint = f"say it under the preset of group {who}"
            self.findings.add("CR193", said.key.spot, message, hint, severity="warning")

    def shared_share(self, shot: _Shot) -> float:
        """The share of hold-outs that the settings ask for."""
        for tree in (shot.source.preset, self.shared.tree):
            entry = tree.entries.get("hold_out")
            if entry is not None and isinstance(entry.value, MapNode) and "share" in entry.value.entries:
                text = getattr(entry.value.entries["share"].value, "text", "")
                try:
                    return float(text)
                except ValueError:
                    break
        return 0.2

    def group(
        self, group: GroupEntry, members: Sequence[Member], spot: Spot, own: MapNode | None
    ) -> Unit | None:
        paired = [m for m in members if m.pairs]
        if not paired:
            message = f"{group.name}: none of its shots has a Reference, so its model cannot be trained"
            self.findings.add("CR194", spot, message, "add a shot that has one")
            return None
        clips = grouped_clips(paired)
        values: dict[str, object] = {
            "shot": group.name,
            "scope": group.scope,
            "source": clip_tree(self.settings, "source", *clips.source),
            "reference": clip_tree(self.settings, "reference", *clips.reference),
            "pairs": [pair_tree(p) for p in clips.pairs],
            **clips.keyed(),
        }
        tree = mapping(values, spot)
        if own is not None:
            tree = merge(tree, own)
        preset = self._read(tree, spot, group.name)
        if preset is None:
            return None
        names = tuple(m.name for m in members)
        return Unit(
            group.name, group.scope, GROUP, None, len(clips.pairs), unit_text(tree), preset, members=names
        )

    def effective(self, unit: Unit) -> Preset:
        """The unit's preset, or what somebody made of its file."""
        file = self.places.preset(unit.name)
        return load(file).preset if edited_by_hand(file) else unit.preset

    def _read(self, tree: MapNode, spot: Spot, name: str) -> Preset | None:
        """The tree over the shared settings as a preset, judged by the rules of presets."""
        once = Once(self.findings, self.told, name)
        reading = Reading(once)
        preset: Preset = convert(Preset, merge(self.shared.tree, tree), reading, key=spot)
        for rule in broken_rules(preset, frozenset(reading.broken), frozenset(reading.origin)):
            if rule.severity == "warning" and rule.code in QUIET:
                continue
            at = next(
                (reading.spots[f] for f in (rule.field, *ancestors(rule.field)) if f in reading.spots), spot
            )
            once.add(rule.code, at, f"{rule.field}: {rule.message}", rule.hint, severity=rule.severity)
        return None if once.errors else preset
