"""Number knobs and their animation.

``value()`` gives floats (A: the scan of a live Nuke lists ``8.0`` for ``batchSize``), ints for an Int_Knob. A
colour with equal components reads as one float, positions and boxes as lists (B: universal practice).
"""

from __future__ import annotations

import math
from typing import Any

import attrs

from ..graph.knobs import Component, Curve, Expression, Key, KnobValue, Verbatim
from .knobs import Knob, numbers

__all__ = ["AnimationCurve", "AnimationKey", "NumberKnob"]

ALWAYS_LIST = {"XY_Knob", "XYZ_Knob", "BBox_Knob", "IArray_Knob", "Range_Knob", "UV_Knob"}


@attrs.frozen
class AnimationKey:
    """One key. x: frame, y: value."""

    x: float
    y: float


class AnimationCurve:
    """The curve of one component, as ``knob.animation(index)`` gives it."""

    def __init__(self, knob: NumberKnob, index: int) -> None:
        self._knob = knob
        self._index = index

    def keys(self) -> list[AnimationKey]:
        part = self._knob.component(self._index)
        return [AnimationKey(k.frame, k.value) for k in part.keys] if isinstance(part, Curve) else []

    def size(self) -> int:
        return len(self.keys())

    def knob(self) -> NumberKnob:
        return self._knob

    def knobIndex(self) -> int:
        return self._index

    def expression(self) -> str:
        part = self._knob.component(self._index)
        return part.text if isinstance(part, Expression) else "curve"

    def evaluate(self, frame: float) -> float:
        return self._knob.valueAt(frame, self._index)

    def setKey(self, frame: float, value: float) -> AnimationKey:
        self._knob.key(float(frame), float(value), self._index)
        return AnimationKey(frame, value)


class NumberKnob(Knob):
    """Array_Knob, Double_Knob, Int_Knob, XY_Knob ..."""

    kind_number = 7

    @classmethod
    def user_kind(cls) -> str:
        return "number"

    def setup(self, *more: Any) -> None:
        self._value = more[0] if more else None

    def number(self, value: Component | None) -> float:
        shown = self.now(value) if value is not None and not isinstance(value, str) else 0
        return shown if isinstance(shown, (int, float)) else 0

    def shown(self, value: float) -> float:
        return int(value) if self.Class() in ("Int_Knob", "ColorChip_Knob") else float(value)

    def plain(self, value: KnobValue | None) -> Any:
        if isinstance(value, Verbatim):
            return value.word
        parts = self.parts()
        seen = [self.shown(self.number(p)) for p in parts]
        if self.Class() in ALWAYS_LIST or (len(seen) > 1 and len(set(seen)) > 1):
            return seen
        return seen[0]

    def value(self, index: int | None = None, view: object = None, time: float | None = None) -> Any:
        if index is None and time is None:
            return self.plain(self._value)
        if time is not None:
            return self.valueAt(time, index)
        return self.shown(self.number(self.component(index or 0)))

    def getValue(self, index: int | None = None, *_: Any) -> Any:
        return self.value(index)

    def singleValue(self, view: object = None) -> bool:
        return len(set(self.parts())) == 1

    def arraySize(self) -> int:
        return self.spec.size

    def array(self) -> list[float]:
        return [self.shown(self.number(p)) for p in self.parts()]

    def min(self) -> float:
        return 0.0

    def max(self) -> float:
        return 1.0

    def defaultValue(self) -> Any:
        return self.spec.default

    def setRange(self, low: float, high: float) -> None:
        self.keep("arguments", ("R", str(low), str(high)))

    def setDefaultValue(self, values: list[float]) -> None:
        self.keep("_value", values[0] if len(values) == 1 else tuple(values))

    def setValue(
        self, value: Any, index: int | None = None, time: float | None = None, view: object = None
    ) -> bool:
        """An animated component gets a key at the current frame (B)."""
        if time is not None:
            return self.setValueAt(value, time, index)
        given = numbers(value, self.spec.size, self.spec.name)
        if any(not math.isfinite(v) for v in given):
            raise ValueError(f"{self.spec.name}: is not finite")
        parts = list(self.parts())
        slots = (
            [index] if index is not None else list(range(len(given) if len(given) > 1 else self.spec.size))
        )
        for place, slot in enumerate(slots):
            new = given[place] if len(given) > 1 else given[0]
            old = parts[slot]
            if isinstance(old, Curve) and self.shared is not None:
                parts[slot] = _with_key(old, self.shared.session.frame, new)
            else:
                parts[slot] = new
        return self.put(parts)

    def put(self, parts: list[Component]) -> bool:
        """Store components: one number where all are equal and plain."""
        first = parts[0]
        if len(parts) == 1 or all(p == first and isinstance(p, (int, float)) for p in parts):
            return self.store(first)
        return self.store(tuple(parts))

    # -- animation

    def key(self, frame: float, value: float, index: int | None) -> bool:
        parts = list(self.parts())
        for slot in range(len(parts)) if index is None or index < 0 else (index,):
            parts[slot] = _with_key(parts[slot], frame, value)
        return self.put(parts)

    def setValueAt(self, value: float, time: float, index: int | None = None, view: object = None) -> bool:
        """Keys the component; a constant becomes a curve with that one key (B)."""
        return self.key(time, numbers(value, 1, self.spec.name)[0], index)

    def valueAt(self, time: float, index: int | None = None, view: object = None) -> float:
        part = self.component(index or 0)
        return self.shown(part.at(time) if isinstance(part, Curve) else self.number(part))

    def getValueAt(self, time: float, index: int = 0) -> float:
        return self.valueAt(time, index)

    def setAnimated(self, index: int | None = None, view: object = None) -> bool:
        """Makes a curve with one key at the current frame, the value unchanged."""
        frame = self.shared.session.frame if self.shared is not None else 1
        parts = list(self.parts())
        for slot in range(len(parts)) if index is None or index < 0 else (index,):
            if not isinstance(parts[slot], Curve):
                parts[slot] = _with_key(None, frame, self.number(parts[slot]))
        return self.put(parts)

    def clearAnimated(self, index: int | None = None, view: object = None) -> bool:
        """Keeps the value of the current frame; takes expressions away too."""
        parts = list(self.parts())
        for slot in range(len(parts)) if index is None or index < 0 else (index,):
            parts[slot] = self.number(parts[slot])
        return self.put(parts)

    def animation(self, index: int = 0, view: object = None) -> AnimationCurve | None:
        return AnimationCurve(self, index) if isinstance(self.component(index), (Curve, Expression)) else None

    def animations(self, view: object = None) -> list[AnimationCurve]:
        return [a for i in range(self.spec.size) if (a := self.animation(i)) is not None]

    def getNumKeys(self, index: int = 0, *_: Any) -> int:
        part = self.component(index)
        return len(part.keys) if isinstance(part, Curve) else 0

    def getKeyTime(self, key: int, index: int = 0, *_: Any) -> float:
        part = self.component(index)
        if not isinstance(part, Curve):
            raise IndexError(f"{self.spec.name} is not animated")
        return part.keys[key].frame

    def getKeyList(self) -> list[float]:
        return sorted({k.frame for p in self.parts() if isinstance(p, Curve) for k in p.keys})

    def isKeyAt(self, time: float, index: int | None = None, view: object = None) -> bool:
        parts = self.parts() if index is None else (self.component(index),)
        return any(k.frame == time for p in parts if isinstance(p, Curve) for k in p.keys)

    def isKey(self, index: int | None = None, view: object = None) -> bool:
        return self.isKeyAt(self.shared.session.frame if self.shared is not None else 1, index)

    def removeKeyAt(self, time: float, index: int | None = None, view: object = None) -> bool:
        """The last key leaves a constant (U)."""
        if not self.isKeyAt(time, index):
            return False
        parts = list(self.parts())
        for slot in range(len(parts)) if index is None else (index,):
            part = parts[slot]
            if isinstance(part, Curve):
                left = [k for k in part.keys if k.frame != time]
                parts[slot] = Curve(left, part.extrapolation) if left else part.keys[0].value
        return self.put(parts)

    def removeKey(self, index: int | None = None, view: object = None) -> bool:
        return self.removeKeyAt(self.shared.session.frame if self.shared is not None else 1, index)


def _with_key(part: Component | None, frame: float, value: float) -> Curve:
    old = part.keys if isinstance(part, Curve) else ()
    keys = {k.frame: k for k in old}
    keys[frame] = attrs.evolve(keys[frame], value=value) if frame in keys else Key(frame, value)
    shape = part.extrapolation if isinstance(part, Curve) else "constant"
    return Curve([keys[f] for f in sorted(keys)], shape)
