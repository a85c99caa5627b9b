"""``deliver``, ``verify`` and ``trace``: the hand-over, and what an archive asks of it later."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..paths import posix
from . import words
from .console import Console
from .words import Commands

if TYPE_CHECKING:
    from ..build import Scripts
    from ..delivery import Film

__all__ = ["add_deliver", "add_trace", "add_verify", "deliver", "trace", "verify"]

SHOWN = 20
"""Files of one kind that are listed for people; ``--json`` lists all."""


def add_deliver(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``deliver``."""
    command = commands.add_parser(
        "deliver", help="copy masters, preset, graphs, model and report into one folder with a manifest"
    )
    words.preset(command)
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="project folder that build and run wrote to"
    )
    command.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="DIR",
        help="new folder of the delivery; an interrupted one goes on",
    )
    command.add_argument(
        "--steps", type=words.positive, metavar="N", help="the --steps that run was given, if any"
    )
    command.add_argument(
        "--hash",
        default="xxh64",
        choices=("xxh64", "xxh128", "xxh3", "md5", "sha1", "c4"),
        help="hash of the ASC MHL manifest (default xxh64)",
    )
    command.add_argument("--bag", action="store_true", help="make a BagIt bag with SHA-512")
    command.add_argument(
        "--partial", action="store_true", help="deliver what is there; README.txt then says what is not"
    )
    command.set_defaults(run=deliver)
    return command


def add_verify(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``verify``."""
    command = commands.add_parser(
        "verify",
        help="read a delivery again and compare every file with its manifest",
        epilog="Exit codes: 0 whole, 10 files are missing, 11 files have changed, 21 files that the manifest does not "
        "name, 30 no manifest, 31 the manifest itself was changed, 1 a manifest that cannot be read or trusted.",
    )
    command.add_argument("folder", type=Path, metavar="DIR", help="folder of a delivery, or a bag")
    command.set_defaults(run=verify)
    return command


def add_trace(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``trace``."""
    command = commands.add_parser(
        "trace",
        help="say which Source frame, model, pairs and preset made a frame",
        epilog="Exit codes: 0 nothing contradicts the header, 11 a file that was found is not the one that made it, "
        "1 no EXR file, or one that says nothing of a recovery.",
    )
    command.add_argument(
        "frame", type=Path, metavar="FRAME.exr", help="a frame in a delivery, a project or anywhere"
    )
    command.add_argument(
        "--preset", type=Path, metavar="FILE", help="a preset to compare, where none lies near"
    )
    command.set_defaults(run=trace)
    return command


def deliver(arguments: argparse.Namespace, console: Console) -> int:
    """Make a delivery of what a preset made, or of what all shots of a project preset did."""
    from ..build import assemble, steps_edit
    from ..delivery import deliver as make
    from ..project.load import is_project

    what: Scripts | Film
    if is_project(arguments.preset):
        what = film_of(arguments)
    else:
        edit = {} if arguments.steps is None else steps_edit(arguments.steps)
        what = assemble(arguments.preset, project=arguments.out, edit=edit)
    tell = console.progress("copying")
    made = make(
        what,
        arguments.out,
        arguments.to,
        hash_name=arguments.hash,
        bag=arguments.bag,
        partial=arguments.partial,
        progress=lambda done, total, name: tell(_mebibytes(done), _mebibytes(total), f"MiB  {name}"),
    )
    console.problems(made.warnings)
    console.say(
        f"delivery: {posix(made.folder)} ({made.files} files, {made.size / 1e6:.1f} MB, each read back)"
    )
    console.say(f"manifest: {posix(made.manifest)}")
    console.result(
        {
            "ok": True,
            "folder": posix(made.folder),
            "manifest": posix(made.manifest),
            "files": made.files,
            "bytes": made.size,
            "problems": [p.as_json() for p in made.warnings],
        }
    )
    return 0


def film_of(arguments: argparse.Namespace) -> Film:
    """Every shot and group of a project preset, the project preset with its list, and the project report, which leads
    to the reports beside it. Raises PresetError CR189 for --steps, and as the project is read."""
    from ..delivery import GROUP, MEMBER, SHOT, Film, Item, Product
    from ..errors import PresetError
    from ..project import Places
    from ..project.current import Current
    from ..project.load import load_project
    from ..project.report import delivered_report

    if arguments.steps is not None:
        raise PresetError.at(
            "CR189", "--steps", "belongs to one shot", "say training.steps in the project preset"
        )
    project, places = load_project(arguments.preset, arguments.out), Places(arguments.out)
    products, below = [], {}
    for unit in project.units.values():
        below[unit.name] = f"{'groups' if unit.is_group else 'shots'}/{unit.name}"
        needed = GROUP if unit.is_group else MEMBER if unit.group else SHOT
        scripts = Current.of(unit, places, content=False, rules=project.rules).scripts
        products.append(Product(scripts, below[unit.name], needed))
    page, numbers = delivered_report(project, arguments.out, below)
    items = [
        Item("report/project_report.html", page.encode(), "report"),
        Item("report/project_report.json", numbers.encode(), "report"),
        *(Item(f"project/{p.name}", p, "preset") for p in project.files),
    ]
    return Film(project.name, tuple(products), tuple(items))


def _mebibytes(count: int) -> int:
    return -(-count // (1 << 20))


def verify(arguments: argparse.Namespace, console: Console) -> int:
    """Hash a delivery again."""
    from ..delivery import verify as check

    tell = console.progress("reading")
    found = check(arguments.folder, progress=lambda done, total, name: tell(done, total, _printable(name)))
    for what, paths in (
        ("changed", found.changed),
        ("missing", found.missing),
        ("not in the manifest", found.extra),
    ):
        _list(console, what, paths)
    _list(console, "BagIt" if not found.trouble else "manifest", found.bag)
    told = {
        "whole": "every file is as it was delivered",
        "missing": f"{len(found.missing)} files are missing",
        "changed": f"{len(found.changed)} files have changed" if found.changed else "the bag is not valid",
        "extra": f"every delivered file is as it was; {len(found.extra)} files are not in the manifest",
    }.get(found.word, found.word)
    console.say(f"{told}: {found.checked} files with the right hash, {found.size / 1e6:.1f} MB read")
    if found.created:
        console.say(_printable(f"manifest of {found.created} by {found.tool}"))
    console.result(found.as_json())
    return found.exit_code


def _list(console: Console, what: str, lines: Sequence[str]) -> None:
    for line in lines[:SHOWN]:
        console.say(f"{what}: {_printable(line)}")
    if len(lines) > SHOWN:
        console.say(f"{what}: and {len(lines) - SHOWN} more (--json lists all)")


def _printable(text: str) -> str:
    """Names come from strangers; a terminal obeys control characters."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def trace(arguments: argparse.Namespace, console: Console) -> int:
    """Follow a frame back to what made it."""
    from ..delivery import trace as follow

    found = follow(arguments.frame, preset=arguments.preset)
    rows = [(c.what, c.state, _printable(c.found), c.note) for c in found.clues]
    for key, value in found.header.items():
        console.say(f"{key}: {_printable(value)}")
    console.say("")
    console.table(("made by", "", "file", ""), rows, words=True)
    if found.not_found:
        console.say("not found: " + ", ".join(found.not_found))
    console.result(found.as_json())
    return 11 if found.contradicted else 0
