"""Our nodes in the open script, as a graph: the form in which they can be compared with those wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import NkError
from ..graph.catalogue import catalogue
from ..graph.graph import Graph
from ..graph.node import Node, UserKnob
from ..nk import read
from ..nk.tcl import Word
from ..nk.values import understand
from ..stages.marks import BUILT, ID
from .artist_edits import read_built
from .hands import Hands, LiveNode

__all__ = ["live_graph"]


def live_graph(nuke: Any, hands: Hands, ours: Sequence[LiveNode]) -> Graph:
    """Our nodes as they are now, from their text; where that cannot be read, from the knobs that we set."""
    if not ours:
        return Graph()
    undo = nuke.Undo()
    undo.disable()  # looking is no step
    chosen = hands.selected()
    try:
        return read(hands.copy([n.handle for n in ours]), name="the script")
    except (NkError, RuntimeError, OSError):  # Non-commercial may copy encrypted text
        return _by_knobs(hands, ours)
    finally:
        hands.select(chosen)
        undo.enable()


def _by_knobs(hands: Hands, ours: Sequence[LiveNode]) -> Graph:
    graph = Graph()
    for live in ours:
        if any(n.user(ID) == live.mark for n in graph):
            continue
        built = hands.get(live.handle, BUILT) or ""
        marks = (UserKnob(ID, 1, value=live.mark), UserKnob(BUILT, 1, value=_text(built)))
        node = Node(live.name, live.cls, user_knobs=marks)
        said = read_built(node)
        words = said.words if said is not None else {}
        for knob in {
            "label",
            *(w.rpartition(".")[0] if w.rpartition(".")[2].isdigit() else w for w in words),
        }:
            word = hands.get(live.handle, knob)
            if word is not None:
                node.knobs[knob] = understand(_word(word), catalogue().knob(live.cls, knob))
        graph.nodes.setdefault(live.name, node)
    return graph


def _word(text: str) -> Word:
    """What ``toScript`` gives, as the word that stands in a .nk file."""
    return Word(text, 0, "braced" if text.startswith("{") else "quoted" if " " in text else "bare")


def _text(word: str) -> str:
    return _word(word).text
