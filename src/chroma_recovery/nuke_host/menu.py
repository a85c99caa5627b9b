"""The menu and toolbar "Chroma Recovery". Loads in a few milliseconds: commands are imported when first chosen."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .availability import ITEMS, Farm, State, availability
from .editions import running

__all__ = ["TITLE", "install", "refresh"]

TITLE = "Chroma Recovery"
ICONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "icons")

_commands: dict[str, Any] = {}
"""The one Commands object of the session, made at the first command."""

_farm: list[Farm] = []
"""What writes a job for a farm, given by who installs the menu: this package's farm layer lies above this one."""


def install(nuke: Any, *, farm: Farm | None = None) -> None:
    """Add menu and toolbar. farm: writes a job (preset, project folder, folder for the job, Nuke's executable) and
    gives the message to show; without it the item stays disabled. GUI only: raises RuntimeError elsewhere, as
    ``nuke.menu`` does."""
    nuke.pluginAppendPath(ICONS.replace("\\", "/"))
    _farm[:] = [farm] if farm is not None else []
    _commands.clear()
    refresh(nuke, State(running(nuke), farm=bool(_farm)), first=True)
    nuke.addOnScriptLoad(_loaded, args=(nuke,))
    try:
        from .panel import register
    except ImportError:  # an installation without the panel
        return
    register()


def refresh(nuke: Any, state: State, *, first: bool = False) -> None:
    """Enable what can work now; what cannot says why in its tooltip. An item that is there already is replaced."""
    reasons = availability(state)
    for bar in _bars(nuke):
        for item in ITEMS:
            if not item.name:
                if first:
                    bar.addSeparator()
                continue
            reason = reasons[item.name]
            tip = item.help if reason is None else f"{item.help}. Not now: {reason}."
            made = bar.addCommand(item.label, _run(nuke, item.name), icon=f"cr_{item.icon}.png", tooltip=tip)
            made.setEnabled(reason is None)


def _bars(nuke: Any) -> list[Any]:
    icon = "cr_recovery.png"
    return [nuke.menu("Nuke").addMenu(TITLE, icon=icon), nuke.toolbar("Nodes").addMenu(TITLE, icon=icon)]


def _run(nuke: Any, name: str) -> Callable[[], None]:
    def run() -> None:
        commands(nuke).run(name)

    return run


def commands(nuke: Any) -> Any:
    """The commands of this session."""
    found = _commands.get("commands")
    if found is None or found.nuke is not nuke:
        from .commands import Commands

        found = _commands["commands"] = Commands(nuke, refresh=refresh, farm=next(iter(_farm), None))
    return found


def _loaded(nuke: Any) -> None:
    """Another script: what can work now may have changed."""
    found = _commands.get("commands")
    if found is not None:
        refresh(nuke, found.state())
