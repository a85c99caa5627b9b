"""Marks by which a Nuke session knows our nodes again, and what was built into them.

Every node carries two hidden user knobs:

cr_id     ``SHOT/NAME``: which node of which shot this is, whatever Nuke or the artist calls it now.
cr_built  what each knob was built with, as ``knob=fingerprint`` words. A rebuild compares three states by
          it: as built, as now, as the preset says now; so it tells an artist's change from the preset's.
          On the nodes that are keyed by hand (Transform, Dissolve, Crop) the numbers themselves are kept, one
          per pair, with the Source frames of the pairs: pairs that are added renumber the keys.

Clones share all knobs, so their instances share the marks of the first.
"""

from __future__ import annotations

import hashlib

from ..graph.catalogue import KnobSpec, catalogue
from ..graph.graph import Graph
from ..graph.knobs import Component, Curve, EvaluatedText, Expression, KnobValue, Verbatim
from ..graph.node import Node, UserKnob
from .names import Names
from .plan import Plan

__all__ = ["BUILT", "ID", "components", "fingerprint", "mark", "numbers_per_pair", "same"]

ID, BUILT = "cr_id", "cr_built"
STRING, TAB = 1, 20
INVISIBLE = ("+INVISIBLE",)


def mark(graph: Graph, plan: Plan, names: Names) -> None:
    """Add the marks to every node that is no clone instance."""
    keyed = {names.transform, names.corner_pin, names.dissolve, names.crop}
    frames = [p.pair.source for p in plan.pairs]
    for node in graph:
        if node.clone_of is not None:
            continue
        built = [f"{knob}={fingerprint(node.cls, knob, value)}" for knob, value in node.knobs.items()]
        if node.name in keyed:
            built = _keyed(node, frames)
        have = node.user_knobs or (UserKnob("chroma_recovery", TAB, "Chroma Recovery", flags=INVISIBLE),)
        node.user_knobs = (
            *have,
            UserKnob(ID, STRING, "id", flags=INVISIBLE, value=f"{plan.preset.shot}/{node.name}"),
            UserKnob(BUILT, STRING, "built", flags=INVISIBLE, value=" ".join(built)),
        )


def _keyed(node: Node, frames: list[int]) -> list[str]:
    built = ["pairs=" + ",".join(map(str, frames))]
    for knob, value in node.knobs.items():
        parts = components(node.cls, knob, value)
        rows = [numbers_per_pair(part, len(frames)) for part in parts]
        if all(row is not None for row in rows):
            for axis, row in enumerate(rows):
                built.append(f"{knob}.{axis}=" + ",".join(f"{n:.9g}" for n in row or ()))
        else:
            built.append(f"{knob}={fingerprint(node.cls, knob, value)}")
    return built


def components(cls: str, knob: str, value: KnobValue) -> tuple[Component | KnobValue, ...]:
    """A knob's value as its components; a lone number of a vector knob stands for all of them."""
    if isinstance(value, tuple):
        return value
    spec = catalogue().knob(cls, knob)
    return (value,) * (spec.size if spec and spec.kind == "number" else 1)


def numbers_per_pair(part: object, count: int) -> list[float] | None:
    """The number of one component at frames 1..count (one if it never changes), None if it is none."""
    if isinstance(part, Curve):
        row = [float(part.at(n)) for n in range(1, count + 1)]
        return row[:1] if len(set(row)) == 1 else row
    if isinstance(part, (int, float)) and not isinstance(part, bool):
        return [float(part)]
    return None


def fingerprint(cls: str, knob: str, value: KnobValue) -> str:
    """Six hexadecimal digits of a value, the same for every spelling that means the same to Nuke."""
    plain = _plain(value, knob, catalogue().knob(cls, knob))
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:6]


def same(cls: str, knob: str, a: KnobValue | None, b: KnobValue | None) -> bool:
    """Whether two values mean the same; None stands for the default of the class, if that is known."""
    if a is None and b is None:
        return True
    spec = catalogue().knob(cls, knob)
    default = spec.default if spec else None
    known = [default if v is None else v for v in (a, b)]
    if known[0] is None or known[1] is None:
        return False
    return fingerprint(cls, knob, known[0]) == fingerprint(cls, knob, known[1])


def _plain(value: KnobValue, knob: str, spec: KnobSpec | None) -> str:
    if isinstance(value, (Expression, EvaluatedText)):
        return value.text
    if isinstance(value, Verbatim):
        return value.word
    if isinstance(value, Curve):
        return "curve " + " ".join(f"{k.frame:.6g}:{k.value:.6g}:{k.interpolation[:2]}" for k in value.keys)
    if isinstance(value, tuple):
        return " ".join(_plain(v, knob, spec) for v in value)
    if spec is not None:
        value = spec.canonical(value)  # type: ignore[assignment]
        if spec.kind == "boolean" and isinstance(value, (int, float)):
            return str(bool(value))
        if spec.type == "Format_Knob" and isinstance(value, str):
            return " ".join(value.split()[:7])  # Nuke adds the format's name
    if isinstance(value, (bool, str)):
        return str(value)
    assert isinstance(value, (int, float))  # noqa: S101 - all that is left of KnobValue
    many = spec.size if spec is not None and spec.kind == "number" else 1
    return " ".join([f"{value:.6g}"] * many)
