"""Twelve shots from real clips for ``film.py``: scanned reels, a telecine, the edit list, the project preset."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import attrs
import cv2
import numpy as np
from footage import clips

from chroma_recovery.demo.balance import DensityBalance
from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.density import Array
from chroma_recovery.demo.fade import FADES, FadedScan
from chroma_recovery.demo.footage import write_frame
from chroma_recovery.demo.reference import DvdReference

HANDLE = 1


@attrs.frozen
class Shape:
    """width: of the frames, pixels. length: frames of a shot between the handles."""

    width: int
    length: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.width * 9 // 16

    @property
    def look(self) -> DvdReference:
        raster = self.width * 15 // 16, self.width * 17 // 32
        return DvdReference(shift=(1.5, -1.0), degrees=0.2, borders=(4, 3), raster=raster)

    @property
    def box(self) -> list[int]:
        return [8, 6, self.size[0] - 8, self.size[1] - 6]


SHOTS = (
    ("demo", 0), ("bikes", 0), ("bikes", 120), ("box", 30), ("bunny", 5), ("bunny", 90), ("carphone", 10),
    ("tree", 40), ("demo", 30), ("city", 0), ("city", 120), ("city", 240),
)  # fmt: skip
"""Clip and first frame of each shot. The last three are one scene."""

PROJECT = """\
project: film
fps: 24
handles: {handle}
spread: 4
shot_list: cut.edl
source: {{path: "scan/{{reel}}.#######.exr", count: source, zero: "01:00:00:00"}}
reference: {{path: telecine.####.exr, count: record, kind: telecine}}
preset:
  crop: {{box: {box}}}
  inference: {{crop: {box}}}
  training: {{median: 3, patch: 32, batch: 3, steps: {steps}, checkpoint_every: {every}, contact_sheet_every: 1000}}
  validation: {{lut_size: 5}}
shots:
  - {{shot: sh110, has_reference: false}}
groups:
  - {{name: sc10, scope: scene, shots: [sh100, sh110, sh120]}}
"""


def stretch(clip: str, folder: Path | None, first: int, count: int, size: tuple[int, int]) -> list[Array]:
    """Consecutive frames of a clip, made small, display-encoded 0..1: the middle of the picture in that shape."""
    if folder is None or clip not in clips(folder):
        clip, first = "demo", first % (48 - count)
    if clip == "demo":
        return [_small(f, size) for f in islice(read_clip(frames=first + count), first, None)]
    video, found = cv2.VideoCapture(str(next((folder or Path()).glob(f"{clip}.*")))), []
    for _ in range(first):
        video.grab()
    for _ in range(count):
        done, picture = video.read()
        if not done:
            raise SystemExit(f"clip {clip} has no {count} frames from {first} on")
        found.append(_small(picture[..., ::-1].astype(np.float32) / 255, size))
    video.release()
    return found


def _small(picture: Array, size: tuple[int, int]) -> Array:
    height, width = picture.shape[:2]
    high, wide = min(height, width * size[1] // size[0]), min(width, height * size[0] // size[1])
    top, left = (height - high) // 2, (width - wide) // 2
    part = np.ascontiguousarray(picture[top : top + high, left : left + wide])
    return np.clip(cv2.resize(part, size, interpolation=cv2.INTER_AREA), 0, 1).astype(np.float32)


def timecode(frames: int) -> str:
    return f"{frames // 86400:02d}:{frames // 1440 % 60:02d}:{frames // 24 % 60:02d}:{frames % 24:02d}"


def make_film(folder: Path, footage: Path | None, steps: int, shape: Shape) -> Path:
    """Scans by source timecode, the telecine by record timecode, the edit list, the project preset."""
    length, look = shape.length, shape.look
    lines = ["TITLE: FILM", "FCM: NON-DROP FRAME", ""]
    for shot, (clip, start) in enumerate(SHOTS):
        clean = stretch(clip, footage, start, length + 2 * HANDLE, shape.size)
        reel, first, record = f"A{1 + shot // 6:03d}", 200 * (shot % 6) + 20, length * shot
        scan = FadedScan(FADES["strong"], *shape.size, seed=shot)
        scans = [scan(frame, number) for number, frame in enumerate(clean)]
        balance = DensityBalance.fit(scans, like=[look.truth(f) for f in clean])
        for n, frame in enumerate(clean):
            write_frame(folder / f"scan/{reel}.{first + n - HANDLE:07d}.exr", balance(scans[n]))
            if HANDLE <= n < HANDLE + length:
                write_frame(folder / f"telecine.{record + n - HANDLE:04d}.exr", look(frame))
        times = " ".join(map(timecode, (86400 + first, 86400 + first + length, record, record + length)))
        lines.append(f"{shot + 1:03d}  {reel}     V     C        {times}")
        lines.append(f"* FROM CLIP NAME: sh{10 * shot + 10:03d}.mov")
        lines.append(f"{shot + 1:03d}  {reel}     A     C        {times}")
    (folder / "cut.edl").write_text("\n".join(lines) + "\n")
    every = max(1, steps // 6)
    (folder / "project.yaml").write_text(
        PROJECT.format(handle=HANDLE, steps=steps, every=every, box=shape.box)
    )
    return folder / "project.yaml"
