"""Knobs: the base class. A knob holds a value of our Graph (``graph.knobs``), or
None for Nuke's default, so that what was pasted can be compared with what was built, exactly.

The class of a knob is the one that the knob scan of 17.0v3 gives (A). ``setValue`` answers True if
something changed (A: STUBS for Array_Knob and Boolean_Knob). Text that Nuke does not understand in a knob's
``fromScript`` is kept as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..graph.catalogue import KnobSpec
from ..graph.knobs import Component, Curve, EvaluatedText, Expression, KnobValue, Verbatim, at_frame
from ..graph.node import UserKnob
from ..nk.tcl import Word, split_list
from ..nk.values import spell, understand
from .unverified import NODE_GONE, UnverifiedBehaviour, not_known

if TYPE_CHECKING:
    from .live import Shared
    from .node import Node

__all__ = ["FLAGS", "Knob", "numbers"]

FLAGS = {
    "DISABLED": 0x80,
    "NO_ANIMATION": 0x100,
    "DO_NOT_WRITE": 0x200,
    "INVISIBLE": 0x400,
    "STARTLINE": 0x1000,
    "ENDLINE": 0x2000,
    "NO_UNDO": 0x80000,
    "ALWAYS_SAVE": 0x100000,
    "READ_ONLY": 0x10000000,
    "NO_MULTIVIEW": 0x40000000,
}
"""Knob flags of the module, values as in 13.0v1 (A: STUBS)."""


class Knob:
    """``nuke.Knob``. Made by ``nuke.X_Knob(name, label, ...)`` it belongs to no node until ``addKnob``."""

    kind_number = 0
    """Nuke's addUserKnob number."""

    def __init__(self, name: str = "", label: str | None = None, *more: Any) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{type(self).__name__}: the name must be str")
        self._begin(KnobSpec(name, type(self).__name__, self.user_kind()))
        self._label = label if label is not None else name
        self.setup(*more)

    def _begin(self, spec: KnobSpec) -> None:
        self.spec = spec
        self.shared: Shared | None = None
        self.arguments: tuple[str, ...] = ()
        self.declaration: UserKnob | None = None
        self._user = True
        self._kind = type(self).kind_number
        self._label = spec.name
        self._tooltip = ""
        self._flags = 0
        self._value: KnobValue | None = None
        self._error = False
        self._enabled = True
        self._items: tuple[str, ...] | None = None

    def setup(self, *more: Any) -> None:
        """Further words of the constructor."""
        if more:
            raise TypeError(f"{type(self).__name__}() takes a name and a label")

    @classmethod
    def user_kind(cls) -> str:
        """What the values of a knob made from Python are, in the catalogue's words."""
        return "opaque"

    @classmethod
    def of(cls, spec: KnobSpec, shared: Shared) -> Knob:
        """A node's own knob."""
        knob = cls.__new__(cls)
        knob._begin(spec)
        knob.shared = shared
        knob._user = False
        knob._flags = FLAGS["INVISIBLE"] if spec.hidden else 0
        return knob

    # -- where it is

    def attached(self) -> Shared:
        """The node's knobs and name. Raises ValueError for a deleted node, UnverifiedBehaviour without one."""
        if self.shared is None:
            raise UnverifiedBehaviour(f"knob {self.spec.name} was not added to a node yet")
        if not self.shared.attached:
            raise ValueError(NODE_GONE)
        return self.shared

    def node(self) -> Node | None:
        return self.attached().first.python if self.shared is not None else None

    def name(self) -> str:
        return self.spec.name

    def Class(self) -> str:
        return self.spec.type or type(self).__name__

    def fullyQualifiedName(self, channel: int = -1) -> str:
        name = f"{self.attached().name}.{self.spec.name}"
        return name if channel < 0 else f"{name}.{channel}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec.name}>"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise not_known(type(self).__name__, name)

    # -- how it looks

    def label(self) -> str:
        return self._label

    def setLabel(self, text: str) -> None:
        self.keep("_label", text)

    def tooltip(self) -> str:
        return self._tooltip

    def setTooltip(self, text: str) -> None:
        self.keep("_tooltip", text)

    def setFlag(self, flag: int) -> None:
        self.keep("_flags", self._flags | _known_flag(flag))

    def clearFlag(self, flag: int) -> None:
        self.keep("_flags", self._flags & ~_known_flag(flag))

    def getFlag(self, flag: int) -> bool:
        return bool(self._flags & _known_flag(flag))

    def setVisible(self, visible: bool) -> None:
        (self.clearFlag if visible else self.setFlag)(FLAGS["INVISIBLE"])

    def visible(self) -> bool:
        return not self._flags & FLAGS["INVISIBLE"]

    def setEnabled(self, enabled: bool) -> None:
        self.keep("_enabled", bool(enabled))

    def enabled(self) -> bool:
        return self._enabled

    # -- the value

    def keep(self, attribute: str, value: object) -> bool:
        """Set an attribute through the journal; True if it changed."""
        if getattr(self, attribute) == value and type(getattr(self, attribute)) is type(value):
            return False
        if self.shared is None:
            setattr(self, attribute, value)
        else:
            session = self.attached().session
            session.journal.assign(self, attribute, value)
            session.modified = True
        return True

    def store(self, value: KnobValue | None) -> bool:
        """Set the value. Raises RuntimeError ``read only variable`` (text A, class U)."""
        if self.spec.read_only:
            raise RuntimeError("read only variable")
        if self.spec.kind == "obsolete":
            raise UnverifiedBehaviour(f"{self.spec.name} is an obsolete knob")
        changed = self.keep("_value", value)
        if changed and self.shared is not None:
            self.shared.session.callbacks.knob_changed(self)
        return changed

    def load(self, value: KnobValue | None) -> None:
        """The value as a script has it: no read-only check, no callback."""
        self.keep("_value", value)

    @property
    def held(self) -> KnobValue | None:
        """The value set; None for the default."""
        return self._value

    @property
    def faulty(self) -> bool:
        """The value puts the node in error."""
        return self._error

    def value(self) -> Any:
        return self.plain(self._value if self._value is not None else self.spec.default)

    def getValue(self) -> Any:
        return self.value()

    def setValue(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise TypeError(f"{self.spec.name}: cannot be set to {type(value).__name__}")
        return self.store(value)

    def plain(self, value: KnobValue | None) -> Any:
        """What Python sees."""
        return value.word if isinstance(value, Verbatim) else value

    def toScript(self, quote: bool = False, context: object = None) -> str:
        value = self._value if self._value is not None else self.spec.default
        if value is None:
            return ""
        word = spell(value, self.spec, pipes=2)
        return word if quote else split_list(word)[0].text

    def fromScript(self, text: str) -> bool:
        return self.store(understand(Word(text, 0, "quoted" if " " in text else "bare"), self.spec))

    def notDefault(self) -> bool:
        return self._value is not None and self._value != self.spec.default

    def animated(self) -> bool:
        parts = self._value if isinstance(self._value, tuple) else (self._value,)
        return any(isinstance(p, Curve) for p in parts)

    def isAnimated(self, index: int = -1) -> bool:
        return self.animated() if index < 0 else isinstance(self.component(index), Curve)

    def hasExpression(self, index: int = -1) -> bool:
        parts = self._value if isinstance(self._value, tuple) else (self._value,)
        return any(isinstance(p, Expression) for p in (parts if index < 0 else parts[index : index + 1]))

    def setExpression(self, expression: Any, channel: int = -1, view: object = None) -> bool:
        """True (A: STUBS: ``bool``). One component only, or all."""
        if not isinstance(expression, str) or not expression:
            raise TypeError("expression must be text")
        made = Expression(expression)
        if self.spec.size > 1:
            parts = list(self.parts()) if channel >= 0 else [made] * self.spec.size
            parts[max(channel, 0)] = made
            self.store(tuple(parts))
        else:
            self.store(made)
        return True

    def component(self, index: int) -> Component:
        return self.parts()[index]

    def parts(self) -> tuple[Component, ...]:
        """One component after the other, the default where nothing is set."""
        value = self._value if self._value is not None else self.spec.default
        if isinstance(value, tuple):
            return value
        if isinstance(value, (EvaluatedText, Verbatim)):
            raise UnverifiedBehaviour(f"{self.spec.name} holds text, not numbers")
        return (value if value is not None else 0,) * self.spec.size

    def now(self, value: KnobValue) -> KnobValue:
        """Curves at the current frame; 0 for an expression, which the fake does not evaluate."""
        frame = self.shared.session.frame if self.shared is not None else 1
        value = at_frame(value, frame)
        if isinstance(value, tuple):
            return tuple(0 if isinstance(v, Expression) else v for v in value)
        return 0 if isinstance(value, Expression) else value


def _known_flag(flag: Any) -> int:
    if not isinstance(flag, int) or isinstance(flag, bool):
        raise TypeError("a knob flag is an int")
    return flag


def numbers(value: Any, size: int, name: str) -> tuple[float, ...]:
    """Numbers for a vector knob. Raises TypeError."""
    given: Sequence[Any] = value if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(v, (int, float)) for v in given):
        raise TypeError(f"{name}: takes numbers, not {value!r}")
    if len(given) > size:
        raise TypeError(f"{name}: takes {size} numbers, not {len(given)}")
    return tuple(given)
