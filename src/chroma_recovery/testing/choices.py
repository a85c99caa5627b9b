"""Enumeration_Knob: the knob with the most traps.

``values()`` gives ``short TAB menu path TAB TAB aliases``; only the part before the first TAB is the value.
Handing the whole item to ``setValue`` is accepted and reads back short, but leaves the node in error without
a warning (A/C, Nuke 17). A name that a colour-space knob does not list falls back to the default silently
(B, 16.1v3). What any other enumeration does with an unknown name is not known: the fake raises
UnverifiedBehaviour. ``setValue`` matches text first, then tries an index, and returns None (A: STUBS).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import graph
from ..colour.tables import config_names, find_config
from ..graph.knobs import Curve, Expression, KnobValue, Verbatim
from .knobs import Knob
from .unverified import UnverifiedBehaviour

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["LUT_NAMES", "ChoiceKnob", "colour_items"]

LUT_NAMES = (
    "linear", "sRGB", "rec709", "Cineon", "Gamma1.8", "Gamma2.2", "Gamma2.4", "Gamma2.6", "Panalog",
    "REDLog", "ViperLog", "AlexaV3LogC", "PLogLin", "SLog", "SLog1", "SLog2", "SLog3", "CLog", "Log3G10",
    "Log3G12", "HybridLogGamma", "Protune", "BT1886", "st2084",
)  # fmt: skip
"""Colour spaces of colorManagement Nuke (A: the scan lists linear, sRGB, rec709, Cineon ...; the rest B)."""

SPACES = {
    "colorspace", "in_colorspace", "out_colorspace", "ocioColorspace", "workingSpaceLUT", "int8Lut",
    "int16Lut", "logLut", "floatLut",
}  # fmt: skip
VIEWS = {"monitorLut", "monitorOutLUT", "viewerProcess"}


@cache
def _scanned() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(graph.__file__).parent / "catalogue.json").read_text("utf-8"))
    return found


def scanned_items(cls: str, knob: str) -> list[str] | None:
    """The items as the live Nuke listed them, TABs and all; None where the scan has none."""
    entry = _scanned()["nodes"].get(cls, {})
    for part in ("knobs", "hidden"):
        found = entry.get(part, {}).get(knob)
        if found and len(found) > 3 and isinstance(found[3], list):
            return list(found[3])
    return None


def colour_items(session: FakeNuke, cls: str, knob: str) -> list[str] | None:
    """The items of a knob that depends on colour management; None if the fake does not know them."""
    if knob == "OCIO_config":
        return [*config_names(), "custom"]
    if knob == "defaultViewerLUT":
        return ["Nuke Root LUTs", "OCIO LUTs"]
    config = session.colour_config
    if knob in VIEWS:
        if config is None:
            return ["None", "sRGB", "rec709", "rec1886"]
        table = find_config(config)
        return ["None", "Raw", *(f"{view} ({d})" for d, views in table.displays.items() for view in views)]
    if knob not in SPACES:
        return None
    first = ["default"] if knob in ("colorspace", "ocioColorspace") else []
    if config is None and not cls.startswith("OCIO"):
        return [*first, *LUT_NAMES]
    table = find_config(config or "nuke-default")
    if table.is_custom:
        return None
    roles = [f"{role}\tRoles/{role} ({space})" for role, space in table.roles.items()]
    spaces = [f"{s}\tColorspaces/{s}\t\t{','.join(aliases)}" for s, aliases in table.spaces.items()]
    return [*first, *roles, *spaces]


class ChoiceKnob(Knob):
    """Enumeration_Knob, Radio_Knob, Pulldown_Knob and the like."""

    kind_number = 4

    @classmethod
    def user_kind(cls) -> str:
        return "choice"

    def setup(self, *more: Any) -> None:
        self._items = tuple(str(i) for i in more[0]) if more else None

    def values(self) -> list[str]:
        """The items. Raises UnverifiedBehaviour where what Nuke lists is not known (custom OCIO configs)."""
        items = self.known_items()
        if items is None:
            raise UnverifiedBehaviour(f"what {self.Class()} {self.spec.name} lists is not known to the fake")
        return items

    def known_items(self) -> list[str] | None:
        if self._items is not None:
            return list(self._items)
        shared = self.shared
        if shared is None:
            return []
        if self.spec.name in ("fromInput1", "fromInput2"):
            return ["B", "A"] if shared.widest() > 1 else ["B"]
        given = shared.session.items.get(f"{shared.cls}.{self.spec.name}")
        if given is not None:
            return list(given)
        if self.spec.config_dependent:
            return colour_items(shared.session, shared.cls, self.spec.name)
        return scanned_items(shared.cls, self.spec.name) or list(self.spec.values)

    def setValues(self, items: list[str]) -> None:
        self.keep("_items", tuple(str(i) for i in items))

    def short(self) -> list[str] | None:
        items = self.known_items()
        return None if items is None else [i.split("\t")[0] for i in items]

    def numValues(self) -> int:
        return len(self.values())

    def enumName(self, index: int) -> str:
        return self.values()[index].split("\t")[0]

    def plain(self, value: KnobValue | None) -> str:
        if isinstance(value, Verbatim):
            return value.word
        if isinstance(value, (Curve, Expression)):
            index = self.now(value)
            short = self.short() or [""]
            return short[int(index) % len(short)] if isinstance(index, (int, float)) else short[0]
        if type(value) is int:
            short = self.short() or []
            return short[value] if value < len(short) else str(value)
        if value is None:
            short = self.short() or [""]
            return short[0] if short else ""
        return str(value)

    def getValue(self) -> float:
        """The index."""
        short = self.short() or []
        value = self.value()
        return float(short.index(value)) if value in short else 0.0

    def setValue(self, item: Any, *_: Any) -> None:
        text = str(item)
        items = self.known_items()
        if items is None:
            self._set(text, False)
            return
        short = [i.split("\t")[0] for i in items]
        if text in short:
            self._set(text, False)
        elif "\t" in text and text in items:
            self._set(text.split("\t")[0], True)
        elif text.lstrip("-").isdigit() and 0 <= int(text) < len(items):
            self._set(short[int(text)], False)
        elif self.spec.config_dependent:
            self._set(str(self.spec.default) if self.spec.default in short else short[0], False)
        else:
            raise UnverifiedBehaviour(
                f"{self.spec.name} has no item {text!r} (what Nuke does then is not known); it has: "
                + ", ".join(short)
            )

    def _set(self, text: str, faulty: bool) -> None:
        self.store(text)
        self.keep("_error", faulty)

    def load(self, value: KnobValue | None) -> None:
        """A name that is not listed puts the node in error (B for colour spaces, U else)."""
        super().load(value)
        self.keep("_error", not self.spec.config_dependent and not self._listed())

    @property
    def faulty(self) -> bool:
        """Also when colour management was changed afterwards."""
        return self._error or (self.spec.config_dependent and not self._listed())

    def _listed(self) -> bool:
        value = self._value
        short = self.short() if isinstance(value, str) else None
        if short is None or value in short:
            return True
        return value in self.spec.aliases or self.alias(str(value))

    def alias(self, text: str) -> bool:
        """Another spelling of a listed item: the fourth TAB field."""
        rest = [i.split("\t")[1:] for i in self.known_items() or ()]
        return any(text in part.split(",") for parts in rest for part in parts)
