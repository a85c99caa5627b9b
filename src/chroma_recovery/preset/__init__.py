"""What the user may say: the preset, its defaults, and how it is read."""

from .load import Loaded, load, loads
from .model import Clip, Colour, Format, Pair, Preset, Reference

__all__ = ["Clip", "Colour", "Format", "Loaded", "Pair", "Preset", "Reference", "load", "loads"]
