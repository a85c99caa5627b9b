"""A film of twelve short shots from real footage: a reel as scanned, a telecine as cut, and the edit decision list."""

from __future__ import annotations

from pathlib import Path

import attrs
import cv2
import numpy as np
import OpenImageIO as oiio
import pytest

from chroma_recovery.demo.clip import read_clip

WIDTH, HEIGHT = 96, 64
SHOTS, LENGTH, HANDLE = 12, 6, 1
MIX = np.array([[0.35, 0.45, 0.1], [0.05, 0.85, 0.1], [0.1, 0.3, 0.6]], np.float32)
"""How the reel faded: channels mixed."""


def write_frame(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    out = oiio.ImageOutput.create(str(path))
    assert out is not None
    spec = oiio.ImageSpec(picture.shape[1], picture.shape[0], 3, "half")
    assert out.open(str(path), spec)
    assert out.write_image(np.ascontiguousarray(picture, np.float32))
    assert out.close()


@attrs.frozen
class Film:
    """folder: with ``scan/A001.#######.exr`` (numbers are source timecode less 01:00:00:00), ``telecine.####.exr``
    (numbers are record timecode) and ``cut.edl``. shots: names in order."""

    folder: Path
    shots: tuple[str, ...]

    def project(self, name: str, *, only: int = SHOTS, more: str = "", preset: str = "") -> Path:
        """A project preset of the first shots beside the footage, in a folder of its own."""
        place = self.folder / name
        place.mkdir()
        dropped = "".join(f"  - {{shot: {shot}, use: false}}\n" for shot in self.shots[only:])
        dropped = f"shots:\n{dropped}" if dropped else ""
        (place / "project.yaml").write_text(
            f"""\
project: {name}
fps: 24
handles: {HANDLE}
spread: 4
shot_list: ../cut.edl
source: {{path: "../scan/{{reel}}.#######.exr", count: source, zero: "01:00:00:00"}}
reference: {{path: ../telecine.####.exr, count: record, kind: telecine}}
preset:
  crop: {{box: [8, 6, 88, 58]}}
  inference: {{crop: [8, 6, 88, 58]}}
  training: {{median: 3, patch: 32, batch: 3, steps: 6, checkpoint_every: 3, contact_sheet_every: 1000}}
  validation: {{lut_size: 5}}
{preset}{dropped}{more}"""
        )
        return place / "project.yaml"


def timecode(frames: int) -> str:
    return f"{frames // 86400:02d}:{frames // 1440 % 60:02d}:{frames // 24 % 60:02d}:{frames % 24:02d}"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Each shot is another part of the clip's picture at another moment."""
    folder = tmp_path_factory.mktemp("film")
    frames = list(read_clip(frames=LENGTH + 2 * HANDLE + SHOTS))
    lines, names = ["TITLE: REEL 1", "FCM: NON-DROP FRAME", ""], []
    for shot in range(SHOTS):
        x, y = 60 * (shot % 4), 40 * (shot // 4)
        first, record = 100 * shot + 10, LENGTH * shot
        for n in range(-HANDLE, LENGTH + HANDLE):
            part = frames[shot + n + HANDLE][y : y + 432, x : x + 768]
            picture = cv2.resize(part, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            write_frame(folder / f"scan/A001.{first + n:07d}.exr", picture @ MIX.T)
            if 0 <= n < LENGTH:
                moved = cv2.warpAffine(
                    picture, np.array([[1, 0, 1], [0, 1, -1]], np.float32), (WIDTH, HEIGHT)
                )
                write_frame(folder / f"telecine.{record + n:04d}.exr", moved)
        names.append(f"sh{10 * shot + 10:03d}")
        times = (86400 + first, 86400 + first + LENGTH, record, record + LENGTH)
        lines.append(f"{shot + 1:03d}  A001     V     C        " + " ".join(map(timecode, times)))
        lines.append(f"* FROM CLIP NAME: {names[-1].upper() if shot == 0 else names[-1]}.mov")
    names[0] = names[0].upper()
    (folder / "cut.edl").write_text("\n".join(lines) + "\n")
    return Film(folder, tuple(names))
