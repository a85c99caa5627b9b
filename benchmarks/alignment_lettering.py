"""Is all lettering outside the crop, and does a clean pair keep its picture?

Subtitles and logos of thirteen kinds are burned into the Reference before it is degraded, into the Source after it
faded, or into both. A frame counts as clear only if no pixel of ink, drop shadow left aside, lies inside the crop.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import cv2
import matplotlib
import numpy as np
from alignment_footage import FADE_NAMES, SMALL, side
from PIL import Image, ImageDraw, ImageFont

from chroma_recovery.demo.known_pairs import known_pair, scene
from chroma_recovery.demo.reference import DvdReference
from chroma_recovery.pairs.crop import around, common_box, richness
from chroma_recovery.pairs.lettering import overlays

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@attrs.frozen
class Lettering:
    """lines: the text. size: height of a line, share of the picture's. colour, edge: R'G'B', None without an edge.
    box: on a dark plate. opacity: 0..1. place: centre of the text, shares of width and height. on: the side."""

    lines: tuple[str, ...]
    size: float = 0.055
    colour: tuple[float, float, float] = (0.93, 0.93, 0.93)
    edge: tuple[float, float, float] | None = (0.02, 0.02, 0.02)
    box: bool = False
    opacity: float = 1.0
    place: tuple[float, float] = (0.5, 0.86)
    on: str = "Reference"
    font: str = "DejaVuSans.ttf"
    bright: bool = False


KINDS: dict[str, tuple[Lettering, ...]] = {
    "white, outlined": (Lettering(("What have you done with it?",)),),
    "yellow, outlined": (Lettering(("He left for Lisbon this morning.",), colour=(0.95, 0.85, 0.15)),),
    "two lines": (Lettering(("I told you never to come", "back to this house again."), place=(0.5, 0.83)),),
    "small": (Lettering(("Translated by the embassy's office",), size=0.032, place=(0.5, 0.9)),),
    "over bright picture": (Lettering(("It never snows here.",), bright=True),),
    "fading in": (Lettering(("Tomorrow, then.",), opacity=0.45),),
    "logo in a corner": (
        Lettering(("KTV 9",), size=0.06, opacity=0.6, edge=None, place=(0.88, 0.12), font="DejaVuSans-Bold.ttf"),
    ),
    "large title": (Lettering(("LONDON, 1941",), size=0.12, place=(0.5, 0.3), font="DejaVuSerif-Bold.ttf"),),
    "on the Source only": (Lettering(("Où est-elle, alors ?",), on="Source", edge=None),),
    "both sides, other text and size": (
        Lettering(("Where is she, then?",), size=0.05, place=(0.5, 0.88)),
        Lettering(("Où est-elle ?",), size=0.07, on="Source", edge=None, place=(0.5, 0.84)),
    ),
    "without an outline": (Lettering(("We have no more time.",), edge=None),),
    "on a plate": (Lettering(("(A door closes.)",), box=True, edge=None),),
    "three lines, italic": (
        Lettering(("And so the river", "took the town,", "and nobody came back."), size=0.048,
                  place=(0.5, 0.8), font="DejaVuSans-Oblique.ttf"),
    ),
}  # fmt: skip


def ink(text: Lettering, width: int, height: int) -> tuple[Any, Any, Any]:
    """(letters, edges, plate), (height, width) float32 0..1, letters without their edges."""
    big = 2
    font = ImageFont.truetype(str(FONTS / text.font), round(text.size * 0.82 * height * big))
    stroke = max(1, round(height * big / 260)) if text.edge else 0
    letters, edges, plate = (Image.new("L", (width * big, height * big)) for _ in range(3))
    step = text.size * height * big
    y = text.place[1] * height * big - step * len(text.lines) / 2
    for line in text.lines:
        wide = font.getlength(line)
        x = min(text.place[0] * width * big - wide / 2, 0.94 * width * big - wide)
        if text.box:
            ImageDraw.Draw(plate).rectangle(
                (x - step / 3, y - step / 8, x + wide + step / 3, y + step * 1.1), 255
            )
        ImageDraw.Draw(edges).text((x, y), line, 255, font, stroke_width=stroke)
        ImageDraw.Draw(letters).text((x, y), line, 255, font)
        y += step
    return tuple(
        cv2.resize(np.asarray(p, np.float32) / 255, (width, height), interpolation=cv2.INTER_AREA)
        for p in (letters, edges, plate)
    )  # type: ignore[return-value]


def written(picture: Any, text: Lettering) -> Any:
    """The picture with the text on it."""
    height, width = picture.shape[:2]
    letters, edges, plate = ink(text, width, height)
    layers = [(plate, (0.03, 0.03, 0.03), 0.8)] if text.box else []
    layers += [(edges, text.edge, 1.0)] if text.edge else []
    for cover, colour, most in [*layers, (letters, text.colour, 1.0)]:
        weight = (cover * most * text.opacity)[..., None].astype(np.float32)
        picture = picture + weight * (np.array(colour, np.float32) - picture)
    return picture


@attrs.frozen(kw_only=True)
class Lettered(DvdReference):
    """A DVD with lettering burned in before it was compressed."""

    text: Lettering | None = None

    def __call__(self, frame: Any) -> Any:
        return DvdReference.__call__(self, frame if self.text is None else written(frame, self.text))


@attrs.frozen(eq=False)
class Case:
    """One pair and where its ink is, on the Source's grid."""

    name: str
    source: Any
    reference: Any
    matrix: Any
    ink: Any


def case(
    frame: Any, kind: str, texts: tuple[Lettering, ...], seed: int, size: tuple[int, int] = SMALL
) -> Case:
    """kind: its name. texts: none for a clean pair."""
    canvas = scene(frame, *size)
    if any(t.bright for t in texts):
        canvas = 0.55 + 0.45 * canvas
    there = next((t for t in texts if t.on == "Reference"), None)
    pair = known_pair(canvas, *size, seed=seed, fade=FADE_NAMES[seed % 4], look=Lettered(text=there))
    source, drawn = pair.source, np.zeros((size[1], size[0]), np.float32)
    for text in texts:
        letters, _, _ = ink(text, *size)
        if text.on == "Source":
            source = np.clip(written(source, text), 0, 1).astype(np.float32)
        else:
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            letters = cv2.warpPerspective(letters, pair.matrix, size, flags=flags)
        drawn = np.maximum(drawn, letters)
    return Case(kind, source, pair.reference, pair.matrix, drawn > 0.3)


def crop_of(case: Case) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int] | None, int]:
    """(common box, box around the lettering, number of overlays), on the Source's working picture."""
    a, b = side(case.source), side(case.reference)
    found = overlays(a, b, case.matrix)
    common = common_box(a, b, case.matrix)
    return common, around(common, found, richness(b.picture)), len(found)


def area(box: tuple[int, int, int, int]) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def lettering(
    films: dict[str, list[Any]], clean: int = 12, kinds: dict[str, tuple[Lettering, ...]] = KINDS
) -> dict[str, Any]:
    """films: frames by name. clean: pairs without lettering, per film."""
    result: dict[str, Any] = {"kinds": {}, "missed": [], "clean": 0, "alarms": 0, "lost": [], "kept": []}
    for n, (kind, texts) in enumerate(kinds.items()):
        row = result["kinds"].setdefault(kind, [0, 0])
        for m, (name, frames) in enumerate(films.items()):
            one = case(frames[(5 * n + 3 * m) % len(frames)], kind, texts, 100 + n * 7 + m)
            common, box, _ = crop_of(one)
            clear = box is not None and not one.ink[box[1] : box[3], box[0] : box[2]].any()
            row[0], row[1] = row[0] + clear, row[1] + 1
            if clear and box is not None:
                result["kept"].append(area(box) / area(common))
            else:
                result["missed"].append(f"{kind}, {name}")
    for m, (_name, frames) in enumerate(films.items()):
        for k in range(clean):
            one = case(frames[(7 * k + m) % len(frames)], "", (), 900 + 31 * k + m)
            common, box, _ = crop_of(one)
            if not area(common):
                continue  # a black frame
            lost = 1 - (area(box) if box else 0) / area(common)
            result["clean"] += 1
            result["alarms"] += lost > 0
            result["lost"].append(lost)
    return result


def told(result: dict[str, Any]) -> str:
    lines = [f"  {kind:34} {clear} of {count}" for kind, (clear, count) in result["kinds"].items()]
    clear = sum(c for c, _ in result["kinds"].values())
    count = sum(n for _, n in result["kinds"].values())
    lines.append(
        f"lettering outside the crop: {clear} of {count} frames; missed: {'; '.join(result['missed']) or 'none'}"
    )
    lines.append(f"  picture kept beside it: median {np.median(result['kept'] or [0]):.0%}")
    lines.append(
        f"clean pairs: {result['alarms']} of {result['clean']} lose picture to a false alarm, "
        f"{np.mean(result['lost']):.1%} of the picture on average, {max(result['lost'], default=0):.0%} at most"
    )
    return "\n".join(lines)
