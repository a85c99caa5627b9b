"""The process that decodes: a path as JSON on standard input, a line of JSON and the pixels on standard output.

It ends with its standard input. Memory and processor time are bounded where the system can (not on Windows).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

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
    import numpy as np

    from ..errors import ImageFileError
    from .files import read_here

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    _bounded()
    out.write(b"ready\n")
    out.flush()
    for line in sys.stdin.buffer:
        _more_time()
        try:
            asked = json.loads(line)
            if isinstance(asked, dict):
                _answer_reduced(out, Path(asked["path"]), asked["width"])
                continue
            found = read_here(Path(asked))
        except ImageFileError as error:
            _answer(out, {"problems": [p.as_json() for p in error.problems]})
            continue
        image = found.image
        _answer(
            out,
            {
                "shape": image.pixels.shape,
                "channels": image.channels,
                "box": [image.box.x, image.box.y, image.box.r, image.box.t],
                "format": [image.format.width, image.format.height, image.format.pixel_aspect],
                "black_outside": image.black_outside,
                "metadata": dict(image.metadata),
                "kind": found.kind,
            },
            np.ascontiguousarray(image.pixels).view(np.uint8).data,
        )
        del found, image


def _answer_reduced(out: Any, path: Path, width: int | None) -> None:
    import numpy as np

    from .reduced import glimpse_here

    found = glimpse_here(path, width)
    said: dict[str, Any] = {"shape": found.picture.shape, "full": found.full}
    said |= {"low": found.low, "high": found.high, "outside": found.outside}
    _answer(out, said, np.ascontiguousarray(found.picture).view(np.uint8).data)


def _answer(out: Any, said: dict[str, Any], pixels: Any = b"") -> None:
    out.write(json.dumps(said).encode() + b"\n")
    out.write(pixels)
    out.flush()
