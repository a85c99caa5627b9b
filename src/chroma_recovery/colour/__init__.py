"""Colour: names of spaces and views per OCIO config, and Nuke's YCbCr. Nothing here knows about nodes."""

from .builtin import engine_config, engine_space, engine_view
from .names import PURPOSES, ColourSpace, purpose_of, resolve
from .root import guessed_knobs, root_knobs
from .tables import Config, config_names, find_config
from .views import ViewName, default_view, odt, resolve_view

__all__ = [
    "PURPOSES",
    "ColourSpace",
    "Config",
    "ViewName",
    "config_names",
    "default_view",
    "engine_config",
    "engine_space",
    "engine_view",
    "find_config",
    "guessed_knobs",
    "odt",
    "purpose_of",
    "resolve",
    "resolve_view",
    "root_knobs",
]
