"""One node of a graph, a plain value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from .knobs import KnobValue

if TYPE_CHECKING:
    from .graph import Graph

__all__ = ["NAME", "Node", "UserKnob"]

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,120}\Z")
"""What Nuke accepts as a node name."""


@attrs.frozen
class UserKnob:
    """A knob added to one node. kind: Nuke's addUserKnob number (1 String, 2 File, 3 Int, 4 Enumeration, 6 Boolean,
    7 Double, 20 Tab, 26 Text ...). value: its value, or None where the kind has none. flags: e.g. ``+INVISIBLE``.
    arguments: further words of the declaration as read, in order (``T text``, ``R 0 1``, ``M {a b}``)."""

    name: str
    kind: int
    label: str = ""
    tooltip: str = ""
    flags: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    value: KnobValue | None = None


def _pipes(names: Iterable[str | None]) -> tuple[str | None, ...]:
    return tuple(names)


def _added(knobs: Iterable[UserKnob]) -> tuple[UserKnob, ...]:
    return tuple(knobs)


@attrs.define
class Node:
    """A node, or one more instance of a cloned node.

    name: unique in its graph. A clone instance is called ``<source>~2``, ``<source>~3`` ... in graph order and has
    ``clone_of`` set; it shares class and knobs with its source and owns only inputs, mask and position.
    inputs: upstream node names in pipe order (input 0 = B first), None where nothing is connected.
    mask: node on the mask pipe, which Nuke counts after the others (``inputs 1+1``).
    knobs: set knobs only, in the order they are to be written; everything else has the catalogue's default.
    children: the inside of a Group.
    """

    name: str
    cls: str
    knobs: dict[str, KnobValue] = attrs.field(factory=dict)
    inputs: tuple[str | None, ...] = attrs.field(default=(), converter=_pipes)
    mask: str | None = None
    xpos: int = 0
    ypos: int = 0
    clone_of: str | None = None
    user_knobs: tuple[UserKnob, ...] = attrs.field(default=(), converter=_added)
    children: Graph | None = None

    def user(self, name: str) -> KnobValue | None:
        """Value of a user knob, None if the node has no such knob."""
        return next((k.value for k in self.user_knobs if k.name == name), None)
