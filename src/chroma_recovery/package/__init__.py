"""The release zip for a Nuke plug-in folder."""

from .release import build_release

__all__ = ["build_release"]
