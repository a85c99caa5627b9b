"""From the names of Nuke's configs to the names of a PyOpenColorIO built-in config with the same maths.

The engine evaluates with a built-in config. The ``fn-nuke_*`` configs use its names as they are;
``aces_1.2`` and ``nuke-default`` are older files that cannot be shipped, so their names are translated
where the maths is the same and refused where it is not.
"""

from __future__ import annotations

from ..errors import ColourError
from .names import PURPOSES, ColourSpace, resolve
from .tables import find_config
from .views import ViewName, resolve_view

__all__ = ["engine_config", "engine_space", "engine_view"]

_SDR = "ACES 1.0 - SDR Video"
_SCREEN709 = "Rec.1886 Rec.709 - Display"
_SCREEN_SRGB = "sRGB - Display"

_VIEWS = {
    "aces_1.2": {
        ("ACES", "Rec.709"): (_SCREEN709, _SDR),
        ("ACES", "sRGB"): (_SCREEN_SRGB, _SDR),
        ("ACES", "Raw"): (_SCREEN_SRGB, "Raw"),
    },
    "nuke-default": {
        ("default", "sRGB"): (_SCREEN_SRGB, "Un-tone-mapped"),
        ("default", "rec1886"): (_SCREEN709, "Un-tone-mapped"),
        ("default", "None"): (_SCREEN_SRGB, "Raw"),
    },
}


def engine_config(config: str) -> str | None:
    """Name of the built-in config with the same meaning, None for a custom config (load its file instead).

    ACES 2.0 (v3.0.0) maps to the built-in v4.0.0, whose names and output transforms are of the same
    generation. Raises ColourError CR702 (unknown config).
    """
    return find_config(config).builtin


def engine_space(name: str, *, config: str) -> ColourSpace:
    """The space in ``engine_config(config)`` (or in the custom file) with the same maths as ``name`` in
    ``config``.

    Raises ColourError: CR703 if the built-in config has no space with the same maths, else as
    :func:`names.resolve`.
    """
    table = find_config(config)
    space = resolve(name, config=config)
    if table.builtin is None or not table.translated:
        return space
    twin = find_config(table.builtin)
    meant = PURPOSES[space.purpose] if space.purpose else space.name
    # nuke-default names are short everyday words: only its purposes are safe to translate
    found = twin.space(meant) if space.purpose or table.name == "aces_1.2" else None
    if found is None:
        raise ColourError.at(
            "CR703",
            "",
            f"the engine cannot evaluate {space.name!r} of {table.name}: no built-in has its maths",
            "use a purpose such as srgb-texture, acescg, acescct or aces2065-1, or an ACES 1.3 config",
        )
    return ColourSpace(found, found, space.purpose, space.note)


def engine_view(display: str, view: str, *, config: str) -> ViewName:
    """The display and view in ``engine_config(config)`` with the same maths.

    Raises ColourError: CR703 if there is none, else as :func:`views.resolve_view`.
    """
    table = find_config(config)
    found = resolve_view(display, view, config=config)
    if table.builtin is None or not table.translated:
        return found
    pair = _VIEWS[table.name].get((found.display, found.view))
    if pair is None:
        raise ColourError.at(
            "CR703",
            "",
            f"the engine cannot evaluate the view {found.nuke!r} of {table.name}: no built-in has its maths",
            "use an ACES 1.3 config, or one of: " + ", ".join(f"{v} ({d})" for d, v in _VIEWS[table.name]),
        )
    return ViewName(*pair, f"{pair[1]} ({pair[0]})", found.note)
