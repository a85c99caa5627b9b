"""The list of a ModifyMetaData node: one ``{set KEY VALUE}`` or ``{remove KEY}`` after the other.

As saved by Nuke (seen in public scripts)::

    metadata {
     {set exr/owner "Film archive"}
    }

Nuke evaluates Tcl in a value (public scripts put ``[python ...]`` there), and it is not documented how often. So
literal text never holds a character that could start or end anything: those are percent-encoded as in RFC 3986
(``[`` is ``%5B``), and :func:`plain_text` gives the text back. Only ``[frame]``, from our own code, is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from ..graph.knobs import Verbatim
from .tcl import TclError, split_list

__all__ = ["FRAME", "encoded", "metadata_list", "plain_text", "read_metadata"]

FRAME = "[frame]"
"""The one value that Nuke and the engine evaluate: the frame that is rendered."""

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*(/[A-Za-z0-9_.:-]+)*\Z")
ENCODED = re.compile(r'[\x00-\x1f\x7f-\x9f%\[\]{}$\\"`;#\u2028\u2029\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]')


def encoded(text: str) -> str:
    """Text without any character that means something to Tcl, in bytes of UTF-8: ``100 %`` -> ``100 %25``."""
    return ENCODED.sub(lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "replace")), text)


def plain_text(value: str) -> str:
    """What :func:`encoded` was given."""
    return unquote(value, errors="replace")


def metadata_list(entries: Mapping[str, str]) -> Verbatim:
    """Knob value that sets every key. A value is literal text, or exactly ``[frame]``.

    Raises TclError (CR304) for a key that is no metadata key.
    """
    lines = []
    for key, text in entries.items():
        if not KEY.match(key):
            raise TclError("CR304", f"{key[:60]!r} is no metadata key")
        lines.append(
            f"\n  {{set {key} {FRAME}}}" if text == FRAME else f'\n  {{set {key} "{encoded(text)}"}}'
        )
    return Verbatim("".join(lines) + "\n ")


def read_metadata(word: str) -> list[tuple[str, str, str]]:
    """(verb, key, value) of every entry; verb is ``set`` or ``remove``, the value of a removal is empty.

    Nothing is evaluated or decoded. Raises TclError: CR320, CR321, or CR304 for anything else in the list.
    """
    found = []
    for item in split_list(word):
        parts = [w.text for w in split_list(item.text)]
        verb = parts[0] if parts else ""
        if len(parts) not in (2, 3) or verb not in ("set", "remove"):
            raise TclError("CR304", f"cannot be read: {item.text[:60]!r}", item.start)
        found.append((verb, parts[1], parts[2] if verb == "set" and len(parts) == 3 else ""))
    return found
