"""Are cuts found? Stretches of real films joined by cuts and dissolves at known places, faded and degraded.

    python benchmarks/cuts.py FILM [FILM ...] [--reels 6] [--json FILE]

FILM is a video of one shot, or FILE:FIRST-LAST for one shot of it. A reel is 30 random stretches of 12 to 40 frames;
one join in five is a dissolve of 8 to 24 frames. Every stretch gets a gain of its own, flicker, grain and weave;
flashes are put inside. A cut counts as found at the very frame; a dissolve where the reported frame lies in it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from chroma_recovery.project.cuts import cuts_in, small_luma

SIZE = (192, 108)


def shot(word: str) -> list[np.ndarray]:
    """Frames of one shot, small, 0..1."""
    name, _, span = word.rpartition(":")
    first, last = (int(n) for n in span.split("-")) if name and "-" in span else (0, 10**6)
    video = cv2.VideoCapture(name if name and "-" in span else word)
    found = []
    for number in range(last + 1):
        done, picture = video.read()
        if not done:
            break
        if number >= first:
            small = cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA)
            found.append(small[..., ::-1].astype(np.float32) / 255)
    return found


def reel(
    shots: list[list[np.ndarray]], random: np.random.Generator
) -> tuple[list[np.ndarray], list[int], list[tuple[int, int]]]:
    """Pictures, frames of cuts, and (first, last) mixed frames of dissolves."""
    pictures: list[np.ndarray] = []
    cuts: list[int] = []
    mixed: list[tuple[int, int]] = []
    before = -1
    for _ in range(30):
        chosen = int(random.choice([n for n in range(len(shots)) if n != before]))
        frames, before = shots[chosen], chosen
        length = min(int(random.integers(12, 41)), len(frames))
        start = int(random.integers(0, len(frames) - length + 1))
        gain, lift = random.uniform(0.6, 1.1), random.uniform(0, 0.1)
        part = [damaged(f * gain + lift, random) for f in frames[start : start + length]]
        if random.random() < 0.3 and length > 12:  # a flash inside the stretch
            at = int(random.integers(4, length - 4))
            part[at] = np.clip(part[at] * 2.5 + 0.3, 0, 1)
        over = int(random.integers(8, 25))
        if pictures and random.random() < 0.2 and over + 4 < min(length, len(pictures)):
            for n in range(over):
                share = (n + 1) / (over + 1)
                pictures[n - over] = (1 - share) * pictures[n - over] + share * part[n]
            mixed.append((len(pictures) - over, len(pictures) - 1))
            part = part[over:]
        elif pictures:
            cuts.append(len(pictures))
        pictures += part
    return pictures, cuts, mixed


def damaged(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Flicker, weave, grain."""
    move = np.array([[1, 0, random.normal(0, 0.5)], [0, 1, random.normal(0, 0.5)]], np.float32)
    moved = cv2.warpAffine(picture, move, SIZE, borderMode=cv2.BORDER_REPLICATE)
    return moved * random.normal(1, 0.04) + random.normal(0, 0.03, moved.shape).astype(np.float32)


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("film", nargs="+")
    words.add_argument("--reels", type=int, default=6)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    shots = [s for s in map(shot, asked.film) if len(s) >= 12]
    counts = dict.fromkeys(("cuts", "found", "found certain", "false certain", "false uncertain"), 0)
    counts |= dict.fromkeys(
        ("dissolves", "dissolves found", "mixed frames", "mixed frames kept from pairs", "frames"), 0
    )
    for seed in range(asked.reels):
        pictures, cuts, mixed = reel(shots, np.random.default_rng(seed))
        told = cuts_in([small_luma(np.ascontiguousarray(p, np.float32)) for p in pictures])
        kept = {f for c in told for f in range(c.first, c.last + 1)}
        frames = {c.frame: c for c in told}
        counts["frames"] += len(pictures)
        counts["cuts"] += len(cuts)
        counts["found"] += sum(
            c in frames or any(k.first <= c <= k.last + 1 for k in told if k.uncertain) for c in cuts
        )
        counts["found certain"] += sum(c in frames and not frames[c].uncertain for c in cuts)
        inside = [(a - 1, b + 1) for a, b in mixed]
        wrong = [
            c for c in told if not any(c.first - 1 <= k <= c.last + 1 for k in cuts) and c.frame not in cuts
        ]
        wrong = [c for c in wrong if not any(a <= c.frame <= b for a, b in inside)]
        counts["false certain"] += sum(not c.uncertain for c in wrong)
        counts["false uncertain"] += sum(c.uncertain for c in wrong)
        counts["dissolves"] += len(mixed)
        counts["dissolves found"] += sum(
            any(a <= c.frame <= b and c.uncertain for c in told) for a, b in inside
        )
        strong = [f for a, b in mixed for f in range(a + (b - a) // 8, b - (b - a) // 8 + 1)]
        counts["mixed frames"] += len(strong)
        counts["mixed frames kept from pairs"] += sum(f in kept for f in strong)
    for name, value in counts.items():
        print(f"{name:<32}{value:>8}")
    told_certain = counts["found certain"] + counts["false certain"]
    print(f"{'recall of cuts':<32}{counts['found'] / counts['cuts']:>8.3f}")
    print(f"{'precision of certain cuts':<32}{counts['found certain'] / max(1, told_certain):>8.3f}")
    print(f"{'recall of dissolves':<32}{counts['dissolves found'] / max(1, counts['dissolves']):>8.3f}")
    if asked.json:
        asked.json.write_text(json.dumps(counts, indent=1) + "\n")


if __name__ == "__main__":
    main()
