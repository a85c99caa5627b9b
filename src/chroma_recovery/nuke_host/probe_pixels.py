"""Questions of the probe about pixels, choices of knobs and the training nodes; see :mod:`.probe_questions`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..colour.tables import config_names
from ..colour.ycbcr import KB, KG, KR

__all__ = [
    "MOST",
    "Answer",
    "append_order",
    "colour_settings",
    "crop_rounding",
    "exr_choices",
    "log2lin",
    "make",
    "training_pipes",
    "ycbcr",
]

Answer = tuple[Any, "bool | None"]
MOST = 200
"""Entries of a list that go into the report."""


def make(nuke: Any, cls: str) -> Any:
    return nuke.createNode(cls, inpanel=False)


def _sampled(node: Any, frame: int | None = None) -> list[float]:
    more = {} if frame is None else {"frame": frame}
    return [round(float(node.sample(c, 8, 8, **more)), 6) for c in ("red", "green", "blue")]


def _constant(nuke: Any, colour: Sequence[float]) -> Any:
    node = make(nuke, "Constant")
    node["channels"].setValue("rgba")
    node["color"].setValue([*colour, 1.0])
    return node


def ycbcr(nuke: Any) -> Answer:
    """Red, green and blue through Colorspace, RGB to YCbCr."""
    found = {}
    for name, colour in (
        ("red", (1, 0, 0)),
        ("green", (0, 1, 0)),
        ("blue", (0, 0, 1)),
        ("grey", (0.18,) * 3),
    ):
        source = _constant(nuke, colour)
        node = make(nuke, "Colorspace")
        node.setInput(0, source)
        node["colorspace_in"].setValue("sRGB")
        node["colorspace_out"].setValue("YCbCr")
        found[name] = _sampled(node)
    luma = [found[n][0] for n in ("red", "green", "blue")]
    agrees = all(abs(a - b) < 0.002 for a, b in zip(luma, (KR, KG, KB), strict=True))
    return found, agrees


def append_order(nuke: Any) -> Answer:
    """Three one-frame clips in an AppendClip: which plays first."""
    clips = []
    for n in range(3):
        hold = make(nuke, "FrameRange")
        hold.setInput(0, _constant(nuke, (0.1 * (n + 1),) * 3))
        hold["first_frame"].setValue(1)
        hold["last_frame"].setValue(1)
        clips.append(hold)
    append = make(nuke, "AppendClip")
    for n, clip in enumerate(clips):
        append.setInput(n, clip)
    found = [_sampled(append, frame)[0] for frame in (1, 2, 3)]
    return found, found == [0.1, 0.2, 0.3]


def log2lin(nuke: Any) -> Answer:
    node = make(nuke, "Log2Lin")
    node.setInput(0, _constant(nuke, (0.18,) * 3))
    node["operation"].setValue("lin2log")
    return _sampled(node), None


def crop_rounding(nuke: Any) -> Answer:
    node = make(nuke, "Crop")
    node.setInput(0, _constant(nuke, (1, 1, 1)))
    node["box"].setValue([10.4, 10.5, 40.5, 40.6])
    node["crop"].setValue(False)
    box = node.bbox()
    return [box.x(), box.y(), box.w(), box.h()], None


def colour_settings(nuke: Any) -> Answer:
    """Names of configs, monitor views and the Reads' spaces, as this Nuke lists them."""
    root = nuke.root()
    root["colorManagement"].setValue("OCIO")
    found: dict[str, Any] = {"OCIO_config": list(root["OCIO_config"].values())[:MOST]}
    for knob in ("monitorLut", "monitorOutLUT", "workingSpaceLUT", "floatLut"):
        if knob in root.knobs():
            found[knob] = root[knob].value()
    reader = make(nuke, "Read")
    found["Read.colorspace"] = [str(v) for v in reader["colorspace"].values()][:MOST]
    known = [c for c in config_names() if c in found["OCIO_config"]]
    return {**found, "known": known}, bool(known)


def exr_choices(nuke: Any) -> Answer:
    """Compression and metadata of a Write for EXR."""
    node = make(nuke, "Write")
    node["file_type"].setValue("exr")
    found = {k: list(node[k].values()) for k in ("compression", "metadata", "datatype") if k in node.knobs()}
    wanted = {"compression": "DWAA", "metadata": "default metadata and exr/*", "datatype": "16 bit half"}
    return found, all(v in found.get(k, ()) for k, v in wanted.items())


def training_pipes(nuke: Any) -> Answer:
    """Pipes and knobs of the training nodes, hidden ones included."""
    found: dict[str, Any] = {}
    for cls in ("CopyCat", "BigCat", "Inference", "MatchGrade", "CatFileCreator"):
        try:
            node = make(nuke, cls)
        except Exception as error:
            found[cls] = {"error": f"{type(error).__name__}: {error}"[:200]}
            continue
        found[cls] = {"inputs": [node.minInputs(), node.maxInputs()], "knobs": sorted(node.knobs())[:MOST]}
        nuke.delete(node)
    return found, None
