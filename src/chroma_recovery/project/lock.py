"""One worker at a time: a lock that the operating system drops with the process, so none is ever stale.

The file says who holds it, for people; whether it is held only the system's lock decides. A file left by a killed
process is therefore free.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import PathError
from ..paths import posix

__all__ = ["locked"]


def _take(file: IO[bytes]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 30)  # a byte far behind the text, so that others can read who holds it
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def locked(path: Path, what: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold a lock file while working. what: what is being done, for the message. wait: seconds to wait for another.

    Raises PathError (CR610) naming the process and machine that hold it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + wait
    with path.open("a+b") as file:
        while not _take(file):
            if time.monotonic() >= until:
                raise PathError.at(
                    "CR610",
                    posix(path),
                    f"another process {_holder(path)} works here",
                    "wait for it, or stop it",
                )
            time.sleep(0.1)
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "what": what}
        file.truncate(0)
        file.write(json.dumps(holder).encode())
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)  # free and empty; removing it would race with the next holder


def _holder(path: Path) -> str:
    try:
        said = json.loads(path.read_text(encoding="utf-8", errors="replace"))
        return f"({said['what']}, process {int(said['pid'])} on {said['host']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "that does not say its name"
