"""``nuke.addOnCreate`` and its kind (A: STUBS source: signature, and ValueError for what cannot be called)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .knobs import Knob
    from .live import Live
    from .session import FakeNuke

__all__ = ["EVENTS", "Callbacks"]

EVENTS = (
    "onCreate", "onUserCreate", "onDestroy", "onScriptLoad", "onScriptSave", "onScriptClose", "knobChanged",
    "updateUI", "beforeRender", "beforeFrameRender", "afterFrameRender", "afterRender",
)  # fmt: skip
"""Modelled events. updateUI is never fired."""


class Callbacks:
    """Registered callbacks by event; each is called with ``nuke.thisNode()`` set."""

    def __init__(self, session: FakeNuke) -> None:
        self._session = session
        self._known: dict[str, list[tuple[str, Callable[..., Any], Any, Any]]] = {e: [] for e in EVENTS}
        self.this: list[tuple[Live, Knob | None]] = []

    def add(
        self, event: str, call: Callable[..., Any], args: Any = (), kwargs: Any = None, nodeClass: str = "*"
    ) -> None:
        if not callable(call):
            raise ValueError("call must be a callable")
        entry = (nodeClass, call, args if isinstance(args, tuple) else (args,), kwargs or {})
        if entry not in self._known[event]:
            self._known[event].append(entry)

    def remove(
        self, event: str, call: Callable[..., Any], args: Any = (), kwargs: Any = None, nodeClass: str = "*"
    ) -> None:
        entry = (nodeClass, call, args if isinstance(args, tuple) else (args,), kwargs or {})
        if entry in self._known[event]:
            self._known[event].remove(entry)

    def fire(self, event: str, live: Live, knob: Knob | None = None) -> None:
        for wanted, call, args, kwargs in list(self._known[event]):
            if wanted in ("*", live.cls):
                self.this.append((live, knob))
                try:
                    call(*args, **kwargs)
                finally:
                    self.this.pop()

    def knob_changed(self, knob: Knob) -> None:
        if (
            knob.shared is not None
            and self._known["knobChanged"]
            and not any(k is knob for _, k in self.this)
        ):
            self.fire("knobChanged", knob.shared.first, knob)
