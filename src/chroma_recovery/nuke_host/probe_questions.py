"""The questions of the probe: each a small function that a Nuke with an empty script answers.

A question returns what was found and whether that is what the code relies on; None where a person has to read it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from ..colour.ycbcr import KB, KG, KR
from ..effects import EXAMPLE, example, graph_of
from ..graph import Graph, NukeVersion
from ..graph.catalogue import catalogue
from ..graph.compare import changes
from ..nk import read, write
from ..preset.load import loads
from .probe_pixels import (
    MOST,
    Answer,
    append_order,
    colour_settings,
    crop_rounding,
    exr_choices,
    log2lin,
    make,
    training_pipes,
    ycbcr,
)

__all__ = ["QUESTIONS", "Question"]

OF_THE_SCRIPT = ("selected", "postage_stamp", "hide_input", "bookmark")
"""Knobs that say how a node stands in a script."""


@attrs.frozen
class Question:
    """name: of the answer. text: what is asked. assumed: what the code relies on. ask: gets the module ``nuke``."""

    name: str
    text: str
    assumed: str
    ask: Callable[[Any], Answer]


def _version(nuke: Any) -> NukeVersion:
    return NukeVersion(
        int(nuke.NUKE_VERSION_MAJOR), int(nuke.NUKE_VERSION_MINOR), int(nuke.NUKE_VERSION_RELEASE)
    )


def _graph(nuke: Any) -> Graph:
    """The example's graph for this version."""
    version = _version(nuke)
    text = EXAMPLE.replace('"17.0"', f'"{version.major}.{version.minor}"')
    return graph_of(loads(text, "example")) if version.major < 18 else graph_of(example())


def _classes(nuke: Any) -> Iterator[tuple[str, Any]]:
    """Every class of the example and a node of it, one after the other; None where Nuke refuses."""
    for cls in sorted({node.cls for node in _graph(nuke) if node.clone_of is None}):
        try:
            node = make(nuke, cls)
        except Exception:
            yield cls, None
            continue
        yield cls, node
        nuke.delete(node)


def _made(nuke: Any) -> Iterator[tuple[str, Any]]:
    """As :func:`_classes`, those that can be made. Raises LookupError if none can: then nothing can be said of them."""
    count = 0
    for cls, node in _classes(nuke):
        if node is not None:
            count += 1
            yield cls, node
    if not count:
        raise LookupError("no class could be made")


def classes(nuke: Any) -> Answer:
    refused = [cls for cls, node in _classes(nuke) if node is None]
    return {"refused": refused}, not refused


def knobs(nuke: Any) -> Answer:
    """Knobs that the example sets and this version lacks."""
    wanted: dict[str, set[str]] = {}
    for node in _graph(nuke):
        wanted.setdefault(node.cls, set()).update(node.knobs)
    missing = []
    for cls, node in _made(nuke):
        missing += [f"{cls}.{k}" for k in sorted(wanted[cls]) if k not in node.knobs()]
    return {"missing": missing}, not missing


def _connect(nuke: Any, node: Any) -> None:
    """Something on the first two pipes: some lists name only what is connected."""
    for n in range(min(2, node.maxInputs())):
        if node.input(n) is None:
            other = make(nuke, "Dot")
            other.setInput(0, None)
            node.setInput(n, other)


def choices(nuke: Any) -> Answer:
    """Choices that the example sets and this version does not list."""
    set_to: dict[tuple[str, str], set[str]] = {}
    known = catalogue()
    for node in _graph(nuke):
        for knob, value in node.knobs.items():
            spec = known.knob(node.cls, knob)
            if spec is not None and spec.values and isinstance(value, str):
                set_to.setdefault((node.cls, knob), set()).add(value)
    unlisted = {}
    for cls, node in _made(nuke):
        for (owner, knob), values in set_to.items():
            if owner == cls and knob in node.knobs():
                _connect(nuke, node)
                listed = [str(v).split("\t")[0] for v in node[knob].values()]
                if lacking := sorted(values - set(listed)):
                    unlisted[f"{cls}.{knob}"] = {"set": lacking, "listed": listed[:40]}
    return unlisted, not unlisted


def defaults(nuke: Any) -> Answer:
    """Defaults that differ from the scan of 17.0v3; of knobs that we leave alone these would change a picture."""
    known, different = catalogue(), {}
    for cls, node in _made(nuke):
        spec = known.node(cls)
        for name, knob in (spec.knobs if spec else {}).items():
            if knob.kind in ("boolean", "choice") and knob.default is not None and name in node.knobs():
                value = node[name].value()
                if (
                    name not in OF_THE_SCRIPT
                    and str(value) != str(knob.default)
                    and bool(value) is not knob.default
                ):
                    different[f"{cls}.{name}"] = [str(knob.default), str(value)]
    return dict(list(different.items())[:MOST]), not different


def _through_file(nuke: Any, text: str, how: Callable[[str], Any]) -> str:
    """Give Nuke a script and take all its nodes back as text."""
    with tempfile.TemporaryDirectory() as folder:
        given, taken = (str(Path(folder) / n).replace("\\", "/") for n in ("given.nk", "taken.nk"))
        Path(given).write_text(text, encoding="utf-8")
        how(given)
        for node in nuke.allNodes():
            node["selected"].setValue(True)
        nuke.nodeCopy(taken)
        return Path(taken).read_text(encoding="utf-8", errors="replace")


def round_trip(nuke: Any) -> Answer:
    """The whole example pasted and copied again: what Nuke saves otherwise than we write it."""
    graph = _graph(nuke)
    graph.root = {}
    back = read(_through_file(nuke, write(graph), nuke.nodePaste))
    graph.nuke = back.nuke
    found = [str(c) for c in changes(graph, back, notes=True)]
    return {"count": len(found), "changes": found[:MOST]}, not found


def pasted_selection(nuke: Any) -> Answer:
    made = Graph(_version(nuke))
    made.add("Constant", "A")
    made.add("Dot", "B", inputs=("A",))
    found: dict[str, list[str]] = {}

    def reads(name: str) -> Callable[[str], None]:
        def read_and_look(path: str) -> None:
            getattr(nuke, name)(path)
            found[name] = sorted(str(n.name()) for n in nuke.selectedNodes())

        return read_and_look

    for name in ("nodePaste", "scriptReadFile"):
        _through_file(nuke, write(made), reads(name))
        for node in list(nuke.allNodes()):
            nuke.delete(node)
    return found, found.get("nodePaste") == ["A", "B"]


def names_counted(nuke: Any) -> Answer:
    made = Graph(_version(nuke))
    made.add("Constant", "A")
    text = write(made)
    for _ in range(2):
        _through_file(nuke, text, nuke.nodePaste)
    names = sorted(n.name() for n in nuke.allNodes())
    return names, names == ["A", "A1"]


def deleted_between(nuke: Any) -> Answer:
    """A - B - C: what is on C's pipe when B is deleted."""
    a, b, c = (make(nuke, cls) for cls in ("Constant", "Dot", "Dot"))
    b.setInput(0, a)
    c.setInput(0, b)
    nuke.delete(b)
    left = c.input(0)
    return "nothing" if left is None else left.Class(), None


def limit_of_nodes(nuke: Any) -> Answer:
    """Indie and Non-commercial: how many nodes Python is handed, and what it is told then."""
    for _ in range(14):
        make(nuke, "Dot")
    handed = 0
    try:
        for node in nuke.allNodes():
            node.name()
            handed += 1
    except Exception as error:
        return {"handed": handed, "then": f"{type(error).__name__}: {error}"[:300]}, None
    return {"handed": handed, "then": ""}, None


QUESTIONS = (
    Question(
        "classes", "Can every class that the scripts hold be made?", "yes, in NukeX and Studio", classes
    ),
    Question("knobs", "Is every knob there that the scripts set?", "yes, by the catalogue of 17.0v3", knobs),
    Question("choices", "Is every choice listed that the scripts set?", "yes", choices),
    Question("defaults", "Which defaults differ from those of 17.0v3?", "none", defaults),
    Question("round_trip", "What does Nuke save otherwise than we write it?", "nothing", round_trip),
    Question("pasted_selection", "What is selected after pasting?", "what was pasted", pasted_selection),
    Question("names_counted", "What is a second node called A named?", "A1", names_counted),
    Question("deleted_between", "What follows a deleted node?", "nothing is relied on", deleted_between),
    Question(
        "limit_of_nodes",
        "How many nodes may Python touch?",
        "about ten in Indie and Non-commercial",
        limit_of_nodes,
    ),
    Question(
        "ycbcr", "Which coefficients has Colorspace's YCbCr?", f"Y = {KR} R' + {KG} G' + {KB} B'", ycbcr
    ),
    Question("append_order", "Which input of an AppendClip plays first?", "input 0", append_order),
    Question("log2lin", "What is 0.18 in Log2Lin's log?", "Cineon: 95, 685, gamma 0.6", log2lin),
    Question("crop_rounding", "How does Crop round its box?", "to the nearest pixel", crop_rounding),
    Question(
        "colour_settings", "What are configs and spaces called here?", "as in our tables", colour_settings
    ),
    Question(
        "exr_choices", "What are EXR's choices called?", "DWAA; default metadata and exr/*", exr_choices
    ),
    Question(
        "training_pipes", "Which pipes and knobs have the training nodes?", "as in nodes.md", training_pipes
    ),
)
