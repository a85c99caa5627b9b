"""Model files of any run name."""

from __future__ import annotations

import os
from pathlib import Path

from chroma_recovery.nuke_host.checkpoints import checkpoints, latest


def put(folder: Path, name: str, when: int, data: bytes = b"x") -> None:
    (folder / name).write_bytes(data)
    os.utime(folder / name, (when, when))


def test_the_last_step_of_the_run_written_last(tmp_path: Path) -> None:
    put(tmp_path, "Training_250808_213433.40000.cat", 100)
    put(tmp_path, "best so far.900.cat", 300)
    put(tmp_path, "best so far.1000.cat", 300)
    put(tmp_path, "v2.final.500.catnc", 200)
    for name in ("best so far.1000.ost", "best so far.cat", "x.1.cat.part", "x.12a.cat"):
        put(tmp_path, name, 900)
    put(tmp_path, "empty.99999.cat", 999, b"")
    assert len(checkpoints(tmp_path)) == 4
    found = latest(tmp_path)
    assert found is not None
    assert (found.run, found.step) == ("best so far", 1000)


def test_nothing_there(tmp_path: Path) -> None:
    assert latest(tmp_path) is None
    assert latest(tmp_path / "missing") is None
