"""Names of what this preset will write, for the artist to see before he builds. Pure."""

from __future__ import annotations

from ...errors import ChromaRecoveryError
from ...preset.model import Preset
from ...stages.inference import RENDER
from ...stages.plan import ProjectPaths, make_plan

__all__ = ["output_names"]


def output_names(preset: Preset) -> tuple[tuple[str, str], ...]:
    """Label and path below the project folder; empty while shot, pairs or frames are missing."""
    if not preset.shot or not preset.training_pairs or preset.training.batch < 1:
        return ()
    try:
        plan = make_plan(preset, ProjectPaths("", ""))
        return (
            ("Scripts", f"{preset.output.folder}/{preset.shot}.nk, and one per stage"),
            ("Training data", f"{plan.data_directory}/"),
            ("Model", plan.model_file),
            ("Recovered frames", plan.output(RENDER, plan.model_id)),
        )
    except ChromaRecoveryError:
        return ()
