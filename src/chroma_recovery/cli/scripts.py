"""``check``, ``build`` and ``nodes``: everything that needs neither Nuke nor the engine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .. import nk
from ..build import Scripts, assemble, write_scripts
from ..errors import PathError
from ..graph import Graph, Node
from ..graph.checks import check as check_graph
from ..paths import posix
from . import words
from .console import Console
from .words import Commands

__all__ = ["add_build", "add_check", "add_nodes", "build", "check", "nodes", "summary"]


def add_check(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``check``."""
    command = commands.add_parser(
        "check", help="read a preset, build its graph in memory, report every finding"
    )
    words.preset(command)
    command.set_defaults(run=check)
    return command


def add_build(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``build``."""
    command = commands.add_parser("build", help="write every stage's .nk script; needs no Nuke and no engine")
    words.preset(command)
    words.out(command)
    command.set_defaults(run=build)
    return command


def add_nodes(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``nodes``."""
    command = commands.add_parser("nodes", help="show the node graph of a .nk script")
    command.add_argument("script", type=Path, metavar="FILE.nk")
    command.set_defaults(run=nodes)
    return command


def summary(scripts: Scripts) -> dict[str, Any]:
    """What a build holds, in numbers."""
    preset = scripts.loaded.preset
    return {
        "shot": preset.shot,
        "training_pairs": len(preset.training_pairs),
        "hold_out_pairs": len(preset.hold_out_pairs),
        "steps": preset.training.steps,
        "epochs": scripts.recovery.plan.epochs,
        "nodes": len(scripts.recovery.graph),
        "graph_sha256": scripts.graph_hash,
    }


def check(arguments: argparse.Namespace, console: Console) -> int:
    """Read, build and check in memory; write nothing."""
    scripts = assemble(arguments.preset, project=Path.cwd())
    console.problems(scripts.warnings)
    facts = summary(scripts)
    console.say(
        f"{facts['shot']}: {facts['training_pairs']} training pairs, {facts['hold_out_pairs']} hold-outs, "
        f"{facts['steps']} steps = {facts['epochs']} epochs, {facts['nodes']} nodes. No errors."
    )
    console.result({"ok": True, **facts, "problems": [p.as_json() for p in scripts.warnings]})
    return 0


def build(arguments: argparse.Namespace, console: Console) -> int:
    """Write every script of a preset."""
    scripts = assemble(arguments.preset, project=arguments.out)
    console.problems(scripts.warnings)
    written = write_scripts(scripts, arguments.out, overwrite=arguments.overwrite)
    for path in written:
        console.say(posix(path))
    console.result(
        {
            "ok": True,
            **summary(scripts),
            "files": [posix(p) for p in written],
            "problems": [p.as_json() for p in scripts.warnings],
        }
    )
    return 0


def nodes(arguments: argparse.Namespace, console: Console) -> int:
    """Print the graph of a script and what Nuke's catalogue finds wrong with it."""
    try:
        text = arguments.script.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise PathError.at(
            "CR604", posix(arguments.script), f"cannot be read: {error.strerror or error}"
        ) from error
    graph = nk.read(text, name=posix(arguments.script))
    findings = check_graph(graph)
    console.table(("node", "class", "inputs", "knobs"), [_row(graph, node) for node in graph], words=True)
    console.problems(findings)
    console.result(
        {
            "ok": True,
            "nuke": str(graph.nuke),
            "nodes": [_as_json(graph, node) for node in graph],
            "problems": [p.as_json() for p in findings],
        }
    )
    return 0


MOST_SHOWN = 60
"""Characters of a node's inputs that the table shows."""

QUIET = {
    "xpos",
    "ypos",
    "selected",
    "note_font_size",
    "note_font",
    "tile_color",
    "note_font_color",
    "gl_color",
    "hide_input",
    "postage_stamp",
}


def _row(graph: Graph, node: Node) -> tuple[str, str, str, str]:
    inputs = ", ".join(p or "-" for p in node.inputs) + (f" mask {node.mask}" if node.mask else "")
    shown = (
        ""
        if node.clone_of
        else "  ".join(f"{k}={_short(v)}" for k, v in node.knobs.items() if k not in QUIET)
    )
    if len(inputs) > MOST_SHOWN:
        inputs = f"{inputs[:MOST_SHOWN].rsplit(', ', 1)[0]}, ... ({len(node.inputs)} in all)"
    return node.name, node.cls.rsplit(".", 1)[-1], inputs, shown[:160]


def _short(value: object) -> str:
    text = str(value) if not isinstance(value, tuple) else "{" + " ".join(str(v) for v in value) + "}"
    return text.replace("\n", " ")[:48]


def _as_json(graph: Graph, node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "class": node.cls,
        "inputs": list(node.inputs),
        "mask": node.mask,
        "clone_of": node.clone_of,
        "knobs": {k: str(v) for k, v in graph.knobs(node.name).items()},
    }
