"""What units are made from: the shared settings, what is known of a shot, and the findings on the way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from ..paths import posix
from ..preset.extends import merge
from ..preset.model import Pair
from ..preset.nodes import MapNode
from ..preset.places import Findings, Spot
from .model import Places
from .settings import ShotEntry
from .trees import mapping, yaml_text

__all__ = ["Once", "Shared", "ShotSource", "marked", "relative"]


@attrs.frozen
class Shared:
    """Settings of all units. own: what the project says. tree: the same over what it extends. extends: its name or
    path, base: the file."""

    own: MapNode
    tree: MapNode
    extends: str
    base: Path | None

    def text(self, project: Path, out: Path) -> str:
        """The preset that all units extend."""
        named = self.extends
        if "/" in named or named.endswith((".yaml", ".yml")):
            named = relative(project.parent / named, Places(out).shared.parent)
        return yaml_text(merge(mapping({"extends": named}, self.own.spot), self.own))


@attrs.frozen
class ShotSource:
    """What is known of a shot before its frames are counted. preset: exceptions as a tree."""

    entry: ShotEntry
    preset: MapNode
    spot: Spot


def relative(path: Path, folder: Path) -> str:
    """Path text as it stands in a preset of that folder; absolute where the text was or another drive needs it."""
    try:
        return posix(os.path.relpath(path.absolute(), folder.absolute()))
    except ValueError:
        return posix(path.absolute())


class Once(Findings):
    """Passes findings on, those of shared settings once: many units are made from one tree."""

    def __init__(self, to: Findings, told: set[tuple[str, str]], unit: str) -> None:
        super().__init__()
        self.to, self.told, self.unit, self.errors = to, told, unit, 0

    def add(self, code: str, spot: Spot, message: str, hint: str = "", *, severity: str = "error") -> None:
        self.errors += severity == "error"
        key = code, f"{spot.place} {message}"
        if severity == "warning":
            key = code, message  # a warning of every shot is one warning
        if key not in self.told:
            self.told.add(key)
            who = f"{self.unit}: " if severity == "error" else ""
            self.to.add(code, spot, who + message, hint, severity=severity)


def marked(pairs: Sequence[Pair], share: float) -> tuple[Pair, ...]:
    """The pairs with hold-outs said outright: those that say so, else as a preset would choose them. So a group and
    its shots hold out the same ones."""
    if any(p.hold_out is not None for p in pairs):
        return tuple(attrs.evolve(p, hold_out=bool(p.hold_out)) for p in pairs)
    count = len(pairs)
    wanted = min(int(share * count + 0.5), max(count - 2, 0))
    inner = count - 2
    chosen = {1 + (2 * k + 1) * inner // (2 * wanted) for k in range(wanted)}
    return tuple(attrs.evolve(p, hold_out=n in chosen) for n, p in enumerate(pairs))
