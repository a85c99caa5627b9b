"""The guide's outlier loop: frames that fail become pairs, and the next round starts from the best checkpoint.

What a measured shot says is kept as ``outliers.json`` beside its report, where the Nuke menu finds it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from ..engine.learning.loss_log import read_losses
from ..errors import Problem, StageError
from ..paths import contained, write_text
from ..preset.editing.pair_lists import LEVELS, with_frames
from ..preset.model import Pair, Preset
from ..qc.results import Outlier, ShotMeasures

__all__ = ["Advice", "advice", "chosen_frames", "new_pairs", "outlier_file", "read_record", "write_record"]

APART = 2
"""Frames between a new pair and every pair or hold-out that is there, so that hold-outs are not flattered."""

FALLING = 0.03
"""Share by which the loss of the last tenth of training lies below the tenth before, if more steps would help."""

RISING = 1.05
"""Hold-out loss at the end against its best, from which on training has overfitted."""


@attrs.frozen
class Advice:
    """kind: mend a pair, more pairs, more steps, less augmentation, or done. why: the number that says so."""

    kind: str
    why: str


def outlier_file(project: Path, preset: Preset) -> Path:
    """Where the record of a shot lies."""
    return contained(project, f"{preset.output.folder}/05_validation/{preset.shot}/outliers.json")


def write_record(project: Path, preset: Preset, frames: Sequence[int], shot: ShotMeasures) -> Path:
    """Keep what was measured: measures, outliers with reasons, frames."""
    decided = shot.decided_by
    record = {
        "outliers": 1,
        "shot": preset.shot,
        "frames": [min(frames), max(frames)],
        "profile": shot.profile,
        "passed": shot.passed,
        "decided_by": decided.code if decided else "",
        "measures": [attrs.asdict(m) for m in shot.measures],
        "found": [attrs.asdict(o) for o in shot.outliers],
    }
    target = outlier_file(project, preset)
    return write_text(target, json.dumps(record, indent=1) + "\n", overwrite=True)


def read_record(project: Path, preset: Preset) -> dict[str, Any] | None:
    """The record of a shot, None if there is none. Raises StageError (CR414) for a file that is none."""
    path = outlier_file(project, preset)
    if not path.is_file():
        return None
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        record["found"] = [Outlier(**o) for o in record["found"]]
        record["measures"] = list(record["measures"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        hint = "delete it and measure again with --fresh"
        raise StageError(Problem("CR414", str(path.name), "is no record of outliers", hint)) from error
    return record


def chosen_frames(preset: Preset, found: Sequence[Outlier]) -> list[int]:
    """Frames to pair, at most as many as the next level of 4, 7, 11 takes (three beyond it), the worst first: largest
    value against its limit, none near a pair, a hold-out or each other. In frame order."""
    now = len(preset.training_pairs)
    room = next((level - now for level in LEVELS if level > now), 3)
    taken = [p.source for p in preset.pairs]
    chosen: list[int] = []
    for outlier in sorted(found, key=lambda o: -o.value / max(o.limit, 1e-9)):
        frame = outlier.frame
        inside = preset.source.first <= frame <= preset.source.last
        if inside and all(abs(frame - f) >= APART for f in [*taken, *chosen]):
            chosen.append(frame)
        if len(chosen) == room:
            break
    return sorted(chosen)


def new_pairs(
    preset: Preset, frames: Sequence[int], references: dict[int, int], reasons: dict[int, str]
) -> tuple[Pair, ...]:
    """All pairs of the preset and new ones. Hold-outs stay hold-outs, and are written down as such.

    references: Reference frame by Source frame, where found. reasons: notes. Raises StageError as
    ``pair_lists.with_frames``.
    """
    added = set(frames) - {p.source for p in preset.pairs}
    joined = with_frames(preset, frames)
    return tuple(
        attrs.evolve(
            p,
            reference=references.get(p.source, p.reference_frame)
            if references.get(p.source, p.reference_frame) != p.source
            else None,
            note=reasons.get(p.source, p.note),
        )
        if p.source in added
        else p
        for p in joined
    )


PAIR_RULES = ("Q221", "Q222", "Q223")
"""Rules that a single wrong pair breaks: nothing helps before it is mended."""


def advice(
    preset: Preset,
    losses: Path,
    found: Sequence[Outlier],
    *,
    passed: bool,
    measures: Sequence[Mapping[str, Any]] = (),
) -> list[Advice]:
    """What to change next, most useful first. losses: the loss log of the training, may be missing. measures: of the
    record.

    A pair that breaks a rule first. More steps while the training loss still falls; more pairs where hold-outs got
    worse, or frames stand out; less
    augmentation where frames flicker although exposure is augmented.
    """
    said = [
        Advice("mend a pair", f"{m['code']}: {m['detail']}")
        for m in measures
        if m.get("code") in PAIR_RULES and m.get("passed") is False
    ]
    rows = read_losses(losses) if losses.is_file() else []
    held = [(step, v) for step, _, v in rows if v is not None]
    tenth = len(rows) // 10
    rising = len(held) > 2 and held[-1][1] > RISING * min(v for _, v in held)
    if rising:
        best = min(held, key=lambda h: h[1])
        said.append(
            Advice(
                "more pairs",
                f"hold-outs were best at step {best[0]} ({best[1]:.4f}) and ended at {held[-1][1]:.4f}: "
                "more steps would not help",
            )
        )
    elif tenth:
        late = sum(r[1] for r in rows[-tenth:]) / tenth
        before = sum(r[1] for r in rows[-2 * tenth : -tenth]) / tenth
        if late < (1 - FALLING) * before:
            said.append(
                Advice("more steps", f"the loss still falls: {before:.4f} to {late:.4f} in the last tenth")
            )
    flicker = [o for o in found if o.code in ("Q401", "Q402")]
    if flicker and preset.training.augmentation.exposure > 0:
        said.append(
            Advice(
                "less augmentation",
                f"{len(flicker)} frames flicker or jump, and exposure is augmented by "
                f"{preset.training.augmentation.exposure:g}",
            )
        )
    now = len(preset.training_pairs)
    goal = next((level for level in LEVELS if level > now), None)
    if found and not any(a.kind == "more pairs" for a in said):
        count = len({o.frame for o in found})
        words = f"{count} frame{'s stand' if count > 1 else ' stands'} out; {now} pairs train"
        said.append(Advice("more pairs", words + (f", the next level is {goal}" if goal else "")))
    if not said:
        said.append(
            Advice("done", "every rule holds and no frame stands out")
            if passed
            else Advice("more pairs", f"a rule is broken by the whole shot; {now} pairs train")
        )
    return said
