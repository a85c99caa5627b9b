#!/usr/bin/env python3
"""Write docs/benchmark.md from the rows in benchmarks/results: ``python benchmarks/page.py``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rows import ROOT, Row, read_lines

__all__ = ["PAGE", "RESULTS", "page_text", "write_page"]

RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmark.md"

HEAD = """\
# Benchmarks

<!-- Made by `python benchmarks/page.py` from the rows in benchmarks/results; do not edit by hand. -->

How near the recovered colour comes to a known truth, and how long everything takes. Every number on this page was
measured by the programs in `benchmarks/`; nothing is typed. Measure again with `python3 tasks.py bench` (rows that
are there are kept, a stopped run goes on), or see in a few minutes that it works with `python3 tasks.py bench --quick`.
Clips beside the shipped one: `python benchmarks/footage.py --footage DIR`, then `bench --footage DIR`.
"""

QUALITY = """\
CIEDE2000 at the Source's luma against the truth at the same luma, on frames that no method was trained on; in
brackets the 95th percentile of pixels. Flicker: change of the chroma error from frame to frame, 8-bit steps. The
fades are simulated (`demo/fade.py`), the film is real. `dvd`: a DVD-like Reference, misaligned by a third of a pixel;
`clean`: the truth. Seconds behind a method: its budget on two cores, counted as processor time.
"""
SUMMARY = """\
Mean (p95); this engine with the shortest budget, the U-Net, where it ran, with the longest: ten times that.
"""
SHEETS = """\
Real faded film: contact sheets that Nuke wrote during published CopyCat trainings of the workflow's author, three crops
each of Input, Ground Truth and CopyCat's output (`benchmarks/sheets.py`; the sheets are not part of this repository).
*trained*: the three crops of a sheet train and are judged; *left out*: each is judged by a training on the other two,
which often show other things. CopyCat had all frames of its training, these among them. The engine is its base alone.
CIEDE2000 at the Input's luma against the Ground Truth.
"""
REPORT = """\
A shot enlarged to 2048x1556, with grain, five pairs and a hold-out placed by hand, and a model that is its base
alone, the quickest there is (`benchmarks/report.py`). Seconds of the processor with the decoding processes, and by the
clock; share: of the inference's processor time.
"""
RENDER = """\
`io` reads half-float EXR and writes it again with the same compression, nothing between. The others are the whole
inference branch with a model that is its base alone (`base`: the same over the frame, `surfaces`: varying), or with the
residual too. Share: their rate over that of `io`, by the wall clock and by processor time, which tells more where other
programs ran; both with the process that decodes. Peak: MiB of the process; decoder: of the other one at the end.
"""
MODEL = (
    ("share, wall", "share_wall"),
    ("share, CPU", "share_cpu"),
    ("CPU s", "cpu_seconds"),
    ("peak", "peak_mib"),
    ("decoder", "decoder_mib"),
)
"""Columns of each model: words, and key after the model's name."""
TRAINING = """\
The shipped clip with 4 DVD-like pairs; each row is a training from the start with that many seconds.
"""
BUILD = """\
From a preset to all Nuke scripts of a shot.
"""
STARTUP = """\
What `init.py` and `menu.py` cost a starting Nuke, in milliseconds, in the stand-in.
"""


def table(columns: Iterable[tuple[str, str]], rows: Iterable[Row]) -> str:
    """Markdown. columns: (heading, key)."""
    named = list(columns)
    lines = ["| " + " | ".join(h for h, _ in named) + " |", "| " + " | ".join("---" for _ in named) + " |"]
    lines += ["| " + " | ".join(_cell(row.get(k)) for _, k in named) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return "" if value is None else str(value)


def _runs(lines: list[Row]) -> str:
    """Machine, date, versions and commit of every start that left rows."""
    found = []
    for run in (line["run"] for line in lines if "run" in line):
        versions = ", ".join(f"{k} {v}" for k, v in run["versions"].items())
        said = (
            f"*{run['date']}, {run['processor']}, {run['cores']} cores, {run['memory_gib']} GiB, {run['system']}; "
            f"commit {run['commit'] or 'unknown'}; load {run['busy']} at the start; {versions}.*"
        )
        if said not in found:
            found.append(said)
    return "\n\n".join(found) + "\n"


CELL = ("clip", "fade", "reference", "pairs")
COMPARED = ("do nothing", "3D LUT", "MKL", "RGB U-Net", "this engine")


def _cells(rows: list[Row]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by clip, fade, Reference and number of pairs, in order."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[k] for k in CELL), []).append(row)
    return dict(sorted(found.items()))


def _summary(rows: list[Row]) -> str:
    """A line per cell: the shortest training of the engine, the longest of the U-Net, and shares of the LUT's."""
    lines = []
    for cell, mine in _cells(rows).items():
        line: Row = dict(zip(CELL, cell, strict=True))
        at: dict[str, Row] = {}
        for row in sorted(mine, key=lambda r: r["budget"], reverse=True):
            if row["method"] != "RGB U-Net" or row["method"] not in at:
                at[row["method"]] = row
        line |= {n: f"{r['mean']:.2f} ({r['p95']:.2f})" for n, r in at.items() if n in COMPARED}
        if "3D LUT" in at and "this engine" in at:
            lut, ours = at["3D LUT"], at["this engine"]
            line["shares"] = f"{ours['mean'] / lut['mean']:.2f} ({ours['p95'] / lut['p95']:.2f})"
            if lut["flicker"] and ours["flicker"]:
                line["steady"] = ours["flicker"] / lut["flicker"]
        lines.append(line)
    columns = [(k, k) for k in (*CELL, *COMPARED)]
    return table([*columns, ("of the LUT's", "shares"), ("flicker, of the LUT's", "steady")], lines)


def _quality(rows: list[Row]) -> str:
    parts = [f"{SUMMARY}\n{_summary(rows)}"]
    for (clip, fade, reference, pairs), mine in _cells(rows).items():
        shown = [
            {
                **r,
                "error": f"{r['mean']:.2f} ({r['p95']:.2f})",
                "method": r["method"] + (f", {r['budget']:g} s" if r["budget"] else ""),
            }
            for r in mine
        ]
        columns = [
            ("method", "method"),
            ("mean (p95)", "error"),
            ("flicker", "flicker"),
            ("luma moved", "luma"),
            ("s/frame", "seconds_per_frame"),
        ]
        parts.append(f"### {clip}, {fade}, {reference}, {pairs} pairs\n\n{table(columns, shown)}")
    return "\n".join(parts)


def _columns(*keys: str) -> list[tuple[str, str]]:
    return [(k.replace("_", " "), k) for k in keys]


def page_text(results: Path = RESULTS) -> str:
    """The page; sections without rows say so."""
    parts = [HEAD]

    def section(title: str, name: str, about: str, make: Any) -> None:
        file = results / f"{name}.jsonl"
        lines = read_lines(file) if file.is_file() else []
        rows = [line for line in lines if line.get("benchmark") == name]
        said = f"{_runs(lines)}\n{make(rows)}" if rows else "Not measured yet.\n"
        parts.append(f"## {title}\n\n{about}\n{said}")

    section("Quality", "quality", QUALITY, _quality)
    columns = _columns("film", "sheets", "crops", "method", "budget", "mean", "p95")
    section("Real film", "sheets", SHEETS, lambda rows: table(columns, rows))
    columns = _columns("fade", "budget", "steps", "mean", "p95", "flicker", "fit_cpu_seconds")
    section("Training", "training", TRAINING, lambda rows: table(columns, rows))
    rates = _columns("size", "compression", "io_fps", "io_cpu_seconds")
    for model in ("base", "surfaces", "residual"):
        rates += [(f"{model}: {word}", f"{model}_{key}") for word, key in MODEL]
    section("Render", "render", RENDER, lambda rows: table(rates, rows))
    costs = _columns("size", "frames", "part", "cpu", "per_frame", "wall", "share")
    section("Report", "report", REPORT, lambda rows: table(costs, rows))
    sizes = _columns("pairs", "seconds", "cpu_seconds", "kilobytes")
    section("Build", "build", BUILD, lambda rows: table(sizes, rows))
    startup = results / "startup.json"
    if startup.is_file():
        said = json.loads(startup.read_text(encoding="utf-8"))
        columns = _columns("mode", "init_ms", "menu_ms", "both_ms", "slowest_ms", "modules")
        parts.append(
            f"## Start-up\n\n{STARTUP}\n*Python {said['python']}.*\n\n{table(columns, said['rows'])}"
        )
    return "\n".join(parts)


def write_page(path: Path = PAGE) -> None:
    path.write_text(page_text(), encoding="utf-8")


def main() -> int:
    write_page()
    return 0


if __name__ == "__main__":
    sys.exit(main())
