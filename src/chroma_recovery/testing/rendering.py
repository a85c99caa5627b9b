"""``nuke.execute``: recorded, with an effect that the test chooses.

Errors are RuntimeError, a cancel is RuntimeError with the text ``Cancelled`` (A: STUBS, SCAN). Frames are
given as ``start, end, increment`` or as FrameRanges (A).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from .unverified import NODE_GONE, UnverifiedBehaviour, not_known

if TYPE_CHECKING:
    from .node import Node
    from .session import FakeNuke

__all__ = ["FrameRange", "FrameRanges", "Render", "Renders"]

EXECUTABLE = {"Write", "CopyCat", "BigCat", "CurveTool", "DiskCache", "GenerateLUT", "Precomp", "Group"}


class FrameRange:
    """``nuke.FrameRange("1-10x2")`` or ``(first, last, increment)``; the increment may be left out."""

    def __init__(self, first: str | int = 1, last: int | None = None, increment: int = 1) -> None:
        if isinstance(first, str):
            text, _, step = first.partition("x")
            low, _, high = text.lstrip("-").partition("-")
            sign = -1 if text.startswith("-") else 1
            try:
                first, last = sign * int(low), int(high) if high else sign * int(low)
                increment = int(step or 1)
            except ValueError:
                raise ValueError(f"{text!r} is no frame range") from None
        self._range = (int(first), int(first if last is None else last), int(increment))

    def first(self) -> int:
        return self._range[0]

    def last(self) -> int:
        return self._range[1]

    def increment(self) -> int:
        return self._range[2]

    def frames(self) -> int:
        return len(list(self))

    def __iter__(self) -> Iterator[int]:
        first, last, step = self._range
        return iter(range(first, last + 1, max(step, 1)))

    def __str__(self) -> str:
        first, last, step = self._range
        return str(first) if first == last else f"{first}-{last}" + (f"x{step}" if step != 1 else "")

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise not_known("FrameRange", name)


class FrameRanges:
    """``nuke.FrameRanges("1-5 8")``, of frame numbers, or of FrameRange objects."""

    def __init__(self, given: Any = ()) -> None:
        words = (
            given.split() if isinstance(given, str) else [given] if isinstance(given, int) else list(given)
        )
        self._ranges = [w if isinstance(w, FrameRange) else FrameRange(w) for w in words]

    def add(self, one: FrameRange) -> None:
        self._ranges.append(one)

    def size(self) -> int:
        return len(self._ranges)

    def toFrameList(self) -> list[int]:
        return sorted({f for r in self._ranges for f in r})

    def minFrame(self) -> int:
        return min(self.toFrameList())

    def maxFrame(self) -> int:
        return max(self.toFrameList())

    def __iter__(self) -> Iterator[FrameRange]:
        return iter(self._ranges)

    def __str__(self) -> str:
        return " ".join(str(r) for r in self._ranges)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise not_known("FrameRanges", name)


@attrs.frozen
class Render:
    """One call of execute. settings: what the node's knobs held, by name, where set."""

    node: str
    cls: str
    frames: tuple[int, ...]
    views: tuple[str, ...]
    settings: dict[str, Any]


class Renders:
    """done: every render. effect: called with each Render; may write files, or raise RuntimeError."""

    def __init__(self, session: FakeNuke) -> None:
        self._session = session
        self.done: list[Render] = []
        self.effect: Callable[[Render], None] | None = None

    def cancel(self, render: Render) -> None:
        """An effect: the artist cancels."""
        raise RuntimeError("Cancelled")

    def execute(
        self,
        node: Node | str,
        start: Any = None,
        end: Any = None,
        increment: int | None = None,
        views: Any = None,
        continueOnError: bool = False,
    ) -> None:
        """Raises RuntimeError for a node in error, or with no frames (U for the texts)."""
        session = self._session
        live = session.find(node) if isinstance(node, str) else node._live
        if live is None:
            raise RuntimeError(f"no node {node}")
        if not live.attached:
            raise ValueError(NODE_GONE)
        if live.cls not in EXECUTABLE:
            raise RuntimeError(f"{live.name} is not executable")
        if isinstance(start, FrameRanges):
            if increment is not None:
                raise UnverifiedBehaviour("execute(node, FrameRanges, views, increment)")
            frames, views = start.toFrameList(), end if end is not None else views
        elif isinstance(start, FrameRange):
            frames = list(start)
        elif isinstance(start, int):
            frames = list(range(start, (end if end is not None else start) + 1, increment or 1))
        elif start is None:
            first, last = session.range_of(live)
            frames = list(range(first, last + 1))
        else:
            raise TypeError("execute takes frame numbers or FrameRanges")
        if not frames:
            raise RuntimeError(f"{live.name}: no frames to render")
        wrong = next((fault for n in live.upstream() if (fault := session.fault(n))), "")
        if wrong:
            raise RuntimeError(wrong)
        if live.cls == "Write" and not live.shared.own["file"].value():
            raise RuntimeError(f"{live.name}: no file name")
        settings = {k.spec.name: k.value() for k in live.shared.own.made.values() if k.held is not None}
        render = Render(live.full_name, live.cls, tuple(frames), tuple(views or ()), settings)
        session.callbacks.fire("beforeRender", live)
        self.done.append(render)
        if self.effect is not None:
            self.effect(render)
        session.callbacks.fire("afterRender", live)
