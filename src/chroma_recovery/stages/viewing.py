"""Viewers: one per stage that compares, with the pictures to wipe on its first pipes."""

from __future__ import annotations

from ..colour.views import resolve_view
from ..graph.knobs import KnobValue
from .curation import number
from .plan import Plan

__all__ = ["viewer_knobs"]


def viewer_knobs(plan: Plan, first: int, last: int) -> dict[str, KnobValue]:
    """Frames first to last through the preset's output transform."""
    colour = plan.preset.colour
    view = resolve_view(colour.display, colour.view, config=colour.config).nuke
    return {"frame_range": f"{first}-{last}", "fps": number(plan.preset.source.fps), "viewerProcess": view}
