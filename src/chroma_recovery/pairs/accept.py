"""Decisions written into the preset: pairs, keys of Transform and CornerPin, the Dissolve's choice, the shared
crop and F_Align's analysis region. Everything
else in the file stays as it was typed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from ..errors import PresetError
from ..paths import writing
from ..preset.editing.pairs_block import with_pairs
from ..preset.editing.text_edits import set_value
from ..preset.load import Loaded, load
from ..preset.model import Pair
from .alignment import region_of
from .table import PairRecord

__all__ = ["accepted_pairs", "accepted_text", "write_accepted"]


def accepted_pairs(loaded: Loaded, records: Sequence[PairRecord]) -> tuple[Pair, ...]:
    """The preset's pairs after the decision: accepted ones in, rejected ones out; those that need a look stay if they
    were there. What a person said of a pair (note, hold-out) stays."""
    before = {p.source: p for p in loaded.preset.pairs}
    found = dict(before)
    for r in records:
        if r.verdict == "reject":
            found.pop(r.source, None)
        elif r.verdict == "accept":
            old = before.get(r.source)
            reference = None if r.reference == r.source else r.reference
            if old is None:
                found[r.source] = Pair(r.source, reference, r.note, True if r.hold_out else None)
            elif old.reference_frame != r.reference:
                found[r.source] = attrs.evolve(old, reference=reference)
    return tuple(sorted(found.values(), key=lambda p: p.source))


def accepted_text(text: str, loaded: Loaded, records: Sequence[PairRecord]) -> str:
    """The text of the preset file with the decisions in it. Raises PresetError (CR191) if it cannot be edited safely or
    if no pair would be left."""
    pairs = accepted_pairs(loaded, records)
    if not pairs:
        raise PresetError.at("CR191", "pairs", "no pair would be left", "see the pair table for the reasons")
    preset = loaded.preset
    text = with_pairs(text, pairs, preset) if pairs != preset.pairs else text
    good = [r for r in records if r.verdict == "accept"]
    ours = {r.source for r in good}
    there = {p.source for p in pairs}
    keys = [
        _flow(k.pair, k.translate, k.scale, k.rotate, k.corners, k.use)
        for k in preset.alignment.keys
        if k.pair not in ours and k.pair in there
    ]
    still = ((0.0, 0.0), (1.0, 1.0), 0.0)  # corners hold the whole map
    keys += [
        _flow(r.source, *still, r.corners, r.method)
        if r.corners
        else _flow(r.source, r.translate, r.scale, r.rotate, None, r.method)
        for r in good
    ]
    if keys:
        text = set_value(text, "alignment.keys", "[" + ", ".join(keys) + "]")
    boxes = [r.crop for r in good if r.crop]
    if boxes:
        shared = tuple(max(b[n] for b in boxes) if n < 2 else min(b[n] for b in boxes) for n in range(4))
        usual = _usual(boxes)
        text = set_value(text, "crop.box", str(list(usual)))
        if preset.alignment.f_align.region is None:
            text = set_value(text, "alignment.f_align.region", str(list(_region(shared, usual))))
        differing = [r for r in good if r.crop and r.crop != usual] if shared != usual else []
        others = [k for k in preset.crop.keys if k.pair not in ours and k.pair in there]
        spelled = [f"{{pair: {k.pair}, box: {list(k.box)}}}" for k in others]
        spelled += [f"{{pair: {r.source}, box: {list(r.crop)}}}" for r in differing]
        if spelled or preset.crop.keys:
            text = set_value(text, "crop.keys", "[" + ", ".join(spelled) + "]")
    return text


def write_accepted(preset_file: Path, loaded: Loaded, records: Sequence[PairRecord]) -> Loaded:
    """Edit the preset file; it is read again, with all its rules, before it takes the old one's place."""
    text = accepted_text(preset_file.read_text(encoding="utf-8"), loaded, records)
    with writing(preset_file, overwrite=True) as scratch:
        scratch.write_text(text, encoding="utf-8")
        found = load(scratch)
    return found


def _region(shared: tuple[int, ...], usual: tuple[int, ...]) -> tuple[float, ...]:
    """Analysis region of F_Align: conservatively inside what all crops share, or inside the usual crop where they share
    less than half of it."""
    wide, high = shared[2] - shared[0], shared[3] - shared[1]
    enough = min(wide, high) > 0 and 2 * wide * high > (usual[2] - usual[0]) * (usual[3] - usual[1])
    x, y, r, t = shared if enough else usual
    return region_of((x, y, r, t))


def _flow(
    pair: int,
    translate: Sequence[float],
    scale: Sequence[float],
    rotate: float,
    corners: Sequence[float] | None,
    use: str,
) -> str:
    moved, sized, pinned = (
        f"[{', '.join(f'{v:.10g}' for v in values)}]" for values in (translate, scale, corners or ())
    )
    said = f"pair: {pair}, translate: {moved}, scale: {sized}, rotate: {rotate:.10g}"
    said += f", corners: {pinned}" if corners else ""
    return f"{{{said}, use: {use}}}"


def _usual(boxes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The box of most pairs; of several as frequent the one that most others lie in."""
    return max(set(boxes), key=lambda b: (boxes.count(b), (b[2] - b[0]) * (b[3] - b[1])))
