#!/usr/bin/env python3
"""Draw the pictures of the panel for the documents: ``python tools/picture_panel.py`` (no screen, no Nuke needed).

The training that is shown is a made-up log with the lines that Nuke prints, so the picture says nothing about speed.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parents[1]
PRESET = Path("presets/example_shot.yaml")

LINES = "".join(
    f"[Step:{step}/40000] Loss:{0.06 / math.sqrt(step / 40 + 1) * (1 + 0.25 * math.sin(step * 12.9898)) + 0.0009:.6f}\n"
    for step in (1, *range(10, 20010, 10))
)
SAVED = "".join(
    f" [*] {what} saved at data/Training_250808_213433.20000.{suffix}\n"
    for what, suffix in (("Cat file", "cat"), ("Optimiser", "ost"), ("Contactsheet", "png"))
)


def training(panel: Any) -> None:
    """A training half way."""
    from chroma_recovery.nuke_host.panel.following import FileTail

    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "train.log"
        log.write_text(LINES + SAVED, encoding="utf-8")
        panel.progress.follow(FileTail(log))
    panel.progress.timer.stop()
    page = panel.pages["Training"]
    page.folds["training"].head.setChecked(False)


def mistakes(panel: Any) -> None:
    """What wrong values look like."""
    fields = panel.fields
    panel.changed(fields["source.path"], "plates/sh010/source.%04d.####.exr")
    panel.changed(fields["reference.last"], "498")
    panel.changed(fields["reference.kind"], "constructed")
    panel.changed(fields["reference.citation"], "")
    panel.flush()


def pairs(panel: Any) -> None:
    """A selected pair, and one with a question."""
    panel.pairs.table.selectRow(3)


def main() -> int:
    """Write docs/images/panel*.png."""
    os.chdir(ROOT)
    from chroma_recovery.nuke_host.panel.preview import picture

    out = Path("docs/images")
    out.mkdir(parents=True, exist_ok=True)
    for name, tab, dark, prepare in (
        ("panel_shot", "Shot", True, None),
        ("panel_pairs", "Pairs", True, pairs),
        ("panel_training", "Training", True, training),
        ("panel_render", "Render", True, None),
        ("panel_mistakes", "Shot", True, mistakes),
        ("panel_pairs_light", "Pairs", False, pairs),
    ):
        print(picture(PRESET, out / f"{name}.png", tab=tab, dark=dark, prepare=prepare))
    return 0


if __name__ == "__main__":
    sys.exit(main())
