"""``run`` by several processes: the first does everything, the others train along and write nothing."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engine.learning.together import Share

__all__ = ["beside", "follow_along", "this_share"]

PATIENCE = 30.0
"""Seconds for the other processes to end after the first is done."""


def this_share() -> Share:
    """Which of several processes this is, see :mod:`engine.learning.together`. Raises EngineError (CR575)."""
    from ..engine.learning.together import share_of

    return share_of()


def follow_along(arguments: argparse.Namespace) -> int:
    """Train beside the first process; nothing is said or written."""
    from ..build import assemble, steps_edit
    from ..recovery import Recoverer

    if "training" not in arguments.stages:
        return 0
    edit = {} if arguments.steps is None else steps_edit(arguments.steps)
    scripts = assemble(arguments.preset, project=arguments.out, edit=edit)
    job = Recoverer(scripts, arguments.out, overwrite=arguments.overwrite, resume=arguments.resume)
    job.go(("training",))
    return 0


@contextmanager
def beside(processes: int, words: Sequence[str] | None = None) -> Iterator[None]:
    """Run the same command in further processes while the block runs in this one, the first of them all.

    words: the command's, those of this process if None. The others end with the block.
    """
    if processes < 2 or "RANK" in os.environ:  # torchrun has started them
        yield
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    threads = str(max(1, (os.cpu_count() or 1) // processes))
    known = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(processes)}
    limits = {"OMP_NUM_THREADS": threads, **os.environ}
    command = [sys.executable, "-m", "chroma_recovery.cli", *(sys.argv[1:] if words is None else words)]
    others = [
        subprocess.Popen(  # noqa: S603 - our own program, the words that we were given
            command,
            env={**limits, **known, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        for rank in range(1, processes)
    ]
    before = dict(os.environ)
    os.environ.update(known, RANK="0", LOCAL_RANK="0")
    done = False
    try:
        yield
        done = True
    finally:
        for name in (*known, "RANK", "LOCAL_RANK"):
            os.environ.pop(name, None)
        os.environ.update({k: v for k, v in before.items() if k in known})
        for other in others:
            _end(other, PATIENCE if done else 0.0)


def _end(other: subprocess.Popen[bytes], patience: float) -> None:
    try:
        other.wait(patience)
    except subprocess.TimeoutExpired:
        other.kill()
        other.wait()
