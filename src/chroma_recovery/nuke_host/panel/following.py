"""Reading a log that somebody else writes: a growing file, or the output of a process. Pure.

Both give what is new when asked, never wait, and can be closed at any time.
"""

from __future__ import annotations

import codecs
import os
import queue
import threading
from pathlib import Path
from typing import IO

__all__ = ["FileTail", "PipeTail"]

AT_ONCE = 1 << 20
"""Bytes read per call, so that an old huge log never holds up the window."""


class FileTail:
    """A file that grows, that may not exist yet, and that may be begun anew or replaced by another of its name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = 0
        self._identity: tuple[int, int] | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.restarted = False
        self.caught_up = False
        self.missing = False

    def read(self) -> str:
        """What is new, at most AT_ONCE bytes of it. ``restarted`` is true if the file was begun anew.

        ``caught_up`` is true once everything was read that stood in the file when it was first looked at.
        """
        self.restarted = False
        try:
            with self.path.open("rb") as file:
                status = os.fstat(file.fileno())
                identity = (status.st_dev, status.st_ino)
                if (self._identity not in (None, identity)) or status.st_size < self._place:
                    self._place, self.restarted = 0, True
                    self._decoder.reset()
                self._identity = identity
                file.seek(self._place)
                data = file.read(AT_ONCE)
        except OSError:
            self.missing = True
            return ""
        self.missing = False
        self._place += len(data)
        self.caught_up = len(data) < AT_ONCE
        return self._decoder.decode(data)

    def close(self) -> None:
        """Nothing is held open between calls."""


class PipeTail:
    """The output of a process, read by a thread so that nobody waits for it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.restarted = False
        self.caught_up = True
        self.missing = False
        self.ended = False
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._arrived: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._pump, name="training log", daemon=True)
        self._thread.start()

    def _pump(self) -> None:
        try:
            while not self._closed.is_set():
                data = os.read(self._stream.fileno(), 65536)
                if not data:
                    break
                self._arrived.put(data)
        except (OSError, ValueError):  # closed meanwhile
            pass
        self._arrived.put(None)

    def read(self) -> str:
        """What has arrived since the last call; ``ended`` is true when nothing more will come."""
        pieces = []
        while True:
            try:
                data = self._arrived.get_nowait()
            except queue.Empty:
                break
            if data is None:
                self.ended = True
                break
            pieces.append(self._decoder.decode(data))
        return "".join(pieces)

    def close(self) -> None:
        """Stop reading. The process is not ended: it is not ours."""
        self._closed.set()
