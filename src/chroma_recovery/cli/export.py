"""``export``: a trained model for Nuke's own Inference."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EngineError
from ..paths import posix
from . import words
from .console import Console
from .recovery import need_engine
from .words import Commands

if TYPE_CHECKING:
    from ..engine.learning.placement import SourceArea

__all__ = ["add_export", "export"]

UNPLACED = (
    "The model knows where on the frame a pixel lies, but not where this picture lies: it will do without. "
    "Give --frame and --area for the colour that the engine gives."
)

UNSTEADIED = (
    "The engine takes the shot's flicker out of what this model sees, the exported files do not: "
    "in Nuke colours follow the Source's flicker as far as without it."
)


def add_export(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``export``."""
    command = commands.add_parser(
        "export", help="write a trained model as TorchScript for Nuke's CatFileCreator and Inference"
    )
    command.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="the model, a .safetensors file")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write into")
    command.add_argument("--overwrite", action="store_true", help="replace an earlier export")
    command.add_argument("--onnx", action="store_true", help="also write ONNX; the place is fixed in it")
    command.add_argument(
        "--frame", type=words.sides, metavar="WxH", help="the Source's full frame (default: as in training)"
    )
    command.add_argument(
        "--area",
        type=words.box,
        metavar="X,Y,R,T",
        help="the Crop above the Inference (default: as in training)",
    )
    command.set_defaults(run=export)
    return command


def export(arguments: argparse.Namespace, console: Console) -> int:
    """Write the model and the script that makes a ``.cat`` of it, and say what to do in Nuke."""
    need_engine()
    from ..engine.learning.export import export_model

    done = export_model(
        arguments.checkpoint,
        arguments.out,
        onnx=arguments.onnx,
        area=_area(arguments),
        overwrite=arguments.overwrite,
    )
    written = [done.model, done.script, done.record, *([done.onnx] if done.onnx else [])]
    for path in written:
        console.say(posix(path))
    if done.position and done.area is None:
        console.note(f"warning: {UNPLACED}")
    if done.steadied:
        console.note(f"warning: {UNSTEADIED}")
    console.say(f"Greatest difference to the engine: {done.difference:.1g}")
    console.say(
        f"In NukeX: open {done.script.name}, press 'Create .cat file and Inference' on the CatFileCreator;"
    )
    console.say(f"then connect the plate, or choose {done.model.stem}.cat in any Inference.")
    console.result(
        {
            "ok": True,
            "files": [posix(p) for p in written],
            "sha256": done.sha256,
            "position": done.position,
            "steadied": done.steadied,
            "placed": done.area is not None,
            "difference_to_engine": done.difference,
        }
    )
    return 0


def _area(arguments: argparse.Namespace) -> SourceArea | None:
    """What ``--frame`` and ``--area`` say; None where the checkpoint is to say it."""
    from ..engine.learning.checkpoint import load_checkpoint
    from ..engine.learning.placement import SourceArea

    frame, box = arguments.frame, arguments.area
    if frame is None and box is None:
        return None
    if frame is None:
        known = SourceArea.from_json(load_checkpoint(arguments.checkpoint).facts.get("placement"))
        if known is None:
            raise EngineError.at(
                "CR564",
                "--area",
                "the checkpoint does not say how large the Source's frame is",
                "give --frame too",
            )
        frame = known.width, known.height
    width, height = frame
    x, y, r, t = box or (0, 0, width, height)
    return SourceArea(width, height, float(x), float(y), r - x, t - y)
