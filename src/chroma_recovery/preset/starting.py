"""The text of a first preset for a shot, from what the files say: it reads without an error, and its comments say what
to do next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import attrs

from ..errors import PathError
from ..frames import Pattern
from ..headers import PictureSize, picture_size
from ..paths import posix
from .editing.spelling import spell_text
from .found_clip import found_clip
from .schema import MODELINE

__all__ = ["ClipFacts", "clip_facts", "first_pairs", "shot_name", "starting_text"]


@attrs.frozen
class ClipFacts:
    """A sequence as found. path: pattern, relative to the preset's folder where it lies below it. size: None where
    the file type is not read. missing: frames between first and last that are not there.
    """

    path: str
    first: int
    last: int
    size: PictureSize | None
    missing: tuple[int, ...] = ()


def clip_facts(named: Path, folder: Path) -> ClipFacts:
    """What is known of a clip. named: one of its frames, its pattern (``plate.####.exr``), or its folder.

    Raises PathError (CR606) if there is nothing of that name, (CR607) if the first frame's header is damaged.
    """
    file = _one_file(named)
    clip = found_clip(file, folder)
    if clip.first is None or clip.last is None:
        return ClipFacts(clip.path, 1, 1, picture_size(file))
    pattern = Pattern.parse(posix(file.parent / Path(clip.path).name))
    there = {int(m[1]) for p in file.parent.iterdir() if (m := pattern.regex().match(p.name))}
    missing = tuple(f for f in range(clip.first, clip.last + 1) if f not in there)[:1000]
    return ClipFacts(clip.path, clip.first, clip.last, picture_size(Path(pattern.at(clip.first))), missing)


def _one_file(named: Path) -> Path:
    if named.is_file():
        return named
    folder = named if named.is_dir() else named.parent
    matches = Pattern.parse(named.name).regex().match if folder != named else None
    try:
        files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    except OSError:
        files = []
    found = [p for p in files if matches is None or matches(p.name)]
    found = [p for p in found if re.search(r"\d", p.stem)] or found
    if not found:
        hint = "name one frame, a pattern such as plate.####.exr, or a folder"
        raise PathError.at("CR606", posix(named), "no such clip", hint)
    return found[0]


def shot_name(preset: Path) -> str:
    """A shot's name from its preset's file name: what the field allows."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", preset.stem).strip("._-")[:64].rstrip(".")
    return name or "shot"


def first_pairs(first: int, last: int) -> list[int]:
    """First frame, last frame and three evenly between them: the guide's four, and one to hold out."""
    return sorted({first + round(n * (last - first) / 4) for n in range(5)})


def starting_text(
    shot: str,
    source: ClipFacts,
    reference: ClipFacts,
    *,
    base: str = "shot",
    kind: str = "dvd",
    schema: str = "",
) -> str:
    """The preset. schema: path or address of its JSON Schema, for the editor."""
    low, high = max(source.first, reference.first), min(source.last, reference.last)
    shared = low < high
    frames = first_pairs(low, high) if shared else first_pairs(source.first, source.last)
    head = [f"{MODELINE}{schema}"] if schema else []
    head += [
        f"# Preset of {shot}. Every field: chroma-recovery preset explain FIELD. Check: chroma-recovery check FILE",
        f"extends: {base}",
        f"shot: {spell_text(shot)}",
        "",
        "# The faded scan. Paths begin at the folder of this file.",
        *_clip("source", source),
        "",
        "# The good colour, exported like the Source: same size, pixel aspect and frame rate.",
        *_clip("reference", reference),
        f"  kind: {kind}",
        '  citation: ""                     # which release, print or source',
        "",
    ]
    if kind == "constructed":
        head[-2] = "  citation: to be written          # what it was made from; required"
    return "\n".join([*head, *_pairs(frames, source, reference, shared), *_tail(kind, source.size)]) + "\n"


def _clip(name: str, clip: ClipFacts) -> list[str]:
    size = clip.size
    said = "read from the files when they are used"
    if size is not None:
        aspect = f", pixel aspect {size.pixel_aspect:g}" if size.pixel_aspect != 1 else ""
        said = f"{size.width}x{size.height}{aspect} in the first file's header"
    lines = [f"{name}:", f"  path: {spell_text(clip.path)}", f"  first: {clip.first}", f"  last: {clip.last}"]
    if clip.missing:
        shown = ", ".join(str(f) for f in clip.missing[:8]) + (", ..." if len(clip.missing) > 8 else "")
        lines[-1] += f"   # missing: {shown}"
    return [*lines, "  fps: 24                          # not in the files; check it", f"  # size: {said}"]


def _pairs(frames: Sequence[int], source: ClipFacts, reference: ClipFacts, shared: bool) -> list[str]:
    lines = [
        "# Frames where both show the same moment. Look at each; chroma-recovery pairs finds better ones.",
        "# Spread them over light, subjects and extremes, and say why in note. One is held out: it judges the model.",
    ]
    if not shared or (source.first, source.last) != (reference.first, reference.last):
        lines.append(
            "# The clips are numbered differently: give the Reference's frame, {source: 471, reference: 12}."
        )
    offset = 0 if shared else reference.first - source.first
    lines.append("pairs:")
    held = len(frames) // 2 if len(frames) > 3 else -1
    for n, frame in enumerate(frames):
        words = [f"source: {frame}"]
        if offset:
            words.append(f"reference: {min(frame + offset, reference.last)}")
        words.append('note: ""')
        if n == held:
            words.append("hold_out: true")
        lines.append("  - {" + ", ".join(words) + "}")
    return lines


def _tail(kind: str, size: PictureSize | None) -> list[str]:
    whole = f"[0, 0, {size.width}, {size.height}]" if size else "[0, 0, 4096, 3072]"
    assumed = "assumptions: to be written" if kind == "constructed" else 'caveats: ""'
    return [
        "",
        "# The area that both sides fill: no borders, no overscan, no titles. x, y, r, t from the bottom left.",
        f"# crop: {{box: {whole}}}",
        "# The live area of the scan that is recovered; not the training crop.",
        f"# inference: {{crop: {whole}}}",
        "",
        "documentation:                     # for the hand-over; write what the next archivist will ask",
        '  stock: ""',
        '  cleanup: ""                      # dust, dirt, scratches: neutral, no grading',
        '  degrain: ""                      # settings, and where the grainy plate is kept',
        '  balance: ""                      # global cast taken out before training, with what',
        f"  {assumed}",
    ]
