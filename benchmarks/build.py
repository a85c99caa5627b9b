#!/usr/bin/env python3
"""Seconds from a preset to finished Nuke scripts, by number of pairs.

python benchmarks/build.py [--quick] [--json FILE]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from rows import Clock, Rows, words

from chroma_recovery.build import assemble, write_scripts

KEYS = ("pairs",)
COUNTS = (4, 11, 33, 333, 1493)
PRESET = """\
extends: shot
shot: bench
source:
  {{path: plates/s.####.exr, first: 1, last: {last}, format: {{width: 1920, height: 1080}}}}
reference:
  path: reference/r.####.exr
  first: 1
  last: {last}
  format: {{width: 1920, height: 1080}}
  kind: dvd
  citation: for a benchmark
pairs: [{pairs}]
crop: {{box: [0, 0, 1920, 1080]}}
inference: {{crop: [0, 0, 1920, 1080]}}
"""


def once(pairs: int) -> tuple[float, float, int]:
    """Wall seconds, processor seconds, bytes written."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        preset = out / "bench.yaml"
        frames = [1 + 3 * n for n in range(pairs)]
        text = PRESET.format(last=frames[-1] + 10, pairs=", ".join(map(str, frames)))
        preset.write_text(text, encoding="utf-8")
        clock = Clock()
        write_scripts(assemble(preset, project=out), out)
        spent = clock.spent, clock.spent_cpu
        return *spent, sum(p.stat().st_size for p in out.rglob("*.nk"))


def main() -> int:
    parser = words(__doc__)
    asked = parser.parse_args()
    rows = Rows("build", asked.json, KEYS)
    for pairs in COUNTS[:3] if asked.quick else COUNTS:
        if not rows.has(pairs=pairs):
            found = [once(pairs) for _ in range(3)]
            wall, cpu = (statistics.median(f[n] for f in found) for n in (0, 1))
            rows.add(pairs=pairs, seconds=wall, cpu_seconds=cpu, kilobytes=found[0][2] / 1000)
    rows.table((*KEYS, "seconds", "cpu_seconds", "kilobytes"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
