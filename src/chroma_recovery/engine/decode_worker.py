"""The process that decodes: a question and a path as JSON on standard input, a line of JSON and pixels on
standard output.

It ends with its standard input. Memory and processor time are bounded where the system can (not on Windows).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

__all__ = ["serve"]

MEMORY = 12 << 30
"""Bytes of address space: the largest picture that is read (2 GiB of values), the library's copies, and room."""
SECONDS = 300
"""Processor time for one file; a 4K frame takes about one second."""


def _bounded() -> None:
    if sys.platform != "win32":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _more_time() -> None:
    if sys.platform != "win32":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        most = int(used.ru_utime + used.ru_stime) + SECONDS
        resource.setrlimit(
            resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
        )


def serve() -> None:
    """Answer until standard input ends."""
    from ..errors import ImageFileError

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    questions = _questions()
    _bounded()
    out.write(b"ready\n")
    out.flush()
    for line in sys.stdin.buffer:
        _more_time()
        asked = json.loads(line)
        try:
            said, pixels = questions[asked["what"]](Path(asked["path"]), asked.get("width"))
        except ImageFileError as error:
            said, pixels = {"problems": [p.as_json() for p in error.problems]}, None
        _answer(out, said, pixels)
        del said, pixels


def _questions() -> dict[str, Callable[[Path, int | None], tuple[dict[str, Any], Any]]]:
    """What may be asked of a file: (path, width or None) -> what is said as JSON, and pixels or None: float32, or
    float16 where ``half`` is said."""
    from . import bands, files, opening, reduced

    def image(path: Path, _: int | None) -> tuple[dict[str, Any], Any]:
        found = files.read_here(path)
        said = {
            "shape": found.pixels.shape,
            "half": found.pixels.dtype.itemsize == 2,
            "channels": found.channels,
            "box": [found.box.x, found.box.y, found.box.r, found.box.t],
            "format": [found.format.width, found.format.height, found.format.pixel_aspect],
            "metadata": dict(found.metadata),
            "kind": found.kind,
        }
        return said, found.pixels

    def glimpse(path: Path, width: int | None) -> tuple[dict[str, Any], Any]:
        found = reduced.glimpse_here(path, width)
        said = {"shape": found.picture.shape, "full": found.full, "low": found.low, "high": found.high}
        return {**said, "outside": found.outside}, found.picture

    def rows(path: Path, _: int | None) -> tuple[dict[str, Any], Any]:
        found, height = bands.bands_here(path)
        return {"shape": found.shape, "height": height}, found

    return {
        "image": image,
        "glimpse": glimpse,
        "bands": rows,
        "header": lambda path, _: (attrs.asdict(opening.header_here(path)), None),
        "finished": lambda path, _: ({"finished": opening.finished_here(path)}, None),
    }


def _answer(out: Any, said: dict[str, Any], pixels: Any) -> None:
    out.write(json.dumps(said).encode() + b"\n")
    if pixels is not None:
        import numpy as np

        kind = np.float16 if said.get("half") else np.float32
        out.write(np.ascontiguousarray(pixels, kind).view(np.uint8).data)
    out.flush()
