"""What Nuke knows: node classes, their pipes, knobs, types, defaults and allowed values.

Sources, both shipped beside this module: ``catalogue.json``, made by ``tools/build_catalogue.py`` from the
published knob scan of Nuke 17.0v3 (87 classes), and ``catalogue_extra.json``, by hand, for what the scan
lacks (Root, BackdropNode, the exr knobs of Write, what is younger or older than which version, what is
read-only). Each entry of the latter says how sure it is. Knobs of older versions are only known where
``catalogue_extra.json`` names a version; all others are taken to exist in every version.

A knob belongs to one of these kinds, which says what a value may be and how it is spelled:

========  ===============================================================================================
boolean   bool
number    int or float; a tuple where ``size`` > 1 (a lone number means all components)
colour    int, 0xRRGGBBAA, for tile and font colours
choice    str from ``values`` (any str if ``values`` is empty), or its index as int
channel   str, a layer, channel or set of them; a tuple of str for a written-out channel mask
text      str; ``evaluated`` if Nuke runs Tcl substitution over it
opaque    what we do not model: plain str or number, else Verbatim
code      Python or Tcl that Nuke runs: refused by checks
display   text computed by Nuke: cannot be set
tab       bool; only OFX nodes save it
obsolete  known by name only, for reading old scripts
========  ===============================================================================================
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from .graph import NukeVersion

__all__ = ["Catalogue", "KnobSpec", "NodeSpec", "Scalar", "catalogue"]

Scalar = bool | int | float | str | None

KINDS = {
    **dict.fromkeys(("Boolean_Knob", "Disable_Knob"), "boolean"),
    **dict.fromkeys(
        ("Array_Knob", "Double_Knob", "Int_Knob", "IArray_Knob", "WH_Knob", "XY_Knob", "XYZ_Knob"), "number"
    ),
    **dict.fromkeys(("BBox_Knob", "Color_Knob", "AColor_Knob", "Range_Knob"), "number"),
    "ColorChip_Knob": "colour",
    **dict.fromkeys(("Enumeration_Knob", "Radio_Knob"), "choice"),
    **dict.fromkeys(("Channel_Knob", "ChannelMask_Knob"), "channel"),
    **dict.fromkeys(("File_Knob", "EvalString_Knob", "Multiline_Eval_String_Knob"), "text"),
    **dict.fromkeys(
        ("String_Knob", "Format_Knob", "Font_Knob", "PathExpression_Knob", "MultiView_Knob"), "text"
    ),
}
EVALUATED = {"File_Knob", "EvalString_Knob", "Multiline_Eval_String_Knob"}
COPIED_DEFAULT = {"XY_Knob", "BBox_Knob", "IArray_Knob", "Range_Knob"}
"""Types whose components differ, so that the scan, which has the first component only, does not tell the
default."""
STAMPED = {"Read", "PostageStamp"}


@attrs.frozen
class KnobSpec:
    """One knob. type: Nuke's own class name. default: for a vector the value of every component; None
    where it is not known. values: allowed values of a choice. aliases: other spellings Nuke accepts ->
    value. since, until: first and last version that has it, None where no limit is known. before, after:
    what it is called outside those."""

    name: str
    type: str
    kind: str
    default: Scalar = None
    values: tuple[str, ...] = ()
    aliases: dict[str, str] = attrs.field(factory=dict, eq=False)
    size: int = 1
    hidden: bool = False
    evaluated: bool = False
    config_dependent: bool = False
    read_only: bool = False
    since: NukeVersion | None = None
    until: NukeVersion | None = None
    before: str | None = None
    after: str | None = None
    sure: str = "seen"
    note: str = ""

    @property
    def code(self) -> bool:
        """Nuke runs the value as Python or Tcl."""
        return self.kind == "code"

    def canonical(self, value: object) -> object:
        """A choice given as index or by another spelling -> the listed value; anything else unchanged."""
        if type(value) is int and 0 <= value < len(self.values):
            return self.values[value]
        if isinstance(value, str):
            return self.aliases.get(value, value)
        return value

    def exists_in(self, version: NukeVersion) -> bool:
        return _within(version, self.since, self.until)


@attrs.frozen
class NodeSpec:
    """One class. min_inputs, max_inputs: ordinary pipes, the mask not counted. has_mask: there is a mask
    pipe after them. For a Group the pipes are its Input nodes and ``max_inputs`` says nothing."""

    cls: str
    min_inputs: int
    max_inputs: int
    has_mask: bool
    knobs: dict[str, KnobSpec] = attrs.field(eq=False)
    since: NukeVersion | None = None
    until: NukeVersion | None = None

    @property
    def ofx(self) -> bool:
        return self.cls.startswith("OFX")

    def exists_in(self, version: NukeVersion) -> bool:
        return _within(version, self.since, self.until)


GROUPS = ("Group", "Gizmo", "LiveGroup", "VariableGroup")
"""Classes with nodes inside."""


class Catalogue:
    """All classes; built class by class when first asked for."""

    def __init__(self, scan: dict[str, Any], extra: dict[str, Any]) -> None:
        self._scan = scan
        self._extra = extra
        self._built: dict[str, NodeSpec] = {}
        self.classes: tuple[str, ...] = tuple(sorted({*scan["nodes"], *extra["nodes"]}))

    def node(self, cls: str) -> NodeSpec | None:
        """The class, None if Nuke 17.0v3 as scanned does not have it (or we know nothing of it)."""
        spec = self._built.get(cls)
        if spec is None and (cls in self._scan["nodes"] or cls in self._extra["nodes"]):
            spec = self._built[cls] = self._build(cls)
        return spec

    def knob(self, cls: str, name: str) -> KnobSpec | None:
        """The knob; generic knobs (``label``, ``disable`` ...) are known for every class, even an unknown
        one."""
        spec = self.node(cls)
        return spec.knobs.get(name) if spec else self._generic.get(name)

    def default(self, cls: str, name: str) -> Scalar:
        """The default value, None where it is not known. Raises KeyError for an unknown class or knob."""
        spec = self.knob(cls, name)
        if spec is None:
            raise KeyError(f"{cls}.{name}")
        return spec.default

    def spell(self, cls: str, name: str, version: NukeVersion) -> str | None:
        """What a version calls a knob: ``("FrameHold", "firstFrame", 12.2)`` -> ``first_frame``; None
        where that version has no such knob. Raises KeyError for an unknown class or knob."""
        spec = self.knob(cls, name)
        if spec is None:
            raise KeyError(f"{cls}.{name}")
        if spec.exists_in(version):
            return name
        return spec.before if spec.since and not _within(version, spec.since, None) else spec.after

    @property
    def _generic(self) -> dict[str, KnobSpec]:
        found = self._built.get("")
        if found is None:
            entry = self._scan["generic"]
            knobs = self._knobs("", {**entry, "code": [*entry["code"], *self._extra["generic_code"]]})
            for name, one in self._extra["generic"].items():
                knobs[name] = self._spec("", name, one["knob"], sure=one["sure"], note=one.get("note", ""))
            knobs.pop("xpos")
            knobs.pop("ypos")
            knobs.pop("name")
            found = self._built[""] = NodeSpec("", 0, 0, False, knobs)
        return found.knobs

    def _build(self, cls: str) -> NodeSpec:
        entry = self._scan["nodes"].get(cls) or self._extra["nodes"][cls]
        knobs = {**self._generic} if cls != "Root" else {}
        if cls in STAMPED:
            knobs["postage_stamp"] = attrs.evolve(knobs["postage_stamp"], default=True)
        knobs.update(self._knobs(cls, entry))
        for name, one in self._extra["knobs"].get(cls, {}).items():
            knobs[name] = self._spec(cls, name, one["knob"], sure=one["sure"], note=one.get("note", ""))
        limits = self._extra["versions"].get(cls, {})
        low, high = entry["inputs"]
        return NodeSpec(
            cls,
            low,
            high,
            bool(entry.get("mask")),
            knobs,
            _version(limits.get("since")),
            _version(limits.get("until")),
        )

    def _knobs(self, cls: str, entry: dict[str, Any]) -> dict[str, KnobSpec]:
        found: dict[str, KnobSpec] = {}
        for group, kind in (
            ("obsolete", "obsolete"),
            ("tabs", "tab"),
            ("texts", "display"),
            ("code", "code"),
        ):
            for name in entry.get(group, ()):
                found[name] = KnobSpec(name, "", kind)
        for group in ("knobs", "hidden"):
            for name, one in entry.get(group, {}).items():
                found[name] = self._spec(cls, name, one, hidden=group == "hidden")
        return found

    def _spec(
        self,
        cls: str,
        name: str,
        entry: list[Any],
        *,
        hidden: bool = False,
        sure: str = "seen",
        note: str = "",
    ) -> KnobSpec:
        kind, default, size, values = (list(entry) + [None] * 3)[:4]
        limits = self._extra["versions"].get(f"{cls}.{name}", {})
        listed, aliases = _values(values) if isinstance(values, list) else ((), {})
        read_only = self._extra["read_only"]
        return KnobSpec(
            name,
            kind,
            KINDS.get(kind, "opaque"),
            default if kind not in COPIED_DEFAULT else None,
            listed,
            aliases,
            size or 1,
            hidden,
            kind in EVALUATED,
            values == "*",
            name in read_only["*"] or name in read_only.get(cls, ()),
            _version(limits.get("since")),
            _version(limits.get("until")),
            limits.get("before"),
            limits.get("after"),
            limits.get("sure", sure),
            limits.get("note", note),
        )


def _values(raw: list[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Nuke's items are ``value TAB menu label TAB ... TAB alias,alias``; only the first part is the value."""
    listed: list[str] = []
    aliases: dict[str, str] = {}
    for item in raw:
        value, *rest = item.split("\t")
        listed.append(value)
        for other in (o for part in rest for o in part.split(",")):
            if other and other != value:
                aliases.setdefault(other, value)
    return tuple(listed), {a: v for a, v in aliases.items() if a not in listed}


def _version(text: str | None) -> NukeVersion | None:
    return NukeVersion.parse(text) if text else None


def _within(version: NukeVersion, since: NukeVersion | None, until: NukeVersion | None) -> bool:
    here = (version.major, version.minor)
    if since and here < (since.major, since.minor):
        return False
    return not (until and here > (until.major, until.minor))


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The shipped catalogue, read once."""
    here = Path(__file__).parent
    scan, extra = (
        json.loads((here / f).read_text("utf-8")) for f in ("catalogue.json", "catalogue_extra.json")
    )
    return Catalogue(scan, extra)
