"""The state behind ``nuke.Node``: what a node is in the session, without NC and Indie counting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..graph.catalogue import GROUPS, NodeSpec
from ..graph.knobs import KnobValue
from .knob_classes import knob_of
from .knobs import Knob
from .unverified import UnverifiedBehaviour

if TYPE_CHECKING:
    from .node import Node
    from .session import FakeNuke

__all__ = ["Live", "Shared"]

PLACED = {"name": "String_Knob", "xpos": "Array_Knob", "ypos": "Array_Knob", "selected": "Boolean_Knob"}


class Shared:
    """What all instances of a clone have in common."""

    def __init__(self, session: FakeNuke, cls: str, name: str, spec: NodeSpec) -> None:
        self.session = session
        self.cls = cls
        self.name = name
        self.spec = spec
        self.instances: tuple[Live, ...] = ()
        self.user: tuple[Knob, ...] = ()
        self.own = OwnKnobs(self)

    @property
    def attached(self) -> bool:
        return any(n.attached for n in self.instances)

    @property
    def first(self) -> Live:
        return next(n for n in self.instances if n.attached)

    def widest(self) -> int:
        """Connected pipes of the instance that has the most."""
        return max((n.count() for n in self.instances), default=0)

    def find(self, name: str) -> Knob | None:
        return self.own.get(name) or next((k for k in self.user if k.spec.name == name), None)

    def all(self) -> list[Knob]:
        return [*self.own.values(), *self.user]

    def used(self) -> list[Knob]:
        """The knobs that somebody has looked at: among them every one that is set."""
        return [*self.own.made.values(), *self.user]


class OwnKnobs(Mapping[str, Knob]):
    """The knobs of a class, each made when it is first asked for. made: in that order."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.made: dict[str, Knob] = {}

    def _has(self, name: str) -> bool:
        if name in PLACED:
            return self._shared.cls != "Root" or name in ("selected", "name")
        spec = self._shared.spec.knobs.get(name)
        return spec is not None and (spec.kind == "obsolete" or spec.exists_in(self._shared.session.version))

    def __getitem__(self, name: str) -> Knob:
        found = self.made.get(name)
        if found is None:
            if not self._has(name):
                raise KeyError(name)
            shared = self._shared
            found = PlacedKnob(name, shared) if name in PLACED else knob_of(shared.spec.knobs[name], shared)
            self.made[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return (n for n in dict.fromkeys([*self._shared.spec.knobs, *PLACED]) if self._has(n))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class PlacedKnob(Knob):
    """name, xpos, ypos and selected: knobs that mirror the node."""

    def __init__(self, name: str, shared: Shared) -> None:
        super().__init__(name, "")
        self.shared = shared
        self._user = False

    def Class(self) -> str:
        return PLACED[self.spec.name]

    def value(self, *_: Any) -> Any:
        live = self.attached().first
        if self.spec.name == "name":
            return live.python.name()
        if self.spec.name == "selected":
            return live.selected
        return float(live.x if self.spec.name == "xpos" else live.y)

    def setValue(self, value: Any, *_: Any) -> Any:
        node = self.attached().first.python
        if self.spec.name == "name":
            node.setName(value)
        elif self.spec.name == "selected":
            node.setSelected(value)
        else:
            (node.setXpos if self.spec.name == "xpos" else node.setYpos)(value)
        return True

    def toScript(self, quote: bool = False, context: object = None) -> str:
        value = self.value()
        return str(int(value)) if isinstance(value, float) else str(value)

    def fromScript(self, text: str) -> bool:
        raise UnverifiedBehaviour(f"fromScript of {self.spec.name}")

    @property
    def held(self) -> KnobValue | None:
        return None


class Live:
    """One node, or one instance of a clone. pipes: what is connected, the mask among them. inside: the nodes
    of a group. panel: its properties are open."""

    def __init__(self, shared: Shared, group: Live | None) -> None:
        from .groups import facade

        self.shared = shared
        self.group = group
        self.attached = False
        self.pipes: tuple[Live | None, ...] = ()
        self.x = 0
        self.y = 0
        self.selected = False
        self.inside: tuple[Live, ...] = ()
        self.panel = False
        self.python: Node = facade(self)

    @property
    def cls(self) -> str:
        return self.shared.cls

    @property
    def name(self) -> str:
        return self.shared.name

    @property
    def full_name(self) -> str:
        return f"{self.group.full_name}.{self.name}" if self.group is not None else self.name

    @property
    def session(self) -> FakeNuke:
        return self.shared.session

    @property
    def mask_pipe(self) -> int | None:
        """Number of the mask pipe: after the required ones; Merge2's is 2 (B)."""
        spec = self.shared.spec
        return spec.min_inputs if spec.has_mask else None

    @property
    def most_pipes(self) -> int:
        if self.cls in GROUPS:
            return sum(n.cls == "Input" for n in self.inside)
        return self.shared.spec.max_inputs + int(self.shared.spec.has_mask)

    def count(self) -> int:
        """Highest connected pipe + 1."""
        return max((i + 1 for i, n in enumerate(self.pipes) if n is not None and n.attached), default=0)

    def pipe(self, index: int) -> Live | None:
        """What is connected; nothing if that was deleted."""
        found = self.pipes[index] if 0 <= index < len(self.pipes) else None
        return found if found is not None and found.attached else None

    def has_output(self) -> bool:
        return self.cls not in ("BackdropNode", "StickyNote", "Viewer", "Root")

    def feeds(self, node: Live) -> bool:
        """Whether ``node`` gets anything from this one."""
        left, met = [node], set()
        while left:
            here = left.pop()
            if here is self:
                return True
            if id(here) not in met:
                met.add(id(here))
                left += [p for p in here.pipes if p is not None]
        return False

    def upstream(self) -> list[Live]:
        """This node and all that feeds it."""
        found: dict[int, Live] = {}
        left = [self]
        while left:
            here = left.pop()
            if id(here) not in found:
                found[id(here)] = here
                left += [p for i in range(len(here.pipes)) if (p := here.pipe(i)) is not None]
        return list(found.values())

    def below(self) -> Iterator[Live]:
        """Everything inside a group."""
        for live in self.inside:
            yield live
            yield from live.below()

    def change(self, attribute: str, value: object, *, alone: bool = True) -> None:
        """Set through the journal; alone: a step of its own outside a group."""
        self.session.journal.assign(self, attribute, value, alone=alone)
        if alone:
            self.session.modified = True
