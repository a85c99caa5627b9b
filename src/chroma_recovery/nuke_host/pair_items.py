"""The menu's items around training: more pairs, the Preview's frame, the newest model."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import ChromaRecoveryError, NukeError
from ..frames import format_frames, parse_frames
from ..nk.tcl import escape, quote
from ..paths import posix, relative_to_project
from ..preset.editing.pair_lists import escalated, untrained, with_frames
from ..preset.model import Pair, Preset
from .checkpoints import latest
from .open_preset import OpenPreset, Stopped

__all__ = ["PairItems", "recorded_outliers"]

MOST = 1 << 24
"""Largest record of outliers that is read, in bytes."""


def recorded_outliers(project: Path, preset: Preset) -> list[int]:
    """Source frames that the last measuring found to stand out (``outliers.json`` beside the report), sorted; empty
    without a record, or where it cannot be read."""
    path = project / preset.output.folder / "05_validation" / preset.shot / "outliers.json"
    try:
        if path.stat().st_size > MOST:
            return []
        frames = {o["frame"] for o in json.loads(path.read_text(encoding="utf-8"))["found"]}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return []
    first, last = preset.source.first, preset.source.last
    return sorted(f for f in frames if type(f) is int and first <= f <= last)


class PairItems(OpenPreset):
    """Pairs are added in memory; only Save Preset writes them."""

    def escalate_pairs(self) -> None:
        """4 -> 7 -> 11."""
        self.new_pairs(escalated(self.scripts().loaded.preset))

    def add_outliers(self) -> None:
        """Frames that the artist names become pairs; those that were measured to stand out are offered."""
        scripts = self.scripts()
        preset = scripts.loaded.preset
        found = recorded_outliers(self.folder(), preset)
        taken = {p.source for p in preset.pairs}
        offered = format_frames(f for f in found if f not in taken) or str(self.nuke.frame())
        answer = self.nuke.getInput("Source frames that fail, for example 475,481-483", offered)
        if not answer:
            raise Stopped
        self.new_pairs(with_frames(preset, parse_frames(answer)))

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
