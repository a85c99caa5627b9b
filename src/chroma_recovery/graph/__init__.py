"""What a node graph is: nodes, knobs, clones, what Nuke knows of them, and where they are drawn."""

from .graph import Graph, NukeVersion
from .knobs import Component, Curve, EvaluatedText, Expression, Key, KnobValue, Verbatim, at_frame
from .node import Node, UserKnob

__all__ = [
    "Component",
    "Curve",
    "EvaluatedText",
    "Expression",
    "Graph",
    "Key",
    "KnobValue",
    "Node",
    "NukeVersion",
    "UserKnob",
    "Verbatim",
    "at_frame",
]
