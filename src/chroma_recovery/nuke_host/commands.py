"""What the menu's items do. Each is short: it asks the artist, calls plain functions, and tells what happened."""

from __future__ import annotations

import traceback
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from ..errors import ChromaRecoveryError, NukeError
from ..graph.checks import check
from ..paths import posix, write_text
from ..preset.editing.pairs_block import with_pairs
from ..preset.load import load
from .artist_edits import merge
from .availability import Farm, State, availability
from .open_preset import Stopped
from .pair_items import PairItems
from .rebuild import differences
from .stage_items import StageItems

__all__ = ["Commands"]


class Commands(StageItems, PairItems):
    """The items of one Nuke session, and how each is run.

    preset: the file that is open, or None. project: folder below which everything is written; file knobs are relative
    to it. pairs: a longer list of pairs that is not saved yet. refresh: called after every command.
    """

    def __init__(
        self,
        nuke: Any,
        *,
        refresh: Callable[[Any, State], None] | None = None,
        farm: Farm | None = None,
    ) -> None:
        super().__init__(nuke)
        self._refresh = refresh
        self._farm = farm

    def state(self) -> State:
        """What the menu depends on."""
        return super().state()._replace(farm=self._farm is not None)

    def run(self, name: str) -> None:
        """Run an item by name; errors become messages, never tracebacks in the artist's face."""
        try:
            with self.nuke.root():  # not inside a group that the artist has open
                getattr(self, name)()
        except Stopped:
            pass
        except ChromaRecoveryError as error:
            self.tell(error.problems)
        except Exception as error:
            traceback.print_exc()
            self.say(f"Chroma Recovery hit an unexpected error: {error}\nThe details are in the terminal.")
        if self._refresh is not None:
            self._refresh(self.nuke, self.state())

    def open_preset(self) -> None:
        """Choose a preset, and the project folder."""
        answer = self.nuke.getFilename("Open Preset", "*.yaml *.yml")
        if not answer:
            raise Stopped
        self.take(Path(answer))
        self.say(f"{self.preset} is open.\nEverything is written below {self.folder()}")

    def save_preset(self) -> None:
        """Write the changed pairs into the preset, or into a copy of it; comments and order stay."""
        if self.preset is None or self.pairs is None:
            raise NukeError.at("CR909", "", "the preset has no unsaved changes")
        loaded = load(self.preset)
        text = with_pairs(self.preset.read_text(encoding="utf-8-sig"), self.pairs, loaded.preset)
        answer = self.nuke.getFilename("Save Preset", "*.yaml", posix(self.preset), "", "save")
        if not answer:
            raise Stopped
        target = Path(answer)
        if (
            target.exists()
            and target.resolve() != self.preset.resolve()
            and not self.nuke.ask(f"Replace {target}?")
        ):
            raise Stopped
        write_text(target, text, overwrite=True)
        self.take(target, self.project)
        self.say(f"Saved {target}")

    def check_graph(self) -> None:
        """What differs from the preset, and what Nuke's catalogue finds wrong."""
        scripts = self.scripts()
        ours = self.session.ours(scripts.loaded.preset.shot)
        if not ours:
            raise NukeError.at(
                "CR908", "", "this script holds no nodes of the preset's shot yet", "build a stage"
            )
        current = self.session.current(ours)
        stages = self.session.built_stages(scripts.recovery, ours)
        wanted, kept = merge(scripts.recovery.part(stages), current)
        lines = [f"differs from the preset: {line}" for line in differences(wanted, current, ours)]
        lines += [f"changed by you: {place}" for place in (*kept.kept, *kept.overruled)]
        lines += [str(p) for p in check(current) if p.code not in ("CR217", "CR220")]
        lines += [str(attrs.evolve(p, excerpt="")) for p in scripts.warnings]
        self.say("\n".join(lines) or "The graph is as the preset says, and Nuke knows every node and knob.")

    def report(self) -> None:
        """Open the report of the last run."""
        place = self.report_file()
        if place is None:
            raise NukeError.at("CR910", "", "there is no report yet", "chroma-recovery run makes one")
        webbrowser.open(place.resolve().as_uri())

    def send_to_farm(self) -> None:
        """Write a job that trains and renders the open preset by Nuke, into a folder that the artist chooses."""
        reason = availability(self.state())["send_to_farm"]
        if reason is not None or self._farm is None or self.preset is None:
            raise NukeError.at("CR910", "", str(reason))
        project = self.folder()
        usual = posix(project / "farm" / load(self.preset).preset.shot)
        answer = self.nuke.getFilename("Folder for the farm job", "", usual, "", "save")
        if not answer:
            raise Stopped
        nuke = str(self.nuke.env.get("ExecutablePath") or "nuke")
        self.say(self._farm(self.preset, project, Path(answer), nuke))

    def help(self) -> None:
        """The artist's guide."""
        place = guide()
        if place is None:
            self.say("The guide for artists is docs/artists.md of the chroma-recovery release.")
        else:
            webbrowser.open(place.as_uri())


def guide() -> Path | None:
    """The artist's guide, where this installation has it: a release, the repository, or beside the modules."""
    package = Path(__file__).resolve().parent.parent
    places = [package / "nuke_start/artists.md"]
    if package.parent.name in ("src", "lib"):  # a checkout or a release
        places.append(package.parents[1] / "docs/artists.md")
    return next((p for p in places if p.is_file()), None)
