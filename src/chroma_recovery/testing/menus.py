"""``nuke.menu`` and ``nuke.toolbar``.

Menus exist in the GUI only: RuntimeError otherwise (A: STUBS). A name may hold ``/`` for submenus; a command
is text or something to call, and runs inside an undo group (A: STUBS). Without a command the item creates a
node of its name (A: STUBS). Running a disabled item does nothing (U).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .unverified import UnverifiedBehaviour, not_known

if TYPE_CHECKING:
    from .session import FakeNuke

__all__ = ["Menu", "MenuItem", "Menus"]

MENUS = ("Nuke", "Pane", "Nodes", "Properties", "Animation", "Viewer", "Node Graph", "Axis")


class MenuItem:
    """A command, or a separator (no name)."""

    def __init__(self, session: FakeNuke, name: str, command: Any = None, **look: Any) -> None:
        self._session = session
        self._name = name
        self._command = command
        self._look = look
        self._enabled = True
        self._visible = True

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise not_known(type(self).__name__, name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name!r}>"

    def name(self) -> str:
        return self._name

    def setEnabled(self, enabled: bool, recursive: bool = True) -> None:
        self._enabled = bool(enabled)

    def isEnabled(self) -> bool:
        raise UnverifiedBehaviour("MenuItem.isEnabled is not known; look at fake.menus.enabled(path)")

    def setVisible(self, visible: bool) -> None:
        self._visible = bool(visible)

    def icon(self) -> str:
        return str(self._look.get("icon") or "")

    def setIcon(self, icon: str) -> None:
        self._look["icon"] = icon

    def shortcut(self) -> str:
        return str(self._look.get("shortcut") or "")

    def setShortcut(self, keys: str) -> None:
        self._look["shortcut"] = keys

    def script(self) -> str:
        return self._command if isinstance(self._command, str) else ""

    def setScript(self, command: Any) -> None:
        self._command = command

    def action(self) -> Any:
        raise UnverifiedBehaviour("MenuItem.action gives a QAction; there is no Qt here")

    def invoke(self) -> None:
        """Run the command as one undo step."""
        session = self._session
        if not self._enabled:
            return
        session.new_operation()
        with session.journal.group(self._name):
            if callable(self._command):
                self._command()
            else:
                from .module import run_text

                run_text(session, self._command or f"nuke.createNode({self._name!r})")


class Menu(MenuItem):
    """A menu or a toolbar."""

    def __init__(self, session: FakeNuke, name: str, **look: Any) -> None:
        super().__init__(session, name, None, **look)
        self._items: list[MenuItem] = []

    def items(self) -> list[MenuItem]:
        return list(self._items)

    def addCommand(
        self,
        name: Any,
        command: str | Callable[[], Any] | None = None,
        shortcut: str | None = None,
        icon: str | None = None,
        tooltip: str | None = None,
        index: int = -1,
        readonly: bool = False,
        shortcutContext: int | None = None,
    ) -> MenuItem:
        """An item of the same name is replaced (B)."""
        if not isinstance(name, str) or not name:
            raise TypeError("addCommand takes a name")
        if command is not None and not isinstance(command, str) and not callable(command):
            raise TypeError("command must be text or callable")
        menu, last = self._below(name)
        item = MenuItem(self._session, last, command, shortcut=shortcut, icon=icon, tooltip=tooltip)
        return menu._put(item, index)

    def addMenu(
        self, name: str, icon: str | None = None, tooltip: str | None = None, index: int = -1, **more: Any
    ) -> Menu:
        """The submenu; the one that is there already, if any (B)."""
        if more:
            raise UnverifiedBehaviour(f"addMenu({', '.join(more)})")
        menu, last = self._below(name)
        found = menu._named(last)
        if isinstance(found, Menu):
            return found
        made = Menu(self._session, last, icon=icon, tooltip=tooltip)
        menu._put(made, index)
        return made

    def addSeparator(self, index: int = -1) -> MenuItem:
        return self._put(MenuItem(self._session, ""), index)

    def findItem(self, name: str) -> Any:
        """Menu, item or None; the name may be a path."""
        first, _, rest = name.partition("/")
        found = self._named(first)
        return found.findItem(rest) if rest and isinstance(found, Menu) else None if rest else found

    def menu(self, name: str) -> Any:
        return self.findItem(name)

    def removeItem(self, name: str) -> None:
        """A menu that becomes empty goes too (A: STUBS)."""
        first, _, rest = name.partition("/")
        found = self._named(first)
        if found is None:
            return
        if rest and isinstance(found, Menu):
            found.removeItem(rest)
            if found._items:
                return
        self._items.remove(found)

    def clearMenu(self) -> bool:
        self._items.clear()
        return True

    def setEnabled(self, enabled: bool, recursive: bool = True) -> None:
        super().setEnabled(enabled)
        for item in self._items if recursive else ():
            item.setEnabled(enabled, recursive)

    def invoke(self) -> None:
        raise UnverifiedBehaviour(f"invoking the menu {self._name}")

    def _named(self, name: str) -> MenuItem | None:
        return next((i for i in self._items if i._name == name), None)

    def _below(self, path: str) -> tuple[Menu, str]:
        menu = self
        *parents, last = path.split("/")
        for parent in parents:
            menu = menu.addMenu(parent)
        return menu, last

    def _put(self, item: MenuItem, index: int) -> MenuItem:
        old = self._named(item._name) if item._name else None
        if old is not None:
            at = self._items.index(old)
            self._items[at] = item
        elif index < 0:
            self._items.append(item)
        else:
            self._items.insert(index, item)
        return item


class Menus:
    """All menus and toolbars; for tests: ``paths``, ``enabled``, ``tooltip``, ``invoke``."""

    def __init__(self, session: FakeNuke) -> None:
        self._session = session
        self._menus = {n: Menu(session, n) for n in MENUS}
        self._bars: dict[str, Menu] = {"Nodes": self._menus["Nodes"]}
        self.panels: dict[str, Any] = {}

    def menu(self, name: str) -> Menu:
        """Raises RuntimeError without a GUI and for a name Nuke does not list (U for the latter)."""
        self._session.gui_only("nuke.menu")
        if name not in self._menus:
            raise RuntimeError(f"no menu {name!r}; there are {', '.join(MENUS)}")
        return self._menus[name]

    def toolbar(self, name: str, create: bool = True) -> Menu | None:
        self._session.gui_only("nuke.toolbar")
        if name not in self._bars and create:
            self._bars[name] = Menu(self._session, name)
        return self._bars.get(name)

    def item(self, path: str) -> MenuItem:
        """By path, the menu's name first: ``Nuke/Chroma Recovery/Help``. Raises KeyError."""
        first, _, rest = path.partition("/")
        menu = self._menus.get(first) or self._bars.get(first)
        found = menu.findItem(rest) if menu is not None and rest else menu
        if found is None:
            raise KeyError(f"no menu item {path!r}; there are: " + ", ".join(self.paths()))
        return found

    def paths(self) -> list[str]:
        """Every command."""
        found: list[str] = []

        def walk(menu: Menu, path: str) -> None:
            for item in menu._items:
                if isinstance(item, Menu):
                    walk(item, f"{path}/{item._name}")
                elif item._name:
                    found.append(f"{path}/{item._name}")

        for name, menu in {**self._menus, **self._bars}.items():
            walk(menu, name)
        return found

    def enabled(self, path: str) -> bool:
        return self.item(path)._enabled

    def tooltip(self, path: str) -> str:
        return str(self.item(path)._look.get("tooltip") or "")

    def invoke(self, path: str) -> None:
        """Choose a command; AssertionError if it is disabled."""
        item = self.item(path)
        if not item._enabled:
            raise AssertionError(f"{path} is disabled: {self.tooltip(path)}")
        item.invoke()
