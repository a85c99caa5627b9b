#!/usr/bin/env python3
"""Run every benchmark, one after the other, and write docs/benchmark.md from what they say.

    python3 tasks.py bench [--quick] [--out DIR] [--footage DIR] [--only NAME ...] [--plan]

Rows go to DIR/NAME.jsonl as they finish; run it again to go on after a stop. Without --out the committed rows in
``benchmarks/results`` are added to, and the page is written; --quick writes to a temporary folder and no page.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from page import PAGE, RESULTS, write_page
from rows import ROOT

RESUMED = ("render", "build", "report", "training", "quality")
"""Those that append rows; the others write one file when they end."""
ORDER = ("startup", "build", "render", "report", "alignment", "training", "quality")
HOURS = {"startup": 0.01, "build": 0.1, "render": 0.3, "report": 0.1, "alignment": 0.5, "training": 0.4}
"""About, on two quiet cores; quality says its own."""


def command(name: str, out: Path, asked: argparse.Namespace) -> list[str]:
    """The command line of one benchmark."""
    file = out / f"{name}.json{'l' if name in RESUMED else ''}"
    words = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), "--json", str(file)]
    if name in RESUMED and asked.quick:
        words.append("--quick")
    if name == "alignment" and asked.quick:
        words += ["--only", "corners", "--pairs", "4"]
    if name == "startup" and asked.quick:
        words += ["--runs", "3"]
    if name == "quality" and asked.footage:
        words += ["--footage", str(asked.footage)]
    return words


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few minutes, to see that all of them work")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where rows go")
    parser.add_argument(
        "--footage", type=Path, metavar="DIR", help="clips beside the shipped one; see footage.py"
    )
    parser.add_argument("--only", nargs="+", choices=ORDER, default=list(ORDER))
    parser.add_argument("--plan", action="store_true", help="say how long it takes")
    asked = parser.parse_args()
    names = [n for n in ORDER if n in asked.only]
    out = asked.out or (Path(tempfile.mkdtemp(prefix="bench-")) if asked.quick else RESULTS)
    out.mkdir(parents=True, exist_ok=True)
    if asked.plan:
        print(f"without quality about {sum(HOURS.get(n, 0) for n in names):.1f} hours")
        return subprocess.call([*command("quality", out, asked), "--plan"]) if "quality" in names else 0
    failed = []
    for name in names:
        file = out / f"{name}.json"
        if name not in RESUMED and file.exists() and not asked.quick:
            print(f"== {name}: {file.name} is there; delete it to measure again", flush=True)
            continue
        print(f"== {name}", flush=True)
        if subprocess.call(command(name, out, asked)):
            failed.append(name)
    if not asked.quick and asked.out is None:
        write_page(PAGE)
        print(f"wrote {PAGE.relative_to(ROOT)}")
    print(f"rows: {out}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
