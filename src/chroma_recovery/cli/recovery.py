"""``run`` and ``demo``: the commands that need the engine."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EngineError, PresetError
from ..frames import parse_frames
from ..paths import posix
from . import words
from .console import Console
from .scripts import summary
from .words import Commands

if TYPE_CHECKING:
    from ..recovery import Outcome

__all__ = ["add_demo", "add_run", "demo", "run"]


def add_run(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``run``."""
    command = commands.add_parser(
        "run", help="build the scripts, then evaluate the same graph here: model, EXRs, report"
    )
    words.preset(command)
    words.out(command)
    command.add_argument(
        "--jobs",
        type=words.positive,
        metavar="N",
        help="with a project preset: shots at a time (default: what fits)",
    )
    command.add_argument(
        "--stages",
        type=words.stages,
        default=words.STAGES,
        metavar="A,B",
        help="only these of: " + ", ".join(words.STAGES),
    )
    command.add_argument(
        "--frames",
        metavar="RANGE",
        help="Source frames to recover, e.g. 471-499 or 471-499x4 (default: the preset's)",
    )
    command.add_argument(
        "--steps", type=words.positive, metavar="N", help="training steps instead of the preset's"
    )
    command.add_argument(
        "--resume", action="store_true", help="go on from what is there: last checkpoint, missing frames"
    )
    command.add_argument(
        "--qc", metavar="PROFILE", help="QC profile instead of the preset's: a shipped name or a YAML file"
    )
    command.add_argument(
        "--processes",
        type=words.positive,
        default=1,
        metavar="N",
        help="train by N processes of this machine, one per GPU or group of cores; torchrun does it on several",
    )
    command.set_defaults(run=run)
    return command


def add_demo(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``demo``."""
    command = commands.add_parser(
        "demo", help="recover a short real clip that was faded on purpose, and measure it against the truth"
    )
    words.out(command)
    command.add_argument(
        "--steps", type=words.positive, default=900, metavar="N", help="training steps (default 900)"
    )
    command.add_argument(
        "--fade",
        default="strong",
        choices=("mild", "strong", "uneven", "collapse"),
        help="how the clip was faded",
    )
    command.set_defaults(run=demo)
    return command


def need_engine() -> None:
    """Raise EngineError (CR580) saying what to install if the engine's libraries are missing."""
    from importlib.util import find_spec

    missing = [
        m
        for m in (
            "numpy",
            "torch",
            "cv2",
            "OpenImageIO",
            "PyOpenColorIO",
            "scipy",
            "skimage",
            "safetensors",
            "jinja2",
        )
        if not find_spec(m)
    ]
    if missing:
        raise EngineError.at(
            "CR580",
            "",
            "the engine is not installed: no " + ", ".join(missing),
            "pip install 'chroma-recovery[engine]'",
        )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Build the scripts of a preset, then evaluate them here; of a project preset, those of all its shots."""
    need_engine()
    from ..project.load import is_project

    if is_project(arguments.preset):
        from .project_run import run_units

        if arguments.processes > 1:
            raise PresetError.at("CR189", "--processes", "belongs to one shot", "a project takes --jobs")
        return run_units(arguments, console)
    from .processes import beside, follow_along, this_share

    share = this_share()
    if not share.first:
        return follow_along(arguments)
    with beside(arguments.processes if "training" in arguments.stages else 1):
        return run_one(arguments, console)


def run_one(arguments: argparse.Namespace, console: Console) -> int:
    """The scripts of a preset, then its stages, by this process."""
    from ..build import assemble, steps_edit, write_scripts
    from ..qc.profile import profile_of
    from ..recovery import Recoverer

    edit = {} if arguments.steps is None else steps_edit(arguments.steps)
    scripts = assemble(arguments.preset, project=arguments.out, edit=edit)
    profile = profile_of(scripts.loaded, arguments.qc)
    console.problems(scripts.warnings)
    frames = parse_frames(arguments.frames) if arguments.frames else None
    job = Recoverer(
        scripts,
        arguments.out,
        frames=frames,
        overwrite=arguments.overwrite,
        resume=arguments.resume,
        tell=console.progress,
        profile=profile,
    )
    with alone(arguments, scripts.loaded.preset.shot):
        write_scripts(scripts, arguments.out, overwrite=arguments.overwrite or arguments.resume)
        outcome = job.go(arguments.stages)
    tell_outcome(outcome, console)
    console.result(
        {
            "ok": True,
            **summary(scripts),
            **as_json(outcome),
            "problems": [p.as_json() for p in scripts.warnings],
        }
    )
    return 0


def alone(arguments: argparse.Namespace, shot: str) -> AbstractContextManager[None]:
    """Hold the shot's lock in the output folder, as a project's worker does: PathError (CR610) if another run has it.
    Several may render frames of one shot at the same time, each its own (``--stages inference --frames``)."""
    from ..project import Places
    from ..project.lock import locked

    if arguments.frames and tuple(arguments.stages) == ("inference",):
        return nullcontext()
    return locked(Places(arguments.out).lock(shot), f"runs {shot}")


def tell_outcome(outcome: Outcome, console: Console) -> None:
    """Measures as a table, then where everything is."""
    if outcome.measures:
        rows = [
            (
                m.name,
                f"{m.value:.3g}",
                m.unit,
                "" if m.passed is None else ("holds: " if m.passed else "BROKEN: ") + m.rule,
            )
            for m in outcome.measures
        ]
        console.table(("measure", "value", "unit", "rule"), rows)
    for what, path in places(outcome).items():
        console.say(f"{what}: {path}")
    for note in outcome.notes:
        console.say(note)
    if outcome.seconds:
        console.say(
            "time: " + ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in outcome.seconds.items())
        )


def places(outcome: Outcome) -> dict[str, str]:
    """Where the results are, by what they are."""
    found: dict[str, str] = {f"{what} sheet": posix(path) for what, path in outcome.sheets.items()}
    if outcome.training is not None:
        found["model"] = posix(outcome.training.checkpoint)
    for node, render in outcome.renders.items():
        if render.paths:
            found[node] = f"{posix(render.paths[0])} ({len(render.paths)} frames)"
    found |= {what: posix(path) for what, path in outcome.handed.items()}
    if outcome.report is not None:
        found["report"] = posix(outcome.report)
    return found


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome for ``--json``."""
    import attrs

    return {
        "measures": [attrs.asdict(m) for m in outcome.measures],
        "seconds": outcome.seconds,
        "places": places(outcome),
    }


def demo(arguments: argparse.Namespace, console: Console) -> int:
    """Recover the shipped clip and compare with the truth."""
    need_engine()
    from ..demo.job import run_demo

    out: Path = arguments.out
    result = run_demo(
        out,
        fade=arguments.fade,
        steps=arguments.steps,
        overwrite=arguments.overwrite,
        tell=console.progress,
        note=console.note,
    )
    console.table(
        ("compared with the truth", "dE2000 mean", "dE2000 p95", "as rendered"),
        [(r.name, f"{r.mean:.2f}", f"{r.p95:.2f}", f"{r.as_rendered:.2f}") for r in result.rows],
    )
    console.say(
        f"({result.frames} frames that no pair uses; colour at the Source's luma, then with each one's own luma)"
    )
    tell_outcome(result.outcome, console)
    console.say(f"pictures: {posix(result.picture)}")
    console.say(f"preset: {posix(result.preset)}")
    console.result({"ok": True, **as_json(result.outcome), **result.as_json()})
    return 0
