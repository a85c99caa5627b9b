"""The file of the open preset: begun new, opened, saved, and handed over to the commands of Nuke's menu."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import ChromaRecoveryError, PresetError
from ..checkpoints import Checkpoint
from .dialogs import PRESETS, Dialogs
from .draft import Draft
from .host import PanelHost
from .pairs_table import PairsTable, said_by
from .preset_editing import PresetEditing
from .training_numbers import speed_of

__all__ = ["PresetFile"]


class PresetFile(PresetEditing):
    """The part of the panel that knows which preset is open and where it is kept."""

    def __init__(self, host: PanelHost, dialogs: Dialogs | None, parent: Any) -> None:
        super().__init__(host, dialogs, parent)
        self._speed: float | None = None
        """Seconds per step of the trainings that this preset has had so far."""
        self._problem = -1
        """Which of the draft's problems was shown last."""

    def allow(self) -> None:
        """Enable the build buttons that can work."""
        raise NotImplementedError

    def _may_leave(self) -> bool:
        self.flush()
        if not self.draft.modified or not self.draft.now.own - {"extends"}:
            return True
        return self.dialogs.ask(f"{self.draft.name} has unsaved changes. Drop them?")

    def new(self, name: str) -> None:
        """Begin a preset on top of a shipped one."""
        if self._may_leave():
            self._take(Draft.shipped(name))
            self.say(
                f"New preset on top of {name!r}: name the shot, take Source and Reference, add pairs.", ""
            )
        self.refresh()

    def ask_open(self) -> None:
        """Open a preset file that the artist chooses."""
        if self._may_leave() and (path := self.dialogs.open_file("Open Preset", PRESETS)) is not None:
            self.open(path)

    def open(self, path: Path) -> bool:
        """Open a preset file; one with mistakes opens too, so that they can be put right here."""
        try:
            draft = Draft.opened(path)
        except PresetError as error:
            self.say("\n".join(f"{p.place}: {p.message}" for p in error.problems[:3]))
            return False
        self._take(draft)
        self.say("")
        self._hand_over()
        return True

    def _take(self, draft: Draft) -> None:
        self.draft = draft
        self._pending.clear()
        self._refused.clear()
        self._problem = -1
        self._speed = speed_of(self._checkpoints())
        self.refresh()

    def _checkpoints(self) -> list[Checkpoint]:
        return [] if self.draft.path is None else self.host.checkpoints(self.draft.now.preset)

    def _hand_over(self) -> None:
        """Let the menu's commands work with this preset, once it is without errors."""
        if self.draft.path is not None and not self.draft.now.errors and not self.draft.modified:
            try:
                self.host.take(self.draft.path)
            except ChromaRecoveryError as error:
                self.say(said_by(error))
        self.allow()
        self.refresh()

    def follow_host(self) -> bool:
        """Show the preset that the menu works with, and pairs that it added, unless there are changes here."""
        file = self.host.preset_file()
        if file is None:
            return False
        touched = self.draft.modified and bool(self.draft.now.own - {"extends"})
        if file != self.draft.path and not touched:
            try:
                self._take(Draft.opened(file))
            except PresetError:
                return False
        pairs = self.host.pending_pairs()
        if pairs is not None and file == self.draft.path and pairs != self.draft.now.preset.pairs:
            try:
                PairsTable(self.draft).replace(pairs)
            except ChromaRecoveryError as error:
                self.say(said_by(error))
        self.refresh()
        return True

    def save(self) -> bool:
        """Write the preset into its file."""
        self.flush()
        if self.draft.path is None:
            return self.save_as()
        replace = False
        if self.draft.changed_on_disk():
            replace = self.dialogs.ask(
                f"Somebody else has changed {self.draft.name} since it was opened. Replace it?"
            )
            if not replace:
                return False
        return self._write(None, replace)

    def save_as(self) -> bool:
        """Write the preset into a file that the artist chooses."""
        self.flush()
        shot = self.draft.now.preset.shot or "preset"
        start = str(self.draft.path or Path(self.host.project() or Path.home()) / f"{shot}.yaml")
        target = self.dialogs.save_file("Save Preset", PRESETS, start)
        return target is not None and self._write(target, True)

    def _write(self, target: Path | None, replace: bool) -> bool:
        try:
            written = self.draft.save(target, replace=replace)
        except (ChromaRecoveryError, OSError) as error:
            self.say(said_by(error) if isinstance(error, ChromaRecoveryError) else str(error))
            self.refresh()
            return False
        self.say(f"Saved {written.name}", "good")
        self._hand_over()
        return True
