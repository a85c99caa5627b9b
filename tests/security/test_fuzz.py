"""Every reader of what strangers send meets a bounded number of mutated inputs; ``tools/fuzz.py`` goes on for hours."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chroma_recovery.errors import ChromaRecoveryError, FrameError, PresetError
from chroma_recovery.frames import Pattern, format_frames, parse_frames

TOOLS = str(Path(__file__).parents[2] / "tools")
CASES = {"preset": 60, "build": 25, "project": 50, "nk": 500, "frames": 1500, "checkpoint": 120, "mov": 60}


@pytest.fixture(scope="module")
def fuzz() -> Iterator[ModuleType]:
    sys.path.insert(0, TOOLS)
    try:
        import fuzz

        yield fuzz
    finally:
        sys.path.remove(TOOLS)


TEXTS = ["preset", "build", "project", "shots-csv", "shots-edl", "shots-otio", "nk", "frames", "qc-profile"]
TEXTS += ["manifest", "state"]
NATIVE = ["checkpoint", "exr", "dpx", "tif", "png", "jpg", "mov"]


def test_all_targets_are_here(fuzz: ModuleType) -> None:
    assert sorted(fuzz.TARGETS) == sorted(TEXTS + NATIVE)


@pytest.mark.parametrize("name", TEXTS)
def test_only_errors_of_ours_come_out_of_texts(fuzz: ModuleType, name: str) -> None:
    target = fuzz.TARGETS[name]
    for data in fuzz.seeded(target, CASES.get(name, 100)):
        found = fuzz.attempt(target, data)
        assert found is None, (found.error, data)
    assert all(fuzz.attempt(target, seed) is None for seed in target.seeds())


@pytest.mark.skipif(sys.platform == "win32", reason="memory cannot be bounded")
@pytest.mark.parametrize("name", NATIVE)
def test_only_errors_of_ours_come_out_of_pictures_and_models(
    fuzz: ModuleType, name: str, tmp_path: Path
) -> None:
    done, wrong = fuzz.bounded(name, cases=CASES.get(name, 300), folder=tmp_path)
    assert not wrong, wrong[0]
    assert done > CASES.get(name, 300)


GUIDED = {"frames": 3000, "nk": 1500, "preset": 40}
"""Inputs of each target: a few seconds, on top of loading everything instrumented."""


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed here")
@pytest.mark.parametrize("name", GUIDED)
def test_guided_by_coverage_only_errors_of_ours_come_out(name: str, tmp_path: Path) -> None:
    words = [sys.executable, f"{TOOLS}/fuzz.py", name, "--runs", str(GUIDED[name]), "--keep", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert re.search(r"Done [0-9]+ runs|#[0-9]+\s+DONE", done.stderr), done.stderr[-3000:]


def test_a_reader_that_raises_anything_else_is_found(fuzz: ModuleType) -> None:
    def read(data: bytes) -> None:
        if len(data) % 7 == 0:
            raise {0: KeyError("x"), 1: RecursionError(), 2: MemoryError()}[sum(data) % 3]

    target = fuzz.Target("broken", read, lambda: [b"seed"])
    wrong = [f for f in (fuzz.attempt(target, d) for d in fuzz.seeded(target, 200)) if f]
    assert {type(f.error) for f in wrong} == {KeyError, RecursionError, MemoryError}

    def unnamed(data: bytes) -> None:
        raise ChromaRecoveryError.at("oops", "", "")

    assert fuzz.attempt(fuzz.Target("unnamed", unnamed, list), b"") is not None


def test_mutations_repeat(fuzz: ModuleType) -> None:
    target = fuzz.TARGETS["nk"]
    assert list(fuzz.seeded(target, 20)) == list(fuzz.seeded(target, 20))
    assert fuzz.mutated([b"abc"], target, random.Random(1)) != fuzz.mutated(
        [b"abc"], target, random.Random(2)
    )


# -- frame ranges, as properties


@given(st.lists(st.integers(-99999, 99999), max_size=60))
def test_frames_are_written_and_read_back(frames: list[int]) -> None:
    if frames:
        assert parse_frames(format_frames(frames)) == tuple(sorted(set(frames)))


@given(st.text(alphabet="0123456789-x, :%#d/.", max_size=30))
def test_a_frame_text_is_read_or_refused(text: str) -> None:
    for read in (parse_frames, Pattern.parse):
        with suppress(FrameError):
            read(text)


@settings(max_examples=40)
@given(st.integers(-(10**9) + 1, 10**9 - 1), st.integers(1, 10**9 - 1))
def test_long_ranges_are_refused_before_they_are_made(first: int, length: int) -> None:
    if length > 10_000_000:
        with pytest.raises(FrameError, match="CR80"):
            parse_frames(
                f"{first}-{min(first + length, 999_999_999)}" if first + length < 10**9 else "1-999999999"
            )


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_bytes_as_a_preset_are_refused(data: bytes) -> None:
    from chroma_recovery.preset import loads
    from chroma_recovery.preset.text import decode

    with pytest.raises(PresetError):
        loads(decode(data, "p"))
