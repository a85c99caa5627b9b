"""Formats as Nuke's knobs write them."""

from __future__ import annotations

from collections.abc import Mapping

from ..graph import KnobValue
from .image import Format
from .values import as_text

__all__ = ["NAMED", "parse_format", "root_format"]

NAMED = {
    "PC_Video": Format(640, 480),
    "NTSC": Format(720, 486, 0.91),
    "PAL": Format(720, 576, 1.09),
    "NTSC_16:9": Format(720, 486, 1.21),
    "PAL_16:9": Format(720, 576, 1.46),
    "HD_720": Format(1280, 720),
    "HD_1080": Format(1920, 1080),
    "HD": Format(1920, 1080),
    "UHD_4K": Format(3840, 2160),
    "1K_Super_35(full-ap)": Format(1024, 778),
    "1K_Cinemascope": Format(914, 778, 2.0),
    "2K_Super_35(full-ap)": Format(2048, 1556),
    "2K_Cinemascope": Format(1828, 1556, 2.0),
    "2K_DCP": Format(2048, 1080),
    "4K_Super_35(full-ap)": Format(4096, 3112),
    "4K_Cinemascope": Format(3656, 3112, 2.0),
    "4K_DCP": Format(4096, 2160),
    "square_256": Format(256, 256),
    "square_512": Format(512, 512),
    "square_1K": Format(1024, 1024),
    "square_2K": Format(2048, 2048),
}
"""Formats that Nuke has from the start (Foundry's formats.tcl names; sizes are public knowledge)."""


def parse_format(text: str) -> Format:
    """``HD_1080``, ``1920 1080``, ``1920 1080 1``, or Nuke's whole ``W H x y r t aspect NAME``.

    Raises ValueError for an unknown name and for a format whose inner area is not the whole (the engine has
    one rectangle per format).
    """
    words = text.replace("{", " ").replace("}", " ").replace('"', " ").split()
    if len(words) == 1 and words[0] in NAMED:
        return NAMED[words[0]]
    numbers: list[float] = []
    for word in words:
        try:
            numbers.append(float(word))
        except ValueError:
            break
    if len(numbers) >= 6:
        width, height = int(numbers[0]), int(numbers[1])
        if tuple(numbers[2:6]) != (0, 0, width, height):
            raise ValueError("its inner area is not the whole format")
        return Format(width, height, numbers[6] if len(numbers) > 6 else 1.0)
    if len(numbers) in (2, 3):
        return Format(int(numbers[0]), int(numbers[1]), numbers[2] if len(numbers) > 2 else 1.0)
    raise ValueError(
        f"{text!r} is no format; write 'W H 0 0 W H aspect NAME' or one of {', '.join(sorted(NAMED))}"
    )


def root_format(root: Mapping[str, KnobValue]) -> Format:
    """The project's format; Nuke's own default is 2048x1556."""
    held = root.get("format")
    return parse_format(as_text(held)) if held is not None else NAMED["2K_Super_35(full-ap)"]
