"""What the checklists may take from the run itself, and from a look at headers and a few frames of both clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..build import Scripts
from ..errors import EngineError
from ..pairs.clips import clips_of
from ..pairs.parity import Check, compare
from ..pairs.table import PairRecord
from ..qc.report import Training
from .outcome import Outcome

__all__ = ["facts_of"]

LOOKS = 3
"""Frames of each clip, about, whose header and pixels are read; that files are there is looked at for every frame."""

GATHERED = ("size", "pixel aspect", "colour channels", "frames")
"""Checks of parity that the graph makes good: it brings the Reference to the Source's format."""

FATAL = ("missing frames", "unreadable frames")


def facts_of(
    scripts: Scripts,
    outcome: Outcome,
    frames: Sequence[int],
    training: Training,
    records: Mapping[int, PairRecord],
) -> dict[str, str]:
    """By name, see ``qc.checklists.GUIDE``; a text ending in `` !`` is a fault, in `` +`` a check that holds."""
    preset, plan = scripts.loaded.preset, scripts.recovery.plan
    first, last = plan.render_range
    whole = last - first + 1
    facts = {"frames": f"{len(frames)} of {whole} frames" + (" +" if len(frames) == whole else "")}
    facts |= _loss(training) | _residual(records) | _parity(scripts)
    pairs = [*preset.training_pairs, *preset.hold_out_pairs]
    apart = sorted({p.reference_frame - p.source for p in pairs})
    if len(apart) == 1:
        said = f"Source and Reference run 1:1 in all {len(pairs)} pairs, {apart[0]:+d} frames apart"
    else:
        said = f"Reference frames lie {apart[0]:+d} to {apart[-1]:+d} from their Source frames"
    facts["timing"] = f"{said}; chroma-recovery pairs finds the timing of the whole"
    d, r = preset.documentation, preset.reference
    facts |= {"stock": d.stock, "rationale": d.rationale, "caveats": d.caveats}
    facts["reference"] = f"{r.kind}. {r.citation}"
    planned = f"{plan.total_steps} steps, {plan.epochs} epochs"
    made = planned if outcome.training is None else f"{outcome.training.steps} steps of the built-in engine"
    facts["steps"] = f"{made}, {len(plan.training)} pairs"
    facts["measures"] = f"{len(outcome.measures)} measures in report.json"
    if r.kind == "constructed":
        facts["assumptions"] = d.assumptions or "none are written down !"
    else:
        facts["assumptions"] = "the Reference is direct"
    return facts


def _loss(training: Training) -> dict[str, str]:
    held = [(s, h) for s, _, h in training.losses if h is not None]
    if len(held) < 2:
        return {}
    step, least = min(held, key=lambda row: row[1])
    rises = held[-1][1] / least - 1 if least > 0 else 0.0
    said = f"hold-out loss {held[-1][1]:.4f} at the end, lowest {least:.4f} at step {step}"
    return {"loss": said + (f"; it rose by {rises:.0%} since !" if rises > 0.25 else " +")}


def _residual(records: Mapping[int, PairRecord]) -> dict[str, str]:
    if not records:
        return {}
    worst = max(records.values(), key=lambda r: r.p95)
    bad = sum(r.verdict == "reject" for r in records.values())
    said = f"largest residual {worst.p95:.2f} px (p95) on frame {worst.source}"
    return {"residual": said + (f"; {bad} rejected pairs are in use !" if bad else "")}


def _parity(scripts: Scripts) -> dict[str, str]:
    """Headers of both clips, values of a few frames; empty where a clip cannot be looked at."""
    try:
        source, reference = clips_of(scripts.loaded)
        every = max(1, (max(len(source.span), len(reference.span)) - 1) // (LOOKS - 1))
        checks = {c.name: c for c in compare(source, reference, every=every, pace=False).checks}
    except (EngineError, OSError):
        return {}
    gone = [_words(checks[n]) for n in FATAL if checks[n].verdict == "differs"]
    other = [_words(checks[n]) for n in GATHERED if checks[n].verdict != "same"]
    facts = {}
    if gone:
        facts["parity"] = "; ".join(gone) + " !"
    elif other:
        facts["parity"] = "; ".join(other) + "; the graph brings the Reference to the Source's format"
    else:
        facts["parity"] = "size, pixel aspect, channels and number of frames are the same +"
    values = checks["values in 0-1"]
    if scripts.loaded.preset.colour.domain != "aces-odt":  # scene-linear plates have no upper bound
        ends = " +" if values.verdict == "same" else "; training clamps what lies outside"
        facts["range"] = f"Source {values.source}, Reference {values.reference}{ends}"
    return facts


def _words(check: Check) -> str:
    return f"{check.name}: Source {check.source}, Reference {check.reference}"
