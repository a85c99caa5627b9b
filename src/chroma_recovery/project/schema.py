"""The JSON Schema of project presets, for editors; ``preset`` in it is checked by the schema of presets beside it."""

from __future__ import annotations

from typing import Any

from ..preset.schema import json_schema
from .settings import ProjectSettings

__all__ = ["project_schema"]


def project_schema() -> dict[str, Any]:
    """As plain values for ``json``; refers to ``preset-base-1.json`` in its own folder."""
    fields = {
        "preset": {
            "description": "Fields of a preset: of all shots, of this shot, or of this group's model.",
            "anyOf": [{"$ref": "preset-base-1.json"}, {"type": "null"}],
        }
    }
    return json_schema(
        ProjectSettings,
        title="Project preset of chroma_recovery, format 1",
        description="Many shots from one list. Rules about several fields: chroma-recovery project list.",
        extra=dict.fromkeys(("ProjectSettings", "ShotEntry", "GroupEntry"), fields),
    )
