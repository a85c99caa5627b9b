"""Rows of a benchmark: appended to a file as they finish, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import time
from collections.abc import Iterable
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("torch", "numpy", "OpenImageIO", "opencolorio", "opencv-python-headless", "scipy")

Row = dict[str, Any]


def machine() -> Row:
    """What a number depends on: processor, cores, memory, system, versions, commit, date."""
    model = platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), model)
    except OSError:
        pass
    versions = {"Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return {
        "processor": model or platform.machine(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(memory / 2**30),
        "system": platform.system(),
        "versions": versions,
        "commit": commit(),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "busy": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def commit() -> str:
    """The commit of the working tree, ``+`` where it was changed; empty outside a repository."""

    def git(*words: str) -> str:
        try:
            done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return ""
        return done.stdout.strip()

    head = git("rev-parse", "--short=12", "HEAD")
    return head + ("+" if head and git("status", "--porcelain", "--untracked-files=no", "src") else "")


class Rows:
    """A JSON Lines file: a line {"run": machine} per start, then the rows. path: None keeps them in memory only."""

    def __init__(self, benchmark: str, path: Path | None, keys: Iterable[str]) -> None:
        self.benchmark, self.path, self.keys = benchmark, path, tuple(keys)
        self.rows: list[Row] = []
        self._begun = False
        if path is not None and path.exists():
            self.rows = [x for x in read_lines(path) if x.get("benchmark") == benchmark]

    def key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row.get(k) for k in self.keys)

    def has(self, **row: Any) -> bool:
        """Whether a row with these keys is there already."""
        return self.key(row) in {self.key(r) for r in self.rows}

    def add(self, **row: Any) -> None:
        """Print, keep and append one row."""
        full = {"benchmark": self.benchmark, **row}
        self.rows.append(full)
        print("  ".join(f"{k}={_short(v)}" for k, v in row.items()), flush=True)
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            if not self._begun:
                file.write("\n" if _cut_short(self.path) else "")
                file.write(json.dumps({"run": machine(), "benchmark_run": self.benchmark}) + "\n")
            file.write(json.dumps(full) + "\n")
        self._begun = True

    def table(self, columns: Iterable[str]) -> None:
        """Print all rows."""
        names = list(columns)
        cells = [names, *([_short(r.get(c)) for c in names] for r in self.rows)]
        widths = [max(len(line[n]) for line in cells) for n in range(len(names))]
        for line in cells:
            print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def read_lines(path: Path) -> list[Row]:
    """Every line of a JSON Lines file; a last line that was cut short is left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _cut_short(path: Path) -> bool:
    """Whether the last line has no end, after a stop in the middle of it."""
    held = path.read_bytes()[-1:]
    return bool(held) and held != b"\n"


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def words(doc: str | None, **more: Any) -> argparse.ArgumentParser:
    """The parser every benchmark begins with."""
    lines = (doc or "").splitlines()
    parser = argparse.ArgumentParser(description=lines[0] if lines else "", **more)
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="append rows; rows that are there are not repeated"
    )
    parser.add_argument("--quick", action="store_true", help="a few minutes, to see that it works")
    return parser


class Clock:
    """Wall and processor seconds of this process since it was made."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.monotonic(), time.process_time()

    @property
    def spent(self) -> float:
        return time.monotonic() - self.wall

    @property
    def spent_cpu(self) -> float:
        return time.process_time() - self.cpu
