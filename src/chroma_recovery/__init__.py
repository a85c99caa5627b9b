"""Rebuild the lost colour of faded film: YAML presets in, Nuke node graphs, models and ACES EXRs out."""

__version__ = "0.1.0"
