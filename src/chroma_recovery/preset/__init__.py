"""What the user may say: the preset, its defaults, and how it is read."""

from .model import Clip, Colour, Format, Pair, Preset, Reference

__all__ = ["Clip", "Colour", "Format", "Pair", "Preset", "Reference"]
