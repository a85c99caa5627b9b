"""The whole command line, gathered from the commands."""

from __future__ import annotations

import argparse

from .. import __version__
from . import (
    delivery,
    export,
    farm,
    nuke_package,
    nuke_run,
    outliers,
    pairs,
    preset,
    project,
    recovery,
    scripts,
)

__all__ = ["parser"]

COMMANDS = (
    preset.add_preset,
    scripts.add_check,
    scripts.add_build,
    recovery.add_run,
    project.add_project,
    farm.add_job,
    recovery.add_demo,
    scripts.add_nodes,
    nuke_run.add_train,
    nuke_run.add_render,
    pairs.add_pairs,
    outliers.add_outliers,
    export.add_export,
    delivery.add_deliver,
    delivery.add_verify,
    delivery.add_trace,
    nuke_package.add_nuke_package,
)
"""In the order of ``--help``. Each adds one command and sets ``run``: (arguments, console) -> exit code. The modules
import nothing heavy before they run."""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="chroma-recovery",
        description="Rebuild the lost colour of faded film: one YAML preset in, Nuke scripts and a recovered shot out.",
        epilog="Exit codes: 0 done, 1 wrong preset or script, 2 wrong command line, 3 the work failed, "
        "4 something is in the way, 130 stopped; verify and trace have more, see their --help.",
    )
    top.add_argument("--version", action="version", version=f"chroma-recovery {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in COMMANDS:
        command = add(commands)
        command.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    return top
