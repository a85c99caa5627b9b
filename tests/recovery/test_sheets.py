"""Contact sheets in pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from chroma_recovery.errors import PathError
from chroma_recovery.recovery.sheets import PAGE, write_pages


def rows(count: int) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    picture = np.full((18, 32, 3), 0.5, np.float32)
    return ((f"pair {n}", {"Source": picture, "Reference": picture}) for n in range(1, count + 1))


def test_1500_pairs_make_pages_that_a_jpeg_can_hold(tmp_path: Path) -> None:
    made = write_pages(tmp_path, "sh_pairs", rows(1500), overwrite=False, cell=64)
    assert len(made) == -(-1500 // PAGE) == len(list(tmp_path.glob("*.jpg")))
    assert (made[0].name, made[-1].name) == ("sh_pairs_001.jpg", "sh_pairs_075.jpg")
    sizes = {np.asarray(cv2.imread(str(p))).shape for p in made}
    assert len(sizes) == 1 and max(next(iter(sizes))) < 65535


def test_one_page_has_no_number_and_takes_the_place_of_more(tmp_path: Path) -> None:
    write_pages(tmp_path, "sh_pairs", rows(PAGE + 1), overwrite=False, cell=64)
    other = tmp_path / "sh_pairs_final_001.jpg"
    other.write_bytes(b"another's")
    assert [p.name for p in write_pages(tmp_path, "sh_pairs", rows(PAGE), overwrite=True, cell=64)] == [
        "sh_pairs.jpg"
    ]
    assert {p.name for p in tmp_path.iterdir()} == {"sh_pairs.jpg", other.name}


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    write_pages(tmp_path, "sh_pairs", rows(1), overwrite=False, cell=64)
    with pytest.raises(PathError, match="CR602"):
        write_pages(tmp_path, "sh_pairs", rows(1), overwrite=False, cell=64)
