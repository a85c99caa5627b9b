"""Nuke's command line, as far as a farm uses it.

``nuke <switches> <script> <words> <frame ranges>``: ``-F`` counts only before the script, and a word after it
that starts with a digit is a frame range, not an argument (A: Foundry's page). ``-m`` is the number of
threads. What Nuke says to a switch it does not know, or to one of its own after the script, is not known: the
stub stops.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

__all__ = ["CommandLine", "CommandLineError", "parse"]

FLAGS = {
    "-i": "interactive", "--tg": "terminal", "-q": "quiet", "--cont": "go_on", "-p": "proxy", "-f": "full",
    "--sro": "sro", "--safe": "safe", "--multigpu": "multigpu", "--python-no-root-knobdefaults": "no_defaults",
    "-n": "no_postage_stamps", "-b": "background", "--gpulist": "gpu_list", "--info": "info",
}  # fmt: skip
EDITIONS = {
    "--nukex": "nukex",
    "--studio": "studio",
    "--nc": "nc",
    "--indie": "indie",
    "--nukeassist": "nuke",
}
VALUED = {"-c", "-m", "--view", "--remap", "-F", "-X", "--crashhandling"}
NUMBER_MAY_FOLLOW = {"--gpu", "-V"}
OWN = {*FLAGS, *EDITIONS, *VALUED, *NUMBER_MAY_FOLLOW, "-t", "-x", "-ti", "-xi"}
RANGE = re.compile(r"(-?\d+)(?:-(-?\d+))?(?:x(\d+))?\Z")


class CommandLineError(ValueError):
    """Words that Nuke would not take."""


@attrs.define
class CommandLine:
    """mode: gui, terminal, render (``-x``) or execute (``-X``). nodes: of ``-X``. frames: in order, each once;
    empty for the range of the script. words: what the script finds in ``sys.argv[1:]``."""

    mode: str = "gui"
    edition: str = "nuke"
    nodes: list[str] = attrs.field(factory=list)
    frames: list[int] = attrs.field(factory=list)
    remap: list[tuple[str, str]] = attrs.field(factory=list)
    threads: int | None = None
    gpu: bool = False
    script: str = ""
    words: list[str] = attrs.field(factory=list)
    switches: set[str] = attrs.field(factory=set)


def parse(words: Sequence[str]) -> CommandLine:
    """Raises CommandLineError."""
    found = CommandLine()
    left = list(words)
    while left and not found.script:
        word = left.pop(0)
        if word == "--":
            found.script = left.pop(0) if left else ""
        elif not word.startswith("-"):
            found.script = word
        else:
            _switch(found, word, left)
    for word in left:
        if word in OWN:
            raise CommandLineError(
                f"{word} after the script: what Nuke does with its own switch there is not known"
            )
        if word[:1].isdigit():
            _frames(found, word)
        else:
            found.words.append(word)
    if found.remap and found.mode == "gui":
        raise CommandLineError("--remap cannot be used in GUI mode")
    return found


def _switch(found: CommandLine, word: str, left: list[str]) -> None:
    if word in EDITIONS:
        found.edition = EDITIONS[word]
    elif word in ("-t", "-ti", "-it", "--tg"):
        found.mode = "terminal"
    elif word in ("-x", "-xi", "-ix"):
        found.mode = "render"
    elif word in FLAGS:
        found.switches.add(FLAGS[word])
    elif word in NUMBER_MAY_FOLLOW:
        found.gpu |= word == "--gpu"
        if left and left[0].isdigit():
            left.pop(0)
    elif word in VALUED:
        if not left:
            raise CommandLineError(f"{word} needs a value")
        _valued(found, word, left.pop(0))
    else:
        raise CommandLineError(f"unknown switch {word}")


def _valued(found: CommandLine, word: str, value: str) -> None:
    if word == "-X":
        found.mode = "execute"
        found.nodes += [n for n in value.split(",") if n]
    elif word == "-F":
        _frames(found, value)
    elif word == "-m":
        if not value.isdigit() or int(value) < 1:
            raise CommandLineError(f"-m takes a number of threads, not {value!r}")
        found.threads = int(value)
    elif word == "--remap":
        parts = value.split(",")
        if len(parts) % 2:
            raise CommandLineError("--remap takes pairs")
        found.remap += list(zip(parts[::2], parts[1::2], strict=True))


def _frames(found: CommandLine, text: str) -> None:
    for part in re.split(r"[ ,]+", text.strip()):
        match = RANGE.match(part)
        if not match:
            raise CommandLineError(f"{text!r} is no frame range")
        first = int(match[1])
        last = int(match[2]) if match[2] else first
        found.frames += [f for f in range(first, last + 1, int(match[3] or 1)) if f not in found.frames]
