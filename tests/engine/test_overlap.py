"""Reading ahead and writing behind change neither order, nor errors, nor pixels."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chroma_recovery.engine.files import Written, read_image, write_exr
from chroma_recovery.engine.image import Image
from chroma_recovery.engine.overlap import WriteBehind
from chroma_recovery.engine.render import render
from chroma_recovery.errors import ImageFileError, PathError

KNOBS = {
    "file": "out/o.####.exr",
    "file_type": "exr",
    "channels": "rgb",
    "raw": True,
    "datatype": "32 bit float",
    "compression": "none",
    "create_directories": True,
}


def picture(frame: int) -> Any:
    return np.random.default_rng(frame).uniform(0, 1, (6, 8, 3)).astype(np.float32)


def plates(bench: Any, frames: range) -> str:
    for frame in frames:
        write_exr(bench.project / f"plates/p.{frame:04d}.exr", Image.of(picture(frame)), half=False)
    return bench.add("Read", file="plates/p.####.exr", first=frames[0], last=frames[-1], raw=True)


def test_every_frame_is_what_it_was_read_as(bench: Any) -> None:
    node = bench.add("Write", plates(bench, range(1, 9)), **KNOBS)
    evaluator = bench.evaluator()
    report = render(evaluator, node)
    assert [p.name for p in report.written] == [f"o.{f:04d}.exr" for f in range(1, 9)]
    for frame, path in enumerate(report.written, start=1):
        assert np.array_equal(read_image(path).image.pixels, picture(frame))
    assert evaluator.kept.bytes == 0  # nothing of a finished shot is held


def test_what_the_next_frame_needs_is_read_once(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from chroma_recovery.engine.nodes import read

    asked: list[str] = []

    def counting(path: Path) -> Any:
        asked.append(path.name)
        return read_image(path)

    source = plates(bench, range(1, 5))
    held = bench.add("FrameHold", source, firstFrame=2)
    node = bench.add("Write", bench.add("Merge2", source, held, operation="plus"), **KNOBS)
    monkeypatch.setattr(read, "read_image", counting)
    report = render(bench.evaluator(), node, [1, 2, 3, 4])
    assert sorted(asked) == [f"p.{f:04d}.exr" for f in (1, 2, 3, 4)]
    assert np.array_equal(read_image(report.written[3]).image.pixels, picture(4) + picture(2))


def test_a_broken_frame_fails_alone_and_is_named(bench: Any, tmp_path: Path) -> None:
    node = bench.add("Write", plates(bench, range(1, 7)), **KNOBS)
    (tmp_path / "plates/p.0004.exr").write_bytes(b"no image")
    (tmp_path / "plates/p.0005.exr").unlink()
    seen: list[int] = []
    with pytest.raises(ImageFileError, match=r"CR511.*read by Read_1, frame 4") as caught:
        render(bench.evaluator(), node, progress=lambda done, total: seen.append(done))
    assert "4 of 6 frames are there; without a picture are 4-5" in caught.value.problems[0].message
    assert [p.code for p in caught.value.problems] == ["CR516", "CR511", "CR510"]
    assert seen == [1, 2, 3, 4, 5, 6]
    written = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir()}
    assert sorted(written) == [f"o.{f:04d}.exr" for f in (1, 2, 3, 6)]
    for frame in (4, 5):
        (tmp_path / f"plates/p.{frame:04d}.exr").write_bytes((tmp_path / "plates/p.0001.exr").read_bytes())
    again = render(bench.evaluator(), node, resume=True)
    assert [p.name for p in again.written] == ["o.0004.exr", "o.0005.exr"]
    assert written.items() <= {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir()}.items()


def test_a_frame_that_cannot_be_written_stops_the_rest(bench: Any, tmp_path: Path) -> None:
    node = bench.add("Write", plates(bench, range(1, 7)), **KNOBS)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/o.0003.exr").write_bytes(b"somebody else's")
    with pytest.raises(PathError, match="CR602"):
        render(bench.evaluator(), node)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [f"o.{f:04d}.exr" for f in (1, 2, 3)]
    assert (tmp_path / "out/o.0003.exr").read_bytes() == b"somebody else's"


def test_an_earlier_frame_s_error_goes_first(bench: Any, tmp_path: Path) -> None:
    node = bench.add("Write", plates(bench, range(1, 4)), **KNOBS)
    (tmp_path / "plates/p.0002.exr").unlink()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/o.0001.exr").write_bytes(b"somebody else's")
    with pytest.raises(PathError, match="CR602"):
        render(bench.evaluator(), node)


def test_torch_gets_its_threads_back(bench: Any) -> None:
    import torch

    before = torch.get_num_threads()
    render(bench.evaluator(), bench.add("Write", plates(bench, range(1, 2)), **KNOBS))
    assert torch.get_num_threads() == before


def test_resuming_does_not_read_what_it_skips(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    node = bench.add("Write", plates(bench, range(1, 5)), **KNOBS)
    render(bench.evaluator(), node, [1, 2, 4])
    for frame in (1, 2, 4):
        (bench.project / f"plates/p.{frame:04d}.exr").unlink()
    report = render(bench.evaluator(), node, resume=True)
    assert [p.name for p in report.written] == ["o.0003.exr"]
    assert [p.name for p in report.skipped] == [f"o.{f:04d}.exr" for f in (1, 2, 4)]


def test_no_more_than_two_frames_wait_to_be_written() -> None:
    gate, told = threading.Event(), list[int]()
    running: list[int] = []

    def write(frame: int) -> Written:
        running.append(frame)
        gate.wait(10)
        return Written(Path(str(frame)), 0)

    def add_three() -> None:
        with WriteBehind(lambda frame, path, made: told.append(frame)) as behind:
            for frame in range(3):
                behind.add(frame, Path(str(frame)), lambda f=frame: write(f), 1)
                added.append(frame)

    added: list[int] = []
    adding = threading.Thread(target=add_three)
    adding.start()
    adding.join(0.3)
    assert adding.is_alive() and len(added) <= 2 and told == []
    gate.set()
    adding.join(10)
    assert told == running == [0, 1, 2]
