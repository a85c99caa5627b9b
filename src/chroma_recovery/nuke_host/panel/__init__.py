"""The dockable panel. Its logic is plain Python; only modules below ``qt`` know Qt, and none of them loads before
the panel is opened: ``RecoveryPanel`` is looked up when Nuke evaluates the name that :func:`register` gave it.
"""

from __future__ import annotations

from typing import Any

__all__ = ["PANEL_ID", "TITLE", "RecoveryPanel", "register"]

TITLE = "Chroma Recovery"
PANEL_ID = "org.chroma_recovery.panel"
"""Under this name Nuke keeps the panel in saved workspaces: it never changes."""
WIDGET = "chroma_recovery.nuke_host.panel.RecoveryPanel"


def __getattr__(name: str) -> Any:
    if name == "RecoveryPanel":
        from .panel import RecoveryPanel

        return RecoveryPanel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def register() -> None:
    """Offer the panel in Nuke's Pane menus (GUI only). No Qt is loaded here.

    Nuke evaluates the widget's name later, in the name space of ``__main__``, where the package is made known.
    """
    import nukescripts.panels

    import __main__
    import chroma_recovery

    vars(__main__).setdefault("chroma_recovery", chroma_recovery)
    nukescripts.panels.registerWidgetAsPanel(WIDGET, TITLE, PANEL_ID)
