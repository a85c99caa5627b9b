"""Every fault is named with its exact frames, and none is invented."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from chroma_recovery.demo.reference import DvdReference
from chroma_recovery.pairs.clips import Sequence
from chroma_recovery.pairs.parity import Parity, compare, parity_table

Write = Callable[..., Sequence]


def row(parity: Parity, name: str) -> Any:
    return next(c for c in parity.checks if c.name == name)


def test_equal_clips_agree_in_everything(film: list[Any], sequence: Write) -> None:
    parity = compare(sequence("Source", film[:8]), sequence("Reference", film[:8]))
    assert parity.holds and {c.verdict for c in parity.checks} == {"same"}


def test_every_fault_is_found_with_its_frames(film: list[Any], sequence: Write) -> None:
    bad: list[Any] = list(film[:12])
    bad[3] = None
    bad[5] = bad[5] * 1.5
    bad[7] = np.dstack([bad[7], np.ones(bad[7].shape[:2], np.float32)])
    bad[8] = cv2.resize(bad[8], (300, 180))
    bad[10] = np.zeros_like(bad[10])
    source = sequence("Source", film[:12], first=101)
    reference = sequence("Reference", bad, first=101)
    with reference.path(107).open("r+b") as file:
        file.truncate(4000)
    parity = compare(source, reference)
    assert not parity.holds
    assert row(parity, "missing frames").reference_frames == (104,)
    assert row(parity, "unreadable frames").reference_frames == (107,)
    assert row(parity, "values in 0-1").reference_frames == (106,)
    assert row(parity, "alpha").reference_frames == (108,)
    assert row(parity, "size").reference_frames == (109,)
    assert row(parity, "black frames").reference_frames == (111,)
    assert all(not c.source_frames for c in parity.checks)
    assert any("104" in cell for line in parity_table(parity) for cell in line)


def test_repeated_frames_survive_compression(film: list[Any], sequence: Write) -> None:
    """A converted Reference holds every fifth frame; compression and grain differ each time."""
    look = DvdReference(borders=(4, 4), raster=(320, 180))
    order = [n - n // 5 for n in range(20)]
    chance = np.random.default_rng(1)
    made = [np.clip(look(film[n]) + chance.normal(0, 0.004, film[n].shape), 0, 1) for n in order]
    check = row(compare(sequence("Source", film[:20]), sequence("Reference", made)), "repeated frames")
    assert check.source_frames == ()
    assert check.reference_frames == tuple(n + 1 for n in range(1, 20) if order[n] == order[n - 1])
    assert check.verdict == "differs" and "30 made of 24" in check.meaning


def test_rates_ranges_and_a_linear_side(film: list[Any], sequence: Write) -> None:
    source = sequence("Source", film[:6], first=10, fps=24)
    reference = sequence("Reference", [f**3.0 for f in film[:7]], first=1, fps=25)
    parity = compare(source, reference)
    assert row(parity, "frames").verdict == "differs"
    assert row(parity, "first frame").verdict == "look" and row(parity, "frame rate").verdict == "look"
    assert row(parity, "brightness (median)").verdict == "look"
