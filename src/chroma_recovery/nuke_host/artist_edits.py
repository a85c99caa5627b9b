"""Three states of a node: as we built it, as it is now, as the preset says now. What an artist changed stays his.

What each knob was built with stands in the node's hidden ``cr_built`` (see ``stages.marks``). A knob that is still as
built takes the preset's value. One that the artist changed is kept, unless the preset changed it too: then the preset
wins and a note says so; a label and the hand keys of Transform, Dissolve and Crop stay the artist's even then.
Hand keys belong to pairs, so where pairs were added or dropped the keys move to the new numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ..graph.graph import Graph
from ..graph.knobs import Curve, Expression, KnobValue
from ..graph.node import Node
from ..stages.marks import BUILT, ID, components, fingerprint, numbers_per_pair, same

__all__ = ["Kept", "merge", "read_built"]

PLACE = {"selected", "xpos", "ypos", "name", "panel", "gl_color", "cached"}
"""Knobs that say where and how a node stands in the session; never ours."""
ALWAYS_HIS = {"label"}


@attrs.frozen
class Kept:
    """What was found. kept: ``Node.knob`` the artist changed. overruled: those that the preset changed as well."""

    kept: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()


@attrs.frozen
class Built:
    """What was built into one node. words: fingerprint or numbers by knob. frames: Source frames of pairs 1..N."""

    words: dict[str, str]
    frames: tuple[int, ...] = ()

    def numbers(self, knob: str) -> list[list[float]]:
        """Numbers per component and pair, a single one where all pairs are alike; empty if not kept."""
        rows: list[list[float]] = []
        while (text := self.words.get(f"{knob}.{len(rows)}")) is not None:
            rows.append([float(word) for word in text.split(",")])
        return rows


def read_built(node: Node) -> Built | None:
    """The mark of a node; None if it has none or one that cannot be read."""
    text = node.user(BUILT)
    if not isinstance(text, str):
        return None
    words = dict(word.partition("=")[::2] for word in text.split())
    try:
        frames = tuple(int(f) for f in words.pop("pairs", "").split(",") if f)
        built = Built(words, frames)
        for knob in words:
            built.numbers(knob.rsplit(".", 1)[0])
    except ValueError:
        return None
    return built


def merge(wanted: Graph, current: Graph) -> tuple[Graph, Kept]:
    """The wanted graph with the artist's changes in it, and which they are. Neither argument is changed.

    current: our nodes as they are now, read from their text. Nodes that were renamed keep their new names.
    """
    now = {str(n.user(ID)): n for n in current if n.clone_of is None and n.user(ID) is not None}
    result = wanted.subset(wanted.nodes)
    result.root = dict(wanted.root)
    kept: list[str] = []
    overruled: list[str] = []
    names: dict[str, str] = {}
    for node in result:
        found = now.get(str(node.user(ID))) if node.clone_of is None else None
        if found is None or found.cls != node.cls:
            continue
        built = read_built(found)
        if built is None:
            continue
        _knobs(node, found, built, read_built(node), kept, overruled)
        if found.name != node.name:
            names[node.name] = found.name
    return _renamed(result, names), Kept(tuple(kept), tuple(overruled))


def _knobs(
    node: Node, found: Node, built: Built, new: Built | None, kept: list[str], overruled: list[str]
) -> None:
    for knob in [*node.knobs, *(k for k in found.knobs if k not in node.knobs)]:
        if knob in PLACE:
            continue
        place = f"{found.name}.{knob}"
        value, his = node.knobs.get(knob), found.knobs.get(knob)
        if built.frames and new is not None and built.numbers(knob):
            merged, changed = _keys(node.cls, knob, value, his, built, new)
            if changed:
                kept.append(place)
            _put(node, knob, merged)
            continue
        if not _changed(node.cls, knob, his, built):
            continue
        if knob in ALWAYS_HIS or _as_built(node.cls, knob, value, built):
            kept.append(place)
            _put(node, knob, _renumbered(his, built, new))
        elif not same(node.cls, knob, value, his):
            overruled.append(place)


def _put(node: Node, knob: str, value: KnobValue | None) -> None:
    if value is None:
        node.knobs.pop(knob, None)
    else:
        node.knobs[knob] = value


def _changed(cls: str, knob: str, his: KnobValue | None, built: Built) -> bool:
    """Whether the artist changed it. Nuke leaves out what has its default; a knob that we never set and that has
    a value now was set by the artist, or by Nuke itself: kept either way."""
    said = built.words.get(knob)
    if said is None:
        return his is not None and not same(cls, knob, his, None)
    if his is None:
        default = _default(cls, knob)
        return default is not None and fingerprint(cls, knob, default) != said
    return fingerprint(cls, knob, his) != said


def _as_built(cls: str, knob: str, value: KnobValue | None, built: Built) -> bool:
    """Whether the preset still says what it said."""
    said = built.words.get(knob)
    if value is None or said is None:
        return value is None and said is None
    return fingerprint(cls, knob, value) == said


def _default(cls: str, knob: str) -> KnobValue | None:
    from ..graph.catalogue import catalogue

    spec = catalogue().knob(cls, knob)
    return spec.default if spec else None


# -- hand keys


def _keys(
    cls: str, knob: str, value: KnobValue | None, his: KnobValue | None, built: Built, new: Built
) -> tuple[KnobValue | None, bool]:
    """The knob with the artist's numbers for the pairs that he changed, the preset's for all others."""
    base = built.numbers(knob)
    if his is None:
        his = _default(cls, knob)
        if his is None:
            return value, False
    if isinstance(his, (str, Expression)) or not _same_size(components(cls, knob, his), base):
        return his, True
    parts = list(components(cls, knob, his))
    ours: list[object] = [*components(cls, knob, value)] if value is not None else [row[0] for row in base]
    changed = False
    for axis, row in enumerate(base):
        part, changes = _component(parts[axis], ours[axis], row, built.frames, new.frames)
        ours[axis] = part
        changed = changed or changes
    if not changed:
        return value, False
    return (ours[0] if len(ours) == 1 else tuple(ours)), True  # type: ignore[return-value, arg-type]


def _same_size(parts: Iterable[object], base: list[list[float]]) -> bool:
    return len(list(parts)) == len(base)


def _component(
    his: object, ours: object, base: list[float], before: tuple[int, ...], after: tuple[int, ...]
) -> tuple[object, bool]:
    if isinstance(his, Expression):
        return his, True
    now = _row(numbers_per_pair(his, len(before)), len(before))
    was = _row(base, len(before))
    said = _row(numbers_per_pair(ours, len(after)), len(after))
    if now is None or was is None or said is None:
        return his, True
    edited = {
        frame: now[n] for n, frame in enumerate(before) if abs(now[n] - was[n]) > 1e-6 * max(1.0, abs(was[n]))
    }
    if not edited:
        return ours, False
    moved = {frame: n for n, frame in enumerate(before)}
    if before == after and all(
        abs(a - b) <= 1e-6 * max(1.0, abs(b)) for a, b in zip(said, was, strict=False)
    ):
        return his, True  # the very curve, with its tangents
    merged = {n + 1: edited.get(frame, said[n]) for n, frame in enumerate(after)}
    if not any(frame in moved for frame in after) or all(v == said[n - 1] for n, v in merged.items()):
        return ours, False
    return Curve.stepped(merged), True


def _row(numbers: list[float] | None, count: int) -> list[float] | None:
    if numbers is None or not count:
        return None
    return numbers * count if len(numbers) == 1 else numbers if len(numbers) == count else None


def _renumbered(his: KnobValue | None, built: Built, new: Built | None) -> KnobValue | None:
    """A curve on a knob that we did not set, moved to the new numbers of the pairs."""
    if new is None or not built.frames or built.frames == new.frames:
        return his
    if isinstance(his, tuple):
        return tuple(_moved(v, built.frames, new.frames) for v in his)  # type: ignore[misc]
    return _moved(his, built.frames, new.frames)  # type: ignore[return-value]


def _moved(part: object, before: tuple[int, ...], after: tuple[int, ...]) -> object:
    if not isinstance(part, Curve):
        return part
    numbers = {n: part.at(before.index(f) + 1) for n, f in enumerate(after, start=1) if f in before}
    return Curve.stepped(numbers) if numbers else part


def _renamed(graph: Graph, names: dict[str, str]) -> Graph:
    """The graph with some nodes called otherwise; a name that is taken by another of our nodes is not given."""
    free = {old: new for old, new in names.items() if new not in graph.nodes or new in names}
    if not free or len(set(free.values())) != len(free):
        return graph

    def called(name: str | None) -> str | None:
        if name is None:
            return None
        first, tilde, number = name.partition("~")
        return free.get(first, first) + tilde + number

    result = Graph(graph.nuke, graph.root, graph.layers)
    for name, node in graph.nodes.items():
        inputs = tuple(called(p) for p in node.inputs)
        new = called(name) or name
        result.nodes[new] = attrs.evolve(
            node, name=new, inputs=inputs, mask=called(node.mask), clone_of=called(node.clone_of)
        )
    return result
