"""Paths as another machine has them: the rules of a scheduler, and what they make of a preset's absolute paths.

Presets, records and scripts keep the paths that people wrote. Where files are read on a worker, a path below a rule's
source is read below its destination. Relative paths start at folders that the scheduler has mapped already.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs

from ..errors import PresetError
from ..paths import posix, rooted
from ..preset.load import Loaded
from ..preset.model import Clip

__all__ = ["Rule", "localised", "mapped", "read_rules"]

C = TypeVar("C", bound=Clip)

LARGEST = 1 << 22
"""Bytes of a file of rules that is read at most."""


@attrs.frozen
class Rule:
    """source: how a path begins where the job was made. destination: how it begins here. windows: whether the source
    is a Windows path, where ``\\`` and ``/`` and both cases are alike."""

    source: str
    destination: str
    windows: bool = False

    def apply(self, path: str) -> str | None:
        """The path here; None if it does not lie below the source. Whole names only: ``/a`` is no begin of ``/ab``."""
        source, said = self._folded(self.source).rstrip("/"), self._folded(path)
        if said != source and not said.startswith(f"{source}/"):
            return None
        return posix(self.destination).rstrip("/") + posix(path)[len(source) :]

    def _folded(self, path: str) -> str:
        return posix(path).casefold() if self.windows else posix(path)


def mapped(path: str, rules: Sequence[Rule]) -> str:
    """The path by the rule with the longest source that fits; as it is if none does, or if it is relative."""
    if not rooted(path):
        return path
    for rule in sorted(rules, key=lambda r: -len(r.source.rstrip("/\\"))):
        found = rule.apply(path)
        if found is not None:
            return found
    return path


def localised(loaded: Loaded, rules: Sequence[Rule]) -> Loaded:
    """The preset with clips where this machine has them, for reading their files; the same one if nothing changes."""
    if not rules:
        return loaded

    def moved(clip: C) -> C:
        then = tuple(attrs.evolve(part, path=mapped(part.path, rules)) for part in clip.then)
        return attrs.evolve(clip, path=mapped(clip.path, rules), then=then)

    preset = loaded.preset
    inference = attrs.evolve(preset.inference, model=mapped(preset.inference.model, rules))
    here = attrs.evolve(
        preset, source=moved(preset.source), reference=moved(preset.reference), inference=inference
    )
    return loaded if here == preset else attrs.evolve(loaded, preset=here)


def read_rules(file: Path) -> tuple[Rule, ...]:
    """Rules of a file in the form ``pathmapping-1.0`` of Open Job Description; one without rules is fine.

    Raises PresetError (CR446) for a file that is none.
    """
    try:
        if file.stat().st_size > LARGEST:
            raise ValueError("it is too large")
        said = json.loads(file.read_text(encoding="utf-8"))
        return tuple(_rule(r) for r in said.get("path_mapping_rules", ()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PresetError.at("CR446", posix(file), f"is no file of path mapping rules: {error}") from error


def _rule(said: Any) -> Rule:
    source, destination = said["source_path"], said["destination_path"]
    if not (isinstance(source, str) and isinstance(destination, str) and source and destination):
        raise ValueError("a path is no text")
    return Rule(source, destination, str(said.get("source_path_format", "")).upper() == "WINDOWS")
