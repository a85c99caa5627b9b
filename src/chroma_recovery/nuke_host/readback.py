"""After building: what Nuke says of the nodes, in words an artist can act on.

Only a few nodes are asked, because Indie and Non-commercial let Python touch only about ten.
"""

from __future__ import annotations

from typing import Any

from ..colour.names import resolve
from ..errors import ColourError, Problem
from ..stages.pipeline import Recovery

__all__ = ["read_back"]


def read_back(nuke: Any, recovery: Recovery, names: dict[str, str]) -> list[Problem]:
    """Errors and colour spaces of the Reads, of F_Align and of the Write.

    names: the mark's node name -> what the node is called in the script now.
    """
    well_known = recovery.names
    preset = recovery.plan.preset
    found: list[Problem] = []
    for name, path in (
        (well_known.source_read, preset.source.path),
        (well_known.reference_read, preset.reference.path),
    ):
        node = _node(nuke, names, name)
        if node is None:
            continue
        found += _colour(node, preset.colour.read, preset.colour.config)
        if node.hasError():
            shown = _file(node) or path
            hint = "check the path, the frame range and the project directory (0 Project Setup)"
            found.append(Problem("CR911", node.name(), f"cannot read {shown}", hint, severity="warning"))
    node = _node(nuke, names, well_known.f_align)
    if node is not None and node.hasError():
        hint = "F_Align belongs to NukeX; without it align by hand: set the Dissolve to 1"
        found.append(
            Problem("CR912", node.name(), "Nuke reports an error on F_Align", hint, severity="warning")
        )
    node = _node(nuke, names, well_known.write)
    if node is not None:
        found += _colour(node, preset.colour.delivery, preset.colour.config)
    return found


def _node(nuke: Any, names: dict[str, str], name: str) -> Any:
    return nuke.toNode(names[name]) if name in names else None


def _file(node: Any) -> str:
    knob = node.knob("file")
    return str(knob.value()) if knob is not None else ""


def _colour(node: Any, space: str, config: str) -> list[Problem]:
    """Whether the colour space that stands on the node is one that this script's config knows."""
    knob = node.knob("colorspace")
    if knob is None:
        return []
    known = [item.split("\t") for item in knob.values()]
    spellings = {word for item in known for word in (item[0], *(item[3].split() if len(item) > 3 else ()))}
    spellings |= {item.rpartition("(")[0].strip() for item in spellings if item.endswith(")")}
    wanted = {space}
    try:
        place = resolve(space, config=config)
        wanted |= {place.token, place.name}
    except ColourError:
        pass
    now = str(knob.value())
    hint = "run 0 Project Setup so that this script uses the preset's OCIO config"
    if known and not wanted & spellings:
        text = f"the colour config of this script has no {space!r}"
        return [Problem("CR913", f"{node.name()}.colorspace", text, hint, severity="warning")]
    if now.split("\t")[0] not in wanted and not any(now == f"default ({w})" for w in wanted):
        text = f"is {now!r}, the preset says {space!r}"
        return [
            Problem(
                "CR914",
                f"{node.name()}.colorspace",
                text,
                "set it, or keep it if you meant it",
                severity="warning",
            )
        ]
    return []
