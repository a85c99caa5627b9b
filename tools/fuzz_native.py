"""Fuzzed readers whose bytes reach libraries that are not written in Python: models, pictures, movies."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from chroma_recovery.errors import ChromaRecoveryError

__all__ = ["checkpoint", "file", "folder", "model", "movie", "movie_read", "picture", "pictures"]

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r"CR[0-9]{3}\Z")


@cache
def folder() -> Path:
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - memory, not a fixed name
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=base))


def file(name: str, data: bytes) -> Path:
    path = folder() / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


@cache
def model() -> tuple[bytes, bytes]:
    import torch

    from chroma_recovery.engine.learning.checkpoint import save_checkpoint
    from chroma_recovery.engine.learning.network import Architecture, ChromaNetwork

    torch.set_num_threads(1)
    path = folder() / "seed/m.safetensors"
    network = ChromaNetwork(Architecture(widths=(2,), cell=2, hidden=1, bands=0, linear=True))
    save_checkpoint(path, network, {"step": 1}, overwrite=True)
    return path.read_bytes(), path.with_suffix(".json").read_bytes()


def checkpoint(data: bytes) -> None:
    from chroma_recovery.engine.learning.checkpoint import load_checkpoint

    tensors, facts = model()
    path = file("m.safetensors", data if data[:1] != b"{" else tensors)
    file("m.json", data if data[:1] == b"{" else facts)
    load_checkpoint(path)


@cache
def pictures(suffix: str) -> tuple[bytes, ...]:
    import numpy as np
    import OpenImageIO as oiio

    kinds = {
        "exr": [(oiio.HALF, 3, {"compression": c}) for c in ("zip", "piz", "none", "dwaa:45", "b44", "pxr24")]
        + [(oiio.FLOAT, 5, {"compression": "rle"}), (oiio.HALF, 1, {"tiles": "1"})],
        "dpx": [(oiio.UINT16, 3, {"oiio:BitsPerSample": 10}), (oiio.UINT8, 3, {})],
        "tif": [(oiio.UINT16, 3, {"compression": c}) for c in ("zip", "lzw", "none", "packbits")]
        + [(oiio.FLOAT, 4, {"compression": "zip"})],
        "png": [(oiio.UINT8, 3, {}), (oiio.UINT16, 4, {})],
        "jpg": [(oiio.UINT8, 3, {})],
    }[suffix]
    made = []
    for number, (kind, channels, said) in enumerate(kinds):
        spec = oiio.ImageSpec(16, 12, channels, kind)
        for name, value in said.items():
            if name == "tiles":
                spec.tile_width = spec.tile_height = 8
            else:
                spec.attribute(name, value)
        if suffix == "exr":
            spec.x, spec.y, spec.full_x, spec.full_width, spec.full_height = -3, 2, 0, 20, 15
        path = folder() / f"seed{number}.{suffix}"
        out = oiio.ImageOutput.create(str(path))
        pixels = np.random.default_rng(1).random((12, 16, channels), np.float32)
        assert out.open(str(path), spec) and out.write_image(pixels) and out.close()
        made.append(path.read_bytes())
    return tuple(made)


def picture(suffix: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        from chroma_recovery.delivery.exr_header import read_attributes
        from chroma_recovery.engine.bands import bands_here
        from chroma_recovery.engine.files import read_here
        from chroma_recovery.engine.opening import finished_here, header_here
        from chroma_recovery.engine.reduced import glimpse_here
        from chroma_recovery.headers import picture_size

        path = file(f"picture.{suffix}", data)
        readers = (
            picture_size,
            read_attributes,
            header_here,
            finished_here,
            bands_here,
            glimpse_here,
            read_here,
        )
        for call in readers:
            if call is read_attributes and suffix != "exr":
                continue
            try:
                found = call(path)
            except ChromaRecoveryError as error:
                if wrong := [problem.code for problem in error.problems if not CODE.match(problem.code)]:
                    raise AssertionError(f"no codes: {wrong}") from error
                continue
            if call is read_here:
                image = found.image
                assert image.pixels.shape[:2] == (image.box.height, image.box.width)
                assert image.pixels.shape[2] == len(image.channels)
                assert abs(image.pixels).max(initial=0) < float("inf")

    return read


def movie() -> list[bytes]:
    demo = ROOT / "src/chroma_recovery/demo"
    clip = next(p for p in sorted(demo.iterdir()) if p.suffix in (".mp4", ".mov", ".mkv"))
    return [clip.read_bytes()[: 1 << 18]]


def movie_read(data: bytes) -> None:
    """A movie named as a sequence of frames: refused, or read by OpenImageIO."""
    from chroma_recovery.engine.files import read_here

    read_here(file("clip.mov", data))
