"""What the StickyNotes say: titles, the guide's checklists in short, and the documentation of the shot."""

from __future__ import annotations

import textwrap

from .plan import NumberedPair, Plan

__all__ = [
    "ALIGNMENT",
    "CURATION",
    "INFERENCE",
    "MATCHGRADE",
    "VALIDATION",
    "documentation",
    "hold_label",
    "pair_table",
    "plain",
    "training",
    "trial",
]

CURATION = """\
PICK PAIRS
- same moment, same framing on both sides
- begin, middles and end; skin, foliage, fabrics, neutrals
- shadows, highlights and saturated colours all covered
- no flashes, splices or overlays on one side only
- wipe each pair: judge geometry, not colour
- reorder in the upper AppendClip, stamps read the lower"""

ALIGNMENT = """\
ALIGN
[ ] one global F_Align solve, then look at the difference
[ ] edges left? set the Dissolve to 1 and key the Transform
[ ] difference shows colour only, edges near black
[ ] no shimmer at borders when toggling
[ ] no grade anywhere on this path
[ ] last of all: enable the Crop"""

INFERENCE = """\
RENDER
[ ] same input transform as in training
[ ] live area only; no grade, clamp, filter or alpha op
[ ] trial range first, then the full range
[ ] first and last frame, shot joins: no seams
[ ] skin, saturated colours, deep shadows
outliers: add them as pairs, train again"""

VALIDATION = """\
FINAL PLATE
Original Y, Recovered Cb/Cr.
[ ] luma matches
[ ] no artefacts
[ ] colour steady over the scene
[ ] better than the baseline"""

MATCHGRADE = """\
BASELINE
what one 3D LUT can do, for comparison.
Press Analyze on MatchGrade_fit once;
its clone applies the same LUT.
Check the arrows: Source, Target."""


def plain(text: str) -> str:
    """User text for a label: no mark-up that Nuke's labels would draw, no control characters but line
    ends."""
    shown = text.replace("<", "\u2039").replace(">", "\u203a")
    return "".join(c for c in shown if c == "\n" or c.isprintable())


def hold_label(pair: NumberedPair, frame: int) -> str:
    """Label of a FrameHold: pair number, frame, what the pair is for."""
    lines = [f"{'hold-out' if pair.hold_out else 'pair'} {pair.number}: frame {frame}"]
    lines += textwrap.wrap(plain(pair.pair.note), 26, max_lines=3, placeholder=" ...")
    return "\n".join(lines)


def pair_table(plan: Plan, *, most: int = 24) -> str:
    """The table of pairs; long ones end with a pointer to the CSV."""
    lines = ["PAIRS  (number: Source / Reference)"]
    for p in plan.pairs[:most]:
        mark = " hold-out" if p.hold_out else ""
        note = textwrap.shorten(plain(p.pair.note), 40, placeholder=" ...") if p.pair.note else ""
        lines.append(f"{p.number}: {p.pair.source} / {p.pair.reference_frame}{mark}  {note}".rstrip())
    if len(plan.pairs) > most:
        lines.append(f"... {len(plan.pairs)} in all, see {plan.preset.shot}_pairs.csv")
    return "\n".join(lines)


def documentation(plan: Plan) -> str:
    """What the hand-over must say, as far as the preset says it."""
    p, d = plan.preset, plan.preset.documentation
    fields = [
        ("Shot", p.shot),
        (
            "Reference",
            f"{p.reference.kind}; {p.reference.citation}" if p.reference.citation else p.reference.kind,
        ),
        ("Stock", d.stock),
        ("Cleanup", d.cleanup),
        ("Degrain", d.degrain),
        ("Balance", d.balance),
        ("Why these pairs", d.rationale),
        ("Assumptions", d.assumptions),
        ("Caveats", d.caveats),
    ]
    lines: list[str] = []
    for name, text in fields:
        if text:
            lines += textwrap.wrap(
                plain(f"{name}: {text}".replace("\n", " ")), 60, max_lines=4, placeholder=" ..."
            )
    return "\n".join(lines)


def training(plan: Plan) -> str:
    t = plan.preset.training
    return f"""\
TRAIN
{plan.frames_seen} pair(s) x {plan.epochs} epochs / batch {t.batch} = {plan.total_steps} steps
[ ] loss falls and flattens; stop if hold-outs get worse
[ ] contact sheets: no ringing, no colour bleeding
[ ] Y of Input and Ground Truth is the same
[ ] values within 0-1, bounding boxes equal
When done, rename the run to {plan.run} in the Runs table,
or pick the newest checkpoint in the Inference node."""


def trial(plan: Plan) -> str:
    first, last = plan.trial_range
    return f"""\
1. Write_trial: frames {first}-{last}
2. look, fix, repeat
3. disable it, then Write_recovered"""
