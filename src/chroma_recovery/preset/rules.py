"""Rules about several fields together: clips, pairs, keys and boxes. Each finding has a code and a field to
point at.

Rules that need the size of the pictures belong to the stages, which read it from the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from .finding import Finding
from .model import AlignmentKey, Clip, CropKey, Preset
from .rules_colour import colour_rules
from .rules_training import training_rules

__all__ = ["Finding", "ancestors", "broken_rules"]

USUAL_PAIRS = {"shot": (4, 9), "scene": (12, 24), "sequence": (24, 0)}
"""Pairs that the guide starts with per scope, hold-outs included; 0 is no upper limit."""

SHARE = (0.15, 0.25)
"""Share of the pairs that the guide holds out."""

LONGEST_CLIP = 2_000_000
"""Frames of a clip; two million are 23 hours at 24 frames per second."""

_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))}
)
"""Names that Windows keeps for devices."""


def broken_rules(preset: Preset, broken: frozenset[str], said: frozenset[str]) -> Iterator[Finding]:
    """Every rule that the preset breaks, errors and warnings.

    broken: field paths that could not be read; a rule that depends on one of them is not judged.
    said: field paths that a file gives; advice about defaults is left out.
    """
    above = frozenset(a for b in broken for a in ancestors(b))

    def judged(field: str) -> bool:
        if field in broken or any(a in broken for a in ancestors(field)):
            return False
        return field == "pairs" or field.removesuffix("[]") not in above

    rules = (_names, _clips, _pairs, _hold_out, _keys, _boxes, _delivery, training_rules)
    for finding in chain(*(rule(preset) for rule in rules), colour_rules(preset, said)):
        if all(judged(f) for f in (finding.field, *finding.uses)):
            yield finding


def ancestors(field: str) -> Iterator[str]:
    """``pairs[2].note`` -> ``pairs[2]``, ``pairs``."""
    while (cut := max(field.rfind("."), field.rfind("["))) > 0:
        field = field[:cut]
        yield field


def _names(preset: Preset) -> Iterator[Finding]:
    if preset.shot.split(".")[0].casefold() in _RESERVED or preset.shot.endswith("."):
        yield Finding(
            "CR113", "shot", f"{preset.shot!r} cannot be a file name on Windows", "choose another name"
        )


def _clips(preset: Preset) -> Iterator[Finding]:
    clips: tuple[tuple[str, Clip], ...] = (("source", preset.source), ("reference", preset.reference))
    for name, clip in clips:
        uses: tuple[str, ...] = (f"{name}.first", f"{name}.last")
        if clip.first > clip.last:
            message = f"the range {clip.first}-{clip.last} ends before it begins"
            yield Finding("CR120", f"{name}.last", message, "swap first and last", uses)
        elif clip.last - clip.first >= LONGEST_CLIP:
            yield Finding("CR120", f"{name}.last", f"more than {LONGEST_CLIP} frames", "", uses)
        elif clip.last > clip.first and clip.path and "#" not in clip.path and "%" not in clip.path:
            count = clip.last - clip.first + 1
            message = f"names one file for {count} frames"
            yield Finding(
                "CR123", f"{name}.path", message, "write #### or %04d for the number", uses, "warning"
            )
        yield from _parts(name, clip)
    s, r = preset.source, preset.reference
    both = ("source.path", "reference.path")
    if s.path == r.path and s.path:
        message = "the same files as the Source; there is nothing to learn from them"
        yield Finding("CR121", "reference.path", message, "", both)
    if s.fps != r.fps:
        message = f"{r.fps:g} frames per second, the Source has {s.fps:g}; pairs may drift apart"
        hint = "conform both in one timeline, without retimes"
        yield Finding("CR122", "reference.fps", message, hint, ("source.fps",), "warning")
    frames = [c.last - c.first + 1 for c in (s, r)]
    if frames[0] != frames[1] and min(frames) > 0:
        message = f"{frames[1]} frames, the Source has {frames[0]}"
        hint = "check that pairs name the same moments"
        uses = ("source.first", "source.last", "reference.first")
        yield Finding("CR122", "reference.last", message, hint, uses, "warning")
    if s.format and r.format and s.format.pixel_aspect != r.format.pixel_aspect:
        message = f"{r.format.pixel_aspect:g}, the Source has {s.format.pixel_aspect:g}"
        uses = ("source.format", "reference.format")
        yield Finding("CR124", "reference.format.pixel_aspect", message, "export both alike", uses, "warning")
    if r.kind == "constructed" and not r.citation.strip():
        message = "a constructed Reference must say what it was made from"
        yield Finding("CR125", "reference.citation", message, "cite the sources", ("reference.kind",))
    if r.kind == "constructed" and not preset.documentation.assumptions.strip():
        message = "a constructed Reference is an informed estimate; say what was assumed"
        uses = ("reference.kind",)
        yield Finding("CR126", "documentation.assumptions", message, "", uses, "warning")


def _parts(name: str, clip: Clip) -> Iterator[Finding]:
    """Sequences end to end fill a clip, and leave something to the first."""
    for n, part in enumerate(clip.then):
        if part.first > part.last:
            message = f"the range {part.first}-{part.last} ends before it begins"
            yield Finding("CR120", f"{name}.then[{n}].last", message, "swap first and last")
            return
    own = clip.sequences[0]
    if clip.then and clip.first <= clip.last and own.last < own.first:
        count, behind = clip.last - clip.first + 1, clip.last - own.last
        message = f"holds {behind} frames of the clip's {count}; nothing is left for the first sequence"
        hint = f"last is that of the whole clip: first + the frames of all sequences - 1, {clip.first + behind} or more"
        yield Finding("CR120", f"{name}.then", message, hint, (f"{name}.first", f"{name}.last"))


def _pairs(preset: Preset) -> Iterator[Finding]:
    s, r = preset.source, preset.reference
    first: dict[int, int] = {}
    for n, pair in enumerate(preset.pairs):
        here = f"pairs[{n}]"
        outside = s.first <= s.last and not s.first <= pair.source <= s.last
        if outside:
            message = f"Source frame {pair.source} is outside the Source's {s.first}-{s.last}"
            yield Finding("CR130", f"{here}.source", message, "", ("source.first", "source.last"))
        frame = pair.reference_frame
        said_already = outside and pair.reference is None
        if not said_already and r.first <= r.last and not r.first <= frame <= r.last:
            message = f"Reference frame {frame} is outside the Reference's {r.first}-{r.last}"
            hint = "" if pair.reference is not None else "give its number as reference:"
            uses = ("reference.first", "reference.last", f"{here}.source")
            yield Finding("CR130", f"{here}.reference", message, hint, uses)
        if pair.source in first:
            other = first[pair.source]
            message = f"Source frame {pair.source} is in pairs[{other}] already"
            if bool(preset.pairs[other].hold_out) != bool(pair.hold_out):
                message += "; a pair must not both train and be held out"
            yield Finding(
                "CR131", f"{here}.source", message, "name each frame once", (f"pairs[{other}].source",)
            )
        first.setdefault(pair.source, n)


def _hold_out(preset: Preset) -> Iterator[Finding]:
    count, held = len(preset.pairs), len(preset.hold_out_pairs)
    uses = ("pairs", "hold_out")
    if count - held < 2:
        message = f"{count - held} of {count} pairs would train; at least 2 must"
        yield Finding("CR132", "pairs", message, "the guide starts with 4-9 pairs per shot", uses)
        return
    low, high = USUAL_PAIRS[preset.scope]
    if count < low or (high and count > high):
        usual = f"{low}-{high}" if high else f"{low} or more"
        message = f"{count} pairs; the guide starts a {preset.scope} with {usual}"
        hint = (
            "add pairs of missing light, materials and colours"
            if count < low
            else "fine if convergence asked for it"
        )
        yield Finding("CR133", "pairs", message, hint, ("pairs", "scope"), "warning")
    least, most = int(SHARE[0] * count), -int(-SHARE[1] * count // 1)
    if any(p.hold_out is not None for p in preset.pairs):
        if held and not least <= held <= most:
            message = f"{held} of {count} pairs are held out; the guide holds out 15-25 %"
            yield Finding("CR134", "pairs", message, "", uses, "warning")
    elif not SHARE[0] <= preset.hold_out.share <= SHARE[1]:
        message = f"{preset.hold_out.share:g}; the guide holds out 0.15-0.25 of the pairs"
        yield Finding("CR134", "hold_out.share", message, "", ("pairs",), "warning")


def _keys(preset: Preset) -> Iterator[Finding]:
    frames = {p.source for p in preset.pairs}
    every: tuple[tuple[str, Sequence[AlignmentKey | CropKey]], ...] = (
        ("alignment.keys", preset.alignment.keys),
        ("crop.keys", preset.crop.keys),
    )
    for name, keyed in every:
        seen: dict[int, int] = {}
        for n, key in enumerate(keyed):
            here = f"{name}[{n}].pair"
            if key.pair not in frames:
                near = sorted(frames, key=lambda f: (abs(f - key.pair), f))[:3]
                hint = f"did you mean {' or '.join(str(f) for f in near)}?" if near else ""
                yield Finding("CR170", here, f"no pair has Source frame {key.pair}", hint, ("pairs[]",))
            if key.pair in seen:
                uses = (f"{name}[{seen[key.pair]}].pair",)
                yield Finding("CR171", here, f"pair {key.pair} has a key already", "keep one", uses)
            seen.setdefault(key.pair, n)
    for n, hand in enumerate(preset.alignment.keys):
        if any(s == 0 for s in hand.scale):
            yield Finding("CR172", f"alignment.keys[{n}].scale", "a scale of 0 leaves no picture")
        if hand.corners is not None and not _convex(hand.corners):
            message = "the corners are crossed, folded or on one line"
            hint = "x, y of bottom left, bottom right, top right, top left"
            yield Finding("CR179", f"alignment.keys[{n}].corners", message, hint)
    solve = preset.alignment.f_align
    if not (solve.translate or solve.scale or solve.rotate or solve.perspective):
        message = "nothing is solved: translate, scale, rotate and perspective are all off"
        yield Finding("CR173", "alignment.f_align", message, "switch one on", severity="warning")


def _convex(corners: tuple[float, ...]) -> bool:
    """Four corners in counter-clockwise order around a picture."""
    at = [(corners[2 * n], corners[2 * n + 1]) for n in range(4)]
    turns = [
        (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
        for a, b, c in zip(at, at[1:] + at[:1], at[2:] + at[:2], strict=True)
    ]
    return all(t > 0 for t in turns)


class _Box(NamedTuple):
    field: str
    box: tuple[float, ...]


def _boxes(preset: Preset) -> Iterator[Finding]:
    named = [("crop.box", preset.crop.box), ("inference.crop", preset.inference.crop)]
    named += [("alignment.f_align.region", preset.alignment.f_align.region)]
    named += [(f"crop.keys[{n}].box", key.box) for n, key in enumerate(preset.crop.keys)]
    size = preset.source.format
    for field, box in (_Box(f, b) for f, b in named if b is not None and len(b) == 4):
        x, y, right, top = box
        if right <= x or top <= y:
            message = f"x {x:g}, y {y:g}, r {right:g}, t {top:g} holds no picture"
            yield Finding(
                "CR174", field, message, "r is the right edge and t the top edge, not width and height"
            )
        elif size is not None and (x < 0 or y < 0 or right > size.width or top > size.height):
            message = (
                f"{x:g}, {y:g}, {right:g}, {top:g} is not inside the Source's {size.width}x{size.height}"
            )
            yield Finding("CR175", field, message, "", ("source.format",))


def _delivery(preset: Preset) -> Iterator[Finding]:
    i, s = preset.inference, preset.source
    first = s.first if i.first is None else i.first
    last = s.last if i.last is None else i.last
    uses = ("source.first", "source.last", "inference.first", "inference.last")
    for name, frame in (("first", i.first), ("last", i.last)):
        if frame is not None and s.first <= s.last and not s.first <= frame <= s.last:
            message = f"frame {frame} is outside the Source's {s.first}-{s.last}"
            yield Finding("CR176", f"inference.{name}", message, "", uses[:2])
    if (i.first is not None or i.last is not None) and first > last:
        yield Finding("CR176", "inference.last", f"the range {first}-{last} ends before it begins", "", uses)
    if i.tile != "None" and 2 * i.tile_overlap >= int(i.tile):
        message = f"{i.tile_overlap} pixels on each side leave nothing of a tile of {i.tile}"
        yield Finding("CR177", "inference.tile_overlap", message, "64 is usual", ("inference.tile",))
    folder = preset.output.folder
    if folder.startswith("/") or folder[1:2] == ":" or ".." in folder.split("/") or not folder.strip():
        message = f"{folder[:60]!r} is not a folder below the output folder"
        yield Finding("CR178", "output.folder", message, "use a relative path without '..'")
    reserved = next((part for part in folder.split("/") if part.split(".")[0].casefold() in _RESERVED), None)
    if reserved is not None:
        message = f"{reserved[:60]!r} is no name of a folder on Windows"
        yield Finding("CR178", "output.folder", message, "choose another name")
    if "#" in folder or "%" in folder:
        yield Finding("CR178", "output.folder", "a folder has no frame number", "")
