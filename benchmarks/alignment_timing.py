"""Is the right Reference frame found among its neighbours?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
from alignment_footage import frames_of, side

from chroma_recovery.demo.fade import FADES, FadedScan
from chroma_recovery.demo.reference import DvdReference
from chroma_recovery.pairs.alignment import align, best_partner


def pairing(clip: Path) -> dict[str, Any]:
    """The Reference frame of every third Source frame among its five nearest: how often is it the true one?"""
    frames = [cv2.resize(f, (960, 540), interpolation=cv2.INTER_AREA) for f in frames_of(clip, 48)]
    look, scan = DvdReference(), FadedScan(FADES["strong"], 960, 540, seed=1)
    right = within = total = 0
    references = {n: side(look(f)) for n, f in enumerate(frames)}
    for n in range(3, len(frames) - 3, 3):
        s = side(scan(frames[n], n))
        start = align(s, references[n - 1]).matrix
        cost = best_partner(s, [(j, references[j]) for j in range(n - 2, n + 3)], start)
        best = min(cost, key=lambda j: cost[j][0])
        total, right, within = total + 1, right + (best == n), within + (abs(best - n) <= 1)
    return {"pairs": total, "right": right, "within_one": within}
