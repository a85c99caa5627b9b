"""``outliers``: lists frames out of their shot's distribution, proposes them as pairs, prepares the next round."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..paths import posix, writing
from . import words
from .console import Console
from .recovery import need_engine
from .words import Commands

if TYPE_CHECKING:
    from ..build import Scripts
    from ..qc.results import Outlier

__all__ = ["add_outliers", "outliers"]


def add_outliers(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``outliers``."""
    command = commands.add_parser(
        "outliers", help="list recovered frames that stand out, propose them as pairs, prepare the next round"
    )
    words.preset(command)
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="project folder of the run")
    command.add_argument(
        "--qc", metavar="PROFILE", help="QC profile instead of the preset's: a shipped name or a YAML file"
    )
    command.add_argument("--fresh", action="store_true", help="measure again, even if a record is there")
    command.add_argument("--accept", action="store_true", help="write the proposed pairs into the preset")
    command.add_argument(
        "--round",
        action="store_true",
        help="also let the next training start from this round's best checkpoint",
    )
    command.set_defaults(run=outliers)
    return command


def outliers(arguments: argparse.Namespace, console: Console) -> int:
    """Measure if needed, list, advise; with --accept edit the preset, with --round its starting weights."""
    need_engine()
    import attrs

    from ..build import assemble
    from ..preset.editing.pairs_block import with_pairs
    from ..recovery import outliers as loop
    from ..recovery import rounds as table

    scripts = assemble(arguments.preset, project=arguments.out)
    preset = scripts.loaded.preset
    record = _record(arguments, scripts, console)
    found: list[Outlier] = record["found"]
    console.table(
        ("frame", "code", "value", "limit", "reason"),
        [(str(o.frame), o.code, f"{o.value:.3g}", f"{o.limit:.3g}", o.reason) for o in found],
        words=True,
    )
    data = arguments.out / scripts.recovery.plan.data_directory
    run = scripts.recovery.plan.run
    said = loop.advice(
        preset, data / f"{run}.csv", found, passed=record["passed"], measures=record["measures"]
    )
    for a in said:
        console.say(f"{a.kind}: {a.why}")
    frames = loop.chosen_frames(preset, found)
    proposed = _proposed(arguments, scripts, frames, console) if frames else {}
    best = next((p for p in (data / f"{run}.best.safetensors",) if p.is_file()), None)
    rounds = table.record_round(arguments.out, preset, record, best, date.today().isoformat())
    rows = table.compared(rounds)
    if rows:
        console.table(("measure", f"round {len(rounds) - 1}", f"round {len(rounds)}", "change"), rows)
    good = {f: r for f, r in proposed.items() if r["verdict"] != "reject"}
    if arguments.accept or arguments.round:
        text = arguments.preset.read_text(encoding="utf-8")
        if arguments.accept and good:
            reasons = {o.frame: f"outlier {o.code}, round {len(rounds)}" for o in reversed(found)}
            wanted = loop.new_pairs(preset, list(good), {f: r["reference"] for f, r in good.items()}, reasons)
            text = with_pairs(text, wanted, preset)
        if arguments.round:
            text = table.next_start(text, arguments.out, preset, rounds)
        with writing(arguments.preset, overwrite=True) as scratch:
            scratch.write_text(text, encoding="utf-8")
        console.say(f"preset: {posix(arguments.preset)} is edited; the next round:")
        console.say(
            f"  chroma-recovery run {posix(arguments.preset)} --out {posix(arguments.out)} --overwrite"
        )
    console.result(
        {
            "ok": True,
            "passed": record["passed"],
            "decided_by": record["decided_by"],
            "outliers": [attrs.asdict(o) for o in found],
            "advice": [attrs.asdict(a) for a in said],
            "proposed": proposed,
            "rounds": rounds,
        }
    )
    return 0


def _record(arguments: argparse.Namespace, scripts: Scripts, console: Console) -> dict[str, Any]:
    """The record of the last measuring, or a new one if there is none, or the frames are newer."""
    from ..qc.profile import profile_of
    from ..recovery import outliers as loop
    from ..recovery.run import Recoverer

    preset, profile = scripts.loaded.preset, profile_of(scripts.loaded, arguments.qc)
    job = Recoverer(scripts, arguments.out, profile=profile)
    paths = [job.evaluator.path(job.names.recovered_read).with_name(_frame_name(job, f)) for f in job.frames]
    there = [f for f, p in zip(job.frames, paths, strict=True) if p.is_file()]
    kept = loop.outlier_file(arguments.out, preset)
    newest = max((p.stat().st_mtime for p in paths if p.is_file()), default=0.0)
    if kept.is_file() and kept.stat().st_mtime >= newest and not arguments.fresh:
        record = loop.read_record(arguments.out, preset)
        if record is not None and record["profile"] == profile.name:
            return record
    if not there:
        from ..errors import EngineError

        raise EngineError.at("CR582", posix(paths[0]), "no recovered frame is there", "run inference first")
    tell = console.progress("measuring")
    shot = job.judge.shot(there, lambda done: tell(done, len(there), ""))
    loop.write_record(arguments.out, preset, there, shot)
    record = loop.read_record(arguments.out, preset)
    assert record is not None  # noqa: S101 - written a line above
    return record


def _frame_name(job: Any, frame: int) -> str:
    from ..frames import Pattern

    return Path(Pattern.parse(posix(job.evaluator.path(job.names.recovered_read))).at(frame)).name


def _proposed(
    arguments: argparse.Namespace, scripts: Scripts, frames: list[int], console: Console
) -> dict[int, dict[str, Any]]:
    """Reference frame and verdict of each proposed pair, judged as ``pairs`` judges."""
    from ..errors import EngineError
    from ..pairs.clips import clips_of
    from ..pairs.timing import find_timing
    from ..pairs.work import PairWork
    from ..preset.model import Pair

    source, reference = clips_of(scripts.loaded)
    try:
        timing = find_timing(source, reference)
    except EngineError:
        timing = None
    sure = timing is not None and timing.confidence > 0.1
    pairs = []
    for frame in frames:
        partner = round(timing.at(frame)) if sure and timing is not None else frame
        pairs.append(Pair(frame, None if partner == frame else partner))
    work = PairWork(scripts.loaded, arguments.out, date=date.today().isoformat(), timing=timing)
    records = work.run(tuple(pairs), tell=console.progress("pairs"))
    console.table(
        ("proposed Source", "Reference", "verdict", "why"),
        [(str(r.source), str(r.reference), r.verdict, "; ".join(r.reasons)) for r in records],
        words=True,
    )
    return {
        r.source: {"reference": r.reference, "verdict": r.verdict, "reasons": list(r.reasons)}
        for r in records
    }
