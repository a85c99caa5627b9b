"""``extends:`` - a preset on top of another: which file is meant, and how two trees become one.

Mappings are merged key by key, everything else (texts, numbers, lists) is replaced. A name without '/' and
without ``.yaml`` is a shipped preset; anything else is a path that starts at the folder of the file that
says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import PresetError, did_you_mean
from ..paths import posix
from .nodes import Entry, MapNode, Scalar, parse
from .places import Findings, Spot, Text
from .text import read
from .versions import readable
from .words import check_text

__all__ = ["LONGEST_CHAIN", "find_base", "merge", "read_chain", "shipped_folders", "shipped_names"]

LONGEST_CHAIN = 8
"""Presets that may extend one another in a row."""

_SUFFIXES = (".yaml", ".yml")


def shipped_folders() -> tuple[Path, ...]:
    """Where shipped presets lie: beside the package's modules when installed, at the repository's root in a
    checkout.
    """
    package = Path(__file__).resolve().parents[1]
    folders = [package / "presets"]
    if package.parent.name == "src":
        folders.append(package.parents[1] / "presets")
    return tuple(f for f in folders if f.is_dir())


def shipped_names(search: Sequence[Path] | None = None) -> tuple[str, ...]:
    """Names that ``extends:`` finds, sorted."""
    folders = shipped_folders() if search is None else search
    return tuple(sorted({p.stem for f in folders for p in f.glob("*.yaml")}))


def read_chain(
    text: Text, path: Path | None, search: Sequence[Path] | None, findings: Findings
) -> tuple[MapNode | None, tuple[Path, ...]]:
    """The tree of a preset with everything it extends merged in, and the files read, the first asked for
    first.

    Mistakes are noted in ``findings``: CR105 not a mapping, CR115 cannot be extended, CR116 a cycle or too
    long a chain. Raises PresetError as ``nodes.parse``.
    """
    files = [path] if path is not None else []
    seen = {path.resolve()} if path is not None else set()
    merged: MapNode | None = None
    while True:
        root = _root(text, findings)
        if root is None:
            break
        if not readable(root, findings):
            return None, tuple(files)
        said = root.entries.get("extends")
        merged = root if merged is None else merge(root, merged)
        if said is None:
            break
        base = find_base(said, text, path is not None or bool(files), search, findings)
        if base is None:
            break
        spot = said.value.spot
        if base.resolve() in seen:
            names = " -> ".join([*(f.name for f in files), base.name])
            findings.add("CR116", spot, f"extends: goes round in a circle: {names}", "remove one of them")
            break
        if len(seen) >= LONGEST_CHAIN:
            findings.add(
                "CR116", spot, f"extends: more than {LONGEST_CHAIN} presets extend one another", "merge some"
            )
            break
        seen.add(base.resolve())
        files.append(base)
        name = posix(base)
        try:
            content = read(base, name)
        except PresetError as error:
            for problem in error.problems:
                findings.add("CR115", spot, f"extends: {problem.place}: {problem.message}", problem.hint)
            break
        text = Text(name, content, text.rank + 1, posix(base.parent))
    if merged is None:
        return None, tuple(files)
    entries = {k: e for k, e in merged.entries.items() if k != "extends"}
    return MapNode(entries, merged.spot), tuple(files)


def _root(text: Text, findings: Findings) -> MapNode | None:
    root = parse(text, findings)
    if isinstance(root, MapNode):
        return root
    spot = Spot(text, 1, 1) if root is None else root.spot
    got = (
        "the file is empty"
        if root is None
        else f"got {'a single text' if isinstance(root, Scalar) else 'a list'}"
    )
    findings.add(
        "CR105",
        spot,
        f"a preset needs a mapping of keys; {got}",
        "start with shot: NAME, see docs/presets.md",
    )
    return None


def merge(base: MapNode, over: MapNode) -> MapNode:
    """``over`` on top of ``base``; keys keep the order of the base, new ones follow."""
    entries = dict(base.entries)
    for name, entry in over.entries.items():
        below = entries.get(name)
        value = entry.value
        if below is not None and isinstance(value, MapNode) and isinstance(below.value, MapNode):
            value = merge(below.value, value)
        elif (
            below is not None
            and isinstance(below.value, MapNode)
            and isinstance(value, Scalar)
            and value.plain
            and not value.text
        ):
            continue  # a key with nothing below it changes nothing
        entries[name] = Entry(entry.key, value)
    return MapNode(entries, over.spot)


def find_base(
    said: Entry, text: Text, has_file: bool, search: Sequence[Path] | None, findings: Findings
) -> Path | None:
    """The file that ``extends`` names, or None with a finding."""
    node, spot = said.value, said.value.spot
    if not isinstance(node, Scalar) or not node.text:
        findings.add(
            "CR115", spot, "extends: needs one name or path", "shipped: " + ", ".join(shipped_names(search))
        )
        return None
    trouble = check_text(node.text, "path")
    if trouble is not None:
        findings.add("CR114", spot, f"extends: {trouble[1]}", trouble[2])
        return None
    if "/" not in node.text and not node.text.endswith(_SUFFIXES):
        names = shipped_names(search)
        if node.text in names:
            folders = shipped_folders() if search is None else search
            return next(f / f"{node.text}.yaml" for f in folders if (f / f"{node.text}.yaml").is_file())
        hint = did_you_mean(node.text, names) or "shipped: " + ", ".join(names)
        findings.add("CR115", spot, f"extends: no shipped preset is named {node.text[:60]!r}", hint)
        return None
    if not node.text.endswith(_SUFFIXES):
        findings.add(
            "CR115",
            spot,
            f"extends: {node.text[:60]!r} is not a preset file",
            "its name must end in .yaml or .yml",
        )
        return None
    if not has_file and not Path(node.text).is_absolute():
        findings.add(
            "CR115", spot, "extends: a relative path needs a preset file to start from", "use a shipped name"
        )
        return None
    base = Path(text.folder) / node.text
    if not base.is_file():
        findings.add(
            "CR115", spot, f"extends: no file {posix(base)}", "paths start at the folder of this preset"
        )
        return None
    return base
