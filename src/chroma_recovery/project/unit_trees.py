"""Parts of a unit's preset as plain values: its clips, its pairs; and the preset's text."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..preset.extends import merge
from ..preset.model import Pair
from ..preset.nodes import MapNode
from .settings import ClipRule, ProjectSettings
from .trees import mapping, yaml_text

__all__ = ["clip_tree", "pair_tree", "unit_text"]


def clip_tree(
    settings: ProjectSettings,
    side: str,
    path: str,
    span: tuple[int, int],
    then: Sequence[tuple[str, int, int]] = (),
) -> dict[str, object]:
    """One side's clip. side: source or reference. span: first and last frame. then: sequences behind the first."""
    rule: ClipRule = getattr(settings, side)
    size = rule.format
    clip: dict[str, object] = {
        "path": path,
        "first": span[0],
        "last": span[1],
        "fps": float(settings.fps),
        "format": None if size is None else dict(attrs.asdict(size)),
    }
    if then:
        clip["then"] = [{"path": p, "first": first, "last": last} for p, first, last in then]
    if side == "reference":
        clip |= {"kind": settings.reference.kind, "citation": settings.reference.citation or None}
    return clip


def pair_tree(pair: Pair) -> dict[str, object]:
    """A pair; what it does not say is left out."""
    return {
        "source": pair.source,
        "reference": None if pair.reference in (None, pair.source) else pair.reference,
        "note": pair.note or None,
        "hold_out": pair.hold_out,
    }


def unit_text(tree: MapNode) -> str:
    """The preset of a unit, which extends the settings of all."""
    return yaml_text(merge(mapping({"extends": "./_shared.yaml"}, tree.spot), tree))
