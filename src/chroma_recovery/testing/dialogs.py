"""What the artist answers: ``ask``, ``message``, ``getFilename``, ``getInput``, ``choice`` and progress bars.

A test queues answers: ``fake.dialogs.answers += [True, "/x.nk"]``. A question without an answer fails the
test, as a dialog nobody closes would hang it. In terminal mode nothing is asked: RuntimeError (U).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .unverified import UnverifiedBehaviour, not_known

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["Dialogs", "ProgressTask"]


class Dialogs:
    """shown: every dialog as (function, text). answers: for ask, getInput, getFilename and choice, in order.
    tasks: every progress bar. cancel_at: the progress in percent at which the artist cancels every task."""

    def __init__(self, session: FakeNuke) -> None:
        self._session = session
        self.shown: list[tuple[str, str]] = []
        self.answers: list[Any] = []
        self.tasks: list[ProgressTask] = []
        self.cancel_at: int | None = None

    def show(self, function: str, text: str) -> None:
        self._session.gui_only(function)
        if not isinstance(text, str):
            raise TypeError(f"{function} takes text")
        self.shown.append((function, text))

    def answer(self, function: str, text: str, *kinds: type) -> Any:
        """The next queued answer, which must be of a kind that the function can give."""
        self.show(function, text)
        if not self.answers:
            raise AssertionError(
                f"nuke.{function}({text!r}) waits for an answer: queue one in dialogs.answers"
            )
        answer = self.answers.pop(0)
        if not isinstance(answer, kinds):
            raise AssertionError(f"nuke.{function} never gives {answer!r}")
        return answer

    @property
    def messages(self) -> list[str]:
        """Texts of ``nuke.message``."""
        return [t for f, t in self.shown if f == "message"]


class ProgressTask:
    """``nuke.ProgressTask``; takes whole percents."""

    _dialogs: Dialogs

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._steps: list[tuple[int, str]] = []
        self._progress = 0
        self._message = ""
        self._dialogs.tasks.append(self)

    def setProgress(self, percent: Any) -> None:
        if not isinstance(percent, int) or isinstance(percent, bool):
            raise TypeError("setProgress takes an int")
        self._progress = percent
        self._steps.append((percent, self._message))

    def setMessage(self, text: Any) -> None:
        if not isinstance(text, str):
            raise TypeError("setMessage takes text")
        self._message = text
        self._steps.append((self._progress, text))

    def isCancelled(self) -> bool:
        limit = self._dialogs.cancel_at
        return limit is not None and self._progress >= limit

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise not_known("ProgressTask", name)


def path_answer(answer: Any, multiple: bool) -> Any:
    """A file dialog gives a list only where several files were asked for."""
    if isinstance(answer, list) and not multiple:
        raise UnverifiedBehaviour("several files from a dialog for one")
    return answer
