"""``docs/commands.md``: every command with its words, from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

HEAD = """# Command reference

Made from the parser by `{command}`; do not edit by hand.

`chroma-recovery COMMAND --help` says the same on a terminal. Every command takes `--json`: standard output then holds
one JSON object, findings included; progress and notes go to standard error in any case. The same command runs in Nuke's
own Python ([how](tds.md#inside-a-nuke-nuke--t)).

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | what was given is wrong: preset, script, colour name |
| 2 | the command line is wrong |
| 3 | the work failed: a node, an image file, training, Nuke |
| 4 | something is in the way: a file exists, a folder is read-only |
| 130 | stopped by the user |
"""


def command_page(command: str) -> str:
    """The whole page. command: what rewrites it."""
    from chroma_recovery.cli.parser import parser

    parts = [HEAD.format(command=command)]
    for name, help_text, one in commands(parser()):
        parts += list(section(name, help_text, one, level=2))
    return "\n".join(parts)


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """(name, help, parser) of each command below a parser."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, one in action.choices.items():
                yield name, helps.get(name, ""), one


def section(name: str, help_text: str, one: argparse.ArgumentParser, *, level: int) -> Iterator[str]:
    """A command: what it does, how it is called, its words, the verbs below it."""
    below = list(commands(one))
    yield f"{'#' * level} `{name}`\n"
    yield sentence(help_text) + "\n"
    if below:
        for verb, verb_help, verb_parser in below:
            yield from section(f"{name} {verb}", verb_help, verb_parser, level=level + 1)
        return
    own = [a for a in one._actions if a.help != argparse.SUPPRESS and a.dest not in ("help", "json")]
    yield f"```text\n{usage(name, own)}\n```\n"
    if own:
        yield "| word | meaning |\n| --- | --- |"
        for action in own:
            yield f"| {spelled(action)} | {meaning(action)} |"
        yield ""


def usage(name: str, actions: list[argparse.Action]) -> str:
    """How a command is called, on one line or several."""
    words = [f"chroma-recovery {name}"]
    for action in sorted(actions, key=lambda a: bool(a.option_strings)):
        word = shown(action)
        words.append(word if not action.option_strings or action.required else f"[{word}]")
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) > 100:
            lines.append(" " * 8)
        lines[-1] += f" {word}"
    return "\n".join(lines)


def shown(action: argparse.Action) -> str:
    """``--out DIR``, ``PRESET``, ``[FIELD]``."""
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    value = " ".join(value) if isinstance(value, tuple) else value
    if not action.option_strings:
        return {"?": f"[{value}]", "+": f"{value} ...", "*": f"[{value} ...]"}.get(str(action.nargs), value)
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"


def spelled(action: argparse.Action) -> str:
    """The first cell."""
    return f"`{shown(action).strip('[]')}`".replace("|", "\\|")


def meaning(action: argparse.Action) -> str:
    """The second cell: what the help says; choices and default where it does not."""
    text = sentence((action.help or "").replace("%%", "%")).replace("|", "\\|")
    if action.choices and action.metavar:
        text += " One of " + ", ".join(f"`{c}`" for c in action.choices) + "."
    told = "default" in text or action.default in (None, False, argparse.SUPPRESS) or action.nargs == 0
    if action.option_strings and not told and not action.required:
        default = ",".join(action.default) if isinstance(action.default, tuple) else action.default
        text += f" Default: `{default}`."
    return text + (" Must be given." if action.required and action.option_strings else "")


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = " ".join(text.split())
    return text and text[:1].upper() + text[1:] + ("" if text.endswith((".", ")")) else ".")
