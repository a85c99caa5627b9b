"""EXR files of small pictures, as a shot's plates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio


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
