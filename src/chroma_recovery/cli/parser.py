"""The words of the ``chroma-recovery`` command."""

from __future__ import annotations

import argparse
from pathlib import Path

from .. import __version__

__all__ = ["STAGES", "parser"]

STAGES = ("curation", "alignment", "training", "inference", "validation")
"""Stages that ``run`` can be asked for, in workflow order."""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="chroma-recovery",
        description="Rebuild the lost colour of faded film: one YAML preset in, Nuke scripts and a recovered shot out.",
        epilog="Exit codes: 0 done, 1 wrong preset or script, 2 wrong command line, 3 the work failed, "
        "4 something is in the way, 130 stopped.",
    )
    top.add_argument("--version", action="version", version=f"chroma-recovery {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    check = commands.add_parser(
        "check", help="read a preset, build its graph in memory, report every finding"
    )
    _preset(check)

    build = commands.add_parser("build", help="write every stage's .nk script; needs no Nuke and no engine")
    _preset(build)
    _out(build)

    run = commands.add_parser(
        "run", help="build the scripts, then evaluate the same graph here: model, EXRs, report"
    )
    _preset(run)
    _out(run)
    run.add_argument(
        "--stages", type=_stages, default=STAGES, metavar="A,B", help="only these of: " + ", ".join(STAGES)
    )
    run.add_argument(
        "--frames",
        metavar="RANGE",
        help="Source frames to recover, e.g. 471-499 or 471-499x4 (default: the preset's)",
    )
    run.add_argument("--steps", type=_positive, metavar="N", help="training steps instead of the preset's")
    run.add_argument(
        "--resume", action="store_true", help="go on from what is there: last checkpoint, missing frames"
    )

    demo = commands.add_parser(
        "demo", help="recover a short real clip that was faded on purpose, and measure it against the truth"
    )
    _out(demo)
    demo.add_argument(
        "--steps", type=_positive, default=900, metavar="N", help="training steps (default 900)"
    )
    demo.add_argument(
        "--fade",
        default="strong",
        choices=("mild", "strong", "uneven", "collapse"),
        help="how the clip was faded",
    )

    nodes = commands.add_parser("nodes", help="show the node graph of a .nk script")
    nodes.add_argument("script", type=Path, metavar="FILE.nk")

    train = commands.add_parser(
        "train", help="train in Nuke: CopyCat, in this Nuke, with --nuke, or as a command"
    )
    render = commands.add_parser("render", help="render in Nuke with the newest model")
    for command, word in ((train, "the last run"), (render, "only the frames that are missing")):
        _preset(command)
        _out(command)
        command.add_argument("--nuke", type=Path, metavar="PATH", help="the Nuke executable to run")
        command.add_argument("--interactive", action="store_true", help="take an interactive licence (-i)")
        command.add_argument("--resume", action="store_true", help=f"go on: {word}")
    render.add_argument(
        "--frames", metavar="RANGE", help="Source frames, e.g. 471-499 (inside Nuke: --frames=471-499)"
    )

    pairs = commands.add_parser(
        "pairs", help="compare the clips, choose, match, align, crop and judge training pairs"
    )
    _preset(pairs)
    pairs.add_argument("--out", type=Path, required=True, metavar="DIR", help="project folder")
    ways = ("preset", "even", "escalate", "coverage")
    pairs.add_argument(
        "--choose", choices=ways, default="preset", help="which frames (default: the preset's pairs)"
    )
    pairs.add_argument(
        "--count", type=_positive, metavar="N", help="how many frames (default: the guide's, by scope)"
    )
    parities = ("all", "some", "none")
    pairs.add_argument("--parity", choices=parities, default="some", help="frames whose pixels are read")
    pairs.add_argument("--parity-only", action="store_true", help="compare the clips and stop")
    pairs.add_argument("--fresh", action="store_true", help="do finished pairs again")
    pairs.add_argument(
        "--accept", action="store_true", help="write accepted pairs, keys and crop into the preset"
    )
    pairs.add_argument("--by", metavar="NAME", help="who accepts (default: the user's name)")

    export = commands.add_parser(
        "export", help="write a trained model as TorchScript for Nuke's CatFileCreator and Inference"
    )
    export.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="the model, a .safetensors file")
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write into")
    export.add_argument("--overwrite", action="store_true", help="replace an earlier export")
    export.add_argument("--onnx", action="store_true", help="also write ONNX; the place is fixed in it")
    export.add_argument(
        "--frame", type=_sides, metavar="WxH", help="the Source's full frame (default: as in training)"
    )
    export.add_argument(
        "--area", type=_box, metavar="X,Y,R,T", help="the Crop above the Inference (default: as in training)"
    )

    package = commands.add_parser("nuke-package", help="make the release zip for a Nuke plug-in folder")
    pythons = ("3.10", "3.11")
    package.add_argument("--python", required=True, choices=pythons, help="Nuke 15: 3.10, Nuke 16, 17: 3.11")
    package.add_argument("--out", type=Path, required=True, metavar="ZIP", help="the zip to write")
    package.add_argument("--overwrite", action="store_true", help="replace a zip that is there")

    for command in (check, build, run, demo, nodes, train, render, pairs, package, export):
        command.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    return top


def _preset(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "preset", type=Path, metavar="PRESET", help="YAML preset of a shot, scene or sequence"
    )


def _out(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="project folder; everything is written below it",
    )
    command.add_argument(
        "--overwrite", action="store_true", help="replace files that an earlier build or run wrote"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not 1 or more")
    return number


def _sides(text: str) -> tuple[int, int]:
    numbers = [int(word) for word in text.lower().split("x")]
    if len(numbers) != 2 or min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no size like 4096x3112")
    return numbers[0], numbers[1]


def _box(text: str) -> tuple[int, int, int, int]:
    numbers = [int(word) for word in text.split(",")]
    if len(numbers) != 4 or numbers[2] <= numbers[0] or numbers[3] <= numbers[1]:
        raise argparse.ArgumentTypeError(f"{text!r} is no box like 664,360,4004,2815")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _stages(text: str) -> tuple[str, ...]:
    asked = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in asked if word not in STAGES]
    if unknown or not asked:
        raise argparse.ArgumentTypeError(
            f"unknown stage {', '.join(unknown) or text!r}; choose from {', '.join(STAGES)}"
        )
    return tuple(stage for stage in STAGES if stage in asked)
