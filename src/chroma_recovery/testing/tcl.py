"""The few Tcl commands that host code may use in Indie and Non-commercial: they name nodes and hand out no Python
objects, so they do not count (B: two published tools rely on it; commands from Nuke's own list of them).

``nodes``, ``selected_nodes``, ``class N``, ``exists N.knob``, ``knob N.knob [state]``, ``inputs N``,
``input N pipe [other]``. A node is named by its id or its name; a name finds the first instance of a clone. Anything
else fails the test: AssertionError. So does a word that Tcl would substitute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..nk.tcl import TclError, commands, split_list
from .live import Live

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["run_tcl"]


def run_tcl(session: FakeNuke, text: str) -> str:
    """The result of one command. Raises RuntimeError as Nuke does for nodes and knobs that are not there."""
    found = list(commands(text))
    if len(found) != 1 or isinstance(found[0], TclError):
        raise AssertionError(f"nuke.tcl({text!r}): one command at a time")
    name, *words = found[0].words
    if any(w.style == "bare" and set(w.text) & set("[$\\") for w in (name, *words)):
        raise AssertionError(f"nuke.tcl({text!r}): a word would be substituted")
    given = [w.text for w in split_list(text)][1:]
    here = [n for n in session.nodes if n.attached]
    if name.text == "nodes" and not given:
        return " ".join(_id(n) for n in here)
    if name.text == "selected_nodes" and not given:
        return " ".join(_id(n) for n in session.selected())
    if name.text == "class" and len(given) == 1:
        return _find(session, given[0]).cls
    if name.text == "exists" and len(given) == 1:
        node, _, knob = given[0].partition(".")
        live = session.root if node == "root" else _maybe(session, node)
        return str(int(live is not None and (not knob or live.shared.find(knob) is not None)))
    if name.text == "knob" and len(given) in (1, 2):
        return _knob(session, *given)
    if name.text == "inputs" and len(given) == 1:
        return str(_find(session, given[0]).count())
    if name.text == "input" and len(given) in (2, 3):
        return _input(session, *given)
    raise AssertionError(f"nuke.tcl({text!r}): host code does not run this Tcl")


def _id(live: Live) -> str:
    return f"node{id(live):x}"


def _maybe(session: FakeNuke, name: str) -> Live | None:
    here = [n for n in session.nodes if n.attached]
    return next((n for n in here if _id(n) == name), None) or next((n for n in here if n.name == name), None)


def _find(session: FakeNuke, name: str) -> Live:
    live = session.root if name == "root" else _maybe(session, name)
    if live is None:
        raise RuntimeError(f"{name}: no such node")
    return live


def _knob(session: FakeNuke, place: str, state: str | None = None) -> str:
    node, _, name = place.partition(".")
    live = _find(session, node)
    placed = {"xpos": "x", "ypos": "y", "selected": "selected"}
    if name == "name":
        return live.name
    if name in placed:
        if state is not None:
            value = state == "true" if name == "selected" else round(float(state))
            live.change(placed[name], value, alone=name != "selected")
        return str(getattr(live, placed[name]))
    knob = live.shared.find(name)
    if knob is None:
        raise RuntimeError(f"{place}: no such knob")
    if state is not None:
        knob.fromScript(state)
    return str(knob.toScript())


def _input(session: FakeNuke, node: str, pipe: str, other: str | None = None) -> str:
    live = _find(session, node)
    if other is not None and not live.python.setInput(
        int(pipe), None if other == "0" else _find(session, other).python
    ):
        raise RuntimeError(f"{node}: cannot connect pipe {pipe} to {other}")
    found = live.pipe(int(pipe))
    return _id(found) if found is not None else "0"
