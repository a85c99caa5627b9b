"""The word after ``addUserKnob``: ``TYPE NAME [l LABEL] [t TOOLTIP] [+FLAG|-FLAG ...] [T TEXT|R MIN MAX|M
ITEMS|n N]``."""

from __future__ import annotations

import re

from ..graph.node import UserKnob
from .tcl import TclError, split_list

__all__ = ["read_user_knob"]

FLAG = re.compile(r"[+-][A-Z_]+\Z")
TAKES = {"R": 2, "T": 1, "M": 1, "n": 1}


def read_user_knob(text: str) -> UserKnob:
    """The declaration without the knob's value. An explicitly empty label or tooltip stays among the
    arguments.

    Raises TclError (CR321) where there is no type and name.
    """
    words = [w.text for w in split_list(text)]
    if len(words) < 2 or not re.match(r"[0-9]{1,4}\Z", words[0]):
        raise TclError("CR321", "a user knob is declared by type and name")
    said = {"l": "", "t": ""}
    flags: list[str] = []
    arguments: list[str] = []
    left = iter(words[2:])
    for word in left:
        if word in said:
            value = next(left, "")
            if value and not said[word]:
                said[word] = value
            else:
                arguments += [word, value]
        elif FLAG.match(word):
            flags.append(word)
        else:
            arguments.append(word)
            arguments += [w for _, w in zip(range(TAKES.get(word, 0)), left, strict=False)]
    return UserKnob(words[1], int(words[0]), said["l"], said["t"], tuple(flags), tuple(arguments))
