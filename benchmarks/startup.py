#!/usr/bin/env python3
"""What our init.py and menu.py cost a starting Nuke, measured in the stand-in.

``python benchmarks/startup.py [--runs N] [--json FILE]``. Each run is a process of its own, so nothing of ours is
imported yet; the stand-in is loaded before the clock starts, from a copy under another name. Files are in the disk
cache after the first run, which is not counted.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AIM = 50.0
"""Milliseconds that start-up may cost."""
PROBE = """\
import sys, time
sys.path.insert(0, sys.argv[1])
from standin_recovery.testing import FakeNuke
sys.path.pop(0)
root, mode = sys.argv[2:]
fake = FakeNuke(mode, "nukex", "16.0v1")
with fake.installed():
    spent = []
    for name in ("init.py", "menu.py"):
        code = open(f"{root}/{name}", encoding="utf-8").read()
        began = time.perf_counter()
        exec(compile(code, f"{root}/{name}", "exec"), {"__name__": "__main__", "__file__": f"{root}/{name}"})
        spent.append((time.perf_counter() - began) * 1000)
    print(*spent, len([n for n in sys.modules if n.startswith("chroma_recovery")]))
"""


def measure(mode: str, runs: int) -> dict[str, object]:
    """Milliseconds per file; medians and the slowest."""
    with tempfile.TemporaryDirectory() as folder:
        ignore = shutil.ignore_patterns("__pycache__", "demo", "engine", "*.mp4")
        shutil.copytree(ROOT / "src/chroma_recovery", Path(folder) / "standin_recovery", ignore=ignore)
        rows = []
        for _ in range(runs + 1):
            words = [sys.executable, "-c", PROBE, folder, str(ROOT), mode]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            rows.append([float(v) for v in done.stdout.split()[-3:]])
    init, menu, modules = zip(*rows[1:], strict=True)
    both = [a + b for a, b in zip(init, menu, strict=True)]
    return {
        "mode": mode,
        "init_ms": statistics.median(init),
        "menu_ms": statistics.median(menu),
        "both_ms": statistics.median(both),
        "slowest_ms": max(both),
        "modules": int(modules[-1]),
    }


def main() -> int:
    """Print a table; exit code 1 if the median is above the aim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    rows = [measure(mode, arguments.runs) for mode in ("gui", "terminal")]
    print(
        f"Python {platform.python_version()}, {platform.machine()}, median of {arguments.runs} runs; aim {AIM:g} ms"
    )
    print(f"{'mode':10}{'init.py':>10}{'menu.py':>10}{'both':>10}{'slowest':>10}{'modules':>10}")
    for row in rows:
        numbers = "".join(f"{row[k]:10.1f}" for k in ("init_ms", "menu_ms", "both_ms", "slowest_ms"))
        print(f"{row['mode']:10}{numbers}{row['modules']:>10}")
    if arguments.json:
        result = {
            "benchmark": "startup",
            "unit": "ms",
            "aim": AIM,
            "python": platform.python_version(),
            "rows": rows,
        }
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return int(any(float(str(row["both_ms"])) > AIM for row in rows))


if __name__ == "__main__":
    sys.exit(main())
