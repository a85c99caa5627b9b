"""The items of the menu and toolbar, in workflow order, and which of them can work now. Pure, stdlib only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

from .editions import FULL, Running

__all__ = ["ITEMS", "Farm", "Item", "State", "availability"]

Farm: TypeAlias = Callable[[Path, Path, Path, str], str]
"""Writes a farm job: preset, project folder, folder for the job, Nuke's executable -> message."""


class Item(NamedTuple):
    """name: method of Commands. label: as shown. icon: file name without suffix. help: tooltip."""

    name: str
    label: str
    icon: str
    help: str


SEPARATOR = Item("", "", "", "")

ITEMS = (
    Item(
        "project_setup",
        "0 Project Setup",
        "setup",
        "Project settings of the preset: OCIO config, range, format",
    ),
    Item(
        "dataset_curation",
        "1 Dataset Curation",
        "curation",
        "Reads, one FrameHold per pair, the two datasets",
    ),
    Item(
        "alignment", "2 Alignment", "alignment", "F_Align, manual Transform, Dissolve per pair, shared Crop"
    ),
    Item(
        "training", "3 CopyCat Training", "training", "Y of the Source, Cb and Cr of the Reference, CopyCat"
    ),
    Item(
        "inference", "4 Inference & Render", "inference", "Inference on the whole shot, trial and full Write"
    ),
    Item("validation", "5 Validation", "validation", "MatchGrade baseline, chroma merge, hold-outs"),
    Item("whole_recovery", "Whole Recovery", "recovery", "All stages at once"),
    SEPARATOR,
    Item(
        "add_outliers",
        "Add Outlier Frames as Pairs",
        "outliers",
        "Frames that the model gets wrong become pairs",
    ),
    Item("escalate_pairs", "Escalate Pairs (4 -> 7 -> 11)", "escalate", "More pairs, in the widest gaps"),
    Item(
        "preview_frame", "Preview Untrained Frame", "preview", "Show the training a frame that no pair uses"
    ),
    Item("use_latest_checkpoint", "Use Latest Checkpoint", "checkpoint", "Inference takes the newest .cat"),
    Item("check_graph", "Check Graph", "check", "What differs from the preset, and what Nuke would refuse"),
    SEPARATOR,
    Item("open_preset", "Open Preset", "open", "Choose the preset of this shot"),
    Item("save_preset", "Save Preset", "save", "Write changed pairs into the preset; comments stay"),
    Item("report", "Report", "report", "The report of the last run"),
    Item("send_to_farm", "Send to Farm", "farm", "Write a job that trains and renders on a farm"),
    SEPARATOR,
    Item("help", "Help", "help", "The artist's guide"),
)


class State(NamedTuple):
    """What the items depend on. stages: built in this script. checkpoints, report: where they were found, or empty.
    farm: whether something here can write a job."""

    here: Running
    preset: str = ""
    unsaved: bool = False
    stages: tuple[str, ...] = ()
    checkpoint: str = ""
    report: str = ""
    farm: bool = False


def availability(state: State) -> dict[str, str | None]:
    """Per item: None where it can work now, else why not."""
    reasons: dict[str, str | None] = {item.name: None for item in ITEMS if item.name}
    if state.here.edition not in FULL:
        for name, need in (
            ("alignment", "F_Align needs"),
            ("training", "CopyCat needs"),
            ("validation", "F_Align, which the MatchGrade baseline is fitted behind, needs"),
            ("whole_recovery", "F_Align and CopyCat need"),
        ):
            reasons[name] = f"{need} NukeX; this is {state.here.name}"
    if not state.preset:
        for name in ("save_preset", "check_graph", "report"):
            reasons[name] = "open a preset first"
    else:
        if not state.stages:
            reasons["check_graph"] = "this script holds no nodes of the preset's shot yet"
        if not state.unsaved:
            reasons["save_preset"] = "the preset has no unsaved changes"
        if not state.report:
            reasons["report"] = "there is no report yet; chroma-recovery run makes one"
    if "training" not in state.stages:
        reasons["preview_frame"] = "build 3 CopyCat Training first"
    if "inference" not in state.stages:
        reasons["use_latest_checkpoint"] = "build 4 Inference & Render first"
    elif not state.checkpoint:
        reasons["use_latest_checkpoint"] = "the data directory holds no .cat yet; train first"
    if not state.farm:
        reasons["send_to_farm"] = "this installation cannot write farm jobs; chroma-recovery job does"
    elif not state.preset:
        reasons["send_to_farm"] = "open a preset first"
    elif state.unsaved:
        reasons["send_to_farm"] = "save the preset first: the farm reads the file"
    elif state.here.edition == "non-commercial":
        reasons["send_to_farm"] = "Nuke Non-commercial runs no scripts from the command line"
    return reasons
