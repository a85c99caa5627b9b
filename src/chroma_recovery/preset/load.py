"""Read a preset: every mistake at once, each with file, line and column, its code (see ``codes.CODES``), the
field, what is allowed and, where it can be guessed, what was meant.

A preset is data from a stranger. Nothing in it is ever evaluated: YAML's own types and tags are not used,
texts stay texts, and what could become something else in Nuke or in a path is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ..errors import PresetError, Problem
from ..paths import posix
from .convert import Reading, convert
from .extends import read_chain
from .model import Preset
from .places import Findings, Place, Spot, Text
from .rules import ancestors, broken_rules
from .text import checked, read

__all__ = ["Loaded", "load", "loads"]


@attrs.frozen
class Loaded:
    """A preset and where each of its values came from.

    origin: field path (``training.patch``, ``pairs[2].note``) -> place of the value, for values that a file
    gives; defaults have none. files: the preset and those it extends, in that order (none if read from a
    text). warnings: what deserves a second look; errors are raised instead. folder: where the preset lies.
    """

    preset: Preset
    origin: Mapping[str, Place] = attrs.field(repr=False)
    files: tuple[Path, ...] = ()
    warnings: tuple[Problem, ...] = ()
    folder: Path = Path()
    folders: Mapping[str, Path] = attrs.field(factory=dict, repr=False)

    def place(self, field: str) -> Place | None:
        """Place of a field's value, or of the nearest mapping around it; None if no file says anything
        there.
        """
        return next((self.origin[f] for f in (field, *ancestors(field)) if f in self.origin), None)

    def folder_of(self, field: str) -> Path:
        """Folder where a relative path in this field starts: that of the file that says it."""
        found = self.origin.get(field)
        return self.folder if found is None else self.folders.get(found.file, self.folder)


def load(path: Path, *, search: Sequence[Path] | None = None) -> Loaded:
    """Read a preset file and those it extends.

    search: folders of shipped presets for ``extends: NAME``; the package's own when left out.
    Raises PresetError with every problem found, in the order of the files.
    """
    name = posix(path)
    return _load(Text(name, read(path, name), folder=posix(path.parent)), path, search)


def loads(text: str, name: str = "<preset>", *, search: Sequence[Path] | None = None) -> Loaded:
    """Read a preset from a text; ``extends`` can then only name a shipped preset. Raises as :func:`load`."""
    return _load(Text(name, checked(text, name)), None, search)


def _load(text: Text, path: Path | None, search: Sequence[Path] | None) -> Loaded:
    findings = Findings()
    root, files = read_chain(text, path, search, findings)
    if root is None:
        raise PresetError(findings.sorted())
    reading = Reading(findings)
    preset: Preset = convert(Preset, root, reading)
    start = next((e.key.spot for e in root.entries.values() if e.key.spot.source is text), Spot(text, 1, 1))
    for rule in broken_rules(preset, frozenset(reading.broken), frozenset(reading.origin)):
        spot = _spot(rule.field, reading, start)
        findings.add(rule.code, spot, f"{rule.field}: {rule.message}", rule.hint, severity=rule.severity)
    if findings:
        raise PresetError(findings.sorted("error"))
    folders = {posix(f): f.parent for f in files}
    return Loaded(preset, reading.origin, files, findings.sorted("warning"), Path(text.folder), folders)


def _spot(field: str, reading: Reading, start: Spot) -> Spot:
    return next((reading.spots[f] for f in (field, *ancestors(field)) if f in reading.spots), start)
