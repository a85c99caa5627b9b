"""Versions of the preset format: which is read, and how a preset of an older one becomes one of today.

``schema: N`` in a file says its version; a file without it says nothing and is read as today's. An upgrade changes the
text of a file from one version to the next, in place, through :mod:`.editing.text_edits`, so that comments and order
stay. A file is never changed by reading it: an older one is refused (CR118) with the command that upgrades it, a newer
one (CR117) with what would read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .. import __version__
from ..errors import PresetError
from .editing.text_edits import raw, set_value
from .nodes import MapNode, Scalar
from .places import Findings

__all__ = ["FORMAT", "UPGRADES", "readable", "upgraded", "version_of"]

FORMAT = 1
"""The version that is read and written."""

Upgrade = Callable[[str], str]

UPGRADES: Mapping[int, Upgrade] = {}
"""From version -> the text one version later, without its ``schema:``, which is set for it. Format 1 is the first."""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def readable(root: MapNode, findings: Findings, *, today: int = FORMAT) -> bool:
    """Whether a file's ``schema:`` is today's or not said; else a finding says what to do (CR117, CR118).

    What is no number is left to the reading of the field.
    """
    entry = root.entries.get("schema")
    if entry is None or not isinstance(entry.value, Scalar):
        return True
    version, spot = _number(entry.value.text), entry.value.spot
    if version is None or version == today:
        return True
    if version > today:
        message = f"schema: {version} is newer than this chroma_recovery {__version__} reads (schema {today})"
        hint = (
            f"use the chroma_recovery that wrote it, or a later one: it needs one that reads schema {version}"
        )
        findings.add("CR117", spot, message, hint)
    else:
        message = f"schema: {version} is an older format than schema {today}, which is read"
        findings.add("CR118", spot, message, f"chroma-recovery preset upgrade {spot.source.name}")
    return False


def version_of(text: str, *, today: int = FORMAT) -> int:
    """Version that a file says, today's if it says none. Raises PresetError (CR109) if it is no number."""
    said = raw(text, "schema")
    if said is None:
        return today
    version = _number(said) if isinstance(said, str) else None
    if version is None:
        raise PresetError.at("CR109", "schema", "needs a whole number", f"write schema: {today}")
    return version


def upgraded(text: str, *, today: int = FORMAT, upgrades: Mapping[int, Upgrade] = UPGRADES) -> str:
    """The text in today's format; the same text if it is that already.

    Raises PresetError: CR117 a newer version, CR118 one that no upgrade leads on from, CR191 a text that cannot be
    edited safely.
    """
    version = version_of(text, today=today)
    if version > today:
        message = (
            f"schema: {version} is newer than schema {today}, which chroma_recovery {__version__} writes"
        )
        raise PresetError.at("CR117", "schema", message, f"use a chroma_recovery that reads schema {version}")
    while version < today:
        upgrade = upgrades.get(version)
        if upgrade is None:
            message = f"no upgrade leads on from schema {version}"
            raise PresetError.at(
                "CR118", "schema", message, f"the first format that was ever read is {FORMAT}"
            )
        version += 1
        text = set_value(upgrade(text), "schema", str(version))
    return text
