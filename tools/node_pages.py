"""``docs/nuke/classes/``: one page per Nuke node that the stages write, from the graphs and the catalogue.

What was observed of a class, and why its knobs are set so, is written by hand in ``docs/nuke/nodes.md``; these pages
add what can be had from the code: which knobs are set to what, since when Nuke has them, and the text in the file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

NODES = Path(__file__).resolve().parents[1] / "docs" / "nuke" / "nodes.md"

VARIANTS = (
    "",
    "training: {augmentation: {flip: true, translate: 4, scale: 0.02, exposure: 0.1}, initial_weights: Checkpoint,"
    " checkpoint: start.cat, learning_rate: 0.001}",
    "colour: {domain: log}",
    "colour: {domain: aces-odt, read: ACES2065-1}",
    "training: {node: BigCat, augmentation: {flip: true}}",
    "inference: {tile: 1024, write: {compression: ZIP}}",
    "reference: {format: {width: 720, height: 576, pixel_aspect: 1.0667}}",
    "crop: {enabled: false}",
)
"""What is said on top of the example, so that every class and knob is there once."""

PLAIN = frozenset(
    ("name", "xpos", "ypos", "selected", "label", "tile_color", "note_font_size", "note_font", "gl_color")
)
"""Knobs that only say where a node stands and how it looks."""

MOST = 4
"""Values of a knob that are shown."""


def graphs() -> list[tuple[Any, str]]:
    """(graph, script) of every variant."""
    import yaml

    from chroma_recovery.effects import EXAMPLE, graph_of
    from chroma_recovery.nk import write
    from chroma_recovery.preset import loads

    base = yaml.safe_load(EXAMPLE.replace('"17.0"', "'17.0'"))
    found = []
    for variant in VARIANTS:
        text = yaml.safe_dump(merged(base, yaml.safe_load(variant) or {}), sort_keys=False, width=1000)
        graph = graph_of(loads(text, "example"))
        found.append((graph, write(graph)))
    return found


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Mappings merged key by key, as presets are."""
    both = {k: merged(base.get(k) or {}, v) if isinstance(v, dict) else v for k, v in over.items()}
    return {**base, **both}


def short(cls: str) -> str:
    """``OFXuk.co.thefoundry.furnace.f_align_v403`` -> ``F_Align``."""
    name = re.sub(r"_v\d+$", "", cls.rsplit(".", 1)[-1])
    return name if name == cls else name.title()


def headings() -> list[tuple[str, str]]:
    """(title, anchor) of the sections of ``nodes.md``."""
    found = []
    for title in re.findall(r"^## (.+)$", NODES.read_text(encoding="utf-8"), re.MULTILINE):
        bare = re.sub(r"[^\w\- ]", "", title.replace("`", "").strip().lower())
        found.append((title.replace("`", ""), bare.replace(" ", "-")))
    return found


def section_of(cls: str) -> str:
    """Anchor of the section about a class; empty if nobody wrote one."""
    name = re.escape(short(cls))
    return next((a for t, a in headings() if re.search(rf"\b{name}\b", t, re.IGNORECASE)), "")


def node_pages() -> dict[str, str]:
    """Path below the repository -> text."""
    every = graphs()
    classes: dict[str, list[tuple[Any, Any, str]]] = {}
    for graph, script in every:
        for node in graph:
            if node.clone_of is None:
                classes.setdefault(node.cls, []).append((graph, node, script))
    folder = "docs/nuke/classes"
    pages = {f"{folder}/{short(c)}.md": page(c, nodes) for c, nodes in classes.items()}
    pages[f"{folder}/index.md"] = index(classes)
    return pages


def index(classes: dict[str, list[tuple[Any, Any, str]]]) -> str:
    """All classes, and what they are called for."""
    rows = []
    for cls in sorted(classes, key=lambda c: short(c).casefold()):
        names = list(dict.fromkeys(n.name for _, n, _ in classes[cls]))
        shown = ", ".join(f"`{n}`" for n in names[:MOST]) + (", ..." if len(names) > MOST else "")
        rows.append(f"| [{short(cls)}]({short(cls)}.md) | {shown} |")
    entries = "\n".join(sorted((short(c) for c in classes), key=str.casefold))
    return (
        "# Nodes, class by class\n\n"
        "Every Nuke class that the stages write, with the knobs that are set, since when Nuke has them, and the text "
        "in the file. What was observed of each, and why it is set so: [the page about all nodes](../nodes.md).\n\n"
        "Made by `python tools/write_generated.py` from the graphs of an example preset and its variants; do not edit "
        "by hand.\n\n| class | nodes of the example |\n| --- | --- |\n" + "\n".join(rows) + "\n\n"
        f"```{{toctree}}\n:hidden:\n\n{entries}\n```\n"
    )


def page(cls: str, nodes: list[tuple[Any, Any, str]]) -> str:
    """One class."""
    from chroma_recovery.graph.catalogue import catalogue

    spec = catalogue().node(cls)
    graph, node, script = nodes[0]
    pipes = max(len(n.inputs) for _, n, _ in nodes)
    lines = [f"# {short(cls)}\n"]
    if short(cls) != cls:
        lines.append(f"In scripts: `{cls}`.\n")
    anchor = section_of(cls)
    lines.append(f"Why it is there, and what was observed: [nodes](../nodes.md#{anchor}).\n")
    lines.append(f"Pipes that are used: {pipes or 'none'}.")
    if spec is not None and spec.since is not None:
        lines[-1] += f" In Nuke from {spec.since.major}.{spec.since.minor}."
    lines.append("\n## Knobs that are set\n")
    rows = knob_rows(cls, spec, nodes)
    head = ["| knob | value | Nuke's default | Nuke | known from |", "| --- | --- | --- | --- | --- |"]
    lines += [*head, *rows, ""] if rows else ["None but place and look.\n"]
    lines.append(
        f"## In the file\n\n`{node.name}` of the example, for Nuke {graph.nuke.major}.{graph.nuke.minor}:\n"
    )
    lines.append(f"```text\n{block(script, node.name)}\n```\n")
    if any(k.name == "cr_built" for k in node.user_knobs):
        lines.append(
            "Left out here: the hidden knobs `cr_id` and `cr_built`, by which a rebuild finds its nodes.\n"
        )
    return "\n".join(lines)


def knob_rows(cls: str, spec: Any, nodes: list[tuple[Any, Any, str]]) -> list[str]:
    """A row per knob that any variant sets."""
    from chroma_recovery.graph.compare import shown

    values: dict[str, list[str]] = {}
    for _, node, _ in nodes:
        for knob, value in node.knobs.items():
            seen = values.setdefault(knob, [])
            if knob not in PLAIN and (text := cell(shown(value))) not in seen:
                seen.append(text)
    rows = []
    for knob in sorted(k for k in values if k not in PLAIN):
        found = spec.knobs.get(knob) if spec is not None else None
        told = ", ".join(values[knob][:MOST]) + (", ..." if len(values[knob]) > MOST else "")
        default = "" if found is None or found.default is None else cell(shown(found.default))
        rows.append(f"| `{knob}` | {told} | {default} | {versions(found)} | {known(found)} |")
    return rows


def cell(text: str) -> str:
    """A value as code in a table."""
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"`{text}`".replace("|", "\\|") if text.strip() else "empty"


def versions(knob: Any) -> str:
    """Since when, until when."""
    if knob is None:
        return ""
    parts = [f"from {knob.since.major}.{knob.since.minor}"] if knob.since else []
    parts += [f"to {knob.until.major}.{knob.until.minor}"] if knob.until else []
    return ", ".join([*parts, *(["hidden"] if knob.hidden else [])])


def known(knob: Any) -> str:
    """How sure the catalogue is."""
    if knob is None:
        return "not listed"
    note = f": {knob.note}" if knob.note else ""
    return ("knob scan of 17.0v3" if knob.sure == "seen" else knob.sure) + note.replace("|", "\\|")


def block(script: str, name: str) -> str:
    """The node's own lines of a script."""
    for found in re.finditer(r"^(?:clone node\S+ )?[\w.]+ \{\n(.*?)^\}$", script, re.MULTILINE | re.DOTALL):
        if re.search(rf"^ name {re.escape(name)}$", found[1], re.MULTILINE):
            own = [
                line
                for line in found[0].split("\n")
                if not re.match(r" (addUserKnob .*\b)?cr_(id|built)\b", line)
            ]
            if not any(" cr_" in line for line in own):
                own = [line for line in own if not line.startswith(" addUserKnob {20 chroma_recovery ")]
            return "\n".join(line if len(line) <= 118 else line[:115] + "..." for line in own)
    raise LookupError(name)
