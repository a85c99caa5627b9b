"""An ASC MHL v2.0 history of one generation: ``ascmhl/0001_NAME_DATE.mhl`` and ``ascmhl/ascmhl_chain.xml``.

The format is the American Society of Cinematographers' Media Hash List (github.com/ascmitc/mhl-specification). Hashes
come from copying; nothing is read again. Written entry by entry, so memory does not grow with the text.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as Tree

import attrs

from .. import __version__
from ..paths import write_bytes, writing
from .copying import Copied
from .hashes import binary, hash_bytes, hash_file, of_list

__all__ = ["CHAIN", "FOLDER", "IGNORED", "Author", "write_history"]

FOLDER = "ascmhl"
CHAIN = "ascmhl_chain.xml"
IGNORED = (".DS_Store", "ascmhl", "ascmhl/")
"""What a manifest leaves out, as the reference implementation has it."""

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@attrs.frozen
class Author:
    """Who answers for the delivery; a name alone will do."""

    name: str
    role: str = ""


@attrs.define
class _Folder:
    """Digests of what lies in a folder: of the contents, and of names with contents."""

    content: list[str] = attrs.field(factory=list)
    structure: list[str] = attrs.field(factory=list)

    def add(self, path: PurePosixPath, content: str, structure: str, name: str) -> None:
        self.content.append(content)
        self.structure.append(hash_bytes(path.name.encode("utf-8") + binary(name, structure), name))


def write_history(
    root: Path,
    files: Iterable[Copied],
    name: str,
    *,
    now: datetime | None = None,
    authors: Sequence[Author] = (),
    comment: str = "",
) -> Path:
    """Write the first generation of a history over these files, in place of any other, and return the manifest.

    name: hash format of the entries.
    """
    now = (now or datetime.now(timezone.utc)).astimezone(timezone.utc)
    stamp = now.isoformat(timespec="seconds")
    for old in (root / FOLDER).glob("*"):  # of a delivery that was stopped right before its end
        old.unlink()
    ordered = sorted(files, key=lambda f: f.target.split("/"))
    folders = _folders(ordered, name)
    target = root / FOLDER / f"0001_{root.resolve().name[:100]}_{now:%Y-%m-%d_%H%M%SZ}.mhl"
    with writing(target) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{HEAD}<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">\n')
        file.write(_text(_creator(stamp, authors, comment)))
        file.write(_text(_process(folders[PurePosixPath(".")], name, stamp)))
        file.write("  <hashes>\n")
        for made in ordered:
            file.write(_text(_file(made, name, stamp), 2))
        for path in sorted((p for p in folders if p.name), key=lambda p: p.parts):
            file.write(_text(_directory(path, folders[path], name, stamp), 2))
        file.write("  </hashes>\n</hashlist>\n")
    _write_chain(target)
    return target


def _folders(files: Sequence[Copied], name: str) -> dict[PurePosixPath, _Folder]:
    """Every folder, filled from the deepest up."""
    found: dict[PurePosixPath, _Folder] = {PurePosixPath("."): _Folder()}
    for made in files:
        path = PurePosixPath(made.target)
        for parent in path.parents:
            found.setdefault(parent, _Folder())
        found[path.parent].add(path, made.digests[name], made.digests[name], name)
    for path in sorted((p for p in found if p.name), key=lambda p: -len(p.parts)):
        folder = found[path]
        found[path.parent].add(path, of_list(folder.content, name), of_list(folder.structure, name), name)
    return found


def _creator(stamp: str, authors: Sequence[Author], comment: str) -> Tree.Element:
    info = Tree.Element("creatorinfo")
    _child(info, "creationdate", stamp)
    _child(info, "hostname", platform.node() or "unknown")
    _child(info, "tool", "chroma-recovery", version=__version__)
    for author in authors:
        _child(info, "author", author.name, **({"role": author.role} if author.role else {}))
    if comment:
        _child(info, "comment", comment)
    return info


def _process(root: _Folder, name: str, stamp: str) -> Tree.Element:
    info = Tree.Element("processinfo")
    _child(info, "process", "transfer")
    _pair(Tree.SubElement(info, "roothash"), root, name, stamp)
    ignore = Tree.SubElement(info, "ignore")
    for pattern in IGNORED:
        _child(ignore, "pattern", pattern)
    return info


def _pair(parent: Tree.Element, folder: _Folder, name: str, stamp: str) -> None:
    for what, digests in (("content", folder.content), ("structure", folder.structure)):
        _child(Tree.SubElement(parent, what), name, of_list(digests, name), hashdate=stamp)


def _file(made: Copied, name: str, stamp: str) -> Tree.Element:
    entry = Tree.Element("hash")
    changed = datetime.fromtimestamp(made.modified, timezone.utc).isoformat(timespec="seconds")
    _child(entry, "path", made.target, size=str(made.size), lastmodificationdate=changed)
    _child(entry, name, made.digests[name], action="original", hashdate=stamp)
    return entry


def _directory(path: PurePosixPath, folder: _Folder, name: str, stamp: str) -> Tree.Element:
    entry = Tree.Element("directoryhash")
    _child(entry, "path", str(path))
    _pair(entry, folder, name, stamp)
    return entry


def _child(parent: Tree.Element, tag: str, text: str, **attributes: str) -> None:
    Tree.SubElement(parent, tag, attributes).text = text


def _text(element: Tree.Element, depth: int = 1) -> str:
    Tree.indent(element, level=depth)
    return "  " * depth + Tree.tostring(element, encoding="unicode") + "\n"


def _write_chain(manifest: Path) -> None:
    chain = Tree.Element("hashlist", sequencenr="1")
    _child(chain, "path", manifest.name)
    _child(chain, "c4", hash_file(manifest, ["c4"])["c4"])
    text = f'{HEAD}<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">\n{_text(chain)}</ascmhldirectory>\n'
    write_bytes(manifest.parent / CHAIN, text.encode())
