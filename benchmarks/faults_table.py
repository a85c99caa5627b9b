"""The tables that are made from the rows of ``faults.py``; they stand in docs/qc.md."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from chroma_recovery.qc.rules import rule

__all__ = ["STEADY", "tell"]

STEADY = 1.0
"""dE of drift and of leaps against the truth below which a recovered shot counts as clean."""


def tell(rows: Sequence[dict[str, Any]], ways: Sequence[str]) -> None:
    """Print what was found and what was not. ways: how shots were recovered, in order."""
    clean = [r for r in rows if r["kind"] == "clean"]
    codes = sorted({c for r in clean for c, v in r["values"].items() if rule(c).limit is not None})
    heads = ["recovered by", "fade", "clean", "unsteady", "clean ones broken", *codes]
    print("\n| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for by, fade in itertools.product(ways, dict.fromkeys(r["fade"] for r in clean)):
        every = [r for r in clean if (r["by"], r["fade"]) == (by, fade)]
        steady = [r for r in every if max(r["drift"], r["leap"]) < STEADY]
        rest = [r for r in every if r not in steady]
        broken = ", ".join(f"{r['clip']} {' '.join(r['broken'])}" for r in steady if r["broken"]) or "none"
        told = f"{len(rest)}, {sum(bool(r['broken']) for r in rest)} found" if rest else "0"
        worst = [max((r["values"].get(c, 0.0) for r in steady), default=0.0) for c in codes]
        print(
            "| " + " | ".join([by, fade, str(len(steady)), told, broken, *(f"{v:.2g}" for v in worst)]) + " |"
        )
    for kind in ("fault", "pair"):
        print(f"\n| {kind} | found | not found |\n|---|---|---|")
        for what in dict.fromkeys(r["what"] for r in rows if r["kind"] == kind):
            some = [r for r in rows if (r["kind"], r["what"]) == (kind, what)]
            missed = [
                f"{r['clip']} {r['fade']}" + (f" (L* {r['moved']} apart)" if r.get("moved") else "")
                for r in some
                if not r["found"] and what != "right"
            ]
            print(f"| {what} | {sum(r['found'] for r in some)} of {len(some)} | {', '.join(missed)} |")
