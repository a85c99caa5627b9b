"""How true are alignment, pairing and judging? Real pictures, faded and degraded with known transforms.

    python benchmarks/alignment.py [--pairs 24] [--corrupted 200] [--clip FILE.mp4] [--film FILE ...] [--json FILE]

Prints corner errors in pixels at 1080 lines against what one would reach for otherwise (OpenCV's ECC alone, ORB with a
homography alone, phase correlation), how often Reference frames are found, how often corrupted pairs pass, whether
lettering stays out of the crop (*unseen*: of kinds that nothing was tuned on), and what choosing by coverage gains. The
shipped clip has 540 lines and is enlarged; --clip takes any other film; --film adds films to the parts that want
several; unseen takes those alone.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
from alignment_corners import corner_table
from alignment_corners import told as corners_told
from alignment_coverage import coverage
from alignment_footage import frames_of
from alignment_judging import judging
from alignment_lettering import lettering, told
from alignment_timing import pairing
from alignment_unseen import UNSEEN

from chroma_recovery.demo.clip import CLIP


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--pairs", type=int, default=24)
    words.add_argument("--corrupted", type=int, default=200)
    words.add_argument(
        "--skip", type=int, default=0, help="corrupted pairs to leave out, for running in parts"
    )
    words.add_argument("--clip", type=Path, default=CLIP)
    words.add_argument("--only", choices=("corners", "judging", "lettering", "unseen", "pairing", "coverage"))
    words.add_argument("--film", type=Path, action="append", default=[], help="further films")
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    cv2.setNumThreads(1)
    frames = frames_of(asked.clip, 48)
    result: dict[str, Any] = {}
    if asked.only in (None, "corners"):
        films = {p.stem: frames_of(p, 24) for p in (asked.clip, *asked.film)}
        result["corners"] = corner_table(films, asked.pairs)
        print(corners_told(result["corners"]))
    if asked.only in (None, "judging"):
        result["judging"] = found = judging(frames, asked.pairs, asked.corrupted, asked.skip)
        for kind, count in found["verdicts"].items():
            print(f"  {kind:36}", "  ".join(f"{v} {n}" for v, n in count.items()))
        print(
            f"false accepts {found['false_accepts']} of {found['corrupted']}, false rejects {found['false_rejects']} "
            f"of {found['good']}, subtitles excluded {found['subtitles_excluded']} of {found['subtitled']}"
        )
    if asked.only in (None, "lettering"):
        films = {p.stem: frames_of(p, 24) for p in (asked.clip, *asked.film)}
        result["lettering"] = found = lettering(films)
        print(told(found))
    if asked.only in (None, "unseen"):
        films = {p.stem: frames_of(p, 24) for p in (asked.film or [asked.clip])}
        result["unseen"] = found = lettering(films, clean=8, kinds=UNSEEN)
        print(told(found))
    if asked.only in (None, "pairing"):
        result["pairing"] = found = pairing(asked.clip)
        print(f"pairing: {found['right']} of {found['pairs']} exact, {found['within_one']} within one frame")
    if asked.only in (None, "coverage"):
        result["coverage"] = coverage(asked.clip)
        for row in result["coverage"]:
            print(
                "coverage of colours, {count} frames: even {even:.4f}, by coverage {coverage:.4f}".format(
                    **row
                )
            )
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
