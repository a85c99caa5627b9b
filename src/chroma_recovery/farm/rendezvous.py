"""Several machines that train one CopyCat meet before they start: all of them, or none.

They meet in a folder that all see. Rank 0 says where it can be reached; each rank says that it is there, for as long
as it waits. A scheduler that starts too few of them is noticed after a while, and every one that came fails with a
reason, instead of training alone.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import NukeError
from ..paths import posix, write_text

__all__ = ["meet"]

FRESH = 30.0
"""Seconds after which a machine that said nothing more counts as gone."""


def meet(
    folder: Path,
    *,
    rank: int,
    ranks: int,
    port: int,
    patience: float,
    tell: Callable[[int, int, str], None] = lambda done, total, note: None,
) -> tuple[str, int]:
    """Address and port of rank 0, once all ranks are there. folder: of this training, seen by all.

    Raises NukeError (CR933) after ``patience`` seconds, naming the ranks that did not come.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mine = folder / f"{rank}.json"
    said = json.dumps({"address": socket.getfqdn(), "port": port, "pid": os.getpid()})
    until = time.monotonic() + patience
    try:
        while True:
            write_text(mine, said, overwrite=True)
            os.utime(mine)
            now = mine.stat().st_mtime  # the file server's clock, for all
            here = [r for r in range(ranks) if _fresh(folder / f"{r}.json", now)]
            tell(len(here), ranks, "machines")
            if len(here) == ranks:
                main = json.loads((folder / "0.json").read_text(encoding="utf-8"))
                _wait_for_others(folder, rank, ranks)
                return str(main["address"]), int(main["port"])
            if time.monotonic() >= until:
                lacking = ", ".join(str(r) for r in range(ranks) if r not in here)
                text = f"{len(here)} of {ranks} machines came within {patience:g} s; missing: rank {lacking}"
                raise NukeError.at(
                    "CR933", posix(folder), text, "the scheduler must run all ranks at the same time"
                )
            time.sleep(min(1.0, max(patience / 20, 0.02)))
    except BaseException:
        mine.unlink(missing_ok=True)
        raise


def _fresh(path: Path, now: float) -> bool:
    try:
        return now - path.stat().st_mtime < FRESH
    except OSError:
        return False


def _wait_for_others(folder: Path, rank: int, ranks: int) -> None:
    """Leave a mark that this rank has seen all, so that rank 0 may clear the folder once everybody has."""
    (folder / f"{rank}.seen").touch()
    if rank == 0:
        until = time.monotonic() + FRESH
        while time.monotonic() < until and not all((folder / f"{r}.seen").exists() for r in range(ranks)):
            time.sleep(0.05)
        for r in range(ranks):
            (folder / f"{r}.seen").unlink(missing_ok=True)
            (folder / f"{r}.json").unlink(missing_ok=True)
