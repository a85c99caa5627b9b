"""The workflow guide's checklists, filled in from what was measured, and honest where nothing was.

A box is ticked only by a rule or check that holds, crossed by one that is broken. A number without a rule, or facts of
the run, show as "see"; what only an eye can judge stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from .results import Measure, Outlier, ShotMeasures
from .verdict import amount

__all__ = ["Answer", "Checklist", "Item", "checklists"]

YES, NO, SEE, OPEN = "yes", "no", "see", "open"


@attrs.frozen
class Item:
    """One line of the guide. text: what it asks. codes: beginnings of the codes that answer it. facts: names of facts
    that answer it where no code does. by_eye: what a person has to look at."""

    text: str
    codes: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    by_eye: str = ""


@attrs.frozen
class Answer:
    """A filled-in line. state: yes, no, see or open. evidence: the measures or facts, or what is missing."""

    text: str
    state: str
    evidence: str


@attrs.frozen
class Checklist:
    """One list of the guide."""

    title: str
    answers: tuple[Answer, ...]


GUIDE: tuple[tuple[str, tuple[Item, ...]], ...] = (
    (
        "Prepare: plates match",
        (
            Item("Dimensions, frame ranges and pixel aspect match", (), ("parity",), "pairs --parity-only"),
            Item("Values fall in 0-1 when read", (), ("range",), "pairs --parity-only"),
            Item("No retimes", (), ("timing",), "pairs finds the timing"),
        ),
    ),
    (
        "Choose and align: only colour differs",
        (
            Item("Pairs show the same picture", ("Q221", "Q223"), (), "alignment sheet"),
            Item("Colours of the pairs agree with each other", ("Q222",)),
            Item("Edges of the difference are near black", (), ("residual",), "alignment sheet"),
            Item("No shimmer at borders and corners", (), (), "toggle Source and Reference"),
        ),
    ),
    (
        "Train: luma is the Source's",
        (
            Item("Training and hold-out loss do not part", (), ("loss",)),
            Item("Luma identity: difference of Y near zero", ("Q101", "Q102")),
            Item("Input and Ground Truth have one bounding box", ("Q201",)),
        ),
    ),
    (
        "Render: the whole shot",
        (
            Item("Every frame of the range is rendered", (), ("frames",)),
            Item("Range: no values below 0 or above 1", ("Q111", "Q112")),
            Item("First and last frames and shot joins without seams", ("Q211", "Q212")),
            Item("Crop matches the Source's picture", ("Q202",)),
            Item(
                "Difficult frames: skin, saturated colours, deep shadows",
                ("Q404",),
                (),
                "look at the pictures",
            ),
        ),
    ),
    (
        "Accept",
        (
            Item("Luma matches within tolerance", ("Q103", "Q104", "Q105")),
            Item("No bleed, halos or banding", ("Q50",), (), "look at the pictures"),
            Item("Colour is consistent within the scene", ("Q401", "Q402", "Q403", "Q407", "Q408", "Q405")),
            Item(
                "Clear improvement over the MatchGrade baseline",
                ("Q390",),
                (),
                "validation.match_grade in the preset",
            ),
            Item("Natural colour", ("Q301", "Q302"), (), "hold out pairs; look at the pictures"),
        ),
    ),
    (
        "Document",
        (
            Item("Source material", (), ("stock",), "documentation.stock in the preset"),
            Item("Reference and why it was chosen", (), ("reference", "rationale")),
            Item("Training parameters", (), ("steps",)),
            Item("Validation results", (), ("measures",)),
            Item("Assumptions of a constructed Reference, with sources", (), ("assumptions",)),
            Item("Caveats and lessons learned", (), ("caveats",), "documentation.caveats in the preset"),
        ),
    ),
)
"""The guide's lists, shortened to what a shot must show, with the measures that answer each line."""


def checklists(found: ShotMeasures, facts: Mapping[str, str] | None = None) -> tuple[Checklist, ...]:
    """Fill in every list. facts: name -> what is known, as in :data:`GUIDE`; a text ending in `` !`` is a fault, in
    `` +`` a check that holds."""
    known = facts or {}
    return tuple(
        Checklist(title, tuple(_answer(item, found.measures, found.outliers, known) for item in items))
        for title, items in GUIDE
    )


def _answer(
    item: Item, measures: Sequence[Measure], outliers: Sequence[Outlier], known: Mapping[str, str]
) -> Answer:
    fitting = [m for m in measures if m.code.startswith(item.codes)] if item.codes else []
    said = [known[f] for f in item.facts if known.get(f)]
    frames = sorted({o.frame for o in outliers if item.codes and o.code.startswith(item.codes)})
    evidence = [
        f"{m.code} {m.name}: {amount(m)}" + (f" ({m.rule})" if m.rule else "") for m in _short(fitting)
    ]
    evidence += [text.removesuffix(" !").removesuffix(" +") for text in said]
    if frames:
        shown = ", ".join(map(str, frames[:6])) + (" \u2026" if len(frames) > 6 else "")
        evidence.append(f"stands out: frame{'s' if len(frames) > 1 else ''} {shown}")
    ruled = [m for m in fitting if m.passed is not None]
    if any(not m.passed for m in ruled) or any(text.endswith(" !") for text in said):
        state = NO
    elif ruled or (said and all(text.endswith(" +") for text in said)):
        state = YES
    elif evidence:
        state = SEE
    else:
        state = OPEN
        missing = "not written down" if item.by_eye.startswith("documentation.") else "not measured"
        evidence = [missing + (f"; {item.by_eye}" if item.by_eye else "")]
    return Answer(item.text, state, "; ".join(evidence))


def _short(measures: Iterable[Measure]) -> list[Measure]:
    """Broken rules first, then rules, then numbers; four at most."""
    return sorted(measures, key=lambda m: (m.passed is not False, m.passed is None))[:4]
