"""Rules about training and the Nuke that is written for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .finding import Finding
from .model import Preset

__all__ = ["training_rules"]

USUAL_STEPS = (40_000, 80_000)
"""Total steps of the guide at patch 512."""

WIDE_STEPS = (20_000, 320_000)
"""Half and four times the guide's: outside these a typing error is likelier than intent."""

USUAL_PATCH = 512
"""Patch of the guide; at half of it the steps grow in proportion."""

NUKE = ((15, 0), (17, 99))
"""First and last Nuke version that is written for."""

OLDER = (13, 0)
"""From here to NUKE a script is written on trust: knobs differ and nobody has tried."""

BIGCAT = (16, 1)
"""Nuke version that brought BigCat."""


def training_rules(preset: Preset) -> Iterator[Finding]:
    """Findings about ``training`` and ``nuke``."""
    version = _version(preset.nuke.version)
    yield from _nuke(preset, version)
    yield from _batch(preset)
    yield from _steps(preset)
    yield from _start(preset)
    if preset.training.node == "BigCat" and version < BIGCAT:
        message = f"BigCat came with Nuke 16.1; this preset is for {preset.nuke.version}"
        yield Finding(
            "CR141", "training.node", message, "use CopyCat, or nuke.version: 16.1", ("nuke.version",)
        )


def _version(text: str) -> tuple[int, int]:
    match = re.match(r"([0-9]+)\.([0-9]+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _nuke(preset: Preset, version: tuple[int, int]) -> Iterator[Finding]:
    low, high = NUKE
    supported = "15.0 to 17.x are supported"
    if version < OLDER or version > high:
        yield Finding("CR160", "nuke.version", f"Nuke {preset.nuke.version} is not supported", supported)
    elif version < low:
        message = f"Nuke {preset.nuke.version} was never tried with these scripts"
        yield Finding("CR160", "nuke.version", message, supported, severity="warning")


def _batch(preset: Preset) -> Iterator[Finding]:
    t = preset.training
    pairs = len(preset.training_pairs)
    seen = pairs * t.copies
    if pairs >= 2 and seen < t.batch:
        message = f"{t.batch} is more than the {seen} image pairs that train; {t.node} refuses that"
        uses = ("pairs", "hold_out", "training.node", "training.augmentation")
        yield Finding("CR140", "training.batch", message, f"use {min(seen, 3)}, or add pairs", uses)


def _steps(preset: Preset) -> Iterator[Finding]:
    t = preset.training
    if not WIDE_STEPS[0] <= t.steps <= WIDE_STEPS[1]:
        message = f"{t.steps} steps; the guide plans {USUAL_STEPS[0]} to {USUAL_STEPS[1]}"
        yield Finding("CR142", "training.steps", message, "", severity="warning")
    elif t.patch < USUAL_PATCH and t.steps < USUAL_STEPS[0] * USUAL_PATCH // t.patch:
        wanted = USUAL_STEPS[0] * USUAL_PATCH // t.patch
        message = f"patch {t.patch} sees less of each picture than {USUAL_PATCH}, with {t.steps} steps"
        hint = f"raise steps in proportion, to {wanted} or more"
        yield Finding("CR143", "training.patch", message, hint, ("training.steps",), "warning")
    if t.steps < t.checkpoint_every and t.steps >= WIDE_STEPS[0]:
        message = f"the first checkpoint would come after the last of {t.steps} steps"
        uses = ("training.steps",)
        yield Finding(
            "CR144", "training.checkpoint_every", message, "the guide saves every 10000", uses, "warning"
        )


def _start(preset: Preset) -> Iterator[Finding]:
    t, s = preset.training, preset.source
    if t.initial_weights == "Checkpoint" and not t.checkpoint:
        message = "initial_weights: Checkpoint needs the checkpoint file"
        yield Finding("CR145", "training.checkpoint", message, "", ("training.initial_weights",))
    elif t.checkpoint and t.initial_weights != "Checkpoint":
        message = f"is not used with initial_weights: {t.initial_weights}"
        hint = "set initial_weights: Checkpoint"
        yield Finding("CR145", "training.checkpoint", message, hint, ("training.initial_weights",), "warning")
    if t.preview is None:
        return
    if s.first <= s.last and not s.first <= t.preview <= s.last:
        message = f"frame {t.preview} is outside the Source's {s.first}-{s.last}"
        yield Finding("CR146", "training.preview", message, "", ("source.first", "source.last"))
    if t.preview in {p.source for p in preset.training_pairs}:
        message = f"frame {t.preview} trains; a Preview should show a frame that the model has never seen"
        uses = ("pairs", "hold_out")
        yield Finding("CR147", "training.preview", message, "name an untrained frame", uses, "warning")
