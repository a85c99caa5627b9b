"""What ``nuke -x`` and ``-X`` print and write.

``Writing PATH took N seconds`` and ``Frame 1 (1 of 1)`` as in logs of 16.0 (A). A Write fails if its folder is
missing and ``create_directories`` is off (B), a Read if its frame is (A: ``on_error`` error); the texts are U.
An existing frame is overwritten (A). NC writes no more than 1920 x 1080, which the stub does not look at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from .files import file_path, frame_range
from .live import Live
from .session import FakeNuke
from .stub_training import NodeFailed

__all__ = ["targets", "write_frame", "write_frames_of"]


def targets(session: FakeNuke, names: list[str]) -> list[Live]:
    """The nodes to execute: by name, or every Write that is on, by render order. Raises RuntimeError."""
    if names:
        found = []
        for name in names:
            live = session.find(name)
            if live is None:
                raise RuntimeError(f"{name}: no such node")
            if live.cls not in ("Write", "CopyCat", "BigCat"):
                raise RuntimeError(f"{name} is not executable")
            found.append(live)
        return found
    writes = [n for n in session.every() if n.cls == "Write" and not n.shared.own["disable"].value()]
    if not writes:
        raise RuntimeError("there are no active Write operators in this script")
    return sorted(writes, key=lambda n: float(n.shared.own["render_order"].value()))


def write_frames_of(live: Live, frames: list[int]) -> list[int]:
    """The frames that a Write takes of those asked for; the project's range if none are."""
    own = live.shared.own
    if not frames:
        root = live.session.root.shared.own
        frames = list(range(int(root["first_frame"].value()), int(root["last_frame"].value()) + 1))
    if own["use_limit"].value():
        first, last = int(own["first"].value()), int(own["last"].value())
        frames = [f for f in frames if first <= f <= last]
    return frames


def write_frame(live: Live, frame: int, say: Callable[[str], None]) -> None:
    """Write a stand-in for one frame. Raises NodeFailed, prefixed with another node's name where that fails."""
    _check_above(live, frame)
    path = file_path(live, "file", frame)
    if not path:
        raise NodeFailed("no file name")
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        if not live.shared.own["create_directories"].value():
            raise NodeFailed(f"{path}: No such file or directory")
        os.makedirs(folder, exist_ok=True)
    Path(path).write_bytes(f"stub frame {frame} of {live.name}\n".encode())
    say(f"Writing {path} took 0.04 seconds")


def _check_above(live: Live, frame: int) -> None:
    for node in live.upstream():
        own = node.shared.own
        if "disable" in own and own["disable"].value():
            continue
        if node.cls == "Read" and own["on_error"].value() == "error":
            first, last = frame_range(node)
            path = file_path(node, "file", min(max(frame, first), last))
            if not path or not os.path.exists(path):
                raise NodeFailed(f"\0{node.name}: {path or 'no file'}: No such file or directory")
        if node.cls == "Inference":
            path = file_path(node, "modelFile")
            if not path or not os.path.isfile(path):
                raise NodeFailed(f"\0{node.name}: {path or 'no model'}: cannot open the model file")
