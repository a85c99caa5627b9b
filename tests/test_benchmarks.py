"""The benchmark programs: their rows, their rivals, and the page that is made of them."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a benchmark's module by name; nothing of it stays."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(ROOT / "benchmarks") in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_page_is_what_the_generator_makes_of_the_committed_rows(bench: Any) -> None:
    page = bench("page")
    assert page.PAGE.read_text(encoding="utf-8") == page.page_text(), "run: python benchmarks/page.py"


def test_rows_show_on_the_page_with_machine_and_date(bench: Any, tmp_path: Path) -> None:
    rows, page = bench("rows"), bench("page")
    kept = rows.Rows("build", tmp_path / "build.jsonl", ("pairs",))
    kept.add(pairs=4, seconds=0.123, cpu_seconds=0.1, kilobytes=150.0)
    text = page.page_text(tmp_path)
    assert "| 4 | 0.12 | 0.10 | 150 |" in text
    machine = rows.machine()
    assert machine["date"] in text and machine["processor"] in text and machine["versions"]["torch"] in text


def test_a_stopped_run_goes_on(bench: Any, tmp_path: Path) -> None:
    rows = bench("rows")
    file = tmp_path / "a.jsonl"
    one = rows.Rows("a", file, ("k",))
    one.add(k=1, value=2.0)
    with file.open("a", encoding="utf-8") as held:
        held.write('{"benchmark": "a", "k": 2, "val')  # cut short
    two = rows.Rows("a", file, ("k",))
    assert two.has(k=1) and not two.has(k=2)
    two.add(k=2, value=3.0)
    three = rows.Rows("a", file, ("k",))
    assert [r["k"] for r in three.rows] == [1, 2]
    assert sum("run" in line for line in rows.read_lines(file)) == 2


@pytest.fixture
def shot() -> Any:
    """Two colours' worth of noise, and the same mixed and shifted."""
    chance = np.random.default_rng(0)
    source = np.clip(chance.normal(0.5, 0.08, (40, 60, 3)), 0, 1).astype(np.float32)
    mix = np.array([[0.9, 0.1, 0.0], [0.1, 0.8, 0.1], [0.0, 0.1, 0.7]], np.float32)
    target = np.clip((source - 0.5) @ mix.T + np.float32([0.5, 0.45, 0.4]), 0, 1)
    ones = np.ones((40, 60), np.float32)
    return SimpleNamespace(source=[source], references={0: target}, masks={0: ones}, pairs=[0])


@pytest.mark.parametrize("name", ["per-channel balance", "3D LUT", "Reinhard", "MKL", "HM-MKL-HM"])
def test_rivals_come_nearer(bench: Any, shot: Any, name: str) -> None:
    apply = bench("rivals").RIVALS[name](shot, 0.0)
    source, target = shot.source[0], shot.references[0]
    found = apply(source)
    assert found.shape == source.shape and found.dtype == np.float32
    assert np.abs(found - target).mean() < 0.4 * np.abs(source - target).mean()


def test_mkl_gives_the_target_s_mean_and_covariance(bench: Any, shot: Any) -> None:
    found = bench("rivals").mkl(shot, 0.0)(shot.source[0]).reshape(-1, 3)
    target = shot.references[0].reshape(-1, 3)
    assert np.allclose(found.mean(0), target.mean(0), atol=1e-3)
    assert np.allclose(np.cov(found.T), np.cov(target.T), atol=1e-4)


def test_shots_keep_pairs_and_hold_outs_apart(bench: Any) -> None:
    made = bench("shots").make_shot("demo", "flickering", "dvd", 3, footage=None, length=5)
    assert made.pairs == [0, 2, 4] and made.hold_outs == [1, 3]
    inner = (slice(60, -60), slice(60, -60))
    away = np.abs(made.references[2][inner] - made.truth[2][inner]).mean()
    assert away < 0.03 < np.abs(made.source[2][inner] - made.truth[2][inner]).mean()
    assert made.masks[2][270, 480] == 1 and made.masks[2][0, 0] == 0


def test_every_cell_of_the_plan_is_told_apart(bench: Any) -> None:
    quality = bench("quality")
    cells = list(quality.plan(["demo", "city"], False))
    keys = [(*c.words.values(), *m) for c in cells for m in c.methods]
    assert len(keys) == len(set(keys))
    assert {c.fade for c in cells} == {"mild", "strong", "uneven", "collapse", "flickering"}
    rows = bench("rows").Rows("quality", None, quality.KEYS)
    whole = quality.seconds_of(cells, rows)
    rows.rows.append({**cells[0].words, "method": "this engine", "budget": 180.0})
    assert quality.seconds_of(cells, rows) == whole - 180


def test_json_of_a_row_can_be_read_back(bench: Any, tmp_path: Path) -> None:
    rows = bench("rows").Rows("b", tmp_path / "b.jsonl", ())
    rows.add(value=1.5, name="x")
    lines = (tmp_path / "b.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[1]) == {"benchmark": "b", "value": 1.5, "name": "x"}
