"""Nuke's training log, in pieces and while it grows; and the numbers of a training."""

from __future__ import annotations

import itertools
import os
import threading
import time
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chroma_recovery.errors import Cancelled
from chroma_recovery.nuke_host.checkpoints import Checkpoint
from chroma_recovery.nuke_host.panel.following import FileTail, PipeTail
from chroma_recovery.nuke_host.panel.jobs import Job
from chroma_recovery.nuke_host.panel.training_log import TrainingLog, thinned
from chroma_recovery.nuke_host.panel.training_numbers import duration, numbers, speed_of
from chroma_recovery.preset.load import load

LOG = """\
Nuke 16.0v1, 64 bit, built Feb 24 2025.
Copyright (c) 2025 The Foundry Visionmongers Ltd.  All Rights Reserved.
[19:28.55] Warning: /jobs/copycat.nk is for nuke16.0v7; this is nuke16.0v1
[Step:1/30] Loss:0.022428
2025-12-23 19:29:04 STDOUT: [Step:10/30] Loss:0.011
[Step:20/30] Loss:nan
[Step:30/30] Loss:5.5e-03
 [*] Cat file saved at /data/Training_251223_192904.30.cat
 [*] Optimiser saved at /data/Training_251223_192904.30.ost
 [*] Contactsheet saved at /data/Training_251223_192904.30.png

Frame 1 (1 of 1)

Total render time: 19 minutes, 42 seconds
"""


def shown(log: TrainingLog) -> object:
    return [attrs.asdict(r) for r in log.runs], log.errors, log.state, log.seconds_per_step


def read(text: str) -> TrainingLog:
    log = TrainingLog()
    log.feed(text)
    log.end()
    return log


def test_a_whole_log() -> None:
    log = read(LOG)
    assert log.run is not None and len(log.runs) == 1
    assert log.run.points == [(1, 0.022428), (10, 0.011), (30, 0.0055)]
    assert (log.run.step, log.run.total, log.run.fraction, log.run.name) == (
        30,
        30,
        1.0,
        "Training_251223_192904",
    )
    assert [(f.kind, f.step) for f in log.run.files] == [
        ("model", 30),
        ("optimiser", 30),
        ("contact sheet", 30),
    ]
    assert (log.state, log.errors) == ("finished", [])
    assert log.seconds_per_step == pytest.approx((19 * 60 + 42) / 30)
    assert log.seconds_left is None


@given(st.lists(st.integers(0, len(LOG)), max_size=12))
def test_the_pieces_do_not_matter(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(LOG)]
    log = TrainingLog()
    for start, end in itertools.pairwise(places):
        log.feed(LOG[start:end])
    log.end()
    assert shown(log) == shown(read(LOG))
    assert shown(read(LOG.replace("\n", "\r\n"))) == shown(read(LOG))


def test_renamed_resumed_and_new_runs() -> None:
    log = read(
        "[Step:10/40] Loss:1\n [*] Cat file saved at C:\\d\\hero skin.v2.20.catnc\n[Step:30/40] Loss:0.5\n"
    )
    assert log.run is not None and (log.run.name, len(log.runs)) == ("hero skin.v2", 1)
    newest = log.run.newest("model")
    assert newest is not None and newest.step == 20
    log.feed("[Step:1/40] Loss:2\n")
    assert len(log.runs) == 2 and log.run.points == [(1, 2.0)] and log.run.name == ""


def test_failures() -> None:
    log = read(
        "[18:41.54] ERROR: CopyCat1: No valid or writable data directory is selected.\n"
        "Total render time: 0.00 seconds\n"
    )
    assert log.state == "failed"
    assert log.errors == ["CopyCat1: No valid or writable data directory is selected."]
    assert log.seconds_per_step is None
    assert read("A license for nuke_i was not found\n").state == "failed"
    assert read("x" * 100_000 + "\n[Step:1/2] Loss:1\n").state == "training"


def test_only_what_is_seen_to_grow_is_timed() -> None:
    log = TrainingLog()
    log.feed("[Step:1/1000] Loss:1\n[Step:10/1000] Loss:1\n")
    assert log.seconds_per_step is None
    log.feed("[Step:20/1000] Loss:1\n", now=100.0)
    log.feed("[Step:70/1000] Loss:1\n", now=110.0)
    assert log.seconds_per_step == pytest.approx(0.2)
    assert log.seconds_left == pytest.approx(186.0)


def test_a_file_that_grows_shrinks_and_comes_late(tmp_path: Path) -> None:
    file = tmp_path / "train.log"
    tail = FileTail(file)
    assert tail.read() == "" and tail.missing
    file.write_bytes("Zeit \u00e4".encode()[:-1])
    assert tail.read() == "Zeit " and not tail.missing and tail.caught_up
    with file.open("ab") as out:
        out.write("\u00e4".encode()[-1:] + b"\n")
    assert tail.read() == "\u00e4\n"
    assert tail.read() == "" and not tail.restarted
    file.write_bytes(b"new\n")
    assert tail.read() == "new\n" and tail.restarted


def test_a_pipe_is_read_without_waiting() -> None:
    reading, writing = os.pipe()
    tail = PipeTail(os.fdopen(reading, "rb", buffering=0))
    assert tail.read() == ""
    os.write(writing, b"[Step:1/2] Loss:1\n")
    deadline = time.monotonic() + 10
    text = ""
    while not text and time.monotonic() < deadline:
        text = tail.read()
    assert text == "[Step:1/2] Loss:1\n" and not tail.ended
    os.close(writing)
    while not tail.ended and time.monotonic() < deadline:
        tail.read()
    assert tail.ended
    tail.close()


def test_numbers_of_a_training(preset_file: Path) -> None:
    preset = load(preset_file).preset
    found = numbers(preset, 0.25)
    assert found is not None
    assert (found.pairs, found.frames, found.epochs, found.steps) == (4, 4, 30000, 40000)
    assert (found.checkpoints, found.contact_sheets, found.seconds) == (4, 400, 10000.0)
    assert dict(found.lines)["Time"] == "about 2 h 47 min, at 0.25 s per step"
    unmeasured = numbers(preset)
    assert unmeasured is not None and dict(unmeasured.lines)["Time"].startswith("unknown")
    assert numbers(attrs.evolve(preset, pairs=())) is None


def test_speed_is_measured_between_checkpoints() -> None:
    found = [Checkpoint(Path("a"), "r", 1000, 50.0), Checkpoint(Path("b"), "r", 3000, 550.0)]
    assert speed_of(found) == 0.25
    assert speed_of(found[:1]) is None
    assert speed_of([found[0], found[1]._replace(modified=50.5)]) is None
    assert speed_of([found[0]._replace(run="older"), found[1]]) is None
    assert [duration(s) for s in (5, 90, 600, 3600, 12000, 400000)] == [
        "5 s",
        "1 min 30 s",
        "10 min",
        "1 h",
        "3 h 20 min",
        "4 d 15 h",
    ]


def test_thinned_curves_keep_their_peaks() -> None:
    points = [(n, 1.0) for n in range(10000)]
    points[5000] = (5000, 9.0)
    few = thinned(points, 200)
    assert len(few) <= 200 and (5000, 9.0) in few and few[0] == points[0] and few[-1] == points[-1]
    assert few == sorted(few)


def test_jobs_end_fail_and_are_cancelled() -> None:
    done = Job("sum", lambda cancelled: 42).start()
    assert done.wait(10) and done.done and done.result() == 42
    failed: Job[int] = Job("division", lambda cancelled: 1 // 0).start()
    assert failed.wait(10)
    with pytest.raises(ZeroDivisionError):
        failed.result()
    hold = threading.Event()
    seen: list[bool] = []

    def work(cancelled: object) -> int:
        hold.wait(10)
        assert callable(cancelled)
        seen.append(cancelled())
        return 1

    long = Job("long", work).start()
    assert not long.done
    long.cancel()
    assert long.done
    with pytest.raises(Cancelled):
        long.result()
    hold.set()
    assert long.wait(10) and seen == [True]
