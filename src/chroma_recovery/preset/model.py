"""What the user may say: the preset, as plain frozen values with the guide's defaults.

The YAML layout is exactly this tree: a class is a mapping, an attribute a key. Every default is the published
workflow's (its own words in the ``help`` of each field); fields without a default must be given, by the
preset or by one it extends. Limits that concern one field sit in its metadata; rules that concern several
are in ``rules.py``.

Metadata keys: ``help`` (one sentence), ``unit``, ``choices``, ``low``, ``high`` (inclusive), ``size`` (of a
list of numbers), ``pattern`` (regular expression of the whole text), ``form`` (``line``, ``prose`` or
``path``: which characters a text may hold, see ``words.py``), ``shorthand`` (field that a bare value in a
list stands for), ``example``.
"""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

__all__ = [
    "Alignment",
    "AlignmentKey",
    "Augmentation",
    "Clip",
    "Colour",
    "Crop",
    "CropKey",
    "Documentation",
    "EngineTraining",
    "FAlign",
    "Format",
    "HoldOut",
    "Inference",
    "Nuke",
    "Output",
    "Pair",
    "Preset",
    "Reference",
    "Training",
    "Validation",
    "WriteSettings",
]

T = TypeVar("T")


def said(meaning: str, default: Any = attrs.NOTHING, **limits: Any) -> Any:
    """A field: what it means, its default, its limits."""
    return attrs.field(default=default, metadata={"help": meaning, **limits})


def part(cls: type[T], meaning: str) -> Any:
    """A nested mapping that may be left out."""
    return attrs.field(factory=cls, metadata={"help": meaning})


@attrs.frozen
class Format:
    """Picture format, for when the files do not say it or are not at hand."""

    width: int = said("Width of the full frame.", unit="pixels", low=1, high=65536, example=4096)
    height: int = said("Height of the full frame.", unit="pixels", low=1, high=65536, example=3072)
    pixel_aspect: float = said("Width of a pixel divided by its height.", 1.0, low=0.1, high=10.0)


@attrs.frozen
class Clip:
    """An image sequence."""

    path: str = said(
        "File pattern with #### or %04d; relative paths start at the preset's folder.",
        example="plates/sh010/source.####.exr",
        form="path",
    )
    first: int = said("First frame.", unit="frame", low=-9999999, high=9999999, example=471)
    last: int = said("Last frame.", unit="frame", low=-9999999, high=9999999, example=499)
    fps: float = said("Frame rate.", 24.0, unit="frames per second", low=1.0, high=1000.0)
    format: Format | None = said("Size and pixel aspect; read from the files when left out.", None)


@attrs.frozen
class Reference(Clip):
    """The colour Reference: an image sequence, where it comes from, and how true it is."""

    kind: str = said(
        "Direct (telecine, dvd, print) or constructed from other sources.",
        "dvd",
        choices=("telecine", "dvd", "print", "video", "constructed"),
    )
    citation: str = said(
        "Source of the Reference; required when constructed.",
        "",
        example="Pancho Fierro, watercolours, Lima, c. 1850",
        form="prose",
    )


@attrs.frozen
class Colour:
    """Colour management. Names are purposes or literal names; both are resolved in the chosen OCIO config."""

    config: str = said(
        "OCIO config as Nuke names it.",
        "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1",
        example="aces_1.2",
    )
    working: str = said("Working space, scene-linear.", "ACEScg")
    display: str = said("Display of the Viewer.", "Rec.1886 Rec.709 - Display")
    view: str = said("View (output transform) of the Viewer.", "ACES 1.0 - SDR Video")
    read: str = said(
        "Input transform of both Reads; the guide's 'Utility - sRGB - Color Picking'.",
        "Utility - sRGB - Color Picking",
    )
    domain: str = said(
        "Training domain: display-referred (recommended), log, or ACES masters through the ODT.",
        "display",
        choices=("display", "log", "aces-odt"),
    )
    delivery: str = said("Output transform of the Write.", "ACES2065-1")


@attrs.frozen
class Pair:
    """One training or hold-out pair."""

    source: int = said("Source frame number.", unit="frame", low=-9999999, high=9999999, example=471)
    reference: int | None = said(
        "Reference frame number; the same as the Source's when left out.",
        None,
        unit="frame",
        low=-9999999,
        high=9999999,
    )
    note: str = said("Why this pair.", "", example="skin, warm interior", form="prose")
    hold_out: bool | None = said(
        "Keep out of training, for validation; chosen by hold_out.share when no pair says.", None
    )

    @property
    def reference_frame(self) -> int:
        return self.source if self.reference is None else self.reference


@attrs.frozen
class HoldOut:
    """Pairs kept for validation."""

    share: float = said(
        "Share of the pairs held out when no pair says hold_out itself (guide: 0.15-0.25).",
        0.2,
        low=0.0,
        high=0.5,
    )


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
    """Hand alignment of one pair, on the Transform."""

    pair: int = said("Source frame of the pair.", unit="frame", example=471)
    translate: tuple[float, ...] = said("Translation x, y.", (0.0, 0.0), unit="pixels", size=2)
    scale: tuple[float, ...] = said("Scale x, y.", (1.0, 1.0), size=2)
    rotate: float = said("Rotation, counter-clockwise.", 0.0, unit="degrees", low=-360.0, high=360.0)
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
    tile: str = said(
        "Tile size; None runs the frame whole.", "None", choices=("None", "1024", "2048", "4096")
    )
    tile_overlap: int = said("Overlap of the tiles.", 64, unit="pixels", low=0, high=1024)
    half_precision: bool = said("Run the model in half precision.", False)
    format: Format | None = said("Size of the delivered frame; left out: the Source's.", None)
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


@attrs.frozen
class Nuke:
    """The Nuke a graph is written for."""

    version: str = said(
        "Version of Nuke.", "15.1", example="16.0", pattern=r"[0-9]{1,2}\.[0-9]{1,2}(v[0-9]{1,3})?"
    )
    edition: str = said("Edition.", "nukex", choices=("nukex", "studio", "indie", "non-commercial"))


@attrs.frozen
class Output:
    """Names of what is written, below the --out folder."""

    folder: str = said("Folder of the pipeline, a relative path.", "pipeline", form="path")


@attrs.frozen
class Documentation:
    """What the hand-over must say."""

    stock: str = said("Film stock.", "", example="Eastman Color Negative 5254, 1972", form="prose")
    cleanup: str = said("Cleaning of the Source before ingest.", "", form="prose")
    degrain: str = said("Degraining settings.", "", form="prose")
    balance: str = said("Global cast neutralization before training.", "", form="prose")
    assumptions: str = said("Assumptions of a constructed Reference.", "", form="prose")
    caveats: str = said("Remaining caveats.", "", form="prose")
    rationale: str = said("Why these pairs and this Reference.", "", form="prose")


@attrs.frozen
class Preset:
    """One shot, scene or sequence, whole."""

    shot: str = said(
        "Name of the shot, scene or sequence: letters, digits, . _ -",
        pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
        example="sh010",
    )
    source: Clip = said("The faded Source.", example="{path: plates/source.####.exr, first: 471, last: 499}")
    reference: Reference = said(
        "The colour Reference.", example="{path: plates/dvd.####.exr, first: 471, last: 499, kind: dvd}"
    )
    pairs: tuple[Pair, ...] = said(
        "Training pairs: frame numbers, or mappings with a Reference frame and a note.",
        shorthand="source",
        example="[471, 478, 485, 492]",
    )
    schema: int = said("Version of the preset format.", 1, choices=(1,))
    scope: str = said("What one model serves.", "shot", choices=("shot", "scene", "sequence"))
    colour: Colour = part(Colour, "Colour management.")
    hold_out: HoldOut = part(HoldOut, "Pairs kept for validation.")
    alignment: Alignment = part(Alignment, "Stage 2.")
    crop: Crop = part(Crop, "Shared crop of stages 2 and 3.")
    training: Training = part(Training, "Stage 3.")
    inference: Inference = part(Inference, "Stage 4.")
    validation: Validation = part(Validation, "Stage 5.")
    nuke: Nuke = part(Nuke, "The Nuke a graph is written for.")
    output: Output = part(Output, "Names of what is written.")
    documentation: Documentation = part(Documentation, "For the hand-over.")

    @property
    def hold_out_pairs(self) -> tuple[Pair, ...]:
        """Pairs kept for validation: those that say so, else ``round(share * count)`` inner pairs, evenly
        spread.
        """
        if any(p.hold_out is not None for p in self.pairs):
            return tuple(p for p in self.pairs if p.hold_out)
        count = len(self.pairs)
        wanted = min(int(self.hold_out.share * count + 0.5), max(count - 2, 0))
        if not wanted:
            return ()
        inner = count - 2
        chosen = {1 + (2 * k + 1) * inner // (2 * wanted) for k in range(wanted)}
        return tuple(p for n, p in enumerate(self.pairs) if n in chosen)

    @property
    def training_pairs(self) -> tuple[Pair, ...]:
        """The pairs that train, in frame order as written."""
        held = set(self.hold_out_pairs)
        return tuple(p for p in self.pairs if p not in held)

    @property
    def preview_frame(self) -> int:
        """Source frame shown as Preview: never a training frame if the clip has another."""
        if self.training.preview is not None:
            return self.training.preview
        if self.hold_out_pairs:
            return self.hold_out_pairs[0].source
        trained = {p.source for p in self.pairs}
        middle = (self.source.first + self.source.last) // 2
        free = [f for f in range(self.source.first, self.source.last + 1) if f not in trained]
        return min(free, key=lambda f: (abs(f - middle), f)) if free else middle
