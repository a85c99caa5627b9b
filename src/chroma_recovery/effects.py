"""What a field of a preset becomes in the graph: found by building the graph twice, not kept in a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from .build import project_paths
from .colour import PURPOSES, config_names
from .errors import ChromaRecoveryError
from .graph import Graph
from .graph.compare import Change, changes
from .graph.knobs import KnobValue, Verbatim
from .nk.metadata import read_metadata
from .preset.fields import Field, fields_of
from .preset.load import Loaded, loads
from .preset.model import Preset
from .stages.pipeline import build as build_graph

__all__ = ["EXAMPLE", "Effect", "effect", "graph_changes", "graph_of"]

EXAMPLE = """\
shot: sh010
source:
  path: plates/source.####.exr
  first: 1
  last: 100
  format: {width: 4096, height: 3072}
  then: [{path: plates/second.####.exr, first: 1, last: 20}]
reference:
  path: plates/dvd.####.exr
  first: 1
  last: 100
  format: {width: 4096, height: 3072}
  citation: DVD of 2004
  then: [{path: plates/dvd_second.####.exr, first: 1, last: 20}]
pairs: [1, {source: 20, reference: 20, note: skin}, 40, 60, 80, 99]
alignment: {keys: [{pair: 1}, {pair: 20, translate: [3, 1], use: manual}]}
crop:      {box: [600, 300, 4000, 2800], keys: [{pair: 20, box: [600, 320, 4000, 2820]}]}
inference: {crop: [500, 200, 4000, 2800], format: {width: 1920, height: 1080}}
nuke:      {version: "17.0"}
"""
"""A preset in which every stage is there, to try values on when the user gives none."""


@attrs.frozen
class Effect:
    """before, after: the two values that were tried, as the model holds them. changes: what differs in the graph;
    empty for a field that the graph does not show.
    """

    before: Any
    after: Any
    changes: tuple[Change, ...]


FIRST_NUMBERS = {
    2: (8.0, 8.0),
    4: (8.0, 8.0, 1032.0, 776.0),
    8: (0.0, 0.0, 4090.0, 10.0, 4080.0, 3060.0, 5.0, 3070.0),
}
"""Tried where a list of numbers was left out, by its size: a place, a box, four corners."""

COMPANIONS = {
    "inference.tile_overlap": "inference: {tile: 1024}",
    "training.checkpoint": "training: {initial_weights: Checkpoint, checkpoint: start.cat}",
}
"""What has to be said beside a field for it to count."""


def example(field: str = "") -> Loaded:
    """:data:`EXAMPLE`, read, with what a field needs beside it."""
    text = EXAMPLE
    if companion := COMPANIONS.get(field):
        name, said = companion.split(": ", 1)
        text = (
            "\n".join(line for line in text.split("\n") if not line.startswith(f"{name}:"))
            + f"{name}: {said}\n"
        )
    return loads(text, "example")


def graph_of(loaded: Loaded, preset: Preset | None = None) -> Graph:
    """The whole graph of a preset, in memory. Raises what building it raises."""
    given = loaded if preset is None else attrs.evolve(loaded, preset=preset)
    return build_graph(given.preset, paths=project_paths(given, Path.cwd())).graph


def graph_changes(first: Graph, second: Graph, *, notes: bool = False) -> list[Change]:
    """As ``graph.compare.changes``; EXR headers key by key, without the hash of the preset, which always differs."""
    found: list[Change] = []
    for change in changes(first, second, notes=notes):
        if change.knob != "metadata":
            found.append(change)
            continue
        was, now = (_metadata(g[change.node].knobs.get("metadata")) for g in (first, second))
        found += [
            Change(change.node, f"metadata {key}", was.get(key, ""), now.get(key, ""))
            for key in {**was, **now}
            if was.get(key) != now.get(key) and not key.endswith("/PresetHash")
        ]
    return found


def _metadata(value: KnobValue | None) -> dict[str, str]:
    word = value.word if isinstance(value, Verbatim) else ""
    return {key: text for _, key, text in read_metadata(word)}


def effect(field: str, loaded: Loaded | None = None) -> Effect | None:
    """Change one field (``training.patch``, ``pairs[].note``) and compare the graphs.

    Tries other values until one can be built and shows in the graph. None if no other value can be built at all.
    """
    given = example(field) if loaded is None else loaded
    preset = given.preset
    steps = _steps(field, preset)
    before = _at(preset, steps)
    try:
        graph = graph_of(given)
    except ChromaRecoveryError:
        return None
    found: Effect | None = None
    for value in _others(_field(field), field, before):
        try:
            other = graph_of(given, _with(preset, steps, value))
        except (ChromaRecoveryError, ArithmeticError, ValueError):
            continue
        found = Effect(before, value, tuple(graph_changes(graph, other)))
        if not found.changes:
            found = attrs.evolve(found, changes=tuple(graph_changes(graph, other, notes=True)))
        if found.changes:
            return found
    return found


def _field(path: str) -> Field:
    cls: type[Any] = Preset
    *owners, name = path.replace("[]", "").split(".")
    for owner in owners:
        cls = fields_of(cls)[owner].model or cls
    return fields_of(cls)[name]


def _steps(path: str, preset: Preset) -> list[str | int]:
    """``keys[].use`` -> ``keys, 1, use``: the third item or the last, since the first is rarely an ordinary one."""
    steps: list[str | int] = []
    for part in path.split("."):
        steps.append(part.removesuffix("[]"))
        if part.endswith("[]"):
            steps.append(min(2, len(_at(preset, steps)) - 1))
    return steps


def _at(value: Any, steps: list[str | int]) -> Any:
    for step in steps:
        value = value[step] if isinstance(step, int) else getattr(value, step)
    return value


def _with(owner: Any, steps: list[str | int], value: Any) -> Any:
    if not steps:
        return value
    first, *rest = steps
    if isinstance(first, int):
        return tuple(_with(v, rest, value) if n == first else v for n, v in enumerate(owner))
    return attrs.evolve(owner, **{first: _with(getattr(owner, first), rest, value)})


def _others(field: Field, path: str, before: Any) -> Iterator[Any]:
    """Other values of a field, the likeliest to be possible first."""
    limits = field.limits
    if "choices" in limits:
        yield from (c for c in limits["choices"] if c != before)
    elif path == "colour.config":
        yield from (c for c in config_names() if c != before)
    elif path == "colour.display":
        yield from ("sRGB - Display", "ACES")
    elif path == "colour.view":
        yield from ("Un-tone-mapped", "Raw")
    elif path.startswith("colour."):
        yield from (p for p in PURPOSES if p != before)
    elif path == "nuke.version":
        yield from (v for v in ("15.1", "17.0") if v != before)
    elif field.kind == "bool":
        yield from (v for v in (False, True) if v is not before)
    elif field.kind in ("int", "float"):
        yield from _numbers(field, before)
    elif field.kind == "numbers":
        yield tuple(v + 2.0 for v in before) if before else FIRST_NUMBERS[limits["size"]]
    elif field.kind == "str":
        yield from ("other/clip.####.exr", "other") if limits.get("form") == "path" else ("other",)
    elif field.optional:
        yield None


def _numbers(field: Field, before: Any) -> Iterator[Any]:
    low, high = field.limits.get("low", -1e9), field.limits.get("high", 1e9)
    base = (7 if field.kind == "int" else 0.0) if before is None else before
    steps = (1, -1, 2, -10, 20) if field.kind == "int" else (0.05, -0.05, 1.0, -1.0, 0.0001)
    for step in steps:
        value = base + step
        if low <= value <= high:
            yield value if field.kind == "int" else round(value, 9)
    if field.optional and before is not None:
        yield None
