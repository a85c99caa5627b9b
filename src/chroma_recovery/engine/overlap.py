"""Files read ahead and written behind while frames are computed between, with bounded memory."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import attrs

from ..errors import ChromaRecoveryError
from .evaluate import Evaluator
from .files import Written
from .image import Image
from .kept import Key

__all__ = ["ReadAhead", "WriteBehind", "leaner", "one_core_left"]

ROOM = 192 << 20
"""Bytes of pictures that may wait on either side."""

LEAN = 256 << 20
"""Bytes of images that an evaluator keeps while it renders; each is needed once."""

Write = Callable[[], Written]


@contextmanager
def leaner(evaluator: Evaluator) -> Iterator[None]:
    """Less memory for kept images inside the block."""
    before = evaluator.kept.budget
    evaluator.kept.budget = min(before, LEAN)
    try:
        yield
    finally:
        evaluator.kept.budget = before


@contextmanager
def one_core_left() -> Iterator[None]:
    """One thread fewer for torch inside the block: reading and writing take a core, and threads that wait for each
    other on too few cores only spin."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, before - 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


@attrs.frozen(eq=False)
class _Coming:
    frame: int | None
    needs: frozenset[Key]
    reads: dict[Key, Future[Image]]


class ReadAhead:
    """The images of the Reads that coming frames of some nodes need, made on other threads.

    frames: those to come; None for one that needs nothing. Errors are not raised here: the Read is evaluated again
    when its turn comes.
    """

    def __init__(self, evaluator: Evaluator, nodes: Sequence[str], frames: Iterable[int | None]) -> None:
        self.evaluator, self.nodes, self.frames = evaluator, nodes, iter(frames)
        self.threads = max(1, min(4, (os.cpu_count() or 1) // 4))
        self._pool = ThreadPoolExecutor(self.threads, "read-ahead")
        self._coming: deque[_Coming] = deque()
        self._pinned: set[Key] = set()
        self._size = 0
        self._depth = 1

    def __enter__(self) -> ReadAhead:
        return self

    def __exit__(self, *_: object) -> None:
        self.evaluator.kept.unpin(self._pinned)
        self.evaluator.kept.retain(frozenset())
        for one in self._coming:
            for read in one.reads.values():
                read.cancel()
        self._pool.shutdown()

    def next(self) -> int | None:
        """The next of ``frames``, its Reads pinned in the evaluator."""
        self._fill(1)
        now = self._coming.popleft()
        images = {key: image for key, read in now.reads.items() if (image := _finished(read)) is not None}
        self._size = max(self._size, sum(i.nbytes for i in images.values()))
        self._depth = max(1, min(self.threads, ROOM // max(self._size, 1)))
        self.evaluator.kept.pin(images)
        self._pinned |= set(images)
        self._fill(self._depth)
        return now.frame

    def release(self) -> None:
        """Forget what no frame that is being read for needs."""
        needed = frozenset().union(*(one.needs for one in self._coming))
        self.evaluator.kept.unpin(self._pinned - needed)
        self._pinned &= needed
        self.evaluator.kept.retain(needed)

    def _fill(self, depth: int) -> None:
        while len(self._coming) < depth:
            try:
                frame = next(self.frames)
            except StopIteration:
                return
            needs = frozenset[Key]() if frame is None else self._needs(frame)
            self._coming.append(_Coming(frame, needs, self._reads(needs)))

    def _needs(self, frame: int) -> frozenset[Key]:
        try:
            return frozenset().union(*(self.evaluator.needs(node, frame) for node in self.nodes))
        except ChromaRecoveryError:
            return frozenset()

    def _reads(self, needs: frozenset[Key]) -> dict[Key, Future[Image]]:
        asked = {key for one in self._coming for key in one.reads}
        graph, kept = self.evaluator.graph, self.evaluator.kept
        found = {}
        for key in sorted(needs):
            reading = graph[key[0]].cls == "Read" and not self.evaluator.disabled(*key)
            if reading and key not in asked and key not in kept:
                found[key] = self._pool.submit(self._read, key)
        return found

    def _read(self, key: Key) -> Image:
        call = self.evaluator.call(*key)
        return self.evaluator.op(call.node).image(call)


def _finished(read: Future[Image]) -> Image | None:
    try:
        return read.result()
    except ChromaRecoveryError:
        return None


@attrs.frozen(eq=False)
class _Pending:
    frame: int
    path: Path
    write: Future[Written] | None


class WriteBehind:
    """Frames written in order on another thread; after one that fails none is written.

    done: called with frame, path and what was written (None: nothing to do) in order, on the thread that adds.
    Leaving the block waits for all; an error of an earlier frame goes before the one that left it.
    """

    def __init__(self, done: Callable[[int, Path, Written | None], None]) -> None:
        self.done = done
        self._pool = ThreadPoolExecutor(1, "write-behind")
        self._pending: deque[_Pending] = deque()
        self._failed = False

    def __enter__(self) -> WriteBehind:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._collect(0)
        finally:
            self._failed = True
            self._pool.shutdown()

    def add(self, frame: int, path: Path, write: Write | None, size: int = 0) -> None:
        """Have a frame written; waits while too many are. size: bytes of its pixels."""
        self._collect(max(1, min(2, ROOM // max(2 * size, 1))) if write is not None else None)
        made = None if write is None else self._pool.submit(self._run, write)
        self._pending.append(_Pending(frame, path, made))
        self._collect(None)

    def _run(self, write: Write) -> Written:
        if self._failed:
            raise RuntimeError("a frame before this one failed")
        try:
            return write()
        except BaseException:
            self._failed = True
            raise

    def _collect(self, most: int | None) -> None:
        """Tell of finished frames from the front, waiting until fewer than ``most`` are left (0: none; None: no
        waiting)."""
        while self._pending:
            first = self._pending[0]
            if (
                first.write is not None
                and not first.write.done()
                and (most is None or len(self._pending) < most)
            ):
                return
            made = None if first.write is None else first.write.result()
            self._pending.popleft()
            self.done(first.frame, first.path, made)
