"""Colour-space names per OCIO config: purposes, literal names, aliases and roles to what Nuke understands.

The same space has another name in every config, and the same role another meaning: ``color_picking`` is plain
sRGB-encoded Rec.709 in the ACES 1.3 and 2.0 configs but an inverse output transform in ``aces_1.2``;
``matte_paint`` and ``texture_paint`` swapped meanings between v1.0.0 and v2.1.0. So a name is always
resolved in a config, never taken as portable.

>>> space = resolve("Utility - sRGB - Color Picking", config="ACES 1.3")
>>> space.name, space.token
('sRGB - Texture', 'color_picking')
>>> resolve("aces2065-1", config="aces_1.2").token
'ACES - ACES2065-1'
"""

from __future__ import annotations

import attrs

from ..errors import ColourError, did_you_mean
from .tables import Config, check_text, find_config

__all__ = ["PURPOSES", "ColourSpace", "purpose_of", "resolve"]

COLOR_PICKING = "Utility - sRGB - Color Picking"
"""The guide's ingest name. No config has it: Nuke's menu shows the role ``color_picking (sRGB -
Texture)``.
"""

PURPOSES = {
    "aces2065-1": "ACES - ACES2065-1",
    "acescg": "ACES - ACEScg",
    "acescct": "ACES - ACEScct",
    "acescc": "ACES - ACEScc",
    "srgb-texture": "Utility - sRGB - Texture",
    "rec709-gamma24": "Utility - Rec.709 - Display",
    "rec709-gamma22": "Utility - Gamma 2.2 - Rec.709 - Texture",
    "rec709-gamma18": "Utility - Gamma 1.8 - Rec.709 - Texture",
    "camera-rec709": "Utility - Rec.709 - Camera",
    "linear-rec709": "Utility - Linear - sRGB",
    "linear-p3d65": "Utility - Linear - P3-D65",
    "linear-rec2020": "Utility - Linear - Rec.2020",
    "adx10": "Input - ADX - ADX10",
    "raw": "Utility - Raw",
}
"""Purpose -> its name in ``aces_1.2``, which is an alias in every later ACES config."""

_NUKE_DEFAULT = {
    "linear-rec709": "linear",
    "srgb-texture": "sRGB",
    "camera-rec709": "rec709",
    "rec709-gamma24": "Gamma2.4",
    "rec709-gamma22": "Gamma2.2",
    "rec709-gamma18": "Gamma1.8",
    "raw": "raw",
}

_ROLE_PURPOSES = {"aces_interchange": "aces2065-1", "data": "raw"}
"""Roles with one meaning everywhere, for configs that do not define them."""

_ALL_ROLES = (
    "aces_interchange",
    "cie_xyz_d65_interchange",
    "color_picking",
    "color_timing",
    "compositing_linear",
    "compositing_log",
    "data",
    "default",
    "matte_paint",
    "reference",
    "rendering",
    "scene_linear",
    "texture_paint",
)


@attrs.frozen
class ColourSpace:
    """A colour space of one config.

    name: its literal name there (as written, for a custom config). token: what to write into a Nuke knob:
    the literal name, or the bare role. purpose: key of PURPOSES, or empty. note: what a careful user should
    know, or empty.
    """

    name: str
    token: str
    purpose: str = ""
    note: str = ""


def _purpose_space(purpose: str, config: Config) -> str | None:
    if config.name == "nuke-default":
        return _NUKE_DEFAULT.get(purpose)
    return config.space(PURPOSES[purpose])


def _purpose(name: str, config: Config) -> str:
    """Purpose of a literal name of the config, or empty."""
    if config.name == "nuke-default":
        return next((p for p, space in _NUKE_DEFAULT.items() if space == name), "")
    if config.translated and config.builtin:
        twin = find_config(config.builtin)
        twin_name = twin.space(name)
        return _purpose(twin_name, twin) if twin_name else ""
    return next((p for p in PURPOSES if _purpose_space(p, config) == name), "")


def purpose_of(name: str, *, config: str) -> str:
    """Purpose (key of PURPOSES) of any spelling in a config, empty if it has none. Raises as
    :func:`resolve`.
    """
    return resolve(name, config=config).purpose


def _same_meaning(name: str, config: Config) -> str | None:
    """Space of this config that means what ``name`` means in another ACES config, or None."""
    if config.name == "nuke-default":
        return None
    for other in (
        "fn-nuke_studio-config-v2.2.0_aces-v1.3_ocio-v2.4",
        "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1",
    ):
        table = find_config(other)
        space = table.space(name)
        if space is None or space in table.display_spaces:
            continue
        for spelling in (space, *table.spaces[space]):
            found = config.space(spelling)
            if found is not None:
                return found
    return None


def _role(role: str, config: Config) -> ColourSpace:
    name = config.roles[role]
    note = ""
    if role in ("matte_paint", "texture_paint"):
        note = f"role {role} is {name} here; it means another space in other configs"
    elif role == "color_picking" and name.startswith("Output - "):
        note = f"role color_picking is {name} here, an inverse output transform, not plain sRGB"
    return ColourSpace(name, role, _purpose(name, config), note)


def _color_picking(config: Config) -> ColourSpace:
    """The guide's ingest: sRGB-encoded Rec.709 without an output transform."""
    lead = f"'{COLOR_PICKING}' is the guide's name; no OCIO config has it. "
    if config.is_custom:
        note = "Taken as the role color_picking; check that it is plain sRGB-encoded Rec.709 in your config"
        return ColourSpace("color_picking", "color_picking", "srgb-texture", lead + note)
    name = config.roles["color_picking"]
    if _purpose(name, config) == "srgb-texture":
        return ColourSpace(
            name,
            "color_picking",
            "srgb-texture",
            f"{lead}Nuke's menu shows the role: color_picking ({name})",
        )
    plain = PURPOSES["srgb-texture"]
    note = f"Its role color_picking is {name} here, an inverse output transform; '{plain}' is what is meant"
    return ColourSpace(plain, plain, "srgb-texture", lead + note)


def resolve(name: str, *, config: str) -> ColourSpace:
    """The colour space that ``name`` stands for in ``config``.

    name: a literal name, an alias, a role, a purpose (key of PURPOSES), or a name of another ACES config
    for the same space; case does not matter. For a custom config (path of a .ocio file) the name is taken
    as written. Raises ColourError: CR701 no such space (with the nearest real names), CR702 unknown config,
    CR705 unsafe text.
    """
    table = find_config(config)
    check_text(name, "colour space")
    if name.casefold() == COLOR_PICKING.casefold():
        return _color_picking(table)
    if table.is_custom:
        return ColourSpace(
            name, name, "", "" if name in _ALL_ROLES else "custom config: the name is not checked here"
        )
    if name in table.roles:
        return _role(name, table)
    space = table.space(name)
    if space is not None:
        note = (
            "a display-referred space: Nuke reaches it through OCIODisplay"
            if space in table.display_spaces
            else ""
        )
        return ColourSpace(space, space, _purpose(space, table), note)
    purpose = name.casefold() if name.casefold() in PURPOSES else _ROLE_PURPOSES.get(name, "")
    if purpose:
        space = _purpose_space(purpose, table)
        if space is not None:
            return ColourSpace(space, space, purpose)
    space = _same_meaning(name, table)
    if space is not None:
        return ColourSpace(
            space, space, _purpose(space, table), f"{name!r} is named {space!r} in {table.name}"
        )
    raise ColourError.at("CR701", "", f"{table.name} has no colour space {name!r}", _nearest(name, table))


def _nearest(name: str, table: Config) -> str:
    spellings = [*table.spaces, *table.roles, *(a for aliases in table.spaces.values() for a in aliases)]
    near = did_you_mean(name, spellings)
    if near:
        return near
    here = [p for p in PURPOSES if _purpose_space(p, table) is not None]
    return f"roles: {', '.join(table.roles)}; purposes: {', '.join(here)}"
