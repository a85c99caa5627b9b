"""The shipped clip: real footage, see CLIP.md for where it is from and its licence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ..errors import ImageFileError
from ..paths import posix
from .density import Array

__all__ = ["CLIP", "HEIGHT", "LENGTH", "WIDTH", "read_clip"]

CLIP = Path(__file__).with_name("clip.mp4")
WIDTH, HEIGHT, LENGTH = 960, 540, 48


def read_clip(path: Path = CLIP, *, frames: int = LENGTH) -> Iterator[Array]:
    """The first ``frames`` frames: float32 height x width x 3, red green blue, display-encoded 0..1.

    Raises ImageFileError: CR510 no such file, CR511 it cannot be decoded or ends too early.
    """
    if not path.is_file():
        raise ImageFileError.at("CR510", posix(path), "the clip is missing", "install the package again")
    video = cv2.VideoCapture(str(path))
    try:
        for number in range(frames):
            done, picture = video.read()
            if not done or picture is None:
                raise ImageFileError.at(
                    "CR511", posix(path), f"no more than {number} of {frames} frames can be decoded",
                    "ask for fewer frames; an OpenCV without FFmpeg cannot read any",
                )  # fmt: skip
            yield np.ascontiguousarray(picture[..., ::-1]).astype(np.float32) / np.float32(255)
    finally:
        video.release()
