"""``pairs``: the command that proposes, aligns, judges and records training pairs."""

from __future__ import annotations

import argparse
import getpass
import json
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Problem, StageError
from ..paths import contained, posix, write_text
from . import words
from .console import Console
from .recovery import need_engine
from .words import Commands

if TYPE_CHECKING:
    from ..pairs.clips import Sequence
    from ..pairs.timing import Timing
    from ..preset.load import Loaded
    from ..preset.model import Pair

__all__ = ["add_pairs", "pairs"]

CANDIDATES = 96
"""Frames looked at, evenly spread, when pairs are chosen by coverage."""


def add_pairs(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``pairs``."""
    command = commands.add_parser(
        "pairs", help="compare the clips, choose, match, align, crop and judge training pairs"
    )
    words.preset(command)
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="project folder")
    command.add_argument(
        "--stills",
        nargs=2,
        type=Path,
        metavar=("SOURCE", "REFERENCE"),
        help="two still pictures of any size: writes the preset for them first, then judges it",
    )
    ways = ("preset", "even", "escalate", "coverage")
    command.add_argument(
        "--choose", choices=ways, default="preset", help="which frames (default: the preset's pairs)"
    )
    command.add_argument(
        "--count", type=words.positive, metavar="N", help="how many frames (default: the guide's, by scope)"
    )
    parities = ("all", "some", "none")
    command.add_argument("--parity", choices=parities, default="some", help="frames whose pixels are read")
    command.add_argument("--parity-only", action="store_true", help="compare the clips and stop")
    command.add_argument("--fresh", action="store_true", help="do finished pairs again")
    command.add_argument(
        "--accept", action="store_true", help="write accepted pairs, keys and crop into the preset"
    )
    command.add_argument("--by", metavar="NAME", help="who accepts (default: the user's name)")
    command.set_defaults(run=pairs)
    return command


def pairs(arguments: argparse.Namespace, console: Console) -> int:
    """Compare the clips, choose and match frames, align, crop and judge; with --accept, edit the preset."""
    need_engine()
    import attrs
    import cv2

    from ..errors import EngineError
    from ..pairs.accept import write_accepted
    from ..pairs.clips import clips_of
    from ..pairs.parity import compare, parity_table
    from ..pairs.table import as_csv, as_yaml
    from ..pairs.timing import find_timing
    from ..pairs.work import PairWork
    from ..preset.load import load

    cv2.setNumThreads(1)
    if arguments.stills:
        write_text(arguments.preset, _preset_of_stills(arguments), overwrite=False)
        console.say(f"preset: {posix(arguments.preset)} was written for the two pictures")
    loaded = load(arguments.preset)
    source, reference = clips_of(loaded)
    result: dict[str, Any] = {"ok": True}
    paces = None
    if arguments.parity != "none":
        tell = console.progress("parity")
        every = 1 if arguments.parity == "all" else max(1, len(source.span) // 24)
        parity = compare(source, reference, every=every, tell=lambda done, total: tell(done, total, ""))
        console.table(("parity", "Source", "Reference", "verdict", "frames"), parity_table(parity))
        paces = parity.paces
        result["parity"] = [attrs.asdict(c) for c in parity.checks]
        if arguments.parity_only:
            result["ok"] = parity.holds
            console.result(result)
            return 0 if parity.holds else 1
    timing = None
    try:
        if not (source.pattern.is_sequence and reference.pattern.is_sequence):
            raise EngineError.at(
                "CR521", "", "a still picture has no time: frame numbers are taken as the preset has them"
            )
        timing = find_timing(source, reference, paces=paces)
        console.say(
            f"timing: {timing.kind}; Source {source.span.first} is Reference {timing.at(source.span.first):.2f}; "
            f"{timing.agreement:.0%} of the probes agree, confidence {timing.confidence:.2f}"
        )
        result["timing"] = attrs.asdict(timing)
    except EngineError as error:
        console.problems(attrs.evolve(p, severity="warning") for p in error.problems)
    wanted = _wanted(arguments, loaded, source, reference, timing, console)
    who = arguments.by or getpass.getuser()
    work = PairWork(loaded, arguments.out, date=date.today().isoformat(), by="measured", timing=timing)
    records = work.run(wanted, resume=not arguments.fresh, tell=console.progress("pairs"))
    if arguments.accept:
        records = [attrs.evolve(r, by=who) for r in records]
    below = f"{loaded.preset.output.folder}/01_dataset_curation"
    name = f"{below}/pairs/{loaded.preset.shot}_pair_table"
    for suffix, text in (("yaml", as_yaml(records, result.get("parity", ()))), ("csv", as_csv(records))):
        write_text(contained(arguments.out, f"{name}.{suffix}"), text, overwrite=True)
    rows = [
        (
            str(r.source),
            str(r.reference),
            r.verdict,
            r.method,
            f"{r.p50:.2f}",
            f"{r.p95:.2f}",
            "; ".join(r.reasons),
        )
        for r in records
    ]
    console.table(("Source", "Reference", "verdict", "path", "p50", "p95", "why"), rows)
    sheets = work.contact_sheets(records)
    for path in sheets:
        console.say(f"contact sheet: {posix(path)}")
    console.say(f"pair table: {posix(arguments.out / name)}.yaml, .csv")
    if arguments.accept:
        write_accepted(arguments.preset, loaded, records)
        good = sum(r.verdict == "accept" for r in records)
        console.say(
            f"preset: {posix(arguments.preset)} holds keys and crop of the {good} accepted of {len(records)} pairs; "
            "those to look at stay as they were, rejected ones are out"
        )
    result["pairs"] = [attrs.asdict(r) for r in records]
    result["sheets"] = [posix(p) for p in sheets]
    console.result(result)
    return 0


def _preset_of_stills(arguments: argparse.Namespace) -> str:
    """One still stands for two frames, because training needs two pairs. Raises StageError (CR413): no such file,
    ImageFileError: no picture."""
    missing = [
        Problem("CR413", posix(p), "there is no such file", "name two picture files")
        for p in arguments.stills
        if not p.is_file()
    ]
    if missing:
        raise StageError(*missing)
    from ..engine.files import read_format

    name = re.sub(r"[^A-Za-z0-9_]+", "_", arguments.preset.stem).strip("_") or "still"
    sides = []
    for path in arguments.stills:
        size = read_format(path)[
            0
        ]  # Nuke's own sizes are known of EXR and DPX only, and a still may be anything
        aspect = f", pixel_aspect: {size.pixel_aspect:g}" if size.pixel_aspect != 1 else ""
        sides.append(
            f"{{path: {json.dumps(posix(path.absolute()), ensure_ascii=False)}, first: 1, last: 2,\n"
            f"  format: {{width: {size.width}, height: {size.height}{aspect}}}}}\n"
        )
    return (
        f"extends: shot\nshot: {json.dumps(name)}\nsource: {sides[0]}reference: {sides[1]}"
        "pairs: [1, 2]  # the same two pictures twice: training needs two pairs\n"
        "training: {batch: 2}\n"
    )


def _wanted(
    arguments: argparse.Namespace,
    loaded: Loaded,
    source: Sequence,
    reference: Sequence,
    timing: Timing | None,
    console: Console,
) -> tuple[Pair, ...]:
    """The preset's pairs, or newly chosen ones."""
    import attrs

    from ..pairs.choose import COUNTS, escalate, evenly, hold_out, look_at, propose
    from ..preset.model import Pair

    preset = loaded.preset
    if arguments.choose == "preset":
        return preset.pairs
    count = arguments.count or COUNTS[preset.scope][0]
    first, last = source.span.first, source.span.last
    kept = [p.source for p in preset.pairs]

    def partner(frame: int) -> int:
        return round(timing.at(frame)) if timing is not None and timing.confidence > 0.1 else frame

    why: dict[int, str] = {}
    if arguments.choose == "even":
        frames = evenly(first, last, count)
    elif arguments.choose == "escalate":
        frames = escalate(kept, first, last, count)
    else:
        tell = console.progress("coverage")
        spots = sorted({*evenly(first, last, min(CANDIDATES, last - first + 1)), *kept})
        looks = []
        for number, frame in enumerate(spots, start=1):
            tell(number, len(spots), "")
            if source.path(frame).is_file() and reference.path(partner(frame)).is_file():
                pictures = reference.picture(partner(frame), 480), source.picture(frame, 480)
                looks.append(look_at(frame, *pictures))
        if not looks:
            raise StageError(
                Problem("CR413", "pairs", "no frame can be read on both sides", "see the parity table")
            )
        chosen = propose(looks, count)
        frames, why = [c.frame for c in chosen], {c.frame: c.why for c in chosen}
    held = set(hold_out(frames, preset.hold_out.share))
    before = {p.source: p for p in preset.pairs}
    new = (
        before[f]
        if f in before
        else Pair(f, None if partner(f) == f else partner(f), why.get(f, ""), True if f in held else None)
        for f in frames
        if partner(f) in reference.span
    )
    return tuple(attrs.evolve(p) for p in new)
