"""The other knob classes, and which class a catalogue knob becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..graph.catalogue import KnobSpec
from ..graph.knobs import KnobValue, Verbatim
from ..graph.node import UserKnob
from ..nk.tcl import quote, split_list
from ..nk.values import user_spec
from .choices import ChoiceKnob
from .knobs import FLAGS, Knob
from .numbers import NumberKnob
from .plain_knobs import BooleanKnob, EvaluatedKnob, TextKnob
from .unverified import UnverifiedBehaviour

if TYPE_CHECKING:
    from .live import Shared

__all__ = ["PUBLIC", "declared", "knob_of", "user_knob"]

LAYERS = ("none", "all", "rgb", "rgba", "alpha", "depth", "motion", "forward", "backward", "mask")
PYTHON = {"autolabel", "knobChanged", "onCreate", "onDestroy", "updateUI", "onScriptLoad", "onScriptSave"}
PYTHON |= {"beforeRender", "beforeFrameRender", "afterFrameRender", "afterRender", "renderProgress"}
PYTHON |= {"onScriptClose"}


class ChannelKnob(Knob):
    """Channel_Knob, ChannelMask_Knob. Unknown channels raise ValueError (A: STUBS); known are Nuke's own
    layers and those that the script declares."""

    kind_number = 41

    @classmethod
    def user_kind(cls) -> str:
        return "channel"

    def plain(self, value: KnobValue | None) -> str:
        if isinstance(value, tuple):
            return " ".join(str(v) for v in value)
        return value.word if isinstance(value, Verbatim) else str(value if value is not None else "none")

    def setValue(self, value: Any, *_: Any) -> bool:
        if not isinstance(value, str):
            raise TypeError(f"{self.spec.name}: takes a channel name")
        known = self.shared.session.channels() if self.shared is not None else set(LAYERS)
        for word in value.split() or [""]:
            if word.lstrip("-") not in known:
                raise ValueError(f"{self.spec.name}: no channel {word!r}")
        words = value.split()
        return self.store(words[0] if len(words) == 1 else tuple(words))


class ShuffleKnob(Knob):
    """Shuffle2.mappings. Its value is the text that scripts hold; lists of tuples are not modelled."""

    def plain(self, value: KnobValue | None) -> Any:
        raise UnverifiedBehaviour("Shuffle2.mappings is not modelled for Python: paste the node instead")

    def setValue(self, *_: Any) -> Any:
        raise UnverifiedBehaviour("Shuffle2.mappings is not modelled for Python: paste the node instead")


class FormatKnob(TextKnob):
    """Format_Knob: takes the name of a known format (A: STUBS), or the text of a script."""

    def setValue(self, value: Any, view: str = "default") -> Any:
        name = value.name() if hasattr(value, "name") and callable(value.name) else value
        formats = self.attached().session.formats
        if not isinstance(name, str) or name not in formats:
            raise UnverifiedBehaviour(f"no format {name!r}: nuke.addFormat first")
        return self.store(formats[name])


class DisplayKnob(Knob):
    """Text_Knob: shows text."""

    kind_number = 26

    def setup(self, *more: Any) -> None:
        self.spec = attrs.evolve(self.spec, kind="display")
        self._value = str(more[0]) if more else None

    def plain(self, value: KnobValue | None) -> str:
        return "" if value is None else str(value)

    def setValue(self, value: Any, *_: Any) -> bool:
        return self.store(str(value))


class TabKnob(Knob):
    """Tab_Knob(name, label, group)."""

    kind_number = 20

    def setup(self, *more: Any) -> None:
        self.arguments = ("n", str(int(more[0]))) if more and more[0] else ()

    def plain(self, value: KnobValue | None) -> Any:
        return value if value is not None else False


class CodeKnob(TextKnob):
    """PythonKnob and Script_Knob: text that Nuke would run. The fake runs none of it."""

    @classmethod
    def user_kind(cls) -> str:
        return "code"

    def setup(self, *more: Any) -> None:
        self.spec = attrs.evolve(self.spec, kind="code")
        self._value = Verbatim(str(more[0])) if more else None

    def setValue(self, value: Any, view: str = "default") -> Any:
        if not isinstance(value, str):
            raise TypeError(f"{self.spec.name}: takes text")
        return self.store(Verbatim(value))


class ButtonKnob(CodeKnob):
    """PyScript_Knob, Script_Knob. ``execute()`` is modelled for CopyCat's Start and Resume (A: SCAN)."""

    kind_number = 22

    def command(self) -> str:
        return str(self.value())

    def setCommand(self, text: str) -> None:
        self.setValue(text)

    def execute(self) -> None:
        shared = self.attached()
        node, name = shared.first.python, self.spec.name
        if shared.cls == "CopyCat" and name in ("startTraining", "resumeTraining"):
            if name == "resumeTraining":
                node["trainingMode"].setValue(1)
            shared.session.renders.execute(node, 1, 1)
            return
        runner = shared.session.buttons.get(f"{shared.cls}.{name}")
        if runner is None:
            raise UnverifiedBehaviour(f"what the button {shared.cls}.{name} does is not modelled")
        runner(node)


def _class(name: str, base: type[Knob], number: int = 0) -> type[Knob]:
    return type(name, (base,), {"kind_number": number or base.kind_number, "__doc__": f"``nuke.{name}``."})


PUBLIC: dict[str, type[Knob]] = {
    "Knob": Knob,
    **{n: _class(n, BooleanKnob) for n in ("Boolean_Knob", "Disable_Knob")},
    **{n: _class(n, TextKnob) for n in ("String_Knob", "Font_Knob", "PathExpression_Knob", "MultiView_Knob")},
    **{n: _class(n, EvaluatedKnob, k) for n, k in (("File_Knob", 2), ("EvalString_Knob", 1))},
    "Multiline_Eval_String_Knob": _class("Multiline_Eval_String_Knob", EvaluatedKnob, 43),
    **{n: _class(n, ChoiceKnob) for n in ("Enumeration_Knob", "Radio_Knob", "Pulldown_Knob")},
    **{n: _class(n, ChannelKnob) for n in ("Channel_Knob", "ChannelMask_Knob")},
    "Array_Knob": _class("Array_Knob", NumberKnob),
    "Double_Knob": _class("Double_Knob", NumberKnob, 7),
    "Int_Knob": _class("Int_Knob", NumberKnob, 3),
    "XY_Knob": _class("XY_Knob", NumberKnob, 12),
    "XYZ_Knob": _class("XYZ_Knob", NumberKnob, 13),
    "WH_Knob": _class("WH_Knob", NumberKnob, 14),
    "BBox_Knob": _class("BBox_Knob", NumberKnob, 15),
    "Color_Knob": _class("Color_Knob", NumberKnob, 18),
    "AColor_Knob": _class("AColor_Knob", NumberKnob, 19),
    "IArray_Knob": _class("IArray_Knob", NumberKnob),
    "Range_Knob": _class("Range_Knob", NumberKnob),
    "ColorChip_Knob": _class("ColorChip_Knob", NumberKnob),
    "Format_Knob": _class("Format_Knob", FormatKnob, 17),
    "Text_Knob": _class("Text_Knob", DisplayKnob),
    "Tab_Knob": _class("Tab_Knob", TabKnob),
    "PythonKnob": _class("PythonKnob", CodeKnob),
    "Script_Knob": _class("Script_Knob", ButtonKnob, 32),
    "PyScript_Knob": _class("PyScript_Knob", ButtonKnob),
}
"""Knob classes of the module, by name."""

WRITTEN = ("INVISIBLE", "STARTLINE", "DISABLED", "DO_NOT_WRITE")
SIZES = {"XY_Knob": 2, "XYZ_Knob": 3, "WH_Knob": 2, "BBox_Knob": 4, "Color_Knob": 3, "AColor_Knob": 4}


def knob_of(spec: KnobSpec, shared: Shared) -> Knob:
    """A node's own knob, from the catalogue."""
    if spec.kind == "code":
        name = "PythonKnob" if spec.name in PYTHON else "PyScript_Knob"
        return PUBLIC[name].of(spec, shared)
    if spec.kind == "display":
        return PUBLIC["Text_Knob"].of(spec, shared)
    if spec.kind == "tab":
        return PUBLIC["Tab_Knob"].of(spec, shared)
    if spec.type == "ShuffleLinks":
        return ShuffleKnob.of(spec, shared)
    return PUBLIC.get(spec.type, Knob).of(spec, shared)


KINDS = {k.kind_number: n for n, k in reversed(PUBLIC.items()) if k.kind_number}
KINDS |= {8: "Double_Knob", 16: "WH_Knob", 68: "Enumeration_Knob", 83: "Radio_Knob", 35: "Pulldown_Knob"}
KINDS |= {1: "String_Knob", 4: "Enumeration_Knob", 7: "Double_Knob", 22: "PyScript_Knob", 40: "Channel_Knob"}


def user_knob(added: UserKnob) -> Knob:
    """A user knob as a script declares it."""
    name = KINDS.get(added.kind, "Knob")
    knob = PUBLIC[name](added.name, added.label or added.name)
    spec = user_spec(added.name, added.kind)
    knob.spec = attrs.evolve(spec, type=name, size=SIZES.get(name, 1))
    knob._kind = added.kind
    knob._label = added.label
    knob._tooltip = added.tooltip
    knob.arguments = added.arguments
    if isinstance(knob, ChoiceKnob) and "M" in added.arguments:
        listed = added.arguments[added.arguments.index("M") + 1 :]
        knob._items = tuple(w.text for w in split_list(listed[0])) if listed else ()
    knob._flags = 0
    for flag in added.flags:
        knob._flags |= FLAGS.get(flag[1:], 0) if flag.startswith("+") else 0
    knob._value = added.value
    knob.declaration = added
    return knob


def declared(knob: Knob) -> UserKnob:
    """A user knob as a script would declare it."""
    said = knob.declaration
    flags = said.flags if said is not None else ()
    was = sum(FLAGS.get(f[1:], 0) for f in flags if f.startswith("+"))
    if knob._flags != was:
        flags = tuple("+" + n for n in WRITTEN if knob._flags & FLAGS[n])
    value = knob.held
    if isinstance(knob, ChoiceKnob) and value is None and knob._items and said is None:
        value = knob._items[0].split("\t")[0]
    arguments = knob.arguments
    if isinstance(knob, ChoiceKnob) and knob._items is not None and "M" not in arguments:
        arguments = (*arguments, "M", " ".join(quote(i) for i in knob._items))
    label = knob._label if said is not None or knob._label != knob.spec.name else ""
    return UserKnob(knob.spec.name, knob._kind, label, knob._tooltip, flags, arguments, value)
