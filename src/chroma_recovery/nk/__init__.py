"""Nuke's script format: a Graph as .nk text and back.

========  =========================================================================
writing
CR301     NUL or a lone surrogate in text
CR302     a control character in text
CR303     literal text Nuke might evaluate, in a knob where escaping is not certain
CR304     a value that does not fit its knob
CR305     a number that is not finite
CR306     a node name that is not safe to write
CR307     clones not numbered in the order of flow, or of something that is not there
CR308     a class name that is none
CR309     name, inputs, xpos, ypos given as knobs
CR310     nodes inside a class that holds none, or groups too deep
reading
CR320     a brace or quote is never closed
CR321     not a Tcl list or command
CR322     a command that is no node and none we know
CR323     a knob without a value
CR324     inputs that cannot be read
CR325     a pushed or cloned variable that was never set, or set in another group
CR327     end_group without a group
CR328     a group without end_group
CR329     more nodes, inputs or nesting than any real script
CR331     a version that cannot be read
========  =========================================================================
"""

from .reader import read
from .writer import write

__all__ = ["read", "write"]
