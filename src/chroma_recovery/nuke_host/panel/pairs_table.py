"""The table of pairs: what it shows, and what adding, removing and marking pairs does to the preset's text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from ...errors import ChromaRecoveryError, StageError
from ...frames import timecode
from ...preset.editing.pair_lists import LEVELS, escalated, with_frames
from ...preset.editing.pairs_block import with_pairs
from ...preset.editing.spelling import shown, spell_numbers, spell_pair, spell_text, spell_word
from ...preset.editing.text_edits import (
    insert_item,
    order_items,
    raw,
    remove_item,
    remove_value,
    root_of,
    said_in,
    set_value,
)
from ...preset.model import AlignmentKey, Pair, Preset
from .draft import Draft
from .look import Message
from .pair_row import PairRow

FEW = 8
"""Changed pairs up to which each is an edit of its own; more are made at once, where the preset has no errors."""
_ITEM = re.compile(r"(pairs|alignment\.keys|crop\.keys)\[(\d+)\]")

__all__ = ["PairsTable", "said_by"]


class PairsTable:
    """The pairs of a draft; every change goes into its text at once, or raises and changes nothing."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    @property
    def preset(self) -> Preset:
        return self.draft.now.preset

    def rows(self) -> tuple[PairRow, ...]:
        """Every pair in the order of the preset."""
        preset = self.preset
        held = {id(p) for p in preset.hold_out_pairs}
        automatic = not any(p.hold_out is not None for p in preset.pairs)
        training = [p for p in preset.pairs if id(p) not in held]
        numbers = {id(p): n for n, p in enumerate([*training, *preset.hold_out_pairs], start=1)}
        uses = {k.pair: k.use for k in preset.alignment.keys}
        about = self._messages()
        root = root_of(self.draft.text) if "pairs" in self.draft.now.own else None
        found = []
        for n, pair in enumerate(preset.pairs):
            path = f"pairs[{n}]"
            said = [
                said_in(root, p) if root is not None else ""
                for p in (path, f"{path}.source", f"{path}.reference")
            ]
            bare, frame, reference = (str(s) if s and s != "null" else "" for s in said)
            row = PairRow(
                n,
                numbers.get(id(pair), 0),
                pair,
                frame or bare or str(pair.source),
                reference or ("" if pair.reference is None else str(pair.reference)),
                timecode(pair.source, preset.source.fps),
                id(pair) in held,
                automatic,
                pair.note,
                uses.get(pair.source, preset.alignment.use),
                pair.source in uses,
                tuple(about.get(n, ())),
            )
            found.append(row)
        return tuple(found)

    def _messages(self) -> dict[int, list[Message]]:
        """Messages by the pair that they are about; those of its keys too."""
        preset, found = self.preset, dict[int, list[Message]]()
        places = {pair.source: n for n, pair in reversed(list(enumerate(preset.pairs)))}
        keyed = {"alignment.keys": preset.alignment.keys, "crop.keys": preset.crop.keys}
        for message in self.draft.now.messages:
            match = _ITEM.match(message.field)
            if match is None:
                continue
            place: int | None = int(match[2])
            if match[1] != "pairs":
                keys = keyed[match[1]]
                place = places.get(keys[int(match[2])].pair)  # type: ignore[attr-defined]
            if place is not None:
                found.setdefault(place, []).append(message)
        return found

    def level(self) -> str:
        """The next step of the guide's 4 -> 7 -> 11, for a button."""
        now = len(self.preset.training_pairs)
        goal = next((n for n in LEVELS if n > now), None)
        return f"{now} → {goal} pairs" if goal else f"{now} pairs"

    # -- changes

    def add(self, frame: int, note: str = "") -> None:
        """A training pair of a Source frame, in frame order. Raises StageError (CR411, CR412) if it cannot be one."""
        self._take(with_frames(self.preset, [frame], note))

    def add_frames(self, frames: Iterable[int], note: str = "outlier") -> None:
        """Several frames at once. Raises StageError as :meth:`add`."""
        self._take(with_frames(self.preset, frames, note))

    def escalate(self) -> None:
        """Up to the guide's next number of pairs. Raises StageError (CR411) at the last one."""
        if not self.preset.pairs:
            self._first()
            return
        self._take(escalated(self.preset))

    def _first(self) -> None:
        """Four pairs spread over an empty list: both ends, and two between."""
        s = self.preset.source
        if s.last - s.first < LEVELS[0] - 1:
            raise StageError.at("CR411", "pairs", "give the Source's frame range first")
        step = (s.last - s.first) / (LEVELS[0] - 1)
        self._take(tuple(Pair(s.first + round(step * n)) for n in range(LEVELS[0])))

    def replace(self, pairs: tuple[Pair, ...]) -> None:
        """Take a list that another command made."""
        self._take(pairs)

    def remove(self, indexes: Iterable[int]) -> None:
        """Pairs out of the list, with their alignment and crop keys. The others stay held out or not."""
        gone = set(indexes)
        frames = {p.source for n, p in enumerate(self.preset.pairs) if n in gone}
        text = self._own(self.draft.text)
        for n in sorted(gone, reverse=True):
            text = remove_item(text, "pairs", n)
        stay = {p.source for n, p in enumerate(self.preset.pairs) if n not in gone}
        for path, keys in self._keyed():
            lost = [n for n, key in enumerate(keys) if key in frames - stay]
            for n in reversed(lost):
                text = remove_item(text, path, n)
        self.draft.change(text)

    def sort(self) -> None:
        """Pairs in frame order. Remarks move with their lines."""
        order = sorted(range(len(self.preset.pairs)), key=lambda n: self.preset.pairs[n].source)
        if order == list(range(len(order))):
            return
        self.draft.change(order_items(self._own(self.draft.text), "pairs", order))

    def set_frame(self, index: int, typed: str) -> None:
        """Another Source frame; keys of the pair follow it."""
        old = self.preset.pairs[index].source
        text = self._set(index, "source", spell_word(typed))
        if typed.strip().lstrip("+-").isdigit() and sum(p.source == old for p in self.preset.pairs) == 1:
            for path, keys in self._keyed():
                for n, key in enumerate(keys):
                    if key == old:
                        text = set_value(text, f"{path}[{n}].pair", spell_word(typed))
        self.draft.change(text)

    def set_reference(self, index: int, typed: str) -> None:
        """Reference frame; the Source's number if left empty."""
        if typed.strip():
            self.draft.change(self._set(index, "reference", spell_word(typed)))
        elif self.preset.pairs[index].reference is not None or raw(
            self.draft.text, f"pairs[{index}].reference"
        ):
            self.draft.change(self._set(index, "reference", "null"))

    def set_note(self, index: int, note: str) -> None:
        if note != self.preset.pairs[index].note:
            self.draft.change(self._set(index, "note", spell_text(note)))

    def set_hold_out(self, index: int, held: bool) -> None:
        """Hold a pair out, or let it train. Who is held out by the share is written down first, so it stays."""
        rows = self.rows()
        text = self._own(self.draft.text)
        wanted = {row.index: held if row.index == index else row.hold_out for row in rows}
        marked = [
            r
            for r in rows
            if (r.index == index or (r.automatic and wanted[r.index])) and r.pair.hold_out != wanted[r.index]
        ]
        if len(marked) > FEW and not self.draft.now.errors:
            places = {r.index for r in marked}
            pairs = self.preset.pairs
            new = [attrs.evolve(p, hold_out=wanted[n]) if n in places else p for n, p in enumerate(pairs)]
            text, marked = with_pairs(text, new, self.preset), []
        for row in marked:
            text = self._said(text, row.index, "hold_out", str(wanted[row.index]).lower())
        self.draft.change(text)

    def set_alignment(self, index: int, use: str) -> None:
        """``auto`` or ``manual`` for one pair: its key's ``use``, or a new key where the preset's default differs."""
        preset = self.preset
        frame = preset.pairs[index].source
        place = next((n for n, k in enumerate(preset.alignment.keys) if k.pair == frame), None)
        text = self._own_keys(self.draft.text)
        if place is not None:
            text = set_value(text, f"alignment.keys[{place}].use", use)
        elif use != preset.alignment.use:
            count = len(preset.alignment.keys)
            text = insert_item(text, "alignment.keys", count, f"{{pair: {frame}, use: {use}}}")
        self.draft.change(text)

    # -- text

    def _keyed(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Lists of keys that this preset itself has, each with the pairs they are for."""
        preset, own = self.preset, self.draft.now.own
        every = (("alignment.keys", preset.alignment.keys), ("crop.keys", preset.crop.keys))
        return tuple((path, tuple(k.pair for k in keys)) for path, keys in every if path in own)

    def _take(self, wanted: tuple[Pair, ...]) -> None:
        """Bring the list to these pairs: kept ones keep their text."""
        text = self._own(self.draft.text)
        if not self.preset.pairs:
            self.draft.change(set_value(text, "pairs", "[" + ", ".join(map(spell_pair, wanted)) + "]"))
            return
        new = {p.source: p for p in wanted}
        now = list(self.preset.pairs)
        if sum(p.source not in new or new[p.source] != p for p in now) > FEW and not self.draft.now.errors:
            self.draft.change(with_pairs(text, wanted, self.preset))
            return
        for n in range(len(now) - 1, -1, -1):
            if now[n].source not in new:
                text = remove_item(text, "pairs", n)
                del now[n]
        for n, pair in enumerate(now):
            if new[pair.source].hold_out != pair.hold_out:
                text = self._said(text, n, "hold_out", str(bool(new[pair.source].hold_out)).lower())
        for pair in wanted:
            if all(pair.source != p.source for p in now):
                at = sum(1 for p in now if p.source < pair.source)
                text = insert_item(text, "pairs", at, spell_pair(pair))
                now.insert(at, pair)
        self.draft.change(text)

    def _set(self, index: int, key: str, spelled: str) -> str:
        return self._said(self._own(self.draft.text), index, key, spelled)

    def _said(self, text: str, index: int, key: str, spelled: str) -> str:
        path = f"pairs[{index}]"
        plain = raw(text, path)
        if plain:  # a bare frame number
            if key == "source":
                return set_value(text, path, spelled)
            return set_value(text, path, f"{{source: {spell_word(str(plain))}, {key}: {spelled}}}")
        if spelled == "null" and raw(text, f"{path}.{key}") is not None:
            return remove_value(text, f"{path}.{key}")
        return set_value(text, f"{path}.{key}", spelled)

    def _own(self, text: str) -> str:
        """A list taken from another file becomes this preset's own before it is changed."""
        if "pairs" in self.draft.now.own or not self.preset.pairs:
            return text
        return set_value(text, "pairs", "[" + ", ".join(map(spell_pair, self.preset.pairs)) + "]")

    def _own_keys(self, text: str) -> str:
        if "alignment.keys" in self.draft.now.own or not self.preset.alignment.keys:
            return text
        keys = ", ".join(map(_spelled_key, self.preset.alignment.keys))
        return set_value(text, "alignment.keys", f"[{keys}]")


def _spelled_key(key: AlignmentKey) -> str:
    said = [f"pair: {key.pair}", f"rotate: {shown(key.rotate)}", f"use: {key.use}"]
    said += [
        f"{n}: {spell_numbers([shown(v) for v in vs])}"
        for n, vs in (("translate", key.translate), ("scale", key.scale))
    ]
    if key.corners is not None:
        said.append(f"corners: {spell_numbers([shown(v) for v in key.corners])}")
    return "{" + ", ".join(said) + "}"


def said_by(error: ChromaRecoveryError) -> str:
    """An error in one line."""
    return "; ".join(f"{p.message}" + (f" ({p.hint})" if p.hint else "") for p in error.problems)
