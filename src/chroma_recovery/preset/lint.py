"""Advice beyond errors and warnings: what a careful colleague would ask before the training is paid for.

Each finding is of severity ``advice``; the numbers are the guide's, or follow from the preset's own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import attrs

from ..errors import Problem
from ..paths import posix
from .extends import read_chain
from .finding import Finding
from .load import Loaded
from .model import Preset
from .nodes import MapNode, Node, Scalar
from .places import Findings, Place, Text
from .reference import plain
from .resolved import values
from .schema import MODELINE
from .text import read

__all__ = ["lint"]

BORDERED = ("telecine", "dvd", "video")
"""Kinds of Reference with overscan, borders or burned-in titles more often than not."""

ASKED = {
    "stock": "which film stock fades how",
    "cleanup": "what was cleaned before training",
    "degrain": "how the plate was degrained, and where the grainy one is kept",
    "balance": "which cast was taken out before training",
}
"""Fields of ``documentation`` that the guide's hand-over lists."""

WIDEST_GAP = 0.4
"""Share of the clip; between first, two middles and last frame the gaps are 0.33."""

LEAST_SAVED = 3
"""Checkpoints to choose from; the guide saves four to eight."""


def lint(loaded: Loaded, text: str = "") -> tuple[Problem, ...]:
    """The advice on a preset, in the order of the file. text: of the file itself, for what only it shows."""
    found = [*_pairs(loaded.preset), *_shape(loaded.preset), *_hand_over(loaded.preset)]
    problems = [_at(loaded, f) for f in found]
    if loaded.files:
        problems += _of_the_file(loaded, text or read(loaded.files[0], posix(loaded.files[0])))
    return tuple(sorted(problems, key=_line))


def _line(problem: Problem) -> tuple[int, str]:
    parts = problem.place.rsplit(":", 2)
    return (int(parts[1]) if len(parts) == 3 and parts[1].isdigit() else 0), problem.code


def _at(loaded: Loaded, finding: Finding) -> Problem:
    place = loaded.place(finding.field)
    own = posix(loaded.files[0]) if loaded.files else ""
    where = str(place) if place and place.file == (own or place.file) else own or "preset"
    return Problem(
        finding.code, where, f"{finding.field}: {finding.message}", finding.hint, severity="advice"
    )


def _pairs(preset: Preset) -> Iterator[Finding]:
    bare = [p.source for p in preset.pairs if not p.note.strip()]
    if bare:
        shown = ", ".join(str(f) for f in bare[:6]) + (", ..." if len(bare) > 6 else "")
        message = f"{len(bare)} of {len(preset.pairs)} pairs say nothing of why they were chosen: {shown}"
        yield Finding(
            "CR161", "pairs", message, "note: the light, material or extreme that the pair stands for"
        )
    if not preset.hold_out_pairs:
        yield Finding(
            "CR169",
            "pairs",
            "no pair is held out, so nothing tells how good the model is",
            "hold out 15-25 %",
        )
    clip = preset.source
    length = clip.last - clip.first
    frames = sorted({clip.first, clip.last, *(p.source for p in preset.pairs)})
    if length < 12 or preset.scope != "shot":
        return
    gap, start = max((b - a, a) for a, b in itertools.pairwise(frames))
    if gap > WIDEST_GAP * length:
        message = (
            f"no pair in the {gap} frames from {start} to {start + gap}, {100 * gap // length} % of the shot"
        )
        yield Finding(
            "CR166", "pairs", message, "the guide begins with first frame, two middles and last frame"
        )


def _shape(preset: Preset) -> Iterator[Finding]:
    t, crop = preset.training, preset.crop
    if crop.box is None and preset.reference.kind in BORDERED:
        message = f"no shared crop, and a {preset.reference.kind} has borders, overscan or titles more often than not"
        yield Finding("CR163", "crop.box", message, "give the box that both sides fill: x, y, r, t")
    boxes = [("crop.box", crop.box)] if crop.box else []
    boxes += [(f"crop.keys[{n}].box", key.box) for n, key in enumerate(crop.keys)]
    for field, (x, y, right, top) in boxes:
        least = min(right - x, top - y)
        if least < 1.25 * t.patch and t.patch > 128:
            message = f"{right - x:g} x {top - y:g} pixels hold hardly more than one patch of {t.patch}"
            yield Finding("CR164", field, message, f"training.patch: {t.patch // 2}, with more steps")
    saved = t.steps // t.checkpoint_every
    if saved < LEAST_SAVED:
        message = f"{saved} checkpoints in {t.steps} steps leave little to choose from"
        hint = f"save every {max(1, t.steps // 4)}"
        yield Finding("CR165", "training.checkpoint_every", message, hint)


def _hand_over(preset: Preset) -> Iterator[Finding]:
    for name, why in ASKED.items():
        if not getattr(preset.documentation, name).strip():
            yield Finding("CR162", f"documentation.{name}", f"is empty; the next archivist will ask {why}")
    if not preset.reference.citation.strip():
        yield Finding(
            "CR162", "reference.citation", "is empty; say which release or print the colour comes from"
        )


def _of_the_file(loaded: Loaded, text: str) -> Iterator[Problem]:
    name = posix(loaded.files[0])
    if not any(line.startswith(MODELINE) for line in text.split("\n")[:5]):
        message = "does not name its schema, so an editor can neither complete nor check it"
        hint = f"first line: {MODELINE}PATH/preset-1.json, see chroma-recovery preset schema"
        yield Problem("CR167", f"{name}:1:1", message, hint, severity="advice")
    below = _without_the_first(loaded.files[0], text)
    for value in values(loaded):
        place = loaded.origin.get(value.path)
        if place is None or place.file != name or "[" in value.path or value.value == "":
            continue
        origin = below.get(value.path)
        if origin is not None and origin[0] == plain(value.value):
            message = f"{value.path}: {value.spelled} holds anyway, since {origin[1]} says it"
            yield Problem(
                "CR168", str(place), message, "leave it out, unless it is meant to stay", severity="advice"
            )


def _without_the_first(path: Path, text: str) -> dict[str, tuple[str, Place]]:
    """What the presets below a file say: field -> (text as typed, place)."""
    own = Text(posix(path), text, folder=posix(path.parent))
    findings = Findings()
    line = next((t for t in text.split("\n") if t.startswith("extends:")), "")
    if not line:
        return {}
    base, _ = read_chain(attrs.evolve(own, text=line + "\n"), path, None, findings)
    return dict(_typed(base, "")) if base is not None else {}


def _typed(node: Node, path: str) -> Iterator[tuple[str, tuple[str, Place]]]:
    if isinstance(node, Scalar):
        yield path, (node.text, node.spot.place)
    elif isinstance(node, MapNode):
        for name, entry in node.entries.items():
            yield from _typed(entry.value, f"{path}.{name}" if path else name)
