"""Undo: every change of the fake session goes through one journal.

A change is an attribute of an object that got a new immutable value, so it can be taken back and made again
in any number. What Nuke does is known from the docstrings of its ``Undo`` class (A) and practice; that a
change outside any group is a step of its own, and that an exception inside ``with nuke.Undo()`` keeps what
was done, is a guess (U).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

__all__ = ["Journal", "Step"]


@attrs.frozen
class Change:
    """One attribute before and after."""

    owner: object
    attribute: str
    before: object
    after: object


@attrs.define
class Step:
    """What one Undo takes back."""

    name: str = ""
    changes: list[Change] = attrs.field(factory=list)

    def back(self) -> None:
        for change in reversed(self.changes):
            setattr(change.owner, change.attribute, change.before)

    def again(self) -> None:
        for change in self.changes:
            setattr(change.owner, change.attribute, change.after)


class Journal:
    """The undo and redo lists; ``undos[-1]`` is what the next Undo takes back."""

    def __init__(self) -> None:
        self.undos: list[Step] = []
        self.redos: list[Step] = []
        self.off = 0
        self._open: list[Step] = []

    def assign(self, owner: object, attribute: str, value: object, *, alone: bool = True) -> None:
        """Set an attribute. alone: outside a group this makes a step (selecting a node does not)."""
        before = getattr(owner, attribute)
        if before is value:
            return
        setattr(owner, attribute, value)
        if self.off:
            return
        change = Change(owner, attribute, before, value)
        if self._open:
            self._open[0].changes.append(change)
        elif alone:
            self._keep(Step(attribute, [change]))

    def begin(self, name: str = "") -> None:
        """Open a group; inner groups belong to the outermost one."""
        self._open.append(Step(name))

    def name(self, name: str) -> None:
        """Name the open group. Raises RuntimeError if none is open (U)."""
        if not self._open:
            raise RuntimeError("no undo group is open")
        self._open[0].name = name

    def end(self) -> None:
        """Close the innermost group; an empty outermost one leaves no step. Raises RuntimeError if none is
        open (U)."""
        if not self._open:
            raise RuntimeError("no undo group is open")
        step = self._open.pop()
        if not self._open and step.changes:
            self._keep(step)

    def cancel(self) -> None:
        """Take back what the open group has done and close it."""
        if not self._open:
            raise RuntimeError("no undo group is open")
        step = self._open[0]
        self._open.clear()
        step.back()

    @property
    def depth(self) -> int:
        """How many groups are open."""
        return len(self._open)

    @contextmanager
    def group(self, name: str = "") -> Iterator[None]:
        self.begin(name)
        try:
            yield
        finally:
            if self._open:
                self.end()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Changes that cannot be undone: opening and clearing scripts."""
        self.off += 1
        try:
            yield
        finally:
            self.off -= 1

    def undo(self) -> bool:
        """Take back the last step; False if there is none."""
        if self._open:
            raise RuntimeError("undo inside an undo group")
        if not self.undos:
            return False
        step = self.undos.pop()
        step.back()
        self.redos.append(step)
        return True

    def redo(self) -> bool:
        if not self.redos:
            return False
        step = self.redos.pop()
        step.again()
        self.undos.append(step)
        return True

    def forget(self) -> None:
        """A new script has no history."""
        self.undos.clear()
        self.redos.clear()
        self._open.clear()

    def _keep(self, step: Step) -> None:
        self.undos.append(step)
        self.redos.clear()
