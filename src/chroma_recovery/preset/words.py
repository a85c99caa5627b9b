"""What a text in a preset may hold, by the form of its field: ``line``, ``prose`` or ``path``.

Texts are only ever data. Paths end up in file knobs, which Nuke evaluates as Tcl; so the characters that mean
something there are refused outright, with the other ways in which a path could become something else than
typed.
"""

from __future__ import annotations

import re

from ..errors import FrameError
from ..frames import Pattern

__all__ = ["MOST", "check_text"]

_EVALUATED = {
    "\\": "write '/' between folders, on Windows too",
    "[": "Nuke would evaluate it",
    "]": "Nuke would evaluate it",
    "$": "variables are not expanded; write the path out",
    "`": "no command is ever run",
}

MOST = {"line": 1000, "path": 1000, "prose": 20000}


def check_text(text: str, form: str) -> tuple[str, str, str] | None:
    """None if the text may stand in a field of this form, else (code, message, hint).

    ``line``: one line without control characters; ``prose``: line breaks and tabs allowed; ``path``: one line
    without ``[ ] $ \\`` and backtick, no URL, no ``~`` in front, at most one frame token, no other ``%``.
    """
    if len(text) > MOST[form]:
        return "CR113", f"is {len(text)} characters long", f"at most {MOST[form]}"
    allowed = "\n\t" if form == "prose" else ""
    for sign in text:
        if ord(sign) < 32 or 127 <= ord(sign) < 160 or sign in "\u2028\u2029" or 0xD800 <= ord(sign) < 0xE000:
            if sign in allowed:
                continue
            name = {"\n": "a line break", "\t": "a tab", "\0": "a NUL"}.get(
                sign, f"the control character U+{ord(sign):04X}"
            )
            return ("CR114" if form == "path" else "CR113"), f"holds {name}", "delete it"
    return _check_path(text) if form == "path" else None


def _check_path(text: str) -> tuple[str, str, str] | None:
    for sign, hint in _EVALUATED.items():
        if sign in text:
            return "CR114", f"a path must not hold {sign!r}".replace("'\\\\'", "'\\'"), hint
    if "://" in text:
        return "CR114", "a path must not be a URL", "copy the files to a disk and name them there"
    if re.match(r"~[^/]*(/|\Z)", text):
        return "CR114", "'~' is not expanded", "write the path out"
    if text != text.strip():
        return "CR114", "a path must not begin or end with a blank", ""
    try:
        token = Pattern.parse(text).token
    except FrameError as error:
        problem = error.problems[0]
        return "CR114", problem.message, problem.hint
    if "%" in text.replace(token, "", 1) if token else "%" in text:
        return (
            "CR114",
            "a path must not hold '%' except in a frame token such as %04d",
            "Nuke would replace it",
        )
    return None
