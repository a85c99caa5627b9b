"""Reads an ASC MHL history, also one that others went on with. A manifest is text from a stranger: it can be refused,
or name a file to be hashed below the delivery; nothing else.

Read as a stream by expat, which makes no document in memory. A DOCTYPE, and with it every entity, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from xml.parsers import expat

import attrs

from ..errors import PathError
from ..paths import contained, posix
from .hashes import FORMATS, hash_file
from .mhl import CHAIN, FOLDER

__all__ = ["MODIFIED", "NO_MANIFEST", "History", "Record", "read_history"]

NO_MANIFEST, MODIFIED = "CR656", "CR657"
LARGEST = 1 << 30
"""Bytes of one manifest: some four million files."""
LONGEST = 1 << 14
"""Characters of one text in it."""
DEEPEST = 12
MOST_GENERATIONS = 10000
READABLE = {*FORMATS, "xxh32"}
DIGEST = re.compile(r"[0-9A-Fa-f]{8,128}\Z|c4[1-9A-HJ-NP-Za-km-z]{88}\Z")


@attrs.frozen
class Record:
    """What a manifest says of a file. digests: by hash format. size: bytes, None if it is not said."""

    path: str
    digests: dict[str, str]
    size: int | None = None


@attrs.frozen
class History:
    """The newest record of every file over all generations. ignored: patterns. authors: who signed."""

    records: dict[str, Record]
    manifests: tuple[Path, ...]
    ignored: tuple[str, ...] = ()
    created: str = ""
    tool: str = ""


@attrs.define
class _Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


def read_history(root: Path) -> History:
    """The history in ``root/ascmhl``.

    Raises PathError: CR656 there is none or a manifest is missing, CR657 a manifest is not the one that the chain
    names, CR655 one cannot be read or names what lies outside.
    """
    folder = root / FOLDER
    chain = folder / CHAIN
    if not chain.is_file():
        raise PathError.at(
            NO_MANIFEST, posix(root), f"holds no {FOLDER}/{CHAIN}", "is this the folder of a delivery?"
        )
    manifests = []
    for name, digest in _chain(chain):
        path = contained(folder, name)
        if not path.is_file():
            raise PathError.at(NO_MANIFEST, posix(path), "is named by the chain file and is not there")
        if hash_file(path, ["c4"])["c4"] != digest:
            raise PathError.at(
                MODIFIED,
                posix(path),
                "was changed after it was written",
                "find the copy that the archive kept",
            )
        manifests.append(path)
    records: dict[str, Record] = {}
    ignored: dict[str, None] = {}
    told: dict[str, str] = {}
    for path in manifests:
        for kind, value in _manifest(path):
            if isinstance(value, Record):
                _inside(path, value.path)
                records[value.path] = value
            elif kind == "pattern":
                ignored[value] = None
            else:
                told.setdefault(kind, value)
    return History(
        records, tuple(manifests), tuple(ignored), told.get("creationdate", ""), told.get("tool", "")
    )


def _chain(path: Path) -> Iterator[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    name = ""

    def end(element: _Element) -> None:
        nonlocal name
        if element.tag == "path":
            name = element.text
        elif element.tag == "c4":
            found.append((name, element.text.strip()))

    _parse(path, end)
    if not found or len(found) > MOST_GENERATIONS:
        raise _bad(path, f"names {len(found)} manifests")
    if any(not n or "/" in n or "\\" in n for n, _ in found):
        raise _bad(path, "names a manifest in another folder")
    return iter(found)


def _manifest(path: Path) -> Iterator[tuple[str, Record | str]]:
    found: list[tuple[str, Record | str]] = []
    name, size = "", None
    digests: dict[str, str] = {}

    def end(element: _Element) -> None:
        nonlocal name, size, digests
        if element.tag == "path":
            name, size, digests = element.text, _size(path, element.attributes.get("size")), {}
        elif element.tag in READABLE and element.attributes.get("action") != "failed":
            digest = element.text.strip()
            if not DIGEST.match(digest):
                raise _bad(path, f"{digest[:40]!r} is no hash")
            digests[element.tag] = digest if element.tag == "c4" else digest.lower()
        elif element.tag == "hash":
            if not name or not digests:
                raise _bad(path, f"{name[:80]!r} has no hash that this version knows")
            found.append(("hash", Record(name, digests, size)))
        elif element.tag in ("pattern", "creationdate", "tool"):
            found.append((element.tag, element.text))

    _parse(path, end)
    return iter(found)


def _inside(manifest: Path, path: str) -> None:
    """Refuse, with CR601, a path that is absolute or climbs. Where links lead is looked at when the file is read."""
    pure = PurePosixPath(posix(path))
    if pure.is_absolute() or ".." in pure.parts or path[1:2] == ":" or "\0" in path:
        what = f"names {ascii(path)[1:80]}, which lies outside the delivery"
        raise PathError.at("CR601", posix(manifest), what, "do not trust this manifest; ask for another copy")


def _size(path: Path, text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise _bad(path, f"{text[:40]!r} is no size")
    return int(text)


def _parse(path: Path, end: Callable[[_Element], None]) -> None:
    """Call ``end`` with every finished element."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    stack: list[_Element] = []

    def opened(tag: str, attributes: dict[str, str]) -> None:
        if len(stack) >= DEEPEST:
            raise _bad(path, "is nested too deeply")
        if stack:
            stack[-1].text = ""  # what stands between elements
        stack.append(_Element(tag.rpartition(":")[2], attributes))

    def text(more: str) -> None:
        if stack:
            stack[-1].text += more
            if len(stack[-1].text) > LONGEST:
                raise _bad(path, "holds a text that is too long")

    def refuse(*_: object) -> None:
        raise _bad(path, "has a DOCTYPE, which no manifest has")

    parser.StartElementHandler = opened
    parser.EndElementHandler = lambda _: end(stack.pop())
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        if path.stat().st_size > LARGEST:
            raise _bad(path, f"is larger than {LARGEST >> 20} MiB")
        with path.open("rb") as file:
            parser.ParseFile(file)
    except OSError as error:
        if isinstance(error, PathError):
            raise
        raise PathError.at("CR606", posix(path), f"cannot be read: {error.strerror or error}") from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise _bad(path, f"is no XML ({error})") from None


def _bad(path: Path, reason: str) -> PathError:
    found = PathError.at("CR655", posix(path), reason, "do not trust this manifest; ask for another copy")
    assert isinstance(found, PathError)  # noqa: S101 - made so above
    return found
