"""The fake as modules ``nuke`` and ``nukescripts`` in ``sys.modules``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .callbacks import EVENTS
from .dialogs import ProgressTask
from .editions import constants, environment
from .functions import NodeFunctions, NodesNamespace
from .groups import Group, Root
from .interface import Format, InterfaceFunctions, undo_class
from .knob_classes import PUBLIC
from .knobs import FLAGS
from .menus import Menu, MenuItem
from .node import Node
from .panels import panels_module
from .rendering import FrameRange, FrameRanges
from .script_functions import ScriptFunctions
from .unverified import not_known

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["FakeModule", "installed", "make_modules", "run_text"]

HOSTS = ("chroma_recovery.nuke_host",)
"""Packages that hold on to the ``nuke`` they imported: forgotten with the fake."""


class FakeModule(ModuleType):
    """A module that says when it is asked for something it does not know."""

    fake: Any

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_known(self.__name__, name)


def make_modules(session: FakeNuke) -> dict[str, ModuleType]:
    """The modules by name; ``nuke.fake`` is the session."""
    nuke = FakeModule("nuke", "A stand-in for Foundry Nuke's Python module.")
    nuke.fake = session
    vars(nuke).update(constants(session))
    vars(nuke).update(FLAGS)
    vars(nuke).update(PUBLIC)
    nodes = NodeFunctions(session)
    for functions in (nodes, ScriptFunctions(session), InterfaceFunctions(session)):
        for name in dir(functions):
            if not name.startswith("_"):
                setattr(nuke, name, getattr(functions, name))
    vars(nuke).update(_callback_functions(session))
    task = type("ProgressTask", (ProgressTask,), {"_dialogs": session.dialogs})
    classes = (Node, Group, Root, Menu, MenuItem, FrameRange, FrameRanges, Format)
    vars(nuke).update({c.__name__: c for c in classes})
    vars(nuke).update(
        env=environment(session),
        nodes=NodesNamespace(nodes),
        Undo=undo_class(session),
        ProgressTask=task,
        ToolBar=Menu,
    )
    return {"nuke": nuke, **panels_module(session, FakeModule)}


def _callback_functions(session: FakeNuke) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in EVENTS:
        name = event[0].upper() + event[1:]

        def add(
            call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "*", event: str = event
        ) -> None:
            session.callbacks.add(event, call, args, kwargs, nodeClass)

        def remove(
            call: Any, args: Any = (), kwargs: Any = None, nodeClass: str = "*", event: str = event
        ) -> None:
            session.callbacks.remove(event, call, args, kwargs, nodeClass)

        found[f"add{name}"] = add
        found[f"remove{name}"] = remove
    return found


@contextmanager
def installed(session: FakeNuke) -> Iterator[Any]:
    """Put the modules into ``sys.modules`` and take them out again; what was there comes back. Host packages
    imported meanwhile are forgotten, as they hold this session's module.

    Raises RuntimeError inside a real Nuke.
    """
    real = sys.modules.get("nuke")
    if real is not None and not isinstance(real, FakeModule):
        raise RuntimeError("this is a real Nuke: the fake is not put over it")
    made = make_modules(session)
    names = {*made, "nukescripts", "nukescripts.panels"}
    before = {n: sys.modules[n] for n in names if n in sys.modules}
    hosts, path = _take_hosts(), list(sys.path)
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(made)
    try:
        yield made["nuke"]
    finally:
        _take_hosts()
        sys.path[:] = path
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(before)
        sys.modules.update(hosts)


def _take_hosts() -> dict[str, ModuleType]:
    found = {
        n: m for n, m in sys.modules.items() if n in HOSTS or n.startswith(tuple(f"{h}." for h in HOSTS))
    }
    for name in found:
        del sys.modules[name]
    return found


def run_text(session: FakeNuke, text: str) -> None:
    """Run a menu command given as text, in a name space like ``__main__``'s."""
    here = sys.modules.get("nuke")
    if not isinstance(here, FakeModule) or here.fake is not session:
        raise RuntimeError("menu commands given as text need the fake installed")
    exec(text, {"__name__": "__main__", "nuke": here, "nukescripts": sys.modules["nukescripts"]})  # noqa: S102
