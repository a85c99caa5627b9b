"""Work that must not hold up the window: done by a thread, looked at by a timer, cancelled at any time. Pure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ...errors import Cancelled

__all__ = ["Job"]

T = TypeVar("T")


class Job(Generic[T]):
    """Runs ``work(cancelled)`` in a thread of its own.

    ``cancelled()`` tells the work that nobody wants its result any more; it may raise Cancelled or just return. Work in
    the thread never touches Nuke or Qt. label: what is being done, for the artist.
    """

    def __init__(self, label: str, work: Callable[[Callable[[], bool]], T]) -> None:
        self.label = label
        self._work = work
        self._stop = threading.Event()
        self._result: T | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=label, daemon=True)

    def start(self) -> Job[T]:
        self._thread.start()
        return self

    def _run(self) -> None:
        try:
            self._result = self._work(self._stop.is_set)
        except BaseException as error:
            self._error = error

    def cancel(self) -> None:
        """At once for whoever waits: the result is dropped even if the work finishes."""
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    @property
    def done(self) -> bool:
        """Whether there is a result, an error, or nobody who wants one."""
        return self._stop.is_set() or not self._thread.is_alive()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether the thread ended within that time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> T:
        """What the work gave. Raises what the work raised, or Cancelled (CR590)."""
        if self._stop.is_set():
            raise Cancelled.at("CR590", "", f"{self.label}: cancelled")
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]
