"""What Nuke would refuse or misread in a graph, before Nuke sees it.

======  ========  =======================================================================================
code    severity  finding
======  ========  =======================================================================================
CR210   error     the class is not in the catalogue
CR211   error     the class has no such knob
CR212   error     the knob holds code that Nuke would run
CR213   error     the value is not one of the knob's choices
CR214   error     the value has the wrong type
CR215   error     the value has the wrong number of components
CR216   error     the knob is read-only
CR217   both      an input that the class needs is not connected: a warning for classes that only show or pass
                  on their input (LOOSE), for disabled nodes and inside groups; an error otherwise
CR218   error     more inputs than the class has
CR219   error     a mask on a class without a mask pipe
CR220   error     connected to a node that is not in the graph
CR221   error     a node feeds itself
CR222   error     a clone of something that is not an ordinary node of the same class
CR223   error     a clone that is not called ``source~2``, ``source~3`` ...
CR224   error     a node name that Nuke does not accept, or that differs from its key in the graph
CR225   error     the target version has no such knob
CR226   error     the target version has no such class
CR227   warning   the knob is obsolete or displays what Nuke computes
CR228   error     a clone with knobs, user knobs or children of its own
CR229   error     name, inputs, xpos or ypos given as a knob
CR230   both      nodes inside a class that holds none (error); a group that says another version (error); an
                  empty graph as the inside of a group (warning: it reads back as none)
CR231   error     an expression, curve or evaluated text where the knob cannot hold one
CR232   error     literal text that Nuke might evaluate, in a knob where escaping is not certain
CR233   error     two user knobs of one name, or one with the name of a knob of the class
CR234   warning   another spelling of a choice
CR235   error     NUL, a control character or a lone surrogate in text
CR236   error     a number that is not finite
CR237   error     add_layer without channels
======  ========  =======================================================================================

Names and connections are checked against the graph, everything else against the catalogue and the graph's own
version. Values kept verbatim from a script are not judged, except in code knobs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..errors import GraphError, Problem, did_you_mean
from .catalogue import GROUPS, Catalogue, NodeSpec
from .catalogue import catalogue as shipped
from .graph import Graph
from .knob_checks import check_knob, check_text
from .node import NAME, Node

__all__ = ["check"]

LOOSE = {"Viewer", "Dot", "NoOp", "Output", "PostageStamp", "AppendClip", "ContactSheet", "Precomp", "Input"}
CODE_KINDS = {22: "a Python button", 32: "a Tcl button", 35: "a menu of scripts", 52: "a Python object"}
USER_KNOB = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")


def check(graph: Graph, *, catalogue: Catalogue | None = None) -> list[Problem]:
    """Everything that is wrong with a graph, groups included, in graph order; empty if nothing is.

    Each problem's place is ``Node``, ``Node.knob`` or ``Group.Node.knob``. Never raises for what a graph
    may hold.
    """
    known = catalogue or shipped()
    found = list(_root(graph, known))
    waiting = [(graph, "")]
    while waiting:
        level, path = waiting.pop(0)
        for key, node in level.nodes.items():
            found += _node(level, key, node, path, known)
            if node.children is not None:
                waiting.append((node.children, f"{path}{key}."))
                found += _inside(graph, node, path + key)
        found += _clone_numbers(level, path)
        found += _cycles(level, path)
    return found


def _root(graph: Graph, known: Catalogue) -> Iterator[Problem]:
    spec = known.node("Root")
    for name, value in graph.root.items() if spec else ():
        assert spec is not None  # noqa: S101 - told by the line above
        yield from check_knob(known, spec, graph.nuke, name, value, f"Root.{name}")
    for layer in graph.layers:
        if len(layer) < 2:
            yield Problem(
                "CR237", "add_layer", f"{' '.join(layer)!r} names no channels", "(layer, layer.red, ...)"
            )


def _node(graph: Graph, key: str, node: Node, path: str, known: Catalogue) -> Iterator[Problem]:
    place = path + key
    if key != node.name:
        yield Problem("CR224", place, f"the node under this name calls itself {node.name!r}")
    elif node.clone_of is None and not NAME.match(key):
        yield Problem("CR224", place, f"{key!r} is no node name", "letters, digits and _, not a digit first")
    for pipe in graph.pipes(key):
        if pipe is not None and pipe not in graph.nodes:
            yield Problem(
                "CR220",
                place,
                f"is connected to {pipe!r}, which is not here",
                did_you_mean(pipe, list(graph.nodes)),
            )
    if node.clone_of is not None:
        yield from _clone(graph, node, place)
    spec = known.node(node.cls)
    if spec is None:
        hint = did_you_mean(node.cls, known.classes)
        yield Problem("CR210", place, f"Nuke has no class {node.cls!r} that we know", hint)
        for name in node.knobs:
            if (generic := known.knob(node.cls, name)) and generic.code:
                yield Problem("CR212", f"{place}.{name}", "holds code that Nuke would run", "leave it out")
        yield from _user_knobs(node, {}, place)
        return
    if not spec.exists_in(graph.nuke):
        yield Problem("CR226", place, f"{node.cls} came with Nuke {spec.since}, the target is {graph.nuke}")
    yield from _pipes(node, spec, place, bool(path))
    if node.clone_of is not None:
        return
    for name, value in node.knobs.items():
        yield from check_knob(known, spec, graph.nuke, name, value, f"{place}.{name}")
    yield from _user_knobs(node, spec.knobs, place)


def _pipes(node: Node, spec: NodeSpec, place: str, inside: bool) -> Iterator[Problem]:
    if node.mask is not None and not spec.has_mask:
        yield Problem("CR219", place, f"{node.cls} has no mask pipe")
    if node.cls in GROUPS:
        if node.children is not None and len(node.inputs) > (most := len(node.children.of_class("Input"))):
            yield Problem("CR218", place, f"has {len(node.inputs)} inputs and {most} Input nodes inside")
        return
    if len(node.inputs) > spec.max_inputs:
        allowed = f"at most {spec.max_inputs}" + (" and a mask" if spec.has_mask else "")
        yield Problem("CR218", place, f"has {len(node.inputs)} inputs, {node.cls} takes {allowed}")
    missing = [i for i in range(spec.min_inputs) if i >= len(node.inputs) or node.inputs[i] is None]
    if missing:
        severity = "warning" if inside or node.cls in LOOSE or node.knobs.get("disable") is True else "error"
        numbers = ", ".join(map(str, missing))
        yield Problem("CR217", place, f"input {numbers} of {node.cls} is not connected", severity=severity)


def _clone(graph: Graph, node: Node, place: str) -> Iterator[Problem]:
    source = graph.nodes.get(node.clone_of or "")
    if source is None or source.clone_of is not None or source.cls != node.cls:
        yield Problem(
            "CR222", place, f"is a clone of {node.clone_of!r}, which is no ordinary {node.cls} here"
        )
    if node.knobs or node.user_knobs or node.children is not None:
        yield Problem("CR228", place, "a clone has no knobs of its own", f"set them on {node.clone_of}")


def _clone_numbers(graph: Graph, path: str) -> Iterator[Problem]:
    names: dict[str, list[str]] = {}
    for key, node in graph.nodes.items():
        if node.clone_of is not None:
            names.setdefault(node.clone_of, []).append(key)
    for source, found in names.items():
        wanted = {f"{source}~{k}" for k in range(2, len(found) + 2)}
        for name in found:
            if name not in wanted:
                yield Problem(
                    "CR223", path + name, f"clones of {source} are called {source}~2, {source}~3 ..."
                )


def _cycles(graph: Graph, path: str) -> Iterator[Problem]:
    if any(p not in graph.nodes for key in graph.nodes for p in graph.pipes(key) if p is not None):
        return
    if any(n.clone_of is not None and n.clone_of not in graph.nodes for n in graph):
        return
    try:
        graph.topological()
    except GraphError as error:
        for problem in error.problems:
            yield Problem("CR221", path + problem.place, problem.message)


def _inside(top: Graph, node: Node, place: str) -> Iterator[Problem]:
    inside = node.children
    if inside is None:
        return
    if node.cls not in GROUPS:
        yield Problem("CR230", place, f"a {node.cls} has no nodes inside")
    if inside.nuke != top.nuke or inside.root or inside.layers:
        yield Problem(
            "CR230", place, "the inside of a group has the script's version and no Root or layers of its own"
        )
    if not inside.nodes:
        yield Problem("CR230", place, "the group is empty", "leave children out", severity="warning")


def _user_knobs(node: Node, own: Mapping[str, object], place: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for added in node.user_knobs:
        where = f"{place}.{added.name}"
        if added.kind in CODE_KINDS:
            yield Problem(
                "CR212", where, f"is {CODE_KINDS[added.kind]}, which Nuke would run", "leave it out"
            )
        if added.name and (added.name in seen or added.name in own):
            yield Problem("CR233", where, "there is a knob of this name already")
        if added.name in ("name", "inputs", "xpos", "ypos", "addUserKnob"):
            yield Problem("CR229", where, f"{added.name} is no name for a user knob")
        elif added.name and not USER_KNOB.match(added.name):
            yield Problem("CR233", where, f"{added.name!r} is no knob name", "letters, digits and _")
        seen.add(added.name)
        for text in (added.label, added.tooltip, *added.flags, *added.arguments):
            yield from check_text(text, where)
        yield from check_text(added.value, where)
