"""What choosing by coverage gains over even spacing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
from alignment_footage import frames_of

from chroma_recovery.pairs.choose import coverage_of, evenly, look_at, propose


def coverage(clip: Path) -> list[dict[str, Any]]:
    frames = [cv2.resize(f, (480, 270), interpolation=cv2.INTER_AREA) for f in frames_of(clip, 48)]
    looks = [look_at(n, f, f) for n, f in enumerate(frames)]
    return [
        {
            "count": count,
            "even": coverage_of(looks, evenly(0, len(frames) - 1, count)),
            "coverage": coverage_of(looks, [p.frame for p in propose(looks, count)]),
        }
        for count in (4, 7, 11)
    ]
