"""The fake Nuke session: nodes, selection, project settings, editions and their limits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

from ..graph.catalogue import Catalogue
from ..graph.catalogue import catalogue as shipped
from ..graph.graph import NukeVersion
from .callbacks import Callbacks
from .choices import ChoiceKnob
from .dialogs import Dialogs
from .files import file_path, frame_range, substitute
from .journal import Journal
from .knob_classes import LAYERS
from .live import Live, Shared
from .menus import Menus
from .rendering import Renders

if TYPE_CHECKING:
    from .node import Node
    from .startup import Startup

__all__ = ["EDITIONS", "FakeNuke"]

EDITIONS = ("nukex", "nuke", "studio", "indie", "nc")
NUKEX_ONLY = ("CopyCat", "BigCat", "CatFileCreator", "OFXuk.co.thefoundry.furnace.")
"""Classes (or beginnings of names) that plain Nuke has no licence for (A for CopyCat and CatFileCreator, B for
Furnace)."""
FORMATS = {
    "HD_1080": "1920 1080 0 0 1920 1080 1 HD_1080",
    "UHD_4K": "3840 2160 0 0 3840 2160 1 UHD_4K",
    "2K_Super_35(full-ap)": "2048 1556 0 0 2048 1556 1 2K_Super_35(full-ap)",
    "2K_DCP": "2048 1080 0 0 2048 1080 1 2K_DCP",
}


class FakeNuke:
    """A Nuke session for tests; ``with fake.installed() as nuke:`` puts it into ``sys.modules``.

    mode: ``gui`` or ``terminal``. edition: one of EDITIONS. version: as ``nuke.NUKE_VERSION_STRING``.
    check_files: Read nodes whose first file is missing are in error (C). items: enumeration items by
    ``Class.knob``, for colour configs the fake does not know. python_nodes: how many different nodes Python
    may touch in one operation in NC and Indie.

    For tests: ``warnings`` is what Nuke would print while loading, ``uncertain`` what was done although it is
    not known whether Nuke does the same, ``metadata`` and ``buttons`` answer for nodes, ``dialogs`` for the
    artist, ``renders`` for the renderer, ``menus`` holds the menus, ``journal`` the undo list.

    Raises ValueError for an unknown mode or edition, GraphError (CR201) for a version that is none.
    """

    def __init__(
        self,
        mode: Literal["gui", "terminal"] = "gui",
        edition: str = "nukex",
        version: str = "15.1v4",
        *,
        catalogue: Catalogue | None = None,
        check_files: bool = True,
        items: dict[str, list[str]] | None = None,
        python_nodes: int = 10,
    ) -> None:
        if mode not in ("gui", "terminal"):
            raise ValueError(f"mode is 'gui' or 'terminal', not {mode!r}")
        if edition not in EDITIONS:
            raise ValueError(f"edition is one of {', '.join(EDITIONS)}, not {edition!r}")
        self.gui = mode == "gui"
        self.edition = edition
        self.version = NukeVersion.parse(version)
        self.catalogue = catalogue or shipped()
        self.check_files = check_files
        self.items = dict(items or {})
        self.limit = python_nodes if edition in ("nc", "indie") else None
        self.warnings: list[str] = []
        self.uncertain: list[str] = []
        self.metadata: dict[str, dict[str, Any]] = {}
        self.buttons: dict[str, Callable[[Node], None]] = {}
        self.clipboard = ""
        self.dag_centre = (0, 0)
        self.plugin_path: list[str] = []
        self.remap: list[tuple[str, str]] = []
        self.starting: Startup | None = None
        self.journal = Journal()
        self.callbacks = Callbacks(self)
        self.dialogs = Dialogs(self)
        self.renders = Renders(self)
        self.menus = Menus(self)
        self.current: list[Live | None] = []
        self.touched: set[int] = set()
        self.formats = dict(FORMATS)
        self.nodes: tuple[Live, ...] = ()
        self.layers: tuple[tuple[str, ...], ...] = ()
        self.root = self._single("Root", "root")
        self.preferences = self._single("NoOp", "preferences")
        self.reset()

    def _single(self, cls: str, name: str) -> Live:
        spec = self.catalogue.node(cls)
        if spec is None:
            raise ValueError(f"the catalogue has no {cls}")
        live = Live(Shared(self, cls, name, spec), None)
        live.attached = True
        live.shared.instances = (live,)
        return live

    def reset(self) -> None:
        """An empty, unsaved script with default settings and no history."""
        for live in self.every():
            live.attached = False
        self.nodes, self.layers = (), ()
        self.root.attached = False
        self.root = self._single("Root", "root")
        self.script_name = ""
        self.opened_version: NukeVersion | None = None
        self.frame: float = 1
        self.modified = False
        self.current.clear()
        self.journal.forget()
        self.new_operation()

    # -- who may do what

    def new_operation(self) -> None:
        """From here on NC and Indie count anew (a menu command does this by itself)."""
        self.touched.clear()

    def seen(self, live: Live) -> Node:
        """Hand a node to Python. Raises RuntimeError when NC or Indie have counted to the limit (limit B,
        what exactly happens U)."""
        self.touched.add(id(live.shared))
        if self.limit is not None and len(self.touched) > self.limit:
            raise RuntimeError(
                f"Python may touch {self.limit} nodes in {self.edition}; this is one more: {live.full_name}"
            )
        return live.python

    def gui_only(self, what: str, text: str = "") -> None:
        """Raises RuntimeError in terminal mode."""
        if not self.gui:
            raise RuntimeError(text or f"{what}: not in GUI mode")

    def doubt(self, text: str) -> None:
        """Note something that Nuke may do otherwise."""
        self.uncertain.append(text)

    # -- nodes

    def every(self) -> list[Live]:
        """All nodes, those in groups too."""
        found, left = [], list(self.nodes)
        while left:
            live = left.pop(0)
            found.append(live)
            left += live.inside
        return found

    def inside(self, group: Live | None) -> tuple[Live, ...]:
        return group.inside if group is not None else self.nodes

    def here(self) -> Live | None:
        """The current group, None for the script itself."""
        return self.current[-1] if self.current else None

    def add(self, live: Live) -> None:
        """Put a new node, or a new instance of a clone, into its group."""
        self._list(live.group, (*self.inside(live.group), live))
        self.journal.assign(live.shared, "instances", (*live.shared.instances, live))
        self.journal.assign(live, "attached", True)
        self.modified = True

    def remove(self, live: Live) -> None:
        """What was connected to it is not connected to anything then (U: Nuke may join it to what is above)."""
        if any(live in n.pipes for n in self.inside(live.group)):
            self.doubt(f"pipes below the deleted {live.full_name}")
        for below in live.below():
            self.journal.assign(below, "attached", False)
        self._list(live.group, tuple(n for n in self.inside(live.group) if n is not live))
        self.journal.assign(live, "attached", False)
        self.modified = True

    def _list(self, group: Live | None, nodes: tuple[Live, ...]) -> None:
        if group is None:
            self.journal.assign(self, "nodes", nodes)
        else:
            self.journal.assign(group, "inside", nodes)

    def select(self, nodes: Iterable[Live]) -> None:
        """Select these and nothing else."""
        chosen = {id(n) for n in nodes}
        for live in self.every():
            live.change("selected", id(live) in chosen, alone=False)

    def selected(self, group: Live | None = None) -> list[Live]:
        return [n for n in self.inside(group) if n.selected]

    def free_name(self, name: str, group: Live | None, *, besides: Shared | None = None) -> str:
        """The name, its number counted up where it is taken: Crop1 -> Crop2, Source -> Source1 (B)."""
        taken = {n.name for n in self.inside(group) if n.shared is not besides}
        if group is None:
            taken |= {"root", "preferences"}
        stem = name.rstrip("0123456789")
        number = int(name[len(stem) :] or 0)
        while name in taken:
            number += 1
            name = f"{stem}{number}"
        return name

    def find(self, name: str, group: Live | None = None) -> Live | None:
        """By name or ``group.node`` path; the first instance of a clone."""
        first, _, rest = name.removeprefix("root.").partition(".")
        if group is None and name in ("root", "Root", "preferences"):
            return self.root if name != "preferences" else self.preferences
        found = next((n for n in self.inside(group) if n.name == first), None)
        return self.find(rest, found) if found is not None and rest else found

    def to_node(self, name: str, group: Live | None = None) -> Node | None:
        if not isinstance(name, str):
            raise TypeError("toNode takes a name")
        found = self.find(name, group if group is not None else self.here())
        return self.seen(found) if found is not None else None

    # -- what nodes answer

    def fault(self, live: Live) -> str:
        """Why a node is in error, empty if it is not. Missing files count only for Read (C)."""
        if self.gui and self.edition == "nuke" and live.cls.startswith(NUKEX_ONLY):
            return f"{live.name}: needs NukeX"
        for knob in live.shared.used():
            if isinstance(knob, ChoiceKnob) and knob.faulty:
                return f"{live.name}.{knob.spec.name}: bad value {knob.value()}"
        return self._missing(live) if live.cls == "Read" and self.check_files else ""

    def _missing(self, live: Live) -> str:
        path = file_path(live, "file", int(live.shared.own["first"].value()))
        if not path:
            return f"{live.name}: no file"
        return "" if os.path.exists(path) else f"{live.name}: {path}: no such file"

    def substitute(self, text: str) -> str:
        """Nuke's Tcl substitution, for the expressions that the fake knows; see ``files``."""
        return substitute(text, self.script_name)

    def range_of(self, live: Live) -> tuple[int, int]:
        """First and last frame; see ``files``."""
        return frame_range(live)

    def channels(self) -> set[str]:
        """Layer and channel names that a channel knob takes."""
        known = {*LAYERS, *(f"rgba.{c}" for c in ("red", "green", "blue", "alpha")), "red", "green", "blue"}
        known |= {"depth.Z"}
        for layer, *channels in self.layers:
            known |= {layer, *channels}
        return known

    @property
    def colour_config(self) -> str | None:
        """Name or path of the OCIO config; None while colour management is Nuke's own."""
        own = self.root.shared.own
        if own["colorManagement"].value() != "OCIO":
            return None
        name = str(own["OCIO_config"].value())
        return str(own["customOCIOConfigPath"].value()) or None if name == "custom" else name

    # -- as modules

    def start(self, *folders: str | os.PathLike[str]) -> list[str]:
        """Run ``init.py`` and, in the GUI, ``menu.py`` of plug-in folders, as Nuke starts; see ``startup``."""
        from .startup import start

        return start(self, folders)

    def installed(self) -> Any:
        """Context manager: the fake is ``nuke`` and ``nukescripts`` in ``sys.modules``; gives the module."""
        from .module import installed

        return installed(self)
