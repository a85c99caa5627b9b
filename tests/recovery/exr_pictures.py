"""EXR files of small pictures, as a shot's plates."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.fade import FADES, FadedScan


def read(path: Path) -> np.ndarray:
    """(height, width, 3) float32."""
    return np.asarray(oiio.ImageInput.open(str(path)).read_image(oiio.FLOAT))


def write(path: Path, picture: np.ndarray, like: Path | None = None) -> None:
    """As half float; with header and compression of another file where one is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spec = oiio.ImageSpec(picture.shape[1], picture.shape[0], 3, "half")
    if like is not None:
        spec = oiio.ImageInput.open(str(like)).spec()
    out = oiio.ImageOutput.create(str(path))
    done = out.open(str(path), spec) and out.write_image(np.ascontiguousarray(picture, np.float32))
    assert done and out.close()


def write_shot(root: Path, size: tuple[int, int], first: int, count: int) -> list[np.ndarray]:
    """plates/faded.####.exr and dvd/colour.####.exr of the demo's clip, faded unevenly; size: width, height. Gives what
    the Reference shows."""
    scan = FadedScan(FADES["uneven"], *size, seed=3)
    shown = []
    for n, picture in enumerate(read_clip(frames=count)):
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        write(root / f"plates/faded.{first + n}.exr", np.clip(scan(small, n), 0, 1))
        write(root / f"dvd/colour.{first + n}.exr", small)
        shown.append(small)
    return shown
