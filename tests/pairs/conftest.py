"""Small sequences with known faults and known transforms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.engine.files import write_exr
from chroma_recovery.engine.image import Image
from chroma_recovery.frames import FrameRange, Pattern
from chroma_recovery.pairs.clips import Sequence

cv2.setNumThreads(1)


@pytest.fixture(scope="session")
def film() -> list[Any]:
    """Twenty-four frames of the clip, 320x180."""
    return [
        np.clip(cv2.resize(f, (320, 180), interpolation=cv2.INTER_AREA), 0, 1) for f in read_clip(frames=24)
    ]


@pytest.fixture
def sequence(tmp_path: Path) -> Callable[..., Sequence]:
    """Writes frames and gives their Sequence: ``sequence("Source", pictures, first=1)``; None leaves a hole."""

    def write(name: str, pictures: Iterable[Any], first: int = 1, fps: float = 24.0) -> Sequence:
        count = 0
        folder = tmp_path / name
        folder.mkdir()
        for count, picture in enumerate(pictures, start=1):
            if picture is not None:
                write_exr(folder / f"f.{first + count - 1:04d}.exr", Image.of(picture))
        span = FrameRange(first, first + count - 1)
        return Sequence(name, Pattern.parse(f"{folder.as_posix()}/f.####.exr"), span, fps)

    return write
