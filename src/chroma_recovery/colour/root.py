"""Colour knobs of a script's Root per OCIO config, as Nuke 14 and later write them.

Seen in public scripts: ``aces_1.2`` and ``custom``. For the ``fn-nuke_*`` configs the knob names and roles
are known from the author's settings and from public set-up scripts, the exact saved text is a guess; see
:func:`guessed_knobs`.
"""

from __future__ import annotations

from .names import resolve
from .tables import CUSTOM, find_config
from .views import ViewName, default_view

__all__ = ["guessed_knobs", "root_knobs"]


def root_knobs(config: str, *, working: str = "scene_linear", view: ViewName | None = None) -> dict[str, str]:
    """Root's colour knobs, in the order in which Nuke writes them.

    working: any spelling of the working space; the role ``scene_linear`` is written where it means the same.
    view: of the monitors, the Rec.709 2.4 output transform by default. 8-bit files are read as sRGB-encoded
    Rec.709 and 16-bit files as ACEScct wherever the config's two paint roles hold these (the roles swap
    between versions). Raises ColourError as :func:`names.resolve`.
    """
    table = find_config(config)
    shown = view or default_view(config)
    space = resolve(working, config=config)
    is_role = space.name == table.roles.get("scene_linear", "scene_linear")
    linear = "scene_linear" if is_role else space.token
    eight, sixteen = "matte_paint", "texture_paint"
    if table.roles.get(eight) == "ACEScct":
        eight, sixteen = sixteen, eight
    knobs = {"colorManagement": "OCIO", "OCIO_config": table.name}
    if table.name == CUSTOM:
        knobs["customOCIOConfigPath"] = table.path
    return knobs | {
        "defaultViewerLUT": "OCIO LUTs",
        "workingSpaceLUT": linear,
        "monitorLut": shown.nuke,
        "monitorOutLUT": shown.nuke,
        "int8Lut": eight,
        "int16Lut": sixteen,
        "logLut": "compositing_log",
        "floatLut": linear,
    }


def guessed_knobs(config: str) -> dict[str, str]:
    """Knobs of :func:`root_knobs` whose saved text no public script shows, each with the reason."""
    table = find_config(config)
    guesses: dict[str, str] = {}
    if table.name.startswith("fn-nuke_"):
        for knob in ("monitorLut", "monitorOutLUT"):
            guesses[knob] = "form 'view (display)' seen in a set-up script, not in a saved one"
    if table.roles.get("matte_paint") == "ACEScct":
        for knob in ("int8Lut", "int16Lut"):
            guesses[knob] = (
                "Nuke's own choice of role for this config is unknown; the usual meaning is written"
            )
    if table.inferred:
        guesses["OCIO_config"] = (
            "name seen in a set-up script; all other names are those of the ASWF config of its generation"
        )
    if table.name == "nuke-default":
        for knob in ("monitorLut", "monitorOutLUT"):
            guesses[knob] = "form 'view (display)' as in the other configs"
    return guesses
