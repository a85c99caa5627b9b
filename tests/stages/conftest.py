"""A preset of any size, and what it builds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chroma_recovery.headers import PictureSize
from chroma_recovery.preset.model import Clip, Pair, Preset, Reference
from chroma_recovery.stages import ProjectPaths, Recovery, build

SIZE = PictureSize(4096, 3072)
PATHS = ProjectPaths("../plates/source.####.exr", "../plates/reference.####.exr", SIZE, SIZE)


def make_preset(pairs: int | list[Pair] = 5, **more: Any) -> Preset:
    """Frames 471, 478 ...: every seventh; hold-outs chosen by the share unless pairs say so themselves."""
    count = pairs if isinstance(pairs, int) else len(pairs)
    chosen = [Pair(471 + 7 * n) for n in range(count)] if isinstance(pairs, int) else pairs
    last = max(p.source for p in chosen) + 1
    clips: dict[str, Any] = {
        "source": Clip("plates/source.####.exr", 471, last),
        "reference": Reference("plates/reference.####.exr", 471, last),
    }
    return Preset(shot="sh010", pairs=tuple(chosen), **{**clips, **more})


@pytest.fixture(scope="session")
def preset_of() -> Callable[..., Preset]:
    return make_preset


@pytest.fixture(scope="session")
def built() -> Callable[..., Recovery]:
    """Builds ``make_preset(...)`` of a 4096x3072 shot; keyword ``paths`` replaces the project paths."""

    def build_one(pairs: int | list[Pair] = 5, *, paths: ProjectPaths = PATHS, **more: Any) -> Recovery:
        return build(make_preset(pairs, **more), paths=paths)

    return build_one


@pytest.fixture(scope="session")
def recovery(built: Callable[..., Recovery]) -> Recovery:
    """The author's 4-pair shot: frames 471, 478, 492, 499 train, 485 is held out."""
    return built()
