"""Evaluates a graph: images, frame ranges and formats of its nodes, without Nuke.

One node function per class (:data:`chroma_recovery.engine.nodes.NODES`). The walk is iterative, so depth is
no limit; every (node, frame) is computed once while it stays within the memory budget. Nothing in a graph is
ever executed: a knob that holds an expression and matters is refused. Not safe for use from several threads
at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..errors import Cancelled, EngineError, Problem, UnsupportedNode, did_you_mean
from ..frames import FrameRange
from ..graph import Graph, KnobValue, Node, at_frame
from ..graph.catalogue import catalogue
from .call import Call, NodeOp
from .colour import Colour
from .formats import root_format
from .image import Format, Image
from .kept import Kept, Key
from .knob_rules import check_knobs, file_text
from .values import as_flag, as_number, expression_in

__all__ = ["Evaluator"]

T = TypeVar("T")


class Evaluator:
    """Images of a graph's nodes.

    project: folder that relative file knobs start at. config: OCIO config (built-in name, path, or the name
    Nuke gives it); None takes the graph's Root. budget: bytes of finished images that are kept. cancel: asked
    between nodes, true stops the work with :class:`Cancelled`.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        project: Path,
        config: str | None = None,
        budget: int = 1 << 30,
        cancel: Callable[[], bool] | None = None,
        nodes: Mapping[str, NodeOp] | None = None,
    ) -> None:
        from .nodes import NODES

        self.graph = graph
        self.project = project
        self.cancel = cancel
        self.computed: Counter[str] = Counter()
        self._nodes: Mapping[str, NodeOp] = NODES if nodes is None else nodes
        self._config = config
        self._colour: Colour | None = None
        self.kept = Kept(budget)
        self._memo: dict[Hashable, Any] = {}
        self._ranges: dict[str, FrameRange] = {}
        self._checked: set[str] = set()
        graph.topological()

    # -- what the project says

    @property
    def colour(self) -> Colour:
        """Colour management of the project, made when first needed."""
        if self._colour is None:
            self._colour = Colour.of_project(self.graph.root, self._config, self.project)
        return self._colour

    @property
    def root_format(self) -> Format:
        """Format of the project settings."""
        return root_format(self.graph.root)

    @property
    def root_range(self) -> FrameRange:
        """Frame range of the project settings."""
        first = int(as_number(self.graph.root.get("first_frame", 1)))
        return FrameRange(first, max(first, int(as_number(self.graph.root.get("last_frame", 100)))))

    # -- knobs

    def knows(self, cls: str, knob: str) -> bool:
        """Whether the catalogue has this knob."""
        return catalogue().knob(cls, knob) is not None

    def canonical(self, cls: str, knob: str, text: str) -> str:
        """An enumeration's text as Nuke stores it: by index, by another spelling, without regard to case."""
        spec = catalogue().knob(cls, knob)
        if spec is None:
            return text
        if spec.values and text.isdigit() and text not in spec.values:
            return str(spec.canonical(int(text)))
        text = str(spec.canonical(text))
        return next((v for v in spec.values if v.casefold() == text.casefold()), text)

    def knob(self, name: str, knob: str, frame: int) -> KnobValue | None:
        """A knob's value at a frame: set value (through clones, curves evaluated), else the catalogue's
        default.

        Raises UnsupportedNode (CR503) for an expression.
        """
        held = self.graph.knobs(name)
        if knob in held:
            value = at_frame(held[knob], frame)
            text = expression_in(value)
            if text is not None:
                raise UnsupportedNode(
                    Problem(
                        "CR503",
                        f"{name}.{knob}",
                        f"holds the expression {text[:80]!r}; expressions are never evaluated",
                        "set a number, or keys",
                    )
                )
            return value
        cls = self.graph[name].cls
        return catalogue().default(cls, knob) if self.knows(cls, knob) else None

    def path(self, name: str, knob: str = "file") -> Path:
        """A file knob as a path; relative ones start at the project folder. Not evaluated beyond the script
        folder."""
        return self.project / file_text(self.graph, name, knob)

    def disabled(self, name: str, frame: int) -> bool:
        return "disable" in self.graph.knobs(name) and as_flag(self.knob(name, "disable", frame))

    # -- nodes

    def op(self, node: Node) -> NodeOp:
        """How the node is evaluated. Raises UnsupportedNode (CR501) for a class, (CR502) for a knob, that the
        engine does not know; all such knobs of the node are reported at once."""
        op = self._nodes.get(node.cls)
        if op is None:
            hint = did_you_mean(node.cls, list(self._nodes))
            raise UnsupportedNode(
                Problem(
                    "CR501",
                    node.name,
                    f"the engine cannot evaluate nodes of class {node.cls}",
                    hint or "render this part in Nuke",
                )
            )
        if node.name not in self._checked:
            check_knobs(self.graph, node, op)
            self._checked.add(node.name)
        return op

    def call(self, name: str, frame: int) -> Call:
        return Call(self, self._node(name), frame)

    def _node(self, name: str) -> Node:
        node = self.graph.nodes.get(name)
        if node is None:
            raise EngineError(
                Problem("CR506", name, "is not in the graph", did_you_mean(name, list(self.graph.nodes)))
            )
        return node

    # -- images

    def image(self, name: str, frame: int) -> Image:
        """The image that a node yields at a frame.

        Raises UnsupportedNode, ImageFileError, EngineError (see ``errors.py``), Cancelled.
        """
        want = (name, frame)
        found = self.kept.find(want)
        if found is not None:
            return found
        held: dict[Key, Image] = {}
        users: Counter[Key] = Counter()
        stack: list[tuple[Key, NodeOp | None, Call, list[Key]]] = [self._plan(want)]
        users.update(stack[0][3])
        while True:
            key, op, call, needs = stack[-1]
            missing = next((n for n in needs if n not in held), None)
            if missing is not None:
                ready = self.kept.find(missing)
                if ready is not None:
                    held[missing] = ready
                else:
                    stack.append(self._plan(missing))
                    users.update(stack[-1][3])
                continue
            image = self._run(op, call, {n: held[n] for n in needs})
            stack.pop()
            for need in needs:
                users[need] -= 1
                if users[need] <= 0:
                    held.pop(need, None)
            self.kept.add(key, image)
            if not stack:
                return image
            held[key] = image

    def needs(self, name: str, frame: int) -> frozenset[Key]:
        """Every node and frame that an image is made from, itself included, without making any. What a node asks
        for beyond its plan is not in it. Raises UnsupportedNode as :meth:`image` does."""
        found: set[Key] = set()
        waiting: list[Key] = [(name, frame)]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += self._plan(key)[3]
        return frozenset(found)

    def _plan(self, key: Key) -> tuple[Key, NodeOp | None, Call, list[Key]]:
        call = self.call(*key)
        if self.disabled(*key):
            needs = [(0, key[1])] if call.has_input(0) else []
            op = None
        else:
            op = self.op(call.node)
            needs = op.wants(call)
        names = [(call.source(number), frame) for number, frame in needs]
        return key, op, call, list(dict.fromkeys((n, f) for n, f in names if n is not None))

    def _run(self, op: NodeOp | None, call: Call, needs: dict[Key, Image]) -> Image:
        if self.cancel is not None and self.cancel():
            raise Cancelled(Problem("CR590", call.name, "stopped by the user"))
        if op is None:
            return call.input(0) if not needs else next(iter(needs.values()))
        added = self.kept.pin(needs)
        try:
            image = op.image(call)
        finally:
            self.kept.unpin(added)
        self.computed[call.name] += 1
        return image

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """Something small that is worth keeping for this evaluator's life, such as a solved matrix."""
        if key not in self._memo:
            self._memo[key] = make()
        found: T = self._memo[key]
        return found

    def forget(self) -> None:
        """Drop every kept image (files on disk changed)."""
        self.kept.clear()
        self._memo.clear()
        self._ranges.clear()

    # -- ranges and formats

    def range(self, name: str) -> FrameRange:
        """Frame range as Nuke would give it; the project's for a node without inputs and range."""
        for each in self._before(name):
            if each not in self._ranges:
                self._ranges[each] = self._range_of(each)
        return self._ranges[name]

    def _before(self, name: str) -> list[str]:
        self._node(name)
        wanted = set(self.graph.upstream([name]))
        return [n for n in self.graph.topological() if n in wanted]

    def _range_of(self, name: str) -> FrameRange:
        call = self.call(name, self.root_range.first)
        own = self._nodes.get(call.node.cls)
        off = "disable" in self.graph.knobs(name) and self.disabled(name, call.frame)
        if own is not None and own.range is not None and not off:
            return own.range(call)
        sources = [call.source(n) for n in call.connected()]
        if off:
            sources = sources[:1]
        ranges = [self._ranges[s] for s in sources if s is not None]
        if not ranges:
            return self.root_range
        return FrameRange(min(r.first for r in ranges), max(r.last for r in ranges))

    def format(self, name: str, frame: int | None = None) -> Format:
        """Display window of a node's images, read without computing them where that is possible."""
        at = self.range(name).first if frame is None else frame
        while True:
            call = self.call(name, at)
            upstream = call.source(0)
            if self.disabled(name, at) and upstream is not None:
                name = upstream
                continue
            op = self.op(call.node)
            if op.format is not None:
                return op.format(call)
            if upstream is None:
                return self.image(name, at).format
            name = upstream
