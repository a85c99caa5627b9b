"""The script that makes a ``.cat`` of an exported model in Nuke, and shows how it is used.

Knob names, and models found by ``nuke.script_directory()``, as in published CatFileCreator scripts; user knobs on
the CatFileCreator whose names are attributes of the module become knobs of the Inference (Foundry's guide).
"""

from __future__ import annotations

from ...graph import EvaluatedText, Graph, UserKnob
from .placement import SourceArea

__all__ = ["CHANNELS", "cat_script"]

CHANNELS = "rgba.red,rgba.green,rgba.blue"

HERE = "[python {nuke.script_directory()}]"

DOUBLE = 7
"""addUserKnob number of a float."""


def cat_script(name: str, *, area: SourceArea | None) -> Graph:
    """Plate -> (Crop) -> Inference, and the CatFileCreator beside it.

    name: of the model, letters, digits, ``.``, ``_`` and ``-``. area: for a model that uses position: the
    place of the Crop on the Source's frame, which also becomes the value of the user knobs.
    """
    graph = Graph()
    graph.add(
        "CatFileCreator",
        "CatFileCreator_recovery",
        at=(220, 0),
        torchScriptFile=EvaluatedText(f"{HERE}/{name}.pt"),
        catFile=EvaluatedText(f"{HERE}/{name}.cat"),
        channelsIn=CHANNELS,
        channelsOut=CHANNELS,
        modelId=name,
        user_knobs=_knobs(area),
        label="1. Create .cat file and Inference",
    )
    above = graph.add("NoOp", "Plate", at=(0, -160), label="2. the Source, in the\nworking space of training")
    if area is not None and not area.whole:
        box = (area.x, area.y, area.x + area.w, area.y + area.h)
        above = graph.add("Crop", "Crop_live_area", inputs=(above,), at=(0, -80), box=box, reformat=True)
    graph.add(
        "Inference",
        "Inference_recovery",
        inputs=(above,),
        at=(0, 0),
        modelFile=EvaluatedText(f"{HERE}/{name}.cat"),
    )
    return graph


def _knobs(area: SourceArea | None) -> list[UserKnob]:
    knobs: list[UserKnob] = []

    def add(name: str, value: float, tooltip: str, most: str = "8192") -> None:
        label = name.replace("_", " ")
        knobs.append(UserKnob(name, DOUBLE, label, tooltip, arguments=("R", "0", most), value=float(value)))

    if area is not None:
        add("frame_width", area.width, "Width of the Source's full frame; 0 if not known.")
        add("frame_height", area.height, "Height of the Source's full frame; 0 if not known.")
        add("area_x", area.x, "x of the Crop above the Inference; 0 without one.")
        add("area_y", area.y, "y of the Crop above the Inference; 0 without one.")
    add("bottom_row_first", 0.0, "1 if this Nuke hands pictures over upside down.", "1")
    return knobs
