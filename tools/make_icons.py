#!/usr/bin/env python3
"""Draw the icons of the Nuke menu: ``python tools/make_icons.py``. Needs Pillow. 24 x 24, and 48 x 48 as ``@2x``."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "src" / "chroma_recovery" / "nuke_host" / "icons"
SIDE = 24
OVER = 16
"""Drawn this many times larger, then reduced."""
LIGHT, GREY, DARK = (232, 232, 232), (140, 140, 140), (70, 70, 70)
RED, GREEN, BLUE, AMBER = (226, 94, 84), (104, 190, 112), (86, 146, 226), (236, 180, 80)

Draw = ImageDraw.ImageDraw


def box(
    d: Draw,
    x: float,
    y: float,
    r: float,
    b: float,
    fill: tuple[int, int, int] | None,
    line: tuple[int, int, int] | None = None,
    width: float = 1.6,
    radius: float = 1.5,
) -> None:
    """A rounded rectangle in icon pixels."""
    k = OVER
    d.rounded_rectangle((x * k, y * k, r * k, b * k), radius * k, fill, line, round(width * k) if line else 0)


def line(
    d: Draw, points: list[tuple[float, float]], colour: tuple[int, int, int], width: float = 1.8
) -> None:
    d.line([(x * OVER, y * OVER) for x, y in points], colour, round(width * OVER), joint="curve")
    for x, y in (points[0], points[-1]):
        disc(d, x, y, width / 2, colour)


def disc(
    d: Draw,
    x: float,
    y: float,
    radius: float,
    colour: tuple[int, int, int] | None,
    ring: tuple[int, int, int] | None = None,
    width: float = 1.6,
) -> None:
    k = OVER
    d.ellipse(
        ((x - radius) * k, (y - radius) * k, (x + radius) * k, (y + radius) * k),
        colour,
        ring,
        round(width * k) if ring else 0,
    )


def polygon(d: Draw, points: list[tuple[float, float]], colour: tuple[int, int, int]) -> None:
    d.polygon([(x * OVER, y * OVER) for x, y in points], colour)


def film(d: Draw) -> None:
    box(d, 2, 4, 22, 20, DARK)
    for n in range(5):
        box(d, 3.6 + 3.7 * n, 5.2, 5.4 + 3.7 * n, 7, LIGHT, radius=0.4)
        box(d, 3.6 + 3.7 * n, 17, 5.4 + 3.7 * n, 18.8, LIGHT, radius=0.4)


def recovery(d: Draw) -> None:
    film(d)
    box(d, 3.5, 8.2, 11.6, 15.8, GREY, radius=0.6)
    for n, colour in enumerate((RED, GREEN, BLUE)):
        box(d, 12.4 + 2.8 * n, 8.2, 15.1 + 2.8 * n, 15.8, colour, radius=0.4)


def setup(d: Draw) -> None:
    for n in range(8):
        a = n * pi / 4
        line(d, [(12 + 6 * cos(a), 12 + 6 * sin(a)), (12 + 9 * cos(a), 12 + 9 * sin(a))], LIGHT, 3.2)
    disc(d, 12, 12, 6, None, LIGHT, 3)


def curation(d: Draw) -> None:
    for n, colour in enumerate((RED, AMBER, BLUE)):
        box(d, 2.5 + 4 * n, 11 - 3.5 * n + 1, 12.5 + 4 * n, 19 - 3.5 * n + 1, colour, DARK, 0.8)


def alignment(d: Draw) -> None:
    box(d, 3, 3, 16, 16, None, GREY)
    box(d, 8, 8, 21, 21, None, LIGHT)
    line(d, [(12, 14.5), (17, 14.5)], AMBER)
    line(d, [(14.5, 12), (14.5, 17)], AMBER)


def training(d: Draw) -> None:
    left, middle, right = [(5, 7), (5, 17)], [(12, 4), (12, 12), (12, 20)], [(19, 8), (19, 16)]
    for a in left:
        for b in middle:
            line(d, [a, b], GREY, 0.9)
    for a in middle:
        for b in right:
            line(d, [a, b], GREY, 0.9)
    for points, colour in ((left, LIGHT), (middle, AMBER), (right, GREEN)):
        for x, y in points:
            disc(d, x, y, 2.3, colour)


def inference(d: Draw) -> None:
    box(d, 2.5, 5, 21.5, 19, None, LIGHT)
    polygon(d, [(9.5, 8), (9.5, 16), (16.5, 12)], GREEN)


def validation(d: Draw) -> None:
    disc(d, 12, 12, 9, None, GREY, 1.4)
    line(d, [(7, 12.5), (10.6, 16), (17, 8.2)], GREEN, 2.4)


def outliers(d: Draw) -> None:
    line(d, [(3, 20.5), (3, 3.5)], GREY, 1.4)
    line(d, [(3, 20.5), (21, 20.5)], GREY, 1.4)
    for x, y in ((7, 15), (10.5, 16.5), (14, 14.5), (18.5, 16)):
        disc(d, x, y, 1.5, LIGHT)
    disc(d, 15.5, 6.5, 2.6, RED)


def escalate(d: Draw) -> None:
    for n, (height, colour) in enumerate(((5, GREY), (9, LIGHT), (14, GREEN))):
        box(d, 3 + 6.5 * n, 20.5 - height, 8 + 6.5 * n, 20.5, colour, radius=0.8)


def preview(d: Draw) -> None:
    polygon(d, [(2, 12), (7, 7), (12, 5.4), (17, 7), (22, 12), (17, 17), (12, 18.6), (7, 17)], LIGHT)
    disc(d, 12, 12, 4.6, BLUE)
    disc(d, 12, 12, 2, DARK)


def checkpoint(d: Draw) -> None:
    line(d, [(6, 21), (6, 3)], LIGHT, 1.8)
    polygon(d, [(6.5, 3.5), (20, 7.5), (6.5, 12)], AMBER)


def check(d: Draw) -> None:
    disc(d, 10, 10, 6.6, None, LIGHT, 2)
    line(d, [(15, 15), (21, 21)], LIGHT, 2.6)
    line(d, [(7, 10.2), (9.3, 12.4), (13.2, 7.6)], GREEN, 1.8)


def page(d: Draw, mark: Callable[[Draw], None]) -> None:
    polygon(d, [(5, 2.5), (15, 2.5), (19.5, 7), (19.5, 21.5), (5, 21.5)], LIGHT)
    polygon(d, [(15, 2.5), (15, 7), (19.5, 7)], GREY)
    mark(d)


def open_(d: Draw) -> None:
    polygon(d, [(2, 5), (9, 5), (11, 7.5), (20, 7.5), (20, 19.5), (2, 19.5)], GREY)
    polygon(d, [(5.5, 10.5), (23, 10.5), (19.8, 19.5), (2.2, 19.5)], AMBER)


def save(d: Draw) -> None:
    box(d, 3, 3, 21, 21, BLUE)
    box(d, 7, 3, 17, 9, LIGHT, radius=0.6)
    box(d, 6, 12.5, 18, 21, LIGHT, radius=0.6)


def report(d: Draw) -> None:
    page(
        d,
        lambda d: (
            [
                box(d, 7.2 + 3.6 * n, 18 - h, 9.6 + 3.6 * n, 18, c, radius=0.4)
                for n, (h, c) in enumerate(((4, RED), (7, GREEN), (9.4, BLUE)))
            ]
            and None
        ),
    )


def farm(d: Draw) -> None:
    for n in range(3):
        box(d, 3, 3 + 6.4 * n, 21, 8.2 + 6.4 * n, DARK, LIGHT, 1.2)
        disc(d, 17.6, 5.6 + 6.4 * n, 1.1, GREEN)
        line(d, [(6, 5.6 + 6.4 * n), (11, 5.6 + 6.4 * n)], GREY, 1.2)


def help_(d: Draw) -> None:
    disc(d, 12, 12, 9.4, BLUE)
    line(
        d,
        [
            (8.8, 9.4),
            (9.4, 7.6),
            (11, 6.6),
            (13, 6.6),
            (14.8, 7.7),
            (15.2, 9.4),
            (14.2, 11.2),
            (12, 12.6),
            (12, 14.4),
        ],
        LIGHT,
        2,
    )
    disc(d, 12, 17.6, 1.3, LIGHT)


ICONS: dict[str, Callable[[Draw], None]] = {
    "setup": setup,
    "curation": curation,
    "alignment": alignment,
    "training": training,
    "inference": inference,
    "validation": validation,
    "recovery": recovery,
    "outliers": outliers,
    "escalate": escalate,
    "preview": preview,
    "checkpoint": checkpoint,
    "check": check,
    "open": open_,
    "save": save,
    "report": report,
    "farm": farm,
    "help": help_,
}


def main() -> None:
    """Write every icon."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, draw in ICONS.items():
        picture = Image.new("RGBA", (SIDE * OVER, SIDE * OVER), (0, 0, 0, 0))
        draw(ImageDraw.Draw(picture))
        for side, suffix in ((SIDE, ""), (2 * SIDE, "@2x")):
            small = picture.resize((side, side), Image.Resampling.LANCZOS)
            small.save(FOLDER / f"cr_{name}{suffix}.png", optimize=True)


if __name__ == "__main__":
    main()
