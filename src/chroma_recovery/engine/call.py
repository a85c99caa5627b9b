"""What a node function is given: its knobs at one frame, its inputs, and a way to say no."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
import numpy as np

from ..errors import EngineError, Problem, UnsupportedNode
from ..frames import FrameRange
from ..graph import KnobValue, Node
from .channels import selected, short
from .image import Format, Image, Pixels
from .values import as_flag, as_number, as_numbers, as_text, first_item

if TYPE_CHECKING:
    from .evaluate import Evaluator

__all__ = ["MASK", "MASKING", "Call", "NodeOp", "words"]

MASK = -1
"""Input number of the mask pipe."""

MASKING = frozenset({"maskChannelMask", "maskChannelInput", "invert_mask", "mix"})
"""Knobs that :meth:`Call.masked` obeys."""


def words(text: str) -> frozenset[str]:
    """Knob names written with blanks between them."""
    return frozenset(text.split())


@attrs.frozen
class Call:
    """One node at one frame."""

    evaluator: Evaluator
    node: Node
    frame: int

    @property
    def name(self) -> str:
        return self.node.name

    # -- refusing

    def refuse(self, knob: str, reason: str, hint: str = "") -> NoReturn:
        """Raise UnsupportedNode (CR502) naming node, class, knob and reason."""
        place = f"{self.node.name}.{knob}" if knob else self.node.name
        raise UnsupportedNode(Problem("CR502", place, f"{self.node.cls}: {reason}", hint))

    def fail(self, code: str, reason: str, hint: str = "") -> NoReturn:
        """Raise EngineError: the node is understood, but this frame cannot be computed."""
        raise EngineError(
            Problem(code, self.node.name, f"{self.node.cls}, frame {self.frame}: {reason}", hint)
        )

    # -- inputs

    def source(self, number: int) -> str | None:
        """Name of the node on an input (MASK for the mask), None if nothing is connected."""
        if number == MASK:
            return self.node.mask
        return self.node.inputs[number] if 0 <= number < len(self.node.inputs) else None

    def has_input(self, number: int) -> bool:
        return self.source(number) is not None

    def input(self, number: int = 0, frame: int | None = None) -> Image:
        """The image on an input, at this frame or another. Raises EngineError (CR504) if nothing is
        connected."""
        name = self.source(number)
        if name is None:
            what = "mask" if number == MASK else f"input {number}"
            self.fail("CR504", f"nothing is connected to its {what}", "connect it")
        return self.evaluator.image(name, self.frame if frame is None else frame)

    def connected(self) -> list[int]:
        """Numbers of the connected inputs without the mask."""
        return [n for n, name in enumerate(self.node.inputs) if name is not None]

    def input_range(self, number: int = 0) -> FrameRange:
        name = self.source(number)
        if name is None:
            self.fail("CR504", f"nothing is connected to its input {number}", "connect it")
        return self.evaluator.range(name)

    def input_format(self, number: int = 0) -> Format:
        name = self.source(number)
        return self.evaluator.root_format if name is None else self.evaluator.format(name, self.frame)

    # -- knobs

    def value(self, knob: str) -> KnobValue | None:
        """The knob at this frame as the graph holds it; the catalogue's default if it is not set."""
        return self.evaluator.knob(self.node.name, knob, self.frame)

    def is_set(self, knob: str) -> bool:
        return knob in self.evaluator.graph.knobs(self.node.name)

    def _read(self, knob: str, how: Callable[[Any], Any], kind: str) -> Any:
        value = self.value(knob)
        try:
            return how(value)
        except ValueError as error:
            self.refuse(knob, f"{as_text(value)!r} is no {kind} ({error})")

    def number(self, knob: str) -> float:
        return float(self._read(knob, as_number, "number"))

    def integer(self, knob: str) -> int:
        return round(self.number(knob))

    def flag(self, knob: str) -> bool:
        return bool(self._read(knob, as_flag, "switch"))

    def text(self, knob: str) -> str:
        return as_text(self.value(knob))

    def vector(self, knob: str, size: int = 2, default: tuple[float, ...] | None = None) -> tuple[float, ...]:
        """A knob of several numbers; ``default`` where it is not set and the catalogue does not know its
        default."""
        if default is not None and not self.is_set(knob):
            return default
        found: tuple[float, ...] = self._read(
            knob, lambda v: as_numbers(v, size), f"vector of {size} numbers"
        )
        return found

    def choice(self, knob: str) -> str:
        """The stored text of an enumeration; an index or another spelling is looked up in the catalogue."""
        return self.evaluator.canonical(self.node.cls, knob, first_item(as_text(self.value(knob))).strip())

    def channels(self, knob: str, present: Iterable[str]) -> tuple[str, ...]:
        """The channels of ``present`` that a channel knob names."""
        return selected(self.text(knob), tuple(present))

    def user(self, knob: str) -> KnobValue | None:
        """A user knob of the node, through its clone source."""
        return self.evaluator.graph.original(self.node.name).user(knob)

    # -- mask and mix

    def amount(self, like: Image) -> float | Pixels:
        """How much of the node's work shows: ``mix`` times the mask, (height, width, 1) over ``like``'s data
        window."""
        mix = self.number("mix") if self.evaluator.knows(self.node.cls, "mix") else 1.0
        inside = short(self.text("maskChannelInput")) if self.is_set("maskChannelInput") else "none"
        if inside not in ("none", ""):
            mask = like.channel(inside)
        elif self.node.mask is not None:
            picture = self.input(MASK)
            mask = (
                picture.area(like.box, 0.0)[..., picture.index("alpha")]
                if "alpha" in picture.channels
                else (np.zeros(like.pixels.shape[:2], np.float32))
            )
            wanted = short(self.text("maskChannelMask"))
            if wanted not in ("alpha", "a", ""):
                mask = picture.crop_to(like.box).channel(wanted)
        else:
            return mix
        if self.is_set("invert_mask") and self.flag("invert_mask"):
            mask = 1.0 - mask
        return np.asarray(mask[..., None] * np.float32(mix), np.float32)

    def masked(self, before: Image, after: Image) -> Image:
        """``after`` where mask and mix say so, else ``before``; both have the same windows and channels."""
        amount = self.amount(before)
        if isinstance(amount, float):
            if amount == 1.0:
                return after
            if amount == 0.0:
                return before
        old = before.select(after.channels)
        return after.with_pixels(old + (after.pixels - old) * amount)


Needs = Callable[[Call], "Iterable[tuple[int, int]]"]


@attrs.frozen
class NodeOp:
    """How one class of node is evaluated.

    image: the node function. checked: knobs that it understands; any other knob that is set and not at its
    default makes the engine refuse the node. range: frame range (default: the union of the connected
    inputs'). format: display window (default: that of input 0, of a node without inputs that of its image).
    needs: the (input, frame) images that the function will ask for (default: every connected input and the
    mask, at the same frame); what it asks for beyond these is computed on demand.
    """

    image: Callable[[Call], Image]
    checked: frozenset[str] = frozenset()
    range: Callable[[Call], FrameRange] | None = None
    format: Callable[[Call], Format] | None = None
    needs: Callable[[Call], Iterable[tuple[int, int]]] | None = None

    def wants(self, call: Call) -> list[tuple[int, int]]:
        if self.needs is not None:
            return [(i, f) for i, f in self.needs(call) if call.has_input(i)]
        found = [(i, call.frame) for i in call.connected()]
        return [*found, (MASK, call.frame)] if call.node.mask is not None else found
