"""The parts of a preset that set the stages: alignment, crop, training, inference, validation."""

from __future__ import annotations

import attrs

from .said import part, said

__all__ = [
    "Alignment",
    "AlignmentKey",
    "Augmentation",
    "Crop",
    "CropKey",
    "EngineTraining",
    "FAlign",
    "Format",
    "Inference",
    "Training",
    "Validation",
    "WriteSettings",
]


DIGEST = r"([0-9a-f]{64})?"
"""A SHA-256 in hexadecimal digits, or nothing."""


@attrs.frozen
class Format:
    """Picture format, for when the files do not say it or are not at hand."""

    width: int = said("Width of the full frame.", unit="pixels", low=1, high=65536, example=4096)
    height: int = said("Height of the full frame.", unit="pixels", low=1, high=65536, example=3072)
    pixel_aspect: float = said("Width of a pixel divided by its height.", 1.0, low=0.1, high=10.0)


@attrs.frozen
class FAlign:
    """The automatic path: one global solve."""

    translate: bool = said("Solve translation.", True)
    scale: bool = said("Solve scale.", True)
    rotate: bool = said("Solve rotation.", True)
    perspective: bool = said("Solve perspective.", True)
    region: tuple[float, ...] | None = said(
        "Analysis region x, y, r, t; left out: the central region given by margin.",
        None,
        unit="pixels",
        size=4,
    )
    margin: float = said(
        "Border left out of the analysis region, as a share of each side.", 0.15, low=0.0, high=0.45
    )
    accuracy: float = said("Accuracy of the solve.", 1.0, low=0.0, high=1.0)
    filtering: str = said("Filter of the aligned picture.", "High", choices=("Low", "Medium", "High"))


@attrs.frozen
class AlignmentKey:
    """Hand alignment of one pair, on the Transform and, with perspective, on a CornerPin after it."""

    pair: int = said("Source frame of the pair.", unit="frame", example=471)
    translate: tuple[float, ...] = said("Translation x, y.", (0.0, 0.0), unit="pixels", size=2)
    scale: tuple[float, ...] = said("Scale x, y.", (1.0, 1.0), size=2)
    rotate: float = said("Rotation, counter-clockwise.", 0.0, unit="degrees", low=-360.0, high=360.0)
    corners: tuple[float, ...] | None = said(
        "Perspective: where a CornerPin after the Transform takes the corners of the Source's format, x, y of bottom "
        "left, bottom right, top right, top left; left out: nowhere else.",
        None,
        unit="pixels",
        size=8,
    )
    use: str = said("Which path the Dissolve takes for this pair.", "manual", choices=("auto", "manual"))


@attrs.frozen
class Alignment:
    """Stage 2."""

    use: str = said(
        "Path taken where no key says otherwise: F_Align (auto) or Transform (manual).",
        "auto",
        choices=("auto", "manual"),
    )
    f_align: FAlign = part(FAlign, "The automatic path.")
    keys: tuple[AlignmentKey, ...] = said("Hand alignment per pair.", ())


@attrs.frozen
class CropKey:
    """The shared crop for one pair."""

    pair: int = said("Source frame of the pair.", unit="frame", example=471)
    box: tuple[float, ...] = said("x, y, r, t.", unit="pixels", size=4, example=(664, 360, 4004, 2815))


@attrs.frozen
class Crop:
    """The shared crop of stages 2 and 3: overscan, borders, subtitles out, the same for both sides."""

    box: tuple[float, ...] | None = said("x, y, r, t; left out: the full frame.", None, unit="pixels", size=4)
    keys: tuple[CropKey, ...] = said("Animated box, one per pair that differs.", ())
    enabled: bool = said("Off while solving the alignment; enable as the final step.", True)


@attrs.frozen
class Augmentation:
    """Paired augmentation of Input and Ground Truth. CopyCat has none, so each becomes cloned branches."""

    flip: bool = said("Add horizontally mirrored pairs.", False)
    translate: float = said("Add pairs moved by this much each way.", 0.0, unit="pixels", low=0.0, high=512.0)
    scale: float = said("Add pairs scaled by 1 + this and 1 - this.", 0.0, low=0.0, high=0.25)
    exposure: float = said(
        "Add pairs with exposure times 1 + this and 1 - this (guide: mild, 0.1).", 0.0, low=0.0, high=0.25
    )


@attrs.frozen
class EngineTraining:
    """Settings that only the built-in engine has; they travel in the graph as user knobs of the training
    node.
    """

    schedule: str = said("Learning rate over time.", "cosine", choices=("cosine", "constant"))
    warm_up: int = said("Steps of warm-up.", 20, unit="steps", low=0, high=100000)
    learning_rate: float = said("Learning rate of the built-in network.", 0.004, low=1e-7, high=1.0)
    precision: str = said("Arithmetic of the network.", "auto", choices=("auto", "float32", "bfloat16"))
    steps: int | None = said(
        "Steps of the built-in network; left out: those of the training, at most 2000 (about 3 minutes on two cores).",
        None,
        unit="steps",
        low=1,
        high=100000000,
    )
    minutes: float | None = said(
        "Budget in minutes instead of steps; how many steps that is depends on the machine.",
        None,
        unit="minutes",
        low=0.05,
        high=10000.0,
    )
    deflicker: bool = said(
        "Take the Source's flicker, measured over the shot, out of what the network sees; luma keeps it.",
        True,
    )


@attrs.frozen
class Training:
    """Stage 3."""

    node: str = said("Training node; BigCat needs Nuke 16.1.", "CopyCat", choices=("CopyCat", "BigCat"))
    median: int = said(
        "Size of the Reference pre-filter Median; 0 leaves it out.", 10, unit="pixels", low=0, high=100
    )
    model: str = said("Model size.", "Medium", choices=("Small", "Medium", "Large"))
    patch: int = said(
        "Crop size; 256 if crop-limited, with more steps.",
        512,
        unit="pixels",
        choices=(32, 64, 128, 256, 512),
    )
    batch: int = said(
        "Pairs per step; fixed at 3 for predictable behaviour on several machines.", 3, low=1, high=1024
    )
    steps: int = said(
        "Total training steps (guide: 40 000-80 000).", 40000, unit="steps", low=1, high=100000000
    )
    checkpoint_every: int = said("Steps between checkpoints.", 10000, unit="steps", low=1, high=100000000)
    contact_sheet_every: int = said("Steps between contact sheets.", 100, unit="steps", low=1, high=100000000)
    learning_rate: float | None = said(
        "CopyCat's learning rate; Nuke's default when left out.", None, low=1e-9, high=1.0
    )
    seed: int = said("Seed of the random numbers.", 0, low=0, high=2147483647)
    multi_resolution: bool = said("Train at a quarter, half and full resolution.", True)
    gpu: bool = said("Use the GPU if there is one.", True)
    resume: bool = said("Resume the last run in the data directory.", False)
    initial_weights: str = said(
        "Start from Nuke's own weights or from a checkpoint.",
        "None",
        choices=("None", "Checkpoint", "Deblur", "Upscale"),
    )
    checkpoint: str = said("Checkpoint file for initial_weights: Checkpoint.", "", form="path")
    checkpoint_sha256: str = said(
        "SHA-256 of that file. A .cat from outside the project folder needs it, as a model to render with does.",
        "",
        example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        pattern=DIGEST,
    )
    preview: int | None = said(
        "Untrained Source frame for the Preview; the first hold-out, else a middle frame.",
        None,
        unit="frame",
        low=-9999999,
        high=9999999,
    )
    augmentation: Augmentation = part(Augmentation, "Paired augmentation.")
    engine: EngineTraining = part(EngineTraining, "Settings of the built-in engine.")

    @property
    def copies(self) -> int:
        """Times that each pair is seen: itself and its augmented copies (BigCat flips by itself)."""
        a = self.augmentation
        return (
            1
            + (a.flip and self.node == "CopyCat")
            + 2 * ((a.translate > 0) + (a.scale > 0) + (a.exposure > 0))
        )


@attrs.frozen
class WriteSettings:
    """The written masters."""

    compression: str = said("EXR compression.", "DWAA", choices=("ZIP", "DWAA"))
    dwaa_level: float = said("DWAA compression level.", 45.0, low=0.0, high=100000.0)
    version: int = said("Version in the file name (v001).", 1, low=1, high=999)


@attrs.frozen
class Inference:
    """Stage 4."""

    crop: tuple[float, ...] | None = said(
        "Live area x, y, r, t (no sprockets, no sound track); left out: the full frame.",
        None,
        unit="pixels",
        size=4,
    )
    model: str = said(
        "Model file; left out: the last checkpoint that training will write.",
        "",
        example="TRAINING/sh010/Training_250808_213433.40000.cat",
        form="path",
    )
    model_sha256: str = said(
        "SHA-256 of the model file that is trusted. A .cat is a program to Nuke: one from outside the project folder "
        "needs it, and a file that differs is refused.",
        "",
        example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        pattern=DIGEST,
    )
    tile: str = said(
        "Tile size; None runs the frame whole.", "None", choices=("None", "1024", "2048", "4096")
    )
    tile_overlap: int = said("Overlap of the tiles.", 64, unit="pixels", low=0, high=1024)
    half_precision: bool = said("Run the model in half precision.", False)
    format: Format | None = said(
        "Size of the delivered frame; left out: that of the live area, so that nothing is resampled.", None
    )
    resize: str = said(
        "How the picture fills the delivered frame.",
        "height",
        choices=("none", "width", "height", "fit", "fill", "distort"),
    )
    first: int | None = said(
        "First frame to render; the Source's when left out.", None, unit="frame", low=-9999999, high=9999999
    )
    last: int | None = said(
        "Last frame to render; the Source's when left out.", None, unit="frame", low=-9999999, high=9999999
    )
    trial: int = said(
        "Frames of the short-range trial before the full range (guide: 50-100).",
        50,
        unit="frames",
        low=1,
        high=100000,
    )
    write: WriteSettings = part(WriteSettings, "The written masters.")


@attrs.frozen
class Validation:
    """Stage 5."""

    chroma_merge: bool = said("Original Y with Recovered Cb/Cr, as validation and final plate.", True)
    match_grade: bool = said("The MatchGrade baseline.", True)
    lut_size: int = said("Resolution of the baseline's 3D LUT.", 64, low=2, high=64)
    profile: str = said(
        "QC profile whose limits the shot is held to: a shipped name, or the path of a YAML file; left out: the "
        "shipped limits.",
        "",
        example="archive.yaml",
        form="path",
    )
