"""Graph -> .nk text, as Nuke 14 to 17 save it.

Same graph, same bytes: ids are made from node names, knobs keep their order, numbers have their shortest
spelling. Written the way Nuke does: Root first, then backdrops, then the graph; ``set N..`` only where a
node is pushed later; clones as ``set C..`` and ``clone $C..``; generic knobs after the class's own; every
x of a curve (Nuke leaves out what repeats; both are legal).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache

from ..errors import GraphError, NkError, Problem
from ..graph.catalogue import GROUPS, KnobSpec, catalogue
from ..graph.graph import Graph
from ..graph.knobs import KnobValue
from ..graph.node import Node, UserKnob
from .order import name_problems, script_order, to_push
from .tcl import TclError, is_class, quote
from .values import spell, user_spec

__all__ = ["write"]

BEFORE_PLACE = (
    "help",
    "onCreate",
    "knobChanged",
    "autolabel",
    "tile_color",
    "gl_color",
    "label",
    "note_font",
    "note_font_size",
    "note_font_color",
    "selected",
)
AFTER_PLACE = (
    "number",
    "appearance",
    "border_width",
    "bdwidth",
    "bdheight",
    "z_order",
    "hide_input",
    "disable",
    "postage_stamp",
)
RESERVED = {"inputs", "name", "xpos", "ypos", "addUserKnob"}
ALWAYS = {"Inference": {"serialiseKnob": "{}"}}
"""Knobs Nuke always saves, added in braces where the graph does not set them; the reader leaves them out
again."""
DEEPEST = 64


def write(graph: Graph, *, header: bool = True) -> str:
    """The script of a graph, ending in a newline. header: begin with the ``#!`` line (names the version
    only).

    Raises NkError with every value, name and connection that cannot be written; GraphError for cycles and
    missing nodes. Whether Nuke knows the classes and knobs is not asked here: see ``graph.checks.check``.
    """
    writer = _Writer()
    text = writer.script(graph, header)
    if writer.problems:
        raise NkError(writer.problems)
    return text


class _Writer:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.ids: dict[str, str] = {}
        self.taken: set[str] = set()

    def script(self, graph: Graph, header: bool) -> str:
        lines: list[str] = []
        version = graph.nuke
        if header:
            lines.append(f"#! Nuke{version.major}.{version.minor}v{version.release} -nx")
        lines.append(f"version {version}")
        if graph.root:
            lines += ["Root {", " inputs 0"]
            for name, value in graph.root.items():
                if name in RESERVED - {"name"}:
                    self.problems.append(Problem("CR309", f"Root.{name}", "is not set as a knob"))
                    continue
                lines.append(" " + self.knob("Root", "Root", name, value))
            lines.append("}")
        for layer in graph.layers:
            with _Place(self, "add_layer"):
                lines.append("add_layer {" + " ".join(quote(word) for word in layer) + "}")
        lines += self.level(graph, "", 0)
        return "\n".join(lines) + "\n"

    def level(self, graph: Graph, path: str, depth: int) -> Iterator[str]:
        """The lines of one graph: the script's own or the inside of a group."""
        if depth > DEEPEST:
            self.problems.append(Problem("CR310", path, f"groups more than {DEEPEST} deep"))
            return
        if wrong := name_problems(graph, path):
            self.problems += wrong
            return
        try:
            nodes = script_order(graph)
        except (GraphError, NkError) as error:
            self.problems += error.problems
            return
        cloned = {n.clone_of for n in nodes if n.clone_of is not None}
        stack: list[str | None] = []
        blocks: list[tuple[Node, list[str | None]]] = []
        pushed: set[str] = set()
        for node in nodes:
            pushes = to_push(stack, graph.pipes(node.name))
            pushed.update(p for p in pushes if p is not None)
            stack.append(node.name)
            blocks.append((node, pushes))
        indent = " " * depth
        for node, pushes in blocks:
            for push in pushes:
                yield "push 0" if push is None else f"push $N{self.id(path + push)}"
            yield from self.node(graph, node, path, depth)
            if node.name in cloned:
                yield f"{indent}set C{self.id(path + node.name)} [stack 0]"
            if node.name in pushed:
                yield f"set N{self.id(path + node.name)} [stack 0]"

    def node(self, graph: Graph, node: Node, path: str, depth: int) -> Iterator[str]:
        outer, inner = " " * depth, " " * (depth + 1)
        place = path + node.name
        if node.clone_of is not None:
            yield f"{outer}clone $C{self.id(path + node.clone_of)} {{"
            body = self.clone_body(node, place)
        else:
            if not is_class(node.cls):
                self.problems.append(Problem("CR308", place, f"{node.cls!r} is no class name"))
                return
            yield f"{outer}{node.cls} {{"
            body = self.body(node, place)
        for line in body:
            yield inner + line
        yield outer + "}"
        if node.clone_of is None and node.cls in GROUPS:
            if node.children is not None:
                yield from self.level(node.children, place + ".", depth + 1)
            yield f"{outer}end_group"
        elif node.children is not None:
            self.problems.append(Problem("CR310", place, f"a {node.cls} has no nodes inside"))

    def clone_body(self, node: Node, place: str) -> Iterator[str]:
        yield from self.inputs(node)
        for name, value in node.knobs.items():
            if name not in RESERVED | {"selected"}:
                yield self.knob(place, node.cls, name, value)
        yield f"xpos {int(node.xpos)}"
        yield f"ypos {int(node.ypos)}"
        yield "selected false"

    def body(self, node: Node, place: str) -> Iterator[str]:
        yield from self.inputs(node)
        generic = {*BEFORE_PLACE, *AFTER_PLACE}
        pipes = len(node.inputs)
        for name, value in node.knobs.items():
            if name in RESERVED:
                self.problems.append(Problem("CR309", f"{place}.{name}", "is not set as a knob"))
            elif name not in generic:
                yield self.knob(place, node.cls, name, value, pipes)
        for name, word in ALWAYS.get(node.cls, {}).items():
            if name not in node.knobs:
                yield f"{name} {word}"
        yield f"name {quote(node.name)}"
        yield from (self.knob(place, node.cls, k, node.knobs[k]) for k in BEFORE_PLACE if k in node.knobs)
        yield f"xpos {int(node.xpos)}"
        yield f"ypos {int(node.ypos)}"
        yield from (self.knob(place, node.cls, k, node.knobs[k]) for k in AFTER_PLACE if k in node.knobs)
        for added in node.user_knobs:
            yield from self.user_knob(place, added)

    def inputs(self, node: Node) -> Iterator[str]:
        if node.mask is not None:
            yield f"inputs {len(node.inputs)}+1"
        elif len(node.inputs) != 1:
            yield f"inputs {len(node.inputs)}"

    def user_knob(self, place: str, added: UserKnob) -> Iterator[str]:
        where = f"{place}.{added.name}"
        if added.name in RESERVED:
            self.problems.append(Problem("CR309", where, "is no name for a user knob"))
            return
        with _Place(self, where):
            yield _declared(
                int(added.kind), added.name, added.label, added.tooltip, added.flags, added.arguments
            )
        if added.value is not None:
            yield self.line(where, added.name, added.value, user_spec(added.name, added.kind))

    def knob(self, place: str, cls: str, name: str, value: KnobValue, pipes: int = 1) -> str:
        return self.line(f"{place}.{name}", name, value, catalogue().knob(cls, name), pipes)

    def line(self, place: str, name: str, value: KnobValue, spec: KnobSpec | None, pipes: int = 1) -> str:
        with _Place(self, place):
            return f"{quote(name)} {spell(value, spec, pipes)}"
        return ""

    def id(self, path: str) -> str:
        """Eight hex digits for a node, from its path; the next free ones if two paths meet."""
        if path not in self.ids:
            number = int.from_bytes(hashlib.sha256(path.encode("utf-8", "surrogatepass")).digest()[:4], "big")
            while f"{number:08x}" in self.taken:
                number = (number + 1) % 2**32
            self.ids[path] = f"{number:08x}"
            self.taken.add(self.ids[path])
        return self.ids[path]


@lru_cache(maxsize=4096)
def _declared(
    kind: int, name: str, label: str, tooltip: str, flags: tuple[str, ...], arguments: tuple[str, ...]
) -> str:
    """The line that adds a user knob; the same ones come in every script."""
    words = [str(kind), name]
    for letter, text in (("l", label), ("t", tooltip)):
        words += [letter, text] if text else []
    return "addUserKnob {" + " ".join(quote(w) for w in (*words, *flags, *arguments)) + "}"


class _Place:
    """Turns a TclError inside the block into a problem at a place."""

    def __init__(self, writer: _Writer, place: str) -> None:
        self.writer = writer
        self.place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, TclError):
            self.writer.problems.append(Problem(error.code, self.place, str(error)))
            return True
        return False
