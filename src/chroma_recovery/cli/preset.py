"""``preset``: begin, read, explain, compare, upgrade and advise on presets; the schema for editors."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ..errors import ChromaRecoveryError, PathError, Problem
from ..paths import posix, relative_to_project, write_text
from ..preset.load import Loaded, load
from .console import Console
from .words import Commands

__all__ = ["add_preset"]

MOST_CHANGES = 40
"""Changes in the graph that are printed; ``--json`` has them all."""

MOST_EXPLAINED = 12
"""The same for one field."""

Run = Callable[[argparse.Namespace, Console], int]


def add_preset(commands: Commands) -> argparse.ArgumentParser:
    """The words of ``preset`` and of its verbs."""
    command = commands.add_parser(
        "preset", help="begin, show, explain, compare, upgrade and advise on presets"
    )
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, run: Run, help_text: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(
            name, help=help_text, description=help_text[:1].upper() + help_text[1:] + "."
        )
        added.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="print one JSON object instead of text",
        )
        added.set_defaults(run=run)
        return added

    new = verb("new", new_preset, "write a first preset for a shot, from what its files say")
    new.add_argument(
        "preset", type=Path, metavar="FILE.yaml", help="the preset to write; nothing is overwritten"
    )
    for name, what in (("--source", "the faded Source"), ("--reference", "the colour Reference")):
        new.add_argument(
            name, type=Path, required=True, metavar="CLIP", help=f"{what}: a frame, a pattern, or a folder"
        )
    new.add_argument("--shot", metavar="NAME", help="name of the shot (default: the file's name)")
    new.add_argument(
        "--extends",
        default="shot",
        choices=("shot", "scene", "sequence", "non_reference"),
        help="shipped preset to build on",
    )
    new.add_argument(
        "--kind",
        choices=("telecine", "dvd", "print", "video", "constructed"),
        help="where the Reference comes from",
    )

    show = verb("show", show_preset, "print the whole preset, each value with the file and line it came from")
    show.add_argument("preset", type=Path, metavar="PRESET", help="the preset")
    show.add_argument(
        "field", nargs="?", default="", metavar="FIELD", help="only this field and those below it"
    )

    explain = verb(
        "explain", explain_field, "say what a field means, what it may be, and what it becomes in the graph"
    )
    explain.add_argument("field", metavar="FIELD", help="for example training.patch, or patch")
    explain.add_argument(
        "--preset", type=Path, metavar="PRESET", help="try it on this preset instead of an example"
    )

    diff = verb("diff", compare, "compare two presets, value by value, and the graphs that they become")
    diff.add_argument("first", type=Path, metavar="A", help="a preset")
    diff.add_argument("second", type=Path, metavar="B", help="another")

    upgrade = verb("upgrade", upgrade_preset, "rewrite a preset of an older format in today's; comments stay")
    upgrade.add_argument("preset", type=Path, metavar="PRESET", help="the preset")

    advise = verb("lint", lint_preset, "errors, warnings, and advice beyond them")
    advise.add_argument("preset", type=Path, nargs="+", metavar="PRESET", help="one preset or several")

    schema = verb("schema", write_schema, "print the JSON Schema of presets, for editors")
    schema.add_argument("--out", type=Path, metavar="FILE.json", help="write it there instead")
    schema.add_argument("--base", action="store_true", help="for presets that are only there to be extended")
    return command


def new_preset(arguments: argparse.Namespace, console: Console) -> int:
    """Write a first preset; it is read once before it is written."""
    from ..preset.load import loads
    from ..preset.starting import clip_facts, shot_name, starting_text

    target: Path = arguments.preset
    if target.suffix not in (".yaml", ".yml"):
        raise PathError.at("CR604", posix(target), "is not a preset's name", "end it in .yaml")
    folder = target.parent
    source, reference = (clip_facts(clip, folder) for clip in (arguments.source, arguments.reference))
    kind = arguments.kind or ("constructed" if arguments.extends == "non_reference" else "dvd")
    schema = _schema_file()
    text = starting_text(
        arguments.shot or shot_name(target),
        source,
        reference,
        base=arguments.extends,
        kind=kind,
        schema=relative_to_project(schema, folder.resolve()) if schema else "",
    )
    warnings = loads(text, posix(target)).warnings
    write_text(target, text)
    console.problems(warnings)
    console.say(posix(target))
    console.say(f"next: chroma-recovery preset lint {posix(target)}")
    console.result({"ok": True, "preset": posix(target), "problems": [p.as_json() for p in warnings]})
    return 0


def _schema_file() -> Path | None:
    """The shipped schema, None where the package was installed without its presets."""
    from ..preset.extends import shipped_folders

    places = (folder / "schema" / "preset-1.json" for folder in shipped_folders())
    return next((p for p in places if p.is_file()), None)


def show_preset(arguments: argparse.Namespace, console: Console) -> int:
    """Print every value with its origin."""
    from ..preset.explain import found_field
    from ..preset.resolved import resolved_text, values

    loaded = load(arguments.preset)
    only = found_field(arguments.field)[0].replace("[]", "") if arguments.field else ""
    console.problems(loaded.warnings)
    console.say(resolved_text(loaded, only).rstrip("\n"))
    fields = {
        v.path: {"value": v.value, "from": v.origin}
        for v in values(loaded)
        if not only or v.path == only or v.path.startswith((f"{only}.", f"{only}["))
    }
    console.result({"ok": True, "files": [posix(f) for f in loaded.files], "fields": fields})
    return 0


def explain_field(arguments: argparse.Namespace, console: Console) -> int:
    """Print what a field means and does."""
    from ..effects import effect
    from ..preset.explain import explain
    from ..preset.reference import plain

    said = explain(arguments.field)
    loaded = load(arguments.preset) if arguments.preset else None
    console.say(f"{said.path}: {said.meaning}")
    rows = (("kind", said.kind), ("unit", said.unit), ("default", said.default), ("allowed", said.allowed))
    for name, text in (*rows, ("example", said.example), ("remark", said.remark)):
        if text:
            console.say(f"  {name:8} {text}")
    if said.below:
        console.say("  fields   " + ", ".join(said.below))
        console.result({"ok": True, **said.as_json(), "graph": []})
        return 0
    found = effect(said.path, loaded)
    graph = [] if found is None else list(found.changes)
    on = posix(arguments.preset) if arguments.preset else "an example"
    if found is None or not graph:
        console.say("  graph    nothing in it depends on this field alone")
    else:
        console.say(f"  graph    on {on}, {plain(found.before)} -> {plain(found.after)} changes")
        for change in graph[:MOST_EXPLAINED]:
            console.say(f"           {change}")
        if len(graph) > MOST_EXPLAINED:
            console.say(f"           and {len(graph) - MOST_EXPLAINED} more")
    console.result({"ok": True, **said.as_json(), "graph": [_change(c) for c in graph]})
    return 0


def _change(change: object) -> dict[str, str]:
    from ..graph.compare import Change

    assert isinstance(change, Change)  # noqa: S101 - only for the type
    return {"node": change.node, "knob": change.knob, "before": change.before, "after": change.after}


def compare(arguments: argparse.Namespace, console: Console) -> int:
    """Print what differs between two presets and between their graphs."""
    from ..effects import graph_changes, graph_of
    from ..preset.resolved import Value, differences

    first, second = load(arguments.first), load(arguments.second)
    found = differences(first, second)

    def cell(value: Value | None) -> str:
        return "-" if value is None else f"{value.spelled}  ({value.origin})"

    if found:
        rows = [(d.path, cell(d.first), cell(d.second)) for d in found]
        console.table(("field", posix(arguments.first), posix(arguments.second)), rows, words=True)
    else:
        console.say("every value is the same")
    problems: list[Problem] = []
    graph = []
    try:
        graph = graph_changes(graph_of(first), graph_of(second))
    except ChromaRecoveryError as error:
        problems = list(error.problems)
        console.problems(problems, closing="The graphs cannot be compared.")
    if not problems:
        console.say(f"{len(graph)} changes in the graph" if graph else "the graphs are the same")
    for change in graph[:MOST_CHANGES]:
        console.say(f"  {change}")
    if len(graph) > MOST_CHANGES:
        console.say(f"  and {len(graph) - MOST_CHANGES} more")
    console.result(
        {
            "ok": True,
            "same": not found and not graph and not problems,
            "values": [
                {"field": d.path, "first": d.first and d.first.value, "second": d.second and d.second.value}
                for d in found
            ],
            "graph": [_change(c) for c in graph],
            "problems": [p.as_json() for p in problems],
        }
    )
    return 0


def upgrade_preset(arguments: argparse.Namespace, console: Console) -> int:
    """Rewrite a preset in today's format, if it is older."""
    from ..preset.text import read
    from ..preset.versions import FORMAT, upgraded, version_of

    path: Path = arguments.preset
    text = read(path, posix(path))
    version, after = version_of(text), upgraded(text)
    if after == text:
        console.say(f"{posix(path)}: schema {version} already; nothing to do")
    else:
        kept = path.with_name(f"{path.stem}.schema{version}{path.suffix}")
        write_text(kept, text)
        write_text(path, after, overwrite=True)
        console.say(f"{posix(path)}: schema {version} -> {FORMAT}; the old text is kept as {kept.name}")
    console.result({"ok": True, "from": version, "to": FORMAT, "changed": after != text})
    return 0


def lint_preset(arguments: argparse.Namespace, console: Console) -> int:
    """Report errors, warnings and advice of presets; 1 if one has an error."""
    from ..preset.lint import lint

    found: list[Problem] = []
    for path in arguments.preset:
        try:
            loaded: Loaded = load(path)
        except ChromaRecoveryError as error:
            found += error.problems
        else:
            found += [*loaded.warnings, *lint(loaded)]
    console.problems(found)
    counts = {s: sum(p.severity == s for p in found) for s in ("error", "warning", "advice")}
    console.say(
        f"{counts['error']} errors, {counts['warning']} warnings, {counts['advice']} pieces of advice"
    )
    console.result({"ok": not counts["error"], **counts, "problems": [p.as_json() for p in found]})
    return 1 if counts["error"] else 0


def write_schema(arguments: argparse.Namespace, console: Console) -> int:
    """Print or write the JSON Schema."""
    from ..preset.schema import preset_schema, schema_text

    schema = preset_schema(complete=not arguments.base)
    if arguments.out is None:
        console.say(schema_text(schema).rstrip("\n"))
    else:
        console.say(posix(write_text(arguments.out, schema_text(schema))))
    console.result({"ok": True, "schema": schema})
    return 0
