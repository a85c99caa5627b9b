"""A node graph: what stage builders make, what .nk files say, what the engine evaluates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from ..errors import GraphError
from .knobs import KnobValue
from .node import Node, UserKnob

__all__ = ["Graph", "NukeVersion"]


@attrs.frozen(order=True)
class NukeVersion:
    """Version of Nuke a graph is written for, e.g. ``15.1`` (v-number optional, default 1)."""

    major: int
    minor: int
    release: int = 1

    @classmethod
    def parse(cls, text: str) -> NukeVersion:
        match = re.fullmatch(r"\s*(\d{1,3})\.(\d{1,3})\s*(?:v(\d{1,3}))?\s*", text, re.ASCII)
        if not match:
            raise GraphError.at(
                "CR201", "", f"{text!r} is not a Nuke version", "write it like 15.1 or 16.0v3"
            )
        return cls(int(match[1]), int(match[2]), int(match[3] or 1))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor} v{self.release}"


@attrs.define
class Graph:
    """Nodes by name, in script order.

    root: knobs of the Root node (project settings) in writing order, empty for a graph that is only pasted.
    layers: ``add_layer`` declarations as (layer, channel, channel ...). Two graphs are equal if version, root,
    layers and nodes are, whatever the order of nodes.
    """

    nuke: NukeVersion = NukeVersion(15, 1)
    root: dict[str, KnobValue] = attrs.field(factory=dict)
    layers: tuple[tuple[str, ...], ...] = ()
    nodes: dict[str, Node] = attrs.field(factory=dict)

    # -- building

    def add(
        self,
        cls: str,
        name: str,
        *,
        inputs: Sequence[str | None] = (),
        mask: str | None = None,
        at: tuple[int, int] = (0, 0),
        user_knobs: Iterable[UserKnob] = (),
        knobs: dict[str, KnobValue] | None = None,
        **more: KnobValue,
    ) -> str:
        """Add a node and return its name. ``knobs`` takes names that are no Python identifiers."""
        if name in self.nodes:
            raise GraphError.at("CR202", name, "two nodes have this name")
        self.nodes[name] = Node(
            name, cls, {**(knobs or {}), **more}, tuple(inputs), mask, at[0], at[1], None, tuple(user_knobs)
        )
        return name

    def clone(
        self,
        source: str,
        *,
        inputs: Sequence[str | None] = (),
        mask: str | None = None,
        at: tuple[int, int] = (0, 0),
    ) -> str:
        """Add one more instance of a node, sharing all its knobs, and return the instance's name."""
        first = self.nodes[source]
        if first.clone_of is not None:
            return self.clone(first.clone_of, inputs=inputs, mask=mask, at=at)
        count = sum(n.clone_of == source for n in self.nodes.values())
        name = f"{source}~{count + 2}"
        self.nodes[name] = Node(name, first.cls, {}, tuple(inputs), mask, at[0], at[1], source)
        return name

    # -- reading

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    def free_name(self, name: str) -> str:
        """Nuke counts up the number of a name that is taken."""
        if name not in self.nodes:
            return name
        stem = name.rstrip("0123456789")
        number = int(name[len(stem) :][:9] or 0) + 1
        while f"{stem}{number}" in self.nodes:
            number += 1
        return f"{stem}{number}"

    def original(self, name: str) -> Node:
        """The node that holds the knobs: itself, or the source of a clone."""
        node = self.nodes[name]
        return self.nodes[node.clone_of] if node.clone_of is not None else node

    def knobs(self, name: str) -> dict[str, KnobValue]:
        """The set knobs of a node, through its clone source."""
        return self.original(name).knobs

    def of_class(self, *classes: str) -> list[Node]:
        return [n for n in self.nodes.values() if n.cls in classes]

    def pipes(self, name: str) -> tuple[str | None, ...]:
        """All upstream names of a node, the mask last if there is one."""
        node = self.nodes[name]
        return (*node.inputs, node.mask) if node.mask is not None else node.inputs

    def upstream(self, names: Iterable[str]) -> list[str]:
        """The given nodes and everything that feeds them (clone sources too), in graph order."""
        wanted: set[str] = set()
        left = list(names)
        while left:
            name = left.pop()
            if name in wanted:
                continue
            wanted.add(name)
            node = self.nodes[name]
            left.extend(p for p in self.pipes(name) if p is not None)
            if node.clone_of is not None:
                left.append(node.clone_of)
        return [n for n in self.nodes if n in wanted]

    def topological(self) -> list[str]:
        """Names with every node after what feeds it and after its clone source; otherwise graph order.

        Raises GraphError (CR203) naming a cycle, (CR204) naming a missing input or clone source.
        """
        done: dict[str, bool] = {}
        order: list[str] = []
        for start in self.nodes:
            stack: list[tuple[str, Iterator[str]]] = []
            if start not in done:
                done[start] = False
                stack.append((start, iter(self._needs(start))))
            while stack:
                name, needs = stack[-1]
                for need in needs:
                    if need not in self.nodes:
                        raise GraphError.at(
                            "CR204", name, f"is connected to {need!r}, which is not in the graph"
                        )
                    if need not in done:
                        done[need] = False
                        stack.append((need, iter(self._needs(need))))
                        break
                    if not done[need]:
                        loop = [n for n, _ in stack]
                        raise GraphError.at(
                            "CR203", need, "feeds itself: " + " -> ".join([*loop[loop.index(need) :], need])
                        )
                else:
                    stack.pop()
                    done[name] = True
                    order.append(name)
        return order

    def _needs(self, name: str) -> list[str]:
        node = self.nodes[name]
        needs = [p for p in self.pipes(name) if p is not None]
        return [node.clone_of, *needs] if node.clone_of is not None else needs

    def subset(self, names: Iterable[str]) -> Graph:
        """A graph of only these nodes (same version, root and layers), clones renumbered, a clone whose source is
        left out becoming an ordinary node; inputs that are left out become unconnected."""
        chosen = set(names)
        keep = [n for n in self.nodes if n in chosen]
        renamed: dict[str, str] = {}
        instances: dict[str, int] = {}
        for name in keep:
            node = self.nodes[name]
            source = node.clone_of or name
            if node.clone_of is None:
                renamed[name] = name
            elif source not in instances and source not in chosen:
                renamed[name] = source
                instances[source] = 1
            else:
                instances[source] = instances.get(source, 1) + 1
                renamed[name] = f"{source}~{instances[source]}"
        part = Graph(self.nuke, dict(self.root), self.layers)
        for name in keep:
            node, new = self.nodes[name], renamed[name]
            inputs = tuple(renamed.get(p) if p is not None else None for p in node.inputs)
            mask = renamed.get(node.mask) if node.mask is not None else None
            if "~" in new:
                part.nodes[new] = attrs.evolve(node, name=new, inputs=inputs, mask=mask)
            else:
                first = self.original(name)
                part.nodes[new] = attrs.evolve(
                    first,
                    name=new,
                    inputs=inputs,
                    mask=mask,
                    xpos=node.xpos,
                    ypos=node.ypos,
                    knobs=dict(first.knobs),
                )
        return part
