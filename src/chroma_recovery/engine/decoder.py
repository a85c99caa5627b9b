"""Frames decoded in processes of their own, so that a crafted or damaged file cannot take a run down.

Image libraries are large programs in C and C++ that read bytes from strangers. A worker reads one file at a time
(:mod:`.decode_worker`), with bounded memory and processor time, and hands back numbers: a line of JSON and the bytes
of the pixels, nothing that is executed. Where it dies, the file is named (CR515) and another worker goes on.
``CHROMA_RECOVERY_DECODER=here`` in the environment decodes in this process instead.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from ..errors import ImageFileError, Problem
from ..paths import posix
from .bands import bands_here
from .files import FileImage, read_here
from .image import Box, Format, Pixels
from .opening import LARGEST, FileHeader, finished_here, header_here
from .reduced import Glimpse, glimpse_here

__all__ = ["bands", "decoded", "finished", "header_of", "reduced"]

KEPT = ("PATH", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
"""What a worker gets of the environment: no passwords, no tokens."""
SERVE = "from chroma_recovery.engine.decode_worker import serve; serve()"
LONGEST = 1 << 22
"""Bytes of the line that describes a frame."""


T = TypeVar("T")


class _Died(Exception):
    """The worker is gone."""


class _Worker:
    def __init__(self) -> None:
        package = Path(__file__).resolve().parents[2]
        start = f"import sys; sys.path.insert(0, {str(package)!r}); {SERVE}"
        environment = {k: v for k, v in os.environ.items() if k.upper() in KEPT}
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders print what files say
            env=environment,
            pipesize=1 << 20,
        )

        if self._line() != b"ready\n":
            raise ImageFileError.at(
                "CR515",
                "",
                f"the process that decodes pictures cannot be started (exit code {self.end()})",
                "CHROMA_RECOVERY_DECODER=here in the environment does without it",
            )

    def _line(self) -> bytes:
        assert self.process.stdout is not None  # noqa: S101 - a pipe, see above
        return self.process.stdout.readline(LONGEST)

    def read(self, path: Path, asked: Any, understood: Callable[[dict[str, Any], IO[bytes], Path], T]) -> T:
        """asked: what the worker gets as JSON. Raises ImageFileError as the worker says, _Died."""
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: S101 - pipes, see above
        try:
            self.process.stdin.write(json.dumps(asked).encode() + b"\n")
            self.process.stdin.flush()
            line = self._line()
        except OSError:
            raise _Died from None
        if not line.endswith(b"\n"):
            raise _Died
        try:
            return understood(json.loads(line), self.process.stdout, path)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise _Died from None

    def end(self) -> int | None:
        """Kill it; its exit code, negative for a signal."""
        if self.process.stdin is not None and self.process.stdout is not None:
            for pipe in (self.process.stdin, self.process.stdout):
                try:
                    pipe.close()
                except OSError:
                    continue
        try:
            self.process.wait(1.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.process.returncode


def _glimpse(said: dict[str, Any], pipe: IO[bytes], path: Path) -> Glimpse:
    pixels = _pixels(said, pipe, path)
    full, low, high, outside = said["full"], said["low"], said["high"], said["outside"]
    return Glimpse(pixels, (int(full[0]), int(full[1])), float(low), float(high), float(outside))


def _image(said: dict[str, Any], pipe: IO[bytes], path: Path) -> FileImage:
    return FileImage(
        _pixels(said, pipe, path),
        tuple(str(c) for c in said["channels"]),
        Box(*said["box"]),
        Format(*said["format"]),
        {str(k): str(v) for k, v in said["metadata"].items()},
        str(said["kind"]),
    )


def _bands(said: dict[str, Any], pipe: IO[bytes], path: Path) -> tuple[Pixels, int]:
    return _pixels(said, pipe, path), int(said["height"])


def _header(said: dict[str, Any], pipe: IO[bytes], path: Path) -> FileHeader:
    _raised(said, path)
    x, y, width, height = (int(n) for n in said["window"])
    return FileHeader(
        int(said["width"]),
        int(said["height"]),
        float(said["pixel_aspect"]),
        (x, y, width, height),
        tuple(str(c) for c in said["channels"]),
        str(said["kind"]),
        float(said["fps"]),
        str(said["timecode"]),
        str(said["transform"]),
        str(said["software"]),
    )


def _finished(said: dict[str, Any], pipe: IO[bytes], path: Path) -> bool:
    _raised(said, path)
    return bool(said["finished"])


def _raised(said: dict[str, Any], path: Path) -> None:
    if "problems" in said:
        raise ImageFileError(Problem(**{**p, "place": posix(path)}) for p in said["problems"])


def _pixels(said: dict[str, Any], pipe: IO[bytes], path: Path) -> Pixels:
    _raised(said, path)
    height, width, channels = (int(n) for n in said["shape"])
    if min(height, width, channels) < 1 or height * width * channels > LARGEST:
        raise ValueError("absurd size")
    pixels = np.empty((height, width, channels), np.float16 if said.get("half") is True else np.float32)
    into, at = pixels.reshape(-1).view(np.uint8).data, 0
    while at < len(into):
        read = pipe.readinto(into[at:])  # type: ignore[attr-defined]
        if not read:
            raise _Died
        at += read
    return pixels


class _Pool:
    """Idle workers; as many as frames are read at once."""

    def __init__(self) -> None:
        self.idle: list[_Worker] = []
        self.owner = os.getpid()
        self.lock = threading.Lock()

    def take(self) -> _Worker:
        with self.lock:
            if self.owner != os.getpid():  # forked: the pipes are the parent's
                self.idle, self.owner = [], os.getpid()
            return self.idle.pop() if self.idle else _Worker()

    def give(self, worker: _Worker) -> None:
        with self.lock:
            self.idle.append(worker)

    def close(self) -> None:
        with self.lock:
            idle, self.idle = self.idle, []
        if self.owner == os.getpid():
            for worker in idle:
                worker.end()


_pool = _Pool()
atexit.register(_pool.close)


def decoded(path: Path) -> FileImage:
    """One frame; see ``files.read_image`` for what it holds and raises."""
    return _answered("image", path, read_here, _image)


def reduced(path: Path, width: int | None) -> Glimpse:
    """One frame at working size; see ``reduced.glimpse``."""
    return _answered("glimpse", path, lambda p: glimpse_here(p, width), _glimpse, width)


def bands(path: Path) -> tuple[Pixels, int]:
    """Bands of a frame, and its height; see ``bands.bands_here``, and CR515."""
    return _answered("bands", path, bands_here, _bands)


def header_of(path: Path) -> FileHeader:
    """What a file says of itself. Raises ImageFileError: CR510 no such file, CR511 no image, or absurd sizes, CR515 the
    decoder crashed or did not end."""
    return _answered("header", path, header_here, _header)


def finished(path: Path) -> bool:
    """Whether a file was written by this package and is whole. Raises ImageFileError CR515."""
    return _answered("finished", path, finished_here, _finished)


def _answered(
    what: str,
    path: Path,
    here: Callable[[Path], T],
    understood: Callable[[dict[str, Any], IO[bytes], Path], T],
    width: int | None = None,
) -> T:
    if os.environ.get("CHROMA_RECOVERY_DECODER") == "here" or not sys.executable:
        return here(path)
    if not path.is_file():
        return here(path)  # says so without a worker
    asked = {"what": what, "path": str(path.absolute()), "width": width}
    code: int | None = None
    for _ in range(2):  # once more, in case it was not the file
        worker = _pool.take()
        try:
            found = worker.read(path, asked, understood)
        except ImageFileError:
            _pool.give(worker)
            raise
        except _Died:
            code = worker.end()
            continue
        except BaseException:
            worker.end()
            raise
        _pool.give(worker)
        return found
    raise ImageFileError.at(
        "CR515",
        posix(path),
        f"the decoder crashed on this file ({_said(code)})",
        "the file is damaged or made to do harm: fetch it again from where it came",
    )


def _said(code: int | None) -> str:
    import signal

    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
    return name + (": too much processor time" if name == "SIGXCPU" else "")
