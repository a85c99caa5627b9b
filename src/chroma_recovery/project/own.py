"""Presets that we write and people may change: a file says in its first line which text we wrote.

A preset whose text is still ours is replaced when the project changes. One that was changed by hand (in an editor, in
the panel, by ``pairs --accept``) is the shot's own from then on: it is used as it is and never overwritten.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ..paths import write_text
from .model import Places, Project, Unit

__all__ = ["edited_by_hand", "materialise", "signed", "update", "written_from"]

_HEAD = re.compile(r"# Written from the project \(([0-9a-f]{16})\)[^\n]*\n")
_WORDS = "; a changed file is kept as it is from then on."


def signed(text: str) -> str:
    """The text behind a line that says which text was written."""
    return f"# Written from the project ({_digest(text)}){_WORDS}\n{text}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _content(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return None


def edited_by_hand(path: Path) -> bool:
    """Whether the file is there and is not what we wrote."""
    text = _content(path)
    if text is None:
        return False
    match = _HEAD.match(text)
    return match is None or _digest(text[match.end() :]) != match[1]


def written_from(path: Path) -> str:
    """Which text the file was written from, 16 hexadecimal digits; empty if it does not say."""
    match = _HEAD.match(_content(path) or "")
    return match[1] if match else ""


def update(path: Path, text: str) -> bool:
    """Write the text unless the file was changed by hand; whether the file is ours."""
    if edited_by_hand(path):
        return False
    write_text(path, signed(text), overwrite=True)
    return True


def materialise(project: Project, unit: Unit, out: Path) -> bool:
    """Write the shared settings and the unit's preset; false if the unit's preset is kept as somebody changed it."""
    places = Places(out)
    update(places.shared, project.shared)
    return update(places.preset(unit.name), unit.text)
