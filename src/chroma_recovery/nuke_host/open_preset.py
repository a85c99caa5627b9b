"""The preset that is open in a Nuke session, and how the artist is told of it: what all items of the menu share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from ..build import Scripts, assemble
from ..errors import ChromaRecoveryError, NukeError, Problem
from ..paths import posix
from ..preset.load import load
from ..preset.model import Pair
from .availability import State
from .checkpoints import latest
from .session import Outcome, Session

__all__ = ["OpenPreset", "Stopped"]

MOST_LINES = 14
"""Lines of a message box."""


class Stopped(Exception):
    """The artist closed a dialog."""


class OpenPreset:
    """nuke: the module, or a stand-in for it.

    preset: the file that is open, or None. project: folder below which everything is written; file knobs are relative
    to it. pairs: a longer list of pairs that is not saved yet.
    """

    def __init__(self, nuke: Any) -> None:
        self.nuke = nuke
        self.session = Session(nuke)
        self.preset: Path | None = None
        self.project: Path | None = None
        self.pairs: tuple[Pair, ...] | None = None

    def take(self, preset: Path, project: Path | None = None) -> None:
        """Open a preset file. Raises PresetError with everything that is wrong with it."""
        load(preset)
        self.preset, self.pairs = preset, None
        self.project = project or self.project or preset.resolve().parent

    def scripts(self) -> Scripts:
        """The graph of the open preset; asks for one if none is open."""
        if self.preset is None:
            answer = (
                self.nuke.getFilename("Open the preset of this shot", "*.yaml *.yml")
                if self.nuke.GUI
                else None
            )
            if not answer:
                raise Stopped
            self.take(Path(answer))
        assert self.preset is not None  # noqa: S101 - take() sets it or raises
        edit: dict[str, object] = {} if self.pairs is None else {"pairs": self.pairs}
        return assemble(self.preset, project=self.folder(), edit=edit)

    def folder(self) -> Path:
        """The project folder: the preset's own, until 0 Project Setup or the artist says otherwise."""
        if self.project is None:
            raise Stopped
        return self.project

    def our_node(self, scripts: Scripts, name: str, hint: str) -> Any:
        """Handle of one of our nodes."""
        mark = f"{scripts.loaded.preset.shot}/{name}"
        found = next((n.handle for n in self.session.hands.nodes() if n.mark == mark), None)
        if found is None:
            raise NukeError.at("CR908", "", f"this script has no {name}", hint)
        return found

    def report_file(self) -> Path | None:
        if self.preset is None or self.project is None:
            return None
        try:
            preset = load(self.preset).preset
        except ChromaRecoveryError:
            return None
        place = self.project / preset.output.folder / "05_validation" / preset.shot / "report.html"
        return place if place.is_file() else None

    def state(self) -> State:
        """What the menu depends on."""
        here = self.session.here
        if self.preset is None:
            return State(here)
        try:
            scripts = self.scripts()
        except (ChromaRecoveryError, Stopped):
            return State(here, preset=posix(self.preset), unsaved=self.pairs is not None)
        stages = self.session.built_stages(scripts.recovery, self.session.ours(scripts.loaded.preset.shot))
        found = latest(self.folder() / scripts.recovery.plan.data_directory)
        return State(
            here,
            preset=posix(self.preset),
            unsaved=self.pairs is not None,
            stages=tuple(stages),
            checkpoint=posix(found.path) if found else "",
            report=posix(self.report_file() or ""),
        )

    def tell(self, problems: Sequence[Problem]) -> None:
        self.say("\n".join(str(attrs.evolve(p, excerpt="")) for p in problems))

    def say(self, text: str) -> None:
        """A message box, or a line in the terminal."""
        lines = text.splitlines()
        if not self.nuke.GUI:
            print(text)
            return
        if len(lines) > MOST_LINES:
            print(text)
            lines = [*lines[:MOST_LINES], f"... {len(lines) - MOST_LINES} more lines are in the terminal"]
        self.nuke.message("\n".join(lines))

    def report_outcome(self, outcome: Outcome, scripts: Scripts) -> None:
        """One message: what changed, what was kept, what to look at."""
        lines = []
        if not outcome.changed:
            lines.append("Nothing to change: the script is as the preset says.")
        elif len(outcome.changes) > 6:
            lines.append(f"{len(outcome.changes)} changes.")
        else:
            lines += outcome.changes
        if outcome.kept.kept:
            lines.append("Kept as you set them: " + ", ".join(outcome.kept.kept))
        problems = [*scripts.warnings, *outcome.notes]
        lines += [
            f"- {p.place + ': ' if p.place else ''}{p.message}" + (f" ({p.hint})" if p.hint else "")
            for p in problems
        ]
        self.say("\n".join(lines))
