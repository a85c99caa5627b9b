"""Jobs that ``write_points`` interrupts: what is done first, and how it is gone on with. Not a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs


@attrs.frozen
class Job:
    """prepare: imports, once, before anything forks. first, again: in a folder; the exit code."""

    prepare: Callable[[], object]
    first: Callable[[Path], int]
    again: Callable[[Path], int]


def command(*words: str) -> Callable[[Path], int]:
    def run(folder: Path) -> int:
        from chroma_recovery.cli import main

        return main([w.replace("@", str(folder)) for w in words])

    return run


def imported() -> None:
    from chroma_recovery import build, nk, preset, stages  # noqa: F401
    from chroma_recovery.cli import main  # noqa: F401


def render(resume: bool) -> Callable[[Path], int]:
    def run(folder: Path) -> int:
        import os

        os.environ["CHROMA_RECOVERY_DECODER"] = "here"
        from chroma_recovery.engine.evaluate import Evaluator
        from chroma_recovery.engine.render import render as render_node
        from chroma_recovery.graph import Graph

        graph = Graph()
        graph.root.update(format="32 24 0 0 32 24 1 x", first_frame=1, last_frame=3)
        plates = (folder / "plates/p.####.exr").as_posix()
        read = graph.add("Read", "Read1", knobs={"file": plates, "first": 1, "last": 3, "raw": True})
        target = (folder / "out/o.####.exr").as_posix()
        knobs = {
            "file": target,
            "file_type": "exr",
            "channels": "rgb",
            "raw": True,
            "create_directories": True,
        }
        graph.add("Write", "Write1", inputs=[read], knobs=knobs)
        render_node(Evaluator(graph, project=folder), "Write1", [1, 2, 3], resume=resume)
        return 0

    return run


def with_engine() -> None:
    import chroma_recovery.engine.evaluate
    import chroma_recovery.engine.render  # noqa: F401


JOBS = {
    "build": Job(
        imported,
        command("build", "@/sh010.yaml", "--out", "@/out"),
        command("build", "@/sh010.yaml", "--out", "@/out"),
    ),
    "build-over": Job(
        imported,
        command("build", "@/new.yaml", "--out", "@/old", "--overwrite"),
        command("build", "@/new.yaml", "--out", "@/old", "--overwrite"),
    ),
    "render": Job(with_engine, render(False), render(True)),
}
