"""What the header of a rendered EXR says of its making: one ModifyMetaData node in front of the Writes.

Nuke writes a metadata key ``exr/NAME`` as the EXR attribute ``NAME`` where the Write asks for ``exr/*``; the engine
does the same. So a frame says the same of itself wherever it was rendered.

Two things are not known when a script is built. The frame: ``[frame]``, which Nuke evaluates. The model, as training
has not made it: ``ModelHash`` then says so in frames that Nuke renders from a script of ``build``; scripts of
``chroma-recovery render`` are written after training and name its hash, and the engine fills it in when it renders.
"""

from __future__ import annotations

import hashlib
import json

import attrs

from ..frames import format_frames
from ..graph.knobs import KnobValue
from ..nk.metadata import FRAME, metadata_list
from ..preset.model import Clip, Preset
from .plan import NumberedPair, Plan

__all__ = ["KEYS", "NOT_KNOWN", "WITH_HEADER", "baseline_header", "header", "preset_digest", "preset_text"]

PREFIX = "exr/"
NOT_KNOWN = "not known when the script was built"
NOT_SAID = "not documented"
WITH_HEADER = "default metadata and exr/*"
"""Of the Write's metadata knob: what lets the header through."""
LONGEST = 2000
"""Characters of one value; longer text is told to be in the preset."""

DIGITAL_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC digital source type: luma and picture are the scan's, only chroma comes from a trained model."""

KEYS = (
    "Product",
    "RecoveryType",
    "MLProcessing",
    "DigitalSourceType",
    "SourceElement",
    "FilmStock",
    "SourceFiles",
    "SourceFrame",
    "ReferenceSource",
    "ReferenceFiles",
    "TrainingPairs",
    "HoldOutPairs",
    "ModelCheckpoint",
    "ModelHash",
    "PresetName",
    "PresetHash",
    "Institution",
    "Restorationist",
)
"""EXR attributes of recovered frames and final plates, in writing order."""

OF_THE_MODEL = {
    "MLProcessing",
    "DigitalSourceType",
    "TrainingPairs",
    "HoldOutPairs",
    "ModelCheckpoint",
    "ModelHash",
}


def preset_text(preset: Preset) -> str:
    """The preset with everything it extends and every default, as JSON with sorted keys: what PresetHash is of.

    Without ``inference.model`` and ``training.resume``, which say where to go on from, not what is made, and without
    the two digests, which say what is trusted.
    """
    values = attrs.asdict(preset)
    del values["inference"]["model"], values["training"]["resume"]
    del values["inference"]["model_sha256"], values["training"]["checkpoint_sha256"]
    return json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def preset_digest(preset: Preset) -> str:
    """SHA-256 of :func:`preset_text` in UTF-8, hexadecimal."""
    return hashlib.sha256(preset_text(preset).encode("utf-8", "replace")).hexdigest()


def header(plan: Plan, product: str) -> dict[str, KnobValue]:
    """Knobs of the ModifyMetaData node of recovered frames. product: what this Write makes."""
    return _knobs(_said(plan, product))


def baseline_header(plan: Plan) -> dict[str, KnobValue]:
    """Knobs for the MatchGrade baseline, which no model made; in the pictures of a Read the keys may stand already."""
    said = {
        k: v for k, v in _said(plan, "baseline, one 3D LUT (MatchGrade)").items() if k not in OF_THE_MODEL
    }
    return _knobs(said)


def _knobs(said: dict[str, str]) -> dict[str, KnobValue]:
    return {"metadata": metadata_list({PREFIX + key: value for key, value in said.items()})}


def _said(plan: Plan, product: str) -> dict[str, str]:
    p, d = plan.preset, plan.preset.documentation
    constructed = p.reference.kind == "constructed"
    values = {
        "Product": product,
        "RecoveryType": "non-reference, constructed Reference" if constructed else "reference-based",
        "MLProcessing": f"chroma by a network trained on frame pairs ({p.training.node}); luma of the Source",
        "DigitalSourceType": DIGITAL_SOURCE,
        "SourceElement": d.element,
        "FilmStock": d.stock,
        "SourceFiles": _names(p.source),
        "SourceFrame": FRAME,
        "ReferenceSource": f"{p.reference.kind}. {p.reference.citation}".strip(),
        "ReferenceFiles": _names(p.reference),
        "TrainingPairs": _frames(plan.training),
        "HoldOutPairs": _frames(plan.hold_outs),
        "ModelCheckpoint": _name(plan.model_file),
        "ModelHash": plan.paths.model_sha256 or NOT_KNOWN,
        "PresetName": p.shot,
        "PresetHash": preset_digest(p),
        "Institution": d.institution,
        "Restorationist": d.restorationist,
    }
    return {key: _short(values[key]) or NOT_SAID for key in KEYS}


def _names(clip: Clip) -> str:
    return ", ".join(_name(part.path) for part in clip.sequences)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 40].rstrip() + " ... (whole in the preset)"


def _frames(pairs: tuple[NumberedPair, ...]) -> str:
    """``471,478,485``, or ``471=12,478=19`` where Source and Reference are numbered differently."""
    if not pairs:
        return "none"
    frames = [(p.pair.source, p.pair.reference_frame) for p in pairs]
    if all(source == reference for source, reference in frames):
        text = format_frames(source for source, _ in frames)
    else:
        text = ",".join(f"{source}={reference}" for source, reference in frames)
    return text if len(text) <= LONGEST else f"{len(pairs)} pairs, listed in the preset"
