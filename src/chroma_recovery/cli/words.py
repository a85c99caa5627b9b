"""Words that several commands take, and what they may be."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

__all__ = ["STAGES", "Commands", "box", "out", "positive", "preset", "sides", "stages", "unit_stages"]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""Where a command adds itself."""

STAGES = ("curation", "alignment", "training", "inference", "validation")
"""Stages that ``run`` can be asked for, in workflow order."""


def preset(command: argparse.ArgumentParser) -> None:
    """The PRESET to read."""
    command.add_argument(
        "preset", type=Path, metavar="PRESET", help="YAML preset of a shot, scene or sequence"
    )


def out(command: argparse.ArgumentParser) -> None:
    """``--out DIR`` and ``--overwrite``."""
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="project folder; everything is written below it",
    )
    command.add_argument(
        "--overwrite", action="store_true", help="replace files that an earlier build or run wrote"
    )


def positive(text: str) -> int:
    """A number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not 1 or more")
    return number


def sides(text: str) -> tuple[int, int]:
    """A size in pixels, like 4096x3112."""
    numbers = [int(word) for word in text.lower().split("x")]
    if len(numbers) != 2 or min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no size like 4096x3112")
    return numbers[0], numbers[1]


def box(text: str) -> tuple[int, int, int, int]:
    """A box in pixels, x,y,r,t."""
    numbers = [int(word) for word in text.split(",")]
    if len(numbers) != 4 or numbers[2] <= numbers[0] or numbers[3] <= numbers[1]:
        raise argparse.ArgumentTypeError(f"{text!r} is no box like 664,360,4004,2815")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def stages(text: str, known: Sequence[str] = STAGES) -> tuple[str, ...]:
    """Stages by name, put into workflow order. known: those there are, in that order."""
    asked = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in asked if word not in known]
    if unknown or not asked:
        raise argparse.ArgumentTypeError(
            f"unknown stage {', '.join(unknown) or text!r}; choose from {', '.join(known)}"
        )
    return tuple(stage for stage in known if stage in asked)


def unit_stages(text: str) -> tuple[str, ...]:
    """Stages of a project's unit, which begin with the build."""
    from ..project.model import STAGES as ALL

    return stages(text, ALL)
