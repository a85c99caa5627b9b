"""Boxes of the checklists: ticked only by what holds, crossed by what is broken, open where nothing was measured."""

from __future__ import annotations

import pytest

from chroma_recovery.qc.checklists import GUIDE, Answer, checklists
from chroma_recovery.qc.profile import Profile
from chroma_recovery.qc.results import Measure, Outlier, ShotMeasures
from chroma_recovery.qc.rules import RULES

ITEMS = [item for _, items in GUIDE for item in items]
CODES = {r.code for r in RULES}


def filled(given: list[Measure], outliers: tuple[Outlier, ...] = (), /, **facts: str) -> dict[str, Answer]:
    return {
        a.text: a for c in checklists(ShotMeasures(tuple(given), (), (), outliers), facts) for a in c.answers
    }


def values(*, good: bool) -> list[Measure]:
    """Every rule at its limit, or beyond it."""
    found = []
    for r in RULES:
        limit = 1.0 if r.limit is None else r.limit
        found.append(Profile().measure(r.code, limit if good else limit - 1 if r.least else limit + 1))
    return found


def test_nothing_measured_ticks_nothing() -> None:
    answers = filled([])
    assert {a.state for a in answers.values()} == {"open"}
    assert all("not measured" in a.evidence or "not written down" in a.evidence for a in answers.values())
    assert "look at the pictures" in answers["No bleed, halos or banding"].evidence


@pytest.mark.parametrize("item", [i for i in ITEMS if i.codes], ids=lambda i: i.text[:30])
def test_a_box_is_ticked_by_its_own_rules_and_crossed_by_each_of_them(item: object) -> None:
    codes: tuple[str, ...] = item.codes  # type: ignore[attr-defined]
    text: str = item.text  # type: ignore[attr-defined]
    assert all(any(known.startswith(code) for known in CODES) for code in codes), "a code that no rule has"
    good, bad = values(good=True), values(good=False)
    ruled = [m for m in good if m.code.startswith(codes) and m.passed is not None]
    assert filled(good)[text].state == ("yes" if ruled else "see")
    for broken in ruled:
        one = [next(b for b in bad if b.code == m.code) if m is broken else m for m in good]
        crossed = filled(one)[text]
        assert crossed.state == "no" and crossed.evidence.startswith(broken.code)
    others = [m for m in bad if not m.code.startswith(codes)]
    assert filled(others)[text].state == "open"


@pytest.mark.parametrize("item", [i for i in ITEMS if i.facts and not i.codes], ids=lambda i: i.text[:30])
def test_facts_tick_cross_or_are_only_shown(item: object) -> None:
    text: str = item.text  # type: ignore[attr-defined]
    for name in item.facts:  # type: ignore[attr-defined]
        for ending, state in ((" +", "yes"), (" !", "no"), ("", "see")):
            answer = filled([], **{name: f"what is known{ending}"})[text]
            assert (answer.state, answer.evidence) == (state, "what is known")


def test_frames_that_stand_out_are_named_in_their_box_alone() -> None:
    found = (
        Outlier(1009, "Q501", "bleed", 0.2, 0.1, "why"),
        Outlier(1011, "Q401", "flicker", 2.0, 0.7, "why"),
    )
    answers = filled(values(good=True), found)
    assert "stands out: frame 1009" in answers["No bleed, halos or banding"].evidence
    assert "1009" not in answers["Colour is consistent within the scene"].evidence


def test_every_rule_is_asked_for_somewhere() -> None:
    asked = tuple(code for item in ITEMS for code in item.codes)
    assert [r.code for r in RULES if r.limit is not None and not r.code.startswith(asked)] == []
