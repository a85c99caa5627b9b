"""One row of the table of pairs. Pure."""

from __future__ import annotations

import attrs

from ...preset.model import Pair
from .look import Message

__all__ = ["PairRow"]


@attrs.frozen
class PairRow:
    """One pair. index: place in the preset's list. number: its frame in the dataset, training pairs first.

    automatic: the share, and not this pair, decides whether it is held out. alignment: ``auto`` or ``manual``.
    keyed: it has a hand alignment of its own. frame, reference: as typed.
    """

    index: int
    number: int
    pair: Pair
    frame: str
    reference: str
    timecode: str
    hold_out: bool
    automatic: bool
    note: str
    alignment: str
    keyed: bool
    messages: tuple[Message, ...] = ()

    @property
    def severity(self) -> str:
        found = {m.severity for m in self.messages}
        return "error" if "error" in found else "warning" if found else ""
