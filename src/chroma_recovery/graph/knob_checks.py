"""Whether a value fits its knob; findings CR211 to CR216, CR225, CR227, CR229, CR231 to CR236 of
``checks``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from ..errors import Problem, did_you_mean
from .catalogue import Catalogue, KnobSpec, NodeSpec
from .graph import NukeVersion
from .knobs import Curve, EvaluatedText, Expression, KnobValue, Verbatim

__all__ = ["check_knob", "check_text"]

RESERVED = {"inputs", "xpos", "ypos", "addUserKnob"}
UNWRITABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
FORMAT = re.compile(
    r"\s*(?:[0-9.]+\s+){2}(?:(?:-?[0-9.]+\s+){4})?[0-9.]+(?:\s.*)?\Z|[^\s0-9]\S*\Z", re.DOTALL
)
UNSAFE = {
    "choice": r'[\[$\\{}"\n\r\t]',
    "channel": r'[\[$\\{}"\s;]',
    "text": r"[\[$\\]",
    "opaque": r"[\[$\\{}]",
}


def check_knob(
    catalogue: Catalogue, node: NodeSpec, version: NukeVersion, name: str, value: KnobValue, place: str
) -> Iterator[Problem]:
    """All findings on one set knob of a known class."""
    if name in RESERVED or (name == "name" and node.cls != "Root"):
        yield Problem("CR229", place, f"{name} is not a knob", "it belongs to the node itself")
        return
    spec = node.knobs.get(name)
    if spec is None:
        usable = [k for k, s in node.knobs.items() if s.kind not in ("code", "display", "obsolete", "tab")]
        yield Problem("CR211", place, f"{node.cls} has no knob {name!r}", did_you_mean(name, usable))
        return
    if spec.kind == "code":
        yield Problem("CR212", place, "holds code that Nuke would run", "leave it out")
        return
    if spec.read_only:
        yield Problem("CR216", place, "is read-only in Nuke", "leave it out")
        return
    if spec.kind in ("display", "obsolete"):
        what = "shows text that Nuke computes" if spec.kind == "display" else f"is obsolete in {node.cls}"
        yield Problem("CR227", place, what, "leave it out", severity="warning")
        return
    if not spec.exists_in(version):
        other = catalogue.spell(node.cls, name, version)
        hint = f"there it is called {other!r}" if other else "leave it out for this version"
        doubt = f"; {spec.note}" if spec.sure == "guess" and spec.note else ""
        yield Problem("CR225", place, f"Nuke {version.major}.{version.minor} has no such knob{doubt}", hint)
    yield from check_text(value, place)
    yield from _fit(spec, value, place)


def check_text(value: object, place: str) -> Iterator[Problem]:
    """CR235 for characters that no script can hold, CR236 for numbers that are not finite."""
    parts = value if isinstance(value, tuple) else (value,)
    for part in parts:
        text = part.text if isinstance(part, (Expression, EvaluatedText)) else part
        if isinstance(text, str) and (found := UNWRITABLE.search(text)):
            yield Problem(
                "CR235", place, f"character U+{ord(found[0]):04X} cannot be in a script", "remove it"
            )
        numbers = [k.value for k in part.keys] if isinstance(part, Curve) else [part]
        if any(isinstance(n, float) and not math.isfinite(n) for n in numbers):
            yield Problem("CR236", place, "is not a finite number")


def _fit(spec: KnobSpec, value: KnobValue, place: str) -> Iterator[Problem]:
    kind = spec.kind
    if isinstance(value, Verbatim):
        return
    if isinstance(value, EvaluatedText):
        if not spec.evaluated:
            yield Problem("CR231", place, f"Nuke does not evaluate text in a {spec.type}", "use plain text")
        return
    if isinstance(value, (Expression, Curve)):
        if kind == "text" or (kind == "channel" and isinstance(value, Curve)):
            yield Problem("CR231", place, f"a {spec.type} takes no {type(value).__name__.lower()}")
        return
    if isinstance(value, tuple):
        yield from _fit_tuple(spec, value, place)
    elif kind == "number":
        if isinstance(value, str):
            yield Problem("CR214", place, f"takes {_numbers(spec)}, not the text {value!r}")
    elif kind == "boolean" or kind == "tab":
        if isinstance(value, str) or value not in (0, 1):
            yield Problem("CR214", place, f"takes true or false, not {value!r}")
    elif kind == "colour":
        if not isinstance(value, int) or not 0 <= value <= 0xFFFFFFFF:
            yield Problem("CR214", place, f"takes a colour as 0xRRGGBBAA, not {value!r}")
    elif kind == "choice":
        yield from _fit_choice(spec, value, place)
    elif kind in ("channel", "text"):
        if not isinstance(value, str):
            yield Problem(
                "CR214", place, f"takes {'channel names' if kind == 'channel' else 'text'}, not {value!r}"
            )
        elif kind == "channel" and not value:
            yield Problem("CR214", place, "takes channel names, not empty text", "none, rgba, alpha ...")
        else:
            yield from _fit_text(spec, value, place)
    elif isinstance(value, str):
        yield from _fit_text(spec, value, place)


def _fit_text(spec: KnobSpec, value: str, place: str) -> Iterator[Problem]:
    if not spec.evaluated and (found := re.search(UNSAFE.get(spec.kind, UNSAFE["opaque"]), value)):
        yield Problem("CR232", place, f"{found[0]!r} is not safe as plain text in a {spec.type}", "remove it")
    elif spec.type == "Format_Knob" and not FORMAT.match(value):
        yield Problem(
            "CR214", place, f"{value!r} is no format", "WIDTH HEIGHT x y r t PIXEL_ASPECT NAME, or a name"
        )


def _fit_choice(spec: KnobSpec, value: KnobValue, place: str) -> Iterator[Problem]:
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value < len(spec.values):
            yield Problem("CR213", place, f"has no choice number {value}", _choices(spec))
    elif not isinstance(value, str):
        yield Problem("CR214", place, f"takes one of its values, not {value!r}", _choices(spec))
    elif spec.values and value in spec.aliases:
        hint = f"Nuke saves {spec.aliases[value]!r}"
        yield Problem("CR234", place, f"{value!r} is another spelling", hint, severity="warning")
    elif spec.values and value not in spec.values:
        near = did_you_mean(value, [*spec.values, *spec.aliases])
        yield Problem("CR213", place, f"{value!r} is not one of its values; {_choices(spec)}", near)
    else:
        yield from _fit_text(spec, value, place)


def _fit_tuple(spec: KnobSpec, value: tuple[object, ...], place: str) -> Iterator[Problem]:
    if spec.kind == "channel":
        if len(value) < 2 or not all(isinstance(v, str) for v in value):
            yield Problem("CR214", place, "takes channel names", "several as a tuple, one as text")
        else:
            for name in value:
                yield from _fit_text(spec, str(name), place)
    elif spec.kind == "number":
        if any(isinstance(v, str) for v in value):
            yield Problem("CR214", place, f"takes {_numbers(spec)}, not text")
        elif len(value) != spec.size:
            yield Problem("CR215", place, f"takes {_numbers(spec)}, not {len(value)}")
    elif spec.kind not in ("opaque", "tab"):
        yield Problem("CR215", place, "takes one value, not several")


def _numbers(spec: KnobSpec) -> str:
    return "a number" if spec.size == 1 else f"{spec.size} numbers or one for all"


def _choices(spec: KnobSpec) -> str:
    return "allowed: " + ", ".join(repr(v) for v in spec.values) if spec.values else ""
