"""Names of the nodes that others look up: the engine, the command, a Nuke session."""

from __future__ import annotations

import attrs

__all__ = ["Names"]


@attrs.frozen
class Names:
    """Well-known node names of the complete graph. None where this preset has no such node."""

    source_read: str = "Source"
    reference_read: str = "Reference"
    source_dataset: str = "Source_dataset"
    reference_dataset: str = "Reference_dataset"
    source_hold_outs: str | None = "Source_validation"
    reference_hold_outs: str | None = "Reference_validation"
    f_align: str = "Align_auto"
    transform: str = "Align_manual"
    corner_pin: str | None = "Align_corners"
    dissolve: str = "Align_path"
    difference: str = "Align_difference"
    crop: str = "Shared_crop"
    ground_truth_ycbcr: str = "Chroma_from_Reference"
    source_ycbcr: str = "Source_YCbCr"
    to_ycbcr: str = "To_YCbCr"
    to_rgb: str = "To_RGB"
    training_input: str = "Training_Input"
    training_ground_truth: str = "Training_GroundTruth"
    preview: str = "Preview_frame"
    training: str = "CopyCat_training"
    validation_input: str | None = "Validation_Input"
    validation_ground_truth: str | None = "Validation_GroundTruth"
    live_area: str = "Live_area"
    inference: str = "Inference_recovery"
    delivery_format: str = "Delivery_format"
    header: str = "Header_recovered"
    original: str = "Before"
    write_trial: str = "Write_trial"
    write: str = "Write_recovered"
    recovered_read: str = "Recovered"
    matchgrade_fit: str | None = "MatchGrade_fit"
    header_matchgrade: str | None = "Header_MatchGrade"
    write_matchgrade: str | None = "Write_MatchGrade"
    matchgrade_read: str | None = "MatchGrade_baseline"
    header_final: str | None = "Header_final"
    write_final: str | None = "Write_final"
    final_read: str | None = "Final_plate"
