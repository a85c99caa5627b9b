"""``nukescripts``: what a host needs of it. ``nukescripts.panels`` exists in the GUI only (A: source of
13.0); ``registerWidgetAsPanel`` takes the widget as *text* that is evaluated later (A: source of 13.0)."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .knobs import Knob
from .unverified import not_known

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["RegisteredPanel", "panels_module"]


class RegisteredPanel:
    """A registered widget. widget: text, ``package.module.Class``."""

    def __init__(self, widget: str, name: str, panel_id: str) -> None:
        self.widget = widget
        self.name = name
        self.id = panel_id
        self.open = 0

    def addToPane(self, pane: Any = None) -> RegisteredPanel:
        self.open += 1
        return self

    def widget_class(self) -> Any:
        """What the text names; its package must have been imported or importable."""
        module, _, cls = self.widget.rpartition(".")
        return getattr(importlib.import_module(module), cls)


def panels_module(session: FakeNuke, kind: type[ModuleType]) -> dict[str, ModuleType]:
    """``nukescripts``, and in the GUI ``nukescripts.panels``."""
    scripts = kind("nukescripts", "A stand-in for Nuke's nukescripts package.")
    scripts.__path__ = []
    if not session.gui:
        return {"nukescripts": scripts}
    panels = kind("nukescripts.panels", "A stand-in for nukescripts.panels.")

    def registerWidgetAsPanel(widget: str, name: str, id: str, create: bool = False) -> Any:  # noqa: A002
        if not isinstance(widget, str):
            raise TypeError("the widget is given as text, 'package.module.Class'")
        panel = RegisteredPanel(widget, name, id)
        session.menus.panels[id] = panel
        session.menus.menu("Pane").addCommand(name, panel.addToPane)
        return panel if create else None

    class PythonPanel:
        """``nukescripts.PythonPanel(title, id)``; ``showModalDialog`` takes the next queued answer."""

        def __init__(self, title: str = "", id: str = "", scrollable: bool = True) -> None:  # noqa: A002
            self._title, self._id, self._knobs = title, id, list[Knob]()

        def addKnob(self, knob: Knob) -> None:
            self._knobs.append(knob)

        def removeKnob(self, knob: Knob) -> None:
            self._knobs.remove(knob)

        def knobs(self) -> dict[str, Knob]:
            return {k.name(): k for k in self._knobs}

        def knobChanged(self, knob: Knob) -> None:
            return None

        def showModalDialog(self, defaultKnobText: str = "") -> bool:
            return bool(session.dialogs.answer("showModalDialog", self._title, bool))

        def show(self) -> None:
            session.dialogs.show("show", self._title)

        def addToPane(self, pane: Any = None) -> Any:
            return self

        def setMinimumSize(self, width: int, height: int) -> None:
            return None

        def __getattr__(self, name: str) -> Any:
            raise not_known("PythonPanel", name)

    vars(panels).update(registerWidgetAsPanel=registerWidgetAsPanel, PythonPanel=PythonPanel)
    vars(scripts).update(panels=panels, PythonPanel=PythonPanel, registerWidgetAsPanel=registerWidgetAsPanel)
    return {"nukescripts": scripts, "nukescripts.panels": panels}
