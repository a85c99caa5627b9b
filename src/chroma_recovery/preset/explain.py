"""A field of the preset in words: meaning, unit, default and limits, and the remark in ``presets/shot.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from ..errors import PresetError, did_you_mean
from .extends import shipped_folders
from .fields import Field, walk
from .nodes import MapNode, parse
from .places import Findings, Text
from .reference import kind_of, plain
from .text import read

__all__ = ["Explanation", "explain", "found_field", "remarks"]


@attrs.frozen
class Explanation:
    """path: as in a preset, ``[]`` for any item of a list. allowed: choices or limits, may be empty. remark: what
    ``presets/shot.yaml`` says beside it, may be empty. below: fields of a mapping.
    """

    path: str
    meaning: str
    kind: str
    unit: str
    default: str
    allowed: str
    example: str
    remark: str
    below: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return attrs.asdict(self)


def found_field(asked: str) -> tuple[str, Field]:
    """The field that is meant: its whole path, or its last name if only one field has it.

    Raises PresetError (CR107) if there is none, or if several have that name.
    """
    known = dict(walk())
    path = ".".join(_bare(part) for part in asked.strip().split("."))
    for spelled in (path, f"{path}[]"):
        if spelled in known:
            return spelled, known[spelled]
    loose = {p.replace("[]", ""): p for p in known}
    if path.replace("[]", "") in loose:
        found = loose[path.replace("[]", "")]
        return found, known[found]
    named = [p for p in known if p.rsplit(".", 1)[-1] == path]
    if len(named) == 1:
        return named[0], known[named[0]]
    if named:
        raise PresetError.at(
            "CR107", asked, f"{len(named)} fields have this name", "one of " + ", ".join(named)
        )
    hint = did_you_mean(path, [*known, *{p.rsplit(".", 1)[-1] for p in known}])
    raise PresetError.at("CR107", asked, "no field of a preset is called so", hint or "see docs/presets.md")


def _bare(part: str) -> str:
    """``pairs[2]`` -> ``pairs[]``."""
    return part.partition("[")[0] + ("[]" if "[" in part else "")


def explain(asked: str) -> Explanation:
    """One field in words. Raises as :func:`found_field`."""
    path, field = found_field(asked)
    limits = field.limits
    allowed = ""
    if "choices" in limits:
        allowed = "one of " + ", ".join(plain(c) for c in limits["choices"])
    elif "low" in limits:
        allowed = f"{plain(limits['low'])} to {plain(limits['high'])}"
    elif "pattern" in limits:
        allowed = f"text of the form {limits['pattern']}"
    default = "must be given" if field.required else "" if field.kind == "model" else plain(field.default)
    if field.optional and field.default is None:
        default = "null (left out)"
    example = plain(limits["example"]) if "example" in limits else ""
    below = tuple(p for p, _ in walk() if p.startswith((f"{path}.", f"{path}[].")))
    remark = remarks().get(path, "")
    return Explanation(
        path, field.help, kind_of(field), limits.get("unit", ""), default, allowed, example, remark, below
    )


@lru_cache(maxsize=1)
def remarks() -> dict[str, str]:
    """What ``presets/shot.yaml`` remarks beside each field: behind it, else in the lines above it."""
    path = next(
        (f / "shot.yaml" for f in shipped_folders() if (f / "shot.yaml").is_file()), Path("shot.yaml")
    )
    text = Text("shot.yaml", read(path, "shot.yaml"))
    root = parse(text, Findings())
    return dict(_remarks(root, "", text)) if isinstance(root, MapNode) else {}


def _remarks(node: MapNode, prefix: str, text: Text) -> list[tuple[str, str]]:
    found = []
    for name, entry in node.entries.items():
        at = entry.key.spot.line - 1
        behind = text.lines[at].partition(" #")[2].strip()
        above: list[str] = []
        while at > 0 and text.lines[at - 1].lstrip().startswith("# "):
            at -= 1
            above.insert(0, text.lines[at].strip().removeprefix("# "))
        if remark := behind or " ".join(above):
            found.append((f"{prefix}{name}", remark))
        if isinstance(entry.value, MapNode):
            found += _remarks(entry.value, f"{prefix}{name}.", text)
    return found
