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

import attrs

from .said import part, said
from .stage_settings import (
    Alignment,
    AlignmentKey,
    Augmentation,
    Crop,
    CropKey,
    EngineTraining,
    FAlign,
    Format,
    Inference,
    Training,
    Validation,
    WriteSettings,
)

__all__ = [
    "Alignment",
    "AlignmentKey",
    "Augmentation",
    "Clip",
    "ClipPart",
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


@attrs.frozen
class ClipPart:
    """One of several sequences that make a clip."""

    path: str = said(
        "File pattern with #### or %04d; relative paths start at the preset's folder.",
        example="plates/sh020/source.####.exr",
        form="path",
    )
    first: int = said("First frame.", unit="frame", low=-9999999, high=9999999, example=1001)
    last: int = said("Last frame.", unit="frame", low=-9999999, high=9999999, example=1048)


@attrs.frozen
class Clip:
    """An image sequence, or several end to end."""

    path: str = said(
        "File pattern with #### or %04d; relative paths start at the preset's folder.",
        example="plates/sh010/source.####.exr",
        form="path",
    )
    first: int = said("First frame.", unit="frame", low=-9999999, high=9999999, example=471)
    last: int = said("Last frame.", unit="frame", low=-9999999, high=9999999, example=499)
    fps: float = said("Frame rate.", 24.0, unit="frames per second", low=1.0, high=1000.0)
    format: Format | None = said("Size and pixel aspect; read from the files when left out.", None)
    then: tuple[ClipPart, ...] = said(
        "Further sequences end to end behind the first; frame numbers go on to last, and the first sequence holds "
        "what these leave of first to last. For a model that learns from several shots.",
        (),
    )

    @property
    def sequences(self) -> tuple[ClipPart, ...]:
        """The sequences in order, each with its own frame numbers."""
        behind = sum(part.last - part.first + 1 for part in self.then)
        return (ClipPart(self.path, self.first, self.last - behind), *self.then)


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

    element: str = said(
        "The element that was scanned, and where it is kept.",
        "",
        example="35mm release print, reel 3, inventory F-1967-3",
        form="prose",
    )
    stock: str = said("Film stock.", "", example="Eastman Color Negative 5254, 1972", form="prose")
    cleanup: str = said("Cleaning of the Source before ingest.", "", form="prose")
    degrain: str = said("Degraining settings.", "", form="prose")
    balance: str = said("Global cast neutralization before training.", "", form="prose")
    assumptions: str = said("Assumptions of a constructed Reference.", "", form="prose")
    caveats: str = said("Remaining caveats.", "", form="prose")
    institution: str = said("Archive or studio.", "", form="prose")
    restorationist: str = said("Who did the recovery.", "", form="prose")
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
