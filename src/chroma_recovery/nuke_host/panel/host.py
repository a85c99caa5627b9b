"""What the panel asks of Nuke, in one place: everything else in it works without. The menu's commands do the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import attrs

from ...build import assemble
from ...errors import NukeError, Problem
from ...nk.tcl import split_list
from ...paths import posix
from ...preset.model import Pair, Preset
from ..availability import availability
from ..checkpoints import Checkpoint, checkpoints

__all__ = ["NukeHost", "PanelHost", "ReadClip"]


@attrs.frozen
class ReadClip:
    """A Read node's frames. path: its file text, ``/`` only."""

    node: str
    path: str
    first: int
    last: int


class PanelHost(Protocol):
    """The artist's Nuke, as far as the panel needs it. All but ``check`` is called in the main thread."""

    def preset_file(self) -> Path | None:
        """The preset that the menu's commands work with."""

    def pending_pairs(self) -> tuple[Pair, ...] | None:
        """Pairs that a menu command added and nobody has saved."""

    def take(self, file: Path) -> None:
        """Work with this preset from now on."""

    def project(self) -> Path | None:
        """Folder below which everything is written."""

    def set_project(self, folder: Path) -> None: ...

    def selected_read(self) -> ReadClip:
        """The one selected Read. Raises NukeError (CR922) if it is not exactly one."""

    def frame(self) -> int: ...

    def jump(self, frame: int) -> None: ...

    def wipe(self, preset: Preset, number: int) -> str:
        """Show a pair of the alignment stage, one side against the other. Returns what is left to do by hand."""

    def reasons(self) -> Mapping[str, str | None]:
        """Per command: None where it can work now, else why not."""

    def check(self, file: Path, cancelled: Callable[[], bool]) -> tuple[Problem, ...]:
        """Build everything in memory, in any thread. Returns warnings; raises what is wrong."""

    def run(self, command: str) -> None:
        """Run one of the menu's commands."""

    def checkpoints(self, preset: Preset) -> list[Checkpoint]:
        """Model files that a training of this preset has written so far."""


class NukeHost:
    """The Nuke that we run in. commands: those of the menu."""

    def __init__(self, commands: Any) -> None:
        self.commands = commands
        self.nuke = commands.nuke
        self.hands = commands.session.hands

    def preset_file(self) -> Path | None:
        found: Path | None = self.commands.preset
        return found

    def pending_pairs(self) -> tuple[Pair, ...] | None:
        found: tuple[Pair, ...] | None = self.commands.pairs
        return found

    def take(self, file: Path) -> None:
        self.commands.take(file, self.commands.project)

    def project(self) -> Path | None:
        found: Path | None = self.commands.project
        return found

    def set_project(self, folder: Path) -> None:
        self.commands.project = folder

    def selected_read(self) -> ReadClip:
        chosen = set(self.hands.selected())
        reads = [n for n in self.hands.nodes() if n.handle in chosen and n.cls == "Read"]
        if len(reads) != 1:
            raise NukeError.at(
                "CR922", "", f"{len(reads)} Reads are selected", "select exactly one in the node graph"
            )
        node = reads[0]
        words = {knob: self._word(node.handle, knob) for knob in ("file", "first", "last")}
        path = posix(words["file"])
        project = self.project()
        if path and not Path(path).is_absolute() and project is not None:
            path = posix(project / path)
        try:
            return ReadClip(node.name, path, int(float(words["first"])), int(float(words["last"])))
        except ValueError as error:
            raise NukeError.at("CR922", node.name, "its frame range is no pair of numbers") from error

    def _word(self, handle: Any, knob: str) -> str:
        words = split_list(self.hands.get(handle, knob) or "")
        return words[0].text if words else ""

    def frame(self) -> int:
        return int(self.nuke.frame())

    def jump(self, frame: int) -> None:
        self.nuke.frame(frame)

    def wipe(self, preset: Preset, number: int) -> str:
        mark = f"{preset.shot}/Viewer_alignment"
        viewer = next((n for n in self.hands.nodes() if n.mark == mark), None)
        if viewer is None:
            raise NukeError.at("CR908", "", "this script has no Viewer_alignment", "build 2 Alignment first")
        self.nuke.frame(number)
        window = self.nuke.activeViewer() if self.nuke.GUI else None
        if window is None or window.node().name() != viewer.name:
            return f"Pair {number} is frame {number} of the datasets: open {viewer.name} and press W to wipe."
        window.activateInput(0)
        window.activateInput(1, True)
        return f"Pair {number}: Source on A, Reference on B of {viewer.name}; W switches the wipe."

    def reasons(self) -> Mapping[str, str | None]:
        return availability(self.commands.state())

    def check(self, file: Path, cancelled: Callable[[], bool]) -> tuple[Problem, ...]:
        scripts = assemble(file, project=self.commands.project or file.resolve().parent)
        return scripts.warnings

    def run(self, command: str) -> None:
        self.commands.run(command)

    def checkpoints(self, preset: Preset) -> list[Checkpoint]:
        project = self.project()
        if project is None or not preset.shot:
            return []
        return checkpoints(project / preset.output.folder / "03_copycat_training" / preset.shot)
