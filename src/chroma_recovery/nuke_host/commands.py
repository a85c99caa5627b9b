"""What the menu's items do. Each is short: it asks the artist, calls plain functions, and tells what happened."""

from __future__ import annotations

import traceback
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs

from ..build import Scripts, assemble
from ..errors import ChromaRecoveryError, NukeError, Problem
from ..frames import parse_frames
from ..graph.checks import check
from ..nk.tcl import escape, quote
from ..paths import posix, relative_to_project, write_text
from ..preset.load import load
from ..preset.model import Pair
from .artist_edits import merge
from .artist_reads import roles_of
from .availability import State, availability
from .checkpoints import latest
from .pair_lists import escalated, untrained, with_frames
from .preset_text import with_pairs
from .rebuild import differences
from .session import Outcome, Session

__all__ = ["Commands"]

STAGES = {
    "dataset_curation": ("curation",),
    "alignment": ("alignment",),
    "training": ("training",),
    "inference": ("inference",),
    "validation": ("validation",),
}
MOST_LINES = 14
"""Lines of a message box."""


class Stopped(Exception):
    """The artist closed a dialog."""


class Commands:
    """The items of one Nuke session.

    preset: the file that is open, or None. project: folder below which everything is written; file knobs are relative
    to it. pairs: a longer list of pairs that is not saved yet. refresh: called after every command.
    """

    def __init__(self, nuke: Any, *, refresh: Callable[[Any, State], None] | None = None) -> None:
        self.nuke = nuke
        self.session = Session(nuke)
        self.preset: Path | None = None
        self.project: Path | None = None
        self.pairs: tuple[Pair, ...] | None = None
        self._refresh = refresh

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

    # -- stages

    def project_setup(self) -> None:
        """0: the preset's project settings, and the folder that the training writes to."""
        scripts = self.scripts()
        project = self.folder()
        undo = self.nuke.Undo()
        undo.begin("Chroma Recovery: Project Setup")
        try:
            self.session.apply_settings(scripts.recovery.graph.root, project)
        finally:
            undo.end()
        data = project / scripts.recovery.plan.data_directory
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NukeError.at("CR906", posix(data), f"cannot be made: {error.strerror}") from error
        self.say(
            f"Project settings of {scripts.loaded.preset.shot} are set.\nEverything is written below {project}"
        )

    def dataset_curation(self) -> None:
        """1"""
        self.build("dataset_curation")

    def alignment(self) -> None:
        """2"""
        self.build("alignment")

    def training(self) -> None:
        """3; CopyCat refuses to start without its data directory, so it is made."""
        scripts = self.build("training")
        (self.folder() / scripts.recovery.plan.data_directory).mkdir(parents=True, exist_ok=True)

    def inference(self) -> None:
        """4"""
        self.build("inference")

    def validation(self) -> None:
        """5"""
        self.build("validation")

    def whole_recovery(self) -> None:
        """All stages of the preset."""
        self.build("whole_recovery")

    def build(self, name: str) -> Scripts:
        """Build or update stages, and tell what changed."""
        scripts = self.scripts()
        stages = STAGES.get(name, tuple(scripts.recovery.stages))
        reads = self.chosen_reads(scripts)
        outcome = self.session.insert(
            scripts, stages, reads=reads, settings=self.want_settings(scripts), project=self.folder()
        )
        self.report_outcome(outcome, scripts)
        return scripts

    def want_settings(self, scripts: Scripts) -> bool:
        """Project settings go into an empty script at once, into one with work in it only if the artist agrees."""
        handle = "root" if self.session.here.limited else self.nuke.root()
        now = self.session.hands.get(handle, "OCIO_config") or ""
        management = self.session.hands.get(handle, "colorManagement") or ""
        folder = (self.session.hands.get(handle, "project_directory") or "").strip('"{}')
        root = scripts.recovery.graph.root
        if (
            management == root["colorManagement"]
            and now == root["OCIO_config"]
            and folder == posix(self.folder().resolve())
        ):
            return False
        if not self.session.hands.nodes():
            return True
        if not self.nuke.GUI:
            return False
        return bool(
            self.nuke.ask(
                "This script has other project settings than the preset: OCIO config, frame range, format, project "
                "directory.\nSet the preset's now? (Your own nodes keep their knobs, but colours and relative paths "
                "follow the project settings.)"
            )
        )

    def chosen_reads(self, scripts: Scripts) -> dict[str, Any]:
        """The artist's selected Reads by role, found by file or node name; empty if none is meant."""
        chosen = set(self.session.hands.selected())
        nodes = [
            n for n in self.session.hands.nodes() if n.handle in chosen and n.cls == "Read" and not n.mark
        ]
        files = {n.handle: (n.name, self.session.hands.get(n.handle, "file") or "") for n in nodes}
        preset = scripts.loaded.preset
        return roles_of(files, preset.source.path, preset.reference.path)

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

    # -- pairs

    def escalate_pairs(self) -> None:
        """4 -> 7 -> 11."""
        self.new_pairs(escalated(self.scripts().loaded.preset))

    def add_outliers(self) -> None:
        """Frames that the artist names become pairs."""
        scripts = self.scripts()
        answer = self.nuke.getInput(
            "Source frames that fail, for example 475,481-483", str(self.nuke.frame())
        )
        if not answer:
            raise Stopped
        self.new_pairs(with_frames(scripts.loaded.preset, parse_frames(answer)))

    def new_pairs(self, pairs: tuple[Pair, ...]) -> None:
        """Take a list of pairs, and bring the stages that stand in the script up to date."""
        before = self.pairs
        self.pairs = pairs
        try:
            scripts = self.scripts()
            stages = self.session.built_stages(
                scripts.recovery, self.session.ours(scripts.loaded.preset.shot)
            )
            outcome = self.session.insert(scripts, stages) if stages else None
        except ChromaRecoveryError:
            self.pairs = before
            raise
        told = ", ".join(str(p.source) for p in scripts.loaded.preset.training_pairs)
        note = "Not in the preset file yet: Save Preset writes them."
        if outcome is None:
            self.say(f"Training pairs now: {told}.\nBuild 1 Dataset Curation to see them. {note}")
        else:
            self.report_outcome(outcome, scripts)
            self.say(f"Training pairs now: {told}.\n{note}")

    def preview_frame(self) -> None:
        """The training's Preview shows the untrained frame nearest to the one on screen."""
        scripts = self.scripts()
        node = self.our_node(scripts, scripts.recovery.names.preview, "build 3 CopyCat Training first")
        frame = untrained(scripts.loaded.preset, int(self.nuke.frame()))
        knob = scripts.recovery.plan.knob("FrameHold", "firstFrame") or "firstFrame"
        self.session.hands.set(node, knob, str(frame))
        self.nuke.frame(frame)
        self.say(f"Preview shows frame {frame}, which no pair uses.")

    def use_latest_checkpoint(self) -> None:
        """Inference takes the newest model of the data directory, whatever its run is called."""
        scripts = self.scripts()
        node = self.our_node(scripts, scripts.recovery.names.inference, "build 4 Inference & Render first")
        folder = self.folder() / scripts.recovery.plan.data_directory
        found = latest(folder)
        if found is None:
            raise NukeError.at("CR907", posix(folder), "holds no .cat or .catnc yet", "train first")
        path = relative_to_project(found.path, self.folder())
        self.session.hands.set(node, "modelFile", quote(escape(path)))
        self.say(f"Inference now uses step {found.step} of {found.run}.")

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

    # -- presets

    def open_preset(self) -> None:
        """Choose a preset, and the project folder."""
        answer = self.nuke.getFilename("Open Preset", "*.yaml *.yml")
        if not answer:
            raise Stopped
        self.take(Path(answer))
        self.say(f"{self.preset} is open.\nEverything is written below {self.folder()}")

    def take(self, preset: Path, project: Path | None = None) -> None:
        """Open a preset file. Raises PresetError with everything that is wrong with it."""
        load(preset)
        self.preset, self.pairs = preset, None
        self.project = project or self.project or preset.resolve().parent

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

    def report(self) -> None:
        """Open the report of the last run."""
        place = self.report_file()
        if place is None:
            raise NukeError.at("CR910", "", "there is no report yet", "chroma-recovery run makes one")
        webbrowser.open(place.resolve().as_uri())

    def send_to_farm(self) -> None:
        """Not connected to any farm: says how to do it by hand."""
        raise NukeError.at("CR910", "", str(availability(self.state())["send_to_farm"]))

    def help(self) -> None:
        """The artist's guide."""
        place = guide()
        if place is None:
            self.say("The guide for artists is docs/artists.md of the chroma-recovery release.")
        else:
            webbrowser.open(place.as_uri())

    # -- what the items share

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


def guide() -> Path | None:
    """The artist's guide, where this installation has it: a release, the repository, or beside the modules."""
    package = Path(__file__).resolve().parent.parent
    places = [package / "nuke_start/artists.md"]
    if package.parent.name in ("src", "lib"):  # a checkout or a release
        places.append(package.parents[1] / "docs/artists.md")
    return next((p for p in places if p.is_file()), None)
