"""Functions of the module about the GUI, rendering, paths and threads, and the ``nuke.Undo`` class."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .dialogs import path_answer
from .menus import Menu
from .node import Node
from .startup import add_folder
from .tcl import run_tcl
from .unverified import UnverifiedBehaviour

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["InterfaceFunctions", "undo_class"]


class InterfaceFunctions:
    """Public names here are the names in ``nuke``."""

    def __init__(self, session: FakeNuke) -> None:
        self._session = session

    # -- menus and dialogs

    def menu(self, name: str) -> Menu:
        return self._session.menus.menu(name)

    def toolbar(self, name: str, create: bool = True) -> Menu | None:
        return self._session.menus.toolbar(name, create)

    def ask(self, prompt: str) -> bool:
        return bool(self._session.dialogs.answer("ask", prompt, bool))

    def message(self, prompt: str) -> None:
        self._session.dialogs.show("message", prompt)

    def getInput(self, prompt: str, default: str = "") -> str | None:
        answer: str | None = self._session.dialogs.answer("getInput", prompt, str, type(None))
        return answer

    def getFilename(
        self,
        message: str,
        pattern: str | None = None,
        default: str | None = None,
        favorites: str | None = None,
        type: str | None = None,  # noqa: A002
        multiple: bool = False,
    ) -> Any:
        answer = self._session.dialogs.answer("getFilename", message, str, list, None.__class__)
        return path_answer(answer, multiple)

    def getClipname(
        self, prompt: str, pattern: str | None = None, default: str | None = None, multiple: bool = False
    ) -> Any:
        answer = self._session.dialogs.answer("getClipname", prompt, str, list, type(None))
        return path_answer(answer, multiple)

    def choice(self, title: str, prompt: str, options: list[str], default: int = 0) -> int | None:
        answer: int | None = self._session.dialogs.answer("choice", f"{title}: {prompt}", int, type(None))
        return answer

    # -- the DAG

    def zoom(self, scale: float, center: tuple[float, float] | None = None, group: Node | None = None) -> Any:
        """None without a GUI (A)."""
        if not self._session.gui:
            return None
        if center is not None:
            self._session.dag_centre = (round(center[0]), round(center[1]))
        return float(scale)

    def center(self) -> list[float]:
        """Middle of the DAG view; GUI only (U)."""
        self._session.gui_only("nuke.center")
        return [float(v) for v in self._session.dag_centre]

    def zoomToFitSelected(self) -> None:
        self._session.gui_only("nuke.zoomToFitSelected")
        chosen = self._session.selected(self._session.here())
        if chosen:
            xs, ys = [n.x for n in chosen], [n.y for n in chosen]
            self._session.dag_centre = ((min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2)

    def show(self, node: Node, forceFloat: bool = False) -> None:
        node.showControlPanel(forceFloat)

    def showDag(self, group: Node | None = None) -> None:
        self._session.gui_only("nuke.showDag")

    # -- frames, formats, rendering

    def frame(self, frame: float | None = None) -> int:
        if frame is not None:
            self._session.frame = frame
        return int(self._session.frame)

    def addFormat(self, text: str) -> Any:
        """``w h [x y r t] [pixel aspect] name``. Raises RuntimeError otherwise (U)."""
        words = text.split()
        if len(words) < 3 or not all(w.lstrip("-").isdigit() for w in words[:2]):
            raise RuntimeError(f"{text!r} is no format")
        name = words[-1]
        w, h = words[:2]
        aspect = words[-2] if len(words) in (4, 8) else "1"
        box = words[2:6] if len(words) >= 7 else ["0", "0", w, h]
        self._session.formats[name] = " ".join([w, h, *box, aspect, name])
        return Format(self._session.formats[name])

    def formats(self) -> list[Any]:
        return [Format(text) for text in self._session.formats.values()]

    def execute(
        self,
        nameOrNode: Node | str,
        start: Any = None,
        end: Any = None,
        incr: int | None = None,
        views: Any = None,
        continueOnError: bool = False,
    ) -> None:
        self._session.renders.execute(nameOrNode, start, end, incr, views, continueOnError)

    def cancel(self) -> None:
        raise UnverifiedBehaviour("nuke.cancel")

    def tcl(self, text: str, *_: Any) -> str:
        """A few harmless commands, for Indie and Non-commercial only (see ``testing.tcl``); refused otherwise."""
        if self._session.limit is None:
            raise AssertionError(f"nuke.tcl({text!r}): host code does not run Tcl in this edition")
        return run_tcl(self._session, text)

    # -- plug-in paths

    def pluginAddPath(self, path: Any, addToSysPath: bool = True) -> None:
        """To the front of the plug-in path and of ``sys.path`` (A: STUBS); see ``startup``."""
        for one in [path] if isinstance(path, str) else reversed(list(path)):
            add_folder(self._session, one, front=True, python=addToSysPath)

    def pluginAppendPath(self, path: Any, addToSysPath: bool = True) -> None:
        for one in [path] if isinstance(path, str) else list(path):
            add_folder(self._session, one, front=False, python=addToSysPath)

    def pluginPath(self) -> list[str]:
        return list(self._session.plugin_path)

    # -- messages

    def tprint(self, *values: Any, sep: str = " ", end: str = "\n", file: Any = None) -> None:
        print(*values, sep=sep, end=end, file=file)

    def warning(self, text: str) -> None:
        self._session.warnings.append(text)

    def debug(self, text: str) -> None:
        return None

    # -- threads

    def executeInMainThread(self, call: Callable[..., Any], args: Any = (), kwargs: Any = None) -> None:
        """Runs at once; Nuke queues it."""
        self._call(call, args, kwargs)

    def executeInMainThreadWithResult(
        self, call: Callable[..., Any], args: Any = (), kwargs: Any = None
    ) -> Any:
        """From a worker thread. On the main thread it would wait for itself (inferred from 13.0's source)."""
        if threading.current_thread() is threading.main_thread():
            raise UnverifiedBehaviour("executeInMainThreadWithResult on the main thread waits for ever")
        return self._call(call, args, kwargs)

    def _call(self, call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if not callable(call):
            raise TypeError("call must be callable")
        return call(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {}))

    # -- undo

    def undo(self) -> None:
        self._session.journal.undo()

    def redo(self) -> None:
        self._session.journal.redo()

    def usingOcio(self) -> bool:
        raise UnverifiedBehaviour("nuke.usingOcio: read root()['colorManagement']")


class Format:
    """``nuke.Format``, to read."""

    def __init__(self, text: str) -> None:
        self._words = text.split()

    def name(self) -> str:
        return self._words[-1]

    def width(self) -> int:
        return int(self._words[0])

    def height(self) -> int:
        return int(self._words[1])

    def pixelAspect(self) -> float:
        return float(self._words[-2])


def undo_class(session: FakeNuke) -> type[Any]:
    """``nuke.Undo``: a context manager; ``begin``, ``end`` ... work on the class as well (A: STUBS)."""
    journal = session.journal

    class Undo:
        def __init__(self, name: str = "") -> None:
            self._name = name

        def __enter__(self) -> Undo:
            journal.begin(self._name)
            return self

        def __exit__(self, *_: object) -> None:
            if journal.depth:
                journal.end()

        @staticmethod
        def begin(name: str = "") -> None:
            journal.begin(name)

        @staticmethod
        def name(name: str) -> None:
            journal.name(name)

        end = staticmethod(journal.end)
        cancel = staticmethod(journal.cancel)
        undo = staticmethod(journal.undo)
        redo = staticmethod(journal.redo)

        @staticmethod
        def new(name: str = "") -> None:
            journal.end()
            journal.begin(name)

        @staticmethod
        def undoSize() -> int:
            return len(journal.undos)

        @staticmethod
        def redoSize() -> int:
            return len(journal.redos)

        @staticmethod
        def undoDescribe(index: int = 0) -> str:
            return journal.undos[-1 - index].name

        @staticmethod
        def disable() -> None:
            journal.off += 1

        @staticmethod
        def enable() -> None:
            if not journal.off:
                raise UnverifiedBehaviour("Undo.enable without disable")
            journal.off -= 1

        @staticmethod
        def disabled() -> bool:
            return bool(journal.off)

    return Undo
