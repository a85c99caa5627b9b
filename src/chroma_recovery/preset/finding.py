"""What a rule says about a preset, before it is known where in which file."""

from __future__ import annotations

import attrs

__all__ = ["Finding"]


@attrs.frozen
class Finding:
    """One broken rule.

    field: path of the field to point at (``pairs[3].source``); where no file gives it, the mapping around
    it is shown. uses: other fields that the rule read; if one of them could not be read, the finding is
    dropped. ``pairs`` is the list itself, ``pairs[]`` the list and every pair in it.
    """

    code: str
    field: str
    message: str
    hint: str = ""
    uses: tuple[str, ...] = ()
    severity: str = "error"
