"""Cuts and dissolves in real pictures at known places."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from chroma_recovery.demo.clip import read_clip
from chroma_recovery.frames import FrameRange, Pattern
from chroma_recovery.project.cuts import cuts_in, find_cuts, shot_list_text, small_luma
from chroma_recovery.project.load import load_project

from .conftest import write_frame


@pytest.fixture(scope="module")
def shots() -> list[list[np.ndarray]]:
    """Three stretches that show other things: parts of the picture, one of them mirrored top to bottom."""
    frames = [cv2.resize(f, (480, 270), interpolation=cv2.INTER_AREA) for f in read_clip(frames=30)]
    return [
        [f[:135, :240] for f in frames],
        [np.ascontiguousarray(f[120:255, 230:470]) for f in frames],
        [np.ascontiguousarray(f[135:, :240][::-1]) for f in frames],
    ]


def small(pictures: list[np.ndarray]) -> list[np.ndarray]:
    return [small_luma(np.ascontiguousarray(p, np.float32)) for p in pictures]


def test_cuts_are_found_at_their_frames(shots: list[list[np.ndarray]]) -> None:
    a, b, c = shots
    found = cuts_in(small([*a[:14], *b[:12], *c[:20], *a[20:]]))
    assert [(c.frame, c.uncertain) for c in found] == [(14, False), (26, False), (46, False)]


def test_flicker_and_fading_are_no_cuts(shots: list[list[np.ndarray]]) -> None:
    random = np.random.default_rng(1)
    pictures = [f * random.uniform(0.7, 1.0) + 0.02 for f in shots[0]]
    pictures[9] = np.clip(pictures[9] * 3, 0, 1)  # a flash
    pictures[17] = np.zeros_like(pictures[17])  # a lost frame
    assert cuts_in(small(pictures)) == []


def test_a_dissolve_is_uncertain_and_kept_from_pairs(shots: list[list[np.ndarray]], tmp_path: Path) -> None:
    a, b, _ = shots
    over = [(1 - n / 11) * a[14 + n] + n / 11 * b[n] for n in range(1, 11)]
    pictures = [*a[:15], *over, *b[11:26]]
    (cut,) = cuts_in(small(pictures))
    assert cut.uncertain
    assert 15 <= cut.frame <= 24
    assert set(range(16, 24)) <= set(range(cut.first, cut.last + 1))
    text = shot_list_text([cut], FrameRange(0, 39), name="sh")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    assert [row[:3] for row in rows] == [["sh010", "0", str(cut.frame - 1)], ["sh020", str(cut.frame), "39"]]
    (tmp_path / "shots.csv").write_text(text)
    (tmp_path / "project.yaml").write_text(
        "project: p\nspread: 4\nshot_list: shots.csv\n"
        "source: {path: s.####.exr, format: {width: 64, height: 36}}\n"
        "reference: {path: r.####.exr, format: {width: 64, height: 36}}\n"
    )
    for unit in load_project(tmp_path / "project.yaml", tmp_path).units.values():
        assert not {p.source for p in unit.preset.pairs} & set(range(cut.first, cut.last + 1))


def test_a_sequence_on_disk(shots: list[list[np.ndarray]], tmp_path: Path) -> None:
    for n, picture in enumerate([*shots[0][:8], *shots[1][:8]], start=101):
        write_frame(tmp_path / f"reel.{n:04d}.exr", picture)
    pattern = Pattern.parse(str(tmp_path / "reel.####.exr"))
    assert [c.frame for c in find_cuts(pattern, FrameRange(101, 116))] == [109]
